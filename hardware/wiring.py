"""What is wired to each Pi: devices, their terminals, and where every wire ends. Pure data, made from the line.

    for pi in wirings(line, catalogue, parts):
        for device in pi.devices:
            for join in device.joins:
                print(join.terminal, "->", join.goal.net)

A wire ends at a pin of the header, at a socket (USB, LAN), inside its device, or on the side of the machine.
One that would bring more than 3.3 V to a pin ends nowhere (``refused``): nobody shall draw it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from contract.catalogue import Catalogue, OutputType, Part, SensorType, Wire, counts
from contract.header import HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS, UART_PORTS
from contract.line import Line, Output, Sensor, Station
from contract.words import Words
from hardware.parts import PROTECTS, Electrical, MachineSide, PartEntry

Function = Literal["3V3", "5V", "GND", "signal", "SDA", "SCL", "SPI", "UART", "socket", "inside", "machine"]
SUPPLY_PINS: Mapping[str, tuple[int, ...]] = {
    "3V3": (1, 17),
    "5V": (2, 4),
    "GND": (6, 9, 14, 20, 25, 30, 34, 39),
}
"""Header pins of the supplies. Source: Raspberry Pi documentation, "GPIO and the 40-pin header"."""

PIN_VOLTS = 3.3
"""More than this at an input destroys it. Source: the same, "Voltages"."""

_SPI_LINES = ("MOSI", "MISO", "SCLK", "CE0", "CE1")


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a wire ends. ``net``: what is joined has the same net; ``headers``: the header pins it may end at."""

    net: str
    function: Function
    headers: tuple[int, ...] = ()
    bcm: int | None = None
    said: Words | None = None

    @property
    def is_supply(self) -> bool:
        """Whether it is 3V3, 5V or GND."""
        return self.net in SUPPLY_PINS


@dataclass(frozen=True, slots=True)
class Join:
    """One wire of a device. ``through`` sits in it, ``pull_up`` goes from it to 3V3; ``volts`` is what it may carry.

    ``refused``: it would carry more than a pin bears, and nothing between brings it down.
    """

    terminal: str
    goal: Goal
    note: Words | None = None
    through: PartEntry | None = None
    pull_up: PartEntry | None = None
    volts: float = 0.0
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """One thing on the table: a sensor, an output, or a chip that several sensors share (``ids``)."""

    station: str
    ids: tuple[str, ...]
    kind: SensorType | OutputType
    settings: Mapping[str, Any]
    parts: tuple[Part, ...]
    known: Mapping[str, PartEntry]
    joins: tuple[Join, ...]

    @property
    def name(self) -> str:
        """``washer/done``; of several sensors on one chip all of them."""
        return f"{self.station}/{', '.join(self.ids)}"

    @property
    def is_output(self) -> bool:
        """Whether it is set, not read."""
        return isinstance(self.kind, OutputType)

    @property
    def electrical(self) -> Iterator[tuple[PartEntry, Electrical, int]]:
        """Its parts that the parts file knows, with what they bear, and how many."""
        for part in self.parts:
            if part.id in self.known:
                yield self.known[part.id], self.known[part.id].electrical, part.count

    @property
    def machine_side(self) -> tuple[MachineSide, ...]:
        """Terminals that belong to the machine or a load."""
        return tuple(side for _, electrical, _ in self.electrical for side in electrical.machine_side)

    @property
    def isolated(self) -> bool:
        """Whether an opto-isolator stands between the machine and the Pi."""
        return any(electrical.acts_as == "isolator" for _, electrical, _ in self.electrical)

    @property
    def where(self) -> str:
        """Its bus address, chip or port, as one writes it; empty where it has none."""
        return ", ".join(_places(self.kind, self.settings))


@dataclass(frozen=True, slots=True)
class PiWiring:
    """All that hangs on one Pi."""

    agent: str
    stations: tuple[Station, ...]
    devices: tuple[Device, ...]

    @property
    def joins(self) -> Iterator[tuple[Device, Join]]:
        """Every wire, with its device."""
        for device in self.devices:
            for join in device.joins:
                yield device, join


def wirings(line: Line, catalogue: Catalogue, parts: Mapping[str, PartEntry]) -> tuple[PiWiring, ...]:
    """One for each agent of the line, in the order of the file."""
    return tuple(_wiring(line, agent, catalogue, parts) for agent in line.agents)


def _wiring(line: Line, agent: str, catalogue: Catalogue, parts: Mapping[str, PartEntry]) -> PiWiring:
    stations = line.stations_of(agent)
    devices = [
        _device(station.id, group, kind, parts)
        for station in stations
        for kind, group in _chips([*station.sensors.values(), *station.outputs.values()], catalogue)
    ]
    return PiWiring(agent, stations, tuple(devices))


def _chips(
    things: Iterable[Sensor | Output], catalogue: Catalogue
) -> Iterator[tuple[SensorType | OutputType, list[Sensor | Output]]]:
    """What is one device: a sensor by itself, or the channels of one chip together. External ones are nobody's."""

    def kind_of(thing: Sensor | Output) -> SensorType | OutputType:
        return (catalogue.sensors if isinstance(thing, Sensor) else catalogue.outputs)[thing.type]

    def chip(thing: Sensor | Output) -> tuple[str, ...]:
        if "channel" not in thing.settings:
            return (thing.type, thing.id)
        return (thing.type, "", *_places(kind_of(thing), thing.settings))

    ours = [thing for thing in things if getattr(kind_of(thing), "style", "") != "external"]
    order = {key: number for number, key in reversed(list(enumerate(map(chip, ours))))}
    for _, group in groupby(sorted(ours, key=lambda thing: order[chip(thing)]), key=chip):
        members = list(group)
        yield kind_of(members[0]), members


