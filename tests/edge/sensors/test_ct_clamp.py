"""The current clamp: zones with hysteresis, what is told when, and faults of the circuit."""

import queue
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.ct_clamp import IDLE, OFF, RUNNING, ZONES, Change, Load, Sensor, Zones, place
from edge.system_clock import SystemClock
from tests.edge.sensors.models.ads1115 import Ads1115
from tests.edge.sensors.models.mcp3008 import Mcp3008
from tests.edge.sensors.stage import START_NS, S, Stage


def clamp(**more: Any) -> Sensor:
    return Sensor(**{"channel": 0, "converter": "mcp3008", "idle_a": 1.0, "run_a": 5.0, **more})


def volts_of(load: Load, _: float) -> float:
    return load.volts()


def changes(zones: Zones, *amps: float) -> list[Change]:
    """What is believed of currents two seconds apart."""
    heard = [zones.heard(current, i * 2 * S) for i, current in enumerate(amps)]
    return [change for change in heard if change is not None]


def test_the_first_current_is_believed_at_once() -> None:
    assert changes(Zones(clamp()), 0.0) == [Change(OFF, 0)]
    assert changes(Zones(clamp()), 1.0) == [Change(IDLE, 0)]
    assert changes(Zones(clamp()), 7.0) == [Change(RUNNING, 0)]


def test_a_zone_counts_once_it_has_lasted_and_from_its_beginning() -> None:
    zones = Zones(clamp(hold_s=4.0))
    assert changes(zones, 0, 0, 7, 7, 7) == [Change(OFF, 0), Change(RUNNING, 4 * S)]


def test_a_peak_that_does_not_last_is_no_zone() -> None:
    """The starting current of a motor, a contact that sticks for a moment."""
    assert changes(Zones(clamp()), 0, 30, 0, 0, 2, 0, 30, 0) == [Change(OFF, 0)]


def test_a_zone_is_left_downwards_only_below_its_hysteresis() -> None:
    zones = Zones(clamp(hysteresis=0.2))
    assert changes(zones, 5.0, 4.9, 4.1, 4.6, 4.01) == [Change(RUNNING, 0)]
    assert changes(Zones(clamp(hysteresis=0.2)), 5.0, 3.9, 3.9) == [Change(RUNNING, 0), Change(IDLE, 2 * S)]
    assert changes(Zones(clamp(hysteresis=0.2)), 1.2, 0.9, 0.85, 0.9) == [Change(IDLE, 0)]


def test_from_running_straight_to_off() -> None:
    assert changes(Zones(clamp()), 9, 0, 0)[-1] == Change(OFF, 2 * S)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 20), min_size=1, max_size=60), st.floats(0, 9), st.floats(0, 0.9))
def test_changes_never_go_back_in_time_and_each_is_another_zone(
    amps: list[float], hold_s: float, hysteresis: float
) -> None:
    found = changes(Zones(clamp(hold_s=hold_s, hysteresis=hysteresis)), *amps)
    assert [c.at_ns for c in found] == sorted({c.at_ns for c in found})
    assert all(a.zone != b.zone for a, b in pairwise(found))
    assert all(change.zone in ZONES for change in found)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 60), st.sampled_from([50, 60]), st.sampled_from(["mcp3008", "ads1115"]))
def test_the_current_of_a_sine_is_read_at_both_mains_through_both_converters(
    amps: float, hz: int, converter: str
) -> None:
    stage = Stage()
    sensor = clamp(converter=converter, channel=0)
    load = place(sensor, stage.bench)
    load.current, load.hz = amps, hz
    stage.listen(sensor)
    stage.clock.turn(1)
    assert stage.values("current") == [pytest.approx(amps, rel=0.01, abs=0.1)]


def test_a_clamp_with_its_own_resistor_is_written_as_amps_for_one_volt() -> None:
    """SCT-013-030, 30 A : 1 V."""
    assert clamp(ratio=30, burden_ohm=1).amps_per_volt == 30
    assert clamp().amps_per_volt == pytest.approx(2000 / 33)


