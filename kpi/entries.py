"""What people enter, checked: why it stood, a count put right, what is wanted, an improvement or a note.

Each becomes an Entry of the store; the original readings are never changed. Mistakes raise Problem (422, 404).
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from collector.store import Entry
from contract.line import Line
from contract.words import Words
from kpi.problems import Problem, unknown
from kpi.times import FIRST_YEAR, LAST_YEAR, day_start, parse, rfc3339

MOST_TEXT = 256
MOST_PIECES = 1_000_000
EVENT_KINDS = ("improvement", "note")
QUANTITIES = ("produced", "scrap", "rework")

Said = Mapping[str, Any]


def event(line: Line, said: Said, now: int) -> Entry:
    """POST /events: {"at", "kind", "text"[, "station"]}; without ``at`` it is now."""
    _only(said, ("at", "kind", "text"), ("station",), optional=("at",))
    kind = _text(said, "kind")
    if kind not in EVENT_KINDS:
        raise _wrong("kind", f"{' か '.join(EVENT_KINDS)} です", f"must be {' or '.join(EVENT_KINDS)}")
    body: dict[str, Any] = {"kind": kind, "text": _text(said, "text")}
    if said.get("station") is not None:
        body["station"] = _station(line, said)
    return Entry(secrets.token_hex(8), "event", _moment(line, said, now), now, body)


def reason(line: Line, said: Said, now: int) -> Entry:
    """POST /stops/reason: {"station", "at", "reason"}; ``at`` is any time in the stop, reason an id or a name."""
    _only(said, ("station", "at", "reason"))
    told = _text(said, "reason")
    known = {r.name: r.id for r in line.reasons.values()} | {r.id: r.id for r in line.reasons.values()}
    if told not in known:
        raise unknown("停止理由", "reason", told, sorted(line.reasons))
    body = {"station": _station(line, said), "reason": known[told]}
    return Entry(secrets.token_hex(8), "reason", _moment(line, said, now), now, body)


def correction(line: Line, said: Said, now: int) -> Entry:
    """POST /corrections: {"station", "at", "quantity", "delta", "why"[, "product"]}, kept beside the original."""
    _only(said, ("station", "at", "quantity", "delta", "why"), ("product",))
    quantity = _text(said, "quantity")
    if quantity not in QUANTITIES:
        raise _wrong("quantity", f"{', '.join(QUANTITIES)} のどれかです", f"must be one of {', '.join(QUANTITIES)}")
    body = {
        "station": _station(line, said),
        "quantity": quantity,
        "delta": _whole(said, "delta", -MOST_PIECES),
        "why": _text(said, "why"),
        "product": _product(line, said),
    }
    return Entry(secrets.token_hex(8), "correction", _moment(line, said, now), now, body)


def plan(line: Line, said: Said, now: int) -> Entry:
    """PUT /plans: {"station", "date", "shift", "quantity"[, "product"]}; replaces what was wanted before."""
    _only(said, ("station", "date", "shift", "quantity"), ("product",))
    station, product = _station(line, said), _product(line, said)
    try:
        day = date.fromisoformat(_text(said, "date"))
    except ValueError as error:
        raise _wrong("date", "「2026-04-01」のように書きます", "is written like 2026-04-01") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong("date", f"{FIRST_YEAR}~{LAST_YEAR} 年です", f"must be in the years {FIRST_YEAR} to {LAST_YEAR}")
    shift = _text(said, "shift")
    if shift not in {s.name for s in line.shifts}:
        raise unknown("勤務", "shift", shift, sorted(s.name for s in line.shifts))
    body = {
        "station": station,
        "date": day.isoformat(),
        "shift": shift,
        "quantity": _whole(said, "quantity", 0),
        "product": product,
    }
    at = day_start(day, line.zone, line.day_starts)
    return Entry(f"plan:{station}:{day}:{shift}:{product or '-'}", "plan", at, now, body)


def told(entry: Entry, line: Line) -> dict[str, Any]:
    """An entry as the service answers it."""
    return {
        "id": entry.id,
        "at": rfc3339(entry.at, line.zone),
        "made": rfc3339(entry.made, line.zone),
        **entry.body,
    }


def _only(said: Said, needed: tuple[str, ...], more: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> None:
    missing = [key for key in needed if said.get(key) is None and key not in optional]
    strange = [key[:64].encode("utf-8", "replace").decode() for key in said if key not in (*needed, *more)]
    if missing:
        raise _wrong(", ".join(missing), "が要ります", "is needed")
    if strange:
        raise _wrong(", ".join(strange[:5]), "という項目はありません", "is not known here")


def _wrong(name: str, ja: str, en: str) -> Problem:
    return Problem(422, "bad-body", Words(f"{name}: {ja}。", f"{name}: {en}."))


def _text(said: Said, key: str) -> str:
    value = said.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > MOST_TEXT:
        raise _wrong(key, f"1~{MOST_TEXT} 文字の文字列です", f"must be text of 1 to {MOST_TEXT} characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _wrong(key, "文字ではない符号があります", "holds half a character") from error
    return value.strip()


def _whole(said: Said, key: str, low: int) -> int:
    value = said.get(key)
    if isinstance(value, float) and value.is_integer():  # JSON knows no whole numbers: 5.0 is 5
        value = int(value)
    if type(value) is not int or not low <= value <= MOST_PIECES:
        raise _wrong(key, f"{low}~{MOST_PIECES} の整数です", f"must be a whole number from {low} to {MOST_PIECES}")
    return value


def _station(line: Line, said: Said) -> str:
    station = _text(said, "station")
    if station not in line.stations:
        raise unknown("工程", "station", station, sorted(line.stations))
    return station


def _product(line: Line, said: Said) -> str | None:
    if said.get("product") is None:
        return None
    product = _text(said, "product")
    if product not in line.products:
        raise unknown("品番", "product", product, sorted(line.products))
    return product


def _moment(line: Line, said: Said, now: int) -> int:
    if said.get("at") is None:
        return now
    return parse(_text(said, "at"), "at", line.zone)
