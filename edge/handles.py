"""What a person can take hold of on a part of the bench: turn it, push it, type into it.

A sensor's file may say so in ``handles(sensor, bench, part)`` (`edge.sensors`); a page (`edge.bench_page`) or a test
moves it. Turning is done to the *model* of the part, or typed out of it: the sensor then reads it as it would on a Pi.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from contract.catalogue import Measure
from contract.words import Words


@dataclass(frozen=True, slots=True)
class Knob:
    """A number between ``low`` and ``high`` in ``unit``. Not ``live``: told once, when the hand has stopped moving."""

    key: str
    title: Words
    low: float
    high: float
    now: Callable[[], float]
    turn: Callable[[float], None]
    unit: str = ""
    live: bool = True


@dataclass(frozen=True, slots=True)
class Push:
    """Something that is done once: a card held to the reader, a supply that fails for a moment."""

    key: str
    title: Words
    push: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that comes out of the device; ``examples`` are offered. ``send`` raises ValueError for what cannot be."""

    key: str
    title: Words
    send: Callable[[str], None]
    examples: tuple[str, ...] = ()
    note: Words | None = None


Handle = Knob | Push | Typed


class Handles(Protocol):
    """The optional ``handles`` of a sensor's file."""

    def __call__(self, sensor: Any, bench: Any, part: Any) -> Iterable[Handle]:
        """``part`` is what ``place`` gave back or plugged in; None for a sensor without ``place``."""


def turned(measure: Measure, part: Any, attribute: str = "") -> Knob | None:
    """The knob of a measure that is a number on the part's model, under ``attribute`` or its own key; else None.

    A whole number stays whole. None also where the measure has no range.
    """
    name = attribute or measure.key
    held = getattr(part, name, None)
    if measure.low is None or measure.high is None or not isinstance(held, int | float) or isinstance(held, bool):
        return None
    whole = isinstance(held, int)

    def turn(value: float) -> None:
        setattr(part, name, round(value) if whole else value)

    def now() -> float:
        return float(getattr(part, name))

    return Knob(measure.key, measure.title, measure.low, measure.high, now, turn, measure.unit)
