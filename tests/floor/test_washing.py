"""The washing line: what must hold whatever the seed, and how it is meant to look."""

import dataclasses
from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.line import Line
from edge.bench import Bench
from edge.bench_clock import HandClock
from floor.gaps import see
from floor.records import Glitch, Improvement, Period, Piece, PowerCut, Press, SetUp, Verdict, Weighing
from floor.shifts import Roster
from floor.traps import PowerCutAt
from floor.washing import ROOM, WashingLine
from tests.floor.pins import moves
from tests.floor.small_line import at, washing_line, wire

pytestmark = pytest.mark.slow

EIGHT = at("2026-10-05T08:00")
S = 10**9
HOUR = 3600 * S
DAY = 24 * HOUR
STATIONS = ("washer", "packer")


def run(hours: float, seed: int = 1, line: Line | None = None, **told: Any) -> WashingLine:
    """A floor without wires: only what happens."""
    clock = HandClock(told.get("start_ns", EIGHT))
    floor = WashingLine(line or washing_line(), {}, clock, seed, **({"start_ns": EIGHT} | told))
    floor.start()
    clock.turn(hours * 3600)
    return floor


@pytest.fixture(scope="module")
def day() -> WashingLine:
    return run(24)


@pytest.fixture(scope="module")
def improved_day() -> WashingLine:
    return run(24, improved=True)


# -- what must hold --------------------------------------------------------------------------------------------------


def pieces_are_conserved(floor: WashingLine) -> None:
    """What entered is good, bad, a test piece, or still there; all but one in hand has passed the washer."""
    truth = floor.truth
    assert truth.in_process == floor.in_process
    entered = floor.in_process + sum(truth.left(fate) for fate in ("packed", "scrapped", "test"))
    washed = {piece.number for piece in truth.pieces("washer", tests=True)}
    assert washed <= set(range(1, entered + 1))
    assert entered - len(washed) in (0, 1)


def states_never_overlap(floor: WashingLine) -> None:
    for station in STATIONS:
        periods = floor.truth.of(Period, station)
        assert all(a.end_ns <= b.start_ns for a, b in pairwise(periods))
        assert all(p.start_ns < p.end_ns for p in periods)


def nothing_is_made_while_standing(floor: WashingLine) -> None:
    for station in STATIONS:
        times = [p.at_ns for p in floor.truth.pieces(station)]
        for period in floor.truth.of(Period, station):
            assert bisect_right(times, period.start_ns) == bisect_left(times, period.end_ns)


def breaks_are_kept(floor: WashingLine, line: Line) -> None:
    """Nobody begins a piece that the break would cut; one that took longer than thought is finished."""
    for station in STATIONS:
        roster = Roster(line, line.stations[station])
        for piece in floor.truth.pieces(station):
            look = roster.look(piece.at_ns)
            assert look.at_work or piece.at_ns - look.since_ns < 45 * S


def the_order_is_kept(floor: WashingLine) -> None:
    """A piece is washed, then packed, and the buffer never holds more than it can."""
    washed: dict[int, int] = {}
    inside = 0
    events = sorted(floor.truth.of(Piece), key=lambda p: p.at_ns)
    scrapped = {(v.station, v.number, v.verdict) for v in floor.truth.of(Verdict)}
    for piece in events:
        if piece.test:
            continue
        if piece.station == "washer":
            washed[piece.number] = piece.at_ns
            gone = any(("washer", piece.number, verdict) in scrapped for verdict in ("scrap", "rework"))
            inside += not gone
        else:
            assert washed[piece.number] < piece.at_ns
            inside -= 1
        assert inside <= ROOM + 5


def holds(floor: WashingLine, line: Line) -> None:
    pieces_are_conserved(floor)
    states_never_overlap(floor)
    nothing_is_made_while_standing(floor)
    breaks_are_kept(floor, line)
    the_order_is_kept(floor)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**9), hours=st.floats(0.1, 6.0), improved=st.booleans())
