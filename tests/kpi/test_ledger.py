from collections import Counter
from dataclasses import dataclass, replace
from datetime import time, timedelta
from itertools import pairwise
from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from contract.line import CalendarEntry, Line, Reason, Shift, Since
from kpi.ledger import BUCKETS, LONG_NS, Ledger
from tests.kpi.lines import (
    CYCLE,
    MODE,
    MONDAY,
    NS,
    REASON,
    RUNNING,
    at,
    ledger,
    line,
    seconds,
    shift,
    station,
)
from tests.kpi.memory_store import MemoryStore
from tests.kpi.slow_ledger import FAILURE, PLANNED, TICK_S, Scenario, buckets

REASONS = {
    PLANNED: Reason(PLANNED, "注文なし", planned=True),
    FAILURE: Reason(FAILURE, "故障", "failure"),
    "jam": Reason("jam", "詰まり", "minor"),
}


def pieces(store: MemoryStore, *times: int) -> None:
    store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(times)])


def every(seconds_apart: float, start: int, end: int) -> list[int]:
    step = round(seconds_apart * NS)
    return list(range(start + step, end + 1, step))


def stops(found: Ledger) -> list[tuple[int, int, str]]:
    return [(s.start, s.end, s.bucket) for s in found.stops]


def test_a_gap_across_the_lunch_break_is_one_stop() -> None:
    store = MemoryStore()
    pieces(store, *every(20, at("8:30"), at("11:58")), *every(20, at("13:04"), at("17:15")))
    of = line(station(CYCLE), shift("08:30-17:15", "12:00-13:00"))
    found = ledger(store, of, at("8:30"), at("17:15"))
    assert stops(found) == [(at("11:58"), at("13:04"), "minor_stop")]
    assert found.stops[0].seconds == 6 * 60
    assert found.stops[0].edge
    told = seconds(found, at("8:30"), at("17:15"))
    assert told["planned_stop"] == 3600
    assert told["minor_stop"] == 360


def test_a_long_stop_is_judged_by_the_stop_and_not_by_the_gap() -> None:
    """Curriculum 7.1: add a gap of 615 s at an ideal of 30 s, and the stop is 585 s: チョコ停."""
    store = MemoryStore()
    pieces(store, at("9:00"), at("9:10:15"), at("9:10:45"))
    found = ledger(store, line(station(CYCLE, ideal=30.0)), at("9:00"), at("9:11"))
    assert [s for s in stops(found) if s[0] == at("9:00")] == [(at("9:00"), at("9:09:45"), "minor_stop")]


def test_the_shift_ends_a_stop_and_the_next_shift_begins_another() -> None:
    store = MemoryStore()
    pieces(store, at("16:50"), at("8:50", MONDAY + timedelta(days=1)))
    of = line(station(CYCLE), shift("08:30-17:15"))
    end = at("9:00", MONDAY + timedelta(days=1))
    found = stops(ledger(store, of, at("16:50"), end))
    assert (at("16:50"), at("17:15"), "downtime") in found
    assert (at("8:30", MONDAY + timedelta(days=1)), at("8:49:40", MONDAY + timedelta(days=1)), "downtime") in found


def test_back_to_back_shifts_do_not_cut_a_stop() -> None:
    store = MemoryStore()
    pieces(store, at("16:50"), at("17:30"))
    of = line(station(CYCLE), shift("08:30-17:15"), shift("17:15-21:00", name="二直"))
    found = ledger(store, of, at("16:00"), at("18:00"))
    assert (at("16:50"), at("17:29:40"), "downtime") in stops(found)
    assert next(s for s in found.stops if s.start == at("16:50")).edge


def test_an_open_stop_counts_so_far_and_changes_its_class() -> None:
    store = MemoryStore()
    pieces(store, at("8:31"), at("8:31:20"))
    of = line(station(CYCLE), shift("08:30-17:15"))

    def state(clock: str) -> str:
        return ledger(store, of, at("8:30"), at(clock)).intervals(at("8:31:20"), at(clock))[-1][2]

    assert state("8:32:00") == "run"
    assert state("8:32:01") == "minor_stop"
    assert state("8:42:00") == "downtime"


def test_unplaced_counts_share_their_gap() -> None:
    """When k counts end a gap, its seconds / k are compared and k ideal cycles taken off."""
    store = MemoryStore()
    store.put("washer/done/count", [(at("9:00"), 1), (at("9:05"), 16), (at("9:20"), 18)])
    found = ledger(store, line(station(CYCLE)), at("9:00"), at("9:20"), at("9:21"))
    assert [s for s in stops(found) if at("9:00") <= s[0] < at("9:20")] == [(at("9:05"), at("9:19:20"), "downtime")]


