"""Work by hand: assembly and packing with a scale; an hour of each measured by the kit."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import median, stdev

import pytest

from contract.reading import NS_PER_S
from floor.records import SetUp, Weighing
from floor.truth import Truth
from tests.floor.an_hour import (
    Hour,
    an_hour,
    buckets_are_right,
    nothing_is_wrong,
    pieces_are_exact,
    readings_follow,
)
from tests.floor.lived import lived


def gaps_s(truth: Truth, station: str) -> list[float]:
    """Seconds between pieces that no stop comes between."""
    found = [(b.at_ns - a.at_ns) / NS_PER_S for a, b in pairwise(truth.pieces(station))]
    return [gap for gap in found if gap < 90]


def test_assembly_takes_a_little_over_its_ideal_and_spreads_as_people_do() -> None:
    gaps = gaps_s(lived("hand-assembly", hours=18, seed=2).truth, "assembly")
    assert 45.5 < median(gaps) < 50
    assert 2.5 < stdev(gaps) < 10


def test_parts_that_lie_well_save_a_few_seconds_of_each_piece() -> None:
    plain, improved = (lived("hand-assembly", hours=9, seed=2, improved=way).truth for way in (False, True))
    assert 3 < median(gaps_s(plain, "assembly")) - median(gaps_s(improved, "assembly")) < 8


def test_boxes_of_both_products_are_packed_with_a_short_change_between() -> None:
    truth = lived("packing", hours=18, seed=4).truth
    assert {piece.product for piece in truth.pieces("packing")} == {"small", "large"}
    assert all(30 < (s.end_ns - s.start_ns) / NS_PER_S < 300 for s in truth.of(SetUp, "packing"))
    by_product: dict[str, list[float]] = {"small": [], "large": []}
    for a, b in pairwise(truth.pieces("packing")):
        if a.product == b.product and b.at_ns - a.at_ns < 60 * NS_PER_S:
            by_product[b.product].append((b.at_ns - a.at_ns) / NS_PER_S)
    assert 24 < median(by_product["small"]) < 27
    assert 38 < median(by_product["large"]) < 42


@pytest.fixture(scope="module")
def assembly() -> Iterator[Hour]:
    with an_hour("hand-assembly", seed=3) as lived_hour:
        yield lived_hour


@pytest.fixture(scope="module")
def packing() -> Iterator[Hour]:
    with an_hour("packing", seed=3) as lived_hour:
        yield lived_hour


@pytest.mark.slow
def test_an_hour_of_assembly_is_measured_as_it_was(assembly: Hour) -> None:
    nothing_is_wrong(assembly)
    pieces_are_exact(assembly, "assembly")
    buckets_are_right(assembly, "assembly")


@pytest.mark.slow
def test_one_persons_pieces_are_nobody_elses_business(assembly: Hour) -> None:
    told = assembly.kpi("assembly")
    assert "person" in told["warnings"]
    assert "p95" not in told["cycle_time_s"] or told["cycle_time_s"]["p95"] is None


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "within"), [("temperature", 0.02), ("humidity", 0.02)])
def test_the_air_is_read_as_it_is(assembly: Hour, measure: str, within: float) -> None:
    readings_follow(assembly, f"assembly/air/{measure}", measure, within=within, late_ns=2 * NS_PER_S)


@pytest.mark.slow
def test_an_hour_of_packing_is_measured_as_it_was(packing: Hour) -> None:
    nothing_is_wrong(packing)
    pieces_are_exact(packing, "packing")
    buckets_are_right(packing, "packing")


@pytest.mark.slow
def test_every_box_is_weighed_once_and_as_it_weighs(packing: Hour) -> None:
    weighed = [(w.at_ns, w.grams) for w in packing.floor.truth.of(Weighing)]
    assert [(at_ns, float(value)) for at_ns, value in packing.told("packing/scale/weight")] == weighed
    assert len(weighed) - len(packing.pieces("packing")) in (0, 1)
