"""What the wall shows: each station's running shift, or outside a shift the last one; its state; its last piece."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kpi import facts
from kpi.answers import Answers, Place
from kpi.basis import basis
from kpi.calendar import WorkShift
from kpi.facts import Question
from kpi.figures import figures
from kpi.finality import underway
from kpi.ledger import Ledger
from kpi.measures_told import counts_pieces, measures
from kpi.phases import mode_at
from kpi.plans import quantity_of
from kpi.privacy import coarse, last_hour, veiled
from kpi.signals import signals
from kpi.spans import NS, times
from kpi.stops import Stop
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
IN_SHIFT = "in_shift"
"""What is said of a person's station instead of whether it runs or stands: that changes more often than by the hour."""

LOOK_BACK_NS = 30 * 86400 * NS
"""A shift that ended longer ago is not shown any more."""


@dataclass(frozen=True, slots=True)
class Running:
    """The time a wall shows of a station: the shift (None: a business day of a line without shifts)."""

    start: int
    end: int
    shift: WorkShift | None


def wall(answers: Answers, role: Role) -> Body:
    """GET /wall: every station in the order of the file."""
    now = answers.desk.now_ns()
    line = answers.line
    return {
        "now": rfc3339(now, line.zone),
        "line": {"name": line.name or line.line, "site": line.site},
        "demo": dict(answers.desk.demo.state()) if answers.desk.demo else None,
        "stations": [wall_station(answers, place, role, now) for place in answers.places(None)],
    }


def wall_station(answers: Answers, place: Place, role: Role, now: int) -> Body:
    """One station as the wall shows it at a moment."""
    hidden = veiled(answers.line.stations[place.id], role)
    shown = running(place, now)
    until = min(last_hour(shown.start, now) if hidden else now, shown.end)
    ledger = answers.ledger(place, shown.start, now, now)
    product = ledger.record.product_before(max(shown.start, until)) if hidden else ledger.record.last_product
    plan = _plan(answers, place, shown)
    corrections = answers.shelf.entries("correction", shown.start, max(shown.start, until))
    told = facts.of(ledger, Question(shown.start, max(shown.start, until), shown.end, None, plan), corrections)
    found = figures(told)
    zone = place.calendar.zone
    body: Body = {
        "station": place.id,
        "name": place.name,
        "state": _state(ledger, now, zone),
        "mode": _mode(ledger, now, zone),
        "shift": _named(shown, zone),
        "produced_quantity": found["produced_quantity"],
        "good_quantity": found["good_quantity"],
        "scrap_quantity": found["scrap_quantity"],
        "plan": None if plan is None else round(plan),
        "plan_so_far": _so_far(plan, told.elapsed_planned_s, told.whole_planned_s),
        "difference": found["progress_pieces"],
        "ideal_cycle_s": place.settings.ideal_since(max(shown.start, until - 1), product)[0],
        "takt_time_s": found["takt_time_s"],
        **_lasts(ledger, shown.start, until, zone),
        "cycle_time_s": found["cycle_time_s"],
        "phases": _phases(ledger, found["phases"], shown.start, until, zone),
        "product": place.settings.products[product],
        "coverage": found["coverage"],
        "oee": found["oee"],
        "kadoritsu": found["kadoritsu"],
        "availability": found["availability"],
        "stops": found["stops"],
        "doubtful": answers.doubt(place, ledger, shown.start, min(until, now), now, role),
        "basis": basis(
            place.settings,
            ledger,
            told,
            found,
            shown.start,
            until if hidden else shown.end,
            now,
            underway(answers.desk, answers.line, place.id, now).of(shown.end),
        ),
    }
    body["signals"] = signals(answers.line, answers.agents(), role)[place.id]
    body["measures"] = _measures(answers, place, shown, now, role)
    return _veil(body) if hidden else body


def _measures(answers: Answers, place: Place, shown: Running, now: int, role: Role) -> list[Body] | None:
    """What is measured at a station that counts no pieces; None of one that does."""
    station = answers.line.stations[place.id]
    if counts_pieces(station):
        return None
    return measures(answers.shelf, answers.line, station, (shown.start, shown.end), now, role)


def state(answers: Answers, place: Place, now: int) -> Body:
    """The state of a station at a moment, without its figures."""
    return _state(answers.ledger(place, running(place, now).start, now, now), now, place.calendar.zone)


