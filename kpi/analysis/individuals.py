"""Charts of single values: the values themselves, and the moving range from each to the next.

sigma = mean moving range / d2(2); limits of a value: mean +- 3 sigma; of a moving range: 0 and D4(2) x its mean.
Source: NIST/SEMATECH e-Handbook 6.3.2.2; D. C. Montgomery, Introduction to Statistical Quality Control, section 6.4.
"""

import numpy as np

from kpi.analysis.constants import constants
from kpi.analysis.correlation import Floats
from kpi.analysis.limits import Limits, three_sigma


def moving_ranges(values: Floats) -> Floats:
    """From each value to the next: one fewer than the values."""
    return np.abs(np.diff(values))


def sigma(values: Floats) -> float:
    """The short-term standard deviation; of at least two values."""
    return float(moving_ranges(values).mean()) / constants(2).d2


def of_values(values: Floats) -> Limits:
    """The limits of single values; of at least two."""
    return three_sigma(float(values.mean()), sigma(values))


def of_ranges(values: Floats) -> Limits:
    """The limits of the moving ranges of these values."""
    of_two, mean = constants(2), float(moving_ranges(values).mean())
    return Limits(mean, of_two.lower * mean, of_two.upper * mean)
