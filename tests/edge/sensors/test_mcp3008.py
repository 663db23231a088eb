"""The MCP3008, bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.mcp3008 import Chip, Sensor, answered, asked
from tests.edge.sensors.models.mcp3008 import Mcp3008
from tests.edge.sensors.stage import START_NS


@given(st.integers(0, 1023), st.integers(0, 7))
def test_every_step_of_every_channel_comes_through(steps: int, channel: int) -> None:
    chip = Chip()
    chip.volts[channel] = (steps + 0.5) * 3.3 / 1024
    assert answered(chip.transfer(asked(channel))) == steps


def test_the_bytes_are_those_of_the_data_sheet() -> None:
    """DS21295D, figure 6-1: start bit 7 bits in, single-ended, CH1; the answer behind the null bit."""
    chip = Chip(vref=1024.0)
    chip.volts[1] = 0b10_0000_0011
    assert asked(1)[:3] == bytes([0x01, 0x90, 0x00])
    assert chip.transfer(bytes([0x01, 0x90, 0x00])) == bytes([0, 0b010, 0b0000_0011])


@given(st.integers(0, 1023), st.integers(7, 26).filter(lambda bit: bit != 16))
def test_a_bit_spoilt_on_the_wire_is_noticed(steps: int, bit: int) -> None:
    chip = Chip(vref=1024.0)
    chip.volts[0] = steps
    chip.flips = bit
    assert answered(chip.transfer(asked(0))) is None


def test_an_answer_of_ones_is_no_answer() -> None:
    assert answered(b"\xff" * 5) is None


def test_a_chip_that_hears_no_start_bit_says_nothing() -> None:
    assert Chip().transfer(bytes(3)) == bytes(3)


def test_a_spoilt_answer_is_a_sensor_error_that_names_the_wires() -> None:
    bench = Bench(HandClock(START_NS))
    chip = Chip()
    chip.flips = 18
    bench.spi_chip(0, 1, chip)
    sensor = Sensor(channel=0, chip=1).open(bench)
    with pytest.raises(SensorError) as garbled:
        sensor.read()
    assert "CE1" in garbled.value.say("ja")
    assert "DOUT" in garbled.value.say("en")
    sensor.close()
    with pytest.raises(SensorError, match="closed"):
        sensor.read()


def test_the_voltage_follows_the_reference() -> None:
    bench = Bench(HandClock(START_NS))
    chip = Chip(vref=5.0)
    chip.volts[3] = 2.5
    bench.spi_chip(0, 0, chip)
    assert Sensor(channel=3, vref=5.0).open(bench).read()["voltage"] == pytest.approx(2.5, abs=0.005)


@given(st.integers(0, 7), st.floats(0, 3.29))
def test_a_second_model_clock_by_clock_gives_the_same(channel: int, volts: float) -> None:
    bench = Bench(HandClock(START_NS))
    chip = Mcp3008()
    chip.inputs[channel] = lambda: volts
    bench.spi_chip(0, 0, chip)
    assert Sensor(channel=channel).open(bench).read()["voltage"] == pytest.approx(volts, abs=3.3 / 1024)


@pytest.mark.parametrize("level", [0x55, 0xFF, 0x7F])
def test_a_wire_that_hangs_free_is_noticed_unless_it_reads_as_zeros(level: int) -> None:
    bench = Bench(HandClock(START_NS))
    chip = Mcp3008()
    chip.floating = level
    bench.spi_chip(0, 0, chip)
    with pytest.raises(SensorError, match="CE0"):
        Sensor(channel=0).open(bench).read()


def test_an_answer_cut_off_on_the_way_is_noticed_by_its_mirror_image() -> None:
    bench = Bench(HandClock(START_NS))
    chip = Mcp3008(lambda: 2.0)
    bench.spi_chip(0, 0, chip)
    for clock in range(13, 33):
        chip.loose_at = clock
        if clock != 23:  # B0 stands there once only
            with pytest.raises(SensorError):
                Sensor(channel=0).open(bench).read()
