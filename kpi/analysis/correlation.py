"""Correlation of columns: Pearson and rank, how much the rows really weigh, the interval, the word for the size.

Rows that follow each other in time resemble each other, so n of them tell less than n. The effective n of a pair is
n (1 - a b) / (1 + a b), where a and b are the two columns' correlations with themselves one step later; it is never
more than n. Source: C. S. Bretherton et al. (1999), "The effective number of spatial degrees of freedom of a
time-varying field", Journal of Climate 12, 1990-2009, equation 31.

The interval is Fisher's: atanh r +- z / sqrt(n - 3), with the effective n. Source: R. A. Fisher (1921), "On the
'probable error' of a coefficient of correlation deduced from a small sample", Metron 1, 3-32.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from contract.words import Words

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

STRENGTHS: dict[str, tuple[float, Words]] = {
    "strong": (0.8, Words("強い相関性がある", "strongly correlated")),
    "correlated": (0.5, Words("相関性がある", "correlated")),
    "weak": (0.3, Words("弱い相関性がある", "weakly correlated")),
    "none": (0.0, Words("相関性はほとんどない", "hardly correlated")),
}
"""The word for a size of |r|, from its lower bound on; strongest first. Words of size, not of certainty."""

FEW = 20
"""With fewer rows, or a smaller effective n, much of what is seen comes by chance."""

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


def of(columns: Floats, follows: Truths | None = None) -> Correlation:
    """The correlation of columns (n rows x k); no value is missing.

    ``follows[i]``: row i + 1 comes one step after row i; None where the rows have no order, and n is taken as it is.
    """
    from scipy.stats import rankdata

    scaled = _scaled(columns)
    n, k = scaled.shape
    moving = varies(columns)
    pearson = _matrix(scaled, moving)
    spearman = _matrix(rankdata(scaled, axis=0) if n else scaled, moving)
    weight = np.full((k, k), float(n))
    if follows is not None and n > 1:
        alone = np.array([itself_later(scaled[:, i], follows) for i in range(k)])
        weight = effective(n, np.outer(alone, alone))
    low, high = interval(pearson, weight)
    return Correlation(n, pearson, spearman, weight, low, high)


def differences(columns: Floats, follows: Truths) -> tuple[Floats, Truths]:
    """By how much each row differs from the one a step before, and which of these differences follow each other."""
    steps = np.flatnonzero(follows)
    scaled = _scaled(columns)
    return scaled[steps + 1] - scaled[steps], np.diff(steps) == 1


def effective(n: Floats | float, product: Floats) -> Floats:
    """Rows that weigh as much as n dependent ones; ``product``: of the two correlations with themselves."""
    like = np.clip(np.nan_to_num(product), 0.0, 1.0)
    found: Floats = n * (1 - like) / (1 + like)
    return found


def itself_later(column: Floats, follows: Truths) -> float:
    """The correlation of a column with itself one step later; 0 where that cannot be told."""
    apart = column - column.mean()
    steps = np.flatnonzero(follows)
    square = float((apart**2).mean())
    if not len(steps) or square <= 0.0:
        return 0.0
    return float(np.clip((apart[steps] * apart[steps + 1]).mean() / square, -1.0, 1.0))


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
