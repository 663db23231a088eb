"""What a person ticks off before the power goes on, for one Pi: a page to print, Japanese first."""

from collections.abc import Iterator, Sequence
from html import escape

from contract.words import Words
from hardware.paper import both, page, table
from hardware.pin_table import Row, rows
from hardware.wiring import PiWiring
from hardware.wiring_doubt import LEVELS, Doubt

BEFORE = (
    Words("Pi の電源プラグを抜き、機械の電源も切った", "The Pi is unplugged, and the machine is switched off"),
    Words("配線図と同じ向き(USB 端子が下)で、1番ピンの位置を指で確かめた",
          "Held as in the picture (USB sockets down), pin 1 found with a finger"),
    Words("24 V・5 V・100 V の線が、ヘッダーの信号ピンに 1 本もつながっていない",
          "No wire of 24 V, 5 V or mains goes to a signal pin of the header"),
    Words("テスターで: 3V3 と GND、5V と GND の間が短絡していない(0 Ω でない)",
          "With a meter: no short between 3V3 and GND, nor between 5V and GND"),
    Words("電線の被覆が破れていない。引っ張っても抜けない。モーターの線と離してある",
          "Insulation whole, wires hold when pulled, away from motor cables"),
)  # fmt: skip
MACHINE = (
    Words("機械側の線は、その機械の担当者(電気工事は資格のある人)がつないだ",
          "The machine's side was wired by whoever is in charge of it (mains: qualified only)"),
    Words("Pi の GND と機械の 0 V は、つながっていない(絶縁されている)",
          "The Pi's GND and the machine's 0 V are not joined"),
    Words("非常停止・安全柵・両手操作の回路には、何もつないでいない",
          "Nothing is connected to an emergency stop, a guard or a two-hand control"),
)  # fmt: skip
AFTER = (
    Words("電源を入れた。赤いランプが点き、焦げたにおいも熱い部品もない(あればすぐ抜く)",
          "Power on: the red light is lit, nothing smells or is hot (else unplug at once)"),
    Words("kojo edge を動かし、センサーを 1 つずつ動かして、画面の値が変わった",
          "With kojo edge running each sensor was moved by hand and its value changed"),
)  # fmt: skip


def checklist(wiring: PiWiring, found: Sequence[Doubt], title: Words) -> str:
    """The page."""
    table_rows = rows(wiring)
    body = [
        *_warnings(found),
        *_section(Words("1. 電源を入れる前に", "before the power goes on"), BEFORE),
        f"<h2>2. 線を 1 本ずつ <span class='en'>wire by wire</span></h2>{_wires(table_rows)}",
    ]
    number = 3
    if any(device.machine_side for device in wiring.devices):
        body += _section(Words(f"{number}. 機械側", "the machine's side"), MACHINE)
        number += 1
    switched = tuple(_switched_on(wiring))
    if switched:
        body += _section(Words(f"{number}. Pi の設定", "settings of the Pi"), switched)
        number += 1
    body += _section(Words(f"{number}. 電源を入れたあと", "after that"), AFTER)
    body.append("<p>日付 date ____________ 時刻 time ________ 点検した人 checked by ______________________</p>")
    return page(Words(f"点検表 {title.ja} {wiring.agent}", f"Checklist for {wiring.agent}, {title.en}"), body)


def _warnings(found: Sequence[Doubt]) -> Iterator[str]:
    for number, doubt in enumerate(found, 1):
        head = f"▲{number} {LEVELS[doubt.level].ja}"
        yield (
            f"<div class='{doubt.level}'><b>{escape(head)}</b> <span class='en'>{escape(LEVELS[doubt.level].en)}</span>"
            f"<br>{escape(doubt.device)} {both(doubt.what)}<br>→ {both(doubt.todo)}</div>"
        )


def _section(head: Words, points: Sequence[Words]) -> list[str]:
    items = "".join(f"<li>{both(point)}</li>" for point in points)
    return [f"<h2>{both(head)}</h2><ul class='tick'>{items}</ul>"]


def _wires(told: Sequence[Row]) -> str:
    head = ["✓", "ヘッダー pin", "BCM", "部品 device", "端子 terminal", "間に入れるもの through", "注意 note"]
    lines = [
        (
            "☐",
            escape(row.header),
            escape(row.bcm or row.function),
            escape(row.device),
            f"<b>{escape(row.terminal)}</b>",
            both(row.through),
            both(row.note),
        )
        for row in told
    ]
    return table(head, lines)


def _switched_on(wiring: PiWiring) -> Iterator[Words]:
    """What ``raspi-config`` and ``config.txt`` must have switched on, and what one then sees."""
    functions = {join.goal.function for _, join in wiring.joins if join.goal.bcm is not None}
    places = sorted(place for device in wiring.devices for place in device.place)
    if {"SDA", "SCL"} & functions:
        seen = ", ".join(place.split()[-1] for place in places if place.startswith("I2C"))
        yield Words(f"sudo raspi-config で I2C を入れた。「i2cdetect -y 1」に {seen} が見える",
                    f"I2C is on (sudo raspi-config), and `i2cdetect -y 1` shows {seen}")  # fmt: skip
    if "SPI" in functions:
        yield Words("sudo raspi-config で SPI を入れた", "SPI is on (sudo raspi-config)")
    if "UART" in functions:
        yield Words("sudo raspi-config でシリアルポートを入れ、ログインシェルは切った",
                    "The serial port is on and its login shell off (sudo raspi-config)")  # fmt: skip
    if any(device.is_output for device in wiring.devices):
        yield Words("/boot/firmware/config.txt に dtparam=strict_gpiod を入れ、再起動した"
                    "(入れないと、kojo edge が強制終了されたあとも出力が直前のまま残る)",
                    "dtparam=strict_gpiod stands in /boot/firmware/config.txt; restarted "
                    "(without it outputs stay as they were after kojo edge was killed)")  # fmt: skip
    for device in wiring.devices:
        if device.kind.type == "ds18b20" and isinstance(pin := device.settings.get("data_pin"), int):
            yield Words(f"/boot/firmware/config.txt に dtoverlay=w1-gpio,gpiopin={pin} を書き、再起動した",
                        f"dtoverlay=w1-gpio,gpiopin={pin} stands in /boot/firmware/config.txt; restarted")  # fmt: skip
            return
