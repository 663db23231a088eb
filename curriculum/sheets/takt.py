"""The takt of a station by its line.toml: regular planned seconds of a shift over what is wanted of it.

Only the weekly pattern counts: overtime, single dates and calendar stops are left aside, and it says so.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from contract.errors import NotThere
from contract.line import Line, Plan, Shift, Span, Station
from contract.line_report import suggest
from contract.words import Words

_DAY = date(2000, 1, 3)


def station_in(line: Line, name: str) -> Station:
    """The station that a sheet names, by id or name. Raises NotThere with the nearest one."""
    for station in line.stations.values():
        if name in (station.id, station.name):
            return station
    known = [name for station in line.stations.values() for name in (station.id, station.name)]
    raise NotThere(
        Words(f"line.toml に工程「{name}」はありません。", f"There is no station {name!r} in the line's file."),
        suggest(name, known, Words("工程", "stations")),
    )


def takt_s(line: Line, station: Station) -> float | None:
    """Seconds a piece; None where no plan of a regular shift is said."""
    wanted = {shift.name: _wanted(line, station, shift) for shift in line.shifts if shift.regular}
    planned = {name: plans for name, plans in wanted.items() if plans}
    seconds = sum(_planned_s(shift, station) for shift in line.shifts if shift.name in planned)
    pieces = sum(planned.values())
    return seconds / pieces if pieces else None


def _wanted(line: Line, station: Station, shift: Shift) -> int:
    """Of one shift: the total where it is said, else the products together."""
    mine = [p for p in line.plan if p.station == station.id and p.shift == shift.name and p.date is None]
    total: Sequence[Plan] = [plan for plan in mine if plan.product is None]
    return sum(plan.quantity for plan in total or mine)


def _planned_s(shift: Shift, station: Station) -> float:
    """Its hours less the breaks that lie in them."""
    start, end = _moments(shift.hours, shift.hours.start)
    rests = shift.breaks if station.breaks is None else station.breaks
    rest = 0.0
    for span in rests:
        begins, ends = _moments(span, shift.hours.start)
        rest += max(0.0, (min(ends, end) - max(begins, start)).total_seconds())
    return (end - start).total_seconds() - rest


def _moments(span: Span, first: time) -> tuple[datetime, datetime]:
    """Of a shift that begins at ``first``: what is earlier lies on the next day."""
    start = datetime.combine(_DAY, span.start) + (timedelta(days=1) if span.start < first else timedelta())
    end = datetime.combine(start.date(), span.end)
    return start, end if end > start else end + timedelta(days=1)
