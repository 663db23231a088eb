"""What a body of the API says, checked piece by piece. Mistakes raise Problem (422, 404)."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from unicodedata import category

from contract.line import Line
from contract.words import Words
from kpi.problems import Problem, unknown
from kpi.times import FIRST_YEAR, LAST_YEAR, NS, parse

MOST_TEXT = 256
MOST_NAME = 64
MOST_PIECES = 1_000_000
AHEAD_NS = 60 * NS
"""What a device whose clock is ahead of ours by less says is now."""

_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0" + "".join(map(chr, range(0xFE00, 0xFE10)))
"""Letters and marks by their category that show nothing: fillers, the empty Braille cell, selectors of a variant."""

Said = Mapping[str, Any]


def only(said: Said, needed: tuple[str, ...], more: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> None:
    """That a body has what is needed and nothing unknown. ``optional``: of what is needed, may be left out."""
    missing = [key for key in needed if said.get(key) is None and key not in optional]
    strange = [key[:64].encode("utf-8", "replace").decode() for key in said if key not in (*needed, *more)]
    if missing:
        raise wrong(", ".join(missing), "が要ります", "is needed")
    if strange:
        raise wrong(", ".join(strange[:5]), "という項目はありません", "is not known here")


def wrong(name: str, ja: str, en: str) -> Problem:
    """422: what of the body is wrong."""
    return Problem(422, "bad-body", Words(f"{name}: {ja}。", f"{name}: {en}."))


def text(said: Said, key: str, most: int = MOST_TEXT) -> str:
    """A text in which there is something to see."""
    value = said.get(key)
    if not isinstance(value, str) or len(value) > most or not any(map(_is_seen, value)):
        raise wrong(key, f"1~{most} 文字の文字列です", f"must be text of 1 to {most} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise wrong(key, "文字ではない符号があります", "holds half a character") from error
    return value.strip()


def _is_seen(character: str) -> bool:
    """Whether a character leaves ink: no space, no control or zero-width character, no filler."""
    return category(character)[0] not in "CZ" and character not in _BLANK


def maybe_text(said: Said, key: str, most: int = MOST_TEXT) -> str | None:
    """A text, or None where it is left out."""
    return None if said.get(key) is None else text(said, key, most)


def by(said: Said) -> dict[str, str]:
    """Who enters it, where they say so: {"by": …} or nothing."""
    name = maybe_text(said, "by", MOST_NAME)
    return {} if name is None else {"by": name}


def whole(said: Said, key: str, low: int, high: int = MOST_PIECES) -> int:
    """A whole number."""
    value = said.get(key)
    if isinstance(value, float) and value.is_integer():  # JSON knows no whole numbers: 5.0 is 5
        value = int(value)
    if type(value) is not int or not low <= value <= high:
        raise wrong(key, f"{low}~{high} の整数です", f"must be a whole number from {low} to {high}")
    return value


def truth(said: Said, key: str) -> bool:
    """True or false; false where it is left out."""
    value = said.get(key)
    if value is not None and not isinstance(value, bool):
        raise wrong(key, "true か false です", "must be true or false")
    return bool(value)


def choice(said: Said, key: str, words: tuple[str, ...]) -> str:
    """One of some words."""
    value = text(said, key)
    if value not in words:
        raise wrong(key, f"{'、'.join(words)} のどれかです", f"must be one of {', '.join(words)}")
    return value


def day(said: Said, key: str = "date") -> date:
    """A date, 2026-04-01."""
    return day_of(text(said, key), key)


def day_of(written: str, key: str = "date") -> date:
    """The date a text names. Raises Problem (422)."""
    try:
        found = date.fromisoformat(written)
    except ValueError as error:
        raise wrong(key, "「2026-04-01」のように書きます", "is written like 2026-04-01") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise wrong(key, f"{FIRST_YEAR}~{LAST_YEAR} 年です", f"must be in the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def station(line: Line, said: Said) -> str:
    """A station's id."""
    found = text(said, "station")
    if found not in line.stations:
        raise unknown("工程", "station", found, sorted(line.stations))
    return found


def shift(line: Line, said: Said) -> str:
    """A shift's name."""
    found = text(said, "shift")
    if found not in {s.name for s in line.shifts}:
        raise unknown("勤務", "shift", found, sorted(s.name for s in line.shifts))
    return found


def product(line: Line, said: Said) -> str | None:
    """A product's id, or None where it is left out."""
    if said.get("product") is None:
        return None
    found = text(said, "product")
    if found not in line.products:
        raise unknown("品番", "product", found, sorted(line.products))
    return found


def moment(line: Line, said: Said, now: int) -> int:
    """``at``, or now."""
    if said.get("at") is None:
        return now
    return parse(text(said, "at"), "at", line.zone)


def passed(line: Line, said: Said, now: int) -> int:
    """``at``, a time that has come, or now; a device's clock may be ahead of ours by less than `AHEAD_NS`."""
    at = moment(line, said, now)
    if at > now + AHEAD_NS:
        raise wrong("at", "まだ来ていない時刻です", "has not come yet")
    return min(at, now)
