"""How long people take."""

from datetime import datetime
from random import Random
from statistics import mean, median

from floor.people import Crew, Person, tiredness
from floor.shifts import Duty, Roster
from tests.floor.small_line import at, washing_line

NOON = at("2026-10-05T14:00")


def duty() -> Duty:
    line = washing_line()
    found = Roster(line, line.stations["packer"]).look(at("2026-10-05T09:00")).duty
    assert found is not None
    return found


def test_handwork_is_spread_to_the_right_of_its_median() -> None:
    person = Person(Random(1))
    taken = [person.time_ns(4.0, None, 0) / 1e9 for _ in range(4000)]
    assert abs(median(taken) - 4.0) < 0.1
    assert mean(taken) > median(taken)
    assert max(taken) - median(taken) > 2 * (median(taken) - min(taken))


def test_people_are_slow_after_lunch_and_at_the_end_of_the_shift() -> None:
    morning = tiredness(duty(), at("2026-10-05T09:00"))
    after_lunch = tiredness(duty(), at("2026-10-05T13:05"))
    afternoon = tiredness(duty(), at("2026-10-05T15:30"))
    evening = tiredness(duty(), at("2026-10-05T19:50"))
    assert morning == afternoon == 1.0
    assert after_lunch > 1.03
    assert evening > 1.05


def test_people_are_quicker_when_chased() -> None:
    calm, chased = Person(Random(3)), Person(Random(3))
    assert chased.time_ns(18.0, None, 0, chased=True) < calm.time_ns(18.0, None, 0)


def test_who_relieves_is_slower_and_the_same_person_comes_back() -> None:
    line = washing_line()
    roster = Roster(line, line.stations["washer"])
    crew = Crew("1/washer")
    usual = crew.person(roster.look(at("2026-10-05T11:00")))
    relief = crew.person(roster.look(at("2026-10-05T12:30")))
    assert relief.pace > usual.pace
    assert crew.person(roster.look(at("2026-10-05T13:30"))) is usual


def test_nobody_is_back_before_the_bell_or_very_late() -> None:
    person = Person(Random(5))
    late_s = [person.late_ns() / 1e9 for _ in range(500)]
    assert min(late_s) >= 0
    assert max(late_s) <= 720


def test_the_shift_of_the_night_is_tired_before_it_goes_home() -> None:
    line = washing_line()
    night = Roster(line, line.stations["packer"]).look(at("2026-10-06T07:50"))
    assert night.duty is not None
    assert datetime.fromtimestamp(night.duty.end_ns // 10**9, line.zone).hour == 8
    assert tiredness(night.duty, at("2026-10-06T07:50")) > 1.05
