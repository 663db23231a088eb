"""仕掛り: pieces between two stations, from a count by hand and what has been counted in and out since.

    at any moment = counted by hand + good pieces out of the first station since - pieces made by the second since

A piece inside the second station is among them until it is made. Each miscount of either sensor stays in the figure for
good, so its age and how far it may have drifted stand beside it; below zero, a count is wrong.
"""

import secrets
from collections.abc import Callable
from typing import Any

from collector.store import Entry
from contract.line import Flow, Line
from contract.words import Words
from kpi import facts, said
from kpi.answers import Answers
from kpi.basis import both
from kpi.facts import Made, Question
from kpi.privacy import HOUR_NS, veiled
from kpi.problems import Problem
from kpi.said import Said
from kpi.spans import NS
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
OLDEST_DAYS = 31
"""An older count by hand says nothing any more."""

MISCOUNTED = 0.01
"""What a validated sensor may miscount (curriculum 7.5: at most 1 %)."""

MUCH, FEWEST = 0.25, 5
"""A drift of this share of the figure, and at least so many pieces, asks for a new count."""


def entry(line: Line, told: Said, now: int) -> Entry:
    """POST /wip: {"from", "to", "quantity"[, "at", "by"]}; without ``at`` it is now. Raises Problem (404, 422)."""
    said.only(told, ("from", "to", "quantity"), ("at", "by"))
    source, target = said.text(told, "from"), said.text(told, "to")
    links = [(flow.source, flow.target) for flow in line.flow]
    if (source, target) not in links:
        listed = ", ".join(f"{a} → {b}" for a, b in links) or "-"
        raise Problem(
            404,
            "unknown",
            Words(
                f"流れ {source[:64]} → {target[:64]} はありません。", f"There is no flow {source[:64]} → {target[:64]}."
            ),
            Words(f"[[flow]] にあるのは: {listed}", f"[[flow]] has: {listed}"),
        )
    at = said.passed(line, told, now)
    body = {"from": source, "to": target, "quantity": said.whole(told, "quantity", 0), **said.by(told)}
    return Entry(secrets.token_hex(8), "wip", at, now, body)


def between(answers: Answers, at: int, role: Role, go_on: Callable[[], None]) -> list[Body]:
    """What lies between the stations of every flow at a moment that is not in the future."""
    counted = answers.shelf.entries("wip", None, at + 1)
    found = []
    for flow in answers.line.flow:
        go_on()
        mine = [e for e in counted if (e.body.get("from"), e.body.get("to")) == (flow.source, flow.target)]
        veil = any(veiled(answers.line.stations[s], role) for s in (flow.source, flow.target))
        if veil:
            mine = [e for e in mine if _next_hour(e.at) <= at]
        newest = max(mine, key=lambda e: (e.at, e.made), default=None)
        found.append(_link(answers, flow, newest, at, veil=veil))
    return found


def _next_hour(at: int) -> int:
    """The full hour from which viewers of a person's station are told of a count by hand."""
    return -(-at // HOUR_NS) * HOUR_NS


def _link(answers: Answers, flow: Flow, counted: Entry | None, at: int, *, veil: bool) -> Body:
    """Of a person's station (``veil``) only whole hours after the count: less would tell of single pieces."""
    zone = answers.line.zone
    if veil:
        at = at // HOUR_NS * HOUR_NS
    body: Body = {"from": flow.source, "to": flow.target, "at": rfc3339(at, zone)}
    body |= dict.fromkeys(("quantity", "counted", "out", "in", "age_s", "drift_pieces"))
    if counted is None:
        return body | {"warnings": [_told("not_counted", _NOT_COUNTED)]}
    since = _next_hour(counted.at) if veil else counted.at
    body["counted"] = {"id": counted.id, "at": rfc3339(since, zone), "quantity": int(counted.body["quantity"])}
    body["age_s"] = (at - since) / NS
    why = _why_not(answers.line, flow, at - since)
    if why is not None:
        return body | {"warnings": [why]}
    out, into = (_made(answers, s, since, at) for s in (flow.source, flow.target))
    if out is None or into is None:
        return body | {"warnings": [_told("no_cycle_sensor", _NO_SENSOR)]}
    left = sum(m.good - m.rework for m in out)
    taken = sum(m.produced for m in into)
    quantity = int(counted.body["quantity"]) + left - taken
    drift = MISCOUNTED * (abs(left) + abs(taken))
    body |= {"quantity": quantity, "out": left, "in": taken, "drift_pieces": round(drift, 1)}
    return body | {"warnings": [*_warnings(quantity, drift), *([_told("person", _PERSON)] if veil else [])]}


def _made(answers: Answers, station: str, start: int, end: int) -> tuple[Made, ...] | None:
    """What a station made in [start, end), corrections included; None without a cycle sensor."""
    if end <= start:
        return ()
    place = answers.place(station)
    ledger = answers.ledger(place, start, end, answers.desk.now_ns())
    return facts.of(ledger, Question(start, end, end), answers.shelf.entries("correction", start, end)).made


def _why_not(line: Line, flow: Flow, age: int) -> Body | None:
    """Why a count by hand cannot be carried on."""
    if sum(f.source == flow.source for f in line.flow) > 1 or sum(f.target == flow.target for f in line.flow) > 1:
        return _told("branch", _BRANCH)
    return _told("too_old", _TOO_OLD) if age > OLDEST_DAYS * 86400 * NS else None


def _warnings(quantity: int, drift: float) -> list[Body]:
    if quantity < 0:
        return [_told("negative", _NEGATIVE)]
    if drift >= max(FEWEST, MUCH * quantity):
        words = Words(
            f"数え直してください。センサーの数え違いが 1 % なら、{drift:.0f} 個ずれているかもしれません。",
            f"Count again: with sensors that miscount 1 %, it may be {drift:.0f} pieces off.",
        )
        return [_told("drift", words)]
    return []


def _told(code: str, words: Words) -> Body:
    return {"code": code, **both(words)}


_NOT_COUNTED = Words(
    "まだ実地で数えていません。数えて入力すると、その後は自動で計算します。",
    "Never counted by hand. Count it and enter it; from then on it is computed.",
)
_NO_SENSOR = Words(
    "前後の工程の両方に完成を数えるセンサーが要ります。", "Both stations need a sensor that counts finished pieces."
)
_BRANCH = Words(
    "流れが分かれる(合わさる)所の仕掛りは、数からは計算できません。",
    "Where a flow parts or joins, it cannot be computed from counts.",
)
_PERSON = Words(
    "一人の人が働く工程なので、数えた後の最初の正時からの分だけを足し引きしています(その前の数個は入りません)。",
    "One person works there: reckoned from the full hour after the count (the few pieces before it are left out).",
)
_TOO_OLD = Words(
    f"実地で数えてから {OLDEST_DAYS} 日を過ぎました。数え直してください。",
    f"It was counted by hand more than {OLDEST_DAYS} days ago. Count again.",
)
_NEGATIVE = Words(
    "仕掛りが負になりました。実地の数か、どちらかのセンサーの数が違います(センサー疑い)。数え直してください。",
    "Below zero: the count by hand or one of the two sensors is wrong (doubtful sensor). Count again.",
)
