"""The BME280: the data sheet's numbers, and a chip modelled at its registers."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.bme280 import (
    BMP280,
    EXAMPLE,
    Calibration,
    Chip,
    Sensor,
    integer_fine,
    integer_humidity,
    integer_pressure,
)
from tests.edge.sensors.stage import START_NS

UT, UP = 519888, 415148


def test_the_worked_example_of_the_data_sheet() -> None:
    """BST-BMP280-DS001, 3.12: t_fine 128422, 25.08 °C, 100653.27 Pa; the BME280's formulas are the same."""
    fine = EXAMPLE.fine(UT)
    assert int(fine) == 128422
    assert round(fine / 5120, 2) == 25.08
    assert round(EXAMPLE.pressure(UP, fine), 2) == 100653.27


def test_the_data_sheets_integer_formulas_agree_on_its_example() -> None:
    fine = integer_fine(EXAMPLE, UT)
    assert fine == 128422
    assert (fine * 5 + 128) >> 8 == 2508
    assert integer_pressure(EXAMPLE, UP, fine) / 256 == pytest.approx(100653.27, abs=0.05)


@given(st.integers(300_000, 700_000), st.integers(200_000, 600_000), st.integers(15_000, 45_000))
def test_floating_point_and_integers_of_the_data_sheet_agree(t: int, p: int, h: int) -> None:
    fine, whole = EXAMPLE.fine(t), integer_fine(EXAMPLE, t)
    assert fine == pytest.approx(whole, abs=30)  # 0.006 °C
    assert EXAMPLE.pressure(p, fine) == pytest.approx(integer_pressure(EXAMPLE, p, whole) / 256, abs=5)
    assert EXAMPLE.humidity(h, fine) == pytest.approx(integer_humidity(EXAMPLE, h, whole) / 1024, abs=0.1)


whole_16, signed_16, signed_12, signed_8 = (
    st.integers(0, 2**16 - 1),
    st.integers(-(2**15), 2**15 - 1),
    st.integers(-(2**11), 2**11 - 1),
    st.integers(-128, 127),
)


@given(
    st.tuples(
        whole_16, signed_16, signed_16, whole_16, *[signed_16] * 8, st.integers(0, 255), signed_16,
        st.integers(0, 255), signed_12, signed_12, signed_8,
    )
)  # fmt: skip
def test_every_calibration_comes_back_from_its_registers(values: Any) -> None:
    calibration = Calibration(*values)
    assert Calibration.of(*calibration.written()) == calibration


def test_a_calibration_of_zeros_divides_by_nothing() -> None:
    assert Calibration(*[0] * 18).pressure(UP, 0.0) == 0.0
    assert integer_pressure(Calibration(*[0] * 18), UP, 0) == 0


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


@settings(max_examples=50)
@given(st.floats(-40, 85), st.floats(0, 100), st.floats(300, 1100))
def test_what_the_air_is_is_what_is_read(temperature: float, humidity: float, pressure: float) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    chip = Chip(clock)
    bench.i2c_chip(1, 0x76, chip)
    sensor = Sensor().open(bench)
    chip.temperature, chip.humidity, chip.pressure = temperature, humidity, pressure
    clock.turn(1)
    air = sensor.read()
    assert air["temperature"] == pytest.approx(temperature, abs=0.02)
    assert air["humidity"] == pytest.approx(humidity, abs=0.1)
    assert air["pressure"] == pytest.approx(pressure, abs=0.1)


def test_nothing_is_read_before_the_first_measurement_is_done(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x76, Chip(clock))
    sensor = Sensor().open(bench)
    assert sensor.read() == {}
    clock.turn(0.01)
    assert set(sensor.read()) == {"temperature", "humidity", "pressure"}


def test_humidity_is_measured_because_its_register_is_written_first(bench: Bench, clock: HandClock) -> None:
    """5.4.3: written after ctrl_meas it would have no effect; the chip on the bench keeps to that."""
    chip = Chip(clock)
    bench.i2c_chip(1, 0x76, chip)
    bus = bench.i2c(1)
    bus.write_byte_data(0x76, 0xF4, 0x27)
    bus.write_byte_data(0x76, 0xF2, 0x01)
    clock.turn(1)
    assert list(bus.read_i2c_block_data(0x76, 0xFD, 2)) == [0x80, 0x00]
    Sensor().open(bench)
    clock.turn(1)
    assert list(bus.read_i2c_block_data(0x76, 0xFD, 2)) != [0x80, 0x00]


def test_writes_are_pairs_and_do_not_count_up(bench: Bench, clock: HandClock) -> None:
    chip = Chip(clock)
    chip.write(bytes([0xF2, 0x01, 0xF4, 0x27]))
    chip.write(bytes([0xF2]))
    assert chip.read(3) == bytes([0x01, 0, 0x27])


def test_the_wrong_chip_is_refused_by_name(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x76, Chip(clock, chip=BMP280))
    with pytest.raises(SensorError, match="BMP280"):
        Sensor().open(bench)


def test_a_chip_that_lost_its_supply_is_reported_and_measures_again_when_opened(bench: Bench, clock: HandClock) -> None:
    chip = Chip(clock)
    bench.i2c_chip(1, 0x76, chip)
    sensor = Sensor().open(bench)
    clock.turn(1)
    sensor.read()
    chip.lose_power()
    with pytest.raises(SensorError) as forgot:
        sensor.read()
    assert "電源" in forgot.value.say("ja")
    again = Sensor().open(bench)
    clock.turn(1)
    assert again.read()


def test_an_address_where_nothing_answers_says_how_to_look_for_it(bench: Bench) -> None:
    with pytest.raises(SensorError) as missing:
        Sensor(address=0x77).open(bench)
    assert "0x77" in missing.value.say("ja")
    assert "i2cdetect -y 1" in missing.value.say("en")
