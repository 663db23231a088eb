"""What can be different about a day, beside the improvement: laid on a floor like a trap (`floor.traps`).

    WashingLine(…, traps=[Slower("washer", 1.25, start_ns, end_ns)])

None of these deceives a sensor: the numbers are right, and mean something else than they seem to. The truth keeps each
as a `Deceit`, so the answer book can say what was different, where and when.
"""

from dataclasses import dataclass
from random import Random

from contract.reading import NS_PER_S
from floor.hall import Hall
from floor.records import Deceit
from floor.traps import there
from floor.troubles import BLOCKED, Cause

ELSEWHERE = Cause("operator_elsewhere", "none")
"""Nobody is there to press why."""
SPREAD = 0.35


@dataclass(frozen=True, slots=True)
class Slower:
    """A station's work takes ``pace`` times as long: a cold morning, fewer people; below 1: a better jig."""

    station: str
    pace: float
    start_ns: int
    end_ns: int
    named: str = "slower"

    def lay(self, hall: Hall) -> None:
        """Let it be so from start to end."""
        there(hall, self.station)
        hall.at(self.start_ns, lambda: hall.pace.update({self.station: self.pace}))
        hall.at(self.end_ns, lambda: hall.pace.pop(self.station, None))
        hall.truth.add(Deceit(self.named, self.station, "", self.start_ns, self.end_ns))


@dataclass(frozen=True, slots=True)
class Spoils:
    """A further ``share`` of a station's pieces is bad."""

    station: str
    share: float
    start_ns: int
    end_ns: int

    def lay(self, hall: Hall) -> None:
        """Let it be so from start to end."""
        there(hall, self.station)
        hall.at(self.start_ns, lambda: hall.spoilt.update({self.station: self.share}))
        hall.at(self.end_ns, lambda: hall.spoilt.pop(self.station, None))
        hall.truth.add(Deceit("spoils", self.station, "", self.start_ns, self.end_ns))


@dataclass(frozen=True, slots=True)
class Kept:
    """A station is kept waiting now and then, by the clock: its person works elsewhere, or the next step is full."""

    station: str
    cause: Cause
    every_s: float
    median_s: float
    start_ns: int
    end_ns: int

    def lay(self, hall: Hall) -> None:
        """Let it be so from start to end."""
        there(hall, self.station)
        calls = _Calls(self.cause, hall.random(f"{self.station}/{self.cause.id}"), self.every_s, self.median_s)
        hall.at(self.start_ns, lambda: hall.also.update({self.station: calls}))
        hall.at(self.end_ns, lambda: hall.also.pop(self.station, None))
        hall.truth.add(Deceit(self.cause.id, self.station, "", self.start_ns, self.end_ns))


class _Calls:
    """What keeps a station: so often by the clock, however fast it works."""

    def __init__(self, cause: Cause, chance: Random, every_s: float, median_s: float) -> None:
        self.cause = cause
        self._chance, self._every_s, self._median_s = chance, every_s, median_s
        self._next_ns = 0

    def due(self, now_ns: int) -> int | None:
        """For how long it is kept now, if it is."""
        if now_ns < self._next_ns:
            return None
        begins, self._next_ns = not self._next_ns, now_ns + self._wait_ns()
        if begins:
            return None
        return int(self._median_s * self._chance.lognormvariate(0.0, SPREAD) * NS_PER_S)

    def _wait_ns(self) -> int:
        return int(self._every_s * self._chance.uniform(0.6, 1.4) * NS_PER_S)


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the floor itself was built with: other lots, other hours. Only the truth is told."""

    what: str
    station: str
    start_ns: int
    end_ns: int

    def lay(self, hall: Hall) -> None:
        """Write it down."""
        there(hall, self.station)
        hall.truth.add(Deceit(self.what, self.station, "", self.start_ns, self.end_ns))


__all__ = ["BLOCKED", "ELSEWHERE", "Kept", "Noted", "Slower", "Spoils"]
