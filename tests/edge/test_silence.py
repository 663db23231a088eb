"""A collector that confirms nothing while the broker is there is said once, and when it comes back."""

import logging

import pytest

from contract.reading import NS_PER_S
from edge.bench_clock import HandClock
from edge.silence import Silence


class Bench:
    """A link's silence on a hand-turned clock, looked at every ten seconds."""

    def __init__(self) -> None:
        self.clock, self.waiting = HandClock(1_795_000_000 * NS_PER_S), 7
        self.silence = Silence(self.clock, lambda: self.waiting)
        self.clock.every(10.0, self.silence.look, "link")


@pytest.fixture
def bench(caplog: pytest.LogCaptureFixture) -> Bench:
    caplog.set_level(logging.INFO, "edge.silence")
    return Bench()


def test_a_minute_without_a_confirmation_is_said_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.silence.begin()
    bench.clock.turn(59.0)
    assert caplog.messages == []
    bench.clock.turn(1800.0)
    (said,) = caplog.records
    assert said.levelno == logging.WARNING
    assert "未確認 7 件" in said.message


def test_it_is_said_again_each_hour(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.silence.begin()
    bench.clock.turn(3 * 3600.0)
    assert len(caplog.messages) == 3


def test_the_first_confirmation_after_it_is_said_too(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.silence.begin()
    bench.clock.turn(120.0)
    bench.silence.heard()
    bench.silence.heard()
    assert [said.levelno for said in caplog.records] == [logging.WARNING, logging.INFO]
    assert bench.silence.trouble is None


def test_nothing_is_said_while_confirmations_come(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.silence.begin()
    bench.clock.every(5.0, bench.silence.heard, "link")
    bench.clock.turn(3600.0)
    assert caplog.messages == []


def test_nothing_is_said_where_nothing_waits(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.waiting = 0
    bench.silence.begin()
    bench.clock.turn(3600.0)
    assert caplog.messages == []


def test_a_broker_that_is_away_is_not_the_collectors_silence(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.silence.begin()
    bench.clock.turn(30.0)
    bench.silence.end()
    bench.clock.turn(3600.0)
    assert bench.silence.trouble is None
    assert caplog.messages == []
