"""What else is different about a day: slower, spoiling, kept waiting, other lots, and who stands there and watches."""

from statistics import median
from typing import Any

import pytest

from contract.errors import NotThere
from contract.reading import NS_PER_S
from edge.bench_clock import HandClock
from floor.circumstances import BLOCKED, ELSEWHERE, Kept, Noted, Slower, Spoils
from floor.records import Deceit, Piece
from floor.traps import Trap
from floor.truth import Truth
from floor.washing import WashingLine
from tests.floor.small_line import at, washing_line

EIGHT = at("2026-10-05T08:00")
MINUTE = 60 * NS_PER_S
HOUR = 60 * MINUTE


def run(*traps: Trap, minutes: int = 60, **more: Any) -> Truth:
    clock = HandClock(EIGHT)
    floor = WashingLine(washing_line(), {}, clock, 11, EIGHT, traps=traps, **more)
    floor.start()
    clock.turn(minutes * 60)
    return floor.truth


def wash_s(truth: Truth, start: int, end: int) -> float:
    return median((p.ended_ns - p.began_ns) / NS_PER_S for p in truth.phases("washer", "wash", start, end))


def test_a_cold_hour_is_slow_and_the_next_one_is_not() -> None:
    truth = run(Slower("washer", 1.5, EIGHT, EIGHT + HOUR), minutes=120, mix={"b-200": 0.0})
    assert wash_s(truth, EIGHT, EIGHT + HOUR) == pytest.approx(
        1.5 * wash_s(truth, EIGHT + HOUR, EIGHT + 2 * HOUR), rel=0.05
    )


def test_a_station_that_spoils_has_more_bad_pieces() -> None:
    spoilt, usual = (
        [p.good for p in truth.of(Piece, "washer")]
        for truth in (run(Spoils("washer", 0.3, EIGHT, EIGHT + HOUR)), run())
    )
    assert spoilt.count(False) > usual.count(False) + 15


@pytest.mark.parametrize("cause", [ELSEWHERE, BLOCKED])
def test_a_station_is_kept_as_often_by_the_clock_however_fast_it_works(cause: Any) -> None:
    trap = Kept("washer", cause, 600.0, 60.0, EIGHT, EIGHT + 2 * HOUR)
    lived = [run(trap, minutes=120, improved=improved) for improved in (False, True)]
    found = [[p for p in one.periods("washer", kinds=("stop",)) if p.cause == cause.id] for one in lived]
    assert all(8 <= len(stops) <= 13 for stops in found)
    assert median(p.seconds() for p in found[0]) == pytest.approx(60.0, rel=0.3)


def test_a_product_without_lots_is_not_made_and_needs_no_set_up() -> None:
    made = {p.product for p in run(minutes=120, mix={"a-100": 0.0}).pieces("washer")}
    assert made == {"b-200"}


def test_what_was_different_stands_in_the_truth() -> None:
    told = run(Noted("other_hours", "washer", EIGHT, EIGHT + HOUR), minutes=1).of(Deceit)
    assert [(one.trap, one.station) for one in told] == [("other_hours", "washer")]


def test_a_station_that_is_not_there_is_said() -> None:
    with pytest.raises(NotThere):
        run(Slower("dryer", 2.0, EIGHT, EIGHT + HOUR), minutes=1)


def test_who_watches_sees_the_elements_of_each_piece_in_their_order() -> None:
    clock = HandClock(EIGHT)
    seen: list[tuple[str, int]] = []
    floor = WashingLine(washing_line(), {}, clock, 11, EIGHT)
    floor.watch(lambda station, element, start, end: seen.append((element, end - start)))
    floor.start()
    clock.turn(1800)
    assert [element for element, _ in seen[:6]] == ["load", "wash", "unload"] * 2
    assert all(length > 0 for _, length in seen)
