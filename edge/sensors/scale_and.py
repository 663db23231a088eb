r"""Wiring: the scale's RS-232C (D-sub, through a USB adapter) or USB to a USB port of the Pi, here /dev/ttyUSB0.

    [stations.packer.sensors.scale]
    type = "scale_and"
    port = "/dev/ttyUSB0"
    baud = 2400
    bits = 7
    parity = "E"

For A&D (エー・アンド・デイ) scales and balances in their standard format, 15 characters and CR LF:

    ST,+00123.45  g\r\n      ST stable, US unstable, QT stable count, OL overloaded
    ST,OK,+0001.234 kg\r\n   with the comparator's HI, OK or LO, where it is on

Weights are told in grams whatever the scale shows; counts (``PC``) as ``pieces``; ``overload`` is told when it changes.
2400 bps, 7 bits, even parity are A&D's factory settings. Set the scale to print by key or when stable ("auto print"):
in stream mode it repeats the same weight ten times a second, and each is a reading.

Source: A&D GX-A/GF-A Communication Manual, 7-2 "Weighing data format"; GC series manual, 16.2.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.words import Words
from edge.board import Board
from edge.handles import Handle, Knob, Push, Typed
from edge.sensors import Expect, Listening, Tell
from edge.serial_lines import PortSettings, SerialLines

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("はかり(エー・アンド・デイ)", "Weighing scale (A&D)")
ABOUT_JA = """\
エー・アンド・デイのはかりから、重さ(g)や個数を受け取ります。包装や検品で、1回ごとの重さを残せます。

気をつけること: はかりの設定で、キーを押したときか、安定したときに出力するようにします。連続(ストリーム)
の出力では、同じ重さが毎秒10回届き、その全部が測定値になります。通信速度、ビット数、パリティを、
はかりと合わせます。

見えないこと: はかりが黙っているとき、誰も量っていないのか、設定が違うのかは分かりません。
つないだら一度量って確かめてください。
"""
STYLE: Literal["event"] = "event"
MEASURES = (
    Measure("weight", Words("重さ", "weight"), "g", decimals=2),
    Measure("pieces", Words("個数(計数はかり)", "pieces (counting scale)"), "", low=0, decimals=0),
    Measure("overload", Words("はかり過ぎ", "overloaded"), kind="level", low=0, high=1, decimals=0),
)
PARTS = (Part("usb-rs232", 1), Part("scale-cable", 1, Words("はかりの機種に合うもの", "the one for your scale")))
TERMINALS = (
    Wire(
        "RS-232C",
        "USB",
        through="usb-rs232",
        note=Words("または USB ケーブル。はかりは「安定時に出力」にする", "or USB; print when stable"),
    ),
)

FRAME = re.compile(rb"(?P<header>ST|US|QT),(?:(?:HI|OK|LO|--),)?(?P<value>[+-][0-9.,]{8,12})(?P<unit>[ A-Za-z%]{3})")
"""A sign and eight or more characters, then three of the unit: one lost byte makes it no frame, not another weight."""

GRAMS = {
    "g": 1.0, "kg": 1000.0, "mg": 0.001, "t": 1_000_000.0,
    "lb": 453.59237, "oz": 28.349523125, "ozt": 31.1034768, "ct": 0.2, "mom": 3.75, "dwt": 1.55517384, "GN": 0.06479891,
}  # fmt: skip
"""Grams of one of the scale's units."""

OVERLOAD = re.compile(rb"OL,(?:(?:HI|OK|LO|--),)?[+-].{8,}")
"""``OL,+9999999E+19`` on most, the last digits and the unit on some; the sign says whether too much or too little."""