def test_silence_is_no_data_and_silence_in_a_break_stays_a_break() -> None:
    store = MemoryStore()
    store.put("washer/_agent/alive", [(t, 1.0) for t in every(30, at("8:29:30"), at("11:30"))])
    store.put("washer/_agent/alive", [(t, 1.0) for t in every(30, at("13:30"), at("14:00"))], "s2")
    pieces(store, *every(20, at("8:30"), at("11:30")), *every(20, at("13:30"), at("14:00")))
    of = line(station(CYCLE, silence_after_s=120.0), shift("08:30-17:15", "12:00-13:00"))
    told = seconds(ledger(store, of, at("8:30"), at("14:00")), at("8:30"), at("14:00"))
    assert told["no_data"] == 3600 + 20
    assert told["planned_stop"] == 3600
    assert "downtime" not in told


def test_the_open_end_is_no_data_only_after_the_silence_is_long_enough() -> None:
    store = MemoryStore()
    pieces(store, at("8:30:20"), at("8:30:40"))
    of = line(station(CYCLE, silence_after_s=120.0, stop_after_s=60.0), shift("08:30-17:15"))
    told = seconds(ledger(store, of, at("8:30"), at("8:32:40")), at("8:30"), at("8:32:40"))
    assert told == {"run": 20.0, "no_data": 20.0, "minor_stop": 120.0}
    assert seconds(ledger(store, of, at("8:30"), at("8:33")), at("8:30"), at("8:33")) == {"run": 20.0, "no_data": 160.0}


def test_planned_time_before_the_first_reading_is_no_data() -> None:
    store = MemoryStore()
    pieces(store, *every(20, at("10:00"), at("11:00")))
    of = line(station(CYCLE, silence_after_s=0.0), shift("08:30-17:15"))
    day = at("8:30", MONDAY - timedelta(days=1))
    told = seconds(ledger(store, of, day, at("11:00")), day, at("11:00"))
    assert told["no_data"] == 8.75 * 3600
    assert told["downtime"] == 1.5 * 3600


def test_without_shifts_the_day_of_the_first_reading_begins_like_a_shift() -> None:
    store = MemoryStore()
    pieces(store, *every(20, at("10:00"), at("11:00")))
    start = at("0:00", MONDAY - timedelta(days=2))
    found = ledger(store, line(station(CYCLE)), start, at("11:00"))
    assert stops(found) == [(at("0:00"), at("10:00"), "downtime")]
    assert seconds(found, start, at("11:00")) == {"no_data": 2 * 86400.0, "downtime": 36000.0, "run": 3600.0}


def test_a_running_sensor_alone_decides() -> None:
    store = MemoryStore()
    store.put(
        "washer/running/state", [(at("8:30"), 1), (at("9:00"), 0), (at("9:00:30"), 1), (at("9:10"), 0), (at("9:12"), 1)]
    )
    pieces(store, at("8:31"))
    of = line(station(CYCLE, RUNNING), shift("08:30-17:15"))
    found = ledger(store, of, at("8:30"), at("9:30"))
    assert stops(found) == [(at("9:10"), at("9:12"), "minor_stop")]


def test_time_outside_production_is_one_stop_to_the_first_piece_of_production() -> None:
    store = MemoryStore()
    pieces(store, at("9:00"), at("9:05"), at("9:10"), at("9:20"), at("9:20:20"))
    store.put("washer/mode/pressed", [(at("9:01"), "setup"), (at("9:15"), "production")])
    of = line(station(CYCLE, MODE), shift("08:30-17:15"))
    found = ledger(store, of, at("8:30"), at("9:30"))
    stood = next(s for s in found.stops if s.start == at("9:00"))
    assert (stood.end, stood.bucket, stood.loss) == (at("9:19:40"), "downtime", "setup")


@pytest.mark.parametrize(
    ("said", "bucket", "loss"),
    [("failure", "minor_stop", "none"), (FAILURE, "downtime", "failure"), ("故障", "downtime", "failure"),
     (PLANNED, "planned_stop", "none"), ("jam", "minor_stop", "minor")],
)  # fmt: skip
def test_a_reason_belongs_to_the_last_stop_before_it(said: str, bucket: str, loss: str) -> None:
    store = MemoryStore()
    pieces(store, *every(20, at("8:30"), at("9:00")), *every(20, at("9:02"), at("9:30")))
    store.put("washer/why/pressed", [(at("9:00:30"), "jam"), (at("9:10"), said)])
    of = line(station(CYCLE, REASON), shift("08:30-17:15"), reasons=REASONS)
    found = ledger(store, of, at("8:30"), at("9:30"))
    stood = next(s for s in found.stops if s.start == at("9:00"))
    assert (stood.bucket, stood.loss) == (bucket, loss)