@pytest.mark.slow
def test_what_must_hold_holds_for_any_seed(seed: int, hours: float, improved: bool) -> None:
    holds(run(hours, seed, improved=improved), washing_line())


@pytest.mark.faults
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9), start_h=st.integers(0, 47), improved_after_h=st.integers(0, 30))
def test_what_must_hold_holds_for_many_days(seed: int, start_h: int, improved_after_h: int) -> None:
    start_ns = EIGHT + start_h * HOUR
    holds(run(24, seed, start_ns=start_ns, improved_at_ns=start_ns + improved_after_h * HOUR), washing_line())


def test_what_must_hold_holds_over_a_day(day: WashingLine, improved_day: WashingLine) -> None:
    holds(day, washing_line())
    holds(improved_day, washing_line())


# -- reproducible ----------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_floor_to_the_nanosecond() -> None:
    assert list(run(3, seed=4).truth.lines()) == list(run(3, seed=4).truth.lines())


def test_another_seed_gives_another_floor() -> None:
    assert list(run(0.5, seed=4).truth.lines()) != list(run(0.5, seed=5).truth.lines())


def test_wires_and_the_size_of_the_turns_change_nothing_of_what_happens() -> None:
    clock = HandClock(EIGHT, monotonic_ns=77)
    benches = {agent: Bench(clock, seed=9) for agent in ("pi-1", "pi-2")}
    floor = WashingLine(washing_line(), benches, clock, 4, EIGHT)
    floor.start()
    for _ in range(600):
        clock.turn(3.0)
    for bench in benches.values():
        bench.close()
    bare = run(0.5, seed=4).truth
    assert floor.truth.of(Piece) == bare.of(Piece)
    assert floor.truth.of(Period) == bare.of(Period)


def test_the_floor_is_the_same_up_to_the_moment_of_the_improvement() -> None:
    plain, improved = run(2, seed=6), run(2, seed=6, improved_at_ns=EIGHT + HOUR)
    before = [t.pieces("washer", None, EIGHT + HOUR) for t in (plain.truth, improved.truth)]
    assert before[0] == before[1]
    assert len(improved.truth.pieces("washer")) > len(plain.truth.pieces("washer"))


# -- as it is meant to look ------------------------------------------------------------------------------------------


def wash_s(floor: WashingLine, product: str) -> list[float]:
    return [
        (p.ended_ns - p.began_ns) / S
        for p in floor.truth.pieces("washer")
        if p.product == product and p.began_ns and p.ended_ns
    ]


def gap_s(floor: WashingLine, station: str) -> list[float]:
    return [(b.at_ns - a.at_ns) / S for a, b in pairwise(floor.truth.pieces(station))]


def test_the_wash_takes_20_seconds_and_3_when_improved(day: WashingLine, improved_day: WashingLine) -> None:
    assert abs(median(wash_s(day, "a-100")) - 20.1) < 0.15
    assert abs(median(wash_s(improved_day, "a-100")) - 3.0) < 0.05
    assert median(wash_s(day, "b-200")) > 23.5


def test_the_washer_is_the_bottleneck_before_and_the_packer_after(day: WashingLine, improved_day: WashingLine) -> None:
    assert 26.5 < median(gap_s(day, "washer")) < 29
    assert 17.3 < median(gap_s(improved_day, "packer")) < 18.7
    before = day.truth.left("packed")
    after = improved_day.truth.left("packed")
    assert 1.4 < after / before < 1.7
    assert 2200 < before < 2900


def waited_s(floor: WashingLine, station: str, cause: str) -> float:
    return sum(p.seconds() for p in floor.truth.periods(station, kinds=["wait"]) if p.cause == cause)


def test_waiting_moves_from_the_packer_to_the_washer(day: WashingLine, improved_day: WashingLine) -> None:
    assert waited_s(day, "packer", "starved") > 5 * waited_s(improved_day, "packer", "starved")
    assert waited_s(improved_day, "washer", "blocked") > 5 * waited_s(day, "washer", "blocked")


