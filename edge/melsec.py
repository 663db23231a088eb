"""The MC protocol of Mitsubishi's PLCs, 3E frame: devices read in batches, in binary or ASCII. Nothing is ever written.

    plc = Melsec(line, Route(), code="binary", where="192.168.3.39:5007", within_s=2.0)
    plc.read(Device.of("D100"), 3)                # three words
    plc.read(Device.of("X1A"), 16)                # sixteen bits; X is numbered in hexadecimal

Source: MELSEC Communication Protocol Reference Manual SH-080008: 5.2 (3E frame), 8.1 (device codes and numbers,
subcommands 0000 and 0001 of the Q/L series, which the iQ-R and iQ-F understand as well), 8.2 (0401); end codes:
QnUCPU User's Manual (Communication via Built-in Ethernet Port) SH-080811, 5.1.4.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from contract.errors import SensorError
from contract.words import Words
from edge.field_line import LONGEST, Asked, FieldLine
from edge.field_points import Point

Code = Literal["binary", "ascii"]
BINARY, ASCII = "binary", "ascii"

WORD_SYMBOLS = {"D": 0xA8, "W": 0xB4, "R": 0xAF, "ZR": 0xB0, "SD": 0xA9, "SW": 0xB5, "TN": 0xC2, "CN": 0xC5}
BIT_SYMBOLS = {
    "X": 0x9C, "Y": 0x9D, "M": 0x90, "L": 0x92, "B": 0xA0, "F": 0x93, "V": 0x94, "SM": 0x91, "SB": 0xA1,
    "TS": 0xC1, "TC": 0xC0, "CS": 0xC4, "CC": 0xC3,
}  # fmt: skip
"""8.1: the binary codes of device symbols; in ASCII the symbol itself, filled up with an asterisk."""

IN_OUT = ("X", "Y")
_DECIMAL = re.compile("(SM|SD|ZR|TN|TS|TC|CN|CS|CC|D|R|M|L|F|V)([0-9]{1,7})")
_HEXADECIMAL = re.compile("(SB|SW|X|Y|B|W)([0-9A-F]{1,6})")
FORM = f"{_DECIMAL.pattern}|{_HEXADECIMAL.pattern}"
"""How a device is written in GX Works; ZR in decimal, as there."""

READ, WORDS, BITS = 0x0401, 0x0000, 0x0001
LONGEST_WORDS, LONGEST_BITS = 480, 1024
"""Asked for at once; 960 words and 3584 bits would be allowed."""

TICK_S = 0.25
"""The unit of the monitoring timer."""

END_CODES: Mapping[int, Words] = {
    0x0055: Words("RUN 中の書き込みは禁止されています", "writing during RUN is not allowed"),
    0xC050: Words("ASCII コードを変換できません", "the ASCII code cannot be converted"),
    0xC051: Words("読む点数が多すぎます", "too many points are asked for"),
    0xC052: Words("読む点数が多すぎます", "too many points are asked for"),
    0xC053: Words("読む点数が多すぎます", "too many points are asked for"),
    0xC054: Words("読む点数が多すぎます", "too many points are asked for"),
    0xC056: Words("デバイス番号が範囲を超えています", "the device number is beyond the range"),
    0xC058: Words("要求データ長が合いません", "the length of the question does not fit"),
    0xC059: Words("このコマンドは使えません", "it does not know this command"),
    0xC05B: Words("そのデバイスは読めません", "it cannot read such devices"),
    0xC05C: Words("ワードデバイスをビットで読もうとしました", "a word device was asked for by bits"),
    0xC05F: Words("相手の CPU に届きません(ネットワーク番号・局番)", "it does not reach that CPU (network, station)"),
    0xC060: Words("要求の内容に誤りがあります", "the question has a mistake in it"),
    0xC061: Words("要求データ長が合いません", "the length of the question does not fit"),
    0xC06F: Words("バイナリーと ASCII の設定が違います", "binary and ASCII are set otherwise there"),
    0xC0B5: Words("CPU が扱えないデータです", "data that the CPU does not handle"),
    0xC200: Words("リモートパスワードが違います", "the remote password is wrong"),
    0xC201: Words("リモートパスワードでロックされています", "it is locked by a remote password"),
    0x4031: Words("デバイス番号が範囲を超えています", "the device number is beyond the range"),
}
OF_THE_CPU = range(0x4000, 0x5000)

HINT = Words(
    "PLC の電源と LAN ケーブル、PLC 側の設定(MC プロトコルのポート番号、交信データコードのバイナリー/ASCII)を"
    "確認してください。設定が違う PLC は応答しません。",
    "Hint: check its power and the LAN cable, and the PLC's own settings (the port of the MC protocol, communication "
    "data code binary or ASCII): one that is set otherwise does not answer.",
)
CODE_HINT = Words(
    '交信データコードの設定に合わせて code = "binary" か "ascii" にしてください。',
    'Hint: make code = "binary" or "ascii" what "communication data code" is in the PLC.',
)
DEVICE_HINT = Words(
    "デバイスの種類と番号を PLC のパラメーター(デバイス設定)と比べてください。X・Y・B・W は 16 進です。",
    "Hint: compare device and number with the PLC's parameters. X, Y, B and W are numbered in hexadecimal.",
)


@dataclass(frozen=True, slots=True)
class Device:
    """One device: ``D100``, ``X1A``. ``number`` counts from 0, whatever it is written in (``radix``)."""

    symbol: str
    number: int
    radix: int = 10

    @classmethod
    def of(cls, written: str, octal: bool = False) -> "Device":
        """From how GX Works writes it; ``octal``: X and Y as an FX5 numbers them. Raises SensorError."""
        for form, radix in ((_DECIMAL, 10), (_HEXADECIMAL, 16)):
            found = form.fullmatch(written)
            if found is None:
                continue
            if octal and found[1] in IN_OUT:
                radix = 8
            try:
                return cls(found[1], int(found[2], radix), radix)
            except ValueError:
                break  # X8 in octal
        raise SensorError(
            Words(f"「{written}」は読めるデバイスではありません。", f'"{written}" is no device that can be read.'),
            DEVICE_HINT,
        )

    @property
    def is_bit(self) -> bool:
        """Whether it is 0 or 1, and not a word."""
        return self.symbol in BIT_SYMBOLS

    def at(self, number: int) -> "Device":
        """Another one of the same kind."""
        return Device(self.symbol, number, self.radix)

    @property
    def digits(self) -> str:
        """Its number, as it is written."""
        return f"{self.number:{DIGITS[self.radix]}}"

    def __str__(self) -> str:
        return self.symbol + self.digits


DIGITS = {8: "o", 10: "d", 16: "X"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a measure stands, and what it means."""

    device: Device
    point: Point


