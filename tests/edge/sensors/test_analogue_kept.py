"""Analogue sensors and the HC-SR04 kept by the agent's keeper: broken once, well again only when that is known."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from contract.line import Sensor as LineSensor
from contract.reading import Value
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.handles import Knob
from edge.keeper import Keeper
from edge.sensors import ads1115, ct_clamp, hcsr04, signal_tower, thermistor
from tests.edge.sensors.stage import START_NS

PARTS: dict[str, tuple[ModuleType, dict[str, Any]]] = {
    "ads1115": (ads1115, {"channel": 0}),
    "ct_clamp": (ct_clamp, {"channel": 1}),
    "ct_clamp on an mcp3008": (ct_clamp, {"channel": 1, "converter": "mcp3008"}),
    "thermistor": (thermistor, {"channel": 2}),
    "thermistor on an mcp3008": (thermistor, {"channel": 2, "converter": "mcp3008"}),
    "signal_tower": (signal_tower, {"green": 3}),
    "hcsr04": (hcsr04, {"trigger": 5, "echo": 6}),
}


class Kept:
    """One sensor on a bench, kept; every state it was in, and what it read."""

    def __init__(self, name: str, clock: HandClock | None = None, bench: Bench | None = None) -> None:
        module, settings = PARTS[name]
        self.clock = clock or HandClock(START_NS)
        self.bench = bench or Bench(self.clock)
        self.sensor = module.Sensor(**settings)
        self.part = module.place(self.sensor, self.bench)
        self.states: list[str] = []
        self.read: list[tuple[str, Value]] = []
        line_sensor = LineSensor("press", "it", module.__name__.rpartition(".")[2], settings, ())
        self.keeper = Keeper(line_sensor, module, self.bench, self._take, self._changed)
        self.keeper.start()

    def _take(self, _: Any, measure: str, value: Value, __: int) -> None:
        self.read.append((measure, value))

    def _changed(self) -> None:
        if self.states[-1:] != [self.keeper.health.state]:  # each further break is heard of, too, for the rules
            self.states.append(self.keeper.health.state)


FAULTS: dict[str, Callable[[Kept], None]] = {
    "ads1115": lambda kept: kept.bench.i2c_chip(1, 0x48, None),
    "ct_clamp": lambda kept: setattr(kept.part, "middle", None),
    "ct_clamp on an mcp3008": lambda kept: kept.bench.spi_chip(0, 0, None),
    "thermistor": lambda kept: setattr(kept.part, "broken", "open"),
    "thermistor on an mcp3008": lambda kept: kept.bench.spi_chip(0, 0, None),
    "signal_tower": lambda kept: kept.bench.i2c_chip(1, 0x48, None),
    "hcsr04": lambda kept: setattr(kept.part, "dead", True),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_fault_is_said_once_however_often_it_is_tried_again(name: str) -> None:
    kept = Kept(name)
    kept.clock.turn(20)
    assert kept.states == ["ok"]
    FAULTS[name](kept)
    kept.clock.turn(5)
    kept.read.clear()
    kept.clock.turn(300)
    assert kept.states == ["ok", "broken"]
    assert kept.read == []
    kept.keeper.stop()
    assert kept.clock.next_due_ns is None, "a timer is left behind"


@pytest.mark.parametrize("name", ["ct_clamp", "thermistor", "hcsr04"])
def test_put_right_it_comes_back_by_itself(name: str) -> None:
    kept = Kept(name)
    FAULTS[name](kept)
    kept.clock.turn(120)
    if name == "ct_clamp":
        kept.part.middle = 1.65
    elif name == "thermistor":
        kept.part.broken = ""
    else:
        kept.part.recover()
    kept.read.clear()
    kept.clock.turn(60)
    assert kept.states[-1] == "ok"
    assert len(kept.read) >= 5
    kept.keeper.stop()


def test_all_that_share_one_chip_are_read_and_one_that_is_broken_silences_no_other() -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    kept = {name: Kept(name, clock, bench) for name in ("ads1115", "ct_clamp", "thermistor", "signal_tower")}
    clock.turn(20)
    kept["thermistor"].part.broken = "short"
    clock.turn(20)
    assert [one.keeper.health.state for one in kept.values()] == ["ok", "ok", "broken", "ok"]
    assert len(kept["ads1115"].read) >= 38
    assert len([1 for measure, _ in kept["ct_clamp"].read if measure == "current"]) >= 18
    assert ("green", "off") in kept["signal_tower"].read
    for one in kept.values():
        one.keeper.stop()
    assert clock.next_due_ns is None


def hold(kept: Kept, key: str, to: float = 0.0) -> None:
    """Take hold of what the sensor's file offers to a hand, and move it."""
    module = next(module for module, _ in PARTS.values() if isinstance(kept.sensor, module.Sensor))
    found = next(one for one in module.handles(kept.sensor, kept.bench, kept.part) if one.key == key)
    if isinstance(found, Knob):
        assert found.low <= to <= found.high
        found.turn(to)
        assert found.now() == to
    else:
        found.push()


@pytest.mark.parametrize(
    ("name", "key", "to", "reading"),
    [
        ("ads1115", "voltage", 2.0, ("voltage", 2.0)),
        ("ct_clamp", "current", 3.5, ("current", 3.5)),
        ("thermistor", "temperature", 60.0, ("temperature", 60.0)),
        ("signal_tower", "green_on", 0, ("running", 1)),
        ("signal_tower", "green_blinking", 0, ("green", "blinking")),
        ("hcsr04", "distance", 150.0, ("distance", 150.0)),
        ("hcsr04", "distance", 150.0, ("near", 1)),
    ],
)
def test_what_a_hand_does_on_the_bench_is_read(name: str, key: str, to: float, reading: tuple[str, Any]) -> None:
    kept = Kept(name)
    kept.clock.turn(5)
    hold(kept, key, to)
    kept.clock.turn(15)
    measure, value = reading
    last = [v for m, v in kept.read if m == measure][-1]
    assert last == (pytest.approx(value, rel=0.02) if isinstance(value, float) else value)
    kept.keeper.stop()


def test_a_hand_can_take_the_thing_away_and_break_a_wire() -> None:
    far, wire = Kept("hcsr04"), Kept("thermistor")
    hold(far, "nothing")
    hold(wire, "open")
    far.clock.turn(5)
    wire.clock.turn(20)
    assert [value for measure, value in far.read if measure == "near"] == [0]
    assert wire.keeper.health.state == "broken"
