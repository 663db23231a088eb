"""Every I2C sensor kept by the agent's keeper: pulled out, put back, exchanged; it says so once, and comes back."""

from types import ModuleType
from typing import Any

import pytest

from contract.line import Sensor as LineSensor
from contract.reading import Value
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.keeper import Keeper
from edge.sensors import aht20, bh1750, bme280, ina219, sht31, vl53l0x
from tests.edge.sensors.stage import START_NS

SENSORS = (aht20, bh1750, bme280, ina219, sht31, vl53l0x)


class Kept:
    """One sensor with its default settings on a bench, and what it read."""

    def __init__(self, module: ModuleType) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.sensor = module.Sensor(every_s=2.0)
        self.chip = module.place(self.sensor, self.bench)
        self.read: list[tuple[str, Value]] = []
        line_sensor = LineSensor("store", "air", module.__name__.rpartition(".")[2], {"every_s": 2.0}, ())
        self.keeper = Keeper(line_sensor, module, self.bench, self._take, lambda: None)
        self.keeper.start()

    def _take(self, _: Any, measure: str, value: Value, __: int) -> None:
        self.read.append((measure, value))

    def plug(self, chip: Any) -> None:
        """Put a chip at its address, or take it away."""
        self.bench.i2c_chip(1, self.sensor.address, chip)

    def after(self, seconds: float) -> tuple[str, int]:
        """Its state then, and how much it read meanwhile."""
        self.read.clear()
        self.clock.turn(seconds)
        return self.keeper.health.state, len(self.read)


@pytest.mark.parametrize("module", SENSORS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_pulled_out_it_is_broken_and_put_back_it_reads_again(module: ModuleType) -> None:
    kept = Kept(module)
    state, readings = kept.after(60)
    assert (state, readings >= 29) == ("ok", True)
    kept.plug(None)
    assert kept.after(10) == ("broken", 0)
    assert "I2C" in kept.keeper.tell()["why_ja"]
    kept.plug(kept.chip)
    state, readings = kept.after(60)
    assert (state, readings > 10) == ("ok", True)
    kept.keeper.stop()
    assert kept.clock.next_due_ns is None, "a timer is left behind"


@pytest.mark.parametrize("module", [bh1750, bme280, ina219, vl53l0x], ids=lambda m: m.__name__.rpartition(".")[2])
def test_a_supply_that_fails_for_a_moment_costs_seconds(module: ModuleType) -> None:
    kept = Kept(module)
    kept.after(60)
    kept.chip.lose_power()
    kept.after(10)
    assert kept.after(10)[0] == "ok"
    assert kept.read
