"""The bench as a board: who may have what, and how the world bounces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench, ShortCircuit
from edge.bench_clock import HandClock
from edge.board import Board

START_NS = 1_795_000_000_000_000_000
MS = 1_000_000


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def test_it_is_a_board(bench: Bench, clock: HandClock) -> None:
    board: Board = bench
    assert board.clock is clock


def test_a_pin_belongs_to_one_until_it_is_given_back(bench: Bench) -> None:
    pin = bench.pin(17)
    with pytest.raises(SensorError) as refused:
        bench.pin(17)
    assert "GPIO17" in refused.value.say("ja")
    assert "already in use" in refused.value.say("en")
    pin.close()
    assert bench.pin(17) is pin


def test_another_program_may_hold_a_pin(bench: Bench) -> None:
    bench.hold(17)
    with pytest.raises(SensorError, match="GPIO17"):
        bench.pin(17)
    bench.let_go(17)
    assert bench.pin(17)


def test_a_number_that_is_no_pin_is_said_so(bench: Bench) -> None:
    with pytest.raises(SensorError, match="99"):
        bench.pin(99)


def test_two_benches_in_one_process_know_nothing_of_each_other(clock: HandClock) -> None:
    one, two = Bench(clock), Bench(clock)
    one.drive(17, True)
    assert not two.level(17)
    assert one.pin(17) is not two.pin(17)


@given(
    level=st.booleans(),
    start=st.booleans(),
    edges=st.integers(0, 12),
    within_ms=st.floats(0, 20),
    seed=st.integers(0, 99),
)
def test_a_bounce_begins_now_ends_at_its_level_and_keeps_its_time(
    level: bool, start: bool, edges: int, within_ms: float, seed: int
) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock, seed)
    bench.drive(17, start)
    changes = bench.record(17)
    bench.bounce(17, level, edges, within_ms)
    clock.turn(1)
    assert bench.level(17) == level
    assert len(changes) - edges in (0, 1)
    if changes:
        assert changes[0] == (0, not start)
        assert changes[-1][0] <= round(within_ms * MS)


def test_a_bounce_is_the_same_for_the_same_seed(clock: HandClock) -> None:
    def changes(seed: int) -> list[tuple[int, bool]]:
        clock = HandClock(START_NS)
        bench = Bench(clock, seed)
        told = bench.record(17)
        bench.bounce(17, True)
        clock.turn(1)
        return told

    assert changes(1) == changes(1)
    assert changes(1) != changes(2)


def test_buses_that_are_not_there_say_how_to_switch_them_on(bench: Bench) -> None:
    with pytest.raises(SensorError) as i2c:
        bench.i2c(7)
    with pytest.raises(SensorError) as spi:
        bench.spi(1, 0, 1_000_000)
    for error in (i2c.value, spi.value):
        assert "raspi-config" in error.say("ja")
        assert "raspi-config" in error.say("en")


def test_an_i2c_bus_is_shared(bench: Bench) -> None:
    assert bench.i2c(1) is bench.i2c(1)


def test_what_a_person_holds_stays_as_they_hold_it_and_follows_the_floor_again_after(bench: Bench) -> None:
    pin = bench.pin(17)
    pin.pull = "up"
    bench.drive(17, True)
    bench.take(17, False)
    bench.drive(17, False)
    bench.drive(17, True)
    assert (bench.level(17), bench.in_hand(17)) == (False, True)
    bench.take(17, None)
    bench.drive(17, False)
    assert bench.level(17), "the wire is out: the pull decides"
    bench.leave(17)
    assert (bench.level(17), bench.in_hand(17)) == (False, False)


def test_a_person_makes_a_contact_bounce_against_what_the_floor_does(bench: Bench, clock: HandClock) -> None:
    bench.drive(17, True)
    before = bench.changes(17)
    bench.bounce_in_hand(17, False, edges=5, within_ms=5.0)
    bench.drive(17, True)
    clock.turn(0.01)
    assert not bench.level(17)
    assert bench.changes(17) - before == 5
    bench.leave(17)
    assert bench.level(17)


def test_a_person_may_not_drive_an_output_either(bench: Bench) -> None:
    bench.pin(23).output_with_state(True)
    assert bench.is_output(23)
    with pytest.raises(ShortCircuit):
        bench.take(23, False)
    bench.take(23, None)
    assert bench.level(23), "a wire pulled out of an output takes nothing from the pin"


def test_a_device_that_hangs_on_a_pin_sees_each_change_at_once_and_may_answer_on_another() -> None:
    bench = Bench(HandClock(START_NS))
    bench.attach(17, lambda at_ns, level: bench.drive(27, not level))
    seen: list[bool] = []
    bench.attach(17, lambda at_ns, level: seen.append(level))
    for level in (True, True, False):
        bench.drive(17, level)
        assert bench.level(27) is not level
    assert seen == [True, False]


def test_an_edge_that_is_told_late_is_dated_when_it_was() -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    pin = bench.pin(17)
    pin.function, pin.pull, pin.edges = "input", "down", "both"
    heard: list[float] = []

    def changed(ticks: float, state: bool) -> None:
        heard.append(ticks)

    pin.when_changed = changed
    clock.turn(10)
    bench.drive(17, True, at_ns=9_500_000_000)
    bench.drive(17, False)
    assert heard == [9.5, 10.0]
