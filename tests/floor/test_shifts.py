"""When a station is wanted."""

from datetime import date, time

from contract.line import CalendarEntry
from floor.shifts import Roster
from tests.floor.small_line import at, washing_line

DAY = "2026-10-05"


def kinds(roster: Roster, *times: str) -> list[str]:
    return [roster.look(at(f"{DAY}T{text}")).kind for text in times]


def test_the_packer_stands_in_every_break_of_its_shift() -> None:
    line = washing_line()
    roster = Roster(line, line.stations["packer"])
    assert kinds(roster, "09:59", "10:00", "10:09", "10:10", "12:30", "13:00") == [
        "work", "break", "break", "work", "break", "work",
    ]  # fmt: skip


def test_the_washer_is_relieved_through_lunch_because_its_own_breaks_have_none() -> None:
    line = washing_line()
    lunch = Roster(line, line.stations["washer"]).look(at(f"{DAY}T12:30"))
    assert (lunch.kind, lunch.relieved) == ("work", True)
    assert Roster(line, line.stations["washer"]).look(at(f"{DAY}T10:05")).kind == "break"


def test_a_break_before_the_shifts_start_lies_past_midnight() -> None:
    line = washing_line()
    night = Roster(line, line.stations["packer"]).look(at("2026-10-06T00:30"))
    assert night.kind == "break"
    assert night.duty is not None
    assert (night.duty.name, night.duty.date) == ("夜勤", date(2026, 10, 5))


def test_a_day_of_two_shifts_is_planned_but_for_its_breaks() -> None:
    line = washing_line()
    planned_ns = Roster(line, line.stations["packer"]).planned_ns(at(f"{DAY}T08:00"), at("2026-10-06T08:00"))
    assert planned_ns == (24 * 60 - 2 * 95) * 60 * 10**9


def entry(kind: str, **told: object) -> CalendarEntry:
    return CalendarEntry(date(2026, 10, 5), kind, **told)  # type: ignore[arg-type]


def test_a_holiday_takes_the_shift_away_and_holiday_work_brings_it_back() -> None:
    free = washing_line(calendar=(entry("holiday", shift="昼勤"),))
    worked = washing_line(calendar=(entry("holiday"), entry("holiday_work", shift="昼勤", end=time(17))))
    assert kinds(Roster(free, free.stations["packer"]), "09:00", "21:00") == ["no_shift", "work"]
    assert kinds(Roster(worked, worked.stations["packer"]), "09:00", "17:30", "21:00") == [
        "work", "no_shift", "no_shift",
    ]  # fmt: skip


def test_overtime_and_an_early_start_lengthen_the_shift() -> None:
    line = washing_line()
    day = washing_line(
        shifts=line.shifts[:1],
        calendar=(entry("overtime", end=time(21)), entry("early", start=time(6, 30))),
    )
    assert kinds(Roster(day, day.stations["packer"]), "06:00", "06:30", "20:30", "21:00") == [
        "no_shift", "work", "work", "no_shift",
    ]  # fmt: skip


def test_a_planned_stop_concerns_only_its_stations() -> None:
    line = washing_line(
        calendar=(entry("planned_stop", shift="昼勤", start=time(13, 30), end=time(14), stations=("washer",)),)
    )
    assert kinds(Roster(line, line.stations["washer"]), "13:45", "14:00") == ["planned_stop", "work"]
    assert kinds(Roster(line, line.stations["packer"]), "13:45") == ["work"]


def test_a_line_without_shifts_always_works() -> None:
    line = washing_line(shifts=())
    packer = Roster(line, line.stations["packer"])
    assert packer.planned_ns(at(f"{DAY}T00:00"), at("2026-10-07T00:00")) == 48 * 3600 * 10**9
