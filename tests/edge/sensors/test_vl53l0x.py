"""The VL53L0X: what ST's own code computes, range status, and a second model that must first be set up rightly."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.vl53l0x import Chip, Sensor, chosen_spads, encoded, final_timeout, macro_ns, range_status, told
from tests.edge.sensors.models.vl53l0x import Refused, Vl53l0x
from tests.edge.sensors.stage import START_NS


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


@given(st.integers(1, 0xFFFF))
def test_a_timeout_is_held_to_less_than_one_part_in_128(periods: int) -> None:
    """STSW-IMG005, encode_timeout: (low byte x 2^high byte) + 1."""
    held = encoded(periods)
    back = ((held & 0xFF) << (held >> 8)) + 1
    assert back <= periods < back + max(1, periods / 128)


def test_the_macro_periods_of_the_api() -> None:
    """calc_macro_period_ps: 2304 x 1655 ps x the laser's period, 14 clocks in the pre-range, 10 in the final range."""
    assert (macro_ns(14), macro_ns(10)) == (53384, 38131)


@pytest.mark.parametrize(("budget_ms", "register"), [(20, 0x00E3), (33, 0x028E), (200, 0x059A), (1000, 0x07CA)])
def test_the_final_timeout_is_the_one_that_adafruits_driver_writes(budget_ms: int, register: int) -> None:
    """adafruit_vl53l0x 3.6.19 ran against the second model here (docs/decisions/sensor-arithmetic.md)."""
    assert final_timeout(budget_ms * 1000) == register


@settings(max_examples=30)
@given(st.integers(20, 1000))
def test_a_measurement_takes_its_budget(budget_ms: int) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    chip = Vl53l0x(clock)
    bench.i2c_chip(1, 0x29, chip)
    sensor = Sensor(budget_ms=budget_ms).open(bench)
    clock.turn(2.5)
    assert chip.shots
    assert chip.lasts_ns() == pytest.approx(budget_ms * 1e6, rel=0.01)
    assert sensor.read() == {"distance": 500, "in_range": 1, "range_status": 0}
    sensor.close()


