"""Where ordinary cycles end and stops begin, on gaps of which it is known."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from kpi.analysis.thresholds import FEWEST_GAPS, Split, histogram, judged, rounded, split

pytestmark = pytest.mark.slow  # scipy takes a second to import


def gaps(cycles: int, stops: int, mean_stop_s: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Cycles of 27.4 s with a spread, and stops of exponential length on top of a cycle."""
    draw = np.random.default_rng(seed)
    ordinary = 27.4 + 0.8 * draw.standard_normal(cycles) + draw.exponential(0.5, cycles)
    return ordinary, 27.5 + draw.exponential(mean_stop_s, stops)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("cycles", "stops", "mean_s"), [(8000, 60, 120.0), (20000, 1500, 200.0), (8000, 400, 30.0)])
def test_the_proposal_calls_hardly_any_cycle_a_stop_and_finds_most_stops(
    cycles: int, stops: int, mean_s: float, seed: int
) -> None:
    ordinary, stood = gaps(cycles, stops, mean_s, seed)
    found = split(np.concatenate((ordinary, stood)), least_s=27.0)
    assert found is not None
    assert (ordinary > found.at_s).sum() <= 2
    assert (stood > found.at_s).mean() >= 0.6


def test_without_stops_the_fence_stands_beyond_the_cycles() -> None:
    ordinary, _ = gaps(8000, 0, 1.0, 3)
    found = split(ordinary, least_s=27.0)
    assert found is not None
    assert (found.method, found.void) == ("fence", None)
    logs = np.log(ordinary)
    q1, q3 = np.quantile(logs, [0.25, 0.75])
    assert found.at_s == pytest.approx(math.exp(q3 + 3 * stats.iqr(logs)))  # scipy's own interquartile range
    assert q3 > q1
    assert (ordinary > found.at_s).sum() <= 2


def test_two_hills_with_nothing_between_are_parted_in_the_middle_of_nothing() -> None:
    told = split(np.concatenate((np.linspace(9.5, 10.5, 900), np.linspace(90, 110, 100))))
    assert told is not None
    assert told.method == "valley"
    assert told.void == pytest.approx(1.0)
    assert 10.5 < told.at_s < 90


def test_of_few_gaps_nothing_is_proposed() -> None:
    assert split(np.full(FEWEST_GAPS - 1, 20.0)) is None
    assert split(np.array([])) is None
    assert split(np.array([math.nan, math.inf, 0.0, -1.0])) is None


@pytest.mark.parametrize("gap_s", [0.001, 20.0, 1e6])
def test_a_machine_true_to_the_millisecond_still_gets_a_threshold_above_its_cycle(gap_s: float) -> None:
    found = split(np.full(500, gap_s))
    assert found is not None
    assert 1.02 * gap_s < found.at_s < 1.2 * gap_s


def test_the_proposal_never_lies_at_or_below_the_ideal() -> None:
    found = split(np.full(500, 20.0), least_s=27.0)
    assert found is not None
    assert found.at_s > 27.0


def test_false_stops_are_the_cycles_beyond_a_threshold_and_what_their_tail_would_still_send() -> None:
    """An exponential tail above the 95 % quantile: of 20,000 cycles of 20 + Exp(2) s, 20,000 exp(-(x - 20) / 2)
    last longer than x.
    """
    ordinary = 20 + np.random.default_rng(1).exponential(2.0, 20_000)
    parted = Split(50.0, "valley", 1.0)
    told = judged(np.concatenate((ordinary, [300.0, 400.0])), parted, [26.0, 50.0, 350.0])
    assert told[0].false == pytest.approx(20_000 * math.exp(-3), rel=0.05)
    assert told[0].stops == (ordinary > 26).sum() + 2
    assert (told[1].stops, told[1].stop_s, told[1].missed) == (2, 700.0, 0)
    assert told[1].false == pytest.approx(20_000 * math.exp(-15), abs=0.02)
    assert (told[2].stops, told[2].missed) == (1, 1)


def test_the_histogram_holds_every_gap_once_on_bins_of_equal_width_in_logarithms() -> None:
    seconds = np.concatenate((*gaps(3000, 40, 300.0, 5), [0.01, 90_000.0]))
    told = histogram(seconds)
    assert sum(b.count for b in told) == len(seconds)
    assert len(told) <= 200
    assert all(a.to_s == b.from_s for a, b in pairwise(told))
    assert np.ptp([math.log(b.to_s / b.from_s) for b in told]) < 1e-9
    assert histogram(np.array([])) == []


@pytest.mark.parametrize(("found", "written"), [(7.31, 7.5), (33.2, 34.0), (54.0, 55.0), (101.0, 105.0), (630, 660)])
def test_a_threshold_is_written_as_people_write_it(found: float, written: float) -> None:
    assert rounded(found) == written


def test_the_same_gaps_give_the_same_proposal_in_any_order() -> None:
    seconds = np.concatenate(gaps(4000, 50, 100.0, 9))
    assert split(seconds, 27.0) == split(seconds[::-1].copy(), 27.0)
