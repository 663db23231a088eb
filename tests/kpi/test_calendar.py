from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from contract.line import CalendarEntry, Line, Shift
from kpi.calendar import Calendar
from kpi.history import History
from kpi.spans import Spans
from tests.kpi.lines import CYCLE, EVERY_DAY, MONDAY, NS, TOKYO, WORKDAYS, at, line, shift, span, station

TUESDAY, SATURDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=5)
NEW_YORK = ZoneInfo("America/New_York")


def calendar(*shifts: Shift, entries: list[CalendarEntry] | None = None, breaks: Any = None, **more: Any) -> Calendar:
    of = line(station(CYCLE, breaks=breaks), *shifts, calendar=entries or [], **more)
    return Calendar(History([(0, of)]), "washer")


def clocks(spans: Spans, zone: ZoneInfo = TOKYO) -> list[str]:
    """Spans as people read them: "16 08:30-17:15"."""
    told = []
    for a, b in spans:
        start, end = (datetime.fromtimestamp(t / NS, zone) for t in (a, b))
        told.append(f"{start:%d %H:%M}-{end:%H:%M}")
    return told


def week(of: Calendar) -> list[str]:
    return clocks(of.work(at("0:00"), at("0:00", MONDAY + timedelta(days=7))))


def test_shifts_are_worked_on_their_days() -> None:
    of = calendar(shift("08:30-17:15", days=frozenset({"mon", "wed"})))
    assert week(of) == ["16 08:30-17:15", "18 08:30-17:15"]


def test_a_shift_past_midnight_belongs_to_its_first_day() -> None:
    of = calendar(shift("22:00-06:00", "00:00-01:00", "05:00-05:10", days=frozenset({"fri"})))
    assert week(of) == ["20 22:00-06:00"]
    assert clocks(of.rest(at("0:00"), at("0:00", MONDAY + timedelta(days=7)))) == ["21 00:00-01:00", "21 05:00-05:10"]


def test_a_break_may_lie_across_midnight() -> None:
    of = calendar(shift("20:00-08:00", "23:45-00:15"))
    assert clocks(of.rest(at("12:00"), at("12:00", TUESDAY))) == ["16 23:45-00:15"]


def test_where_shifts_overlap_a_break_of_either_wins() -> None:
    of = calendar(shift("08:00-17:00", "12:00-13:00"), shift("11:00-20:00", "15:00-15:30", name="遅番"))
    assert clocks(of.work(at("0:00"), at("24:00"))) == ["16 08:00-20:00"]
    assert clocks(of.rest(at("0:00"), at("24:00"))) == ["16 12:00-13:00", "16 15:00-15:30"]


def test_a_stations_own_breaks_replace_the_shifts() -> None:
    assert clocks(calendar(shift("08:30-17:15", "12:00-13:00"), breaks=()).rest(at("0:00"), at("24:00"))) == []
    own = calendar(shift("08:30-17:15", "12:00-13:00"), breaks=(span("11:45-12:45"),))
    assert clocks(own.rest(at("0:00"), at("24:00"))) == ["16 11:45-12:45"]


def test_a_holiday_takes_the_shift_away_and_holiday_work_wins_over_it() -> None:
    entries = [
        CalendarEntry(MONDAY, "holiday"),
        CalendarEntry(TUESDAY, "holiday"),
        CalendarEntry(TUESDAY, "holiday_work"),
    ]
    of = calendar(shift("08:30-17:15", days=WORKDAYS), entries=entries)
    assert week(of)[0] == "17 08:30-17:15"
    assert clocks(of.regular(at("0:00"), at("24:00", TUESDAY))) == []


def test_holiday_work_on_a_saturday_has_its_own_end_and_is_never_regular() -> None:
    entry = CalendarEntry(SATURDAY, "holiday_work", "日勤", end=time(19, 15))
    of = calendar(shift("08:30-17:15", "12:00-13:00", days=WORKDAYS), entries=[entry])
    start, end = at("0:00", SATURDAY), at("24:00", SATURDAY)
    assert clocks(of.work(start, end)) == ["21 08:30-19:15"]
    assert clocks(of.rest(start, end)) == ["21 12:00-13:00"]
    assert of.regular(start, end).total == 0


def test_overtime_and_early_work_lengthen_the_day_and_not_the_regular_time() -> None:
    entries = [
        CalendarEntry(MONDAY, "overtime", "日勤", end=time(19, 15)),
        CalendarEntry(MONDAY, "early", "日勤", start=time(7)),
    ]
    of = calendar(shift("08:30-17:15"), entries=entries)
    assert clocks(of.work(at("0:00"), at("24:00"))) == ["16 07:00-19:15"]
    assert clocks(of.regular(at("0:00"), at("24:00"))) == ["16 08:30-17:15"]
    assert [(s.name, s.start, s.end) for s in of.shifts(at("0:00"), at("24:00"))] == [("日勤", at("7:00"), at("19:15"))]


def test_overtime_may_begin_later_than_the_shift_ends_and_last_past_midnight() -> None:
    of = calendar(shift("08:30-17:15"), entries=[CalendarEntry(MONDAY, "overtime", None, time(22), time(1))])
    assert clocks(of.work(at("12:00"), at("6:00", TUESDAY))) == ["16 12:00-17:15", "16 22:00-01:00"]


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [(None, None, "16 08:30-17:15"), (time(10), time(11), "16 10:00-11:00"), (time(16), None, "16 16:00-17:15"),
     (None, time(9), "16 08:30-09:00"), (time(7), time(9), "16 08:30-09:00")],
)  # fmt: skip
def test_a_planned_stop_leaves_the_shift(start: time | None, end: time | None, told: str) -> None:
    of = calendar(shift("08:30-17:15"), entries=[CalendarEntry(MONDAY, "planned_stop", "日勤", start, end)])
    assert clocks(of.work(at("0:00"), at("24:00"))) == ["16 08:30-17:15"]
    assert clocks(of.rest(at("0:00"), at("24:00"))) == [told]


