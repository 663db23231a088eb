"""A lamp that is off until it is told, and off again at the end."""

import pytest

from contract.errors import PayloadError, SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.outputs import Driven
from edge.outputs.lamp import Output

START_NS = 1_795_000_000_000_000_000


@pytest.fixture
def bench() -> Bench:
    return Bench(HandClock(START_NS))


@pytest.mark.parametrize(("active", "on"), [("high", True), ("low", False)])
def test_it_drives_the_level_that_switches_it_on(bench: Bench, active: str, on: bool) -> None:
    lamp: Driven = Output(pin=23, active=active).open(bench)
    assert (bench.level(23), lamp.state()) == (not on, 0)
    lamp.set(1)
    assert (bench.level(23), lamp.state()) == (on, 1)
    lamp.set(False)
    assert (bench.level(23), lamp.state()) == (not on, 0)


def test_a_relay_that_is_on_at_low_never_clicks_at_the_start(bench: Bench) -> None:
    bench.drive(23, True)  # its board's pull-up
    changes = bench.record(23)
    Output(pin=23, active="low").open(bench)
    assert changes == []


def test_it_is_off_when_it_is_given_back(bench: Bench) -> None:
    lamp = Output(pin=23).open(bench)
    lamp.set(1)
    lamp.close()
    lamp.close()
    assert not bench.level(23)
    assert lamp.state() == 0
    with pytest.raises(SensorError):
        lamp.set(1)
    assert bench.pin(23)


@pytest.mark.parametrize("value", [2, -1, 0.5, "on", "1"])
def test_a_value_a_lamp_does_not_have_is_refused_and_changes_nothing(bench: Bench, value: float | str) -> None:
    lamp = Output(pin=23).open(bench)
    lamp.set(1)
    with pytest.raises(PayloadError) as refused:
        lamp.set(value)
    assert "0 か 1" in refused.value.say("ja")
    assert lamp.state() == 1


def test_a_pin_in_use_is_a_sensor_error(bench: Bench) -> None:
    bench.hold(23)
    with pytest.raises(SensorError, match="GPIO23"):
        Output(pin=23).open(bench)
