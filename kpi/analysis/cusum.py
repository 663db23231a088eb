"""Tabular CUSUM: what the values lie above (below) the centre by more than a slack, summed up; never below 0.

C+ = max(0, x - (centre + k sigma) + C+ before), C- = max(0, (centre - k sigma) - x + C- before); a signal where one
of them exceeds h sigma. It then says since when: the last point at which the sum was 0, and where the mean went.
Source: Montgomery, section 9.1; NIST/SEMATECH e-Handbook 6.3.2.3.
"""

from dataclasses import dataclass

import numpy as np

from kpi.analysis.correlation import Floats
from kpi.analysis.limits import Limits


@dataclass(frozen=True, slots=True)
class Shift:
    """The first signal: at which point, since which point the mean has moved (places in the row), and where to."""

    at: int
    since: int
    mean: float
    upward: bool


@dataclass(frozen=True, slots=True)
class Cusum:
    """Both sums by point, all 0 or more; ``limit`` is h sigma."""

    high: Floats
    low: Floats
    limit: float
    shift: Shift | None

    @property
    def limits(self) -> Limits:
        """Of the sums as they are drawn: the one above the line, the other below."""
        return Limits(0.0, -self.limit, self.limit)


def of(values: Floats, centre: float, sigma: float, k: float, h: float) -> Cusum:
    """The chart of single values; k and h in sigmas."""
    slack, limit = k * sigma, h * sigma
    high = _sums(values - centre - slack)
    low = _sums(centre - slack - values)
    return Cusum(high, low, limit, _first(high, low, limit, centre, slack))


def _sums(apart: Floats) -> Floats:
    found, total = np.zeros(len(apart)), 0.0
    for i, value in enumerate(apart.tolist()):
        total = max(0.0, total + value)
        found[i] = total
    return found


def _first(high: Floats, low: Floats, limit: float, centre: float, slack: float) -> Shift | None:
    beyond = np.flatnonzero(np.maximum(high, low) > limit + 1e-9 * max(limit, abs(centre)))
    if not len(beyond):
        return None
    at = int(beyond[0])
    upward = bool(high[at] >= low[at])
    sums = high if upward else low
    empty = np.flatnonzero(sums[: at + 1] == 0.0)
    since = int(empty[-1]) + 1 if len(empty) else 0
    moved = slack + float(sums[at]) / (at + 1 - since)
    return Shift(at, since, centre + moved if upward else centre - moved, upward)