@dataclass(frozen=True, slots=True)
class Route:
    """Which CPU is meant: the one that is connected, unless told otherwise (5.2, access route)."""

    network: int = 0
    station: int = 0xFF
    module_io: int = 0x03FF


class Melsec:
    """Asks one PLC. ``where`` names it to people."""

    def __init__(self, line: FieldLine, route: Route, code: Code, where: str, within_s: float) -> None:
        self._line, self._where, self._within_s = line, where, within_s
        self._frames: _Binary | _Ascii = _Ascii(route) if code == ASCII else _Binary(route)
        self._ticks = max(1, int(within_s / TICK_S) - 1)  # it shall give up before we do

    def read(self, first: Device, count: int) -> Sequence[int]:
        """``count`` words, or bits of 0 and 1, from ``first`` on. Raises SensorError."""
        who = Words(
            f"{self._where} の PLC の {first} から {count} 点", f"the PLC at {self._where}, {count} from {first} on"
        )
        asked = Asked(who, HINT)
        question = self._frames.question(first, count, self._ticks)

        def whole(held: bytes, _: bool) -> Sequence[int] | None:
            return _answer(self._frames, held, asked, first, count)

        return self._line.ask(question, whole, asked, self._within_s)


def _answer(frames: "_Binary | _Ascii", held: bytes, asked: Asked, first: Device, count: int) -> Sequence[int] | None:
    """What the answer says; None while some of it is missing. Raises SensorError."""
    if frames.other.startswith(held[: len(frames.other)]) and len(held) >= len(frames.other):
        raise SensorError(Words(f"{asked.who.ja}: 応答は {frames.other_code} です。",
                                f"{asked.who.en}: it answers in {frames.other_code}."), CODE_HINT)  # fmt: skip
    if not frames.head.startswith(held[: len(frames.head)]):
        raise asked.trouble(
            "応答が MC プロトコル(3E)ではありません。", "its answer is not of the MC protocol (3E), or not for us."
        )
    if len(held) < frames.before:
        return None
    length = frames.length(held)
    if length > LONGEST:
        raise asked.trouble("応答の長さがあり得ません。", "the length of its answer cannot be.")
    if len(held) < frames.before + length:
        return None
    end, data = frames.parts(held[frames.before : frames.before + length])
    if end:
        raise _refused(asked, end)
    values = None if data is None else frames.bits(data) if first.is_bit else frames.words(data)
    if values is None or len(values) < count or len(values) > count + (count % 2 if first.is_bit else 0):
        raise asked.trouble("応答の点数が合いません。", "its answer has not as many points as were asked for.")
    return values[:count]


