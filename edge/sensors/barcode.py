"""Wiring: the scanner's USB cable to a USB port of the Pi (an RS-232C scanner through a USB adapter).

    [stations.packer.sensors.scan]
    type = "barcode"
    port = "/dev/ttyACM0"
    role = "product"

Each code that is scanned is told as text: with a role it names a product (one of its ``codes``), a lot, a stop's reason
or a mode, so a printed sheet of codes is an operator's panel. Both kinds of scanner work, told apart by ``port``:

    port = "/dev/ttyACM0"                                # a scanner in "USB-COM" (virtual COM, CDC) mode; RS-232C
    port = "/dev/input/by-id/usb-…-event-kbd"            # one that types like a keyboard, as it comes from the box

USB-COM is the better one where the scanner has it (a code in its manual switches it over): a keyboard can type ASCII
only. A typing scanner is taken for the agent alone, so that a code never lands at a login prompt; do not name the real
keyboard here. Let it send the American layout, or set ``layout = "jp"`` to what it sends. Find its name with
``ls /dev/input/by-id/*-event-kbd``; the user needs the group ``input``.

Let the scanner send CR, LF or CR LF behind each code (typing: Enter or Tab); without one a code is never complete. Half
a code that is not continued within a second is dropped. ``again_s``: the same code within that time of the last is not
told again, for a scanner that looks all the time; 0 tells each scan.

``encoding``, of QR codes: ``auto`` takes UTF-8 if it is that, else Shift_JIS (with ① and ㈱), as Japanese scanners
send either. Half-width katakana in Shift_JIS can look like UTF-8: if you use them, say ``shift_jis``. GS, RS and EOT of
GS1 codes and other separators are told as ␝, ␞, ␄; other control characters and 外字 make a code garbage. A code of
more than 256 characters is refused whole, never cut: a cut code is another code. The counters of all this are in the
agent's health: ``garbage``, ``too_long``, ``unfinished``.

Source: WHATWG Encoding and Unicode 15 for the texts; GS1 General Specifications 7.8 for GS; for keys `edge.keyboard`.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from contract.catalogue import Measure, Part, Wire, setting
from contract.reading import MAX_TEXT, NS_PER_S
from contract.words import Words
from edge.board import Board
from edge.handles import Typed
from edge.keyboard import KeyLines, typed
from edge.sensors import Expect, Listening, Tell
from edge.serial_lines import PortSettings, SerialLines

if TYPE_CHECKING:
    from edge.bench import Bench

TITLE = Words("バーコードリーダー", "Barcode scanner")
ABOUT_JA = """\
バーコードや QR コードを読むと、その文字を送ります。品番、ロット、停止の理由などに使えます。
コードを印刷した紙が、そのまま操作盤になります。

気をつけること: リーダーの設定で USB-COM(仮想 COM)にできるなら、そのほうが確実です。
キーボードとして打ち込む型は、英数字と記号しか送れません。コードの終わりに CR などの区切りを付けてください。
区切りがないと、いつまでもコードになりません。