def test_both_second_models_give_the_current_of_a_distorted_wave() -> None:
    for converter, off in (("mcp3008", 0.01), ("ads1115", 0.07)):
        stage = Stage()
        sensor = clamp(converter=converter)
        load = place(sensor, stage.bench)
        load.current, load.harmonics = 20.0, ((5, 0.6), (7, 0.4))
        stage.bench.i2c_chip(1, 0x48, Ads1115(stage.clock, partial(volts_of, load)))
        stage.bench.spi_chip(0, 0, Mcp3008(load.volts))
        stage.listen(sensor)
        stage.clock.turn(1)
        assert stage.values("current") == [pytest.approx(20.0, rel=off)]


def test_zone_and_running_are_told_again_every_minute_and_the_current_each_time() -> None:
    stage = Stage()
    place(clamp(), stage.bench).current = 9.0
    listening = stage.listen(clamp())
    stage.clock.turn(150)
    assert stage.values("running") == [1, 1, 1]
    assert stage.values("zone") == [RUNNING] * 3
    assert len(stage.values("current")) == 75
    assert listening.health() == {"late": 0, "clipped": 0}
    listening.close()


def test_what_is_told_of_one_measure_never_goes_back_in_time() -> None:
    stage = Stage()
    load = place(clamp(), stage.bench)
    stage.listen(clamp(hold_s=6.0))
    for i in range(20):
        load.current = (0.0, 9.0, 3.0, 4.7, 9.0)[i * i % 5]
        stage.clock.turn(11)
    for measure in ("current", "zone", "running"):
        times = [at_ns for name, _, at_ns in stage.told if name == measure]
        assert times == sorted(set(times))
        assert len(times) > 5


def test_a_wave_cut_off_at_the_supply_is_no_current_but_still_a_zone() -> None:
    stage = Stage()
    place(clamp(), stage.bench).current = 200.0
    listening = stage.listen(clamp())
    stage.clock.turn(1)
    assert stage.values("current") == []
    assert stage.values("zone") == [RUNNING]
    assert listening.health()["clipped"] == 1


@pytest.mark.parametrize("middle", [0.0, 0.5, 3.0])
def test_a_middle_that_is_missing_names_the_two_resistors(middle: float) -> None:
    stage = Stage()
    stage.bench.spi_chip(0, 0, Mcp3008(lambda: middle))
    stage.listen(clamp())
    with pytest.raises(SensorError) as missing:
        stage.clock.turn(1)
    assert "10 kΩ" in missing.value.say("ja")
    assert ("too low" if middle < 1.65 else "too high") in missing.value.say("en")


def test_limits_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(SensorError, match="idle_a"):
        clamp(idle_a=5.0, run_a=2.0).listen(Stage().bench, lambda *_: None)


class BusyClock(HandClock):
    """The clock of a Pi so busy that each look at it costs 5 ms."""

    lost_ns = 0

    def monotonic_ns(self) -> int:
        self.lost_ns += 5_000_000
        return super().monotonic_ns() + self.lost_ns


def test_a_pi_too_busy_for_whole_periods_tells_nothing_counts_it_and_says_so_in_the_end() -> None:
    clock = BusyClock(START_NS)
    bench = Bench(clock)
    bench.spi_chip(0, 0, Mcp3008(lambda: 1.65))
    told: list[str] = []
    listening = clamp().listen(bench, lambda measure, value, at_ns: told.append(measure))
    clock.turn(4)
    assert told == []
    assert listening.health()["late"] >= 1
    with pytest.raises(SensorError, match="忙し"):
        clock.turn(600)


@pytest.mark.slow
@pytest.mark.parametrize("converter", ["mcp3008", "ads1115"])
def test_on_a_real_clock_what_its_threads_measure_in_time_is_right(converter: str) -> None:
    clock = SystemClock()
    bench = Bench(clock)
    sensor = clamp(converter=converter, every_s=0.5)
    place(sensor, bench).current = 10.0

    def one_current() -> float | None:
        """None: it gave up, as it does after thirty bursts in a row that a busy machine made late."""
        told: queue.Queue[float] = queue.Queue()
        listening = sensor.listen(
            bench, lambda measure, value, at_ns: told.put(float(value)) if measure == "current" else None
        )
        try:
            return told.get(timeout=20)
        except queue.Empty:
            return None
        finally:
            listening.close()

    try:
        found = next(amps for amps in (one_current() for _ in range(15)) if amps is not None)
    finally:
        clock.close()
    assert found == pytest.approx(10.0, rel=0.08)
