"""The clock that is turned by hand: order, steps, ports; no thread anywhere."""

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench_clock import HandClock
from edge.clock import Clock

START_NS = 1_795_000_000_000_000_000
S = 1_000_000_000


class Pipe:
    def __init__(self) -> None:
        self.out, self.into = os.pipe()

    def fileno(self) -> int:
        return self.out

    def close(self) -> None:
        os.close(self.out)
        os.close(self.into)


def test_it_is_a_clock() -> None:
    clock: Clock = HandClock(START_NS, monotonic_ns=5)
    assert (clock.time_ns(), clock.monotonic_ns()) == (START_NS, 5)


def test_time_stands_still_until_it_is_turned() -> None:
    clock = HandClock(START_NS)
    clock.turn(1.5)
    assert clock.time_ns() == START_NS + 1_500_000_000
    clock.turn_to(START_NS + 10 * S)
    assert clock.monotonic_ns() == 10 * S


def test_what_is_due_runs_in_the_order_of_its_time_and_then_of_asking() -> None:
    clock, done = HandClock(START_NS), list[str]()
    clock.at(3, lambda: done.append("late"))
    clock.at(1, lambda: done.append("first"))
    clock.at(1, lambda: done.append("second"))
    clock.turn(1)
    assert done == ["first", "second", "late"]


@given(st.lists(st.integers(0, 1000), max_size=50))
def test_every_action_sees_the_time_it_was_asked_for(times: list[int]) -> None:
    clock, seen = HandClock(START_NS), list[int]()
    for due_ns in times:
        clock.at(due_ns, lambda: seen.append(clock.monotonic_ns()))
    clock.turn(1)
    assert seen == sorted(times)


def test_what_is_already_past_is_due_now() -> None:
    clock, seen = HandClock(START_NS, monotonic_ns=100), list[int]()
    clock.at(5, lambda: seen.append(clock.monotonic_ns()))
    clock.turn(0)
    assert seen == [100]


def test_an_action_may_ask_for_another_that_is_due_at_once() -> None:
    clock, seen = HandClock(START_NS), list[int]()

    def ask() -> None:
        clock.at(7, lambda: seen.append(clock.monotonic_ns()))

    clock.at(7, ask)
    clock.turn(1)
    assert seen == [7]


def test_a_cancelled_timer_is_silent_and_may_be_cancelled_twice() -> None:
    clock, seen = HandClock(START_NS), list[int]()
    timer = clock.at(1, lambda: seen.append(1))
    timer.cancel()
    timer.cancel()
    clock.turn(1)
    assert seen == []
    assert clock.next_due_ns is None


def test_a_period_begins_now_and_goes_on_until_it_is_cancelled() -> None:
    clock, seen = HandClock(START_NS), list[int]()
    timer = clock.every(2.0, lambda: seen.append(clock.monotonic_ns() // S), "beats")
    clock.turn(5)
    timer.cancel()
    clock.turn(5)
    assert seen == [0, 2, 4]


def test_a_step_moves_the_wall_clock_alone() -> None:
    clock, seen = HandClock(START_NS), list[int]()
    clock.at(2 * S, lambda: seen.append(clock.time_ns()))
    clock.step(-3600)
    clock.turn(2)
    assert seen == [START_NS - 3600 * S + 2 * S]
    assert clock.monotonic_ns() == 2 * S


def test_turning_to_a_time_on_the_wall_counts_steps_in() -> None:
    clock = HandClock(START_NS)
    clock.step(100)
    clock.turn_to(START_NS + 101 * S)
    assert clock.monotonic_ns() == 1 * S


def test_an_action_may_not_turn_the_clock() -> None:
    clock = HandClock(START_NS)
    clock.at(0, lambda: clock.turn(1))
    with pytest.raises(RuntimeError, match="turned already"):
        clock.turn(1)


def test_an_exception_goes_to_whoever_turns_and_the_clock_still_works() -> None:
    clock, seen = HandClock(START_NS), list[int]()

    def fail() -> None:
        raise ValueError("broken")

    clock.at(1, fail)
    clock.at(2, lambda: seen.append(2))
    with pytest.raises(ValueError, match="broken"):
        clock.turn(1)
    clock.turn(1)
    assert seen == [2]


def test_a_loop_at_one_moment_is_called_one() -> None:
    clock = HandClock(START_NS)

    def again() -> None:
        clock.at(0, again)

    again()
    with pytest.raises(RuntimeError, match="does not get past"):
        clock.turn(1)


def test_a_period_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="period"):
        HandClock(START_NS).every(0, lambda: None, "beats")


def test_a_port_with_bytes_calls_its_watcher_until_it_is_cancelled() -> None:
    clock, pipe, heard = HandClock(START_NS), Pipe(), list[bytes]()
    watch = clock.watch(pipe, lambda: heard.append(os.read(pipe.out, 100)), "ports")
    try:
        clock.turn(1)
        os.write(pipe.into, b"12")
        clock.turn(1)
        os.write(pipe.into, b"34")
        assert clock.pump()
        assert not clock.pump()
        watch.cancel()
        watch.cancel()
        os.write(pipe.into, b"56")
        clock.turn(1)
    finally:
        pipe.close()
    assert heard == [b"12", b"34"]


def test_nothing_of_it_needs_a_thread() -> None:
    before = threading.active_count()
    clock, seen = HandClock(START_NS), list[int]()
    for lane in ("a", "b", "c"):
        clock.every(1.0, lambda: seen.append(threading.active_count()), lane)
    clock.turn(10)
    assert set(seen) == {before}
