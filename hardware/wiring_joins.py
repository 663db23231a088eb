"""Where each wire of a device ends, what sits in it, and whether that is safe for a pin."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contract.catalogue import Wire
from contract.header import HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS, UART_PORTS
from contract.words import Words
from hardware.parts import PROTECTS, SEPARATES, PartEntry
from hardware.wiring import DIVIDED_VOLTS, PIN_VOLTS, SUPPLY_PINS, Function, Goal, Join

_SPI_LINES = ("MOSI", "MISO", "SCLK", "CE0", "CE1")


def joins_of(
    wires: Sequence[Wire],
    settings: Mapping[str, Any],
    ports: tuple[str, ...],
    own: Mapping[str, PartEntry],
    known: Mapping[str, PartEntry],
) -> Iterator[Join]:
    """The joins of some wires of a device; ``own`` are its parts, ``known`` all parts, by id."""
    fed_24v = any(wire.to == "24V" for wire in wires)
    between = [entry for entry in own.values() if entry.electrical.acts_as in PROTECTS]
    pull_up = next((entry for entry in own.values() if entry.electrical.acts_as == "pull_up"), None)
    upper: set[str] = set()
    for place, wire in enumerate(wires):
        if wire.to == "24V":
            continue
        goal = goal_of(wire, settings, ports)
        volts = _volts(wire, goal, own.values(), fed_24v=fed_24v)
        through = known.get(wire.through)
        too_much = bool(goal.bcm is not None and volts > PIN_VOLTS)
        if too_much and through is None:
            through = next(iter(between), None)
        lower = [known.get(leg.through) for leg in wires[place + 1 :] if _is_leg_of(wire, leg)]
        divided = _divided(volts, through, lower) if goal.bcm is not None else None
        if divided is not None:
            upper.add(wire.terminal)
        safe = _brings_down(through) or (divided is not None and divided <= DIVIDED_VOLTS)
        pulled, pull_up = (pull_up, None) if goal.function == "signal" else (None, pull_up)
        leg = wire.to == "GND" and bool(wire.through) and wire.terminal in upper
        yield Join(wire.terminal, goal, wire.note, through, pulled, volts, too_much and not safe, leg)


def _is_leg_of(upper: Wire, wire: Wire) -> bool:
    """Whether a wire is the lower half of a divider; it stands behind the upper one, which it meets at the pin."""
    return wire.terminal == upper.terminal and wire.to == "GND" and bool(wire.through)


def _brings_down(through: PartEntry | None) -> bool:
    return through is not None and through.electrical.acts_as in PROTECTS


def _divided(volts: float, upper: PartEntry | None, lower: Sequence[PartEntry | None]) -> float | None:
    """What two resistors leave of a voltage, the most where several are below; None where they are no divider."""
    ohms = [0.0 if entry is None else entry.electrical.ohm for entry in lower]
    if upper is None or not upper.electrical.ohm or not ohms or not all(ohms):
        return None
    return volts * max(ohms) / (upper.electrical.ohm + max(ohms))


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
    if wire.to == "across":
        return Goal("across", "inside", said=Words("端子どうしの間", "between the terminals"))
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
        bcm = I2C_PINS.get(bus_of(settings, 1), {}).get(wire.to)
    elif wire.to in _SPI_LINES:
        function = "SPI"
        line = f"CE{settings.get(wire.setting, 0)}" if wire.to in ("CE0", "CE1") and wire.setting else wire.to
        bcm = SPI_PINS.get(bus_of(settings, 0), {}).get(line)
    elif wire.to in UART_PINS:
        function = "UART"
        bcm = UART_PINS[wire.to]
    if not isinstance(bcm, int) or bcm not in HEADER_PIN:
        said = Words(f"{wire.to}(ヘッダーにない)", f"{wire.to}, not on the header")
        return Goal(f"{wire.to} {settings.get('bus', '')}".strip(), function, said=said)
    return Goal(f"GPIO{bcm}", function, (HEADER_PIN[bcm],), bcm)


def bus_of(settings: Mapping[str, Any], usual: int) -> int:
    """The number of the bus its settings name, else the usual one."""
    bus = settings.get("bus")
    return bus if isinstance(bus, int) else usual
