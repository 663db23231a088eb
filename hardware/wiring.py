"""What is wired to each Pi: devices, their terminals, and where every wire ends. Pure data, made from the line.

    for pi in wirings(line, catalogue, parts):
        for device in pi.devices:
            for join in device.joins:
                print(join.terminal, "->", join.goal.net)

A wire ends at a pin of the header, at a socket (USB, LAN), or inside its device; those of 24 V belong to the machine.
One that would bring more than 3.3 V to a pin ends nowhere (``refused``): nobody shall draw it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from contract.catalogue import Catalogue, OutputType, Part, SensorType, Wire, counts
from contract.header import HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS, UART_PORTS
from contract.line import Line, Output, Sensor, Station
from contract.words import Words
from hardware.parts import PROTECTS, SEPARATES, Electrical, MachineSide, PartEntry

Function = Literal["3V3", "5V", "GND", "signal", "SDA", "SCL", "SPI", "UART", "socket", "inside"]
SUPPLY_PINS: Mapping[str, tuple[int, ...]] = {
    "3V3": (1, 17),
    "5V": (2, 4),
    "GND": (6, 9, 14, 20, 25, 30, 34, 39),
}
"""Header pins of the supplies. Source: Raspberry Pi documentation, "GPIO and the 40-pin header"."""

PIN_VOLTS = 3.3
"""What an input is made for. Source: the same, "Voltages"."""
DIVIDED_VOLTS = 3.6
"""What it bears, for dividers whose resistors are not exact. Source: BCM2711 ARM Peripherals; 3.3 V + 0.3 V."""

_PORTS = ("port", "shared_port")
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
    """One wire of a device. ``through`` sits in it, ``pull_up`` goes from it to 3V3.

    ``volts`` is what its terminal may give. ``leg``: the lower half of a divider; it begins where the upper half, in
    the wire before it, meets the pin, not at the terminal. ``refused``: it would bring more to a pin than that bears.
    """

    terminal: str
    goal: Goal
    note: Words | None = None
    through: PartEntry | None = None
    pull_up: PartEntry | None = None
    volts: float = 0.0
    refused: bool = False
    leg: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """One thing on the table: a sensor, an output, or a chip with all the sensors that are read through it.

    ``things`` are their stations and ids, ``place`` is its bus address, chip or port (empty where it has none).
    """

    things: tuple[tuple[str, str], ...]
    kind: SensorType | OutputType
    settings: Mapping[str, Any]
    parts: tuple[Part, ...]
    known: Mapping[str, PartEntry]
    joins: tuple[Join, ...]
    place: tuple[str, ...] = ()

    @property
    def station(self) -> str:
        """The station it is counted to."""
        return self.things[0][0]

    @property
    def name(self) -> str:
        """``washer/done``; of several sensors on one chip all of them."""
        return ", ".join(f"{station}/{id}" for station, id in self.things)

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
        """Terminals that belong to the machine or a load: those of its parts, and its wires of 24 V."""
        sides = {side.terminal: side for _, electrical, _ in self.electrical for side in electrical.machine_side}
        for wire in self.kind.terminals:
            if wire.to == "24V" and counts(wire, self.settings):
                usual = MachineSide(wire.terminal, Words("機械側の 24 V", "24 V of the machine"))
                sides[wire.terminal] = replace(sides.get(wire.terminal, usual), note=wire.note)
        return tuple(sides.values())

    @property
    def isolated(self) -> bool:
        """Whether an opto-isolator stands between the machine and the Pi."""
        return any(electrical.acts_as == "isolator" for _, electrical, _ in self.electrical)


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
    things = [thing for station in stations for thing in _things(station, catalogue)]
    return PiWiring(agent, stations, tuple(_device(group, catalogue, parts) for group in _together(things)))


def _things(station: Station, catalogue: Catalogue) -> Iterator["_Thing"]:
    """What of a station is wired to its Pi; external sensors are not."""
    for sensor in station.sensors.values():
        kind = catalogue.sensors[sensor.type]
        if kind.style != "external":
            yield _Thing(sensor, kind)
    for output in station.outputs.values():
        yield _Thing(output, catalogue.outputs[output.type])


@dataclass(frozen=True, slots=True)
class _Thing:
    """A sensor or output with its type."""

    of: Sensor | Output
    kind: SensorType | OutputType

    @property
    def name(self) -> tuple[str, str]:
        return self.of.station, self.of.id

    @property
    def converter(self) -> str:
        """The chip it is read through; empty where it has none, or has it for itself."""
        if "converter" in self.of.settings:
            return str(self.of.settings["converter"])
        return self.of.type if "channel" in self.of.settings else ""

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for part in self.kind.parts if counts(part, self.of.settings))

    @property
    def wires(self) -> list[Wire]:
        """Its wires; a pin that is not named has none."""
        settings = self.of.settings
        return [wire for wire in self.kind.terminals if counts(wire, settings) and not _unused(wire, settings)]

    def of_converter(self, wire: Wire) -> bool:
        """Whether a wire is the chip's, not its own."""
        is_chip = self.converter == self.of.type
        return (
            bool(self.converter)
            and wire.to != "AIN"
            and (is_chip or (wire.when is not None and wire.when[0] == "converter"))
        )

    @property
    def place(self) -> tuple[str, ...]:
        """``("I2C 1 0x76",)``, ``("SPI 0 CE1",)``, ``("/dev/ttyUSB0",)``."""
        settings = self.of.settings
        live = [one for one in self.kind.settings if settings.get(one.key) is not None and counts(one, settings)]
        on_bus = {wire.to for wire in self.wires}
        told = []
        for one in live:
            value = settings[one.key]
            if one.kind == "i2c_address" and "SDA" in on_bus:
                told.append(f"I2C {_bus(settings, 1)} 0x{value:02x}")
            elif one.key in ("chip", "chip_select", "ce") and "SCLK" in on_bus:
                told.append(f"SPI {_bus(settings, 0)} CE{value}")
            elif one.kind in _PORTS:
                told.append(str(value))
        return tuple(told)


