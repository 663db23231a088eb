"""The judgement held against the truth: 400 seeds of the floor's own days, and one run through the whole chain.

The figures these runs gave are in docs/decisions/evaluation.md.
"""

import contextlib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import scipy.stats

from collector.ingest import Ingest
from collector.store import open_store
from contract.line import Line, load
from contract.reading import NS_PER_S
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.sensors import catalogue, modules
from floor.truth import Truth
from floor.washing import WashingLine
from kojo.history import CHECK_S
from kpi.evaluation.judgement import Days, Judgement, judge, order_of, picks, resampled
from tests.kpi.truth_days import EFFECT_S, Floats, days, medians
from tests.rig import LINES, Desked
from tests.test_truth import deliver

pytestmark = pytest.mark.slow  # scipy takes a second to import

SEEDS, N = 400, 10


def judged(before: Floats, after: Floats) -> list[Judgement]:
    return [judge(days(a), days(b, N + 4), "lower") for a, b in zip(before, after, strict=True)]


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def covers(one: Judgement, effect_s: float) -> bool:
    return one.interval is not None and one.interval[0] <= effect_s <= one.interval[1]


def test_over_400_seeds_the_interval_covers_the_true_effect_and_nothing_is_rarely_called_better() -> None:
    random = np.random.default_rng(7)
    before, after = medians(random, SEEDS, N), medians(random, SEEDS, N, improved=True)
    improved = judged(before, after)
    assert share([covers(one, EFFECT_S) for one in improved]) >= 0.87
    assert all(one.verdict == "better" for one in improved)
    nothing = judged(before, medians(random, SEEDS, N))
    assert share([covers(one, 0.0) for one in nothing]) >= 0.87
    assert share([one.verdict == "better" for one in nothing]) <= 0.08


def test_of_days_that_resemble_each_other_most_are_told_so() -> None:
    random = np.random.default_rng(8)
    few = SEEDS // 2
    before, after = medians(random, few, N, rho=0.5), medians(random, few, N, rho=0.5, improved=True)
    found = judged(before, after)
    assert share([one.widened for one in found]) > 0.6
    wide = share([covers(one, EFFECT_S) for one in found])
    plain = share([one.plain is not None and one.plain[0] <= EFFECT_S <= one.plain[1] for one in found])
    assert wide > plain, "widening brings some of it back"


def test_the_days_of_the_truth_are_as_the_floor_draws_them() -> None:
    drawn = medians(np.random.default_rng(1), 200, 10)
    assert np.median(drawn) == pytest.approx(20.1, abs=0.02)
    assert drawn.std() == pytest.approx(0.06, abs=0.01), "0.3 % of warmer and colder water"
    assert pytest.approx(-17.085) == EFFECT_S


def test_the_interval_is_that_of_scipys_own_percentile_bootstrap() -> None:
    random = np.random.default_rng(3)
    a, b = random.normal(20, 1, 12), random.normal(18, 1, 15)
    found = judge(days(a), days(b, 20), "lower").plain
    theirs = scipy.stats.bootstrap(
        (a, b), lambda x, y, axis: np.median(y, axis) - np.median(x, axis), n_resamples=10_000, batch=1000,
        confidence_level=0.9, method="percentile", rng=1, vectorized=True,
    ).confidence_interval  # fmt: skip
    assert found == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_pooled_cycles_have_the_median_that_sorting_gives() -> None:
    random = np.random.default_rng(2)
    cycles = tuple(np.round(random.normal(20 + n / 10, 1, 31 + n), 2) for n in range(6))
    some = Days(np.arange(6.0), np.array([np.median(day) for day in cycles]), cycles)
    drawn, found = picks(6, 1, 0)[:200], resampled(some, 1)[:200]
    slowly = [np.median(np.concatenate([cycles[day] for day in one])) for one in drawn]
    assert found == pytest.approx(slowly)


def test_a_trend_is_kendalls_and_the_lag_1_correlation_is_judged_by_its_own_mean() -> None:
    values = np.array([1.0, 3.0, 2.0, 4.0, 5.0, 7.0, 6.0, 8.0])
    found = order_of(days(values))
    assert found.trend_p == scipy.stats.kendalltau(np.arange(8), values).pvalue
    assert found.slope_per_day == scipy.stats.theilslopes(values).slope
    independent = np.random.default_rng(4).standard_normal((4000, 10))
    share_called = share([order_of(days(one)).is_correlated for one in independent[:600]])
    assert share_called == pytest.approx(0.1, abs=0.035)


def test_days_that_are_all_one_value_are_judged_too() -> None:
    same = judge(days(np.full(6, 20.0)), days(np.full(6, 20.0), 9), "lower")
    assert (same.verdict, same.interval, same.p_value) == ("not_confirmed", (0.0, 0.0), 1.0)
    other = judge(days(np.full(6, 20.0)), days(np.full(6, 18.0), 9), "lower")
    assert (other.verdict, other.interval) == ("better", (-2.0, -2.0))


