"""What the registers of a meter or a PLC mean: from 16-bit words to the values of measures.

Each table below ``measures`` in line.toml says where a value stands (a register, a device) and, in the columns here,
how it is written there. A device's own running total that wraps or begins again at 0 becomes increments; they go on
over a lost connection, so that pieces made while the cable was out are counted when it is back.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from weakref import WeakKeyDictionary

from contract.catalogue import REQUIRED, Measure, Setting
from contract.errors import SensorError
from contract.reading import MAX_TEXT, NS_PER_S, Value
from contract.words import Words
from edge.board import Board

Words16 = Sequence[int]
"""Registers, 0 to 65535 each, the lowest first."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a number stands in ``words`` registers: ``code`` of struct, or BCD."""

    words: int
    code: str = ""

    @property
    def modulus(self) -> int | None:
        """Where a whole number of this form wraps."""
        if self.code in "fd" and self.code:
            return None
        return 1 << 16 * self.words if self.code else 10 ** (4 * self.words)


FORMS: Mapping[str, Form] = {
    "uint16": Form(1, "H"),
    "int16": Form(1, "h"),
    "uint32": Form(2, "I"),
    "int32": Form(2, "i"),
    "uint64": Form(4, "Q"),
    "int64": Form(4, "q"),
    "float32": Form(2, "f"),
    "float64": Form(4, "d"),
    "bcd16": Form(1),
    "bcd32": Form(2),
}
TEXT = "text"
HIGH, LOW = "high_first", "low_first"
ENCODINGS = ("shift_jis", "utf-8", "ascii")

WRAP_WITHIN = 16
"""A count that falls has wrapped if so it made at most a 16th of its round; else it was set back to 0."""


