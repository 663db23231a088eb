"""The HC-SR04: pulses and distances, nothing in range, no answer, a pulse that does not end."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.sensors.hcsr04 import Change, Near, Sensor, distance_mm, speed_of_sound
from tests.edge.sensors.models.hcsr04 import HcSr04
from tests.edge.sensors.stage import S, Stage

TRIG, ECHO = 5, 6


def sensor(**more: Any) -> Sensor:
    return Sensor(**{"trigger": TRIG, "echo": ECHO, **more})


def test_the_data_sheets_rule_of_thumb() -> None:
    """Microseconds / 58 = centimetres."""
    for microseconds in (580, 5800, 17400):
        assert distance_mm(microseconds / 1e6, 20) == pytest.approx(microseconds / 5.8, rel=0.006)


def test_the_speed_of_sound() -> None:
    """Kaye and Laby, 2.4.1: 331.3 m/s at 0 °C, 343.2 at 20, 355 at 40 (dry air)."""
    assert speed_of_sound(0) == 331.3
    assert speed_of_sound(20) == pytest.approx(343.2, abs=0.1)
    assert speed_of_sound(40) == pytest.approx(354.7, abs=0.2)


@given(st.integers(20_000, 4_000_000))
@settings(max_examples=30, deadline=None)
def test_a_second_model_gives_its_distance_within_a_millimetre(target_um: int) -> None:
    stage = Stage()
    module = HcSr04(stage.bench, TRIG, ECHO, target_um)
    stage.listen(sensor())
    stage.clock.turn(0.9)
    assert stage.values("distance") == [pytest.approx(target_um / 1000, abs=0.5)]
    assert len(module.pulses) == 3
    assert module.too_short == module.ignored == 0


def test_the_trigger_is_ten_microseconds_at_least_and_pings_are_sixty_milliseconds_apart() -> None:
    stage = Stage()
    HcSr04(stage.bench, TRIG, ECHO)
    trigger = stage.bench.record(TRIG)
    stage.listen(sensor(every_s=0.3))
    stage.clock.turn(2.95)
    rises = [at for at, level in trigger if level]
    falls = [at for at, level in trigger if not level]
    assert all(fall - rise >= 10_000 for rise, fall in zip(rises, falls, strict=True))
    assert all(b - a >= 60_000_000 for a, b in pairwise(rises))
    assert len(rises) == 30


def test_one_wild_echo_of_three_does_not_count() -> None:
    stage = Stage()
    module = HcSr04(stage.bench, TRIG, ECHO, 800_000)
    stage.listen(sensor())
    stage.clock.turn(0.05)
    module.target_um = 150_000
    stage.clock.turn(0.09)
    module.target_um = 800_000
    stage.clock.turn(0.5)
    assert stage.values("distance") == [pytest.approx(800, abs=1)]


@pytest.mark.parametrize("gives_up_ms", [38, 66, 200])
def test_nothing_in_range_is_no_distance_and_not_near(gives_up_ms: int) -> None:
    """38 ms by the makers' notes; clones hold ECHO for up to 200 ms."""
    stage = Stage()
    module = HcSr04(stage.bench, TRIG, ECHO, 100_000)
    listening = stage.listen(sensor(hold_s=0))
    stage.clock.turn(0.9)
    module.target_um, module.gives_up_ms = None, gives_up_ms
    stage.clock.turn(5)
    assert stage.values("near") == [1, 0]
    assert len(stage.values("distance")) == 1
    assert listening.health()["out_of_range"] >= 3
    assert module.ignored == 0


def moved(*mm: float, **more: Any) -> list[Change]:
    near = Near(sensor(near_mm=300, hysteresis_mm=30, **more))
    heard = [near.heard(distance, i * S) for i, distance in enumerate(mm)]
    return [change for change in heard if change is not None]


def test_near_has_a_hysteresis_and_counts_from_its_beginning_once_it_has_lasted() -> None:
    assert moved(1000, 290, 290, 290, hold_s=2) == [Change(False, 0), Change(True, S)]
    assert moved(290, 320, 329, 300, 331, 331) == [Change(True, 0), Change(False, 4 * S)]
    assert moved(1000, 290, 1000, 290, 1000) == [Change(False, 0)]
    assert moved(float("inf"), 100, hold_s=0) == [Change(False, 0), Change(True, S)]


def test_near_is_told_again_every_minute_and_never_back_in_time() -> None:
    stage = Stage()
    module = HcSr04(stage.bench, TRIG, ECHO, 100_000)
    stage.listen(sensor())
    stage.clock.turn(130)
    assert stage.values("near") == [1, 1, 1]
    for i in range(20):
        module.target_um = (100_000, 900_000, None)[i % 3]
        stage.clock.turn(7)
    for measure in ("near", "distance"):
        times = [at_ns for name, _, at_ns in stage.told if name == measure]
        assert times == sorted(set(times))


def unplugged(stage: Stage) -> None:
    """Nothing on the two pins."""


def swapped(stage: Stage) -> None:
    HcSr04(stage.bench, 17, 27)


def edges_lost(stage: Stage) -> None:
    HcSr04(stage.bench, TRIG, ECHO)
    stage.bench.lose_edges(ECHO)


@pytest.mark.parametrize("fault", [unplugged, swapped, edges_lost])
def test_no_pulse_at_all_is_a_fault_that_names_the_divider(fault: Callable[[Stage], None]) -> None:
    stage = Stage()
    fault(stage)
    stage.listen(sensor())
    with pytest.raises(SensorError) as silent:
        stage.clock.turn(5)
    assert stage.told == []
    assert "2 kΩ" in silent.value.say("ja")
    assert "5V" in silent.value.say("en")


def test_an_echo_that_stays_high_is_a_fault_of_its_own() -> None:
    stage = Stage()
    stage.bench.drive(ECHO, True)
    stage.listen(sensor())
    with pytest.raises(SensorError, match="high"):
        stage.clock.turn(5)


def test_one_pulse_that_was_missed_is_borne() -> None:
    stage = Stage()
    HcSr04(stage.bench, TRIG, ECHO, 500_000)
    stage.listen(sensor())
    stage.clock.turn(2.5)
    stage.bench.lose_edges(ECHO)
    stage.clock.turn(0.52)
    stage.bench.lose_edges(ECHO, lost=False)
    stage.clock.turn(3)
    assert stage.values("distance") == [pytest.approx(500, abs=1)] * len(stage.values("distance"))
    assert len(stage.values("distance")) >= 5


def test_a_pin_that_somebody_else_has_gives_the_other_one_back() -> None:
    stage = Stage()
    stage.bench.hold(ECHO)
    with pytest.raises(SensorError, match="GPIO6"):
        stage.listen(sensor())
    stage.bench.let_go(ECHO)
    stage.listen(sensor()).close()