# -- the whole chain ---------------------------------------------------------------------------------------------------

START = datetime.fromisoformat("2026-10-05T08:00:00+09:00")
DAYS_A_SIDE = 5
DAY_S = 86400


@dataclass
class Lived:
    """Ten days of the floor, of an hour each, and the service that measured them."""

    truth: Truth
    pages: Desked

    def true_day(self, n: int) -> float:
        """The median wash of the n-th day, as it happened."""
        start = (int(START.timestamp()) + n * DAY_S) * NS_PER_S
        washes = self.truth.phases("washer", "wash", start, start + DAY_S * NS_PER_S)
        return median((wash.ended_ns - wash.began_ns) / NS_PER_S for wash in washes if wash.whole)


def short_days(folder: Path) -> Line:
    """The demo's line, worked an hour a day."""
    text = (LINES / "washing.toml").read_text("utf-8")
    text = text.replace('start = "08:00"\nend = "20:00"', 'start = "08:00"\nend = "09:00"', 1)
    night, plans = text.index('[[shifts]]\nname = "夜勤"'), text.index("# ---- 計画")
    text = re.sub(r"^breaks = \[[^\]]*\]", "breaks = []", text[:night] + text[plans:], flags=re.MULTILINE)
    first, reasons = text.index("[[plan]]"), text.index("# ---- 止まった理由")
    file = folder / "short.toml"
    file.write_text(text[:first] + text[reasons:], "utf-8")
    return load(file, catalogue())


@contextlib.contextmanager
def lived() -> Iterator[Lived]:
    """Agents, outboxes, deliveries, ingest and store are the kit's own; the floor keeps the truth."""
    clock, known = HandClock(int(START.timestamp()) * NS_PER_S), modules()
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch,
        contextlib.ExitStack() as open_,
    ):
        home = Path(scratch)
        line = short_days(home)
        store = open_store(line.store_url, home)
        open_.callback(store.close)
        ingest = Ingest(store, [(0, line)], "collector-1", clock.time_ns)
        benches = {a: Bench(clock, 3) for a in line.agents}
        outboxes = {a: Outbox(home / f"{a}.sqlite", a, clock, line.outbox) for a in line.agents}
        agents = [Agent(line, a, benches[a], outboxes[a], known, check_s=CHECK_S) for a in line.agents]
        deliveries = {a: Delivery(outboxes[a], clock) for a in line.agents}
        better_ns = (int(START.timestamp()) + DAYS_A_SIDE * DAY_S) * NS_PER_S
        floor = WashingLine(line, benches, clock, 3, clock.time_ns(), improved_at_ns=better_ns)
        for agent in agents:
            agent.start()
        floor.start()
        for _ in range(2 * DAYS_A_SIDE * 4):
            clock.turn(6 * 3600)
            deliver(line, deliveries, ingest, clock)
        floor.stop()
        for agent in agents:
            agent.stop()
        deliver(line, deliveries, ingest, clock)
        for a in line.agents:
            outboxes[a].close()
            benches[a].close()
        yield Lived(floor.truth, Desked.of(store, line, home, clock.time_ns))


def test_through_the_whole_chain_the_numbers_are_those_of_the_truths_days() -> None:
    split = START.timestamp() + DAYS_A_SIDE * DAY_S
    edges = [datetime.fromtimestamp(t, START.tzinfo).isoformat() for t in
             (START.timestamp(), split, split + DAYS_A_SIDE * DAY_S)]  # fmt: skip
    with lived() as floor:
        told = floor.pages.get(
            "/evaluation", station="washer", kpi="phases.wash", before="/".join(edges[:2]), after="/".join(edges[1:])
        )
        true = np.array([floor.true_day(n) for n in range(2 * DAYS_A_SIDE)])
    measured = np.array([day["value"] for side in ("before", "after") for day in told[side]["days"]])
    assert measured == pytest.approx(true, abs=0.010)
    first = int(datetime.fromisoformat(edges[0]).date().toordinal())
    of_truth = judge(days(true[:DAYS_A_SIDE], first), days(true[DAYS_A_SIDE:], first + DAYS_A_SIDE), "lower")
    assert of_truth.difference is not None
    assert of_truth.interval is not None
    assert told["difference"]["median"] == pytest.approx(of_truth.difference, abs=0.020)
    assert told["difference"]["interval90"] == pytest.approx(of_truth.interval, abs=0.020)
    assert told["p_value"] == pytest.approx(of_truth.p_value)
    assert told["verdict"] == of_truth.verdict == "better"
