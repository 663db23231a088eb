"""EWMA charts: each point is a mean that forgets, z = lambda x + (1 - lambda) z before; it sees small lasting shifts.

Limits: centre +- L sigma sqrt(lambda / (2 - lambda) (1 - (1 - lambda)^(2 i))), which widen towards those without the
last bracket. Source: NIST/SEMATECH e-Handbook 6.3.2.4; Montgomery, section 9.2.
"""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from kpi.analysis.correlation import Floats
from kpi.analysis.limits import Limits


@dataclass(frozen=True, slots=True)
class Ewma:
    """``z`` by point, its own ``lower`` and ``upper``, and the ``settled`` limits they go to."""

    z: Floats
    lower: Floats
    upper: Floats
    settled: Limits


def of(values: Floats, centre: float, sigma: float, weight: float, width: float) -> Ewma:
    """The chart of single values. ``weight``: lambda, above 0 and at most 1; ``width``: L."""
    z = np.array(list(accumulate(values.tolist(), lambda z, x: weight * x + (1 - weight) * z, initial=centre))[1:])
    settled = width * sigma * (weight / (2 - weight)) ** 0.5
    reach = settled * np.sqrt(1 - (1 - weight) ** (2 * np.arange(1, len(values) + 1)))
    return Ewma(z, centre - reach, centre + reach, Limits(centre, centre - settled, centre + settled))
