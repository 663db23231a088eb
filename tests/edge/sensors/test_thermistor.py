"""The thermistor: a maker's curve, the divider both ways round, wires that are off, and either converter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.sensors.thermistor import Sensor, ohms, place, resistance, temperature
from tests.edge.sensors.models.ads1115 import Ads1115, Input, steady
from tests.edge.sensors.models.mcp3008 import Mcp3008
from tests.edge.sensors.stage import Stage

AMPHENOL = {-20: 9.681, 0: 3.264, 10: 1.990, 20: 1.249, 25: 1.0, 40: 0.5325, 60: 0.2487, 85: 0.1070, 100: 0.06781}
"""R/R25 of material type 1 (B25/85 = 3977): Amphenol Thermometrics, Temperature Resistance Curves, Rev. C, 2014."""


@pytest.mark.parametrize("celsius", AMPHENOL)
def test_a_makers_curve_is_followed_as_far_as_its_page_says(celsius: int) -> None:
    sensor = Sensor(channel=0, beta=3977)
    off = 0.5 if celsius >= 10 else 1.0 if celsius >= 0 else 2.0
    assert temperature(10_000 * AMPHENOL[celsius], sensor) == pytest.approx(celsius, abs=off)


def test_the_b_constant_is_defined_by_25_and_85_degrees() -> None:
    assert temperature(10_000, Sensor(channel=0)) == pytest.approx(25)
    assert temperature(1_070, Sensor(channel=0, beta=3977)) == pytest.approx(85, abs=0.03)


@settings(max_examples=40)
@given(st.floats(-30, 120), st.floats(3000, 4200), st.sampled_from(["gnd", "3v3"]), st.sampled_from([4700.0, 10_000.0]))
def test_what_the_divider_makes_comes_back_as_its_temperature(c: float, beta: float, side: str, fixed: float) -> None:
    sensor = Sensor(channel=0, beta=beta, side=side, fixed_ohm=fixed)
    ohm = ohms(c, sensor)
    low = ohm if side == "gnd" else fixed
    assert temperature(resistance(low / (ohm + fixed), sensor), sensor) == pytest.approx(c, abs=1e-6)


@pytest.mark.parametrize(
    ("share", "side", "said"),
    [(1.0, "gnd", "外れて"), (0.0, "gnd", "ショート"), (0.0, "3v3", "外れて"), (1.0, "3v3", "ショート")],
)
def test_either_end_of_the_divider_is_a_fault_named_by_its_side(share: float, side: str, said: str) -> None:
    with pytest.raises(SensorError, match=said):
        resistance(share, Sensor(channel=2, side=side))


def hum(volts: float, hz: float) -> Input:
    from math import pi, sin

    return lambda at: volts + 0.2 * sin(2 * pi * hz * at)


@pytest.mark.parametrize("hz", [50, 60])
@pytest.mark.parametrize("converter", ["ads1115", "mcp3008"])
def test_hum_of_the_mains_on_a_long_wire_averages_out(hz: int, converter: str) -> None:
    stage = Stage()
    sensor = Sensor(channel=0, converter=converter)
    signal = hum(1.65, hz)
    stage.bench.i2c_chip(1, 0x48, Ads1115(stage.clock, signal))
    stage.bench.spi_chip(0, 0, Mcp3008(lambda: signal(stage.clock.monotonic_ns() / 1e9)))
    stage.listen(sensor)
    stage.clock.turn(16)
    assert stage.values("temperature") == pytest.approx([25.0] * 4, abs=0.15)


@settings(max_examples=20, deadline=None)
@given(st.floats(3.0, 3.6), st.floats(-10, 90))
def test_a_supply_that_is_measured_need_not_be_known(supply: float, celsius: float) -> None:
    sensor = Sensor(channel=0, supply_channel=3)
    ohm = ohms(celsius, sensor)
    stage = Stage()
    chip = Ads1115(stage.clock, steady(supply * ohm / (ohm + 10_000)), steady(0), steady(0), steady(supply))
    stage.bench.i2c_chip(1, 0x48, chip)
    stage.listen(sensor)
    stage.clock.turn(1)
    assert stage.values("temperature") == [pytest.approx(celsius, abs=0.05)]


def test_a_supply_channel_with_nothing_on_it_is_reported() -> None:
    stage = Stage()
    stage.bench.i2c_chip(1, 0x48, Ads1115(stage.clock, steady(1.0)))
    stage.listen(Sensor(channel=0, supply_channel=3))
    with pytest.raises(SensorError, match="supply_channel"):
        stage.clock.turn(1)


def test_an_mcp3008_without_its_supply_is_told_as_what_it_looks_like() -> None:
    stage = Stage()
    chip = Mcp3008()
    chip.floating = 0
    stage.bench.spi_chip(0, 0, chip)
    stage.listen(Sensor(channel=0, converter="mcp3008"))
    with pytest.raises(SensorError) as shorted:
        stage.clock.turn(1)
    assert "MCP3008" in shorted.value.say("en")
    assert "0 V" in shorted.value.say("ja")


def test_a_bus_that_hangs_and_a_chip_that_is_not_there_are_sensor_errors() -> None:
    stage = Stage()
    chip = Ads1115(stage.clock, steady(1.0))
    stage.bench.i2c_chip(1, 0x48, chip)
    stage.listen(Sensor(channel=0))
    chip.deaf = True
    with pytest.raises(SensorError, match="0x48"):
        stage.clock.turn(1)
    with pytest.raises(SensorError, match="0x49"):
        Sensor(channel=0, address=0x49).listen(stage.bench, stage.tell)


def test_two_thermistors_and_their_supply_share_one_chip_on_the_bench() -> None:
    stage = Stage()
    tank, room = Sensor(channel=0, supply_channel=3), Sensor(channel=1, supply_channel=3)
    warm, cool = place(tank, stage.bench), place(room, stage.bench)
    warm.temperature, cool.temperature = 60.0, 18.0
    for sensor in (tank, room):
        stage.listen(sensor)
    stage.clock.turn(1)
    assert sorted(map(float, stage.values("temperature"))) == pytest.approx([18, 60], abs=0.1)
