"""The ADXL345: scale, stretches and what breaks them, on a second chip whose oscillator ticks by itself."""

import math
from collections.abc import Iterator
from itertools import pairwise

import pytest

from contract.errors import SensorError
from contract.reading import NS_PER_S
from edge.bench_bus import I2CChip
from edge.sensors import Listening
from edge.sensors.adxl345 import MEASURES, OVERRUNS, Chip, Sensor, handles, place
from tests.edge.sensors.models.adxl345 import Adxl345, Felt
from tests.edge.sensors.stage import Stage

G = 9.80665
SECOND = Sensor(rate_hz=400, every_s=2.0)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.bench.close()


def shaken(swing_g: float, frequency: float) -> Felt:
    def felt(at_s: float) -> tuple[float, float, float]:
        wave = swing_g * math.sin(2 * math.pi * frequency * at_s)
        return 0.1 * wave, 0.0, 1.0 + wave

    return felt


def wired(stage: Stage, chip: I2CChip, sensor: Sensor = SECOND) -> Listening:
    stage.bench.i2c_chip(1, sensor.address, chip)
    return stage.listen(sensor)


def last(stage: Stage, measure: str) -> float:
    value = stage.values(measure)[-1]
    assert isinstance(value, float)
    return value


def test_one_g_is_256_steps() -> None:
    """Rev. E, table 1: 256 LSB/g in full resolution; table 7: the codes of the rates."""
    from edge.sensors import adxl345

    assert adxl345.LSB_PER_G == 256
    assert adxl345.RATES == {100: 0b1010, 200: 0b1011, 400: 0b1100, 800: 0b1101}


@pytest.mark.parametrize(("asked", "given"), [(100, 100), (101, 200), (250, 400), (400, 400), (800, 800)])
def test_a_rate_between_two_is_the_next_faster_one(asked: int, given: int) -> None:
    assert Sensor(rate_hz=asked).chip_hz == given


def test_a_shaken_machine_is_told_as_it_is(stage: Stage) -> None:
    chip = Adxl345(stage.clock, shaken(2.0, 47.3))
    listening = wired(stage, chip)
    stage.clock.turn(1.6)
    listening.check()
    assert last(stage, "rms") == pytest.approx(2.0 * G / math.sqrt(2), rel=0.01)
    assert last(stage, "peak") == pytest.approx(2.0 * G, rel=0.01)
    assert last(stage, "crest_factor") == pytest.approx(math.sqrt(2), rel=0.01)
    assert last(stage, "kurtosis") == pytest.approx(1.5, rel=0.01)
    assert last(stage, "main_frequency") == pytest.approx(47.3, abs=0.15)
    assert listening.health() == {"stretches": 1, "overruns": 0, "clipped": 0}
    assert chip.lost == 0


def test_a_stretch_is_dated_at_its_end_and_the_next_one_keeps_the_interval(stage: Stage) -> None:
    wired(stage, Adxl345(stage.clock, shaken(1.0, 20.0)))
    stage.clock.turn(7.5)
    ends = [at_ns / NS_PER_S for name, _, at_ns in stage.told if name == "rms"]
    assert len(ends) == 4
    assert ends[0] == pytest.approx(513 / 400, abs=0.1)
    assert [b - a for a, b in pairwise(ends)] == pytest.approx([2.0] * 3, abs=0.05)


def test_the_frequency_is_right_though_the_chips_oscillator_is_five_percent_off(stage: Stage) -> None:
    chip = Adxl345(stage.clock, shaken(2.0, 60.0))
    chip.ppm = -50_000
    wired(stage, chip)
    stage.clock.turn(1.8)
    assert last(stage, "main_frequency") == pytest.approx(60.0, abs=0.4)


@pytest.mark.parametrize("rate_hz", [100, 200, 400, 800])
def test_every_rate_loses_nothing(stage: Stage, rate_hz: int) -> None:
    chip = Adxl345(stage.clock, shaken(1.0, rate_hz / 10))
    listening = wired(stage, chip, Sensor(rate_hz=rate_hz, every_s=6.0))
    stage.clock.turn(5.9)
    assert listening.health() == {"stretches": 1, "overruns": 0, "clipped": 0}
    assert chip.lost == 0
    assert last(stage, "main_frequency") == pytest.approx(rate_hz / 10, rel=0.005)


def test_another_axis_is_looked_at_where_it_is_named(stage: Stage) -> None:
    wired(stage, Adxl345(stage.clock, shaken(2.0, 47.3)), Sensor(axis="x", rate_hz=400))
    stage.clock.turn(1.6)
    assert last(stage, "rms") == pytest.approx(0.2 * G / math.sqrt(2), rel=0.02)


def test_a_still_machine_has_no_frequency_and_no_crest(stage: Stage) -> None:
    wired(stage, Adxl345(stage.clock))
    stage.clock.turn(1.6)
    assert {name for name, _, _ in stage.told} == {"rms", "peak"}
    assert last(stage, "rms") == 0.0