見えないこと: 誰も読ませていないのか、読み損ねたのかは分かりません。途中で切れたコードや文字化けは値にせず、
unfinished や garbage に数えます。
"""
STYLE: Literal["event"] = "event"
MEASURES = (Measure("code", Words("読み取ったコード", "the code"), kind="text"),)
PARTS = (Part("barcode-reader", 1),)
TERMINALS = (
    Wire("USB", "USB", note=Words("RS-232C の機種は USB 変換器を通す", "an RS-232C scanner through a USB adapter")),
)

ENCODINGS = {"auto": ("utf-8", "cp932"), "utf-8": ("utf-8",), "shift_jis": ("cp932",), "latin-1": ("latin-1",)}
"""cp932 is Shift_JIS with the signs that Japanese scanners and labels use besides."""

STALE_NS = NS_PER_S
"""A scanner sends a code at one go."""

SEPARATORS = {code: chr(0x2400 + code) for code in (0x04, 0x09, 0x1C, 0x1D, 0x1E, 0x1F)}
"""EOT, TAB, FS, GS, RS, US and the signs that show them."""

AROUND = "".join(map(chr, range(0x21))) + "\x7f\u3000\ufeff"
"""What may stand before or behind a code and is no part of it."""


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """One scanner. ``baud`` to ``encoding`` are for a serial one, ``layout`` for one that types."""

    port: str = setting(Words("シリアルポート、または入力機器", "serial port, or input device"), "port")
    again_s: float = setting(
        Words("同じコードを続けて伝えない時間", "the same code is not told again within"),
        "number",
        default=0.0,
        unit="s",
        low=0,
        high=3600,
    )
    baud: int = setting(Words("通信速度", "speed"), "whole", default=9600, unit="bps", low=300, high=115_200)
    bits: int = setting(Words("データ長", "data bits"), "whole", default=8, unit="bit", low=7, high=8)
    parity: str = setting(Words("パリティ", "parity"), "choice", default="N", choices=("N", "E", "O"))
    stop: int = setting(Words("ストップビット", "stop bits"), "whole", default=1, unit="bit", low=1, high=2)
    encoding: str = setting(Words("文字コード", "encoding"), "choice", default="auto", choices=tuple(ENCODINGS))
    layout: str = setting(
        Words("キー配列(キーボードとして打つ機種)", "key layout, of a scanner that types"),
        "choice",
        default="us",
        choices=("us", "jp"),
    )

    @property
    def types(self) -> bool:
        """Whether it is a scanner that types like a keyboard."""
        return self.port.startswith("/dev/input/")

    def listen(self, board: Board, tell: Tell) -> Listening:
        """Start listening. Raises SensorError if the scanner cannot be had."""
        return _Scanner(self, board, tell)


class _Scanner:
    def __init__(self, settings: Sensor, board: Board, tell: Tell) -> None:
        self._settings = settings
        self._tell = tell
        self._again_ns = round(settings.again_s * NS_PER_S)
        self._last, self._last_ns = "", 0
        self._codes = self._garbage = self._too_long = 0
        if settings.types:
            self._lines: SerialLines | KeyLines = KeyLines(
                board, settings.port, self._scanned, layout=settings.layout, stale_ns=STALE_NS
            )
        else:
            port = PortSettings(settings.port, settings.baud, settings.bits, settings.parity, settings.stop)
            self._lines = SerialLines(board, port, self._scanned, end=None, stale_ns=STALE_NS)

    def health(self) -> Mapping[str, int]:
        lines = self._lines
        unreadable = lines.unreadable if isinstance(lines, KeyLines) else 0
        return {
            "codes": self._codes,
            "garbage": self._garbage + unreadable,
            "too_long": self._too_long + lines.too_long,
            "unfinished": lines.unfinished,
        }

    def check(self) -> None:
        self._lines.check()

    def close(self) -> None:
        self._lines.close()

    def _scanned(self, line: bytes, at_ns: int) -> None:
        try:
            code = code_of(line, self._settings.encoding)
        except ValueError:
            self._garbage += 1
            return
        if len(code) > MAX_TEXT:
            self._too_long += 1
        elif code:
            self._codes += 1
            self._say(code, at_ns)

    def _say(self, code: str, at_ns: int) -> None:
        again = code == self._last and at_ns - self._last_ns < self._again_ns
        self._last, self._last_ns = code, at_ns
        if not again:
            self._tell("code", code, at_ns)


def code_of(line: bytes, encoding: str = "auto") -> str:
    """The text of a scan, separators shown by their signs. Raises ValueError for what is no text."""
    text = _decoded(line, ENCODINGS[encoding]).strip(AROUND).translate(SEPARATORS)
    if any(unicodedata.category(sign) in ("Cc", "Co") for sign in text):  # control characters, 外字
        raise ValueError(text)
    return text


def _decoded(line: bytes, encodings: tuple[str, ...]) -> str:
    *before, last = encodings
    for encoding in before:
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode(last)


def scan(sensor: Sensor, bench: "Bench", code: str, end: str = "\r\n") -> None:
    """Let the scanner of the bench read a code, whichever kind it is.

    Raises ValueError for a character that it cannot send.
    """
    if sensor.types:
        bench.type(sensor.port, typed(code + end[:1], bench.clock.monotonic_ns(), sensor.layout))
    else:
        bench.type(sensor.port, (code + end).encode(ENCODINGS[sensor.encoding][0]))


def handles(sensor: Sensor, bench: "Bench", _: None) -> Iterator[Typed]:
    """A code is scanned."""
    title = Words("コードを読ませる", "scan a code")
    yield Typed("code", title, lambda code: scan(sensor, bench, code), ("4901234567894", "A-100", "changeover"))


def rehearse(sensor: Sensor, bench: "Bench") -> Iterator[Expect]:
    """Codes are scanned, half a one, one that is too long; the cable is pulled and put back."""
    wait_s = sensor.again_s + 1.5
    yield Expect(Words("まだ何も読んでいない", "nothing scanned yet"), wait_s=1.0)
    scan(sensor, bench, "4901234567894")
    yield Expect(Words("JAN コード", "a product's code"), {"code": "4901234567894"}, wait_s)
    scan(sensor, bench, "A-100/b_2")
    yield Expect(Words("文字のコード", "a code with letters"), {"code": "A-100/b_2"}, wait_s)
    scan(sensor, bench, "49012", end="")
    yield Expect(Words("途中で切れた", "cut off halfway"), wait_s=1.5)
    scan(sensor, bench, "A-100/b_2")
    yield Expect(Words("次のコードにつながらない", "and not joined to the next"), {"code": "A-100/b_2"}, wait_s)
    scan(sensor, bench, "9" * (MAX_TEXT + 1))
    yield Expect(Words("長過ぎるコードは切らずに捨てる", "too long: refused, not cut"), wait_s=wait_s)
    if not sensor.types and sensor.encoding in ("auto", "utf-8"):
        scan(sensor, bench, "治具①")
        yield Expect(Words("日本語の QR コード", "a QR code in Japanese"), {"code": "治具①"}, wait_s)
    bench.unplug(sensor.port)
    yield Expect(Words("ケーブルが抜けた", "the cable is pulled"), error=True)
    bench.plug(sensor.port)
    yield Expect(Words("つなぎ直した", "it is plugged in again"), wait_s=wait_s)
    scan(sensor, bench, "changeover")
    yield Expect(Words("続きから読める", "and goes on"), {"code": "changeover"}, wait_s)
