"""The constants of control charts, from the distribution of the range of m normal values.

    d2 = mean range / sigma      d3 = standard deviation of the range / sigma
    A2 = 3 / (d2 sqrt m)   D3 = max(0, 1 - 3 d3/d2)   D4 = 1 + 3 d3/d2

Source: L. H. C. Tippett (1925), "On the extreme individuals and the range of samples taken from a normal population",
Biometrika 17, 364-387; the same figures stand in every table (Montgomery, Appendix VI).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

SMALLEST, LARGEST = 2, 25
_REACH, _STEP = 8.0, 0.02


@dataclass(frozen=True, slots=True)
class Constants:
    """For subgroups of ``size`` values."""

    size: int
    d2: float
    d3: float

    @property
    def a2(self) -> float:
        """Limits of the mean: +- A2 x mean range."""
        return 3 / (self.d2 * float(np.sqrt(self.size)))

    @property
    def lower(self) -> float:
        """D3: lower limit of the range, x mean range."""
        return max(0.0, 1 - 3 * self.d3 / self.d2)

    @property
    def upper(self) -> float:
        """D4: upper limit of the range, x mean range."""
        return 1 + 3 * self.d3 / self.d2


@cache
def constants(size: int) -> Constants:
    """The constants of subgroups of 2 to 25 values."""
    from scipy.integrate import simpson
    from scipy.special import ndtr

    x = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    w = np.arange(0.0, 2 * _REACH + _STEP / 2, _STEP)
    below = ndtr(x)
    mean = simpson(1 - below**size - (1 - below) ** size, x=x)
    density = size * np.exp(-(x**2) / 2) / (2 * np.pi) ** 0.5
    chance = simpson(density * (ndtr(x + w[:, None]) - below) ** (size - 1), x=x, axis=1)
    square = simpson(2 * w * (1 - chance), x=w)
    return Constants(size, float(mean), float(square - mean**2) ** 0.5)
