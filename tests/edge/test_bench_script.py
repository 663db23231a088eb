"""What an unchanged script imports is the bench while it is lent, and what it was afterwards."""

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_script import lent
from edge.sensors import bme280, mcp3008

START_NS = 1_795_000_000_000_000_000
NAMES = ("RPi", "RPi.GPIO", "smbus", "smbus2", "spidev", "serial")


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(HandClock(START_NS))
    yield made
    made.close()


def test_the_modules_are_the_benchs_and_then_what_they_were(bench: Bench) -> None:
    before = {name: sys.modules.get(name) for name in NAMES}
    with lent(bench) as gpio:
        assert importlib.import_module("RPi.GPIO") is gpio
        assert importlib.import_module("RPi").GPIO is gpio
    assert {name: sys.modules.get(name) for name in NAMES} == before


@pytest.mark.parametrize("name", ["smbus", "smbus2"])
def test_a_chip_answers_on_the_i2c_bus_and_nothing_by_chance(bench: Bench, name: str) -> None:
    bme280.place(bme280.Sensor(), bench)
    with lent(bench):
        module: Any = importlib.import_module(name)
        bus = module.SMBus(1)
        assert bus.read_byte_data(0x76, 0xD0) == 0x60
        with pytest.raises(OSError, match="121"):
            bus.read_byte_data(0x77, 0xD0)
        bus.close()


def test_a_chip_answers_on_the_spi_bus(bench: Bench) -> None:
    mcp3008.place(mcp3008.Sensor(channel=0), bench).volts[0] = 1.65
    with lent(bench):
        module: Any = importlib.import_module("spidev")
        spi = module.SpiDev()
        spi.open(0, 0)
        spi.max_speed_hz = 1_000_000
        answer = spi.xfer2([1, 0x80, 0])
        spi.close()
    assert (answer[1] & 3) << 8 | answer[2] == 512


def test_a_serial_port_is_the_benchs(bench: Bench) -> None:
    with lent(bench):
        module: Any = importlib.import_module("serial")
        port = module.Serial("/dev/ttyUSB0", 9600, timeout=1)
        bench.type("/dev/ttyUSB0", b"ST,+00123.45  g\r\n")
        assert port.readline() == b"ST,+00123.45  g\r\n"
        port.close()


def test_gpiozeros_devices_stand_on_the_bench(bench: Bench) -> None:
    gpiozero: Any = importlib.import_module("gpiozero")
    with lent(bench), gpiozero.DigitalInputDevice(17, pull_up=True) as button, gpiozero.LED(18) as led:
        bench.drive(17, False)
        assert button.value == 1
        led.on()
        assert bench.level(18)
