"""The lathe of many small lots; an hour and a half of it measured by the kit."""

from collections import Counter
from collections.abc import Iterator
from statistics import median

import pytest

from contract.reading import NS_PER_S
from floor.records import Phase, Press, SetUp
from floor.shifts import Roster
from floor.shop import Shop
from tests.floor.an_hour import (
    START_NS,
    Hour,
    an_hour,
    buckets_are_right,
    nothing_is_wrong,
    pieces_are_exact,
)
from tests.floor.lived import EIGHT, lived

HOURS = 1.0


def set_up_share(floor: Shop, hours: float) -> float:
    """How much of the planned time went into set-ups."""
    line = floor._hall.line
    roster = Roster(line, line.stations["lathe"])
    planned = roster.planned_ns(EIGHT, EIGHT + int(hours * 3600) * NS_PER_S)
    return sum(roster.planned_ns(s.start_ns, s.end_ns) for s in floor.truth.of(SetUp, "lathe")) / planned


@pytest.mark.slow
def test_a_quarter_of_its_time_is_set_up_and_the_improvement_takes_a_good_part_of_it_away() -> None:
    days = 4
    plain, improved = (lived("lathe", hours=24 * days, seed=1, improved=way) for way in (False, True))
    assert set_up_share(plain, 24 * days) == pytest.approx(0.25, abs=0.03)
    assert set_up_share(improved, 24 * days) < 0.2
    assert len(improved.truth.pieces("lathe")) > 1.05 * len(plain.truth.pieces("lathe"))


def test_many_products_are_made_in_small_lots_each_with_a_test_piece() -> None:
    truth = lived("lathe", hours=9, seed=2).truth
    made = Counter(piece.product for piece in truth.pieces("lathe"))
    assert len(made) >= 5
    assert max(made.values()) < 60
    set_ups = truth.of(SetUp, "lathe")
    tests = [p for p in truth.pieces("lathe", tests=True) if p.test]
    assert abs(len(tests) - len(set_ups)) <= 1
    assert all(300 < (s.end_ns - s.start_ns) / NS_PER_S < 3600 * 1.6 for s in set_ups)


def test_what_is_announced_is_what_is_made() -> None:
    truth = lived("lathe", hours=9, seed=2).truth
    scans = [p for p in truth.of(Press, "lathe") if p.role == "product"]
    for piece in truth.pieces("lathe"):
        said = [scan.says for scan in scans if scan.at_ns < piece.at_ns][-1]
        assert said == piece.product.replace("p-", "K-")


@pytest.fixture(scope="module")
def hour() -> Iterator[Hour]:
    with an_hour("lathe", seed=3, hours=HOURS) as lived_hour:
        yield lived_hour


@pytest.mark.slow
def test_an_hour_is_measured_as_it_was(hour: Hour) -> None:
    nothing_is_wrong(hour)
    pieces_are_exact(hour, "lathe")
    buckets_are_right(hour, "lathe")


@pytest.mark.slow
def test_codes_and_cards_are_read_as_they_were_shown(hour: Hour) -> None:
    shown = [p for p in hour.floor.truth.of(Press, "lathe") if p.at_ns < hour.end_ns]
    codes = [(p.at_ns, p.says) for p in shown if p.role == "product"]
    assert hour.told("lathe/order/code") == codes
    cards = [(p.at_ns, p.says) for p in shown if p.role == "mode"]
    told = hour.told("lathe/card/card")
    assert [word for _, word in told] == [word for _, word in cards]
    assert {word for _, word in told} == {"setup", "production"}
    assert all(0 <= t - at <= NS_PER_S // 2 for (t, _), (at, _) in zip(told, cards, strict=True))


@pytest.mark.slow
def test_every_cut_is_measured(hour: Hour) -> None:
    cuts = [(p.ended_ns - p.began_ns) / NS_PER_S for p in hour.floor.truth.of(Phase, "lathe")]
    told = hour.kpi("lathe")["phases"]["cut"]
    assert told["count"] == len(cuts)
    assert told["median"] == pytest.approx(median(cuts), abs=0.01)


@pytest.mark.slow
def test_the_set_up_is_in_the_losses_for_as_long_as_the_pieces_show_it(hour: Hour) -> None:
    set_ups = [s for s in hour.floor.truth.of(SetUp, "lathe") if s.end_ns < hour.end_ns]
    assert set_ups
    lost = hour.kpi("lathe")["losses_s"]["downtime"]["setup"]
    whole = sum(s.end_ns - s.start_ns for s in set_ups) / NS_PER_S
    assert whole < lost < whole + 200 * (len(set_ups) + 1)


@pytest.mark.slow
def test_the_current_is_high_while_it_cuts_and_low_while_it_waits(hour: Hour) -> None:
    cuts = [(p.began_ns, p.ended_ns) for p in hour.floor.truth.phases("lathe", "cut", broken=True)]
    seen = Counter[str]()
    for at_ns, value in hour.told("lathe/spindle/current"):
        window = (at_ns - NS_PER_S, at_ns + NS_PER_S)
        cutting = any(a <= window[0] and window[1] <= b for a, b in cuts)
        between = at_ns < hour.end_ns - 300 * NS_PER_S and not any(a < window[1] and window[0] < b for a, b in cuts)
        if cutting or between:
            seen["cut" if cutting else "wait"] += 1
            assert float(value) == pytest.approx(6.2 if cutting else 1.4, rel=0.15), (at_ns - START_NS) / NS_PER_S
    assert seen["cut"] > 100
    assert seen["wait"] > 100
