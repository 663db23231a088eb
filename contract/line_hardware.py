"""Whole-line checks of what is wired to each agent: a pin, port or address can be used once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contract.catalogue import SensorType, counts
from contract.header import HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS, UART_PORTS
from contract.line_parts import Part
from contract.line_places import Path
from contract.line_report import Report, hint
from contract.line_tables import Draft
from contract.words import Words

_SHARED_BY = {"channel", "unit", "unit_id", "slave"}
"""Settings that tell several sensors of one type on one chip or port apart."""

_CHIPS = {"chip", "chip_select", "ce"}
"""Settings that name a chip on an SPI bus."""

_PROBE = "probe"
"""The setting that tells apart those that hang on one pin."""

_LINE = ("baud", "parity", "stop")
"""What must be the same for all devices on one serial line."""

Holder = tuple[Path, Words]
"""Who uses a pin, and as what."""


@dataclass(frozen=True, slots=True)
class Use:
    """A port, address or chip that a part needs for itself."""

    part: Part
    key: str
    what: Words
    name: str
    bus: int = 0

    @property
    def place(self) -> tuple[str, str, int]:
        """What is the same for all that want the same; the header's one port has several names."""
        return self.what.en, UART_PORTS[0] if self.name in UART_PORTS else self.name, self.bus


def check_hardware(line: Draft, report: Report) -> None:
    """Tell what is wired twice, and stations that nobody reads."""
    wired: dict[str, list[Part]] = {}
    for station in line.drafts("stations"):
        parts = [part for part in parts_of(station) if not is_external(part)]
        agent = station.get("agent")
        if agent:
            wired.setdefault(agent, []).extend(parts)
        elif parts and "agent" not in station.written:
            _nobody(station, parts[0], report)
    for parts in wired.values():
        _check_pins(parts, report)
        _check_uses(parts, report)


def parts_of(station: Draft) -> list[Part]:
    """The sensors and outputs of a station."""
    return [part for key in ("sensors", "outputs") for part in station.drafts(key) if isinstance(part, Part)]


def is_external(part: Part) -> bool:
    """Whether no agent opens it."""
    return isinstance(part.type, SensorType) and part.type.style == "external"


def _nobody(station: Draft, part: Part, report: Report) -> None:
    ja = f'"agent" がありません。{part.path[-1]} を読む Raspberry Pi が要ります。'
    en = f'"agent" is missing: a Pi must open "{part.path[-1]}".'
    report.tell(station.path, Words(ja, en), hint('agent = "pi-1" のように書きます。', 'write it like agent = "pi-1"'))


def _check_pins(parts: list[Part], report: Report) -> None:
    taken: dict[int, Holder] = {}
    for part in parts:
        for number, use in _bus_pins(part):
            taken.setdefault(number, use)
    for part in parts:
        for setting in part.type.settings if part.type else ():
            number = part.get(setting.key)
            if setting.kind != "pin" or type(number) is not int:
                continue
            path = part.at(setting.key)
            if number in taken:
                _pin_taken(path, number, taken[number], report)
            else:
                taken[number] = (path, Words("", ""))


def _pin_taken(path: Path, number: int, use: Holder, report: Report) -> None:
    other, role = use
    place = report.place(other)
    report.tell(
        path,
        Words(
            f"GPIO{number} は {place.ja} が{role.ja}もう使っています。",
            f"GPIO{number} is already used by {place.en}{role.en}.",
        ),
        hint(f"GPIO{number} はヘッダーの {HEADER_PIN[number]} 番ピンです。別のピンにします。",
             f"GPIO{number} is header pin {HEADER_PIN[number]}. Choose another one."),
    )  # fmt: skip


def _bus_pins(part: Part) -> Iterator[tuple[int, Holder]]:
    """The pins a bus sensor needs."""
    lines = {wire.to for wire in part.type.terminals if counts(wire, part.settings)} if part.type else set()
    buses = []
    if lines & {"SDA", "SCL"}:
        buses.append(("I2C", I2C_PINS.get(_bus(part, 1), {})))
    if lines & {"MOSI", "MISO", "SCLK", "CE0", "CE1"}:
        buses.append(("SPI", SPI_PINS.get(_bus(part, 0), {})))
    if any(port in UART_PORTS for port in _ports(part)):
        buses.append(("UART", UART_PINS))
    for bus, pins in buses:
        for name, number in pins.items():
            yield number, (part.path, Words(f" {bus} の {name} として", f" as {name} of {bus}"))
    for key in _settings(part, "shared_pin"):
        yield part.get(key), (part.at(key), Words("", ""))