@pytest.mark.slow
def test_a_week_has_every_kind_of_stop() -> None:
    causes = Counter(p.cause for seed in range(3) for p in run(56, seed).truth.periods("washer"))
    assert {"jam", "chip_in_fixture", "door_sensor", "nozzle_clogged", "changeover", "handover", "blocked"} <= set(
        causes
    )
    assert causes["no_material"] > 0


def test_the_washer_is_relieved_through_lunch_until_the_buffer_is_full(day: WashingLine) -> None:
    noon = at("2026-10-05T12:00")
    washed, packed = (len(day.truth.pieces(s, noon + 60 * S, noon + HOUR)) for s in STATIONS)
    assert washed > 60
    assert packed == 0


def test_both_products_are_made_and_test_pieces_only_in_set_ups(day: WashingLine) -> None:
    assert set(Counter(p.product for p in day.truth.pieces("washer"))) == {"a-100", "b-200"}
    set_ups = day.truth.of(SetUp)
    tests = [p for p in day.truth.pieces("washer", tests=True) if p.test]
    assert len(set_ups) >= 2
    assert len(tests) == sum(s.tests for s in set_ups)
    assert all(any(s.start_ns < p.at_ns < s.end_ns for s in set_ups) for p in tests)


def test_a_set_up_is_announced_at_its_beginning_and_its_end(day: WashingLine) -> None:
    modes = [press for press in day.truth.of(Press, "washer") if press.role == "mode"]
    said = [press.says for press in modes]
    assert said[0] == "production"
    assert said[1:] == ["setup", "production"] * len(day.truth.of(SetUp))
    pieces = day.truth.pieces("washer")
    for set_up in day.truth.of(SetUp):
        begins, ends = [m.at_ns for m in modes if set_up.start_ns <= m.at_ns <= set_up.end_ns + S]
        last_before = max(p.at_ns for p in pieces if p.at_ns < set_up.start_ns + S)
        first_after = min(p.at_ns for p in pieces if p.at_ns > set_up.end_ns)
        assert last_before < begins < ends < first_after


def test_the_product_is_announced_before_its_first_piece(day: WashingLine) -> None:
    for station in STATIONS:
        presses = [p for p in day.truth.of(Press, station) if p.role == "product"]
        codes = {"a-100": "A-100", "b-200": "B-200"}
        for piece in day.truth.pieces(station):
            assert [p.says for p in presses if p.at_ns < piece.at_ns][-1] == codes[piece.product]


def test_reasons_are_given_for_some_stops_and_not_for_others(day: WashingLine) -> None:
    stops = [p for p in day.truth.periods("washer", kinds=["stop"], least_s=60) if p.cause == "jam"]
    told = [p for p in day.truth.periods("washer") if p.pressed]
    assert 0 < len(told) < len(day.truth.periods("washer", least_s=50))
    assert stops
    assert all(p.seconds() >= 50 for p in told)
    presses = [press for press in day.truth.of(Press, "washer") if press.role == "reason"]
    assert len(presses) == len(told)


def test_some_bad_pieces_are_found_at_once_some_later_and_some_done_again(day: WashingLine) -> None:
    washer, packer = (Counter(v.verdict for v in day.truth.verdicts(s)) for s in STATIONS)
    assert washer["scrap"] > 0
    assert packer.total() > 0
    assert any(p.rework for p in day.truth.pieces("washer"))
    assert all(v.pressed == (v.station == "washer" and v.verdict == "scrap") for v in day.truth.of(Verdict))


def test_no_stop_longer_than_the_limit_escapes_the_pieces_and_shorter_ones_do(day: WashingLine) -> None:
    line = washing_line()
    first = day.truth.pieces("washer")[0].at_ns
    seen = see(line, day.truth, "washer", first, EIGHT + DAY)
    assert all(real.gap for real in seen.real if real.planned_s > 60)
    assert len(seen.invisible) > 5
    assert all(gap.planned_s > 60 for gap in seen.gaps)