def _refused(asked: Asked, code: int) -> SensorError:
    meant = END_CODES.get(code, Words("PLC が断りました", "the PLC refuses"))
    if code in OF_THE_CPU and code not in END_CODES:
        meant = Words("CPU のエラーです", "an error of the CPU")
    hint = DEVICE_HINT if code in (0xC056, 0xC05B, 0xC05C, 0x4031) else HINT
    return SensorError(
        Words(f"{asked.who.ja}: {meant.ja}(終了コード {code:04X}H)。",
              f"{asked.who.en}: {meant.en} (end code {code:04X}H)."),
        hint,
    )  # fmt: skip


class _Binary:
    """5.2, binary: numbers with the low byte first."""

    before = 9
    """Bytes up to and with the length of what follows."""
    other, other_code = b"D000", ASCII

    def __init__(self, route: Route) -> None:
        self._route = bytes([route.network, route.station]) + route.module_io.to_bytes(2, "little") + b"\0"
        self.head = b"\xd0\x00" + self._route

    def question(self, first: Device, count: int, ticks: int) -> bytes:
        """A frame that asks."""
        codes = BIT_SYMBOLS if first.is_bit else WORD_SYMBOLS
        subcommand = BITS if first.is_bit else WORDS
        body = b"".join(number.to_bytes(2, "little") for number in (ticks, READ, subcommand))
        body += first.number.to_bytes(3, "little") + bytes([codes[first.symbol]]) + count.to_bytes(2, "little")
        return b"\x50\x00" + self._route + len(body).to_bytes(2, "little") + body

    def length(self, held: bytes) -> int:
        """Bytes that follow."""
        return int.from_bytes(held[7:9], "little")

    def parts(self, body: bytes) -> tuple[int, bytes | None]:
        """The end code, and the data."""
        return (int.from_bytes(body[:2], "little"), body[2:]) if len(body) >= 2 else (0, None)

    def words(self, data: bytes) -> list[int] | None:
        """Words in data."""
        return None if len(data) % 2 else [low | high << 8 for low, high in zip(data[::2], data[1::2], strict=True)]

    def bits(self, data: bytes) -> list[int] | None:
        """8.1: two points a byte, the first in the high half; a half left over is 0."""
        halves = [half for byte in data for half in (byte >> 4, byte & 0x0F)]
        return halves if set(halves) <= {0, 1} else None


class _Ascii:
    """5.2, ASCII: numbers in hexadecimal, the high digit first."""

    before = 18
    other, other_code = b"\xd0\x00", BINARY

    def __init__(self, route: Route) -> None:
        self._route = f"{route.network:02X}{route.station:02X}{route.module_io:04X}00"
        self.head = b"D000" + self._route.encode("ascii")

    def question(self, first: Device, count: int, ticks: int) -> bytes:
        """A frame that asks; the number of a device is written as its kind is numbered (8.1)."""
        subcommand = BITS if first.is_bit else WORDS
        device = f"{first.symbol:*<2}{first.digits:0>6}"
        body = f"{ticks:04X}{READ:04X}{subcommand:04X}{device}{count:04X}"
        return f"5000{self._route}{len(body):04X}{body}".encode("ascii")

    def length(self, held: bytes) -> int:
        """Characters that follow."""
        found = _hexadecimal(held[14:18])
        return LONGEST + 1 if found is None else found

    def parts(self, body: bytes) -> tuple[int, bytes | None]:
        """The end code, and the data."""
        end = _hexadecimal(body[:4])
        return (0, None) if end is None else (end, body[4:])

    def words(self, data: bytes) -> list[int] | None:
        """Words in data, four digits each."""
        found = [_hexadecimal(data[i : i + 4]) for i in range(0, len(data), 4)]
        return None if None in found else [word for word in found if word is not None]

    def bits(self, data: bytes) -> list[int] | None:
        """One digit a point."""
        return [digit - 0x30 for digit in data] if set(data) <= {0x30, 0x31} else None


def _hexadecimal(digits: bytes) -> int | None:
    return int(digits, 16) if re.fullmatch(b"[0-9A-Fa-f]{4}", digits) else None
