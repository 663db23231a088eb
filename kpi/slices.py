"""The readings of a long window in parts, so that no window takes more memory than a part of it."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from collector.store import Store, Track
from contract.reading import Series
from kpi.spans import NS
from kpi.thinning import thinned

FIRST_NS = 3600 * NS
FEW, MANY = 20_000, 200_000
"""Readings in a part: with fewer the next part is twice as long, with more half as long."""


def parts(store: Store, series: Series, start: int, end: int) -> Iterator[Track]:
    """The readings of [start, end) in time order, in parts that are not empty."""
    known = store.extent(series.station)
    if known is None:
        return
    here, last, step = max(start, known[0]), min(end, known[1] + 1), FIRST_NS
    while here < last:
        until = min(last, here + step)
        part = store.readings(series, here, until)
        if len(part):
            yield part
        if len(part) < FEW:
            step *= 2
        elif len(part) > MANY:
            step = max(NS, step // 2)
        here = until


def joined(tracks: Sequence[Track]) -> Track:
    """Parts that follow each other as one; an empty track of none."""
    if not tracks:
        empty = np.array([], np.int64)
        return Track(empty, np.array([], np.float64), empty.astype(np.int32), empty, empty.astype(np.int8))
    names = list(dict.fromkeys(name for track in tracks for name in track.streams))
    return Track(
        np.concatenate([track.t for track in tracks]),
        np.concatenate([track.v for track in tracks]),
        np.concatenate([_renamed(track, names) for track in tracks]),
        np.concatenate([track.seq for track in tracks]),
        np.concatenate([track.flag for track in tracks]),
        tuple(names),
    )


def picked(track: Track, points: int) -> Track:
    """At most ``points`` of a track, as `kpi.thinning` picks them."""
    kept = thinned(track, points)
    return Track(track.t[kept], track.v[kept], track.stream[kept], track.seq[kept], track.flag[kept], track.streams)


def thinned_as_they_come(tracks: Iterable[Track], points: int, hold: int) -> Track:
    """All parts thinned to ``points``, of which never many more than ``hold`` readings are in memory.

    Where there are more, what is held is thinned on the way: lowest, highest and the ends stay at each turn.
    """
    held: list[Track] = []
    for track in tracks:
        held.append(track)
        if sum(map(len, held)) > hold:
            held = [picked(joined(held), max(points, hold // 2))]
    return picked(joined(held), points)


def _renamed(track: Track, names: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    place = np.array([names.index(name) for name in track.streams] or [0], np.int32)
    renamed: np.ndarray[tuple[int], np.dtype[np.int32]] = place[track.stream]
    return renamed