def test_a_calendar_stop_is_planned_and_a_holiday_takes_the_shift_away() -> None:
    store = MemoryStore()
    pieces(store, *every(20, at("8:30"), at("9:00")))
    of = line(
        station(CYCLE),
        shift("08:30-17:15"),
        calendar=[
            CalendarEntry(MONDAY, "planned_stop", None, time(9), time(17, 15)),
            CalendarEntry(MONDAY + timedelta(days=1), "holiday"),
        ],
    )
    end = at("18:00", MONDAY + timedelta(days=1))
    told = seconds(ledger(store, of, at("8:30"), end), at("8:30"), end)
    assert told == {"run": 1800.0, "planned_stop": 8.25 * 3600, "no_shift": float((end - at("17:15")) // NS)}


@dataclass(frozen=True)
class Pattern:
    """Shifts of the property test: as settings, and as ticks of the horizon."""

    shifts: tuple[Shift, ...]
    work: tuple[tuple[int, int], ...]
    rest: tuple[tuple[int, int], ...]
    begins: int | None = None


SUNDAY_NIGHT = at("23:00", MONDAY - timedelta(days=1))
TICKS = 3 * 3600 // TICK_S
PATTERNS = [
    Pattern((), ((0, TICKS),), (), 0),
    Pattern((shift("23:30-00:40", "23:50-00:00", "00:10-00:15"),), ((180, 600),), ((300, 360), (420, 450))),
    Pattern(
        (shift("23:10-00:00"), shift("00:00-01:00", "00:20-00:30", name="b")),
        ((60, 360), (360, 720)),
        ((480, 540),),
    ),
    Pattern((shift("23:10-23:50"), shift("00:20-01:30", name="b")), ((60, 300), (480, 900)), ()),
    Pattern((shift("23:00-11:00", "00:00-00:20"), shift("11:00-23:00", name="b")), ((0, TICKS),), ((360, 480),), 0),
]  # fmt: skip


def some(dice: Random, most: int, until: int) -> list[int]:
    return sorted(dice.sample(range(until), dice.randrange(most + 1)))


def steps(dice: Random, start: int, until: int, usual: tuple[int, int], rare: tuple[int, int]) -> list[int]:
    """Moments a usual step apart, now and then a rare one."""
    here, made = start, []
    while here < until:
        made.append(here)
        here += dice.randint(*(rare if dice.random() < 0.07 else usual))
    return made


def scenario(seed: int) -> tuple[Scenario, Pattern]:
    """A morning drawn by a seed: a shrunk example would have no stops, so chance is ours and not hypothesis'."""
    dice = Random(seed)
    pattern = dice.choice(PATTERNS)
    until = dice.choice([TICKS, 700, 400])
    made = steps(dice, dice.randrange(200), until, (1, 4), (4, 150))
    alive = steps(dice, dice.randrange(100), until, (2, 6), (8, 60))
    running = None
    if dice.random() < 0.4:
        running = [(t, dice.randrange(2)) for t in some(dice, 30, until)]
    modes = [(t, dice.choice(["setup", "production", "maintenance"])) for t in some(dice, 3, until)]
    modes = modes if dice.random() < 0.4 else []
    said = [(t, dice.choice([PLANNED, FAILURE, "jam"])) for t in some(dice, 6, until)]
    told = [t for t, _ in [*(running or []), *modes, *said]]
    clip = [(a, min(b, until)) for a, b in pattern.work if a < until]
    of = Scenario(
        until, clip, list(pattern.rest), made, sorted({*made, *alive, *told}), silence_after=dice.choice([0, 9, 30]),
        begins=pattern.begins, running=running, modes=modes, said=said,
    )  # fmt: skip
    return of, pattern


seeds = st.integers(0, 2**32)
ticks = st.integers(0, TICKS - 1)


def told_of(of: Scenario, pattern: Pattern) -> tuple[MemoryStore, Line]:
    store = MemoryStore()

    def moment(tick: int) -> int:
        return SUNDAY_NIGHT + tick * TICK_S * NS

    store.put("washer/done/count", [(moment(t), i + 1) for i, t in enumerate(of.pieces)])
    store.put("washer/_agent/alive", [(moment(t), 1.0) for t in of.heard])
    store.put("washer/running/state", [(moment(t), v) for t, v in of.running or []])
    store.put("washer/mode/pressed", [(moment(t), v) for t, v in of.modes])
    store.put("washer/why/pressed", [(moment(t), v) for t, v in of.said])
    sensors = (CYCLE, MODE, REASON) if of.running is None else (CYCLE, MODE, REASON, RUNNING)
    made = station(
        *sensors, stop_after_s=of.stop_after * TICK_S * 1.0, downtime_after_s=of.downtime_after * TICK_S * 1.0,
        silence_after_s=of.silence_after * TICK_S * 1.0,
    )  # fmt: skip
    return store, line(made, *pattern.shifts, day_starts=time(23), reasons=REASONS)


@settings(max_examples=60, deadline=None)
@given(seeds)
@example(24767)
@pytest.mark.slow
def test_any_window_is_the_cut_of_the_slow_ledger(seed: int) -> None:
    of, pattern = scenario(seed)
    expected = buckets(of)
    store, described = told_of(of, pattern)
    dice = Random(seed + 1)
    for start, end in [(0, of.ticks), *(sorted(dice.sample(range(of.ticks + 1), 2)) for _ in range(3))]:
        a, b = SUNDAY_NIGHT + start * TICK_S * NS, SUNDAY_NIGHT + end * TICK_S * NS
        step_ns = dice.choice([None, 60 * NS, 600 * NS])
        long_ns = dice.choice([0, LONG_NS])
        found = ledger(store, described, a, b, SUNDAY_NIGHT + of.ticks * TICK_S * NS, step_ns, long_ns)
        told = {name: found.buckets[name].clip(a, b).seconds for name in BUCKETS}
        assert told == {name: float(expected[start:end].count(name) * TICK_S) for name in BUCKETS}


def test_the_mornings_drawn_hold_every_bucket() -> None:
    held = Counter(bucket for seed in range(25) for bucket in set(buckets(scenario(seed)[0])))
    assert all(held[name] >= 8 for name in BUCKETS), held


@settings(max_examples=25, deadline=None)
@given(seeds, st.lists(ticks, min_size=3, max_size=6))
@pytest.mark.slow
def test_windows_side_by_side_sum_to_the_whole(seed: int, cuts: list[int]) -> None:
    of, pattern = scenario(seed)
    store, described = told_of(of, pattern)
    now = SUNDAY_NIGHT + of.ticks * TICK_S * NS
    edges = [SUNDAY_NIGHT + min(c, of.ticks) * TICK_S * NS for c in sorted(set(cuts))]
    whole = ledger(store, described, edges[0], edges[-1], now)
    parts = [(a, b, ledger(store, described, a, b, now)) for a, b in pairwise(edges)]

    def cut(found: Ledger, name: str, a: int, b: int) -> int:
        return found.buckets[name].clip(a, b).total

    for name in BUCKETS:
        assert sum(cut(part, name, a, b) for a, b, part in parts) == cut(whole, name, edges[0], edges[-1])
    assert sum(cut(whole, name, edges[0], edges[-1]) for name in BUCKETS) == edges[-1] - edges[0]


def test_late_readings_change_the_past() -> None:
    store = MemoryStore()
    pieces(store, *every(20, at("8:30"), at("9:00")))
    of = line(station(CYCLE), shift("08:30-17:15"))
    before = seconds(ledger(store, of, at("8:30"), at("10:00")), at("8:30"), at("10:00"))
    store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("9:00"), at("10:00")))], "s2")
    after = seconds(ledger(store, of, at("8:30"), at("10:00")), at("8:30"), at("10:00"))
    assert before["downtime"] == 3600
    assert after == {"run": 5400.0}


def test_settings_have_dates() -> None:
    store = MemoryStore()
    tuesday = MONDAY + timedelta(days=1)
    for day in (MONDAY, tuesday):
        made = every(25, at("8:30", day), at("9:00", day))
        store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)], f"s{day}")
    of = replace(station(CYCLE, ideal=20.0), since=(Since(tuesday, {"ideal_cycle_s": 10.0}),))
    found = ledger(store, line(of, shift("08:30-09:00")), at("8:30"), at("9:00", tuesday))
    assert found.stops
    assert all(stop.start >= at("8:30", tuesday) for stop in found.stops)
