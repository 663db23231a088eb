"""What people enter, checked: why it stood, a count put right, what is wanted, an improvement or a note.

Each becomes an Entry of the store; the original readings are never changed. Nothing that was entered vanishes either:
a plan that is replaced keeps what it said before, and what is withdrawn stays, with when and why, where no figure
reads it. Mistakes raise Problem (422, 404, 409).
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from collector.store import Entry, EntryKind
from contract.line import MODES, Line
from contract.words import Words
from kpi import said as told_by
from kpi.privacy import HOUR_NS, veiled
from kpi.problems import Problem, unknown
from kpi.said import MOST_PIECES, Said
from kpi.times import day_start, parse, rfc3339
from kpi.tokens import Role

EVENT_KINDS = ("improvement", "note")
QUANTITIES = ("produced", "scrap", "rework")
MOST_REPLACED = 20
MUTE_MINUTES, MOST_MUTE_MINUTES = 30, 120
MINUTE_NS = 60 * 10**9

KINDS: dict[EntryKind, Words] = {
    "reason": Words("停止理由", "reason of a stop"),
    "correction": Words("数の訂正", "count put right"),
    "plan": Words("計画", "plan"),
    "event": Words("対策・メモ", "improvement or note"),
    "reconciliation": Words("日報との照合", "reconciliation with the paper"),
    "mode": Words("運転モード", "mode"),
    "mute": Words("警報を黙らせる", "alarm muted"),
    "wip": Words("仕掛りの実数", "pieces between stations counted"),
    "effect": Words("実効果", "real effect"),
}
"""What people enter and may take back, by kind."""

PROMISE: EntryKind = "evaluation"
"""A figure and its windows, written down beforehand: whoever could take it back after seeing the result, would."""


def event(line: Line, said: Said, now: int) -> Entry:
    """POST /events: {"at", "kind", "text"[, "station"][, "by"]}; without ``at`` it is now."""
    told_by.only(said, ("at", "kind", "text"), ("station", "by"), optional=("at",))
    kind = told_by.choice(said, "kind", EVENT_KINDS)
    body: dict[str, Any] = {"kind": kind, "text": told_by.text(said, "text"), **told_by.by(said)}
    if said.get("station") is not None:
        body["station"] = told_by.station(line, said)
    return Entry(secrets.token_hex(8), "event", told_by.moment(line, said, now), now, body)


def reason(line: Line, said: Said, now: int) -> Entry:
    """POST /stops/reason: {"station", "at", "reason"}; ``at`` is any time in the stop, reason an id or a name.

    It carries no name: the process is asked, not a person.
    """
    told_by.only(said, ("station", "at", "reason"))
    told = told_by.text(said, "reason")
    known = {r.name: r.id for r in line.reasons.values()} | {r.id: r.id for r in line.reasons.values()}
    if told not in known:
        raise unknown("停止理由", "reason", told, sorted(line.reasons))
    body = {"station": told_by.station(line, said), "reason": known[told]}
    return Entry(secrets.token_hex(8), "reason", told_by.passed(line, said, now), now, body)


def correction(line: Line, said: Said, now: int) -> Entry:
    """POST /corrections: {"station", "at", "quantity", "delta", "why"[, "product"][, "by"]}, beside the original."""
    told_by.only(said, ("station", "at", "quantity", "delta", "why"), ("product", "by"))
    body = {
        "station": told_by.station(line, said),
        "quantity": told_by.choice(said, "quantity", QUANTITIES),
        "delta": _not_nothing(told_by.whole(said, "delta", -MOST_PIECES)),
        "why": told_by.text(said, "why"),
        "product": told_by.product(line, said),
        **told_by.by(said),
    }
    return Entry(secrets.token_hex(8), "correction", told_by.passed(line, said, now), now, body)


def plan(line: Line, said: Said, now: int) -> Entry:
    """PUT /plans: {"station", "date", "shift", "quantity"[, "product"][, "by"]}; replaces what was wanted before."""
    told_by.only(said, ("station", "date", "shift", "quantity"), ("product", "by"))
    station, product = told_by.station(line, said), told_by.product(line, said)
    day, shift = told_by.day(said), told_by.shift(line, said)
    body = {
        "station": station,
        "date": day.isoformat(),
        "shift": shift,
        "quantity": told_by.whole(said, "quantity", 0),
        "product": product,
        **told_by.by(said),
    }
    at = day_start(day, line.zone, line.day_starts)
    return Entry(f"plan:{station}:{day}:{shift}:{product or '-'}", "plan", at, now, body)


def mute(line: Line, said: Said, now: int) -> Entry:
    """POST /alarms/mute: {"station"[, "minutes"][, "why"][, "by"]}: no alarm for so long; 0 minutes: again at once."""
    told_by.only(said, ("station",), ("minutes", "why", "by"))
    asked = said if said.get("minutes") is not None else {**said, "minutes": MUTE_MINUTES}
    minutes = told_by.whole(asked, "minutes", 0, MOST_MUTE_MINUTES)
    body = {"station": told_by.station(line, said), "minutes": minutes, "until": now + minutes * MINUTE_NS}
    why = told_by.maybe_text(said, "why")
    return Entry(secrets.token_hex(8), "mute", now, now, body | ({"why": why} if why else {}) | told_by.by(said))


def mode(line: Line, said: Said, now: int) -> Entry:
    """POST /modes: {"station", "mode"[, "at"][, "why"][, "by"]}: held until changed, as by a sensor of that role."""
    told_by.only(said, ("station", "mode"), ("at", "why", "by"))
    body = {"station": told_by.station(line, said), "mode": told_by.choice(said, "mode", MODES), **told_by.by(said)}
    why = told_by.maybe_text(said, "why")
    return Entry(
        secrets.token_hex(8), "mode", told_by.passed(line, said, now), now, body | ({"why": why} if why else {})
    )


def _not_nothing(delta: int) -> int:
    if not delta:
        raise told_by.wrong("delta", "0 では何も変わりません", "0 changes nothing")
    return delta


def replacing(entry: Entry, former: Iterable[Entry], line: Line) -> Entry:
    """An entry that takes the place of a former one of its id, with what that said."""
    before = next((one for one in former if one.id == entry.id), None)
    if before is None:
        return entry
    gone = {"quantity": before.body.get("quantity"), "made": rfc3339(before.made, line.zone)}
    gone |= {key: before.body[key] for key in ("by", "withdrawn") if key in before.body}
    listed = [*before.body.get("replaced", ()), gone][-MOST_REPLACED:]
    return Entry(entry.id, entry.kind, entry.at, entry.made, {**entry.body, "replaced": listed})


def withdrawn(line: Line, said: Said, known: Sequence[Entry], now: int) -> Entry:
    """POST /entries/withdraw: {"id", "why"[, "by"]}: it stays where it was, under a kind that no figure reads."""
    told_by.only(said, ("id", "why"), ("by",))
    asked, why = told_by.text(said, "id"), told_by.text(said, "why")
    entry = next((one for one in known if one.id == asked), None)
    if entry is None:
        words = Words(f"記入「{asked[:64]}」はありません。", f"There is no entry {asked[:64]!r}.")
        raise Problem(404, "unknown", words, Words("/entries で id を確かめてください。", "See /entries for the ids."))
    if entry.kind == PROMISE:
        raise Problem(
            409,
            "beforehand",
            Words("事前登録は取り消せません。", "What was registered beforehand is not withdrawn."),
            Words(
                "結果を見てから消せると、登録の意味がなくなります。間違えたときは、正しいものをもう一つ登録してください。",
                "It would mean nothing if it could go once the result is seen. After a mistake register another.",
            ),
        )
    if entry.kind == "withdrawn":
        raise Problem(409, "withdrawn", Words("すでに取り消されています。", "It is withdrawn already."))
    trace = {"entry": entry.kind, "withdrawn": {"made": rfc3339(now, line.zone), "why": why, **told_by.by(said)}}
    return Entry(entry.id, "withdrawn", entry.at, entry.made, {**entry.body, **trace})


def told(entry: Entry, line: Line) -> dict[str, Any]:
    """An entry as the service answers it."""
    body = dict(entry.body)
    if isinstance(body.get("until"), int):
        body["until"] = rfc3339(body["until"], line.zone)
    return {
        "id": entry.id,
        "at": rfc3339(entry.at, line.zone),
        "made": rfc3339(entry.made, line.zone),
        **body,
    }


def traced(entry: Entry, line: Line, role: Role) -> dict[str, Any]:
    """An entry as GET /entries lists it. Who only looks sees no name, and of a person's station no moment."""
    kind: EntryKind = entry.body["entry"] if entry.kind == "withdrawn" else entry.kind
    body = told(seen(entry, line, role), line)
    body |= {"entry": kind, "title": {"ja": KINDS[kind].ja, "en": KINDS[kind].en}}
    body.setdefault("withdrawn", None)
    return unnamed(body, role)