def _bus(part: Part, usual: int) -> int:
    bus = part.get("bus")
    return bus if isinstance(bus, int) else usual


def _setting(part: Part, kind: str) -> Iterator[object]:
    for setting in part.type.settings if part.type else ():
        if setting.kind == kind and part.get(setting.key) is not None:
            yield part.get(setting.key)


def _ports(part: Part) -> list[str]:
    return [str(part.get(key)) for kind in ("port", "shared_port") for key in _settings(part, kind)]


def _settings(part: Part, kind: str) -> list[str]:
    """The keys of the settings of that kind that have a value."""
    settings = part.type.settings if part.type else ()
    return [
        setting.key
        for setting in settings
        if setting.kind == kind and part.get(setting.key) is not None and counts(setting, part.settings)
    ]


def _uses(part: Part) -> Iterator[Use]:
    """What of a part nobody else on its agent can have: its ports, addresses and chips."""
    for key in (*_settings(part, "port"), *_settings(part, "shared_port")):
        yield Use(part, key, Words("シリアルポート", "serial port"), part.get(key))
    for key in _settings(part, "i2c_address"):
        at = part.get(key)
        yield Use(part, key, Words("I2C アドレス", "I2C address"), f"0x{at:02x}", _bus(part, 1))
    for key in _chips(part):
        yield Use(part, key, Words("SPI のチップ", "SPI chip"), str(part.get(key)), _bus(part, 0))
    if _settings(part, "shared_pin") and part.get(_PROBE) is not None:
        yield Use(part, _PROBE, Words("プローブ", "probe"), str(part.get(_PROBE)))


def _chips(part: Part) -> list[str]:
    settings = part.type.settings if part.type else ()
    return [s.key for s in settings if s.key in _CHIPS and s.key in part.settings and counts(s, part.settings)]


def _check_uses(parts: list[Part], report: Report) -> None:
    taken: dict[tuple[str, str, int], list[Use]] = {}
    for use in (use for part in parts for use in _uses(part)):
        others = taken.setdefault(use.place, [])
        other = next((other for other in others if other.name != use.name or not _share(use.part, other.part)), None)
        if other:
            place = report.place(other.part.path)
            ja = f"{use.what.ja} {use.name} は {place.ja} がもう使っています。"
            en = f"{use.what.en} {use.name} is already used by {place.en}."
            tip = _one_line(use.part, other.part) if other.name == use.name else _one_port(use.name, other.name)
            report.tell(use.part.at(use.key), Words(ja, en), tip)
        others.append(use)


def _share(part: Part, other: Part) -> bool:
    """Whether two sensors are different channels of one chip, or different devices on one line."""
    if _chip_type(part) != _chip_type(other):
        return False
    mine, theirs = ({one.get(key) for key in _settings(one, "channel")} for one in (part, other))
    if mine and theirs:
        return not mine & theirs
    if _settings(part, "shared_port"):
        return all(part.get(key) == other.get(key) for key in _LINE)
    return any(part.get(key) != other.get(key) for key in _SHARED_BY & part.settings.keys())


def _one_port(name: str, other: str) -> Words:
    return hint(
        f"{name} と {other} は、ヘッダーの同じ1つのシリアルポートです。",
        f"{name} and {other} are the header's one serial port.",
    )


def _one_line(part: Part, other: Part) -> Words | None:
    if not _settings(part, "shared_port") or _chip_type(part) != _chip_type(other):
        return None
    return hint(
        f"同じ線につないだ機器は {', '.join(_LINE)} を同じにします。",
        f"devices on one line have the same {', '.join(_LINE)}.",
    )


def _chip_type(part: Part) -> str:
    """What sits at a part's address: the analogue converter it is read through, or itself."""
    return str(part.get("converter") or (part.type.type if part.type else ""))
