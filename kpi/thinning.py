"""Fewer points that still tell the truth: of each stretch the lowest and the highest stay, and the two ends."""

import numpy as np
import numpy.typing as npt

from collector.store import Track


def thinned(track: Track, points: int) -> npt.NDArray[np.intp]:
    """Which readings to keep, in time order, at most ``points`` (at least 2: lowest and highest)."""
    n = len(track)
    if n <= points:
        return np.arange(n)
    if track.v.dtype == object:
        return np.unique(np.linspace(0, n - 1, points).astype(np.intp))
    values = track.v.astype(np.float64)
    if points < 4:
        return np.unique(np.array([values.argmin(), values.argmax()], np.intp))
    stretches = max(1, (points - 2) // 2)
    edges = np.linspace(0, n, stretches + 1).astype(np.intp)
    kept = [np.array([0, n - 1], np.intp)]
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = values[a:b]
        kept.append(np.array([a + int(part.argmin()), a + int(part.argmax())], np.intp))
    return np.unique(np.concatenate(kept))
