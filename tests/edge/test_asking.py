"""A device is asked shortly before it is read, and not more often than needed."""

from edge.asking import LEAD_S, Asking
from edge.bench_clock import HandClock

S = 1_000_000_000


def asked_at(answered_at_try: int, turns: tuple[float, ...], every_s: float = 10.0) -> list[float]:
    """The seconds at which it was asked, when it answers that try of each round (0: never)."""
    clock, asked, tries = HandClock(0), list[float](), [0]

    def ask() -> None:
        asked.append(clock.monotonic_ns() / S)
        tries[0] += 1
        if tries[0] == answered_at_try:
            asking.answered()

    asking = Asking(clock, every_s, ask)
    for turn in turns:
        tries[0] = 0
        asking.before_next()
        clock.turn(turn)
    asking.close()
    assert clock.next_due_ns is None
    return asked


def test_it_is_asked_once_before_each_reading_if_it_answers() -> None:
    assert asked_at(1, (10, 10, 10)) == [7, 17, 27]


def test_it_is_asked_twice_more_if_it_does_not() -> None:
    assert asked_at(0, (10, 10)) == [7, 8, 9, 17, 18, 19]
    assert asked_at(2, (10,)) == [7, 8]


def test_a_reading_that_comes_early_begins_the_count_anew() -> None:
    assert asked_at(0, (5, 7.5, 10)) == [12, 12.5 + 7, 12.5 + 8, 12.5 + 9]


def test_nothing_is_asked_after_it_was_closed() -> None:
    assert asked_at(0, (7.5,)) == [7]
    assert LEAD_S < 4, "the shortest interval of the sensors that use it"
