"""A centre line and two limits."""

from dataclasses import dataclass

import numpy as np

from kpi.analysis.correlation import Floats, Truths


@dataclass(frozen=True, slots=True)
class Limits:
    """``sigma``: of one plotted point, by which its zones are measured; None where the limits are no 3 sigma."""

    centre: float
    lower: float
    upper: float
    sigma: float | None = None

    def beyond(self, values: Floats) -> Truths:
        """Which values lie outside; a value on a limit is inside, rounding apart."""
        slack = 1e-9 * max(abs(self.lower), abs(self.upper), abs(self.centre))
        found: Truths = (values > self.upper + slack) | (values < self.lower - slack)
        return found


def three_sigma(centre: float, sigma: float) -> Limits:
    """The usual limits of a point."""
    return Limits(centre, centre - 3 * sigma, centre + 3 * sigma, sigma)


def scaled(values: Floats) -> tuple[Floats, float]:
    """Values within -1 … 1 and what they were divided by, so that no square overflows."""
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    return values / largest, largest
