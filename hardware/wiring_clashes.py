"""What two devices of one Pi cannot both have: an address, a chip select, a port, a pin, or a pin a bus needs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from contract.header import HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS, UART_PORTS
from contract.words import Words
from hardware.wiring import Device, Function, Join, PiWiring
from hardware.wiring_doubt import Doubt

EEPROM = (0, 1)
"""Pins of the bus on which add-on boards say what they are."""


def clashes(wiring: PiWiring) -> Iterator[Doubt]:
    """Every one of them."""
    yield from _twice(wiring.devices)
    yield from _pin_twice(wiring)
    yield from _reserved(wiring)


def _twice(devices: Sequence[Device]) -> Iterator[Doubt]:
    """Addresses, chips and ports that several devices name; several of one kind on one line are meant."""
    holders: dict[str, list[tuple[str, Device]]] = defaultdict(list)
    for device in devices:
        for place in device.place:
            holders[UART_PORTS[0] if place in UART_PORTS else place].append((place, device))
    for several in holders.values():
        places = list(dict.fromkeys(place for place, _ in several))
        if len(several) > 1 and (len(places) > 1 or not _share_a_line([device for _, device in several])):
            yield _clash(" = ".join(places), [device.name for _, device in several])


def _share_a_line(several: Sequence[Device]) -> bool:
    """Different units on one field bus, or channels of one converter that sensors of several kinds use."""
    told_apart = ("unit", "unit_id", "slave", "channel")
    of = [next((device.settings[key] for key in told_apart if key in device.settings), None) for device in several]
    return None not in of and len(set(of)) == len(of)


def _clash(place: str, names: Sequence[str]) -> Doubt:
    kind, what = {
        "I2C": ("address_clash", Words("同じ I2C アドレス", "the same I2C address")),
        "SPI": ("chip_clash", Words("同じチップセレクト", "the same chip select")),
    }.get(place.split()[0], ("port_twice", Words("同じシリアルポート", "the same serial port")))
    return Doubt(
        "danger",
        kind,
        names[-1],
        Words(
            f"{what.ja}({place})を {'・'.join(names)} が使っています。", f"{', '.join(names)} use {what.en} ({place})."
        ),
        Words(
            "アドレスの切り替え(ジャンパー)か、別のバス・ポートにします。",
            "Change the address (jumper), or take another bus or port.",
        ),
    )


def _pin_twice(wiring: PiWiring) -> Iterator[Doubt]:
    """A signal on a pin that something else has too; several probes on one wire are meant."""
    holders: dict[int, list[tuple[Device, Join]]] = defaultdict(list)
    for device, join in wiring.joins:
        if join.goal.bcm is not None:
            holders[join.goal.bcm].append((device, join))
    for bcm, several in holders.items():
        signals = [device for device, join in several if join.goal.function == "signal"]
        meant = all(any(one.kind == "shared_pin" for one in device.kind.settings) for device in signals)
        if signals and len(several) > 1 and not (meant and len(signals) == len(several)):
            names = "・".join(dict.fromkeys(device.name for device, _ in several))
            yield Doubt(
                "danger",
                "pin_twice",
                signals[-1].name,
                Words(f"GPIO{bcm}(ヘッダー {HEADER_PIN[bcm]} 番)に {names} の線が集まっています。",
                      f"GPIO{bcm} (header pin {HEADER_PIN[bcm]}) has wires of {names}."),
                Words("別のピンにします。", "Take another pin."),
            )  # fmt: skip


def _reserved(wiring: PiWiring) -> Iterator[Doubt]:
    """Signals on pins that a bus has, or will have as soon as somebody switches it on."""
    in_use: set[Function] = {join.goal.function for _, join in wiring.joins if join.goal.bcm is not None}
    buses: list[tuple[str, set[int], bool]] = [
        ("I2C", set(I2C_PINS[1].values()), bool({"SDA", "SCL"} & in_use)),
        ("SPI", set(SPI_PINS[0].values()), "SPI" in in_use),
        ("UART", set(UART_PINS.values()), "UART" in in_use),
    ]
    for device, join in wiring.joins:
        bcm = join.goal.bcm
        if bcm is None or join.goal.function != "signal":
            continue
        if bcm in EEPROM:
            yield _on_reserved(
                device, bcm, Words("拡張基板の識別(ID EEPROM)", "the ID EEPROM of add-on boards"), in_use=False
            )
        for name, pins, used in buses:
            if bcm in pins and (used or name == "UART"):
                yield _on_reserved(device, bcm, Words(name, name), in_use=used)


def _on_reserved(device: Device, bcm: int, bus: Words, *, in_use: bool) -> Doubt:
    pin = HEADER_PIN[bcm]
    if in_use:
        what = Words(f"GPIO{bcm}(ヘッダー {pin} 番)は、このPiで使う {bus.ja} の線です。",
                     f"GPIO{bcm} (header pin {pin}) is a line of {bus.en}, which this Pi uses.")  # fmt: skip
        return Doubt("danger", "reserved_pin", device.name, what, Words("別のピンにします。", "Take another pin."))
    what = Words(f"GPIO{bcm}(ヘッダー {pin} 番)は {bus.ja} 用で、起動時に信号が出ます。",
                 f"GPIO{bcm} (header pin {pin}) is for {bus.en} and carries signals at the start.")  # fmt: skip
    return Doubt(
        "check",
        "reserved_pin",
        device.name,
        what,
        Words("空いていれば別のピンにします。", "Take another pin if one is free."),
    )