def _unused(wire: Wire, settings: Mapping[str, Any]) -> bool:
    """A pin or input that is not named, or a terminal of something that is not there (``blue E`` without ``blue``)."""
    if wire.to in ("pin", "AIN") and settings.get(wire.setting) is None:
        return True
    of = wire.terminal.partition(" ")[0]
    return of in settings and settings[of] is None


def _together(things: Iterable[_Thing]) -> Iterator[list[_Thing]]:
    """What is one device: a thing by itself, or all that one converter reads."""
    groups: dict[tuple[str, ...], list[_Thing]] = {}
    for thing in things:
        key = (thing.converter, *thing.place) if thing.converter and thing.place else thing.name
        groups.setdefault(key, []).append(thing)
    yield from groups.values()


def _device(group: Sequence[_Thing], catalogue: Catalogue, known: Mapping[str, PartEntry]) -> Device:
    first = group[0]
    parts = _parts(group, known)
    entries = {part.id: known[part.id] for part in parts if part.id in known}
    joins = [*_joins([wire for wire in first.wires if first.of_converter(wire)], first, entries, known)]
    for thing in group:
        own = [wire for wire in thing.wires if not thing.of_converter(wire)]
        prefix = f"{thing.of.id} " if len(group) > 1 else ""
        for join in _joins(own, thing, entries, known):
            joins.append(replace(join, terminal=f"{prefix}{join.terminal}"))
    kind = catalogue.sensors.get(first.converter, first.kind) if len(group) > 1 else first.kind
    names = tuple(thing.name for thing in group)
    return Device(names, kind, first.of.settings, parts, entries, tuple(joins), first.place)


def _parts(group: Sequence[_Thing], known: Mapping[str, PartEntry]) -> tuple[Part, ...]:
    """What is to be bought: of a chip that several share, and of the board it sits on, one."""
    total: dict[str, Part] = {}
    for thing in group:
        for part in thing.parts:
            before = total.get(part.id)
            shared = part.id == thing.converter or (part.id in known and known[part.id].group == "wiring")
            if before is None:
                total[part.id] = part
            elif not shared:
                total[part.id] = replace(before, count=before.count + part.count)
    return tuple(total.values())


