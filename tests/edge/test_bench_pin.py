"""The bench's pins keep to what a real pin does, and refuse what it would refuse."""

from typing import Any

import pytest
from gpiozero import Button, Device
from gpiozero.exc import PinFixedPull, PinInvalidBounce, PinInvalidEdges, PinInvalidPin, PinInvalidPull, PinSetInput

from edge.bench import Bench, ShortCircuit
from edge.bench_clock import HandClock

START_NS = 1_795_000_000_000_000_000
MS = 1_000_000


class Ear:
    """Hears a pin. gpiozero holds callbacks weakly, so somebody has to keep it."""

    def __init__(self, pin: Any) -> None:
        self.heard: list[tuple[float, bool]] = []
        pin.when_changed = self.hear

    def hear(self, ticks: float, state: Any) -> None:
        self.heard.append((ticks, bool(state)))


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS, monotonic_ns=5_000 * MS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def test_with_nothing_connected_the_pull_decides(bench: Bench) -> None:
    pin = bench.pin(17)
    pin.pull = "up"
    assert pin.state
    pin.pull = "down"
    assert not pin.state


def test_a_wire_wins_over_the_pull_and_lets_go_again(bench: Bench) -> None:
    pin = bench.pin(17)
    bench.drive(17, False)
    pin.pull = "up"
    assert not pin.state
    bench.release(17)
    assert pin.state


def test_changing_the_pull_under_a_wire_makes_no_edge(bench: Bench) -> None:
    pin = bench.pin(17)
    bench.drive(17, False)
    changes = bench.record(17)
    pin.pull = "up"
    assert changes == []


def test_a_floating_pin_stays_as_it_was(bench: Bench) -> None:
    pin = bench.pin(17)
    bench.drive(17, True)
    pin.pull = "floating"
    bench.release(17)
    assert pin.state


def test_an_edge_is_dated_by_the_benchs_clock(bench: Bench, clock: HandClock) -> None:
    pin = bench.pin(17)
    ear = Ear(pin)
    clock.turn(2.5)
    bench.drive(17, True)
    assert ear.heard == [(7.5, True)]


@pytest.mark.parametrize(("edges", "told"), [("both", [True, False]), ("rising", [True]), ("falling", [False])])
def test_only_the_edges_asked_for_are_told(bench: Bench, edges: str, told: list[bool]) -> None:
    pin = bench.pin(17)
    pin.edges = edges
    ear = Ear(pin)
    bench.drive(17, True)
    bench.drive(17, True)
    bench.drive(17, False)
    assert [level for _, level in ear.heard] == told


def test_gpiozeros_bounce_time_is_kept_as_lgpio_keeps_it(bench: Bench, clock: HandClock) -> None:
    pin = bench.pin(17)
    pin.bounce = 0.01
    ear = Ear(pin)
    bench.bounce(17, True, edges=5, within_ms=4.0)
    clock.turn(1)
    assert [level for _, level in ear.heard] == [True]
    assert ear.heard[0][0] >= 5.010


def test_nothing_is_remembered_unless_it_is_asked_for(bench: Bench) -> None:
    pin = bench.pin(17)
    for _ in range(100):
        bench.drive(17, True)
        bench.drive(17, False)
    assert pin.states == []


def test_what_is_recorded_has_time_and_level(bench: Bench, clock: HandClock) -> None:
    changes = bench.record(17)
    bench.drive(17, True)
    clock.turn(0.001)
    bench.drive(17, False)
    assert changes == [(5_000 * MS, True), (5_001 * MS, False)]


def test_an_output_drives_its_level_and_nobody_else_may(bench: Bench) -> None:
    pin = bench.pin(23)
    pin.function = "output"
    assert not bench.level(23)
    pin.state = True
    assert bench.level(23)
    with pytest.raises(ShortCircuit, match="output"):
        bench.drive(23, False)


def test_claiming_an_output_starts_low_unless_it_starts_with_a_state(bench: Bench) -> None:
    plain, careful = bench.pin(23), bench.pin(24)
    for pin in (plain, careful):
        pin.pull = "up"
    dips, none = bench.record(23), bench.record(24)
    plain.function = "output"
    careful.output_with_state(True)
    assert [level for _, level in dips] == [False]
    assert none == []


def test_an_input_that_was_an_output_follows_its_pull_again(bench: Bench) -> None:
    pin = bench.pin(23)
    pin.output_with_state(True)
    pin.function = "input"
    pin.pull = "down"
    assert not pin.state


def test_a_closed_pin_is_silent_and_can_be_had_again(bench: Bench) -> None:
    pin = bench.pin(17)
    ear = Ear(pin)
    pin.close()
    bench.drive(17, True)
    assert ear.heard == []
    assert bench.pin(17) is pin


def test_it_refuses_what_lgpio_refuses(bench: Bench) -> None:
    pin = bench.pin(17)
    with pytest.raises(PinInvalidEdges):
        pin.edges = "none"
    with pytest.raises(PinInvalidBounce):
        pin.bounce = -1
    with pytest.raises(PinInvalidPull):
        pin.pull = "sideways"
    with pytest.raises(PinSetInput):
        pin.state = True
    with pytest.raises(PinFixedPull):
        bench.pin(2).pull = "down"  # 1.8 kilohm to 3.3 V on every Pi
    pin.function = "output"
    with pytest.raises(PinFixedPull):
        pin.pull = "up"
    with pytest.raises(PinInvalidPin):
        bench.drive(99, True)


def test_edges_can_be_lost_as_a_flooded_kernel_loses_them(bench: Bench) -> None:
    pin = bench.pin(17)
    ear = Ear(pin)
    bench.lose_edges(17)
    bench.drive(17, True)
    bench.lose_edges(17, False)
    assert pin.state
    assert ear.heard == []
    bench.drive(17, False)
    assert [level for _, level in ear.heard] == [False]


def test_gpiozeros_own_devices_run_on_it(bench: Bench) -> None:
    assert Device.pin_factory is None, "the bench never makes itself the default"
    pressed = []
    with Button(17, pin_factory=bench.factory) as button:
        button.when_pressed = lambda: pressed.append(True)
        bench.drive(17, False)
        assert button.is_pressed
    assert pressed == [True]


def test_an_output_with_a_frequency_has_a_duty_and_is_high_while_that_is_over_zero(bench: Bench) -> None:
    pin = bench.pin(18)
    with pytest.raises(PinSetInput):
        pin.frequency = 100
    pin.output_with_state(True)
    pin.frequency = 100
    assert (pin.state, pin.level, pin.frequency) == (1.0, True, 100)
    pin.changes = 0
    for duty in (0.5, 0.25):
        pin.state = duty
    assert (pin.state, pin.level, pin.changes) == (0.25, True, 0)
    pin.state = 0
    assert (pin.state, pin.level, pin.changes) == (0.0, False, 1)
    with pytest.raises(ValueError, match="invalid state"):
        pin.state = 1.5
    with pytest.raises(ValueError, match="frequency"):
        pin.frequency = 0
    pin.state = 0.5
    pin.frequency = None
    assert (pin.state, pin.level, pin.frequency) == (False, False, None)
    pin.frequency = 50
    pin.close()
    assert (pin.frequency, pin.function) == (None, "input")
