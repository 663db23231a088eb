"""One shift of one station, named as people name it: a date and a name. Without shifts it is a business day."""

from dataclasses import dataclass
from datetime import date

from contract.words import Words
from kpi.answers import Place
from kpi.calendar import WorkShift
from kpi.problems import Problem, unknown
from kpi.spans import Spans
from kpi.wall import running

DAY_NS = 86400 * 10**9


@dataclass(frozen=True, slots=True)
class Worked:
    """A shift that was, is or will be worked; ``shift`` None: a business day of a line without shifts."""

    day: date
    name: str
    start: int
    end: int
    shift: WorkShift | None = None

    @property
    def hours(self) -> Spans:
        """The time that is worked, breaks included."""
        if self.shift is None:
            return Spans.one(self.start, self.end)
        return Spans.pairs(self.shift.hours + self.shift.extra)


def worked(place: Place, day: date | None, name: str | None, now: int) -> Worked:
    """The shift of that date and name; left out, the running one (else the last). Raises Problem (404, 422)."""
    if day is None and name is None:
        shown = running(place, now)
        if shown.shift is None:
            return Worked(place.calendar.day_of(shown.start), "", shown.start, shown.end)
        return _of(shown.shift)
    day = place.calendar.day_of(now) if day is None else day
    names = {shift.name for _, line in place.history.versions for shift in line.shifts}
    if name is not None and name not in names:
        raise unknown("勤務", "shift", name, sorted(names))
    start, end = place.calendar.day(day)
    if not names:
        return Worked(day, "", start, end)
    found = [shift for shift in shifts_of(place, day) if name in (None, shift.name)]
    if not found:
        raise _not_worked(day, name)
    begun = [shift for shift in found if shift.start <= now]
    return _of((begun or found)[-1] if begun else found[0])


def shifts_of(place: Place, day: date) -> list[WorkShift]:
    """Every shift of a date, in order of their beginning."""
    start, end = place.calendar.day(day)
    return [shift for shift in place.calendar.shifts(start - 2 * DAY_NS, end + 2 * DAY_NS) if shift.day == day]


def _of(shift: WorkShift) -> Worked:
    return Worked(shift.day, shift.name, shift.start, shift.end, shift)


def _not_worked(day: date, name: str | None) -> Problem:
    called = f"「{name}」" if name else ""
    return Problem(
        404,
        "no-shift",
        Words(
            f"{day} に勤務{called}はありません。",
            f"There is no shift {name} on {day}." if name else f"There is no shift on {day}.",
        ),
        Words(
            "日付と、line.toml の [[shifts]] の曜日・[[calendar]] の休日を確かめてください。",
            "Check the date, the days of [[shifts]] and the holidays of [[calendar]] in line.toml.",
        ),
    )
