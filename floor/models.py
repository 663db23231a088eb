"""What a sensor of a bus looks at, as it stands on the bench: the floor turns it, and the truth keeps how it was."""

from typing import Any, Protocol

from contract.line import Sensor
from floor.contact import Time
from floor.records import Condition
from floor.truth import Truth


class Placed(Protocol):
    """What `edge.bench_parts.place_all` gives for a sensor."""

    @property
    def part(self) -> Any:
        """The model of its part, None where it has none."""

    def turn(self, what: str, value: Any) -> None:
        """Let an attribute of the model be so; while a person has it in hand, that waits."""


class Model:
    """One part on the bench; ``part`` None: nothing is plugged in, only the truth knows how it is."""

    def __init__(self, sensor: Sensor, placed: Placed | None, time: Time, truth: Truth) -> None:
        self.sensor = sensor
        self.part = placed.part if placed else None
        self._placed = placed
        self._time = time
        self._truth = truth
        self._now: dict[str, float | str] = {}

    def turn(self, what: str, value: float | str, least: float = 0.0) -> None:
        """Let a quantity of the part be ``value`` from now on; numbers that differ by less than ``least`` are alike."""
        before = self._now.get(what)
        if value == before or (
            isinstance(value, float) and isinstance(before, float) and abs(value - before) < least
        ):  # fmt: skip
            return
        self._now[what] = value
        if self._placed is not None and self.part is not None:
            self._placed.turn(what, value)  # a part without it is a mistake
        self._truth.add(Condition(self.sensor.station, self.sensor.id, what, self._time.now_ns, value))
