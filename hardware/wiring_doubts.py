"""What is dangerous or doubtful in the wiring of one Pi, said before anybody switches the power on.

    for doubt in doubts(wiring):
        print(doubt.mark, doubt.device, doubt.what, doubt.todo)

`contract.line.load` refuses a pin, an address or a port used twice; it is looked at here again, because a line may come
another way, and because several more things burn a Pi or make it count what is not there.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header" (3.3 V, 16 mA a pin, pulls at start), "Power supply"
(Pi 4: 3 A, of which 0.6 A for the board and 1.2 A for USB); BCM2835 ARM Peripherals, 6.2 (GPIO 0 to 8 are pulled up at
start, 9 to 27 down); pinout.xyz, "3v3 Power" (500 mA since the Model B+) and "Ground".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from contract.header import HEADER_PIN, I2C_PINS, SPI_PINS, UART_PINS
from contract.words import Words
from hardware.wiring import Device, Function, Join, PiWiring

Level = Literal["danger", "check"]
LEVELS: Mapping[Level, Words] = {
    "danger": Words("危険: つながないでください", "danger: do not connect"),
    "check": Words("確認してください", "please check"),
}

PIN_MA, PINS_MA = 16.0, 50.0
"""From one pin, and from all of them together."""
RAIL_MA: Mapping[str, float] = {"3V3": 500.0, "5V": 1200.0}
"""What devices may draw from the header's supplies; 5V: of a 3 A supply less the board and USB."""
PULLED_UP_AT_START = range(9)
FIXED_PULL_UP = (2, 3)
EEPROM = (0, 1)


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding. ``device`` is what it is about (empty: the Pi as a whole)."""

    level: Level
    code: str
    device: str
    what: Words
    todo: Words


def doubts(wiring: PiWiring) -> tuple[Doubt, ...]:
    """All of them, dangers first."""
    found = [
        *(doubt for device in wiring.devices for doubt in _of_device(device)),
        *_twice(wiring.devices),
        *_reserved(wiring),
        *_currents(wiring),
    ]
    return tuple(sorted(found, key=lambda doubt: doubt.level != "danger"))


def _of_device(device: Device) -> Iterator[Doubt]:
    for join in device.joins:
        if join.refused:
            yield _too_much(device, join)
        elif join.goal.bcm is not None:
            yield from _of_pin(device, join, join.goal.bcm)
    yield from _unknown_voltage(device)
    yield from _relay(device)


def _too_much(device: Device, join: Join) -> Doubt:
    said = Words(
        f"端子 {join.terminal} は最大 {join.volts:g} V を出します。GPIO{join.goal.bcm} は 3.3 V までで、壊れます。",
        f"{join.terminal} gives up to {join.volts:g} V; GPIO{join.goal.bcm} bears 3.3 V and would be destroyed.",
    )
    if join.volts > 5:
        todo = Words("フォトカプラーで絶縁します。", "Put a photo-coupler between.")
    else:
        todo = Words(
            "分圧抵抗(1 kΩ と 2 kΩ)かレベル変換を入れます。", "Put a divider (1 and 2 kohm) or a level shifter between."
        )
    return Doubt("danger", "over_voltage", device.name, said, todo)


def _of_pin(device: Device, join: Join, bcm: int) -> Iterator[Doubt]:
    if join.goal.function != "signal":
        return
    settings = device.settings
    if device.is_output:
        yield from _at_start(device, bcm)
    elif settings.get("pull") == "none" and not _held(device, join):
        yield Doubt(
            "check",
            "floating",
            device.name,
            Words(f"GPIO{bcm} は pull = \"none\" で、浮いた入力になります(触るだけで数えます)。",
                  f'GPIO{bcm} has pull = "none" and floats: it counts when somebody walks past.'),
            Words("pull を消すか、10 kΩ で 3V3(active = \"low\")につなぎます。",
                  'Leave pull out, or tie it to 3V3 with 10 kohm (for active = "low").'),
        )  # fmt: skip
    if bcm in FIXED_PULL_UP and settings.get("pull") in ("down", "none"):
        yield Doubt(
            "check",
            "fixed_pull_up",
            device.name,
            Words(f"GPIO{bcm} には基板上の 1.8 kΩ のプルアップがあり、pull = \"{settings['pull']}\" は効きません。",
                  f"GPIO{bcm} has 1.8 kohm to 3V3 on the board; pull = \"{settings['pull']}\" does nothing."),
            Words("別のピンにします。", "Take another pin."),
        )  # fmt: skip


def _held(device: Device, join: Join) -> bool:
    return join.pull_up is not None or any(electrical.pulled_up for _, electrical, _ in device.electrical)


def _at_start(device: Device, bcm: int) -> Iterator[Doubt]:
    """Between power and program a pin is pulled one way: an output that is on at that level may move by itself."""
    active = device.settings.get("active")
    pulled_up = bcm in PULLED_UP_AT_START
    if active not in ("high", "low") or (active == "high") != pulled_up:
        return
    ends = ("9〜27", "9 to 27") if pulled_up else ("0〜8", "0 to 8")
    yield Doubt(
        "check",
        "on_at_start",
        device.name,
        Words(f"GPIO{bcm} は電源を入れてからプログラムが動くまで「オン」側に引かれ、勝手に入ることがあります。",
              f"Until the program runs GPIO{bcm} is pulled to the side that switches this on: it may move by itself."),
        Words(f"GPIO{ends[0]} を使うか、10 kΩ で「オフ」側に引きます。",
              f"Use one of GPIO{ends[1]}, or tie it to its off side with 10 kohm."),
    )  # fmt: skip


def _unknown_voltage(device: Device) -> Iterator[Doubt]:
    fed = {wire.to for wire in device.kind.terminals} & {"5V", "24V"}
    signals = [join for join in device.joins if join.goal.bcm is not None]
    described = [entry for entry, _, _ in device.electrical if entry.group in ("sensor", "output", "protection")]
    if fed and signals and not described:
        yield Doubt(
            "check",
            "unknown_voltage",
            device.name,
            Words(f"{'・'.join(sorted(fed))} で動く部品ですが、信号の電圧が部品台帳(parts.toml)にありません。",
                  f"It runs on {', '.join(sorted(fed))}, and parts.toml does not say what its signals carry."),
            Words("データシートで信号が 3.3 V 以下と確かめ、data/parts.toml に logic_v を書きます。",
                  "See its data sheet: 3.3 V at most? Then write logic_v into data/parts.toml."),
        )  # fmt: skip


def _relay(device: Device) -> Iterator[Doubt]:
    fed = [join for join in device.joins if join.goal.net in ("3V3", "5V")]
    for entry, electrical, _ in device.electrical:
        if electrical.own_supply and fed:
            yield Doubt(
                "check",
                "no_own_supply",
                device.name,
                Words(f"{entry.title.ja} のコイルを Pi の {fed[0].goal.net} から取っています({electrical.ma:g} mA)。"
                      "切り替えのたびに Pi の電源が揺れます。",
                      f"The coil of the {entry.title.en} is fed from the Pi's {fed[0].goal.net} "
                      f"({electrical.ma:g} mA): its supply dips at each switch."),
                Words("JD-VCC のジャンパーを外して別の 5 V 電源を使います(試しの1台なら、このままでも)。",
                      "Take off the JD-VCC jumper and use another 5 V supply (one alone may stay for a trial)."),
            )  # fmt: skip


def _twice(devices: Sequence[Device]) -> Iterator[Doubt]:
    """Addresses, chips and ports that several devices name; several of one kind on one line are meant."""
    holders: dict[str, list[Device]] = defaultdict(list)
    for device in devices:
        for place in device.place:
            holders[place].append(device)
    for place, several in holders.items():
        if len(several) > 1 and not _share_a_line(several):
            names = [device.name for device in several]
            yield _clash(place, names)


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


def _currents(wiring: PiWiring) -> Iterator[Doubt]:
    rails: Counter[str] = Counter()
    pins = 0.0
    for device in wiring.devices:
        fed = {join.goal.net for join in device.joins} & RAIL_MA.keys()
        for entry, electrical, count in device.electrical:
            for rail in sorted(fed)[:1]:
                rails[rail] += electrical.ma * count  # type: ignore[assignment]
            pins += electrical.pin_ma * count
            if electrical.pin_ma > PIN_MA:
                yield _pin_current(device, entry.title, electrical.pin_ma)
    if pins > PINS_MA:
        yield Doubt(
            "danger",
            "pins_current",
            "",
            Words(f"出力ピンの電流が合わせて {pins:g} mA になります(全部で {PINS_MA:g} mA まで)。",
                  f"All outputs together draw {pins:g} mA from pins; {PINS_MA:g} mA is the most."),
            Words("トランジスターかリレー基板を通します。", "Use transistors or relay boards."),
        )  # fmt: skip
    for rail, ma in rails.items():
        if ma > RAIL_MA[rail]:
            yield _rail_current(rail, ma)


def _pin_current(device: Device, title: Words, ma: float) -> Doubt:
    return Doubt(
        "danger",
        "pin_current",
        device.name,
        Words(
            f"{title.ja} はピンから {ma:g} mA 取ります(1本 {PIN_MA:g} mA まで)。",
            f"The {title.en} draws {ma:g} mA from a pin that may give {PIN_MA:g}.",
        ),
        Words("トランジスターかリレー基板を通します。", "Put a transistor or a relay board between."),
    )


def _rail_current(rail: str, ma: float) -> Doubt:
    limit = RAIL_MA[rail]
    return Doubt(
        "danger",
        "rail_current",
        "",
        Words(
            f"{rail} から合わせて {ma:g} mA 取ります({limit:g} mA まで)。",
            f"{ma:g} mA are drawn from {rail}; {limit:g} mA is the most.",
        ),
        Words(
            "別の電源を用意し、GND だけを Pi とつなぎます。", "Use another supply and join only its GND with the Pi's."
        ),
    )


def by_device(found: Iterable[Doubt]) -> dict[str, list[Doubt]]:
    """Findings by the device they are about."""
    told: dict[str, list[Doubt]] = defaultdict(list)
    for doubt in found:
        told[doubt.device].append(doubt)
    return dict(told)
