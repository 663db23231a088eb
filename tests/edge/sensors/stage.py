"""A bench, a hand-turned clock and what a listening sensor told: for the sensors' own tests."""

from typing import Any

from contract.reading import Value
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors import Listening

START_NS = 1_795_000_000_000_000_000
S = 1_000_000_000


class Stage:
    """A listening sensor on a bench; ``told`` is all it said: (measure, value, monotonic ns)."""

    def __init__(self, seed: int = 0) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock, seed)
        self.told: list[tuple[str, Value, int]] = []

    def listen(self, sensor: Any) -> Listening:
        """Open a sensor."""
        listening: Listening = sensor.listen(self.bench, self.tell)
        return listening

    def tell(self, measure: str, value: Value, at_ns: int) -> None:
        self.told.append((measure, value, at_ns))

    def values(self, measure: str) -> list[Value]:
        """The values told of one measure."""
        return [value for name, value, _ in self.told if name == measure]
