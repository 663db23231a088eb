"""Wiring: the device's RS-232 or USB cable to a USB port of the Pi (RS-232 through a USB adapter), here /dev/ttyUSB0.

    [stations.oven.sensors.meter]
    type = "serial_line"
    port = "/dev/ttyUSB0"
    baud = 9600
    pattern = '^T=(?P<temperature>[-+]?[0-9.,]+) N=(?P<count>[0-9]+)'
    measures = { temperature = { unit = "°C" }, count = { kind = "total" } }

For any device that prints lines: each group of ``pattern`` named like a measure is that measure. A number may have a
decimal comma; a ``total`` is the device's own running total, of which the increments are taken (a fall is a restart at
0); an ``event`` is one piece each time its group is there; a ``level`` is 0 or 1; a ``text`` is taken as it is.

A line that does not match, or is not in ``encoding``, or has a number that is none, is counted as ``garbage`` in the
agent's health. What arrives in the first moment after opening may be half a line and is dropped.

Try a pattern on a line you have seen before you connect: ``kojo check`` says what is wrong with it.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.errors import SensorError
from contract.reading import MAX_NUMBER, MAX_TEXT, Value
from contract.words import Words
from edge.board import Board
from edge.handles import Typed
from edge.sensors import Expect, Listening, Tell
from edge.serial_lines import LONGEST, PortSettings, SerialLines

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("シリアル(1行ずつ数字を出す機器)", "Serial lines (any device that prints numbers)")
ABOUT_JA = """\
1行ずつ数字を出す機器なら、どれでも読めます。行のどこに値があるかを、pattern(正規表現)に書きます。

気をつけること: つなぐ前に、実際に出てくる1行を見て pattern を書きます。書き方の誤りは kojo check が教えます。
機器の積算値は kind = "total" にすると、増えた分だけを数えます。