PIECES = "PC"


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One scale on one port."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    baud: int = setting(Words("通信速度", "speed"), "whole", default=2400, unit="bps", low=300, high=115_200)
    bits: int = setting(Words("データ長", "data bits"), "whole", default=7, unit="bit", low=7, high=8)
    parity: str = setting(Words("パリティ", "parity"), "choice", default="E", choices=("N", "E", "O"))
    stop: int = setting(Words("ストップビット", "stop bits"), "whole", default=1, unit="bit", low=1, high=2)
    stable_only: bool = setting(Words("安定した値だけ", "stable values only"), "flag", default=True)

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start listening. Raises SensorError if the port cannot be had."""
        return _Scale(self, board, tell)


class _Scale:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        self._overload: int | None = None
        self._counts = dict.fromkeys(("frames", "unstable", "garbage", "other_unit"), 0)
        port = PortSettings(settings.port, settings.baud, settings.bits, settings.parity, settings.stop)
        self._lines = SerialLines(board, port, self._line, end=b"\r\n")

    def health(self) -> Mapping[str, int]:
        return {**self._counts, "too_long": self._lines.too_long}

    def check(self) -> None:
        self._lines.check()

    def close(self) -> None:
        self._lines.close()

    def _line(self, line: bytes, at_ns: int) -> None:
        frame, overload = FRAME.fullmatch(line), OVERLOAD.fullmatch(line)
        if frame is None and overload is None:
            self._counts["garbage"] += bool(line)
            return
        self._counts["frames"] += 1
        self._say_overload(int(frame is None), at_ns)
        if frame is None:
            return
        if frame["header"] == b"US" and self._settings.stable_only:
            self._counts["unstable"] += 1
            return
        self._say_value(frame["value"].decode(), frame["unit"].decode().strip(), at_ns)

    def _say_overload(self, overload: int, at_ns: int) -> None:
        if overload != self._overload:
            self._overload = overload
            self._tell("overload", overload, at_ns)

    def _say_value(self, text: str, unit: str, at_ns: int) -> None:
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            self._counts["garbage"] += 1
            return
        if unit == PIECES:
            self._tell("pieces", value, at_ns)
        elif unit in GRAMS:
            self._tell("weight", round(value * GRAMS[unit], 9), at_ns)
        else:
            self._counts["other_unit"] += 1


def handles(sensor: Sensor, bench: "Bench", _: None) -> Iterator[Handle]:
    """Something is put on it (it prints when it is still), or it prints what is typed."""
    on_it = [0.0]

    def sends(frame: str) -> None:
        bench.type(sensor.port, frame.encode("ascii") + b"\r\n")

    def put_on(grams: float) -> None:
        on_it[0] = grams
        sends(f"ST,{grams:+010.2f}  g")

    yield Knob("weight", Words("載せる重さ", "put on it"), 0, 3000, lambda: on_it[0], put_on, "g", live=False)
    yield Push("swaying", Words("揺れたまま出力", "print while it sways"), lambda: sends(f"US,{on_it[0]:+010.2f}  g"))
    yield Push("overload", Words("載せ過ぎる", "overload it"), lambda: sends("OL,+9999999E+19"))
    yield Typed("frame", Words("そのまま送る", "send as it is"), sends, ("QT,+00000050 PC", "ST,OK,+0001.234 kg"))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """Parts are weighed, one is too heavy, the cable is pulled and put back."""

    def sends(frame: bytes) -> None:
        bench.type(sensor.port, frame + b"\r\n")

    yield Expect(Words("何も載っていない", "nothing on it"), wait_s=1.0)
    sends(b"ST,+00123.45  g")
    yield Expect(Words("安定した", "a stable weight"), {"weight": (123.45,), "overload": (0,)})
    sends(b"US,+00098.10  g")
    swinging = {} if sensor.stable_only else {"weight": (98.1,)}
    yield Expect(Words("まだ揺れている", "still swinging"), swinging)
    sends(b"ST,OK,+0001.234 kg")
    yield Expect(Words("kg も g で伝える", "kilograms are told in grams"), {"weight": (1234.0,)})
    sends(b"QT,+00000050 PC")
    yield Expect(Words("計数はかり", "a counting scale"), {"pieces": (50.0,)})
    sends(b"OL,+9999999E+19")
    yield Expect(Words("はかり過ぎ", "overloaded"), {"overload": (1,)})
    sends(b"ST,-00000.02  g")
    yield Expect(Words("降ろした", "taken off"), {"weight": (-0.02,), "overload": (0,)})
    sends(b"T,+00123.45  g")
    sends(b"ST,+0123.45  g")
    yield Expect(Words("欠けた行は捨てる", "a frame that lost a byte is no weight"))
    bench.unplug(sensor.port)
    yield Expect(Words("ケーブルが抜けた", "the cable is pulled"), error=True)
    bench.plug(sensor.port)
    yield Expect(Words("つなぎ直した", "it is plugged in again"), wait_s=1.0)
    sends(b"ST,+00001.00  g")
    yield Expect(Words("続きから読める", "and goes on"), {"weight": (1.0,), "overload": (0,)})
