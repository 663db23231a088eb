"""Correlation of columns: Pearson and rank, how much the rows really weigh, the interval, the word for the size.

Rows that follow each other in time resemble each other, so n of them tell less than n. The effective n of a pair is
n / (1 + 2 sum over lags j of (1 - j/n) a(j) b(j)), where a and b are the two columns' correlations with themselves j
steps later, for j up to a fifth of the rows; it is never more than n. Source: C. S. Bretherton et al. (1999), "The
effective number of spatial degrees of freedom of a time-varying field", Journal of Climate 12, 1990-2009, section 5
(after M. S. Bartlett 1935); the fifth: B. J. Pyper, R. M. Peterman (1998), Can. J. Fish. Aquat. Sci. 55, 2127-2140.

The interval is Fisher's: atanh r +- z / sqrt(n - 3), with the effective n. Source: R. A. Fisher (1921), "On the
'probable error' of a coefficient of correlation deduced from a small sample", Metron 1, 3-32.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contract.words import Words

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

STRENGTHS: dict[str, tuple[float, Words]] = {
    "strong": (0.8, Words("強い相関性がある", "strongly correlated")),
    "correlated": (0.5, Words("相関性がある", "correlated")),
    "weak": (0.3, Words("弱い相関性がある", "weakly correlated")),
    "none": (0.0, Words("相関性はほとんどない", "hardly correlated")),
}
"""The word for a size of |r|, from its lower bound on; strongest first. Words of size, not of certainty."""

FEW = 20
"""With fewer rows, or a smaller effective n, much of what is seen comes by chance."""

A_FIFTH = 5
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Correlation:
    """Of k columns and ``n`` rows: k x k matrices; NaN where a column is constant or there are too few rows.

    ``low`` and ``high``: the 90 % interval of ``pearson``.
    """

    n: int
    pearson: Floats
    spearman: Floats
    n_effective: Floats
    low: Floats
    high: Floats

    @property
    def few(self) -> Truths:
        """Which pairs have too few rows to tell much."""
        return np.isfinite(self.pearson) & ((self.n < FEW) | (self.n_effective < FEW))


def of(columns: Floats, at: Places | None = None) -> Correlation:
    """The correlation of columns (n rows x k); no value is missing.

    ``at``: which step of time each row is, increasing; None where rows have no order, and n is taken as it is.
    """
    from scipy.stats import rankdata

    scaled = _scaled(columns)
    n, k = scaled.shape
    moving = varies(columns)
    pearson = _matrix(scaled, moving)
    spearman = _matrix(rankdata(scaled, axis=0) if n else scaled, moving)
    weight = np.full((k, k), float(n)) if at is None else n / dependence(scaled, at)
    low, high = interval(pearson, weight)
    return Correlation(n, pearson, spearman, weight, low, high)


def differences(columns: Floats, at: Places) -> tuple[Floats, Places]:
    """By how much each row differs from the one a step before, and which steps these are."""
    follows = np.flatnonzero(np.diff(at) == 1)
    scaled = _scaled(columns)
    return scaled[follows + 1] - scaled[follows], at[follows + 1]


def dependence(columns: Floats, at: Places) -> Floats:
    """By what each pair's rows count less than they are: k x k, 1 where they do not resemble the ones before."""
    k, span = columns.shape[1], int(at[-1] - at[0]) + 1 if len(at) else 0
    lags = span // A_FIFTH
    if lags < 1:
        return np.ones((k, k))
    later = np.column_stack([itself_later(columns[:, i], at, lags) for i in range(k)])
    weight = 1 - np.arange(1, lags + 1) / span
    found: Floats = np.maximum(1.0, 1 + 2 * (later * weight[:, None]).T @ later)
    return found


def itself_later(column: Floats, at: Places, lags: int) -> Floats:
    """The correlation of a column with itself 1 … ``lags`` steps later; 0 where that cannot be told."""
    from scipy.fft import irfft, next_fast_len, rfft

    place = at - at[0]
    size = next_fast_len(int(place[-1]) + 1 + lags, real=True)
    apart, seen = np.zeros(size), np.zeros(size)
    apart[place] = column - column.mean()
    seen[place] = 1.0
    square = float((apart[place] ** 2).mean())
    if square <= 0.0:
        return np.zeros(lags)
    products, pairs = (irfft(np.abs(rfft(row)) ** 2, size)[1 : lags + 1] for row in (apart, seen))
    pairs = np.rint(pairs)
    found: Floats = np.where(pairs > 0, products / np.maximum(pairs, 1.0), 0.0) / square
    return np.clip(found, -1.0, 1.0)


def interval(r: Floats, n: Floats, confidence: float = 0.90) -> tuple[Floats, Floats]:
    """Fisher's interval of correlations; NaN where n is 3 or less."""
    from scipy.special import ndtri

    half = ndtri(0.5 + confidence / 2) / np.sqrt(np.where(n > 3, n - 3, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.arctanh(r)
    return np.tanh(middle - half), np.tanh(middle + half)


def strength(r: float) -> str:
    """The key of :data:`STRENGTHS` for a correlation; the sign does not matter, a bound is of the stronger word."""
    return next(key for key, (bound, _) in STRENGTHS.items() if abs(r) >= bound - _ROUNDING)


def varies(columns: Floats) -> Truths:
    """Which columns are not constant, rounding apart."""
    if not len(columns):
        return np.zeros(columns.shape[1], bool)
    found: Truths = np.ptp(_scaled(columns), axis=0) > _ROUNDING
    return found


def _scaled(columns: Floats) -> Floats:
    """Columns within -1 … 1, so that squares of very large values are no infinities."""
    largest = np.abs(columns).max(axis=0, initial=0.0)
    found: Floats = columns / np.where(largest > 0, largest, 1.0)
    return found


def _matrix(columns: Floats, moving: Truths) -> Floats:
    k = columns.shape[1]
    found = np.full((k, k), np.nan)
    at = np.flatnonzero(moving)
    if len(columns) > 1 and len(at):
        inner = np.clip(np.atleast_2d(np.corrcoef(columns[:, at], rowvar=False)), -1.0, 1.0)
        inner = (inner + inner.T) / 2
        np.fill_diagonal(inner, 1.0)
        found[np.ix_(at, at)] = inner
    return found
