"""How often things go wrong."""

from random import Random
from statistics import median

from floor.troubles import JAM, PUMP, WASHER_TROUBLES, Cut, Mains, Troubles


def test_each_trouble_comes_as_often_as_it_says() -> None:
    troubles = Troubles(Random(1), WASHER_TROUBLES)
    struck = [trouble.cause for _ in range(200_000) if (trouble := troubles.strike(27.0))]
    worked_s = 200_000 * 27.0
    assert 0.9 < struck.count(JAM) * 3200.0 / worked_s < 1.1
    assert 0.5 < struck.count(PUMP) * 170_000.0 / worked_s < 1.5


def test_a_stop_lasts_about_its_median_and_within_its_bounds() -> None:
    chance = Random(2)
    for trouble in WASHER_TROUBLES:
        lengths_s = [trouble.length_ns(chance) / 1e9 for _ in range(2000)]
        assert 0.9 < median(lengths_s) / trouble.median_s < 1.1
        assert trouble.shortest_s <= min(lengths_s)
        assert max(lengths_s) <= trouble.longest_s


def test_a_cut_that_is_due_comes_once_and_in_the_next_step() -> None:
    mains = Mains(Random(3), every_s=1e12)
    mains.due = Cut(0.5, 10, with_pi=True)
    assert mains.cut(20.0) == Cut(0.5, 10, with_pi=True)
    assert mains.cut(20.0) is None


def test_power_fails_by_chance_inside_a_step() -> None:
    mains = Mains(Random(4), every_s=1000.0)
    cuts = [cut for _ in range(5000) if (cut := mains.cut(20.0))]
    assert 70 < len(cuts) < 130
    assert all(0 < cut.part < 1 and cut.off_ns >= 5 * 10**9 for cut in cuts)
    assert {cut.with_pi for cut in cuts} == {True, False}
