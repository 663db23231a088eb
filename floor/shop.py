"""現場: a whole floor, whatever is made on it.

    floor = WashingLine(line, {"pi-1": bench, "pi-2": bench2}, clock, seed=1, start_ns=clock.time_ns())
    floor.start()
    floor.improve(True)            # 「改善を導入」
    floor.truth.pieces("washer")

``benches`` by agent; ``parts`` is what `edge.bench_parts.place_all` has placed on them, needed where a sensor of a bus
is to be moved. Which floor fits a line says `floor.fitting`. Everything on a floor is virtual data (仮想データ).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from contract.line import Line
from edge.clock import Clock
from floor.hall import NOTHING, USUAL_MIX, Hall, Hand, Power, Watcher
from floor.models import Placed
from floor.traps import Trap
from floor.truth import Truth


class Shop(ABC):
    """One run of a floor; same seed, same line and same start, same truth."""

    def __init__(
        self,
        line: Line,
        benches: Mapping[str, Hand],
        clock: Clock,
        seed: int,
        start_ns: int,
        improved: bool = False,
        improved_at_ns: int | None = None,
        power: Power | None = None,
        bounded: bool = False,
        traps: Sequence[Trap] = (),
        parts: Mapping[str, Placed] = NOTHING,
        mix: Mapping[str, float] = USUAL_MIX,
    ) -> None:
        self._hall = hall = Hall(line, benches, clock, seed, start_ns, improved, power, bounded, parts, mix)
        self._furnish(hall)
        if improved_at_ns is not None:
            hall.at(improved_at_ns, lambda: self.improve(True))
        for trap in traps:
            trap.lay(hall)

    @abstractmethod
    def _furnish(self, hall: Hall) -> None:
        """Put everybody in their place, and let them begin."""

    @property
    def truth(self) -> Truth:
        """What really happened."""
        return self._hall.truth

    @property
    def improved(self) -> bool:
        """Whether the improvement is in."""
        return self._hall.improved

    @property
    @abstractmethod
    def in_process(self) -> int:
        """Pieces on the floor: in hands, in machines, in buffers."""

    def watch(self, watcher: Watcher) -> None:
        """Let somebody stand there and see every element of work that has a name."""
        self._hall.watcher = watcher

    def start(self) -> None:
        """Begin; from now on the floor runs itself on its clock."""
        self._hall.start()

    def stop(self) -> None:
        """Stand still for good."""
        self._hall.stop()

    def improve(self, improved: bool) -> None:
        """「改善を導入」, or take it back; from the next piece on. Any thread may call it."""
        self._hall.improved = improved