def test_a_scrap_that_does_not_pass_the_cycle_sensor_is_not_counted_there() -> None:
    line = washing_line()
    washer = dataclasses.replace(line.stations["washer"], scrap_is_counted=False)
    floor = run(12, line=washing_line(stations={**line.stations, "washer": washer}))
    scrapped = {v.number for v in floor.truth.verdicts("washer") if v.verdict == "scrap"}
    uncounted = {p.number for p in floor.truth.pieces("washer") if not p.counted}
    assert uncounted
    assert uncounted <= scrapped | {p.number for p in floor.truth.pieces("washer")[-1:]}


# -- the improvement -------------------------------------------------------------------------------------------------


def test_the_improvement_is_in_force_from_the_next_piece_on_and_can_be_taken_back() -> None:
    clock = HandClock(EIGHT)
    floor = WashingLine(washing_line(), {}, clock, 2, EIGHT)
    floor.start()
    for improved in (True, False):
        clock.turn(1800)
        floor.improve(improved)
        assert floor.improved is improved
    clock.turn(1800)
    marks = floor.truth.of(Improvement)
    assert [mark.improved for mark in marks] == [True, False]
    for phase in floor.truth.phases("washer", "wash"):
        short = (phase.ended_ns - phase.began_ns) / S < 6
        assert short == (marks[0].at_ns <= phase.began_ns < marks[1].at_ns)


def test_an_improvement_that_was_brought_in_before_the_start_holds_from_the_start() -> None:
    floor = run(0.5, improved_at_ns=EIGHT - DAY)
    assert max(wash_s(floor, "a-100") + wash_s(floor, "b-200")) < 6


# -- on the bench ----------------------------------------------------------------------------------------------------


class Wired:
    """Two hours with wires, every edge recorded."""

    def __init__(self) -> None:
        self.line = washing_line()
        clock = HandClock(EIGHT)
        self.benches = {agent: Bench(clock) for agent in ("pi-1", "pi-2")}
        self.floor = WashingLine(self.line, self.benches, clock, 8, EIGHT)
        self.edges = {
            (s.station, s.id): self.benches[station.agent or ""].record(s.settings["pin"])
            for station in self.line.stations.values()
            for s in station.sensors.values()
            if "pin" in s.settings
        }
        self.floor.start()
        clock.turn(2 * 3600)
        for bench in self.benches.values():
            bench.close()


@pytest.fixture(scope="module")
def wired() -> Wired:
    return Wired()


def test_a_counter_that_ignores_bounces_sees_every_piece_at_its_first_touch(wired: Wired) -> None:
    for station in STATIONS:
        closed, _ = moves(wired.edges[station, "done"])
        assert [EIGHT + t for t in closed] == [p.at_ns for p in wired.floor.truth.pieces(station, tests=True)]


def test_a_counter_that_believes_every_edge_counts_far_too_many(wired: Wired) -> None:
    believed = sum(not level for _, level in wired.edges["washer", "done"])
    assert believed > 1.5 * len(wired.floor.truth.pieces("washer", tests=True))


def test_the_wash_contact_is_closed_for_as_long_as_the_wash(wired: Wired) -> None:
    closed, opened = moves(wired.edges["washer", "wash"])
    washes = [(EIGHT + a, EIGHT + b) for a, b in zip(closed, opened, strict=False)]
    assert washes == [(p.began_ns, p.ended_ns) for p in wired.floor.truth.phases("washer", "wash", broken=True)]


def test_there_are_spikes_that_are_no_piece(wired: Wired) -> None:
    assert wired.floor.truth.of(Glitch)
    assert all(glitch.width_ns < 1_000_000 for glitch in wired.floor.truth.of(Glitch))


def test_every_piece_packed_was_weighed(wired: Wired) -> None:
    weighed = [w.number for w in wired.floor.truth.of(Weighing)]
    assert weighed[: len(wired.floor.truth.pieces("packer"))] == [p.number for p in wired.floor.truth.pieces("packer")]


