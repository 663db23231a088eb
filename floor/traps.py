"""What deceives on purpose, so that people learn to doubt a number (curriculum, 7.6). Each names its station and time.

    WashingLine(…, traps=[CountsTwice("washer", "done", start_ns, end_ns, share=0.05)])

The truth keeps every trap as a `Deceit`, so the answer book can say what was wrong, where and when.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from contract.errors import NotThere
from contract.reading import NS_PER_S
from contract.words import Words
from floor.contact import Contact, Fault
from floor.hall import Hall
from floor.records import Deceit
from floor.troubles import Cut, Mains


class Trap(Protocol):
    """Something laid on a floor before it starts."""

    def lay(self, hall: Hall) -> None:
        """Lay it. Raises NotThere if the station or sensor is not on this floor."""


@dataclass(frozen=True, slots=True)
class CountsTwice:
    """A worn switch: after ``share`` of its closings it springs open once more, longer than usual debouncing."""

    station: str
    sensor: str
    start_ns: int
    end_ns: int
    share: float = 0.05

    def lay(self, hall: Hall) -> None:
        """Wear it out from start to end."""
        wire = _contact(hall, self.station, self.sensor)
        _between(hall, self.start_ns, self.end_ns, lambda: _wear(wire, self.share), lambda: _wear(wire, 0.0))
        hall.truth.add(Deceit("counts_twice", self.station, self.sensor, self.start_ns, self.end_ns))


@dataclass(frozen=True, slots=True)
class DeadWire:
    """A sensor whose wire is off (``unplugged``: nothing ever happens) or crushed (``stuck``: closed for ever)."""

    station: str
    sensor: str
    start_ns: int
    end_ns: int
    fault: Fault = "unplugged"

    def lay(self, hall: Hall) -> None:
        """Break it from start to end."""
        wire = _contact(hall, self.station, self.sensor)
        _between(hall, self.start_ns, self.end_ns, lambda: _break(wire, self.fault), lambda: _break(wire, ""))
        hall.truth.add(Deceit(self.fault, self.station, self.sensor, self.start_ns, self.end_ns))


@dataclass(frozen=True, slots=True)
class NoData:
    """The station's Pi is off (somebody needed the socket) while the machine works on: two hours without data."""

    station: str
    start_ns: int
    end_ns: int

    def lay(self, hall: Hall) -> None:
        """Pull its plug from start to end."""
        _mains(hall, self.station)
        _between(
            hall,
            self.start_ns,
            self.end_ns,
            lambda: hall.power(self.station, False, True),
            lambda: hall.power(self.station, True, True),
        )
        hall.truth.add(Deceit("no_data", self.station, "", self.start_ns, self.end_ns))


@dataclass(frozen=True, slots=True)
class PowerCutAt:
    """The machine's power fails in its first step after ``at_ns``, for ``off_s``; ``with_pi``: the Pi's too."""

    station: str
    at_ns: int
    off_s: float = 60.0
    with_pi: bool = False

    def lay(self, hall: Hall) -> None:
        """Let it be due."""
        mains = _mains(hall, self.station)
        cut = Cut(0.5, int(self.off_s * NS_PER_S), self.with_pi)
        hall.at(self.at_ns, lambda: setattr(mains, "due", cut))


def _between(hall: Hall, start_ns: int, end_ns: int, lay: Callable[[], object], lift: Callable[[], object]) -> None:
    hall.at(start_ns, lay)
    hall.at(end_ns, lift)


def _wear(wire: Contact, share: float) -> None:
    wire.worn = share


def _break(wire: Contact, fault: Fault) -> None:
    wire.fault = fault


def there(hall: Hall, station: str) -> None:
    """Raises NotThere where a floor has no such station."""
    if station not in hall.mains:
        raise NotThere(
            Words(f"この現場に工程 {station} はありません。", f"There is no station {station} on this floor."),
            Words(f"あるのは {'、'.join(hall.mains)} です。", f"There are {', '.join(hall.mains)}."),
        )


def _mains(hall: Hall, station: str) -> Mains:
    there(hall, station)
    return hall.mains[station]


def _contact(hall: Hall, station: str, sensor: str) -> Contact:
    wire = hall.contacts.get((station, sensor))
    if wire is None:
        raise NotThere(
            Words(f"この現場に接点 {station}/{sensor} はありません。", f"There is no contact {station}/{sensor} here."),
            Words("line.toml のセンサー名を確かめてください。", "Look up the sensor's id in line.toml."),
        )
    return wire
