"""When a station is wanted: the shifts, breaks and calendar of the line, laid on the time axis.

    roster = Roster(line, line.stations["packer"])
    roster.look(now_ns).kind            # "work", "break", "planned_stop" or "no_shift"

A break of the shift that the station's own breaks do not have is *relieved*: someone else works through it.
Times are nanoseconds since 1970 UTC. A line without shifts works always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from contract.line import CalendarEntry, Line, Shift, Span, Station
from contract.reading import NS_PER_S

Kind = Literal["work", "break", "planned_stop", "no_shift"]
Window = tuple[int, int]
"""Start and end in nanoseconds, half open."""

DAY = timedelta(days=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONG_REST_NS = 30 * 60 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift on one date. ``rests`` are the breaks its people take, relieved or not."""

    name: str
    date: date
    start_ns: int
    end_ns: int
    rests: tuple[Window, ...] = ()

    @property
    def lunch(self) -> Window | None:
        """The longest rest, if it is one to eat in."""
        longest = max(self.rests, key=lambda rest: rest[1] - rest[0], default=(0, 0))
        return longest if longest[1] - longest[0] >= LONG_REST_NS else None


@dataclass(frozen=True, slots=True)
class Look:
    """What the station is meant to do from ``since_ns`` until ``until_ns``; who is on duty; whether by relief."""

    kind: Kind
    since_ns: int
    until_ns: int
    duty: Duty | None = None
    relieved: bool = False

    @property
    def at_work(self) -> bool:
        """Whether somebody should be working."""
        return self.kind == "work"


@dataclass(frozen=True, slots=True)
class _Day:
    """Everything that the shifts of one date lay on the time axis; it may reach into the next date."""

    duties: tuple[Duty, ...]
    breaks: tuple[Window, ...]
    stops: tuple[Window, ...]


class Roster:
    """The station's working time."""

    def __init__(self, line: Line, station: Station) -> None:
        self._line = line
        self._station = station
        self._now = Look("no_shift", 0, 0)
        self._day = lru_cache(maxsize=16)(self._make_day)

    def look(self, at_ns: int) -> Look:
        """What is meant at that moment, and until when it stays so."""
        now = self._now
        if not now.since_ns <= at_ns < now.until_ns:
            now = self._now = self._find(at_ns)
        return now

    def planned_ns(self, start_ns: int, end_ns: int) -> int:
        """How much of a window is working time."""
        return sum(
            min(end_ns, look.until_ns) - max(start_ns, look.since_ns)
            for look in self.looks(start_ns, end_ns)
            if look.at_work
        )

    def looks(self, start_ns: int, end_ns: int) -> Iterable[Look]:
        """Every stretch that touches a window, in order."""
        at_ns = start_ns
        while at_ns < end_ns:
            look = self._find(at_ns)
            yield look
            at_ns = look.until_ns

    def _find(self, at_ns: int) -> Look:
        here = datetime.fromtimestamp(at_ns // NS_PER_S, self._line.zone).date()
        days = [self._day(here + offset * DAY) for offset in (-1, 0, 1)]
        duties = [duty for day in days for duty in day.duties]
        breaks = [window for day in days for window in day.breaks]
        stops = [window for day in days for window in day.stops]
        spans = [(duty.start_ns, duty.end_ns) for duty in duties]
        rests = [rest for duty in duties for rest in duty.rests]
        edges = {edge for window in (*spans, *breaks, *stops, *rests) for edge in window}
        edges |= {_ns(self._line, here + offset * DAY, time(0)) for offset in (-1, 0, 1, 2)}
        since = max(edge for edge in edges if edge <= at_ns)
        until = min(edge for edge in edges if edge > at_ns)
        on = [duty for duty in duties if duty.start_ns <= at_ns < duty.end_ns]
        if not on:
            return Look("no_shift", since, until)
        duty = max(on, key=lambda duty: duty.start_ns)
        kind: Kind = "planned_stop" if _within(stops, at_ns) else "break" if _within(breaks, at_ns) else "work"
        return Look(kind, since, until, duty, relieved=kind == "work" and _within(duty.rests, at_ns))

    def _make_day(self, day: date) -> _Day:
        if not self._line.shifts:
            midnight, next_midnight = (_ns(self._line, d, time(0)) for d in (day, day + DAY))
            return _Day((Duty("", day, midnight, next_midnight),), (), ())
        duties: list[Duty] = []
        breaks: list[Window] = []
        stops: list[Window] = []
        for shift in self._line.shifts:
            entries = [e for e in self._line.calendar if e.date == day and self._concerns(e, shift)]
            stretches = _stretches(self._line, shift, day, entries)
            if not stretches:
                continue
            rests = _breaks(self._line, shift, day, shift.breaks)
            own = self._station.breaks
            breaks += rests if own is None else _breaks(self._line, shift, day, own)
            duties += [Duty(shift.name, day, start, end, tuple(rests)) for start, end in stretches]
            for entry in entries:
                if entry.kind == "planned_stop":
                    first, last = entry.start or shift.hours.start, entry.end or shift.hours.end
                    stops.append(_span(self._line, day, shift, first, last))
        return _Day(tuple(duties), tuple(breaks), tuple(stops))

    def _concerns(self, entry: CalendarEntry, shift: Shift) -> bool:
        return entry.shift in (None, shift.name) and (entry.stations is None or self._station.id in entry.stations)


def _stretches(line: Line, shift: Shift, day: date, entries: Sequence[CalendarEntry]) -> list[Window]:
    """When the shift is worked on a date: the calendar wins over the weekly pattern, work over holiday."""
    kinds = {entry.kind: entry for entry in entries}
    hours = shift.hours
    if extra := kinds.get("holiday_work"):
        start, end = extra.start or hours.start, extra.end or hours.end
        worked = [(_ns(line, day, start), _ns(line, day + DAY if end <= start else day, end))]
    elif "holiday" in kinds or WEEKDAYS[day.weekday()] not in shift.days:
        worked = []
    else:
        worked = [_span(line, day, shift, hours.start, hours.end)]
    if (late := kinds.get("overtime")) and late.end:
        worked.append(_span(line, day, shift, late.start or hours.end, late.end))
    if (early := kinds.get("early")) and early.start:
        worked.append((_ns(line, day, early.start), _ns(line, day, hours.start)))
    return _joined(worked)


def _joined(windows: list[Window]) -> list[Window]:
    whole: list[Window] = []
    for start, end in sorted(windows):
        if whole and start <= whole[-1][1]:
            whole[-1] = whole[-1][0], max(end, whole[-1][1])
        elif start < end:
            whole.append((start, end))
    return whole


def _breaks(line: Line, shift: Shift, day: date, spans: Sequence[Span]) -> list[Window]:
    return [_span(line, day, shift, span.start, span.end) for span in spans]


def _span(line: Line, day: date, shift: Shift, start: time, end: time) -> Window:
    """A piece of the shift's day; what is earlier than the shift's start lies past midnight."""
    first = day + DAY if start < shift.hours.start else day
    return _ns(line, first, start), _ns(line, first + DAY if end <= start else first, end)


def _ns(line: Line, day: date, at: time) -> int:
    return int(datetime.combine(day, at, line.zone).timestamp()) * NS_PER_S


def _within(windows: Iterable[Window], at_ns: int) -> bool:
    return any(start <= at_ns < end for start, end in windows)
