"""A contact on a pin: what bounces, what was lost, what breaks, on the hand-turned clock and on a real one."""

import gc
from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.contact import Contact, edge_ns
from edge.debounce import Change
from edge.system_clock import SystemClock

START_NS = 1_795_000_000_000_000_000
MS = 1_000_000
S = 1_000_000_000


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def contact(bench: Bench, **settings: Any) -> tuple[Contact, list[Change]]:
    changes: list[Change] = []
    return Contact(bench, 17, changed=changes.append, **settings), changes


def test_a_bouncing_press_is_one_change_dated_at_the_first_touch(bench: Bench, clock: HandClock) -> None:
    _, changes = contact(bench)
    clock.turn(1)
    bench.bounce(17, False)
    clock.turn(1)
    bench.bounce(17, True)
    clock.turn(1)
    assert changes == [Change(True, 1 * S), Change(False, 2 * S)]


def test_active_high_has_a_pull_down_and_counts_the_other_way(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench, active="high")
    assert not held.active
    bench.drive(17, True)
    clock.turn(1)
    assert changes == [Change(True, 0)]


def test_a_contact_that_is_on_at_the_start_is_no_change(bench: Bench, clock: HandClock) -> None:
    bench.drive(17, False)
    held, changes = contact(bench)
    clock.turn(1)
    assert held.active
    assert changes == []


def test_fractions_of_a_millisecond_are_kept(bench: Bench, clock: HandClock) -> None:
    _, changes = contact(bench, debounce_ms=0.25)
    bench.drive(17, False)
    clock.turn(0.0003)
    assert changes == [Change(True, 0)]


def test_a_rejected_glitch_is_in_the_health(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.bounce(17, True, edges=6, within_ms=3.0)
    clock.turn(1)
    assert changes == []
    assert held.health() == {"glitches": 1, "lost_edges": 0}


def test_the_pin_is_read_again_when_the_last_edge_of_a_burst_was_lost(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.drive(17, False)
    bench.lose_edges(17)
    clock.turn(0.005)
    bench.drive(17, True)
    clock.turn(1)
    assert changes == []
    assert held.health() == {"glitches": 1, "lost_edges": 1}


def test_an_edge_that_was_lost_in_silence_is_found_by_the_next_check(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.lose_edges(17)
    bench.drive(17, False)
    clock.turn(3)
    assert changes == []
    held.check()
    clock.turn(1)
    assert [change.active for change in changes] == [True]
    assert held.health()["lost_edges"] == 1


def test_a_flood_that_ends_is_one_change_dated_at_its_first_touch(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.drive(17, False)
    for _ in range(6_000):
        bench.drive(17, True)
        bench.drive(17, False)
    clock.turn(2)
    assert changes == [Change(True, 0)]
    assert held.health() == {"glitches": 0, "lost_edges": 12_001 - 1_001, "floods": 1}


def test_a_pin_that_floods_is_seldom_listened_to_and_heard_again_once_it_is_still(
    bench: Bench, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    held, changes = contact(bench)
    for number in range(50_000):
        bench.drive(17, number % 2 == 1)
        clock.turn(0.0001)
    assert changes == []
    assert not held.settled
    assert held.health()["floods"] == 5, "a thousand edges are heard, then a second of them is not"
    assert caplog.text.count("GPIO17") == 1
    clock.turn(1.1)
    assert held.settled
    bench.drive(17, False)
    clock.turn(1)
    assert [change.active for change in changes] == [True]


def test_without_debounce_no_number_of_edges_is_a_flood(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench, debounce_ms=0)
    for number in range(5_000):
        bench.drive(17, number % 2 == 1)
        clock.turn(0.0001)
    assert len(changes) == 5_000
    assert "floods" not in held.health()


def test_a_pin_that_cannot_be_had_is_a_sensor_error_and_is_given_back(bench: Bench) -> None:
    with pytest.raises(SensorError, match="GPIO2"):
        Contact(bench, 2, active="high", changed=lambda _: None)  # its pull-up is soldered on
    assert bench.pin(2)


def test_closing_gives_the_pin_back_and_ends_the_changes(bench: Bench, clock: HandClock) -> None:
    held, changes = contact(bench)
    bench.drive(17, False)
    held.close()
    held.close()
    clock.turn(1)
    assert changes == []
    assert bench.pin(17)


def test_an_open_contact_listens_even_if_nobody_keeps_it(bench: Bench, clock: HandClock) -> None:
    changes: list[Change] = []
    Contact(bench, 17, changed=changes.append)
    gc.collect()
    bench.drive(17, False)
    clock.turn(1)
    assert changes == [Change(True, 0)]


def test_on_a_real_clock_it_is_the_same_contact() -> None:
    clock, seen = SystemClock(), Queue[Change]()
    bench = Bench(clock)
    held = Contact(bench, 17, debounce_ms=2, changed=seen.put)
    try:
        bench.drive(17, False)
        pressed = seen.get(timeout=10)
        bench.drive(17, True)
        released = seen.get(timeout=10)
    finally:
        held.close()
        clock.close()
    assert (pressed.active, released.active) == (True, False)
    assert pressed.at_ns + 2 * MS <= released.at_ns


class BrokenPin:
    """A pin whose chip is gone after it was opened."""

    function = pull = edges = heard_by = None
    when_changed: Callable[[float, bool], None] | None = None
    broken = False

    @property
    def state(self) -> bool:
        if self.broken:
            raise RuntimeError("GPIO chip is gone")
        return True

    def close(self) -> None:
        pass


class OnePin:
    """A board with one pin."""

    def __init__(self, clock: HandClock, pin: BrokenPin) -> None:
        self.clock, self._pin = clock, pin

    def pin(self, number: int) -> BrokenPin:
        return self._pin


def test_a_pin_that_breaks_later_is_told_by_check_and_disturbs_no_lane(clock: HandClock) -> None:
    pin = BrokenPin()
    held = Contact(OnePin(clock, pin), 17, changed=lambda _: None)  # type: ignore[arg-type]  # only its pin is asked for
    held.check()
    pin.broken = True
    assert pin.when_changed is not None
    pin.when_changed(0.0, False)
    clock.turn(1)
    with pytest.raises(SensorError, match="GPIO chip is gone"):
        held.check()


# ---- which clock an edge was dated by ----


@given(age_ns=st.integers(0, 60 * S), uptime_ns=st.integers(60 * S, 10**16))
def test_an_edge_dated_by_either_clock_of_linux_comes_out_monotonic(age_ns: int, uptime_ns: int) -> None:
    clock = HandClock(START_NS, monotonic_ns=uptime_ns)
    by_monotonic, by_wall = (uptime_ns - age_ns) / S, (START_NS - age_ns) / S
    assert abs(edge_ns(clock, by_monotonic) - (uptime_ns - age_ns)) < 1000
    assert abs(edge_ns(clock, by_wall) - (uptime_ns - age_ns)) < 1000


def test_an_edge_is_never_dated_after_now() -> None:
    clock = HandClock(START_NS, monotonic_ns=S)
    assert edge_ns(clock, 1.5) == S
