"""The AHT20: recorded frames, damaged ones, and a second model of the chip."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.aht20 import Sensor, air
from tests.edge.sensors.models.aht20 import Aht20, shifted
from tests.edge.sensors.stage import START_NS


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def test_a_frame_recorded_from_a_real_chip() -> None:
    """elixir-sensors/aht20, wiki: 28 38 154 118 66 231 118, its check byte included."""
    measured = air(bytes([28, 38, 154, 118, 66, 231, 118]))
    assert measured["humidity"] == pytest.approx(158119 * 100 / 2**20)
    assert measured["temperature"] == pytest.approx(410343 * 200 / 2**20 - 50)  # 28.27 °C


def test_the_worked_example_of_another_driver() -> None:
    """peff74/ESP_AHT20_BMP280: 0x93AC9 of 2^20 is 57.69 %; the frame's low 20 bits, 0x52AC5, are the temperature."""
    bits = bytes([0x18, 0x93, 0xAC, 0x95, 0x2A, 0xC5])
    measured = air(bits + bytes([shifted("".join(f"{byte:08b}" for byte in bits))]))
    assert measured["humidity"] == pytest.approx(57.69, abs=0.01)
    assert measured["temperature"] == pytest.approx(0x52AC5 / 2**20 * 200 - 50)


def test_the_ends_of_the_scale() -> None:
    """6.1 and 6.2: RH = S / 2^20 x 100 %, T = S / 2^20 x 200 - 50 °C."""
    frame = bytes([0x18, 0, 0, 0, 0, 0])
    assert air(frame + bytes([shifted("".join(f"{byte:08b}" for byte in frame))])) == {
        "temperature": -50.0,
        "humidity": 0.0,
    }


@settings(max_examples=40)
@given(st.integers(0, 2**20 - 1), st.integers(0, 2**20 - 1))
def test_what_the_second_model_holds_is_what_is_read(rh: int, t: int) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.i2c_chip(1, 0x38, Aht20(clock, rh, t))
    sensor = Sensor().open(bench)
    assert sensor.read() == {}
    clock.turn(0.2)
    assert sensor.read() == {"temperature": t * 200 / 2**20 - 50, "humidity": rh * 100 / 2**20}
    sensor.close()


@given(st.integers(0, 2**48 - 1), st.integers(0, 55))
def test_a_spoilt_bit_is_never_a_value(held: int, bit: int) -> None:
    frame = held << 8 | shifted(f"{held:048b}")
    with pytest.raises(SensorError):
        air((frame ^ 1 << bit).to_bytes(7, "big"))


@pytest.mark.parametrize("frame", [b"", b"\x1c\x26", b"\0" * 7, b"\xff" * 7, bytes([28, 38, 154, 118, 66, 231, 255])])
def test_a_cut_frame_stuck_lines_and_an_aht10_are_never_a_value(frame: bytes) -> None:
    with pytest.raises(SensorError) as strange:
        air(frame)
    assert "AHT10" in strange.value.say("ja")
    assert "AHT10" in strange.value.say("en")


def test_it_measures_every_two_seconds_however_seldom_it_is_read(bench: Bench, clock: HandClock) -> None:
    chip = Aht20(clock)
    bench.i2c_chip(1, 0x38, chip)
    sensor = Sensor(every_s=3600.0).open(bench)
    clock.turn(60)
    assert chip.measured == 30
    sensor.close()
    clock.turn(60)
    assert chip.measured == 30


def test_a_chip_fresh_from_the_factory_is_calibrated_first(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x38, Aht20(clock, calibrated=False))
    sensor = Sensor().open(bench)
    clock.turn(0.2)
    assert sensor.read()


def test_one_that_cannot_be_calibrated_is_reported(bench: Bench, clock: HandClock) -> None:
    chip = Aht20(clock)
    chip.never_calibrates()
    bench.i2c_chip(1, 0x38, chip)
    Sensor().open(bench)
    with pytest.raises(SensorError, match="校正されていません"):
        clock.turn(0.2)


def test_one_that_is_a_little_slow_is_waited_for_and_one_that_hangs_is_reported(bench: Bench, clock: HandClock) -> None:
    chip = Aht20(clock)
    chip.slow_ms = 60
    bench.i2c_chip(1, 0x38, chip)
    sensor = Sensor().open(bench)
    clock.turn(0.12)
    assert sensor.read() == {}
    clock.turn(0.08)
    assert sensor.read()
    chip.slow_ms = 100_000
    with pytest.raises(SensorError, match="測定が終わりません"):
        clock.turn(3)


def test_a_stuck_bus_and_a_pulled_wire_are_reported(bench: Bench, clock: HandClock) -> None:
    with pytest.raises(SensorError, match="0x38"):
        Sensor().open(bench)
    bench.i2c_chip(1, 0x38, Aht20(clock))
    Sensor().open(bench)
    clock.turn(5)
    bench.i2c_chip(1, 0x38, None)
    with pytest.raises(SensorError, match="Remote I/O"):
        clock.turn(2)
    assert clock.next_due_ns is None