def _places(kind: SensorType | OutputType, settings: Mapping[str, Any]) -> tuple[str, ...]:
    """``("I2C 1 0x76",)``, ``("SPI 0 CE1",)``, ``("/dev/ttyUSB0",)``."""
    said = []
    for setting in kind.settings:
        value = settings.get(setting.key)
        if value is None or not counts(setting, settings):
            continue
        if setting.kind == "i2c_address":
            said.append(f"I2C {settings.get('bus', 1)} 0x{value:02x}")
        elif setting.key in ("chip", "chip_select", "ce"):
            said.append(f"SPI {settings.get('bus', 0)} CE{value}")
        elif setting.kind == "port":
            said.append(str(value))
    return tuple(said)


def _device(
    station: str, group: Sequence[Sensor | Output], kind: SensorType | OutputType, known: Mapping[str, PartEntry]
) -> Device:
    settings = group[0].settings
    parts = tuple(part for part in kind.parts if counts(part, settings))
    entries = {part.id: known[part.id] for part in parts if part.id in known}
    wires = [wire for wire in kind.terminals if counts(wire, settings)]
    joins = _joins(wires, settings, _ports(kind, settings), entries, known)
    return Device(station, tuple(thing.id for thing in group), kind, settings, parts, entries, tuple(joins))


def _ports(kind: SensorType | OutputType, settings: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(settings[one.key]) for one in kind.settings if one.kind == "port" and settings.get(one.key))


def _joins(
    wires: Sequence[Wire],
    settings: Mapping[str, Any],
    ports: tuple[str, ...],
    own: Mapping[str, PartEntry],
    known: Mapping[str, PartEntry],
) -> Iterator[Join]:
    fed_24v = any(wire.to == "24V" for wire in wires)
    between = [entry for entry in own.values() if entry.electrical.acts_as in PROTECTS]
    pull_up = next((entry for entry in own.values() if entry.electrical.acts_as == "pull_up"), None)
    for wire in wires:
        goal = goal_of(wire, settings, ports)
        volts = _volts(wire, goal, own.values(), fed_24v=fed_24v)
        through = known.get(wire.through)
        too_much = bool(goal.bcm is not None and volts > PIN_VOLTS)
        if too_much and through is None:
            through = next(iter(between), None)
        safe = through is not None and through.electrical.acts_as in PROTECTS
        pulled, pull_up = (pull_up, None) if goal.function == "signal" else (None, pull_up)
        yield Join(wire.terminal, goal, wire.note, through, pulled, volts, too_much and not safe)


def _volts(wire: Wire, goal: Goal, entries: Iterable[PartEntry], *, fed_24v: bool) -> float:
    """The highest voltage a signal wire may carry to the Pi."""
    if goal.bcm is None:
        return 0.0
    isolated = any(entry.electrical.acts_as == "isolator" for entry in entries)
    if fed_24v and not isolated:
        return 24.0
    return max((entry.electrical.volts(wire.terminal) for entry in entries), default=PIN_VOLTS)


def goal_of(wire: Wire, settings: Mapping[str, Any], ports: tuple[str, ...] = ()) -> Goal:
    """Where a wire ends with these settings, whatever it carries."""
    if wire.to in SUPPLY_PINS:
        return Goal(wire.to, wire.to, SUPPLY_PINS[wire.to])  # type: ignore[arg-type]
    if wire.to == "24V":
        return Goal("24V", "machine", said=Words("機械側の 24 V(Pi とつながない)", "the machine's 24 V, never the Pi"))
    if wire.to in ("USB", "LAN"):
        port = "".join(f" {port}" for port in ports if wire.to == "USB")
        return Goal(wire.to, "socket", said=Words(f"Pi の {wire.to} 端子{port}", f"the Pi's {wire.to} socket{port}"))
    if wire.to == "AIN":
        number = settings.get(wire.setting, "")
        return Goal(f"AIN{number}", "inside", said=Words(f"変換器の入力 {number}", f"converter input {number}"))
    if wire.to in UART_PINS and ports and not set(ports) & set(UART_PORTS):
        said = Words(f"変換器の {wire.to}({ports[0]})", f"{wire.to} of the adapter, {ports[0]}")
        return Goal(f"{ports[0]} {wire.to}", "socket", said=said)
    return _at_pin(wire, settings)


def _at_pin(wire: Wire, settings: Mapping[str, Any]) -> Goal:
    function: Function = "signal"
    bcm = settings.get(wire.setting) if wire.to == "pin" else None
    if wire.to in ("SDA", "SCL"):
        function = wire.to
        bcm = I2C_PINS.get(settings.get("bus", 1), {}).get(wire.to)
    elif wire.to in _SPI_LINES:
        function = "SPI"
        line = f"CE{settings.get(wire.setting, 0)}" if wire.to in ("CE0", "CE1") and wire.setting else wire.to
        bcm = SPI_PINS.get(settings.get("bus", 0), {}).get(line)
    elif wire.to in UART_PINS:
        function = "UART"
        bcm = UART_PINS[wire.to]
    if not isinstance(bcm, int) or bcm not in HEADER_PIN:
        said = Words(f"{wire.to}(ヘッダーにない)", f"{wire.to}, not on the header")
        return Goal(f"{wire.to} {settings.get('bus', '')}".strip(), function, said=said)
    return Goal(f"GPIO{bcm}", function, (HEADER_PIN[bcm],), bcm)
