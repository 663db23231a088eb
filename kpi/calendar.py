"""Shifts, breaks and calendar entries of one station, as spans of UTC.

    Calendar(history, "washer").work(start, end)     the time of shifts: what lies outside is `no_shift`
    Calendar(history, "washer").rest(start, end)     breaks and calendar stops in it: `planned_stop`

Times of day are local, so a night shift over a change to summer time is an hour shorter. Which version of the line
counts when: see docs/decisions/kpi-days-late-data-caching.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from contract.line import CalendarEntry, Line, Shift, Span
from kpi.history import History
from kpi.spans import NS, Spans, Times, times
from kpi.times import business_day, day_start, instant, local_date

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
LONGEST_SHIFT_NS = 3 * 86400 * NS
STRETCH_NS = 32 * 86400 * NS
REACH_NS = 40 * 86400 * NS
"""Shift time that has gone on for longer has no beginning that matters."""

MOST_LAID = 64
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WorkShift:
    """One shift on one date: its hours, early and overtime work included, and the rest in them. UTC ns."""

    name: str
    day: date
    hours: Pairs
    extra: Pairs
    breaks: Pairs
    stops: Pairs
    regular: bool

    @property
    def start(self) -> int:
        """When it begins, early work included."""
        return min(a for a, _ in self.hours + self.extra)

    @property
    def end(self) -> int:
        """When it ends, overtime included."""
        return max(b for _, b in self.hours + self.extra)

    def clipped(self, start: int, end: int) -> "WorkShift | None":
        """What of it lies in [start, end), or None."""
        if start <= self.start and self.end <= end:
            return self
        hours, extra = (Spans.pairs(pairs).clip(start, end) for pairs in (self.hours, self.extra))
        if not len(hours) and not len(extra):
            return None
        return replace(self, hours=tuple(hours), extra=tuple(extra))


@dataclass(frozen=True, slots=True)
class Layout:
    """A stretch of the calendar, laid out: whole shifts in order of their beginning, and the spans they make."""

    shifts: tuple[WorkShift, ...]
    starts: Times
    work: Spans
    rest: Spans
    breaks: Spans
    usual: Spans
    regular: Spans


class Calendar:
    """When a station is meant to work."""

    def __init__(self, history: History, station: str) -> None:
        self._history = history
        self._station = station
        self._laid: dict[tuple[int, int], Layout] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The zone of shifts and days."""
        return self._history.newest.zone

    def shifts(self, start: int, end: int) -> list[WorkShift]:
        """Every shift that has time in [start, end), whole, in order of their beginning."""
        laid = self._layout(start, end)
        near = laid.shifts[: int(np.searchsorted(laid.starts, end))]
        first = int(np.searchsorted(laid.starts, start - LONGEST_SHIFT_NS))
        return [shift for shift in near[first:] if shift.end > start]

    def work(self, start: int, end: int) -> Spans:
        """The time of shifts in [start, end); all of it where a version of the line has no shifts."""
        return self._layout(start, end).work.clip(start, end)

    def rest(self, start: int, end: int) -> Spans:
        """Breaks and calendar stops in [start, end), within the time of shifts."""
        return self._layout(start, end).rest.clip(start, end)

    def regular(self, start: int, end: int) -> Spans:
        """定時 in [start, end): regular shifts less breaks and calendar stops."""
        return self._layout(start, end).regular.clip(start, end)

    def usual(self, start: int, end: int) -> Spans:
        """The hours of regular shifts in [start, end), breaks and calendar stops included."""
        return self._layout(start, end).usual.clip(start, end)

    def breaks(self, start: int, end: int) -> Spans:
        """Breaks in [start, end), within the time of shifts; a calendar stop may lie over them."""
        return self._layout(start, end).breaks.clip(start, end)

    def block(self, at: int) -> tuple[int | None, int | None]:
        """The unbroken shift time round a moment: back-to-back shifts are one. None: further than REACH_NS away.

        A moment outside any shift is its own block, (at, at).
        """
        work = self._layout(at - REACH_NS, at + REACH_NS).work
        index = int(work.index(times([at]))[0])
        if index < 0:
            return at, at
        start, end = int(work.start[index]), int(work.end[index])
        return (start if start > at - REACH_NS else None), (end if end < at + REACH_NS else None)

    def has_shifts(self, at: int) -> bool:
        """Whether the version in force at a moment has shifts."""
        return bool(self._history.at(at).shifts)

    def day_of(self, at: int) -> date:
        """The business day of a moment."""
        return business_day(at, self.zone, self._history.newest.day_starts)

    def day(self, day: date) -> tuple[int, int]:
        """A business day's beginning and end."""
        line = self._history.newest
        return day_start(day, line.zone, line.day_starts), day_start(day + _DAY, line.zone, line.day_starts)

    def _layout(self, start: int, end: int) -> Layout:
        """The stretches of STRETCH_NS that hold [start, end), laid out once."""
        key = (start - LONGEST_SHIFT_NS) // STRETCH_NS, max(start, end) // STRETCH_NS + 1
        laid = self._laid.get(key)
        if laid is None:
            if len(self._laid) >= MOST_LAID:
                self._laid.clear()
            laid = self._laid[key] = self._lay_out(key[0] * STRETCH_NS, key[1] * STRETCH_NS)
        return laid

    def _lay_out(self, start: int, end: int) -> Layout:
        found: dict[tuple[date, str], WorkShift] = {}
        free: list[tuple[int, int]] = []
        for index, since, until, line in self._history.periods():
            if not line.shifts:
                free.append((max(start, since), min(end, until)))
            elif since < end and until > start:
                for day in _dates(max(start, since), min(end, until), line.zone):
                    for shift in self._on(index, line, day):
                        part = shift.clipped(since, until)
                        if part is not None:
                            key = (part.day, part.name)
                            found[key] = _joined(found[key], part) if key in found else part
        shifts = sorted((s for s in found.values() if s.end > start and s.start < end), key=lambda s: (s.start, s.name))
        work = Spans.pairs(pair for s in shifts for pair in s.hours + s.extra)
        rest = Spans.pairs(pair for s in shifts for pair in s.breaks + s.stops) & work
        breaks = Spans.pairs(pair for s in shifts for pair in s.breaks) & work
        usual = Spans.pairs(pair for s in shifts if s.regular for pair in s.hours) | Spans.pairs(free)
        starts = times([s.start for s in shifts])
        return Layout(tuple(shifts), starts, work | Spans.pairs(free), rest, breaks, usual, usual - rest)

    def _on(self, index: int, line: Line, day: date) -> list[WorkShift]:
        """The shifts of one date, as one version of the line has them."""
        entries = [
            entry
            for entry in self._history.calendar(index, day)
            if entry.stations is None or self._station in entry.stations
        ]
        breaks = self._history.station(index, self._station).on(day).breaks
        made = (_work_shift(line.zone, shift, day, entries, breaks) for shift in line.shifts)
        return [shift for shift in made if shift is not None]


