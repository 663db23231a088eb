"""What is dangerous or doubtful in the wiring of one Pi, said before anybody switches the power on.

    for doubt in doubts(wiring):
        print(doubt.level, doubt.device, doubt.what, doubt.todo)

`contract.line.load` refuses a pin, an address or a port used twice; it is looked at here again, because a line may come
another way, and because several more things burn a Pi or make it count what is not there.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header" (3.3 V; fixed pull-ups on GPIO 2 and 3); BCM2835 ARM
Peripherals, 6.2 (GPIO 0 to 8 are pulled up at start, 9 to 27 down). Currents: `hardware.wiring_currents`.
"""

from collections.abc import Iterator

from contract.words import Words
from hardware.wiring import Device, Join, PiWiring
from hardware.wiring_clashes import clashes
from hardware.wiring_currents import currents
from hardware.wiring_doubt import Doubt

PULLED_UP_AT_START = range(9)
FIXED_PULL_UP = (2, 3)


def doubts(wiring: PiWiring) -> tuple[Doubt, ...]:
    """All of them, dangers first."""
    found = [
        *(doubt for device in wiring.devices for doubt in _of_device(device)),
        *clashes(wiring),
        *currents(wiring),
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
    elif settings.get("pull") == "down" and _to_ground_alone(device):
        yield Doubt(
            "check",
            "never_on",
            device.name,
            Words(f"GPIO{bcm} は pull = \"down\" なのに、接点のもう片側が GND です。押しても変わりません。",
                  f'GPIO{bcm} has pull = "down" and the contact\'s other side is at GND: it never changes.'),
            Words("pull = \"up\" と書きます(接点が開くとオン)。閉じるとオンにしたいなら active = \"low\" です。",
                  'Write pull = "up" (on while the contact is open). If it should be on while closed: active = "low".'),
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


def _to_ground_alone(device: Device) -> bool:
    nets = {join.goal.net for join in device.joins}
    return "GND" in nets and not nets & {"3V3", "5V"} and not any(wire.to == "24V" for wire in device.kind.terminals)


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
