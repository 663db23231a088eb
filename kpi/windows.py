"""The buckets of a window: hours of the clock, shifts, business days; each clipped to the window."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Literal

from contract.words import Words
from kpi.calendar import Calendar
from kpi.privacy import whole_hours
from kpi.problems import Problem
from kpi.spans import NS

By = Literal["hour", "shift", "day", "product"]
MOST_BUCKETS = 5000
"""Of all stations together that one question asks for: a year of 13 stations by day, or of one by shift."""

PAGE_DAYS = 36
PAGE_BUCKETS = 120
"""What a page of ours asks for at most (35 days by day), and a little more."""

LONGEST_DAYS = 11 * 366
"""Daily figures are kept for ten years."""

FURTHEST_DAYS = 1100
"""Nobody plans further ahead."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a window, with what people call it (a shift's name, a business day)."""

    start: int
    end: int
    name: str = ""
    day: str = ""

    def whole_hours(self) -> "Bucket":
        """What of it is whole hours (see `kpi.privacy`)."""
        start, end = whole_hours(self.start, self.end)
        return replace(self, start=start, end=end)


def bounded(start: int, end: int, now: int) -> int:
    """Where a window ends: as asked. A part of it would not do: plan, demand and takt look at the whole window.

    Raises Problem (422) where it ends before it starts, where what has passed of it is longer than anything is kept,
    or where it reaches further ahead of now (or of its start) than anybody plans.
    """
    ordered(start, end)
    if min(end, now) - start > LONGEST_DAYS * 86400 * NS:
        raise Problem(
            422,
            "bad-window",
            Words(f"窓は {LONGEST_DAYS} 日までです。", f"A window is at most {LONGEST_DAYS} days long."),
            Words("期間を分けて尋ねてください。", "Ask for it in parts."),
        )
    if end - max(start, now) > FURTHEST_DAYS * 86400 * NS:
        raise Problem(
            422,
            "bad-window",
            Words(
                f"窓の先の部分は、今(またはその始まり)から {FURTHEST_DAYS} 日までです。",
                f"A window reaches at most {FURTHEST_DAYS} days ahead of now (or of its start).",
            ),
            Words("end を早くしてください。", "Ask for an earlier end."),
        )
    return end


def ordered(start: int, end: int) -> None:
    """Raises Problem (422) where a window ends before it starts."""
    if end <= start:
        raise Problem(
            422,
            "bad-window",
            Words("end は start より後にしてください。", "end must be later than start."),
            Words("窓は半開区間 [start, end) です。", "Windows are half open: [start, end)."),
        )


def is_long(start: int, end: int, now: int, by: By | None = None, days: int = PAGE_DAYS) -> bool:
    """Whether more is asked than a page asks: more than ``days``, or more than :data:`PAGE_BUCKETS` of one station."""
    passed = (min(end, now) - start) / (86400 * NS)
    a_day = {"hour": 24, "shift": 3, "day": 1}.get(by or "", 0)
    return passed > days or passed * a_day > PAGE_BUCKETS


def buckets(by: By, start: int, end: int, calendar: Calendar, until: int, most: int = MOST_BUCKETS) -> list[Bucket]:
    """The buckets of [start, end) that begin before ``until``, in time order. Raises Problem (422) if too many."""
    made = {"hour": _hours, "shift": _shifts, "day": _days}[by](start, end, calendar)
    found = []
    for bucket in takewhile(lambda bucket: bucket.start < until, made):
        found.append(bucket)
        if len(found) > most:
            raise Problem(
                422,
                "too-many-buckets",
                Words(
                    f"区切りが全工程で {MOST_BUCKETS} を超えます。",
                    f"There would be more than {MOST_BUCKETS} buckets of all stations together.",
                ),
                Words(
                    "期間を短くするか、by=day にするか、station で1工程ずつ尋ねてください。",
                    "Ask for a shorter window, by=day, or one station at a time (station=).",
                ),
            )
    return found


def _hours(start: int, end: int, calendar: Calendar) -> Iterator[Bucket]:
    here = start
    while here < end:
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=here // NS)).astimezone(calendar.zone)
        passed = (local.minute * 60 + local.second) * NS + here % NS
        after = min(end, here + 3600 * NS - passed)
        yield Bucket(here, after, f"{local:%H}:00")
        here = after


def _shifts(start: int, end: int, calendar: Calendar) -> Iterator[Bucket]:
    for shift in calendar.shifts(start, end):
        yield Bucket(max(start, shift.start), min(end, shift.end), shift.name, shift.day.isoformat())


def _days(start: int, end: int, calendar: Calendar) -> Iterator[Bucket]:
    day = calendar.day_of(start)
    while (span := calendar.day(day))[0] < end:
        yield Bucket(max(start, span[0]), min(end, span[1]), day.isoformat(), day.isoformat())
        day += timedelta(days=1)
