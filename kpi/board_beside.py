"""The hour board beside the last shift like it: of the same name, with the same product. A leader's first comparison.

The same product is the one most pieces of the shift were made of. Looked at are the last :data:`MOST_SHIFTS` shifts of
that name within :data:`MOST_DAYS` days; shifts in which nothing was made are passed over. Hours go with hours of the
same time on the clock; the sums are of the same time since the shift's start, so that a running shift is compared with
as much of the other. All differences are told here, so that a page only prints.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from contract.words import Words
from kpi import facts
from kpi.alarms import AS_AGREED, Wished
from kpi.answers import Answers
from kpi.board import Shown, rows_of, shown, shown_of, stop_minutes, told
from kpi.facts import Question
from kpi.ledger import Ledger
from kpi.privacy import whole_hours
from kpi.settings import NO_PRODUCT
from kpi.spans import NS
from kpi.times import rfc3339
from kpi.tokens import Role
from kpi.worked import DAY_NS, Worked

Body = dict[str, Any]
MOST_SHIFTS, MOST_DAYS = 5, 14
KEPT_S, MOST_KEPT = 60, 16
STOOD = ("minor_stop", "downtime")

NONE_LIKE_IT = Words(
    f"この{MOST_DAYS}日に、同じ品番を作った同じ勤務がありません。",
    f"No shift of this name made the same product in the last {MOST_DAYS} days.",
)


@dataclass(frozen=True, slots=True)
class Former:
    """The last shift like another one, and its hours by the clock; looked up at ``at``."""

    shown: Shown | None
    hours: Mapping[str, Body]
    at: int


class Beside:
    """Boards of a line with the shifts beside them, which are looked up again after :data:`KEPT_S` only.

    A running board is asked for with every piece; what was over before it began hardly changes.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._former: OrderedDict[tuple[Any, ...], Former] = OrderedDict()
        self._lock = threading.Lock()

    def board(self, station: str, day: date | None, name: str | None, role: Role, wished: Wished = AS_AGREED) -> Body:
        """The body of GET /board: the board of :func:`kpi.board.board`, and beside it the last shift like it."""
        here = shown(self._answers, station, day, name, role, wished)
        return _beside(here, self._former_of(here, role))

    def _former_of(self, here: Shown, role: Role) -> Former:
        product = _product(here.ledger, here.since, here.until)
        if product is None:
            product = here.ledger.record.product_before(max(here.shift.start, here.until))
        key = (here.place.id, here.shift.start, here.shift.end, here.veil, product, len(here.place.history.versions))
        with self._lock:
            kept = self._former.get(key)
        if kept is not None and 0 <= here.now - kept.at < KEPT_S * NS:
            return kept
        before = _before(here, product, role)
        hours = {} if before is None else {_clock(row): row for row in rows_of(before)}
        found = Former(before, hours, here.now)
        with self._lock:
            self._former[key] = found
            self._former.move_to_end(key)
            while len(self._former) > MOST_KEPT:
                self._former.popitem(last=False)
        return found


def _beside(here: Shown, former: Former) -> Body:
    body, before = told(here), former.shown
    if before is None:
        rows = [{**row, "before": None} for row in body["rows"]]
        return {**body, "rows": rows, "before": None, "before_why": {"ja": NONE_LIKE_IT.ja, "en": NONE_LIKE_IT.en}}
    rows = [{**row, "before": _hour(row, former.hours.get(_clock(row)))} for row in body["rows"]]
    return {**body, "rows": rows, "before": _sums(here, before, body), "before_why": None}


def _before(here: Shown, product: int, role: Role) -> Shown | None:
    """The last shift like the one that is shown."""
    for shift in _earlier(here):
        found = shown_of(here.answers, here.place, shift, here.agreed, here.now, role, marked=False)
        if _product(found.ledger, found.since, found.until) == product:
            return found
    return None


def _earlier(here: Shown) -> Iterator[Worked]:
    """Shifts of the same name before this one, the last one first."""
    shift, calendar = here.shift, here.place.calendar
    if shift.shift is None:
        for back in range(1, MOST_SHIFTS + 1):
            day = shift.day - timedelta(days=back)
            yield Worked(day, "", *calendar.day(day))
        return
    near = calendar.shifts(shift.start - MOST_DAYS * DAY_NS, shift.start)
    named = [s for s in near if s.name == shift.name and s.start < shift.start]
    for earlier in sorted(named, key=lambda s: s.start, reverse=True)[:MOST_SHIFTS]:
        yield Worked(earlier.day, earlier.name, earlier.start, earlier.end, earlier)


def _product(ledger: Ledger, start: int, end: int) -> int | None:
    """The number of the product most pieces were made of; None where nothing was made."""
    pieces = ledger.record.pieces
    if pieces is None:
        return NO_PRODUCT
    made = pieces.product[(pieces.t >= start) & (pieces.t < end) & ~pieces.test]
    numbers, times_made = np.unique(made, return_counts=True)
    return int(numbers[times_made.argmax()]) if len(made) else None


def _clock(row: Body) -> str:
    return str(row["start"])[11:16]


def _hour(row: Body, before: Body | None) -> Body | None:
    """The hour of the other shift; the difference only once the hour is over."""
    if before is None:
        return None
    return {
        "actual": before["actual"],
        "stopped_min": _stopped(before["stop_min"]),
        "no_data_min": before["stop_min"]["no_data"],
        "less": _less(row["actual"], before["actual"]) if row["state"] == "over" else None,
    }


def _sums(here: Shown, before: Shown, body: Body) -> Body:
    """The other shift up to the same time since its start, what this one made more or less, and the other whole."""
    until = min(before.until, before.shift.start + max(0, here.until - here.shift.start))
    since = before.since
    if before.veil:
        since, until = whole_hours(before.shift.start, until)
    so_far = replace(before, since=since, until=max(since, until))
    zone = here.place.calendar.zone
    made, stood = _good(so_far), stop_minutes(so_far)
    number = _product(before.ledger, before.since, before.until) or NO_PRODUCT
    id = here.place.settings.products[number]
    known = here.answers.line.products.get(id) if id is not None else None
    mine = body["total"]
    return {
        "date": before.shift.day.isoformat(),
        "shift": before.shift.name or None,
        "start": rfc3339(before.shift.start, zone),
        "end": rfc3339(before.shift.end, zone),
        "until": rfc3339(so_far.until, zone),
        "product": None if id is None else {"id": id, "name": known.name if known is not None else id},
        "actual": made,
        "stopped_min": _stopped(stood),
        "no_data_min": stood["no_data"],
        "less": {
            "actual": _less(mine["actual"], made),
            "stopped_min": round(_stopped(mine["stop_min"]) - _stopped(stood), 1),
        },
        "whole": {"actual": _good(before), "stopped_min": _stopped(stop_minutes(before))},
    }


def _good(of: Shown) -> int | None:
    """Good pieces of the time that is shown, with what people put right."""
    if of.until <= of.since:
        return 0
    corrections = [e for e in of.entries if e.kind == "correction"]
    made = facts.of(of.ledger, Question(of.since, of.until, of.until), corrections).made
    return None if made is None else sum(m.good for m in made)


def _stopped(stop_min: Body) -> float:
    return round(sum(float(stop_min[key]) for key in STOOD), 1)


def _less(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a - b
