"""The ADS1115: the data sheet's numbers, and a second model of it that averages and keeps its times."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench_clock import HandClock
from edge.sensors.ads1115 import FULL_SCALES, PAIRS, RATES, Chip, Converter, Place, Sensor, Turn, config, volts
from tests.edge.sensors.models.ads1115 import Ads1115, steady
from tests.edge.sensors.stage import START_NS, Stage


def wired(*inputs: float, ppm: int = 0) -> tuple[Stage, Ads1115]:
    stage = Stage()
    chip = Ads1115(stage.clock, *(steady(v) for v in inputs), ppm=ppm)
    stage.bench.i2c_chip(1, 0x48, chip)
    return stage, chip


def test_the_config_words_of_the_data_sheet() -> None:
    """SBAS444D, 9.6.3: after a reset AIN0 - AIN1, 2.048 V, single-shot, 128 SPS; 10.1.7: continuous."""
    assert config(0, 1, "2.048", 128) == 0x8583
    assert config(0, 1, "2.048", 128) & ~0x0100 == 0x8483
    assert config(0, None, "4.096", 128) == 0xC383
    assert config(3, None, "0.256", 860) == 0xFBE3


def test_the_codes_of_the_data_sheet() -> None:
    """SBAS444D, table 3: full scale less one step, one step, zero, minus one step, minus full scale."""
    step = 2.048 / 32768
    assert volts(0x7FFF, "2.048") == pytest.approx(2.048 - step)
    assert volts(0x0001, "2.048") == pytest.approx(62.5e-6)
    assert volts(0x0000, "2.048") == 0
    assert volts(0xFFFF, "2.048") == pytest.approx(-step)
    assert volts(0x8000, "2.048") == -2.048


@given(
    st.sampled_from([(0, None), (1, None), (2, None), (3, None), *PAIRS]),
    st.sampled_from(FULL_SCALES),
    st.sampled_from(RATES),
    st.tuples(*[st.floats(0, 3.3)] * 4),
)
@settings(max_examples=40, deadline=None)
def test_both_models_of_the_chip_give_what_lies_between_the_inputs(
    leads: tuple[int, int | None], full_scale: str, rate: int, inputs: tuple[float, ...]
) -> None:
    channel, minus = leads
    across = inputs[channel] - (0.0 if minus is None else inputs[minus])
    limit = float(full_scale)
    stage, second = wired(*inputs)
    first = Chip(stage.clock)
    first.volts[:] = inputs
    stage.bench.i2c_chip(1, 0x49, first)
    for address in (0x48, 0x49):
        converter = Converter(stage.bench, Place(address, 1), rate=rate, full_scale=full_scale, minus=minus)
        converter.start(channel)
        stage.clock.turn(converter.pause_s)
        assert converter.done()
        clipped = min(limit * (1 - 1 / 32768), max(-limit, across))
        assert converter.volts() == pytest.approx(clipped, abs=limit / 32768)
    assert second.conversions == 1


def test_the_slowest_chip_the_data_sheet_allows_is_waited_for() -> None:
    stage, _ = wired(1.0, ppm=100_000)
    converter = Converter(stage.bench, Place(0x48, 1), rate=8)
    converter.start(0)
    stage.clock.turn(0.1375)
    assert not converter.done()
    stage.clock.turn(converter.pause_s - 0.1375)
    assert converter.done()


def test_a_reading_comes_every_interval_and_is_of_its_own_moment() -> None:
    stage, chip = wired(0.5)
    listening = stage.listen(Sensor(channel=0, every_s=1.0))
    stage.clock.turn(1.5)
    chip.inputs[0] = steady(2.5)
    stage.clock.turn(2.0)
    assert stage.values("voltage") == pytest.approx([0.5, 0.5, 2.5, 2.5], abs=2e-4)
    assert [at // 10_000_000 for _, _, at in stage.told] == [0, 100, 200, 300]
    listening.close()


def test_sensors_that_share_a_chip_take_turns() -> None:
    """The model refuses a start in the middle of another conversion."""
    stage, _ = wired(0.1, 1.1, 2.1, 3.1)
    for channel in range(4):
        stage.listen(Sensor(channel=channel, rate="128", every_s=0.2))
    stage.clock.turn(2.05)
    for volts_there in (0.1, 1.1, 2.1, 3.1):
        assert len([v for v in stage.values("voltage") if v == pytest.approx(volts_there, abs=2e-4)]) >= 10


def test_who_does_not_have_the_chip_cannot_give_it_away() -> None:
    turn, one, other = Turn(), object(), object()
    assert turn.take(one)
    assert turn.take(one)
    assert not turn.take(other)
    turn.give_back(other)
    assert not turn.take(other)
    turn.give_back(one)
    assert turn.take(other)


def test_a_sensor_that_is_closed_in_the_middle_lets_the_others_go_on() -> None:
    stage, chip = wired(1.0, 2.0)
    first = stage.listen(Sensor(channel=0, rate="8"))
    second = stage.listen(Sensor(channel=1, every_s=0.2))
    first.close()
    chip.power_on()
    stage.clock.turn(1.0)
    assert stage.values("voltage")
    assert all(v == pytest.approx(2.0, abs=1e-3) for v in stage.values("voltage"))
    second.close()


def test_a_voltage_beyond_the_range_is_reported_and_not_told() -> None:
    stage, _ = wired(1.5)
    stage.listen(Sensor(channel=0, full_scale="1.024"))
    with pytest.raises(SensorError) as beyond:
        stage.clock.turn(1.0)
    assert "full_scale" in beyond.value.say("ja")
    assert stage.told == []


def test_a_supply_that_fails_in_the_middle_of_a_conversion_is_noticed() -> None:
    stage, chip = wired(1.5)
    stage.listen(Sensor(channel=0, rate="8"))
    stage.clock.turn(0.05)
    chip.power_on()
    with pytest.raises(SensorError) as forgot:
        stage.clock.turn(1.0)
    assert "電源" in forgot.value.say("ja")


class Pcf8591:
    """The other converter that tutorials put at 0x48: one byte, no registers."""

    def write(self, data: bytes) -> None: ...

    def read(self, length: int) -> bytes:
        return b"\x80" * length


def test_another_chip_at_its_address_is_refused_with_a_guess_what_it_is() -> None:
    stage = Stage()
    stage.bench.i2c_chip(1, 0x48, Pcf8591())
    stage.listen(Sensor(channel=0))
    with pytest.raises(SensorError, match="0x8080") as other:
        stage.clock.turn(1.0)
    assert "PCF8591" in other.value.say("en")


def test_a_conversion_that_never_ends_is_reported() -> None:
    stage, chip = wired(1.5)
    chip.ends = False
    stage.listen(Sensor(channel=0))
    with pytest.raises(SensorError, match="変換が終わりません"):
        stage.clock.turn(1.0)


def test_a_chip_that_is_pulled_out_and_a_bus_that_hangs_are_sensor_errors() -> None:
    stage, chip = wired(1.5)
    stage.listen(Sensor(channel=0))
    chip.deaf = True
    with pytest.raises(SensorError, match="0x48"):
        stage.clock.turn(1.0)
    with pytest.raises(SensorError, match="i2cdetect"):
        Sensor(channel=0, address=0x4B).listen(stage.bench, stage.tell)


@pytest.mark.parametrize(("channel", "minus"), [(1, 2), (3, 1), (0, 2), (2, 1)])
def test_a_pair_the_chip_does_not_have_is_refused(channel: int, minus: int) -> None:
    with pytest.raises(SensorError, match="minus = 3"):
        Sensor(channel=channel, minus=minus).listen(Stage().bench, lambda *_: None)


def test_two_channels_against_each_other_may_be_negative() -> None:
    stage, _ = wired(1.0, 1.25)
    stage.listen(Sensor(channel=0, minus=1, full_scale="0.512"))
    stage.clock.turn(0.5)
    assert stage.values("voltage") == [pytest.approx(-0.25, abs=2e-5)]


def test_the_benchs_own_chip_keeps_to_its_supply_and_its_times() -> None:
    clock = HandClock(START_NS)
    chip = Chip(clock)
    chip.volts[0] = 5.0
    chip.write(bytes([1, 0xC3, 0xE3]))
    chip.write(bytes([0]))
    assert chip.read(2) == b"\0\0"
    clock.turn(0.0012)
    assert int.from_bytes(chip.read(2), "big") * 4.096 / 32768 == pytest.approx(3.6, abs=0.001)
    chip.lose_power()
    chip.write(bytes([1]))
    assert chip.read(3) == bytes([0x85, 0x83, 0xFF])
