"""Process capability: how the tolerance compares with the spread.

    Cp  = (USL - LSL) / 6 sigma             Cpk = min(USL - mean, mean - LSL) / 3 sigma      sigma: short term
    Pp, Ppk: the same with s, the standard deviation of all values

Sigma is the mean moving range / d2. Intervals: of Cp and Pp by chi-square, of Cpk and Ppk after Bissell. The moving
range tells sigma with about 0.62 (n - 1) degrees of freedom, s with n - 1.
Source: D. C. Montgomery, Introduction to Statistical Quality Control, section 8.3; NIST/SEMATECH e-Handbook 6.1.6;
A. F. Bissell (1990), "How reliable is your capability index?", Applied Statistics 39, 331-340; degrees of freedom:
D. J. Wheeler (1995), Advanced Topics in Statistical Process Control, table of the moving range.
"""

from dataclasses import dataclass

import numpy as np

from kpi.analysis import individuals
from kpi.analysis.correlation import Floats

CONFIDENCE = 0.90
MOVING_RANGE_WEIGHS = 0.62
LEAST_FOR_NORMALITY, MOST_FOR_NORMALITY = 8, 5000

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Index:
    """A capability index with its interval; both None where there is no spread or only one limit."""

    value: float | None
    interval: Pair | None


@dataclass(frozen=True, slots=True)
class Capability:
    """Of n values. ``below`` and ``above``: how many lie outside the tolerance."""

    n: int
    mean: float
    sigma_within: float
    sigma_overall: float
    cp: Index
    cpk: Index
    pp: Index
    ppk: Index
    below: int
    above: int
    normal_p: float | None


def of(values: Floats, lsl: float | None, usl: float | None) -> Capability:
    """The capability of at least two values in time order against one or two limits."""
    n, mean = len(values), float(values.mean())
    within, overall = individuals.sigma(values), float(values.std(ddof=1))
    few = MOVING_RANGE_WEIGHS * (n - 1)
    return Capability(
        n,
        mean,
        within,
        overall,
        both_sides(within, few, lsl, usl),
        nearer_side(mean, within, n, few, lsl, usl),
        both_sides(overall, n - 1, lsl, usl),
        nearer_side(mean, overall, n, n - 1, lsl, usl),
        0 if lsl is None else int((values < lsl).sum()),
        0 if usl is None else int((values > usl).sum()),
        normality(values),
    )


def both_sides(
    sigma: float, free: float, lsl: float | None, usl: float | None, confidence: float = CONFIDENCE
) -> Index:
    """Cp or Pp, from a sigma known with ``free`` degrees of freedom."""
    from scipy.special import chdtri

    if lsl is None or usl is None or sigma <= 0.0:
        return Index(None, None)
    value = (usl - lsl) / (6 * sigma)
    if free <= 0:
        return Index(value, None)
    low, high = chdtri(free, [(1 + confidence) / 2, (1 - confidence) / 2])
    return Index(value, (value * float(low / free) ** 0.5, value * float(high / free) ** 0.5))


def nearer_side(
    mean: float, sigma: float, n: int, free: float, lsl: float | None, usl: float | None, confidence: float = CONFIDENCE
) -> Index:
    """Cpk or Ppk, from a mean of n values and a sigma known with ``free`` degrees of freedom."""
    from scipy.special import ndtri

    rooms = ([] if usl is None else [usl - mean]) + ([] if lsl is None else [mean - lsl])
    if not rooms or sigma <= 0.0:
        return Index(None, None)
    value = min(rooms) / (3 * sigma)
    if free <= 0:
        return Index(value, None)
    half = float(ndtri((1 + confidence) / 2)) * (1 / (9 * n) + value**2 / (2 * free)) ** 0.5
    return Index(value, (value - half, value + half))


def normality(values: Floats) -> float | None:
    """The p of Shapiro and Wilk; None for few values or without spread. Of many, every so-manieth is asked."""
    from scipy.stats import shapiro

    asked = values[:: -(-len(values) // MOST_FOR_NORMALITY)] if len(values) else values
    if len(asked) < LEAST_FOR_NORMALITY or float(np.ptp(asked)) <= 0.0:
        return None
    p = float(shapiro((asked - asked.mean()) / np.ptp(asked)).pvalue)
    return p if np.isfinite(p) else None
