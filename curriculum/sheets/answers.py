"""One answer of a filled sheet: read kindly, or told why it cannot be read.

Full-width letters, thousands' commas and a unit behind a number are taken as people write them; what is left open is
None, never a guess.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from contract.calendar_csv import date_of
from contract.line_report import did_you_mean, half_width, hint, nearest
from contract.line_times import time_of
from contract.words import Words
from curriculum.sheets.form import Field
from curriculum.sheets.printed import Value

MOST_LETTERS = 2000
JAPANESE_CUTOFF = 0.5
"""One wrong letter of two is half a word."""
_TICKED = ("✓", "✔", "☑", "レ", "○", "〇", "はい", "yes", "true", "1", "x", "済", "済み")
_NOT_TICKED = ("□", "☐", "×", "✗", "いいえ", "no", "false", "0", "未", "-")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why an answer cannot be read, and what would be right."""

    what: Words
    tip: Words | None = None


def read(field: Field, raw: Any) -> Value | Unread:
    """The answer in a cell or behind a key. None where nothing was answered."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, list):
        return _list(field, raw)
    if field.type == "number":
        return _number(field, raw)
    if field.type == "choice":
        return _choice(field, raw)
    if field.type in ("date", "signature"):
        return _date(field, raw)
    if field.type == "time":
        return _time(field, raw)
    if field.type == "tick":
        return _tick(field, raw)
    return _text(field, raw)


def left_open(field: Field) -> tuple[Words, Words]:
    """What is said where an answer is missing that is needed."""
    name = Words(f"「{field.words.ja}」", f'"{field.words.en}"')
    if field.type == "tick":
        tip = hint("✓ が付くまで先へ進めません。", "nothing goes on before it is ticked.")
        return Words(f"{name.ja}に ✓ がありません。", f"{name.en} is not ticked."), tip
    tip = hint("ここは必ず書きます。", "this one is needed.")
    return Words(f"{name.ja}が書かれていません。", f"{name.en} is left open."), tip


def _list(field: Field, raw: Sequence[Any]) -> Value | Unread:
    if field.type != "text" or not all(isinstance(one, str) for one in raw):
        return Unread(Words(f"{field.words.ja}に並び [ ] は書けません。", f"{field.words.en}: no list here."))
    return "、".join(raw) or None


def _text(field: Field, raw: Any) -> Value | Unread:
    if isinstance(raw, dict):
        return Unread(Words(f"{field.words.ja}は文字です。", f"{field.words.en} is text."))
    said = raw if isinstance(raw, str) else str(raw)
    if len(said) > MOST_LETTERS:
        return Unread(Words(f"{MOST_LETTERS} 文字を超えています。", f"It is longer than {MOST_LETTERS} letters."))
    return said.strip()


def number_in(text: str, unit: str = "") -> float | None:
    """The number a person wrote: ``１，２００``, ``27秒``, ``¥4,980``; None where there is none."""
    plain = half_width(text).replace("−", "-").removeprefix("¥").removeprefix("\\").strip()
    for ending in sorted({unit, half_width(unit), "円", "個"} - {""}, key=len, reverse=True):
        plain = plain.removesuffix(ending).strip()
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if _NUMBER.fullmatch(plain) and len(plain) < 20 else None


def _number(field: Field, raw: Any) -> Value | Unread:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return _no_number(field, raw)
    found = number_in(raw, field.unit) if isinstance(raw, str) else float(raw)
    if found is None or found != found or abs(found) > 1e12:
        return _no_number(field, raw)
    if field.low is not None and found < field.low:
        return Unread(
            Words(
                f"{field.words.ja}が {found:g} です。{field.low:g} より小さくはできません。",
                f"{field.words.en} is {found:g}; it cannot be below {field.low:g}.",
            )
        )
    if field.high is not None and found > field.high:
        return Unread(
            Words(
                f"{field.words.ja}が {found:g} です。{field.high:g} までです。",
                f"{field.words.en} is {found:g}; at most {field.high:g}.",
            )
        )
    return found


def _no_number(field: Field, raw: Any) -> Unread:
    unit = f"(単位は {field.unit})" if field.unit else ""
    return Unread(
        Words(
            f"{field.words.ja}の「{_short(raw)}」は数ではありません。",
            f"{field.words.en}: {_short(raw)!r} is no number.",
        ),
        hint(f"数字だけを書きます{unit}。分からなければ空けます。", "write digits only, or leave it open."),
    )


def _choice(field: Field, raw: Any) -> Value | Unread:
    said = str(raw).strip()
    found = field.chosen(said)
    if found is None and isinstance(raw, float) and raw.is_integer():
        found = field.chosen(str(int(raw)))
    if found is not None:
        return found.key
    near = nearest(said, [word for one in field.choices for word in (one.words.ja, one.key)], JAPANESE_CUTOFF)
    listed = "、".join(one.words.ja for one in field.choices)
    keys = ", ".join(one.key for one in field.choices)
    tip = did_you_mean(near) if near else hint(f"{listed} のどれかを書きます。", f"write one of {keys}.")
    return Unread(
        Words(f"{field.words.ja}に「{_short(raw)}」はありません。", f"{field.words.en}: there is no {_short(raw)!r}."),
        tip,
    )


def _date(field: Field, raw: Any) -> Value | Unread:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    found = date_of(raw) if isinstance(raw, str) else None
    if found is not None:
        return found
    return Unread(
        Words(
            f"{field.words.ja}の「{_short(raw)}」は日付ではありません。",
            f"{field.words.en}: {_short(raw)!r} is no date.",
        ),
        hint("2026-11-16 のように、年から書きます。", "write it like 2026-11-16, with the year."),
    )


def _time(field: Field, raw: Any) -> Value | Unread:
    if isinstance(raw, time):
        return raw
    plain = re.sub(r"^(\d{1,2})時(?:(\d{1,2})分)?$", lambda m: f"{m[1]}:{int(m[2] or 0):02d}", half_width(str(raw)))
    found = time_of(plain) or time_of(plain.removesuffix(":00"))
    if found is not None:
        return found
    midnight = plain.removesuffix(":00") in ("24", "24:00")
    return Unread(
        Words(
            f"{field.words.ja}の「{_short(raw)}」は時刻ではありません。",
            f"{field.words.en}: {_short(raw)!r} is no time.",
        ),
        hint("夜中の 24 時は 00:00 と書きます。", "midnight is written 00:00.")
        if midnight
        else hint("08:30 のように書きます。", "write it like 08:30."),
    )


def _tick(field: Field, raw: Any) -> Value | Unread:
    if isinstance(raw, bool):
        return raw
    plain = half_width(str(raw)).lower()
    if plain in {half_width(one) for one in _TICKED}:
        return True
    if plain in {half_width(one) for one in _NOT_TICKED}:
        return False
    return Unread(
        Words(
            f"{field.words.ja}の「{_short(raw)}」は ✓ ではありません。",
            f"{field.words.en}: {_short(raw)!r} is no tick.",
        ),
        hint("付けたら true(表なら ✓)、付けないなら空けます。", "write true (in a table ✓), or leave it open."),
    )


def _short(raw: Any) -> str:
    said = " ".join(str(raw).split())
    return said if len(said) <= 40 else f"{said[:40]}…"
