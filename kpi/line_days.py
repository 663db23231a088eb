"""The days of a whole flow as `kpi.analysis.what_if` needs them: own cycles, own stops and set-ups of every station.

A gap between pieces is no station's own pace where it waits for a neighbour. So a station's pace is what its `running`
sensor shows; else its measured cycles if these lie within 10 % of its ideal (or it has none); else its ideal. A stop
without a reason is a station's own, but for what lies in a stop of another station that began earlier.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from kpi import facts
from kpi.analysis.what_if import OVER_IDEAL, Floats, Measured
from kpi.answers import Answers, Place
from kpi.facts import Question
from kpi.ledger import Ledger
from kpi.spans import NOTHING, NS, Spans, Times, times
from kpi.stops import Stop

Source = Literal["measured", "running", "ideal"]
FEWEST_PIECES = 30
LEAST_COVERAGE = 0.95
LEAST_LEFT = 0.05
"""A cycle never becomes shorter than this share of itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to change: a station's cycle, or one phase of it, to a median of ``to_s``."""

    station: str
    to_s: float
    phase: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One station of the flow as its days showed it. ``from_s``: median now of what is to change, if it is here."""

    place: Place
    measured: Measured
    source: Source
    median_s: float
    ideal_s: float | None
    from_s: float | None


@dataclass(frozen=True, slots=True)
class LineDays:
    """The days that count, and those that were left out."""

    days: tuple[date, ...]
    left_out: tuple[date, ...]
    good: Floats
    shifts: Floats
    stations: tuple[Seen, ...]


def flow_of(answers: Answers, station: str) -> list[Place]:
    """The stations that a piece passes, this one among them, in the order of the file; alone where no flow names it."""
    line = answers.line
    linked = {station}
    for _ in line.flow:
        for flow in line.flow:
            if flow.source in linked or flow.target in linked:
                linked |= {flow.source, flow.target}
    return [answers.place(s) for s in line.stations if s in linked]


def last_of(answers: Answers, places: Sequence[Place]) -> Place:
    """The station where the line's output is counted: the one nothing follows; the last of the file if several."""
    sources = {flow.source for flow in answers.line.flow}
    return next((place for place in reversed(places) if place.id not in sources), places[-1])