見えないこと: pattern に合わない行は値にならず、garbage に数えるだけです。値が来ないときは、
まずこの数を見てください。開いた直後の1行は、半分かもしれないので捨てます。
"""
STYLE: Literal["event"] = "event"
MEASURES: tuple[Measure, ...] = ()
PARTS = (Part("usb-rs232", 1),)
TERMINALS = (
    Wire(
        "USB",
        "USB",
        note=Words("機器のケーブル(RS-232C は変換器を通す)", "the device's cable; RS-232 through an adapter"),
    ),
)

ENDS = {"lf": b"\n", "cr": b"\r", "crlf": b"\r\n"}
QUIET_NS = 50_000_000
"""50 ms are 48 characters at 9600 baud: more than any gap inside a line."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One device on one port. ``measures`` is the table of line.toml: key to ``{kind, unit, …}``."""

    port: str = setting(Words("シリアルポート", "serial port"), "port")
    pattern: str = setting(Words("1行の形(名前付きの正規表現)", "what a line looks like, with named groups"), "pattern")
    measures: Mapping[str, Any] = setting(Words("取り出す測定値", "the measures in it"), "measures")
    baud: int = setting(Words("通信速度", "speed"), "whole", default=9600, unit="bps", low=50, high=4_000_000)
    bits: int = setting(Words("データ長", "data bits"), "whole", default=8, unit="bit", low=7, high=8)
    parity: str = setting(Words("パリティ", "parity"), "choice", default="N", choices=("N", "E", "O"))
    stop: int = setting(Words("ストップビット", "stop bits"), "whole", default=1, unit="bit", low=1, high=2)
    terminator: str = setting(Words("行の終わり", "end of a line"), "choice", default="lf", choices=tuple(ENDS))
    encoding: str = setting(
        Words("文字コード", "encoding"), "choice", default="ascii", choices=("ascii", "utf-8", "shift_jis", "latin-1")
    )

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start listening. Raises SensorError if the port cannot be had or the pattern does not fit the measures."""
        return _Listener(self, board, tell)


class _Listener:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings = settings
        self._pattern = _fitting(settings)
        self._tell = tell
        self._kinds = {key: kind_of(measure) for key, measure in settings.measures.items()}
        self._totals: dict[str, float] = {}
        self._heard = self._garbage = 0
        port = PortSettings(settings.port, settings.baud, settings.bits, settings.parity, settings.stop)
        self._lines = SerialLines(board, port, self._line, end=ENDS[settings.terminator], quiet_ns=QUIET_NS)

    def health(self) -> Mapping[str, int]:
        return {"lines": self._heard, "garbage": self._garbage, "too_long": self._lines.too_long}

    def check(self) -> None:
        self._lines.check()

    def close(self) -> None:
        self._lines.close()

    def _line(self, line: bytes, at_ns: int) -> None:
        try:
            values = self._values(line.decode(self._settings.encoding).strip("\r\n\0"))
        except ValueError:
            self._garbage += 1
            return
        self._heard += 1
        for key, value in values.items():
            if self._kinds[key] != "total":
                self._tell(key, value, at_ns)
            elif (more := self._increment(key, float(value))) > 0:
                self._tell(key, more, at_ns)

    def _values(self, line: str) -> dict[str, Value]:
        """What a line says. Raises ValueError for one that says nothing."""
        if not line:
            return {}
        match = self._pattern.search(line)
        if match is None:
            raise ValueError(line)
        said = {key: text for key, text in match.groupdict().items() if text is not None}
        return {key: READ[self._kinds[key]](text) for key, text in said.items()}

    def _increment(self, key: str, total: float) -> int:
        before = self._totals.get(key)
        self._totals[key] = total
        if before is None:
            return 0
        return int(total - before if total >= before else total)


def kind_of(measure: Any) -> str:
    """The kind of one entry of a ``measures`` table, however it was read."""
    kind = measure.get("kind") if isinstance(measure, Mapping) else measure.kind
    return str(kind or "number")


def _fitting(settings: Sensor) -> re.Pattern[str]:
    """The pattern. Raises SensorError unless its names are the measures."""
    try:
        pattern = re.compile(settings.pattern)
    except re.error as error:
        raise _unfitting(str(error)) from error
    names, keys = set(pattern.groupindex), set(settings.measures)
    if names != keys:
        raise _unfitting(f"pattern {sorted(names)}, measures {sorted(keys)}")
    return pattern


def _unfitting(why: str) -> SensorError:
    return SensorError(
        Words(f"pattern と measures が合いません({why})。", f"The pattern and the measures do not fit: {why}."),
        Words(
            "pattern の (?P<名前>…) の名前と measures の名前を同じにしてください。",
            "Hint: the names in (?P<name>…) and those of measures must be the same.",
        ),
    )


def _number(text: str) -> float:
    number = float(text.strip().replace(",", "."))
    if not math.isfinite(number) or abs(number) > MAX_NUMBER:
        raise ValueError(text)
    return number


def _total(text: str) -> float:
    number = _number(text)
    if number < 0 or number != int(number):
        raise ValueError(text)
    return number


def _level(text: str) -> int:
    if text not in ("0", "1"):
        raise ValueError(text)
    return int(text)


def _text(text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        raise ValueError(text)
    return text


READ: Mapping[str, Callable[[str], Value]] = {
    "number": _number,
    "total": _total,
    "event": lambda _: 1,
    "level": _level,
    "text": _text,
}


def handles(sensor: Sensor, bench: "Bench", _: None) -> Iterator[Typed]:
    """The device prints a line."""

    def sends(line: str) -> None:
        bench.type(sensor.port, line.encode(sensor.encoding) + ENDS[sensor.terminator])

    shape = Words(f"形: {sensor.pattern}", f"shape: {sensor.pattern}")
    yield Typed("line", Words("機器が1行送る", "the device prints a line"), sends, note=shape)


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """What the example's oven meter prints, and what else comes down a wire."""
    end = ENDS[sensor.terminator]

    def line(text: bytes) -> None:
        bench.type(sensor.port, text + end)

    yield Expect(Words("静か", "silence"), wait_s=1.0)
    line(b"T=182.5 N=41")
    yield Expect(Words("1行目: 合計は基準になる", "the first line: its total is a baseline"), {"temperature": (182.5,)})
    line(b"T=183,0 N=43")
    yield Expect(Words("2個できた", "two more pieces"), {"temperature": (183.0,), "count": 2})
    bench.type(sensor.port, b"T=18")
    yield Expect(Words("行の途中", "half a line"))
    line(b"4.5 N=43")
    yield Expect(Words("残りが届く", "the other half"), {"temperature": (184.5,)})
    line(b"\xff\x00 noise")
    line(b"T=1.2.3 N=44")
    line(b"x" * (3 * LONGEST))
    yield Expect(Words("読めない行は捨てて数える", "garbage is dropped and counted"))
    line(b"T=180 N=2")
    yield Expect(Words("機器が 0 からやり直した", "the device began again at 0"), {"temperature": (180.0,), "count": 2})
    bench.unplug(sensor.port)
    yield Expect(Words("ケーブルが抜けた", "the cable is pulled"), error=True)
    bench.plug(sensor.port)
    yield Expect(Words("つなぎ直した", "it is plugged in again"), wait_s=1.0)
    line(b"T=20.0 N=2")
    yield Expect(Words("続きから読める", "and goes on"), {"temperature": (20.0,)})
