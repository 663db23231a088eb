"""A relay whose safe side is chosen, and held from the first moment to the last."""

import pytest

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.outputs.relay import Output


@pytest.fixture
def bench() -> Bench:
    return Bench(HandClock(1_795_000_000_000_000_000))


@pytest.mark.parametrize(
    ("active", "safe", "level"),
    [("low", "off", True), ("low", "on", False), ("high", "off", False), ("high", "on", True)],
)
def test_it_is_on_its_safe_side_before_and_after(bench: Bench, active: str, safe: str, level: bool) -> None:
    bench.drive(16, level)  # what its board's resistor does while the Pi starts
    changes = bench.record(16)
    relay = Output(pin=16, active=active, safe=safe).open(bench)
    assert (changes, relay.state()) == ([], int(safe == "on")), "no click at the start"
    relay.set(int(safe == "off"))
    assert (bench.level(16), relay.state()) == (not level, int(safe == "off"))
    relay.close()
    assert (bench.level(16), relay.state()) == (level, int(safe == "on"))
    with pytest.raises(SensorError):
        relay.set(1)


def test_its_times_are_for_the_agent_to_keep() -> None:
    relay = Output(pin=16)
    assert (relay.safe, relay.min_s, relay.longest_s) == ("off", 1.0, 0.0)