def running(place: Place, now: int) -> Running:
    """The shift a station is in at a moment, else its last one, else (without shifts) its business day."""
    near = [s for s in place.calendar.shifts(now - 3 * 86400 * NS, now + 1) if s.start <= now]
    here = [s for s in near if any(a <= now < b for a, b in s.hours + s.extra)]
    ended = here or near or place.calendar.shifts(now - LOOK_BACK_NS, now + 1)
    if ended:
        shift = max(ended, key=lambda s: (s.start, s.end))
        return Running(shift.start, shift.end, shift)
    start, end = place.calendar.day(place.calendar.day_of(now))
    return Running(start, end, None)


def _state(ledger: Ledger, now: int, zone: Any) -> Body:
    """The bucket that holds the moment just before now, and since when without a break; of a stop its own part of it.

    What nobody saw, and a break, are no part of a stop: it is told from their end, as the ledger tells it.
    """
    if now <= ledger.start:
        return {"key": "no_shift", "since": None, "reason": None}
    last = np.array([now - 1])
    for bucket, spans in ledger.buckets.items():
        index = int(spans.index(last)[0])
        if index >= 0:
            stop = _stop_at(ledger, now) if bucket != "run" else None
            since = int(spans.start[index]) if stop is None else stop[0]
            return {"key": bucket, "since": rfc3339(since, zone), "reason": None if stop is None else stop[1].reason}
    return {"key": "no_data", "since": None, "reason": None}


def _mode(ledger: Ledger, now: int, zone: Any) -> Body | None:
    """Setup, trial or maintenance while it lasts, and since when; None in production."""
    found = mode_at(ledger.record.mode, now)
    return None if found is None else {"key": found[0], "since": rfc3339(found[1], zone)}


def _stop_at(ledger: Ledger, now: int) -> tuple[int, Stop] | None:
    """The stop that stands just before now, and since when without a break."""
    for stop in ledger.stops:
        if stop.start < now <= stop.end:
            seen = ledger.observed.clip(stop.start, now)
            if len(seen) and int(seen.end[-1]) == now:
                return int(seen.start[-1]), stop
    return None


def _named(shown: Running, zone: Any) -> Body | None:
    if shown.shift is None:
        return None
    return {"name": shown.shift.name, "start": rfc3339(shown.start, zone), "end": rfc3339(shown.end, zone)}


def _plan(answers: Answers, place: Place, shown: Running) -> float | None:
    if shown.shift is None:
        return None
    entries = answers.entries(shown.start, shown.end)
    return quantity_of(place.history, entries, place.id, shown.shift)


def _so_far(plan: float | None, elapsed_s: float, whole_s: float) -> float | None:
    return None if plan is None or not whole_s else plan * elapsed_s / whole_s


def _lasts(ledger: Ledger, start: int, until: int, zone: Any) -> Body:
    cycles = ledger.cycles.cut(start, until)
    pieces = ledger.record.pieces
    made = times([]) if pieces is None else pieces.t[~pieces.test & (pieces.t >= start) & (pieces.t < until)]
    return {
        "last_cycle_s": float(cycles.seconds[-1]) if len(cycles.seconds) else None,
        "last_piece_at": rfc3339(int(made[-1]), zone) if len(made) else None,
    }


def _phases(ledger: Ledger, found: Body, start: int, until: int, zone: Any) -> Body:
    told = {}
    for name, phase in ledger.phases.items():
        a, b = (int(i) for i in np.searchsorted(phase.ended, [start, until]))
        last = b - 1 if b > a else None
        told[name] = {
            "last_s": None if last is None else float(phase.ended[last] - phase.begun[last]) / NS,
            "last_at": None if last is None else rfc3339(int(phase.ended[last]), zone),
            **found[name],
        }
    return told


def _veil(body: Body) -> Body:
    """The wall of a station where one person works: whole hours, and no moment of a single event."""
    told = body["state"]
    by_the_clock = told["key"] in ("no_shift", "no_data") or (told["key"] == "planned_stop" and told["reason"] is None)
    state = {"key": told["key"] if by_the_clock else IN_SHIFT, "since": None, "reason": None}
    return {**coarse(body), "state": state, "mode": None, "last_cycle_s": None, "last_piece_at": None}