def columns(form: str, word_order: str) -> tuple[Setting, ...]:
    """The keys of a measure that say how it is written; ``form`` and ``word_order`` are what the devices mostly do."""
    return (
        Setting("format", Words("値の形", "how it is written"), "choice", default=form, choices=(*FORMS, TEXT)),
        Setting("scale", Words("掛ける数", "what it is multiplied by"), "number", default=1.0),
        Setting("word_order", Words("ワードの順", "order of the words"), "choice", default=word_order,
                choices=(HIGH, LOW)),
        Setting("bit", Words("ワードの中のビット", "the bit of the word"), "whole", default=None, low=0, high=15),
        Setting("length", Words("文字のワード数", "words of a text"), "whole", default=8, low=1, high=60),
        Setting("wraps_at", Words("0 に戻る数", "the count that is 0 again"), "whole", default=None, low=2),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One measure: how it is written, and what it means. ``of_bit``: it is one bit by itself, not a word."""

    key: str
    kind: str
    form: str
    scale: Fraction
    word_order: str
    bit: int | None
    length: int
    wraps_at: int | None
    of_bit: bool = False

    @property
    def words(self) -> int:
        """Registers it takes."""
        if self.of_bit or self.bit is not None:
            return 1
        return self.length if self.form == TEXT else FORMS[self.form].words

    @property
    def modulus(self) -> int | None:
        """Where its count is 0 again, or None if it never is."""
        if self.wraps_at is not None or self.form == TEXT:
            return self.wraps_at
        return FORMS[self.form].modulus


def point(key: str, measure: Any, of: Sequence[Setting], of_bit: bool) -> Point:
    """The point of one entry of a ``measures`` table, however it was read. Raises SensorError if it makes no sense."""
    said = {column.key: column_of(measure, column) for column in of}
    kind = measure.kind if isinstance(measure, Measure) else str(measure.get("kind") or "number")
    found = Point(
        key,
        kind,
        said["format"],
        Fraction(str(said["scale"])),
        said["word_order"],
        said["bit"],
        said["length"],
        said["wraps_at"],
        of_bit,
    )
    _check(found)
    return found


def column_of(measure: Any, column: Setting) -> Any:
    """What a measure's table says in a column, or the column's default. Raises SensorError if it must say it."""
    own: Mapping[str, Any] = measure.own if isinstance(measure, Measure) else measure
    said = own.get(column.key)
    if said is None and column.default is REQUIRED:
        raise SensorError(Words(f"measures に {column.key} がありません。", f"A measure has no {column.key}."))
    return column.default if said is None else said


def _check(found: Point) -> None:
    single = found.of_bit or found.bit is not None
    if found.form == TEXT and found.kind != "text" and not single:
        raise _senseless(found, 'format = "text" には kind = "text"', 'format = "text" needs kind = "text"')
    if single and found.kind in ("text", "total"):
        raise _senseless(found, f"1 ビットは {found.kind} になりません", f"one bit is no {found.kind}")
    if found.kind == "total" and found.scale <= 0:
        raise _senseless(found, "total の scale は 0 より大きい数です", "the scale of a total is above 0")


def _senseless(found: Point, ja: str, en: str) -> SensorError:
    return SensorError(Words(f"測定値 {found.key}: {ja}。", f"The measure {found.key}: {en}."))


def blocks(spans: Iterable[tuple[int, int]], longest: int, gap: int = 0) -> Iterator[tuple[int, int]]:
    """Runs of ``(first, how many)`` that cover all ``spans``; what lies at most ``gap`` apart is read together."""
    first = end = -1
    for start, many in sorted(set(spans)):
        if first >= 0 and start <= end + gap and max(end, start + many) - first <= longest:
            end = max(end, start + many)
            continue
        if first >= 0:
            yield first, end - first
        first, end = start, start + many
    if first >= 0:
        yield first, end - first


def number(words: Words16, form: Form, word_order: str) -> int | float | None:
    """The number that stands in registers; None for one that is none (NaN, infinite, no BCD)."""
    ordered = words if word_order == HIGH else words[::-1]
    if not form.code:
        digits = "".join(f"{word:04x}" for word in ordered)
        return int(digits) if digits.isdecimal() else None
    found: int | float = struct.unpack(f">{form.code}", struct.pack(f">{len(ordered)}H", *ordered))[0]
    if not math.isfinite(found):
        return None
    return float(f"{found:.7g}") if form.code == "f" else found


def registers(value: int | float, form: Form, word_order: str) -> list[int]:
    """The registers in which a number stands; a whole number beyond its form has wrapped."""
    if not form.code:
        digits = f"{int(value) % 10 ** (4 * form.words):0{4 * form.words}d}"
        found = [int(digits[i : i + 4], 16) for i in range(0, len(digits), 4)]
    else:
        bits = 16 * form.words
        if form.code in "fd":
            raw = struct.pack(f">{form.code}", value)
        else:
            raw = (int(value) % (1 << bits)).to_bytes(bits // 8, "big")
        found = list(struct.unpack(f">{form.words}H", raw))
    return found if word_order == HIGH else found[::-1]


def text(words: Words16, low_byte_first: bool, encoding: str) -> str | None:
    """What is written in registers, two bytes each, up to the first NUL; None if it is empty or no text."""
    raw = struct.pack(f"{'<' if low_byte_first else '>'}{len(words)}H", *words).partition(b"\0")[0]
    try:
        found = raw.decode(encoding).strip()
    except UnicodeDecodeError:
        return None
    return found[:MAX_TEXT] or None


def text_registers(said: str, length: int, low_byte_first: bool, encoding: str) -> list[int]:
    """The registers in which a text is written, filled up with NUL."""
    raw = said.encode(encoding)[: 2 * length].ljust(2 * length, b"\0")
    return list(struct.unpack(f"{'<' if low_byte_first else '>'}{length}H", raw))


def written(found: Point, value: float | str, low_byte_first: bool) -> list[int]:
    """The registers in which a value of a measure stands, in the measure's own unit; for the devices of the bench."""
    if found.form == TEXT:
        return text_registers(str(value), found.length, low_byte_first, ENCODINGS[0])
    form = FORMS[found.form]
    raw = float(value) / float(found.scale)
    return registers(raw if form.code in ("f", "d") else round(raw), form, found.word_order)


_remembered: "WeakKeyDictionary[Board, dict[tuple[str, str], tuple[Fraction, Fraction]]]" = WeakKeyDictionary()
"""The last count of each point, and what of it was less than a unit; as long as its sensor's board lives, which is
longer than a connection."""


AGAIN_NS = 5 * NS_PER_S
"""A level that stays is told again after so long: silence can be told from stillness."""


class Teller:
    """What is told of points that are read again and again: numbers each time, texts when they change, levels when
    they change and every 5 s.

    ``board`` is the sensor's own view of the board, ``name`` what tells its device from others there.
    """

    def __init__(self, board: Board, name: str, encoding: str, low_byte_first: bool) -> None:
        self._clock = board.clock
        self._totals = _remembered.setdefault(board, {})
        self._name, self._encoding, self._low_byte_first = name, encoding, low_byte_first
        self._last: dict[str, Value] = {}
        self._told_ns: dict[str, int] = {}

    def values(self, read: Iterable[tuple[Point, Words16]]) -> dict[str, Value]:
        """What is to be told now; a point's words are those it takes (for a bit, 0 or 1)."""
        told = ((point.key, self._value(point, words)) for point, words in read)
        return {key: value for key, value in told if value is not None}

    def _value(self, point: Point, words: Words16) -> Value | None:
        if point.of_bit or point.bit is not None:
            return self._of_bit(point, words[0] >> (point.bit or 0) & 1)
        if point.form == TEXT:
            return self._changed(point.key, text(words, self._low_byte_first, self._encoding))
        raw = number(words, FORMS[point.form], point.word_order)
        if raw is None:
            return None
        if point.kind == "total":
            return self._increment(point, Fraction(str(raw)))
        if point.kind == "text":
            return self._changed(point.key, f"{raw}")
        if point.kind in ("level", "event"):
            return self._of_bit(point, int(raw != 0))
        return raw if point.scale == 1 else float(Fraction(str(raw)) * point.scale)

    def _of_bit(self, point: Point, bit: int) -> Value | None:
        if point.kind == "number":
            return bit
        before = self._last.get(point.key)
        changed = self._changed(point.key, bit)
        if point.kind == "event":
            return 1 if changed == 1 and before == 0 else None
        now_ns = self._clock.monotonic_ns()
        if changed is None and now_ns - self._told_ns[point.key] < AGAIN_NS:
            return None
        self._told_ns[point.key] = now_ns
        return bit

    def _changed(self, key: str, value: Value | None) -> Value | None:
        if value is None or self._last.get(key) == value:
            return None
        self._last[key] = value
        return value

    def _increment(self, point: Point, raw: Fraction) -> Value | None:
        """What a device's running total has risen by, in whole units; None for nothing, and for the first one."""
        modulus = point.modulus
        if modulus is not None:
            raw %= modulus
        elif raw < 0:
            return None
        at = (self._name, point.key)
        if at not in self._totals:
            self._totals[at] = raw, Fraction(0)
            return None
        before, left = self._totals[at]
        base = before if raw >= before else _before_wrap(before, raw, modulus)
        risen = left + (raw - base) * point.scale
        more = math.floor(risen)
        self._totals[at] = raw, risen - more
        return more or None


def _before_wrap(before: Fraction, raw: Fraction, modulus: int | None) -> Fraction:
    """What the count was before it fell, on the scale it has now: below 0 if it wrapped, 0 if it was set back."""
    if modulus is not None and (raw + modulus - before) * WRAP_WITHIN <= modulus:
        return before - modulus
    return Fraction(0)
