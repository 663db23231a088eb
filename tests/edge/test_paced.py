"""Work with pauses, on a clock turned by hand."""

from collections.abc import Iterator

import pytest

from edge.bench_clock import HandClock
from edge.paced import Paced

START_NS = 1_795_000_000_000_000_000


def test_the_first_stretch_runs_at_once_and_each_next_one_after_its_pause() -> None:
    clock = HandClock(START_NS)
    done: list[tuple[str, int]] = []

    def work() -> Iterator[float]:
        done.append(("start", clock.monotonic_ns()))
        yield 0.02
        done.append(("fetch", clock.monotonic_ns()))
        yield 1.0
        done.append(("again", clock.monotonic_ns()))

    Paced(clock, work())
    assert done == [("start", 0)]
    clock.turn(5)
    assert done[1:] == [("fetch", 20_000_000), ("again", 1_020_000_000)]
    assert clock.next_due_ns is None


def test_closed_it_does_nothing_more() -> None:
    clock = HandClock(START_NS)
    done: list[int] = []

    def work() -> Iterator[float]:
        while True:
            done.append(clock.monotonic_ns())
            yield 1.0

    paced = Paced(clock, work())
    clock.turn(2.5)
    paced.close()
    paced.close()
    clock.turn(10)
    assert len(done) == 3
    assert clock.next_due_ns is None


def test_work_that_closes_itself_is_not_continued() -> None:
    clock = HandClock(START_NS)
    held: list[Paced] = []

    def work() -> Iterator[float]:
        yield 1.0
        held[0].close()
        yield 1.0
        raise AssertionError("it was closed")

    held.append(Paced(clock, work()))
    clock.turn(10)


def test_what_goes_wrong_at_once_is_raised_at_once_and_later_by_the_clock() -> None:
    clock = HandClock(START_NS)

    def never() -> Iterator[float]:
        raise OSError("not there")
        yield 0.0

    with pytest.raises(OSError, match="not there"):
        Paced(clock, never())

    def later() -> Iterator[float]:
        yield 1.0
        raise OSError("gone")

    Paced(clock, later())
    with pytest.raises(OSError, match="gone"):
        clock.turn(2)
    assert clock.next_due_ns is None