def test_no_pin_is_moved_that_the_line_does_not_have() -> None:
    line = washing_line()
    only_done = {"done": line.stations["washer"].sensors["done"]}
    washer = dataclasses.replace(line.stations["washer"], sensors=only_done)
    clock = HandClock(EIGHT)
    bench = Bench(clock)
    quiet = [bench.record(pin) for pin in (5, 6, 13, 16, 19, 20, 21, 22, 26, 27)]
    floor = WashingLine(washing_line(stations={**line.stations, "washer": washer}), {"pi-1": bench}, clock, 1, EIGHT)
    floor.start()
    clock.turn(3600)
    bench.close()
    assert not any(quiet)
    assert len(floor.truth.pieces("washer")) > 50


def test_a_running_lamp_is_lit_whenever_the_station_does_not_stand() -> None:
    line = washing_line()
    lamp = wire("washer", "run", 24, "running", kind="level")
    washer = dataclasses.replace(line.stations["washer"], sensors={**line.stations["washer"].sensors, "run": lamp})
    clock = HandClock(EIGHT)
    bench = Bench(clock)
    floor = WashingLine(washing_line(stations={**line.stations, "washer": washer}), {"pi-1": bench}, clock, 5, EIGHT)
    edges = bench.record(24)
    floor.start()
    clock.turn(4 * 3600)
    bench.close()
    lit, dark = moves(edges)
    changes = sorted([*((t, -1) for t in dark), *((t, 1) for t in lit)])
    assert [way for _, way in changes[:3]] == [1, -1, 1]  # dark at first, while the shift is handed over
    dark_s = sum(b - a for a, b in zip([0, *dark], lit, strict=False)) / S
    stood_s = sum(p.seconds() for p in floor.truth.of(Period, "washer"))
    assert stood_s > 600
    assert abs(dark_s - stood_s) < 1.0


# -- power -----------------------------------------------------------------------------------------------------------


def test_power_is_told_before_the_pin_falls_and_what_was_begun_is_washed_again() -> None:
    clock = HandClock(EIGHT)
    bench = Bench(clock)
    told: list[tuple[str, bool, bool, bool]] = []
    floor = WashingLine(
        washing_line(), {"pi-1": bench}, clock, 3, EIGHT,
        power=lambda agent, on, with_pi: told.append((agent, on, with_pi, bench.level(27))),
        traps=[PowerCutAt("washer", EIGHT + HOUR, 45.0, with_pi=True)],
    )  # fmt: skip
    floor.start()
    clock.turn(2 * 3600)
    bench.close()
    assert told == [("pi-1", False, True, False), ("pi-1", True, True, True)]
    (cut,) = floor.truth.of(PowerCut)
    broken, again = [p for p in floor.truth.phases("washer", "wash", broken=True) if p.ended_ns >= cut.start_ns][:2]
    assert (broken.whole, again.whole) == (False, True)
    assert broken.number == again.number
    assert again.began_ns - cut.end_ns >= 100 * S


# -- running ---------------------------------------------------------------------------------------------------------


def test_a_floor_that_was_stopped_stands_still() -> None:
    clock = HandClock(EIGHT)
    floor = WashingLine(washing_line(), {}, clock, 1, EIGHT)
    floor.start()
    clock.turn(600)
    floor.stop()
    made = len(floor.truth.pieces("washer"))
    clock.turn(600)
    assert made > 5
    assert len(floor.truth.pieces("washer")) == made


def test_a_day_shift_alone_goes_home_at_night_and_warms_up_in_the_morning() -> None:
    line = washing_line(shifts=washing_line().shifts[:1])
    floor = run(26, line=line)
    assert floor.truth.pieces("washer", EIGHT + 12 * HOUR + 60 * S, EIGHT + DAY) == []
    assert [p.cause for p in floor.truth.periods("washer", EIGHT + DAY, kinds=["stop"])][:1] == ["start_up"]
    assert [p.kind for p in floor.truth.of(Period, "packer") if p.seconds() > 10 * 3600] == ["no_shift"]
