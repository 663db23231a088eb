"""What stands on a bench for an agent, and that it can be pulled out and put back in."""

from typing import Any

import pytest

from contract.errors import SensorError
from contract.line import Line, Station
from contract.line import Sensor as LineSensor
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_parts import Placed, place_all
from edge.sensors import modules

START_NS = 1_795_000_000_000_000_000
MODULES = modules()


def placed(bench: Bench, **sensors: tuple[str, dict[str, Any]]) -> dict[str, Placed]:
    """The parts of a station's sensors: id to type and settings."""
    made = {id: LineSensor("washer", id, type, settings, ()) for id, (type, settings) in sensors.items()}
    station = Station("washer", "洗浄機", agent="pi-1", sensors=made)
    return place_all(Line("akita", "wash", stations={"washer": station}), "pi-1", bench, MODULES)


@pytest.fixture
def bench() -> Bench:
    return Bench(HandClock(START_NS))


def test_the_parts_of_a_lines_bus_sensors_are_plugged_into_the_bench(bench: Bench) -> None:
    found = placed(bench, air=("bme280", {"address": 0x77, "bus": 1, "every_s": 10.0}))
    assert bench.i2c(1).read_byte_data(0x77, 0xD0) == 0x60
    assert found["washer/air"].part.temperature == 23.0
    assert [plug.where for plug in found["washer/air"].plugs] == ["I2C 1 0x77"]


def test_a_chip_that_was_pulled_out_and_put_back_has_lost_its_supply(bench: Bench) -> None:
    found = placed(bench, air=("bme280", {"address": 0x76}))
    air = MODULES["bme280"].Sensor(address=0x76).open(bench)
    (plug,) = found["washer/air"].plugs
    plug.out()
    with pytest.raises(SensorError):
        air.read()
    plug.back()
    with pytest.raises(SensorError) as asleep:
        air.read()
    assert "stopped measuring" in asleep.value.say("en")


def test_two_channels_of_one_chip_are_one_chip(bench: Bench) -> None:
    found = placed(bench, light=("mcp3008", {"channel": 0}), pressure=("mcp3008", {"channel": 1}))
    chip = found["washer/light"].part
    assert found["washer/pressure"].part is chip
    chip.volts[:2] = [1.0, 2.0]
    read = [MODULES["mcp3008"].Sensor(channel=at).open(bench).read()["voltage"] for at in (0, 1)]
    assert read == [pytest.approx(1.0, abs=0.004), pytest.approx(2.0, abs=0.004)]


def test_a_serial_port_without_a_model_can_be_pulled_out_too(bench: Bench) -> None:
    found = placed(bench, scale=("scale_and", {"port": "/dev/ttyUSB0"}), done=("pulse", {"pin": 17}))
    (plug,) = found["washer/scale"].plugs
    plug.out()
    with pytest.raises(SensorError):
        bench.serial("/dev/ttyUSB0", 2400)
    plug.back()
    bench.serial("/dev/ttyUSB0", 2400).close()
    assert found["washer/done"] == Placed()
    bench.close()


def test_what_a_floor_does_to_a_part_waits_while_a_person_has_it_in_hand(bench: Bench) -> None:
    air = placed(bench, air=("bme280", {"address": 0x76}))["washer/air"]
    air.turn("temperature", 21.0)
    assert air.part.temperature == 21.0
    air.take()
    air.part.temperature = 45.0
    air.turn("temperature", 22.0)
    air.turn("humidity", 60.0)
    assert (air.part.temperature, air.part.humidity) == (45.0, 45.0)
    air.leave()
    assert (air.part.temperature, air.part.humidity) == (22.0, 60.0)
    air.take()
    air.part.temperature = 30.0
    air.leave()
    assert air.part.temperature == 30.0, "where no floor turns it, it stays"
    with pytest.raises(AttributeError):
        air.turn("colour", 1.0)
