"""The press: many short stops, told by its stack light; an hour of it measured by the kit."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from statistics import mean, median

import pytest

from contract.reading import NS_PER_S
from floor.records import Period
from tests.floor.an_hour import (
    START_NS,
    Hour,
    an_hour,
    nothing_is_wrong,
    pieces_are_exact,
)
from tests.floor.lived import lived


def test_it_strokes_every_six_seconds_and_stands_often_and_briefly() -> None:
    truth = lived("press", hours=9, seed=2).truth
    gaps = [(b.at_ns - a.at_ns) / NS_PER_S for a, b in pairwise(truth.pieces("press"))]
    assert 6.0 < median(gaps) < 6.06
    short = [p for p in truth.periods("press", kinds=["stop"]) if p.loss == "minor"]
    assert len(short) > 40
    assert median(p.seconds() for p in short) < 60


@pytest.mark.slow
def test_the_improvement_averts_short_stops_and_no_others() -> None:
    def stood(improved: bool) -> Counter[str]:
        runs = [lived("press", hours=9, seed=seed, improved=improved).truth for seed in range(2)]
        return Counter(p.loss for truth in runs for p in truth.periods("press", kinds=["stop"]))

    before, after = stood(improved=False), stood(improved=True)
    assert after["minor"] < 0.6 * before["minor"]
    assert after["starved"] > 0.6 * before["starved"]


@pytest.fixture(scope="module")
def hour() -> Iterator[Hour]:
    with an_hour("press", seed=3) as lived_hour:
        yield lived_hour


@pytest.mark.slow
def test_an_hour_is_counted_exactly(hour: Hour) -> None:
    nothing_is_wrong(hour)
    pieces_are_exact(hour, "press")
    assert len(hour.pieces("press")) > 300


@pytest.mark.slow
def test_what_stood_is_measured_by_the_stack_light_to_0_2_s_for_each_stop(hour: Hour) -> None:
    told = hour.kpi("press")
    stood = _standing(hour)
    long_enough = [s for s in stood if s > (hour.line.stations["press"].stop_after_s or 0.0)]
    stops = told["stops"]["minor"]["count"] + told["stops"]["downtime"]["count"]
    assert stops == len(long_enough) > 5
    measured = told["ledger"]["minor_stop"] + told["ledger"]["downtime"]
    assert measured == pytest.approx(sum(long_enough), abs=0.2 * stops)
    assert sum(told["ledger"].values()) == pytest.approx(3600.0)


def _standing(hour: Hour) -> list[float]:
    """Seconds of each time that the green lamp was dark; periods that touch are one."""
    joined: list[tuple[int, int]] = []
    lasting = hour.floor.truth.lasting("press")
    for period in [*hour.floor.truth.of(Period, "press"), *([lasting] if lasting else [])]:
        start_ns, end_ns = max(START_NS, period.start_ns), min(hour.end_ns, period.end_ns or hour.end_ns)
        if joined and joined[-1][1] == start_ns:
            start_ns = joined.pop()[0]
        joined.append((start_ns, end_ns))
    return [(b - a) / NS_PER_S for a, b in joined]


@pytest.mark.slow
def test_each_lamp_is_told_as_it_was(hour: Hour) -> None:
    """What lasts longer than two blinks and ``steady_s`` is told, dated within 0.7 s (the dark half of a blink)."""
    for colour in ("red", "amber", "green"):
        lit = hour.conditions("press", "tower", colour)
        told = hour.told(f"press/tower/{colour}")
        ends = [at for at, _ in lit[1:]] + [hour.end_ns]
        for (at_ns, state), end_ns in zip(lit, ends, strict=True):
            if end_ns - at_ns > 6 * NS_PER_S:
                assert [v for t, v in told if t <= at_ns + int(0.7 * NS_PER_S)][-1:] == [state]


@pytest.mark.slow
def test_the_frame_shakes_while_it_works_and_hums_while_it_stands(hour: Hour) -> None:
    loud, quiet = list[float](), list[float]()
    stood = [(p.start_ns, p.end_ns or hour.end_ns) for p in hour.floor.truth.of(Period, "press")]
    for at_ns, value in hour.told("press/frame/rms"):
        window = (at_ns - 2 * NS_PER_S, at_ns)
        if any(a <= window[0] and window[1] <= b for a, b in stood):
            quiet.append(float(value))
        elif not any(a < window[1] and window[0] < b for a, b in stood):
            loud.append(float(value))
    assert len(loud) > 20
    assert len(quiet) > 3
    assert mean(loud) == pytest.approx(6.0 / 2**0.5, rel=0.1)
    assert max(quiet) < 1.0 < min(loud)
    assert {round(float(v)) for _, v in hour.told("press/frame/main_frequency")} <= {24, 25}
