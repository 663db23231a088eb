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
    BMP280_IDS,
    EXAMPLE,
    Calibration,
    Chip,
    Sensor,
    integer_fine,
    integer_humidity,
    integer_pressure,
)
from tests.edge.sensors.models.bme280 import Bosch
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


@pytest.mark.parametrize("chip", [0x61, 0x00, 0xFF])
def test_another_chip_is_refused_with_its_id(chip: int, bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x76, Chip(clock, chip=chip))
    with pytest.raises(SensorError, match=f"0x{chip:02x}"):
        Sensor().open(bench)


@pytest.mark.parametrize("chip", BMP280_IDS)
def test_a_bmp280_is_told_by_its_id_and_gives_no_humidity(
    chip: int, bench: Bench, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    model = Bosch(clock, {0x88: EXAMPLE.written()[0]}, identity=chip)
    bench.i2c_chip(1, 0x76, model)
    sensor = Sensor().open(bench)
    assert "BMP280" in caplog.text
    assert sensor.read() == {}
    clock.turn(1)
    assert sensor.read() == pytest.approx({"temperature": 25.08, "pressure": 1006.5327}, abs=0.005)
    assert 0xF2 not in dict(model.written), "a BMP280 has no ctrl_hum"


def test_a_bme280_says_nothing_in_the_log(bench: Bench, clock: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    bench.i2c_chip(1, 0x76, Chip(clock))
    Sensor().open(bench)
    assert not caplog.records


def test_a_bmp280_that_lost_its_supply_is_reported_too(bench: Bench, clock: HandClock) -> None:
    model = Bosch(clock, {0x88: EXAMPLE.written()[0]}, identity=BMP280)
    bench.i2c_chip(1, 0x76, model)
    sensor = Sensor().open(bench)
    clock.turn(1)
    sensor.read()
    model.power_on()
    with pytest.raises(SensorError, match="電源"):
        sensor.read()


def test_the_second_model_gives_the_data_sheets_example_through_its_registers(bench: Bench, clock: HandClock) -> None:
    """adc_T 519888 and adc_P 415148 are 25.08 °C and 100653.27 Pa; adc_H by the data sheet's integer formula."""
    first, second = EXAMPLE.written()
    model = Bosch(clock, {0x88: first, 0xE1: second})
    bench.i2c_chip(1, 0x77, model)
    sensor = Sensor(address=0x77).open(bench)
    assert sensor.read() == {}
    clock.turn(0.0092)
    assert sensor.read() == {}
    clock.turn(0.001)
    air = sensor.read()
    assert air["temperature"] == pytest.approx(25.08, abs=0.005)
    assert air["pressure"] == pytest.approx(1006.5327, abs=1e-4)
    assert air["humidity"] == pytest.approx(integer_humidity(EXAMPLE, 26000, integer_fine(EXAMPLE, UT)) / 1024, abs=0.1)


def test_a_chip_that_an_earlier_run_left_awake_is_set_up_as_data_sheet_5_4_6_asks(
    bench: Bench, clock: HandClock
) -> None:
    first, second = EXAMPLE.written()
    bench.i2c_chip(1, 0x76, Bosch(clock, {0x88: first, 0xE1: second}))
    for _ in range(2):
        sensor = Sensor().open(bench)
        clock.turn(1)
        assert sensor.read()


def test_humidity_that_is_not_measured_is_no_humidity(bench: Bench, clock: HandClock) -> None:
    """5.4.9: 8000h stands for a measurement that was skipped."""
    first, second = EXAMPLE.written()
    model = Bosch(clock, {0x88: first, 0xE1: second})
    model.h = 0x8000
    bench.i2c_chip(1, 0x76, model)
    sensor = Sensor().open(bench)
    clock.turn(1)
    assert sensor.read() == {}
    model.h = 26000
    assert "humidity" in sensor.read()
    model.h = 0x8000
    with pytest.raises(SensorError, match="電源"):
        sensor.read()


def test_a_setting_changed_by_another_program_is_noticed(bench: Bench, clock: HandClock) -> None:
    first, second = EXAMPLE.written()
    model = Bosch(clock, {0x88: first, 0xE1: second})
    bench.i2c_chip(1, 0x76, model)
    sensor = Sensor().open(bench)
    clock.turn(1)
    sensor.read()
    model.write(b"\xf2\x00")
    with pytest.raises(SensorError):
        sensor.read()


def test_a_bus_that_gets_stuck_while_the_calibration_is_read_is_reported(bench: Bench, clock: HandClock) -> None:
    class Stuck(Chip):
        def read(self, length: int) -> bytes:
            if length > 1:
                raise OSError(110, "Connection timed out")
            return super().read(length)

    bench.i2c_chip(1, 0x76, Stuck(clock))
    with pytest.raises(SensorError, match="timed out"):
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
