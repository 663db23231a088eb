"""Which comes first: the correlation of two series, one moved against the other by each of a number of steps.

Who looks at many lags finds a large one by chance. So the number tried is told, and a lag counts only beyond a
threshold corrected for that number. Source of the correction: Z. Šidák (1967), "Rectangular confidence regions for
the means of multivariate normal distributions", J. Am. Stat. Assoc. 62, 626-633: each of m tests at
1 - (1 - alpha)^(1/m). The test itself is Fisher's z with the effective n (see `kpi.analysis.correlation`).
"""

from dataclasses import dataclass

import numpy as np

from kpi.analysis.correlation import A_FIFTH, Floats, itself_later, varies

MOST = 500
ALPHA = 0.05
LEAST_ROWS = 10
"""A lag that leaves fewer rows is not tried."""


@dataclass(frozen=True, slots=True)
class Lags:
    """By lag, in steps: positive where the second series follows the first. NaN where it cannot be told."""

    steps: tuple[int, ...]
    r: Floats
    n: Floats
    n_effective: Floats
    threshold: Floats

    @property
    def tried(self) -> int:
        """How many lags had enough rows."""
        return int(np.isfinite(self.r).sum())

    @property
    def best(self) -> int | None:
        """The place of the greatest |r|; of equals the shortest lag."""
        if not self.tried:
            return None
        size = np.where(np.isfinite(self.r), np.round(np.abs(self.r), 12), -1.0)
        largest = np.flatnonzero(size == size.max())
        return int(largest[np.argmin(np.abs(np.array(self.steps)[largest]))])

    @property
    def beyond(self) -> bool:
        """Whether the greatest |r| is more than the number of lags tried brings about by chance."""
        best = self.best
        return best is not None and bool(abs(self.r[best]) > self.threshold[best])


def search(first: Floats, second: Floats, most: int, alpha: float = ALPHA) -> Lags:
    """Every lag from -most to +most steps; the series lie on one grid, NaN is a missing step."""
    steps = tuple(range(-most, most + 1))
    less = _dependence(first, second)
    found = np.array([_at(first, second, lag, less) for lag in steps]).reshape(len(steps), 3)
    r, n, weight = found[:, 0], found[:, 1], found[:, 2]
    return Lags(steps, r, n, weight, _threshold(weight, int(np.isfinite(r).sum()), alpha))


def changes(series: Floats) -> Floats:
    """By how much each step differs from the one before; NaN where one of them is missing."""
    return np.diff(series)


def _dependence(first: Floats, second: Floats) -> float:
    """As `kpi.analysis.correlation.dependence`, of series that are each missing where they are."""
    span = len(first)
    lags = span // A_FIFTH
    both = []
    for series in (first, second):
        at = np.flatnonzero(np.isfinite(series))
        both.append(itself_later(series[at], at, lags) if len(at) and lags else np.zeros(lags))
    return max(1.0, 1 + 2 * float(((1 - np.arange(1, lags + 1) / max(1, span)) * both[0] * both[1]).sum()))


def _at(first: Floats, second: Floats, lag: int, less: float) -> tuple[float, float, float]:
    a = first[max(0, -lag) : len(first) - max(0, lag)]
    b = second[max(0, lag) : len(second) - max(0, -lag)]
    seen = np.isfinite(a) & np.isfinite(b)
    n = int(seen.sum())
    a, b = a[seen], b[seen]
    if n < LEAST_ROWS or not (_moves(a) and _moves(b)):
        return np.nan, float(n), np.nan
    r = float(np.corrcoef(a / np.abs(a).max(), b / np.abs(b).max())[0, 1])
    return r, float(n), n / less


def _moves(series: Floats) -> bool:
    return bool(varies(series[:, None])[0])


def _threshold(n: Floats, tried: int, alpha: float) -> Floats:
    from scipy.special import ndtri

    if not tried:
        return np.full(len(n), np.nan)
    each = 1 - (1 - alpha) ** (1 / tried)
    free = np.where(np.isfinite(n) & (n > 3), n - 3, np.nan)
    found: Floats = np.tanh(ndtri(1 - each / 2) / np.sqrt(free))
    return found
