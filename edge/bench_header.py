"""The 40-pin header as a page draws it, and where on it the wires of a part end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from contract.catalogue import Setting, Wire, counts
from contract.header import BCM, HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS, UART_PORTS

SUPPLIES: Final = {1: "3V3", 2: "5V", 4: "5V", 17: "3V3"} | dict.fromkeys((6, 9, 14, 20, 25, 30, 34, 39), "GND")
"""Header pins that are no GPIO."""

GPIOS: Final = tuple(sorted(HEADER_PIN))
"""Every BCM number of the header."""

PINS: Final = tuple(
    {"pin": pin, "name": SUPPLIES.get(pin) or f"GPIO{BCM[pin]}", "bcm": BCM.get(pin)} for pin in range(1, 41)
)


def wires(terminals: Sequence[Wire], settings: Mapping[str, Any], kinds: Sequence[Setting]) -> Iterator[dict[str, Any]]:
    """Each wire: its terminal, where it goes, its BCM number and header pin (None: a supply, USB …), a note."""
    ports = [settings.get(setting.key) for setting in kinds if setting.kind == "port"]
    for wire in terminals:
        if not counts(wire, settings) or (wire.to == "pin" and settings.get(wire.setting) is None):
            continue
        bcm = _bcm(wire, settings, any(port in UART_PORTS for port in ports))
        to = f"GPIO{bcm}" if bcm is not None else wire.to
        note = {"ja": wire.note.ja, "en": wire.note.en} if wire.note else None
        pin = HEADER_PIN[bcm] if bcm is not None else None
        yield {"terminal": wire.terminal, "to": to, "as": wire.to, "bcm": bcm, "pin": pin, "note": note}


def _bcm(wire: Wire, settings: Mapping[str, Any], on_header: bool) -> int | None:
    """The GPIO a wire goes to; None for one that goes to none."""
    to = str(wire.to)
    if to == "pin":
        return int(settings[wire.setting])
    bus = settings.get("bus")
    if to in ("SDA", "SCL"):
        return I2C_PINS.get(1 if bus is None else bus, {}).get(to)
    if to in ("CE0", "CE1") and wire.setting:
        to = f"CE{settings.get(wire.setting, 0)}"
    if to in SPI_PINS[0]:
        return SPI_PINS.get(0 if bus is None else bus, {}).get(to)
    return UART_PINS.get(to) if on_header else None
