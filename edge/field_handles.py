"""What a person can take hold of on a device of the bench that has registers: those that the line's file reads."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from contract.catalogue import Measure
from contract.words import Words
from edge.field_points import Point
from edge.handles import Handle, Knob, Push, Typed


class Placed(Protocol):
    """Where a measure stands."""

    @property
    def point(self) -> Point:
        """What it means."""


class Device(Protocol):
    """The model of a device that has registers."""

    def put(self, register: Any, value: float | str) -> None:
        """Let a measure be ``value``."""

    def get(self, register: Any) -> float:
        """What it was last put to."""


def handles(device: Device, registers: Sequence[Placed], measures: Mapping[str, Any]) -> Iterator[Handle]:
    """A knob for each number that has bounds, a keyboard for each text, a push for each count, level and event."""
    for register in registers:
        point, measure = register.point, measures[register.point.key]
        title = measure.title if isinstance(measure, Measure) else Words(point.key, point.key)
        low, high = (getattr(measure, bound, None) for bound in ("low", "high"))
        put = partial(device.put, register)
        if point.kind == "text":
            yield Typed(point.key, title, put)
        elif point.kind == "number" and low is not None and high is not None:
            yield Knob(point.key, title, low, high, partial(device.get, register), put, measure.unit)
        else:
            yield Push(point.key, title, partial(_push, device, register))


def _push(device: Device, register: Placed) -> None:
    """A count goes up by one, a bit turns over."""
    now, counts = device.get(register), register.point.kind in ("total", "number")
    device.put(register, now + 1 if counts else float(not now))
