"""What ten readings say of the median: an interval between two of them, without assuming how they spread.

The k-th least and k-th greatest of n readings hold the median between them with the chance 1 - 2 P(B < k), B binomial
(n, 1/2). Source: David and Nagaraja, Order Statistics, 3rd ed. 2003, section 7.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

WANTED = 0.90


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``; ``chance`` that the median lies between (at least 0.90)."""

    low: float
    high: float
    chance: float


def of_median(values: Sequence[float]) -> Interval | None:
    """The narrowest such interval of at least 90 %; None with fewer than five values."""
    ordered, n = sorted(values), len(values)
    found = None
    for k in range(1, n // 2 + 1):
        chance = 1 - 2 * sum(comb(n, i) for i in range(k)) / 2**n
        if chance < WANTED:
            break
        found = Interval(ordered[k - 1], ordered[n - k], chance)
    return found
