"""What holds for every station that makes something, whatever the seed."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_parts import Placed, place_all
from edge.sensors import modules
from floor.fitting import fitting
from floor.records import Condition, Period, Piece, Press, SetUp
from floor.shifts import Roster
from floor.shop import Shop
from floor.truth import Truth
from tests.floor.lived import EIGHT, lived
from tests.rig import LINES, loaded

MAKERS = {"press": "press", "lathe": "lathe", "hand-assembly": "assembly", "packing": "packing"}


def holds(floor: Shop, name: str) -> None:
    station, truth = MAKERS[name], floor.truth
    pieces_are_conserved(floor, station)
    states_never_overlap(truth, station)
    breaks_are_kept(truth, name, station)


def pieces_are_conserved(floor: Shop, station: str) -> None:
    """What entered is good, bad, a test piece, or in hand; numbers are in order."""
    truth = floor.truth
    assert truth.in_process == floor.in_process <= 1
    made = truth.pieces(station, tests=True)
    assert [piece.number for piece in made] == list(range(1, len(made) + 1))
    fates = {fate: truth.left(fate) for fate in ("packed", "scrapped", "test")}
    assert fates["test"] == sum(piece.test for piece in made)
    assert fates["scrapped"] == sum(not piece.good for piece in made)
    assert sum(fates.values()) == len(made)


def states_never_overlap(truth: Truth, station: str) -> None:
    periods = truth.of(Period, station)
    assert all(a.end_ns <= b.start_ns for a, b in pairwise(periods))
    assert all(p.start_ns < p.end_ns for p in periods)


def breaks_are_kept(truth: Truth, name: str, station: str) -> None:
    """Nobody begins a piece that the break would cut; one that took longer than thought is finished."""
    line = loaded(LINES / f"{name}.toml")
    roster = Roster(line, line.stations[station])
    for piece in truth.pieces(station):
        look = roster.look(piece.at_ns)
        assert look.at_work or piece.at_ns - look.since_ns < 90 * NS_PER_S


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**9), hours=st.floats(0.1, 10.0), improved=st.booleans())
@pytest.mark.slow
@pytest.mark.parametrize("name", MAKERS)
def test_what_must_hold_holds_for_any_seed(name: str, seed: int, hours: float, improved: bool) -> None:
    holds(lived(name, hours, seed, improved), name)


@pytest.mark.parametrize("name", MAKERS)
def test_what_must_hold_holds_over_a_morning(name: str) -> None:
    holds(lived(name, 5, 3), name)


def test_the_same_seed_gives_the_same_floor_and_another_another() -> None:
    assert list(lived("lathe", 3, 4).truth.lines()) == list(lived("lathe", 3, 4).truth.lines())
    assert list(lived("lathe", 1, 4).truth.lines()) != list(lived("lathe", 1, 5).truth.lines())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["press", "lathe", "cold-store"])
def test_wires_buses_and_the_size_of_the_turns_change_nothing_of_what_happens(name: str) -> None:
    line, clock = loaded(LINES / f"{name}.toml"), HandClock(EIGHT, monotonic_ns=77)
    bench = Bench(clock, seed=9)
    parts: dict[str, Placed] = place_all(line, "pi-1", bench, modules())
    floor = fitting(line)(line, {"pi-1": bench}, clock, 4, EIGHT, parts=parts)
    floor.start()
    for _ in range(600):
        clock.turn(6.0)
    bench.close()
    bare = lived(name, 1, 4).truth
    for kind in (Piece, Period, Press, SetUp, Condition):
        assert floor.truth.of(kind) == bare.of(kind)


def test_a_truth_with_conditions_is_written_and_read_back() -> None:
    truth = lived("press", 0.5, 2).truth
    assert truth.of(Condition)
    assert list(Truth.read(truth.lines()).lines()) == list(truth.lines())


def test_an_improvement_is_in_force_from_the_next_piece_on() -> None:
    line, clock = loaded(LINES / "hand-assembly.toml"), HandClock(EIGHT)
    floor = fitting(line)(line, {}, clock, 2, EIGHT, improved_at_ns=EIGHT + 3600 * NS_PER_S)
    floor.start()
    clock.turn(3590)
    assert not floor.improved
    clock.turn(3600)
    assert floor.improved
