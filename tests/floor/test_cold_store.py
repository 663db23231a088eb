"""The cold store: warms while its door is open; an hour of it measured by the kit."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from contract.reading import NS_PER_S
from floor.records import Condition, Period, Phase, Press
from tests.floor.an_hour import Hour, an_hour, nothing_is_wrong, readings_follow
from tests.floor.lived import lived

SEED = 17
"""An hour in which the store was loaded."""


@pytest.mark.slow
def test_it_keeps_its_temperature_but_for_the_door() -> None:
    truth = lived("cold-store", hours=24, seed=5).truth
    shelf = [(c.at_ns, float(c.value)) for c in truth.of(Condition, "cold") if c.sensor == "air"]
    usual = sorted(value for _, value in shelf)[len(shelf) // 10 : len(shelf) // 2]
    assert 2.9 < usual[0] < usual[-1] < 5.5
    assert max(value for _, value in shelf) > 12


def test_the_longer_the_door_is_open_the_warmer_it_gets_and_a_curtain_keeps_it_cold() -> None:
    def warmest(improved: bool) -> list[tuple[float, float]]:
        truth = lived("cold-store", hours=1, seed=SEED, improved=improved).truth
        shelf = [(c.at_ns, float(c.value)) for c in truth.of(Condition, "cold") if c.sensor == "air"]
        return [
            ((p.ended_ns - p.began_ns) / NS_PER_S, max(v for at, v in shelf if at <= p.ended_ns + 20 * NS_PER_S))
            for p in truth.of(Phase, "cold")
        ]

    plain, curtain = warmest(improved=False), warmest(improved=True)
    assert [seconds for seconds, _ in plain] == [seconds for seconds, _ in curtain]
    assert max(plain)[1] > 12
    assert max(plain)[1] > max(curtain)[1] + 4


def test_the_goods_hardly_notice_what_the_probe_by_the_door_feels() -> None:
    truth = lived("cold-store", hours=4, seed=6).truth

    def reach(sensor: str) -> float:
        values = [float(c.value) for c in truth.of(Condition, "cold") if c.sensor == sensor]
        return max(values) - min(values)

    assert reach("by-door") > reach("air") > 3 * reach("product")


def test_whoever_is_rung_for_says_that_it_was_seen() -> None:
    floor = lived("cold-store", hours=12, seed=5)
    warm, seen = floor.truth.of(Period, "cold"), floor.truth.of(Press, "cold")
    assert len(warm) > 0
    assert len(seen) == len(warm)
    for period, press in zip(warm, seen, strict=True):
        assert period.cause == "too_warm"
        assert period.start_ns + 300 * NS_PER_S < press.at_ns < period.start_ns + 1200 * NS_PER_S


@pytest.fixture(scope="module")
def hour() -> Iterator[Hour]:
    with an_hour("cold-store", seed=SEED) as lived_hour:
        yield lived_hour


@pytest.mark.slow
@pytest.mark.parametrize("probe", ["air", "by-door", "product"])
def test_each_probe_reads_what_is_there_to_a_sixteenth_of_a_degree(hour: Hour, probe: str) -> None:
    nothing_is_wrong(hour)
    readings_follow(hour, f"cold/{probe}/temperature", "temperature", within=1 / 16 + 1e-9, late_ns=3 * NS_PER_S)


@pytest.mark.slow
def test_the_door_is_measured_at_its_first_touch(hour: Hour) -> None:
    changes = [(0, 0.0), *((at_ns, float(value)) for at_ns, value in hour.told("cold/door/state"))]
    moved = [at_ns for (_, before), (at_ns, after) in pairwise(changes) if before != after]
    opened = hour.floor.truth.of(Phase, "cold")
    happened = [at for phase in opened for at in (phase.began_ns, phase.ended_ns)]
    assert len(moved) in (len(happened), len(happened) + 1)  # it may be open at the end
    assert max(abs(a - b) for a, b in zip(moved, happened, strict=False)) < 50_000_000


@pytest.mark.slow
def test_the_buzzer_sounds_as_long_as_it_is_too_warm_for_five_minutes(hour: Hour) -> None:
    warm = [p for p in hour.floor.truth.of(Period, "cold") if p.end_ns]
    assert warm
    buzzed = [(at_ns, value) for at_ns, value in hour.told("cold/buzzer/state") if value]
    assert buzzed
    first_ns = buzzed[0][0]
    assert warm[0].start_ns + 300 * NS_PER_S <= first_ns <= warm[0].start_ns + 325 * NS_PER_S


@pytest.mark.slow
def test_it_has_no_pieces_and_the_kit_says_so(hour: Hour) -> None:
    told = hour.kpi("cold")
    assert told["ledger"]["run"] == pytest.approx(3600.0)
    assert told["produced_quantity"] is None
    assert told["warnings"] == ["no_cycle_sensor"]
