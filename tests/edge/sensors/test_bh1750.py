"""The BH1750: the technical note's examples, too much light, and a second model of the chip."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.bh1750 import Sensor, lux, time_commands
from tests.edge.sensors.models.bh1750 import Bh1750
from tests.edge.sensors.stage import START_NS


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


def test_the_example_of_the_technical_note() -> None:
    """Measurement procedure: 1000 0011 1001 0000 is (2^15 + 2^9 + 2^8 + 2^7 + 2^4) / 1.2 = 28067 lx."""
    assert round(lux(0b1000_0011_1001_0000)) == 28067
    assert round(lux(0b0000_0001_0001_0000)) == 227


def test_the_reach_of_the_time_register() -> None:
    """Its own figures, as on this sensor's page."""
    assert [int(lux(0xFFFF, mtreg)) for mtreg in (69, 31, 254)] == [54612, 121556, 14835]
    assert [round(lux(1, mtreg), 2) for mtreg in (69, 254)] == [0.83, 0.23]


def test_the_default_time_register_is_written_as_the_note_says() -> None:
    """01000_MT[7,6,5] and 011_MT[4,3,2,1,0]: 69 is 010 00101."""
    assert time_commands(69) == (0b01000_010, 0b011_00101)


@given(st.integers(31, 254))
def test_every_time_register_arrives_at_the_second_model(mtreg: int) -> None:
    chip = Bh1750(HandClock(START_NS))
    for command in time_commands(mtreg):
        chip.write(bytes([command]))
    assert chip.time_register == mtreg


@settings(max_examples=60)
@given(st.integers(0, 14_000), st.integers(31, 254))
def test_the_light_on_the_second_model_is_what_is_read(light: int, mtreg: int) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    bench.i2c_chip(1, 0x5C, Bh1750(clock, light * 1_000_000))
    sensor = Sensor(address=0x5C, mtreg=mtreg).open(bench)
    assert sensor.read() == {}
    clock.turn(0.9)
    assert sensor.read()["light"] == pytest.approx(light, abs=lux(1, mtreg) + 1e-6)
    sensor.close()


def test_it_measures_once_a_second_however_seldom_it_is_read(bench: Bench, clock: HandClock) -> None:
    chip = Bh1750(clock)
    bench.i2c_chip(1, 0x23, chip)
    sensor = Sensor(mtreg=254, every_s=3600.0).open(bench)
    clock.turn(60)
    assert chip.measured == 60
    sensor.close()
    assert clock.next_due_ns is None


def test_after_a_supply_failure_the_next_measurement_is_right_again(bench: Bench, clock: HandClock) -> None:
    chip = Bh1750(clock, 1_000_000_000)
    bench.i2c_chip(1, 0x23, chip)
    sensor = Sensor(mtreg=138).open(bench)
    clock.turn(0.9)
    chip.supply_fails()
    clock.turn(1)
    assert chip.time_register == 138
    assert sensor.read()["light"] == pytest.approx(1000, abs=1)


@pytest.mark.parametrize("mtreg", [31, 69, 254])
def test_light_beyond_the_reach_is_reported_with_what_to_do(mtreg: int, bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x23, Bh1750(clock, 200_000_000_000))
    Sensor(mtreg=mtreg).open(bench)
    with pytest.raises(SensorError) as bright:
        clock.turn(1)
    assert "mtreg" in bright.value.say("ja")
    assert f"{lux(0xFFFF, mtreg):.0f} lx" in bright.value.say("en")


class HeldHigh:
    """It answers, but SDA is loose: every bit reads as one."""

    def write(self, data: bytes) -> None:
        pass

    def read(self, length: int) -> bytes:
        return b"\xff" * length


def test_a_loose_wire_that_reads_ones_is_no_light(bench: Bench, clock: HandClock) -> None:
    bench.i2c_chip(1, 0x23, HeldHigh())
    Sensor().open(bench)
    with pytest.raises(SensorError, match="SDA"):
        clock.turn(1)


def test_nothing_there_and_a_wire_that_comes_off_are_reported(bench: Bench, clock: HandClock) -> None:
    with pytest.raises(SensorError, match="0x23"):
        Sensor().open(bench)
    bench.i2c_chip(1, 0x23, Bh1750(clock))
    Sensor().open(bench)
    clock.turn(0.1)
    bench.i2c_chip(1, 0x23, None)
    with pytest.raises(SensorError, match="Remote I/O"):
        clock.turn(1)
