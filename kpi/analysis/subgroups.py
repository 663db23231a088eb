"""X-bar and R charts: the mean and the range of subgroups of a few values that were made one after the other.

Limits of the mean: grand mean +- A2 x mean range; of the range: D3 and D4 x mean range.
Source: D. C. Montgomery, Introduction to Statistical Quality Control, section 6.2; NIST/SEMATECH e-Handbook 6.3.2.1.
"""

import numpy as np
import numpy.typing as npt

from kpi.analysis.constants import constants
from kpi.analysis.correlation import Floats
from kpi.analysis.limits import Limits, three_sigma


def grouped(block: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.intp]:
    """Which values form subgroups: (subgroups x size) places of values that follow each other in one block.

    ``block``: of each value in time order, the number of its block (a shift, a day); -1 for none. What is left over at
    the end of a block is in no subgroup.
    """
    found = []
    edges = np.flatnonzero(np.diff(block)) + 1
    for part in np.split(np.arange(len(block)), edges):
        if len(part) and block[part[0]] >= 0:
            found.append(part[: len(part) // size * size].reshape(-1, size))
    return np.concatenate(found) if found else np.zeros((0, size), np.intp)


def means(groups: Floats) -> Floats:
    """The mean of each subgroup (a row)."""
    found: Floats = groups.mean(axis=1)
    return found


def ranges(groups: Floats) -> Floats:
    """The range of each subgroup (a row)."""
    found: Floats = np.ptp(groups, axis=1)
    return found


def of_means(groups: Floats) -> Limits:
    """The limits of the means, from the subgroups' ranges."""
    known = constants(groups.shape[1])
    reach = known.a2 * float(ranges(groups).mean())
    return three_sigma(float(groups.mean()), reach / 3)


def of_ranges(groups: Floats) -> Limits:
    """The limits of the ranges."""
    known, mean = constants(groups.shape[1]), float(ranges(groups).mean())
    return Limits(mean, known.lower * mean, known.upper * mean)