def seen(entry: Entry, line: Line, role: Role) -> Entry:
    """An entry as a role may see it: of a person's station each moment in it is the beginning of its hour.

    A list that is cut to a window must be cut by these times: cut by the exact ones, a few questions would find them.
    """
    if not any(veiled(line.stations[name], role) for name in stations(entry) if name in line.stations):
        return entry
    return Entry(entry.id, entry.kind, _hour(entry.at), _hour(entry.made), _by_the_hour(entry.body, line))


def seen_between(found: Iterable[Entry], line: Line, role: Role, start: int | None, end: int | None) -> list[Entry]:
    """Entries as a role may see them, of [start, end) by the times that it sees, in time order."""
    shown = (seen(entry, line, role) for entry in found)
    inside = (e for e in shown if (start is None or start <= e.at) and (end is None or e.at < end))
    return sorted(inside, key=lambda entry: (entry.at, entry.made, entry.id))


def stations(entry: Entry) -> tuple[str, ...]:
    """The stations an entry is about: one, the two that pieces lie between, or none."""
    return tuple(str(entry.body[key]) for key in ("station", "from", "to") if entry.body.get(key) is not None)


def unnamed(body: dict[str, Any], role: Role) -> dict[str, Any]:
    """An entry without who entered it, for whoever only looks."""
    bare: dict[str, Any] = body if role == "operator" else _without_names(body)
    return bare


def _hour(at: int) -> int:
    return at // HOUR_NS * HOUR_NS


def _by_the_hour(said: Any, line: Line) -> Any:
    """What an entry says, with hours for moments. Until when an alarm is muted tells within an hour when it was."""
    if isinstance(said, dict):
        return {
            key: rfc3339(_hour(parse(value, key, line.zone)), line.zone)
            if key == "made" and isinstance(value, str)
            else _by_the_hour(value, line)
            for key, value in said.items()
            if key != "until"
        }
    return [_by_the_hour(value, line) for value in said] if isinstance(said, list) else said


def _without_names(said: Any) -> Any:
    if isinstance(said, dict):
        return {key: _without_names(value) for key, value in said.items() if key != "by"}
    return [_without_names(value) for value in said] if isinstance(said, list) else said