def _joins(
    wires: Sequence[Wire], thing: _Thing, own: Mapping[str, PartEntry], known: Mapping[str, PartEntry]
) -> Iterator[Join]:
    settings = thing.of.settings
    ports = tuple(str(settings[one.key]) for one in thing.kind.settings if one.kind in _PORTS and settings.get(one.key))
    fed_24v = any(wire.to == "24V" for wire in wires)
    between = [entry for entry in own.values() if entry.electrical.acts_as in PROTECTS]
    pull_up = next((entry for entry in own.values() if entry.electrical.acts_as == "pull_up"), None)
    legs = {wire.terminal: known.get(wire.through) for wire in wires if wire.to == "GND" and wire.through}
    upper: set[str] = set()
    for wire in (wire for wire in wires if wire.to != "24V"):
        goal = goal_of(wire, settings, ports)
        volts = _volts(wire, goal, own.values(), fed_24v=fed_24v)
        through = known.get(wire.through)
        too_much = bool(goal.bcm is not None and volts > PIN_VOLTS)
        if too_much and through is None:
            through = next(iter(between), None)
        divided = _divided(volts, through, legs.get(wire.terminal)) if goal.bcm is not None else None
        if divided is not None:
            upper.add(wire.terminal)
        safe = _brings_down(through) or (divided is not None and divided <= DIVIDED_VOLTS)
        pulled, pull_up = (pull_up, None) if goal.function == "signal" else (None, pull_up)
        leg = wire.to == "GND" and bool(wire.through) and wire.terminal in upper
        yield Join(wire.terminal, goal, wire.note, through, pulled, volts, too_much and not safe, leg)


def _brings_down(through: PartEntry | None) -> bool:
    return through is not None and through.electrical.acts_as in PROTECTS


def _divided(volts: float, upper: PartEntry | None, lower: PartEntry | None) -> float | None:
    """What two resistors leave of a voltage; None where they are no divider."""
    if upper is None or lower is None or not upper.electrical.ohm or not lower.electrical.ohm:
        return None
    return volts * lower.electrical.ohm / (upper.electrical.ohm + lower.electrical.ohm)


def _volts(wire: Wire, goal: Goal, entries: Iterable[PartEntry], *, fed_24v: bool) -> float:
    """The highest voltage a signal wire may carry to the Pi."""
    if goal.bcm is None:
        return 0.0
    entries = tuple(entries)
    if fed_24v and not any(entry.electrical.acts_as in SEPARATES for entry in entries):
        return 24.0
    return max((entry.electrical.volts(wire.terminal) for entry in entries), default=PIN_VOLTS)


def goal_of(wire: Wire, settings: Mapping[str, Any], ports: tuple[str, ...] = ()) -> Goal:
    """Where a wire ends with these settings, whatever it carries; one of 24 V ends nowhere of the Pi's."""
    if wire.to in SUPPLY_PINS:
        return Goal(wire.to, wire.to, SUPPLY_PINS[wire.to])  # type: ignore[arg-type]
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
        bcm = I2C_PINS.get(_bus(settings, 1), {}).get(wire.to)
    elif wire.to in _SPI_LINES:
        function = "SPI"
        line = f"CE{settings.get(wire.setting, 0)}" if wire.to in ("CE0", "CE1") and wire.setting else wire.to
        bcm = SPI_PINS.get(_bus(settings, 0), {}).get(line)
    elif wire.to in UART_PINS:
        function = "UART"
        bcm = UART_PINS[wire.to]
    if not isinstance(bcm, int) or bcm not in HEADER_PIN:
        said = Words(f"{wire.to}(ヘッダーにない)", f"{wire.to}, not on the header")
        return Goal(f"{wire.to} {settings.get('bus', '')}".strip(), function, said=said)
    return Goal(f"GPIO{bcm}", function, (HEADER_PIN[bcm],), bcm)


def _bus(settings: Mapping[str, Any], usual: int) -> int:
    bus = settings.get("bus")
    return bus if isinstance(bus, int) else usual
