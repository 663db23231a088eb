"""What is wired to a Pi: devices, their terminals, and where every wire ends. Plain data.

    for device, join in pi.joins:
        print(device.name, join.terminal, "->", join.goal.net)

A wire ends at a pin of the header, at a socket (USB, LAN), or inside its device; those of 24 V belong to the machine.
One that would bring more than 3.3 V to a pin ends nowhere (``refused``): nobody shall draw it. `hardware.wiring_line`
makes it from the line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from contract.catalogue import OutputType, Part, SensorType, counts
from contract.line import Station
from contract.words import Words
from hardware.parts import Electrical, MachineSide, PartEntry

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
"""What a divider may leave: a tenth more than an input is made for, because resistors are sold as they come."""


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

    ``things`` are their stations and ids, ``place`` is its bus address, chip or port (empty where it has none),
    ``called`` the names that people gave them (empty where nobody did).
    """

    things: tuple[tuple[str, str], ...]
    kind: SensorType | OutputType
    settings: Mapping[str, Any]
    parts: tuple[Part, ...]
    known: Mapping[str, PartEntry]
    joins: tuple[Join, ...]
    place: tuple[str, ...] = ()
    called: str = ""

    @property
    def station(self) -> str:
        """The station it is counted to."""
        return self.things[0][0]

    @property
    def name(self) -> str:
        """``washer/done``; of several sensors on one chip all of them."""
        return ", ".join(f"{station}/{id}" for station, id in self.things)

    @property
    def shown(self) -> str:
        """The same with what people call it: ``cold/air (庫内の温度)``."""
        return f"{self.name} ({self.called})" if self.called else self.name

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
