import logging
import os
import threading
import time
from collections.abc import Iterator

import pytest

from edge.system_clock import SystemClock

DEADLINE_S = 10.0
MS = 1_000_000


class Hanging:
    """An action that hangs until it is let go."""

    def __init__(self) -> None:
        self.hangs, self.free = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.hangs.set()
        self.free.wait(DEADLINE_S)


@pytest.fixture
def clock() -> Iterator[SystemClock]:
    clock = SystemClock()
    yield clock
    clock.close()


class Pipe:
    """A port: what is written to it can be read."""

    def __init__(self) -> None:
        self.out, self.into = os.pipe()

    def fileno(self) -> int:
        return self.out

    def close(self) -> None:
        os.close(self.out)
        os.close(self.into)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def test_what_is_due_is_called_in_the_order_of_time(clock: SystemClock) -> None:
    called: list[str] = []
    done = threading.Event()
    now = clock.monotonic_ns()
    clock.at(now + 30 * MS, done.set, "a")
    clock.at(now + 20 * MS, lambda: called.append("second"), "a")
    clock.at(now - 5, lambda: called.append("first"), "a")
    assert done.wait(DEADLINE_S)
    assert called == ["first", "second"]


def test_nothing_is_called_before_its_time(clock: SystemClock) -> None:
    due_ns = clock.monotonic_ns() + 50 * MS
    at: list[int] = []
    done = threading.Event()

    def act() -> None:
        at.append(clock.monotonic_ns())
        done.set()

    clock.at(due_ns, act, "a")
    assert done.wait(DEADLINE_S)
    assert at[0] >= due_ns


def test_what_was_called_off_is_not_called(clock: SystemClock) -> None:
    called: list[str] = []
    done = threading.Event()
    now = clock.monotonic_ns()
    timer = clock.at(now + 20 * MS, lambda: called.append("off"), "a")
    timer.cancel()
    timer.cancel()
    clock.at(now + 40 * MS, done.set, "a")
    assert done.wait(DEADLINE_S)
    assert called == []


def test_a_lane_that_hangs_delays_no_other(clock: SystemClock) -> None:
    hanging, other = Hanging(), threading.Event()
    clock.at(0, hanging, "hanging")
    assert hanging.hangs.wait(DEADLINE_S)
    clock.at(0, other.set, "other")
    assert other.wait(DEADLINE_S)
    hanging.free.set()


def test_a_period_begins_now_and_goes_on_until_called_off(clock: SystemClock) -> None:
    beats: list[int] = []
    third = threading.Event()

    def beat() -> None:
        beats.append(clock.monotonic_ns())
        if len(beats) == 3:
            timer.cancel()
            third.set()

    begun = clock.monotonic_ns()
    timer = clock.every(0.02, beat, "a")
    assert third.wait(DEADLINE_S)
    after = threading.Event()
    clock.at(clock.monotonic_ns() + 50 * MS, after.set, "a")
    assert after.wait(DEADLINE_S)
    assert len(beats) == 3
    assert beats[2] - begun >= 40 * MS


def test_late_calls_of_a_period_do_not_bunch(clock: SystemClock) -> None:
    beats: list[int] = []
    done = threading.Event()
    late = threading.Event()

    def beat() -> None:
        beats.append(clock.monotonic_ns())
        if len(beats) == 1:
            late.wait(0.1)
        if len(beats) == 3:
            timer.cancel()
            done.set()

    timer = clock.every(0.02, beat, "a")
    assert done.wait(DEADLINE_S)
    assert beats[2] - beats[1] >= 5 * MS


def test_a_period_must_be_longer_than_nothing(clock: SystemClock) -> None:
    with pytest.raises(ValueError, match="period"):
        clock.every(0.0, lambda: None, "a")


def test_an_action_that_raises_is_logged_and_its_lane_goes_on(
    clock: SystemClock, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def broken() -> None:
        raise KeyError("missing")

    with caplog.at_level(logging.ERROR):
        clock.at(0, broken, "a")
        clock.at(1, done.set, "a")
        assert done.wait(DEADLINE_S)
    assert "KeyError" in caplog.text


def test_a_port_with_bytes_is_served_until_called_off(clock: SystemClock, pipe: Pipe) -> None:
    read: list[bytes] = []
    news = threading.Semaphore(0)

    def serve() -> None:
        read.append(os.read(pipe.out, 1))
        news.release()

    watch = clock.watch(pipe, serve, "a")
    os.write(pipe.into, b"ab")
    assert news.acquire(timeout=DEADLINE_S)
    assert news.acquire(timeout=DEADLINE_S)
    watch.cancel()
    os.write(pipe.into, b"c")
    assert not news.acquire(timeout=0.05)
    assert read == [b"a", b"b"]


def test_a_port_that_takes_the_number_of_a_closed_one_is_served(clock: SystemClock) -> None:
    gone = Pipe()
    clock.watch(gone, lambda: None, "a")
    gone.close()
    new = Pipe()
    assert new.fileno() == gone.fileno()
    served = threading.Event()

    def serve() -> None:
        os.read(new.out, 1)
        served.set()

    watch = clock.watch(new, serve, "a")
    os.write(new.into, b"x")
    assert served.wait(DEADLINE_S)
    watch.cancel()
    new.close()


@pytest.mark.slow
def test_a_port_whose_action_raises_is_left_alone_for_a_while(clock: SystemClock, pipe: Pipe) -> None:
    calls: list[int] = []
    twice = threading.Event()

    def serve() -> None:
        calls.append(time.monotonic_ns())
        if len(calls) == 2:
            watch.cancel()
            twice.set()
            return
        raise OSError("the cable was pulled")

    watch = clock.watch(pipe, serve, "a")
    os.write(pipe.into, b"x")
    assert twice.wait(DEADLINE_S)
    assert calls[1] - calls[0] >= 900 * MS


def test_a_closed_clock_calls_nobody_any_more() -> None:
    clock = SystemClock()
    called = threading.Event()
    clock.at(clock.monotonic_ns() + 20 * MS, called.set, "a")
    clock.close()
    clock.at(0, called.set, "a")
    clock.at(0, called.set, "b")
    assert not called.wait(0.05)


def test_closing_does_not_wait_for_ever_for_what_hangs() -> None:
    clock = SystemClock()
    hanging = Hanging()
    clock.at(0, hanging, "hanging")
    assert hanging.hangs.wait(DEADLINE_S)
    begun = time.monotonic()
    clock.close(within_s=0.05)
    assert time.monotonic() - begun < DEADLINE_S / 2
    hanging.free.set()