def _dates(start: int, end: int, zone: ZoneInfo) -> Iterator[date]:
    """The dates whose shifts may reach into [start, end): two days before for a shift past midnight with overtime."""
    day, last = local_date(max(start, 0), zone) - 2 * _DAY, local_date(end, zone)
    while day <= last:
        yield day
        day += _DAY


def _joined(first: WorkShift, second: WorkShift) -> WorkShift:
    def both(a: Pairs, b: Pairs) -> Pairs:
        return tuple(Spans.pairs(a + b))

    return replace(
        second,
        hours=both(first.hours, second.hours),
        extra=both(first.extra, second.extra),
        breaks=both(first.breaks, second.breaks),
        stops=both(first.stops, second.stops),
    )


def _work_shift(
    zone: ZoneInfo, shift: Shift, day: date, entries: Sequence[CalendarEntry], station_breaks: tuple[Span, ...] | None
) -> WorkShift | None:
    """One shift on one date, or None where it is not worked."""
    mine = [entry for entry in entries if entry.shift in (None, shift.name)]
    called = next((entry for entry in reversed(mine) if entry.kind == "holiday_work"), None)
    weekly = _WEEKDAYS[day.weekday()] in shift.days and not any(entry.kind == "holiday" for entry in mine)
    if not weekly and called is None:
        return None
    begin = datetime.combine(day, (called.start if called else None) or shift.hours.start)
    finish = _after(begin, (called.end if called else None) or shift.hours.end)
    extra = [(_before(begin, e.start), begin) for e in mine if e.kind == "early" and e.start is not None]
    for entry in mine:
        if entry.kind == "overtime" and entry.end is not None:
            from_then = finish if entry.start is None else _after(begin, entry.start)
            extra.append((from_then, _after(from_then, entry.end)))
    rests = shift.breaks if station_breaks is None else station_breaks
    usual = datetime.combine(day, shift.hours.start)
    breaks = [_break(usual, rest) for rest in rests]
    first = min([begin, *(since for since, _ in extra)])
    stops = [_stop(begin, finish, first, entry) for entry in mine if entry.kind == "planned_stop"]

    def utc(pairs: list[tuple[datetime, datetime]]) -> Pairs:
        told = ((instant(a, zone), instant(b, zone)) for a, b in pairs)
        return tuple((a, b) for a, b in told if b > a)

    made = WorkShift(
        shift.name, day, utc([(begin, finish)]), utc(extra), utc(breaks), utc(stops), shift.regular and called is None
    )
    return made if made.hours or made.extra else None


def _after(moment: datetime, clock: time) -> datetime:
    """The first time after a moment at which clocks show ``clock``."""
    same = datetime.combine(moment.date(), clock)
    return same if same > moment else same + _DAY


def _before(moment: datetime, clock: time) -> datetime:
    """The last time before a moment at which clocks showed ``clock``."""
    same = datetime.combine(moment.date(), clock)
    return same if same < moment else same - _DAY


def _break(shift_begins: datetime, rest: Span) -> tuple[datetime, datetime]:
    """A break earlier than the shift's start belongs to the next day."""
    begin = datetime.combine(shift_begins.date(), rest.start)
    begin = begin if begin >= shift_begins else begin + _DAY
    return begin, _after(begin, rest.end)


def _stop(begin: datetime, finish: datetime, first: datetime, entry: CalendarEntry) -> tuple[datetime, datetime]:
    """A calendar stop; without times the whole shift. Past midnight where only that meets the work, which begins
    ``first`` (early work).
    """
    start = begin if entry.start is None else datetime.combine(begin.date(), entry.start)
    end = finish if entry.end is None else _after(start, entry.end)
    if start < begin and end <= first:
        return start + _DAY, end + _DAY
    return start, end