def test_a_stretch_in_which_the_fifo_ran_full_is_thrown_away(stage: Stage) -> None:
    chip = Adxl345(stage.clock, shaken(1.0, 20.0))
    listening = wired(stage, chip)
    stage.clock.turn(0.5)
    for _ in range(40):
        chip._take()  # a burst that nobody fetched in time
    stage.clock.turn(0.1)
    assert listening.health()["overruns"] == 1
    stage.clock.turn(1.0)
    assert not stage.told
    stage.clock.turn(0.4)
    assert last(stage, "main_frequency") == pytest.approx(20.0, abs=0.1)
    listening.check()


def test_a_bus_that_is_always_too_slow_is_reported_with_what_to_do(stage: Stage) -> None:
    chip = Adxl345(stage.clock)
    chip.ppm = 3_000_000
    listening = wired(stage, chip)
    stage.clock.turn(2.0)
    with pytest.raises(SensorError) as slow:
        listening.check()
    assert "i2c_arm_baudrate=400000" in slow.value.say("ja")
    assert listening.health()["overruns"] == OVERRUNS
    assert not stage.told


def test_samples_cut_off_at_16_g_are_counted(stage: Stage) -> None:
    listening = wired(stage, Adxl345(stage.clock, shaken(20.0, 20.0)))
    stage.clock.turn(1.6)
    assert listening.health()["clipped"] > 100
    assert last(stage, "peak") < 17 * G


def test_a_supply_that_fails_in_the_middle_is_reported_and_the_next_opening_measures(stage: Stage) -> None:
    chip = Adxl345(stage.clock, shaken(1.0, 20.0))
    listening = wired(stage, chip)
    stage.clock.turn(0.6)
    chip.reset()
    stage.clock.turn(3.0)
    with pytest.raises(SensorError) as stopped:
        listening.check()
    assert "電源" in stopped.value.say("ja")
    listening.close()
    stage.listen(SECOND)
    stage.clock.turn(1.6)
    assert stage.values("rms")


def test_no_gravity_is_a_broken_part(stage: Stage) -> None:
    listening = wired(stage, Adxl345(stage.clock, lambda at_s: (0.0, 0.0, 0.0)))
    stage.clock.turn(1.6)
    with pytest.raises(SensorError) as weightless:
        listening.check()
    assert "重力" in weightless.value.say("ja")
    assert "0.00 g" in weightless.value.say("en")


def test_the_wrong_chip_is_refused_at_once_and_later(stage: Stage) -> None:
    chip = Adxl345(stage.clock)
    listening = wired(stage, chip)
    stage.clock.turn(1.6)
    chip.device = 0xE6
    stage.clock.turn(2.0)
    with pytest.raises(SensorError) as swapped:
        listening.check()
    assert "0xe6" in swapped.value.say("en")
    with pytest.raises(SensorError) as wrong:
        stage.listen(SECOND)
    assert "0xe6" in wrong.value.say("en")


def test_a_wire_that_comes_off_is_reported(stage: Stage) -> None:
    listening = wired(stage, Adxl345(stage.clock))
    stage.clock.turn(0.3)
    stage.bench.i2c_chip(1, 0x53, None)
    stage.clock.turn(0.3)
    with pytest.raises(SensorError) as gone:
        listening.check()
    assert "0x53" in gone.value.say("en")
    listening.close()
    listening.close()


def test_a_closed_sensor_leaves_the_chip_asleep_and_says_nothing(stage: Stage) -> None:
    chip = Adxl345(stage.clock)
    listening = wired(stage, chip)
    stage.clock.turn(0.3)
    listening.close()
    assert stage.clock.next_due_ns is None
    assert not stage.told


def test_the_two_chips_tell_the_same(stage: Stage) -> None:
    one, two = Chip(stage.clock), Adxl345(stage.clock)
    one.swing, one.main_frequency = 2.0 * G, 47.3
    two.felt = lambda at_s: (0.0, 0.0, 1.0 + 2.0 * math.sin(2 * math.pi * 47.3 * at_s))
    wired(stage, one)
    wired(stage, two, Sensor(address=0x1D, rate_hz=400, every_s=2.0))
    stage.clock.turn(1.6)
    for measure in MEASURES:
        first, second = stage.values(measure.key)
        assert first == pytest.approx(second, rel=0.01)


def test_what_a_hand_turns_is_what_is_told(stage: Stage) -> None:
    part = place(SECOND, stage.bench)
    listening = stage.listen(SECOND)
    by_key = {handle.key: handle for handle in handles(SECOND, stage.bench, part)}
    by_key["swing"].turn(30.0)  # type: ignore[union-attr]
    by_key["main_frequency"].turn(81.5)  # type: ignore[union-attr]
    stage.clock.turn(1.6)
    assert last(stage, "peak") == pytest.approx(30.0, rel=0.01)
    assert last(stage, "main_frequency") == pytest.approx(by_key["main_frequency"].now(), abs=0.1)  # type: ignore[union-attr]
    stage.clock.turn(0.6)
    by_key["supply"].push()  # type: ignore[union-attr]
    stage.clock.turn(3.0)
    with pytest.raises(SensorError):
        listening.check()
