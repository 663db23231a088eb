"""What stands on a bench for an agent: the model of each sensor's part, and the plug it can be pulled out by.

A sensor's ``place(sensor, bench)`` plugs its model in as a person would. `Placing` is the bench it is shown: it passes
everything on and remembers what was plugged in where, so that it can be pulled out and put back in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contract.line import Line
from edge.sensors import SensorModule

if TYPE_CHECKING:
    from edge.bench import Bench


@dataclass(frozen=True, slots=True)
class Plug:
    """One plug: out of the bench and back in. A chip that was pulled out has lost its supply."""

    where: str
    out: Callable[[], None]
    back: Callable[[], None]


@dataclass(slots=True)
class Placed:
    """A sensor's part: its model (None without one), and its plugs.

    A floor turns it by :meth:`turn`; while a person has it ``in_hand``, what the floor does has to wait.
    """

    part: Any = None
    plugs: list[Plug] = field(default_factory=list)
    in_hand: bool = False
    _waiting: dict[str, Any] = field(default_factory=dict)

    def turn(self, what: str, value: Any) -> None:
        """Let an attribute of the model be so, now or when the hand has let go. Raises AttributeError for none."""
        getattr(self.part, what)
        if self.in_hand:
            self._waiting[what] = value
        else:
            setattr(self.part, what, value)

    def take(self) -> None:
        """A person takes it in hand, if there is something to take."""
        self.in_hand = self.part is not None

    def leave(self) -> None:
        """The person lets go: it is as the floor has had it since, or stays as it is where no floor has."""
        self.in_hand = False
        while self._waiting:
            setattr(self.part, *self._waiting.popitem())


class Shelf:
    """What is plugged in already: two channels of one chip are two sensors, but one chip."""

    def __init__(self) -> None:
        self.chips: dict[str, Any] = {}

    def one_of(self, where: str, chip: Any) -> Any:
        """The chip that stands there already, if it is of the same kind; else this one, from now on."""
        before = self.chips.get(where)
        if type(before) is not type(chip):
            self.chips[where] = before = chip
        return before


class Placing:
    """The bench as one sensor's ``place`` sees it."""

    def __init__(self, bench: "Bench", shelf: Shelf) -> None:
        self._bench, self._shelf = bench, shelf
        self._instead: dict[int, Any] = {}
        self._parts: list[Any] = []
        self.plugs: list[Plug] = []

    def i2c_chip(self, bus: int, address: int, chip: Any) -> None:
        """As the bench's."""
        self._plug_in(f"I2C {bus} 0x{address:02x}", chip, lambda it: self._bench.i2c_chip(bus, address, it))

    def spi_chip(self, bus: int, chip_select: int, chip: Any) -> None:
        """As the bench's."""
        self._plug_in(f"SPI {bus} CE{chip_select}", chip, lambda it: self._bench.spi_chip(bus, chip_select, it))

    def one_wire_chip(self, device: str, chip: Any) -> None:
        """As the bench's."""
        self._plug_in(f"1-Wire {device}", chip, lambda it: self._bench.one_wire_chip(device, it))

    def plug(self, port: str, settings: Any = None, reply: Callable[[bytes], bytes] | None = None) -> None:
        """As the bench's."""
        self._bench.plug(port, settings, reply)
        back = Plug(port, lambda: self._bench.unplug(port), lambda: self._bench.plug(port, settings, reply))
        self.plugs = [*(plug for plug in self.plugs if plug.where != port), back]

    def tcp_device(self, host: str, port: int, reply: Any) -> None:
        """As the bench's."""
        self._plug_in(f"LAN {host}:{port}", reply, lambda it: self._bench.tcp_device(host, port, it))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bench, name)

    def placed(self, given: Any) -> Placed:
        """What ``place`` has placed; ``given`` is what it gave back."""
        part = self._instead.get(id(given), given)
        if part is None and self._parts:
            part = self._parts[0]
        return Placed(part, self.plugs)

    def _plug_in(self, where: str, chip: Any, put: Callable[[Any], None]) -> None:
        if chip is None:
            put(None)
            return
        there = self._shelf.one_of(where, chip)
        self._instead[id(chip)] = there
        self._parts.append(there)
        put(there)

        def back() -> None:
            getattr(there, "lose_power", lambda: None)()
            put(there)

        self.plugs.append(Plug(where, lambda: put(None), back))


def place_all(line: Line, agent: str, bench: "Bench", among: Mapping[str, SensorModule]) -> dict[str, Placed]:
    """Plug in, on a bench, the parts of all sensors of an agent, so that a line runs with nothing wired.

    By ``station/sensor``; a serial port without a model is one that can be typed into and pulled out.
    """
    shelf, placed = Shelf(), {}
    for station in line.stations_of(agent):
        for sensor in station.sensors.values():
            module = among.get(sensor.type)
            if module is not None:
                placed[f"{station.id}/{sensor.id}"] = _place(module, dict(sensor.settings), bench, shelf)
    return placed


def _place(module: SensorModule, settings: dict[str, Any], bench: "Bench", shelf: Shelf) -> Placed:
    place, placing = getattr(module, "place", None), Placing(bench, shelf)
    if place is not None:
        found = placing.placed(place(module.Sensor(**settings), placing))
        if found.plugs:
            return found
    else:
        found = Placed()
    port = settings.get("port")
    if isinstance(port, str):
        found.plugs.append(Plug(port, lambda: bench.unplug(port), lambda: bench.plug(port)))
    return found