@settings(max_examples=30)
@given(st.binary(min_size=6, max_size=6), st.integers(0, 44), st.booleans())
def test_the_detectors_are_the_first_good_ones_of_their_kind(good: bytes, count: int, aperture: bool) -> None:
    bits = [place for place in range(12 if aperture else 0, 48) if good[place // 8] >> place % 8 & 1]
    chosen = chosen_spads(good, count, aperture)
    assert [place for place in range(48) if chosen[place // 8] >> place % 8 & 1] == bits[:count]


def test_it_is_set_up_in_order_and_measures_once_a_second(bench: Bench, clock: HandClock) -> None:
    chip = Vl53l0x(clock, mm=812)
    bench.i2c_chip(1, 0x29, chip)
    sensor = Sensor(every_s=3600.0).open(bench)
    assert sensor.read() == {}
    clock.turn(60)
    assert [step for step in chip.done if step != "stop variable"] == [
        "memory",
        "tuning",
        "calibrated 1",
        "calibrated 2",
    ]
    assert chip.chosen == [12, 13, 14, 15, 16, 17]
    assert len(chip.shots) in (59, 60)
    assert sensor.read()["distance"] == 812
    sensor.close()
    assert clock.next_due_ns is None


@pytest.mark.parametrize("after_s", [0.0, 0.012, 0.03, 0.5, 1.0, 1.05, 1.2])
def test_wherever_an_earlier_run_ended_the_chip_is_set_up_anew(after_s: float, bench: Bench, clock: HandClock) -> None:
    chip = Vl53l0x(clock, mm=321)
    bench.i2c_chip(1, 0x29, chip)
    earlier = Sensor().open(bench)
    clock.turn(after_s)
    earlier.close()
    clock.turn(0.01)
    sensor = Sensor().open(bench)
    clock.turn(1)
    assert sensor.read()["distance"] == 321


def test_a_chip_that_was_left_on_another_page_is_known_all_the_same(bench: Bench, clock: HandClock) -> None:
    chip = Vl53l0x(clock)
    chip.write(b"\xff\x07")
    bench.i2c_chip(1, 0x29, chip)
    sensor = Sensor().open(bench)
    clock.turn(1)
    assert sensor.read()


@pytest.mark.parametrize("memory", [(33, True), (13, False), (127, True)])
def test_a_chip_without_the_factorys_calibration_is_reported(
    memory: tuple[int, bool], bench: Bench, clock: HandClock
) -> None:
    """VL53L0X_StaticInit: more than 32 detectors with an aperture, or 12 without, cannot be."""
    chip = Vl53l0x(clock)
    chip.memory = memory
    bench.i2c_chip(1, 0x29, chip)
    Sensor().open(bench)
    with pytest.raises(SensorError, match="受光部"):
        clock.turn(1)


def test_a_short_interval_is_measured_as_often_as_the_budget_allows(bench: Bench, clock: HandClock) -> None:
    chip = Vl53l0x(clock)
    bench.i2c_chip(1, 0x29, chip)
    Sensor(every_s=0.1, budget_ms=33).open(bench)
    clock.turn(10)
    assert 90 <= len(chip.shots) <= 100


def test_the_second_model_refuses_to_measure_before_it_is_set_up(clock: HandClock) -> None:
    chip = Vl53l0x(clock)
    chip.write(bytes([0x01, 0xE8]))
    with pytest.raises(Refused, match="tuning"):
        chip.write(bytes([0x00, 0x01]))


def test_range_status_is_sts() -> None:
    """get_pal_range_status: 11 good; 1, 2, 3 hardware; 6, 9 phase; 8, 10 too near; 4 signal; the others are none."""
    by_kind = [range_status(kind << 3 | 1) for kind in range(16)]
    assert by_kind == [255, 5, 5, 5, 2, 255, 4, 255, 3, 4, 3, 0, 255, 255, 255, 255]


@pytest.mark.parametrize(("kind", "status"), [(4, 2), (6, 4), (8, 3), (9, 4)])
def test_what_cannot_be_trusted_is_no_distance(kind: int, status: int, bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x29, Vl53l0x(clock, mm=8190, kind=kind))
    sensor = Sensor().open(bench)
    clock.turn(2)
    assert sensor.read() == {"in_range": 0, "range_status": status}


def test_a_result_that_is_no_measurement_says_nothing() -> None:
    assert told(bytes(12)) == {}


def test_a_laser_that_fails_is_reported(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x29, Vl53l0x(clock, kind=2))
    Sensor().open(bench)
    with pytest.raises(SensorError) as failed:
        clock.turn(2)
    assert "レーザー" in failed.value.say("ja")


def test_one_that_lost_its_supply_is_reported_and_set_up_again_when_opened(bench: Bench, clock: HandClock) -> None:
    chip = Vl53l0x(clock)
    bench.i2c_chip(1, 0x29, chip)
    Sensor().open(bench)
    clock.turn(5)
    chip.power_on()
    with pytest.raises(SensorError) as forgot:
        clock.turn(2)
    assert "電源" in forgot.value.say("ja")
    assert clock.next_due_ns is None
    again = Sensor().open(bench)
    clock.turn(2)
    assert again.read()["distance"] == 500


class Dead(Vl53l0x):
    """It never gets done."""

    def _tick(self) -> None:
        pass


def test_one_that_never_gets_done_is_reported(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x29, Dead(clock))
    Sensor().open(bench)
    with pytest.raises(SensorError) as hangs:
        clock.turn(2)
    assert "0x83" in hangs.value.say("en")


@pytest.mark.parametrize("identity", [b"\xea\xcc\x10", b"\xb4\xb4\xb4", b"\x00\x00\x00", b"\xff\xff\xff"])
def test_another_chip_at_that_address_is_refused_with_its_id(identity: bytes, bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x29, Chip(clock, identity=identity))
    Sensor().open(bench)
    with pytest.raises(SensorError, match=identity.hex(" ")):
        clock.turn(1)


def test_nothing_there_and_a_wire_that_comes_off_are_reported(bench: Bench, clock: HandClock) -> None:
    with pytest.raises(SensorError, match="0x29"):
        Sensor().open(bench)
    bench.i2c_chip(1, 0x29, Vl53l0x(clock))
    Sensor().open(bench)
    clock.turn(3.1)
    bench.i2c_chip(1, 0x29, None)
    with pytest.raises(SensorError, match="Remote I/O"):
        clock.turn(2)