def test_a_planned_stop_of_a_night_shift_may_lie_after_midnight() -> None:
    of = calendar(shift("22:00-06:00"), entries=[CalendarEntry(MONDAY, "planned_stop", None, time(2), time(4))])
    assert clocks(of.rest(at("12:00"), at("12:00", TUESDAY))) == ["17 02:00-04:00"]


def test_a_planned_stop_may_lie_in_early_work() -> None:
    early = CalendarEntry(MONDAY, "early", "日勤", time(6))
    stop = CalendarEntry(MONDAY, "planned_stop", "日勤", time(6, 30), time(7))
    of = calendar(shift("08:30-17:15"), entries=[early, stop])
    assert clocks(of.rest(at("0:00"), at("24:00"))) == ["16 06:30-07:00"]


def test_an_entry_may_concern_other_stations_only() -> None:
    of = calendar(shift("08:30-17:15"), entries=[CalendarEntry(MONDAY, "holiday", stations=("packer",))])
    assert week(of)[0] == "16 08:30-17:15"


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 7), 7), (date(2026, 10, 31), 9), (date(2026, 6, 1), 8)])
def test_a_night_over_a_change_of_clocks_is_an_hour_shorter_or_longer(day: date, hours: int) -> None:
    of = calendar(shift("22:00-06:00"), zone="America/New_York")
    noon = at("12:00", day, NEW_YORK)
    assert of.work(noon, noon + 24 * 3600 * NS).seconds == hours * 3600


def test_a_line_without_shifts_is_always_at_work() -> None:
    of = calendar()
    assert of.work(at("0:00"), at("24:00")).seconds == 86400
    assert of.rest(at("0:00"), at("24:00")).total == 0
    assert of.block(at("9:00")) == (None, None)


def test_a_new_version_counts_from_its_own_time_and_dated_entries_reach_back() -> None:
    first = line(station(CYCLE), shift("08:30-17:15"))
    late = CalendarEntry(MONDAY, "overtime", "日勤", end=time(18))
    second: Line = line(station(CYCLE), shift("09:00-17:15"), calendar=[late])
    of = Calendar(History([(0, first), (at("12:00", TUESDAY), second)]), "washer")
    assert week(of)[:3] == ["16 08:30-18:00", "17 08:30-17:15", "18 09:00-17:15"]
    assert len(of.shifts(at("0:00", TUESDAY), at("24:00", TUESDAY))) == 1


def test_business_days_are_cut_where_the_line_says() -> None:
    of = calendar(day_starts=time(7))
    assert of.day_of(at("6:59")) == MONDAY - timedelta(days=1)
    assert of.day(MONDAY) == (at("7:00"), at("7:00", TUESDAY))


quarters = st.integers(12, 92).map(lambda q: f"{q // 4:02d}:{q % 4 * 15:02d}")


@st.composite
def patterns(draw: st.DrawFn) -> tuple[list[Shift], ZoneInfo, date]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        start, end = draw(quarters), draw(quarters)
        if start == end:
            continue
        rest_start, rest_end = draw(quarters), draw(quarters)
        breaks = [f"{rest_start}-{rest_end}"] if rest_start != rest_end else []
        days = frozenset(draw(st.sets(st.sampled_from(sorted(EVERY_DAY)), min_size=1)))
        made.append(shift(f"{start}-{end}", *breaks, name=f"s{number}", days=days))
    zone = draw(st.sampled_from([TOKYO, NEW_YORK]))
    return made, zone, draw(st.sampled_from([date(2026, 3, 6), date(2026, 10, 30), MONDAY]))


@settings(max_examples=40, deadline=None)
@given(patterns())
def test_three_days_agree_with_a_walk_through_every_quarter_of_an_hour(
    drawn: tuple[list[Shift], ZoneInfo, date],
) -> None:
    """No time of day lies between 0:00 and 3:00, so what a clock shows is unambiguous where shifts begin and end."""
    shifts, zone, day = drawn
    if not shifts:
        return
    of = calendar(*shifts, zone=str(zone))
    begin = at("0:00", day, zone)
    for quarter in range(3 * 96):
        t = begin + quarter * 900 * NS
        works, rests = walk(shifts, datetime.fromtimestamp(t / NS, UTC).astimezone(zone).replace(tzinfo=None))
        assert bool(of.work(t, t + 900 * NS).total) == works
        assert bool(of.rest(t, t + 900 * NS).total) == (works and rests)


def walk(shifts: list[Shift], shown: datetime) -> tuple[bool, bool]:
    """Whether the clock shows a time of some shift, and of some shift's break."""
    works = rests = False
    for of in shifts:
        for back in range(3):
            first = shown.date() - timedelta(days=back)
            if ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[first.weekday()] not in of.days:
                continue
            start = datetime.combine(first, of.hours.start)
            end = datetime.combine(first, of.hours.end)
            works |= start <= shown < (end if end > start else end + timedelta(days=1))
            for rest in of.breaks:
                begins = datetime.combine(first, rest.start)
                begins = begins if begins >= start else begins + timedelta(days=1)
                ends = datetime.combine(begins.date(), rest.end)
                rests |= begins <= shown < (ends if ends > begins else ends + timedelta(days=1))
    return works, rests
