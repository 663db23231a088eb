"""From the line to what is wired to each Pi: which sensors share a chip, what is bought for them, what they join.

for pi in wirings(line, catalogue, parts):
print(pi.agent, [device.name for device in pi.devices])
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from contract.catalogue import Catalogue, OutputType, Part, SensorType, Wire, counts
from contract.line import Line, Output, Sensor, Station
from hardware.parts import PartEntry
from hardware.wiring import Device, PiWiring
from hardware.wiring_joins import bus_of, joins_of

_PORTS = ("port", "shared_port")


def wirings(line: Line, catalogue: Catalogue, parts: Mapping[str, PartEntry]) -> tuple[PiWiring, ...]:
    """One for each agent of the line, in the order of the file."""
    return tuple(_wiring(line, agent, catalogue, parts) for agent in line.agents)


def _wiring(line: Line, agent: str, catalogue: Catalogue, parts: Mapping[str, PartEntry]) -> PiWiring:
    stations = line.stations_of(agent)
    things = [thing for station in stations for thing in _things(station, catalogue)]
    devices = tuple(_device(group, catalogue, parts) for group in _together(things))
    return PiWiring(agent, stations, _one_pull_up_a_pin(devices))


def _one_pull_up_a_pin(devices: Sequence[Device]) -> tuple[Device, ...]:
    """Devices that share a pin (probes of a 1-Wire bus) need one resistor between them: the first keeps it."""
    pulled: set[int] = set()
    found = []
    for device in devices:
        again = [join for join in device.joins if join.pull_up is not None and join.goal.bcm in pulled]
        pulled |= {join.goal.bcm for join in device.joins if join.pull_up is not None and join.goal.bcm is not None}
        for join in again:
            spared = join.pull_up.id if join.pull_up else ""
            joins = tuple(replace(one, pull_up=None) if one is join else one for one in device.joins)
            device = replace(device, joins=joins, parts=tuple(part for part in device.parts if part.id != spared))
        found.append(device)
    return tuple(found)


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
    def ports(self) -> tuple[str, ...]:
        """The serial ports it names."""
        settings = self.of.settings
        return tuple(
            str(settings[one.key]) for one in self.kind.settings if one.kind in _PORTS and settings.get(one.key)
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
                told.append(f"I2C {bus_of(settings, 1)} 0x{value:02x}")
            elif one.key in ("chip", "chip_select", "ce") and "SCLK" in on_bus:
                told.append(f"SPI {bus_of(settings, 0)} CE{value}")
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
    joins = [*joins_of([wire for wire in first.wires if first.of_converter(wire)], first.of.settings, first.ports,
                       entries, known)]  # fmt: skip
    for thing in group:
        own = [wire for wire in thing.wires if not thing.of_converter(wire)]
        prefix = f"{thing.of.id} " if len(group) > 1 else ""
        for join in joins_of(own, thing.of.settings, thing.ports, entries, known):
            joins.append(replace(join, terminal=f"{prefix}{join.terminal}"))
    kind = catalogue.sensors.get(first.converter, first.kind) if len(group) > 1 else first.kind
    names = tuple(thing.name for thing in group)
    called = "、".join(thing.of.name for thing in group if thing.of.name)
    return Device(names, kind, first.of.settings, parts, entries, tuple(joins), first.place, called)


def _parts(group: Sequence[_Thing], known: Mapping[str, PartEntry]) -> tuple[Part, ...]:
    """What is to be bought: of a chip that several share, and of the board it sits on, one."""
    total: dict[str, Part] = {}
    for thing in group:
        for part in _summed(thing.parts):
            before = total.get(part.id)
            shared = part.id == thing.converter or (part.id in known and known[part.id].group == "wiring")
            if before is None:
                total[part.id] = part
            elif not shared:
                total[part.id] = replace(before, count=before.count + part.count)
    return tuple(total.values())


def _summed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """One thing's parts, each once: four wires, and one more for the strap of its address."""
    total: dict[str, Part] = {}
    for part in parts:
        before = total.get(part.id)
        total[part.id] = part if before is None else replace(before, count=before.count + part.count)
    return tuple(total.values())
