"""The INA219: the data sheet's worked example, overload, and a second model of the chip."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.ina219 import Chip, Scale, Sensor, fitting_range, handles, measured, place
from tests.edge.sensors.models.ina219 import Ina219
from tests.edge.sensors.stage import START_NS


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def test_the_worked_example_of_the_data_sheet() -> None:
    """SBOS448F, table 3: 10 A through 2 mOhm, 1 mA a step: calibration 5000h; 5D98h is 11.98 V, 2710h 10 A, 119.8 W."""
    scale = Scale.of(0.002, 32.768)
    assert scale.calibration == 0x5000
    assert scale.step_a == pytest.approx(0.001)
    assert measured(0x5D98, 0x2710, scale.step_a) == pytest.approx({"voltage": 11.98, "current": 10.0, "power": 119.8})


def test_the_same_example_in_the_second_model(clock: HandClock) -> None:
    """Its registers, 019Fh configured: 07D0h, 5D98h (with CNVR), 1766h, 2710h."""
    chip = Ina219(clock, shunt_uv=20_000, bus_mv=11_980)
    for register, value in ((0, 0x019F), (5, 0x5000)):
        chip.write(bytes([register, value >> 8, value & 0xFF]))
    clock.turn(0.01)
    held = []
    for register in (1, 2, 4, 3):
        chip.write(bytes([register]))
        held.append(int.from_bytes(chip.read(2), "big"))
    assert held == [0x07D0, 0x5D98 | 2, 0x2710, 0x1766]


@pytest.mark.parametrize(
    ("shunt_ohm", "max_a", "range_mv"),
    [(0.1, 3.2, 320), (0.1, 1.6, 160), (0.1, 0.4, 40), (0.01, 20.0, 320), (0.1, 0.001, 40)],
)
def test_the_range_is_the_smallest_that_fits(shunt_ohm: float, max_a: float, range_mv: int) -> None:
    assert fitting_range(Sensor(shunt_ohm=shunt_ohm, max_a=max_a)) == range_mv


def test_a_current_that_no_range_holds_is_refused_with_what_fits(bench: Bench) -> None:
    with pytest.raises(SensorError) as much:
        Sensor(shunt_ohm=0.1, max_a=10.0).open(bench)
    assert "1000 mV" in much.value.say("en")
    assert "max_a を 3.2 以下" in much.value.say("ja")


@given(st.floats(0.0001, 10), st.floats(0.001, 1000))
def test_every_calibration_fits_its_register_and_holds_the_highest_current(shunt_ohm: float, max_a: float) -> None:
    if max_a * shunt_ohm > 0.32:
        return
    scale = Scale.of(shunt_ohm, max_a)
    assert 0 < scale.calibration <= 0xFFFE
    assert scale.calibration % 2 == 0
    assert scale.step_a * 32768 >= max_a * 0.999999


@settings(max_examples=60)
@given(st.integers(-159_000, 159_000), st.integers(0, 25_999))
def test_what_the_second_models_pins_see_is_what_is_read(shunt_uv: int, bus_mv: int) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.i2c_chip(1, 0x4F, Ina219(clock, shunt_uv, bus_mv))
    sensor = Sensor(address=0x4F, shunt_ohm=0.05, max_a=3.2).open(bench)
    assert sensor.read() == {}
    clock.turn(1)
    read = sensor.read()
    assert read["overload"] == 0
    assert read["voltage"] == pytest.approx(bus_mv / 1000, abs=0.004)
    assert read["current"] == pytest.approx(shunt_uv / 1e6 / 0.05, abs=0.0004)
    assert read["power"] == pytest.approx(float(read["voltage"]) * float(read["current"]))


def test_a_blocked_motor_is_an_overload_and_no_current(bench: Bench, clock: HandClock) -> None:
    chip = Ina219(clock, 400_000, 20_000)
    bench.i2c_chip(1, 0x40, chip)
    sensor = Sensor(max_a=3.2).open(bench)
    clock.turn(1)
    assert sensor.read() == {"voltage": 20.0, "overload": 1}
    chip.shunt_uv = 10_000
    clock.turn(1)
    assert sensor.read()["overload"] == 0


def test_an_overflow_of_the_chips_arithmetic_is_an_overload(bench: Bench, clock: HandClock) -> None:
    """1 mA with 0.1 ohm: the calibration is the highest there is, and 40 mV overflow the current register."""
    bench.i2c_chip(1, 0x40, Ina219(clock, 39_000, 5_000))
    sensor = Sensor(max_a=0.001).open(bench)
    clock.turn(1)
    assert sensor.read() == {"voltage": 5.0, "overload": 1}


def test_a_reading_is_told_once_for_each_conversion(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x40, Ina219(clock, 1000, 5_000))
    sensor = Sensor().open(bench)
    clock.turn(1)
    assert sensor.read()
    assert sensor.read() == {}
    clock.turn(0.2)
    assert sensor.read()


def test_one_that_forgot_its_calibration_is_reported_and_not_believed(bench: Bench, clock: HandClock) -> None:
    chip = Ina219(clock, 100_000, 12_000)
    bench.i2c_chip(1, 0x40, chip)
    sensor = Sensor().open(bench)
    clock.turn(1)
    chip.power_on()
    clock.turn(1)
    with pytest.raises(SensorError) as forgot:
        sensor.read()
    assert "電源" in forgot.value.say("ja")
    again = Sensor().open(bench)
    clock.turn(1)
    assert again.read()["current"] == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize(
    ("after_reset", "name"), [(0x4127, "INA226"), (0x6127, "0x6127"), (0xFFFF, "0xffff"), (0, "0x0")]
)
def test_another_chip_is_refused_by_name(after_reset: int, name: str, bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x44, Chip(clock, after_reset=after_reset))
    with pytest.raises(SensorError, match=name):
        Sensor(address=0x44).open(bench)


def test_nothing_there_and_a_wire_that_comes_off_are_reported(bench: Bench, clock: HandClock) -> None:
    with pytest.raises(SensorError, match="0x41"):
        Sensor(address=0x41).open(bench)
    bench.i2c_chip(1, 0x41, Ina219(clock))
    sensor = Sensor(address=0x41).open(bench)
    bench.i2c_chip(1, 0x41, None)
    with pytest.raises(SensorError, match="Remote I/O"):
        sensor.read()


def test_its_load_can_be_turned_by_hand(bench: Bench, clock: HandClock) -> None:
    sensor = Sensor(max_a=1.6)
    voltage, current = handles(sensor, bench, place(sensor, bench))
    voltage.turn(24.0)
    current.turn(-0.5)
    opened = sensor.open(bench)
    clock.turn(1)
    assert opened.read() == pytest.approx({"voltage": 24.0, "current": -0.5, "power": -12.0, "overload": 0}, abs=0.01)
    assert (voltage.now(), current.now()) == (24.0, -0.5)
    current.turn(current.high)
    clock.turn(1)
    assert opened.read()["overload"] == 1
