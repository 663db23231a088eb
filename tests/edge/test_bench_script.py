"""What an unchanged script imports is the bench while it is lent, and what it was afterwards."""

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_script import lent
from edge.bench_serial import Settings
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


def test_rgb_servo_motor_and_buzzer_are_pulsed_and_shown_on_while_they_are(bench: Bench) -> None:
    gpiozero: Any = importlib.import_module("gpiozero")
    with lent(bench):
        with gpiozero.PWMLED(18) as led:
            led.value = 0.25
            assert (led.value, led.frequency, bench.level(18)) == (0.25, 100, True)
            led.off()
            assert (led.value, bench.level(18)) == (0.0, False)
            led.on()
        assert not bench.level(18)
        with gpiozero.RGBLED(5, 6, 13) as light:
            light.color = (1, 0, 0.5)
            assert [bench.level(pin) for pin in (5, 6, 13)] == [True, False, True]
        with gpiozero.Servo(19) as servo:
            servo.max()
            assert servo.value == 1.0
            assert bench.level(19)
        with gpiozero.TonalBuzzer(20) as buzzer:
            buzzer.play("A4")
            assert bench.level(20)
            buzzer.stop()
            assert not bench.level(20)
        with gpiozero.Motor(21, 26) as motor:
            motor.backward(0.5)
            assert (motor.value, bench.level(21), bench.level(26)) == (-0.5, False, True)
        with gpiozero.PWMLED(18, active_high=False, initial_value=0.25) as led:
            assert led.value == 0.25


def test_star_gives_the_names_and_each_module_can_be_looked_for(bench: Bench) -> None:
    with lent(bench) as gpio:
        seen: dict[str, Any] = {}
        exec("from RPi.GPIO import *", seen)
        assert seen["setup"] == gpio.setup
        assert seen["OUT"] == gpio.OUT
        assert "close" not in seen
        assert all(importlib.util.find_spec(name) is not None for name in NAMES)


def test_one_asks_who_is_on_the_i2c_bus_by_the_address_alone(bench: Bench) -> None:
    bme280.place(bme280.Sensor(), bench)
    with lent(bench):
        bus = importlib.import_module("smbus").SMBus(1)
        bus.write_quick(0x76)
        with pytest.raises(OSError, match="121"):
            bus.write_quick(0x77)


def test_xfer3_answers_a_tuple(bench: Bench) -> None:
    mcp3008.place(mcp3008.Sensor(channel=0), bench)
    with lent(bench):
        assert importlib.import_module("spidev").SpiDev(0, 0).xfer3([1, 0x80, 0]) == (0, 0, 0)


def test_a_port_is_set_by_place_by_name_or_afterwards(bench: Bench) -> None:
    bench.plug("/dev/ttyUSB0", Settings(2400, 7, "E", 2))
    with lent(bench):
        module: Any = importlib.import_module("serial")
        at_once = module.Serial("/dev/ttyUSB0", 2400, 7, "E", 2, 0.5)
        bench.type("/dev/ttyUSB0", b"one\n")
        assert at_once.readline() == b"one\n"
        at_once.close()
        port = module.Serial()
        assert not port.is_open
        with pytest.raises(module.PortNotOpenError):
            port.read()
        port.port, port.baudrate, port.bytesize = "/dev/ttyUSB0", 2400, module.SEVENBITS
        port.parity, port.stopbits, port.timeout = module.PARITY_EVEN, 2, 0
        port.open()
        assert port.is_open
        bench.type("/dev/ttyUSB0", b"two\nthree\n")
        assert (port.in_waiting, list(port)) == (10, [b"two\n", b"three\n"])
        port.timeout = 0.01
        assert (port.read(), port.timeout, isinstance(port, module.Serial)) == (b"", 0.01, True)
        with pytest.raises(module.SerialException, match="already open"):
            port.open()
        port.baudrate = 9600
        bench.type("/dev/ttyUSB0", b"2\n")
        assert port.read(2) != b"2\n"
        port.close()
        with pytest.raises(ValueError, match="parity"):
            module.Serial("/dev/ttyUSB0", parity="X")


def test_a_port_that_is_not_there_is_a_serial_exception(bench: Bench) -> None:
    bench.unplug("/dev/ttyUSB0")
    with lent(bench):
        module: Any = importlib.import_module("serial")
        with pytest.raises(module.SerialException, match="could not open port /dev/ttyUSB0"):
            module.Serial("/dev/ttyUSB0")


def test_a_device_that_blinks_on_is_closed_when_the_bench_is_given_back(bench: Bench) -> None:
    gpiozero: Any = importlib.import_module("gpiozero")
    with gpiozero.LED(17, pin_factory=bench.factory) as not_the_scripts:
        with lent(bench):
            led = gpiozero.PWMLED(18)
            led.blink(0.01, 0.01)
        assert led.closed
        assert not bench.level(18)
        assert not not_the_scripts.closed


def test_what_a_handler_raises_is_printed_and_the_next_edge_is_told(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    with lent(bench):
        module: Any = importlib.import_module("gpiozero")
        button = module.Button(17)
        told: list[int] = []

        def pressed() -> None:
            told.append(len(told))
            raise ValueError("a slip of the script")

        button.when_pressed = pressed
        for level in (False, True, False):
            bench.drive(17, level)
    assert told == [0, 1]
    assert capsys.readouterr().err.count("ValueError: a slip of the script") == 2


def test_an_end_in_the_middle_of_a_handler_is_not_told_to_the_hand(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.ExitStack() as script:
        script.enter_context(lent(bench))
        module: Any = importlib.import_module("gpiozero")
        button = module.Button(17)
        button.when_pressed = script.close
        bench.drive(17, False)
    assert button.closed
    assert capsys.readouterr().err == ""
