"""The SHT31: the data sheet's figures, damaged answers, and a second model of the chip."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.sht31 import Chip, Sensor, air, words
from tests.edge.sensors.models.sht31 import Sht3x, check
from tests.edge.sensors.stage import START_NS


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def test_the_ends_and_the_middle_of_the_scale() -> None:
    """4.13: T = -45 + 175 S / (2^16 - 1) °C, RH = 100 S / (2^16 - 1) %."""
    assert air(0, 0) == {"temperature": -45, "humidity": 0}
    assert air(65535, 65535) == {"temperature": 130, "humidity": 100}
    assert air(0x6666, 0x8000) == pytest.approx({"temperature": 25.0, "humidity": 50.0008}, abs=1e-3)


def test_the_check_byte_of_the_data_sheet() -> None:
    """4.12: CRC (0xBEEF) = 0x92; the second model divides for itself."""
    assert words(b"\xbe\xef\x92", 0x44) == (0xBEEF,)
    assert check(0xBEEF) == 0x92


@given(st.integers(0, 65535), st.integers(0, 65535))
def test_the_second_models_check_byte_is_ours(first: int, second: int) -> None:
    frame = b"".join(word.to_bytes(2, "big") + bytes([check(word)]) for word in (first, second))
    assert words(frame, 0x44) == (first, second)


@given(st.integers(0, 65535), st.integers(0, 23))
def test_a_spoilt_bit_is_never_a_value(word: int, bit: int) -> None:
    frame = word << 8 | check(word)
    with pytest.raises(SensorError):
        words((frame ^ 1 << bit).to_bytes(3, "big"), 0x44)


@pytest.mark.parametrize("frame", [b"\xbe\xef", b"\xbe", b"\xbe\xef\x92\xbe", b"\0" * 6, b"\xff" * 6])
def test_a_cut_frame_and_stuck_lines_are_never_a_value(frame: bytes) -> None:
    with pytest.raises(SensorError, match="壊れ"):
        words(frame, 0x44)


@settings(max_examples=30)
@given(st.integers(0, 65535), st.integers(0, 65535))
def test_what_the_second_model_holds_is_what_is_read(t: int, rh: int) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    chip = Sht3x(clock, t, rh)
    bench.i2c_chip(1, 0x45, chip)
    sensor = Sensor(address=0x45).open(bench)
    clock.turn(0.5)
    assert sensor.read() == air(t, rh)
    sensor.close()


def test_it_measures_once_a_second_and_keeps_every_pause_of_the_data_sheet(bench: Bench, clock: HandClock) -> None:
    chip = Sht3x(clock)
    bench.i2c_chip(1, 0x44, chip)
    sensor = Sensor(every_s=3600.0).open(bench)
    assert sensor.read() == {}
    clock.turn(60)
    assert chip.measured == 60
    assert chip.asked == {0x2400}, "table 8: high repeatability, no clock stretching"
    chip.t = 0
    clock.turn(1)
    assert sensor.read()["temperature"] == -45
    sensor.close()
    clock.turn(60)
    assert chip.measured == 61


def test_a_chip_left_measuring_by_itself_with_its_heater_on_is_put_right(bench: Bench, clock: HandClock) -> None:
    chip = Sht3x(clock)
    chip.be_periodic()
    bench.i2c_chip(1, 0x44, chip)
    sensor = Sensor().open(bench)
    clock.turn(1)
    assert not chip.heats
    assert sensor.read()


class DeafToHeater(Chip):
    """A chip whose heater cannot be switched off."""

    def write(self, data: bytes) -> None:
        super().write(data)
        self.heater = True


def test_a_heater_that_stays_on_is_reported(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x44, DeafToHeater(clock))
    Sensor().open(bench)
    with pytest.raises(SensorError, match="0x2000"):
        clock.turn(1)


class Registers:
    """An INA219 at the same address, that takes a command for a register."""

    def write(self, data: bytes) -> None:
        pass

    def read(self, length: int) -> bytes:
        return (b"\x39\x9f" * length)[:length]


def test_another_chip_at_that_address_is_told_by_its_check_bytes(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x44, Registers())
    Sensor().open(bench)
    with pytest.raises(SensorError) as wrong:
        clock.turn(1)
    assert "SHT30" in wrong.value.say("ja")
    assert "39 9f 39" in wrong.value.say("en")


def test_a_spoilt_answer_names_the_wires_in_both_languages(bench: Bench, clock: HandClock) -> None:
    chip = Chip(clock)
    bench.i2c_chip(1, 0x44, chip)
    Sensor().open(bench)
    clock.turn(1)
    chip.flips = 47
    with pytest.raises(SensorError) as damaged:
        clock.turn(1)
    assert "線を短く" in damaged.value.say("ja")
    assert "SDA and SCL short" in damaged.value.say("en")
    assert clock.next_due_ns is None


class Stuck:
    """Somebody holds SDA down: the kernel gives up."""

    def write(self, data: bytes) -> None:
        raise OSError(110, "Connection timed out")

    def read(self, length: int) -> Any:
        raise OSError(110, "Connection timed out")


def test_a_stuck_bus_is_reported_when_it_is_opened(bench: Bench) -> None:
    bench.i2c_chip(1, 0x44, Stuck())
    with pytest.raises(SensorError, match="Connection timed out"):
        Sensor().open(bench)


def test_a_chip_that_goes_away_between_command_and_answer_is_reported(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x44, Chip(clock))
    Sensor().open(bench)
    clock.turn(0.01)
    bench.i2c_chip(1, 0x44, None)
    with pytest.raises(SensorError, match="0x44") as gone:
        clock.turn(1)
    assert "i2cdetect -y 1" in gone.value.say("en")
