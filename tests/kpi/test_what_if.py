"""What if: the forecast of the washing line against what then really happens on the virtual floor, and by hand."""

from functools import partial

import numpy as np
import pytest

from kpi.analysis.what_if import Foretold, Measured, foretell
from kpi.answers import Answers, Asked
from kpi.desk import Desk
from kpi.line_days import Change
from kpi.what_if_told import what_if
from tests.kpi.desks import FakeIngest
from tests.kpi.floor_days import START, end_of, lived, seen, washing
from tests.kpi.memory_store import MemoryStore

DAYS = 4


def station(
    name: str, cycle_s: float, to_s: float | None = None, *, days: int = 6, own: bool = True, **more: float
) -> Measured:
    """One of a line by hand: 8 h a day, 100 cycles of one length seen each day, ``counts`` made, stops as told."""
    cycles = np.full(100 * days, cycle_s)
    told = {"counts": 800.0, "stopped_s": 0.0, "set_up_s": 0.0} | more
    return Measured(
        name, cycles, np.repeat(np.arange(days), 100), cycles if to_s is None else np.full_like(cycles, to_s), own,
        np.full(days, 28_800.0), np.full(days, told["stopped_s"]), np.full(days, told["set_up_s"]),
        np.full(days, told["counts"]),
    )  # fmt: skip


def told(*stations: Measured, good: float = 800.0) -> Foretold:
    days = len(stations[0].busy_s)
    found = foretell(stations, np.full(days, good), np.ones(days))
    assert found is not None
    return found


def test_two_steady_stations_give_what_paper_gives() -> None:
    """27 s a piece of 8 h are 1066.7 pieces; at 10 s the next station, 18 s, is the bottleneck: 1600, + 50 %
    (curriculum 7.6). With nothing that varies, buffers do not matter and every draw says the same.
    """
    found = told(station("washer", 27.0, 10.0), station("packer", 18.0), good=1000.0)
    assert found.before.median == 1000.0
    assert [r.median for r in found.capacity_before] == pytest.approx([28_800 / 27 / 0.8, 28_800 / 18 / 0.8])
    assert (found.bottleneck_before, found.bottleneck_after) == ((1.0, 0.0), (0.0, 1.0))
    assert (found.percent.low, found.percent.median, found.percent.high) == pytest.approx((50.0, 50.0, 50.0))
    assert found.after.median == pytest.approx(1500.0)


def test_stops_and_set_ups_take_their_time() -> None:
    """A fifth of the time stood, and 4 s of set-up for each count: 28,800 x 0.8 / (20 + 4) = 960."""
    found = told(station("press", 20.0, stopped_s=5760.0, set_up_s=3200.0))
    assert found.capacity_before[0].median == pytest.approx(960.0)
    assert found.difference.median == 0.0


def test_between_no_buffer_and_plenty_lies_the_interval() -> None:
    """Alone each of two equal stations that stand a fifth makes 80 %; without a buffer they make 60 % together."""
    found = told(station("a", 20.0, 10.0, stopped_s=5760.0), station("b", 20.0, stopped_s=5760.0))
    assert found.percent.low >= -1e-9
    assert found.percent.high <= 100.0
    assert found.bottleneck_after[1] == 1.0


def test_a_station_that_waits_lies_between_its_ideal_and_a_tenth_more() -> None:
    found = told(station("a", 27.0), station("b", 18.0, own=False))
    middle = found.capacity_before[1]
    assert 28_800 / 18 / 1.1 <= middle.low < middle.median < middle.high <= 28_800 / 18


def test_of_few_days_or_of_nothing_nothing_is_foretold() -> None:
    assert foretell([station("a", 20.0, days=2)], np.full(2, 800.0), np.ones(2)) is None
    assert foretell([station("a", 20.0)], np.zeros(6), np.ones(6)) is None
    assert foretell([station("a", 20.0, counts=0.0)], np.full(6, 1.0), np.ones(6)) is None


def test_the_same_question_gets_the_same_answer() -> None:
    ask = partial(told, station("a", 27.0, 10.0), station("b", 18.0, own=False))
    assert ask() == ask()


def answers(store: MemoryStore) -> Answers:
    line = washing()
    return Answers(Desk(store, lambda: [(0, line)], FakeIngest(), None, lambda: end_of(DAYS), live=False))  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_wash_from_20_to_3_seconds_becomes_what_then_really_happens_on_the_floor() -> None:
    """Four days of the virtual line as it is, and four with the improvement brought in: the forecast from the first
    contains the output of the second, and knows that packing becomes the bottleneck.
    """
    now = answers(seen(lived(washing(), DAYS, 2)))
    then = answers(seen(lived(washing(), DAYS, 2, improved=True)))
    body = what_if(now, Change("washer", 3.0, "wash"), 20.0, START, end_of(DAYS), lambda: None)
    packed = then.kpi(Asked(START, end_of(DAYS)), "packer")["stations"][0]
    really = packed["good_quantity"] / (2 * DAYS)
    low, high = body["output"]["after"]["interval90"]
    assert low <= really <= high
    assert high - low < 0.15 * really
    assert body["change"]["from_s"] == pytest.approx(20.1, abs=0.5)
    assert body["bottleneck"]["before"]["station"] == "washer"
    assert body["bottleneck"]["after"]["station"] == "packer"
    assert body["bottleneck"]["after"]["probability"] > 0.9
    codes = {caveat["code"] for caveat in body["caveats"]}
    assert {"buffers", "few_days", "waits"} <= codes
    assert "3 秒にすると" in body["statement"]["ja"]
    whole = what_if(now, Change("washer", 10.0), None, START, end_of(DAYS), lambda: None)
    assert whole["output"]["after"]["interval90"][0] <= really <= whole["output"]["after"]["interval90"][1]
