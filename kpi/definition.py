"""The agreement of a KPI file, `kpi/definitions/<key>.py`, and the two sums that many of them use.

A file holds: a docstring that defines the KPI in words and ends with its ``Source:``; ``TITLE``, ``UNIT`` (a key of
:data:`UNITS`), ``FORMULA``, ``BETTER`` ("higher", "lower" or None), ``EXAMPLE`` with its answer; and one pure function
of the KPI's own name. The function's parameters name its inputs: a field of `kpi.facts.Facts`, or another KPI. If one
of them is None the KPI is null and the function is not asked; None from the function means "not enough data".
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from contract.words import Words

Unit = Literal["ratio", "s", "pieces", "pieces/h"]
Better = Literal["higher", "lower"] | None

UNITS: Mapping[Unit, Words] = {
    "ratio": Words("%", "%"),
    "s": Words("秒", "s"),
    "pieces": Words("個", "pcs"),
    "pieces/h": Words("個/時", "pcs/h"),
}
"""How a unit is shown. A ratio is a fraction in every answer, and a percentage only on a page."""


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: the inputs by name, the answer, and where it is worked."""

    given: Mapping[str, Any]
    answer: Any
    source: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One KPI as its file defines it."""

    key: str
    title: Words
    unit: Unit
    formula: Words
    better: Better
    example: Example
    words: str
    inputs: tuple[str, ...]
    function: Callable[..., Any]


def ratio(part: float, whole: float) -> float | None:
    """Part / whole; None without a whole."""
    return part / whole if whole > 0 else None


def spread(values: npt.NDArray[np.float64]) -> dict[str, float | int | None]:
    """{count, median, mean, std, p05, p95}: std is n-1, percentiles linear, None where there are too few."""
    n = len(values)
    if not n:
        return {"count": 0, "median": None, "mean": None, "std": None, "p05": None, "p95": None}
    p05, median, p95 = percentiles(values, (5.0, 50.0, 95.0))
    mean = float(values.mean())
    std = math.sqrt(float(np.square(values - mean).sum()) / (n - 1)) if n > 1 else None
    return {"count": n, "median": median, "mean": mean, "std": std, "p05": p05, "p95": p95}


def percentiles(values: npt.NDArray[np.float64], asked: Sequence[float]) -> list[float]:
    """Percentiles, linear between the two nearest values, as ``numpy.percentile`` gives them; some values at least.

    A sorted row is read at its places: numpy sorts a million numbers faster than it picks six of them.
    """
    ordered = np.sort(values)

    def at(place: float) -> float:
        below = int(place)
        low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
        return (high - low) * (place - below) + low

    return [at(percent / 100.0 * (len(ordered) - 1)) for percent in asked]
