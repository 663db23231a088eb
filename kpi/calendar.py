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

from contract.line import CalendarEntry, Line, Shift, Span
from kpi.history import History
from kpi.spans import NOTHING, Spans
from kpi.times import business_day, day_start, instant, local_date

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
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
        hours, extra = (Spans.pairs(pairs).clip(start, end) for pairs in (self.hours, self.extra))
        if not len(hours) and not len(extra):
            return None
        return replace(self, hours=tuple(hours), extra=tuple(extra))


class Calendar:
    """When a station is meant to work. ``bound`` is whether the line has shifts at all."""

    def __init__(self, history: History, station: str) -> None:
        self._history = history
        self._station = station
        self._days: dict[tuple[int, date], tuple[WorkShift, ...]] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The zone of shifts and days."""
        return self._history.newest.zone

    def shifts(self, start: int, end: int) -> list[WorkShift]:
        """Every shift that has time in [start, end), whole, in order of their beginning."""
        found: dict[tuple[date, str], WorkShift] = {}
        for index, since, until, line in self._history.periods():
            if since >= end or until <= start or not line.shifts:
                continue
            for day in _dates(max(start, since), min(end, until), line.zone):
                for shift in self._on(index, line, day):
                    part = shift.clipped(since, until)
                    if part is not None:
                        key = (part.day, part.name)
                        found[key] = _joined(found[key], part) if key in found else part
        inside = [s for s in found.values() if s.start < end and s.end > start]
        return sorted(inside, key=lambda s: (s.start, s.name))

    def work(self, start: int, end: int) -> Spans:
        """The time of shifts in [start, end); all of it where a version of the line has no shifts."""
        pairs = [pair for s in self.shifts(start, end) for pair in s.hours + s.extra]
        return (Spans.pairs(pairs) | self._unbound()).clip(start, end)

    def rest(self, start: int, end: int) -> Spans:
        """Breaks and calendar stops in [start, end), within the time of shifts."""
        shifts = self.shifts(start, end)
        rest = Spans.pairs(pair for s in shifts for pair in s.breaks + s.stops)
        work = Spans.pairs(pair for s in shifts for pair in s.hours + s.extra)
        return (rest & work).clip(start, end)

    def breaks(self, start: int, end: int) -> Spans:
        """The breaks alone, without calendar stops."""
        shifts = self.shifts(start, end)
        work = Spans.pairs(pair for s in shifts for pair in s.hours + s.extra)
        return (Spans.pairs(pair for s in shifts for pair in s.breaks) & work).clip(start, end)

    def regular(self, start: int, end: int) -> Spans:
        """定時 in [start, end): regular shifts less breaks and calendar stops."""
        shifts = self.shifts(start, end)
        hours = Spans.pairs(pair for s in shifts if s.regular for pair in s.hours) | self._unbound()
        return (hours - Spans.pairs(pair for s in shifts for pair in s.breaks + s.stops)).clip(start, end)

    def block(self, at: int, reach_days: int = 40) -> tuple[int | None, int | None]:
        """The unbroken shift time round a moment: back-to-back shifts are one. None: further than ``reach_days``.

        A moment outside any shift is its own block, (at, at).
        """
        reach = reach_days * 86400 * 10**9
        near = 2 * 86400 * 10**9
        for pad in (near, reach):
            work = self.work(at - pad, at + pad)
            here = work.clip(at, at + 1)
            if not len(here):
                return at, at
            index = int(work.index(here.start)[0])
            start, end = int(work.start[index]), int(work.end[index])
            if (start > at - pad and end < at + pad) or pad == reach:
                return (start if start > at - pad else None), (end if end < at + pad else None)
        return None, None

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

    def _unbound(self) -> Spans:
        free = [(since, until) for _, since, until, line in self._history.periods() if not line.shifts]
        return Spans.pairs(free) if free else NOTHING

    def _on(self, index: int, line: Line, day: date) -> tuple[WorkShift, ...]:
        known = self._days.get((index, day))
        if known is None:
            if len(self._days) > 20_000:
                self._days.clear()
            entries = [
                entry
                for entry in self._history.calendar(index, day)
                if entry.stations is None or self._station in entry.stations
            ]
            breaks = self._history.station(index, self._station).on(day).breaks
            made = (_work_shift(line.zone, shift, day, entries, breaks) for shift in line.shifts)
            known = self._days[index, day] = tuple(shift for shift in made if shift is not None)
        return known


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
    stops = [_stop(begin, finish, entry) for entry in mine if entry.kind == "planned_stop"]

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


def _stop(begin: datetime, finish: datetime, entry: CalendarEntry) -> tuple[datetime, datetime]:
    """A calendar stop; without times the whole shift. Past midnight where only that meets the shift."""
    start = begin if entry.start is None else datetime.combine(begin.date(), entry.start)
    end = finish if entry.end is None else _after(start, entry.end)
    if start < begin and end <= begin:
        return start + _DAY, end + _DAY
    return start, end
