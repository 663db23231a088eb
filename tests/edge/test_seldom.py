"""Saying the same thing once, once more, and then seldom."""

from contract.errors import BrokerError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.bench_clock import HandClock
from edge.link_troubles import still_refused
from edge.seldom import Seldom


def said_at(seldom: Seldom, clock: HandClock, until_s: int) -> list[int]:
    """The seconds at which it is said by somebody who would each five seconds."""
    begin = clock.monotonic_ns()
    said = []
    while (now_s := (clock.monotonic_ns() - begin) // NS_PER_S) < until_s:
        if seldom.may_say():
            said.append(now_s)
        clock.turn(5.0)
    return said


def test_it_is_said_at_once_and_then_every_ten_minutes() -> None:
    clock = HandClock(1_795_000_000 * NS_PER_S)
    assert said_at(Seldom(clock), clock, 1300) == [0, 600, 1200]


def test_what_somebody_may_be_waiting_for_is_said_once_more_after_a_minute() -> None:
    clock = HandClock(1_795_000_000 * NS_PER_S)
    seldom = Seldom(clock, second_s=60.0)
    assert said_at(seldom, clock, 1300) == [0, 60, 660, 1260]
    assert seldom.forget()
    assert not seldom.forget()
    assert said_at(seldom, clock, 100) == [0, 60]


def test_a_refusal_that_lasts_says_what_is_tried() -> None:
    said = still_refused(BrokerError(Words("断られました。", "Refused.")))
    assert "secrets.toml" in said.ja
    assert said.en.startswith("Refused. It is still so.")