def line_days(
    answers: Answers, places: Sequence[Place], change: Change, start: int, end: int, go_on: Callable[[], None]
) -> LineDays:
    """The whole business days of [start, end) that are over, of every station of the flow."""
    now = answers.desk.now_ns()
    calendar = places[0].calendar
    edges = _days(places[0], start, min(end, now))
    starts, ends = times([a for _, a, _ in edges]), times([b for _, _, b in edges])
    if not edges:
        return LineDays((), (), np.zeros(0), np.zeros(0), ())
    ledgers: dict[str, Ledger] = {}
    for place in places:
        go_on()
        ledgers[place.id] = answers.ledger(place, int(starts[0]), int(ends[-1]), now)
    go_on()
    kept = np.all([_counts(ledger, starts, ends) for ledger in ledgers.values()], axis=0)
    days, left = (
        tuple(d for (d, _, _), k in zip(edges, kept, strict=True) if bool(k) is want) for want in (True, False)
    )
    starts, ends = starts[kept], ends[kept]
    own = own_stops(answers, ledgers)
    seen = [_seen(place, ledgers[place.id], change, own[place.id], starts, ends) for place in places]
    last = last_of(answers, places)
    corrections = answers.shelf.entries("correction", int(starts[0]), int(ends[-1])) if len(starts) else []
    good = [
        sum(m.good for m in facts.of(ledgers[last.id], Question(a, b, b), corrections).made or ())
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    shifts = [
        sum(a <= s.start < b for s in calendar.shifts(a, b)) or 1
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    return LineDays(
        days, left, np.maximum(np.array(good, float), 0.0), np.array(shifts, float), tuple(filter(None, seen))
    )


def _days(place: Place, start: int, end: int) -> list[tuple[date, int, int]]:
    """The business days that lie wholly in [start, end); of the first and last, their shifts suffice."""
    found = []
    if end <= start:
        return []
    day, last = place.calendar.day_of(start), place.calendar.day_of(end - 1)
    while day <= last:
        a, b = place.calendar.day(day)
        work = place.calendar.work(a, b)
        if len(work) and int(work.start[0]) >= start and int(work.end[-1]) <= end:
            found.append((day, a, min(b, max(end, int(work.end[-1])))))
        day += timedelta(days=1)
    return found


def _counts(ledger: Ledger, starts: Times, ends: Times) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which days count at a station: planned, observed, with pieces enough."""
    planned, seen = ledger.record.planned.within(starts, ends), ledger.observed.within(starts, ends)
    enough = _made(ledger, starts, ends) >= FEWEST_PIECES
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (planned > 0) & (seen >= LEAST_COVERAGE * planned) & enough
    return found


def _made(ledger: Ledger, starts: Times, ends: Times) -> Floats:
    """Counts of production of each day."""
    pieces = ledger.record.pieces
    if pieces is None:
        return np.zeros(len(starts))
    made = ~pieces.test
    t = pieces.t[made]
    total = np.concatenate(([0], np.cumsum(pieces.ends[made]))).astype(np.float64)
    counts: Floats = total[np.searchsorted(t, ends)] - total[np.searchsorted(t, starts)]
    return counts


def own_stops(answers: Answers, ledgers: Mapping[str, Ledger]) -> dict[str, tuple[Spans, Spans]]:
    """Of each station the time it stood by its own fault, and the time it was set up; observed time only."""
    line = answers.line
    fed = {flow.target for flow in line.flow}
    feeds = {flow.source for flow in line.flow}
    found = {}
    for name, ledger in ledgers.items():
        others = [s for other, its in ledgers.items() if other != name for s in its.stops]
        other_start, other_end = times([s.start for s in others]), times([s.end for s in others])
        own: list[tuple[int, int]] = []
        set_up: list[tuple[int, int]] = []
        for stop in ledger.stops:
            if stop.planned or (stop.loss == "starved" and name in fed) or (stop.loss == "blocked" and name in feeds):
                continue
            if stop.loss in ("setup", "tool"):
                set_up.append((stop.start, stop.end))
            else:
                own += _own_part(stop, other_start, other_end)
        found[name] = Spans.pairs(own) & ledger.observed, Spans.pairs(set_up) & ledger.observed
    return found


def _own_part(stop: Stop, other_start: Times, other_end: Times) -> Spans:
    whole = Spans.one(stop.start, stop.end)
    if stop.reason is not None:
        return whole
    cause = (other_start < stop.start) & (other_end > stop.start)
    return whole - Spans.of(other_start[cause], other_end[cause]) if cause.any() else whole


def _seen(
    place: Place, ledger: Ledger, change: Change, stood: tuple[Spans, Spans], starts: Times, ends: Times
) -> Seen | None:
    cycles = ledger.cycles
    day = np.searchsorted(starts, cycles.end, "right") - 1
    kept = (day >= 0) & (cycles.end < ends[np.maximum(day, 0)]) if len(starts) else np.zeros(len(cycles.end), bool)
    begin, finish, day = cycles.start[kept], cycles.end[kept], day[kept]
    if not len(day):
        return None
    length = (finish - begin) / NS
    product = cycles.product[kept]
    ideal = place.settings.ideal_s(finish, product) * place.settings.each(finish, product)
    source, own_s = _own_pace(ledger, begin, finish, length, ideal)
    from_s, faster = None, own_s
    if change.station == place.id:
        from_s, faster = _changed(ledger, change, begin, finish, length, own_s)
    observed = ledger.observed
    measured = Measured(
        place.id,
        own_s,
        day.astype(np.intp),
        faster,
        source != "ideal",
        observed.within(starts, ends) / NS,
        stood[0].within(starts, ends) / NS,
        stood[1].within(starts, ends) / NS,
        _made(ledger, starts, ends),
    )
    return Seen(
        place,
        measured,
        source,
        float(np.median(length)),
        None if np.isnan(ideal).any() else float(ideal.mean()),
        from_s,
    )


def _own_pace(ledger: Ledger, begin: Times, end: Times, length: Floats, ideal: Floats) -> tuple[Source, Floats]:
    """Where a station's own pace is seen, and its own seconds of each cycle."""
    running = ledger.record.running
    if running is not None and len(running.ones):
        ran: Floats = running.ones.within(begin, end) / NS
        return "running", np.maximum(ran, LEAST_LEFT * length)
    if np.isnan(ideal).any() or float(np.median(length / ideal)) <= OVER_IDEAL:
        return "measured", length
    return "ideal", ideal


def _changed(
    ledger: Ledger, change: Change, begin: Times, end: Times, length: Floats, own_s: Floats
) -> tuple[float | None, Floats]:
    """The median now of what changes (None: there is no such phase), and the own cycles as they would be."""
    if change.phase is None:
        now = float(np.median(length))
        return now, own_s * (change.to_s / float(np.median(own_s)))
    phase = ledger.phases.get(change.phase)
    ones = NOTHING if phase is None else phase.ones
    inside = ones.within(begin, end) / NS
    if not (inside > 0).any():
        return None, own_s
    now = float(np.median(inside[inside > 0]))
    return now, np.maximum(own_s - inside * (1 - change.to_s / now), LEAST_LEFT * own_s)
