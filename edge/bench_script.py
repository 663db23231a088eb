"""A bench lent to an unchanged script: RPi.GPIO, smbus, smbus2, spidev, serial and gpiozero are its pins and buses.

    with lent(bench) as gpio:
        runpy.run_path("tutorial.py", run_name="__main__")

While it is lent those imports give the bench; afterwards they are what they were. Where a name is missing on this
machine (RPi.GPIO, smbus, spidev), fake-rpi's stands in for it, with the bench behind. One script at a time.
"""

import contextlib
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import serial
import smbus2

from edge.bench import Bench
from edge.bench_fake_rpi import quietly
from edge.bench_rpi_gpio import RpiGpio
from edge.bench_script_serial import serial_of

SPI_HZ = 500_000
"""spidev's own speed until the script sets one."""

GONE = object()


@contextlib.contextmanager
def lent(bench: Bench) -> Iterator[RpiGpio]:
    """The modules of a Pi, with the bench behind them; given back at the end."""
    gpio = RpiGpio(bench)
    instead: Mapping[str, Any] = {
        "RPi": _package(gpio),
        "RPi.GPIO": gpio,
        "smbus": _named("smbus", quietly("fake_rpi.smbus"), SMBus=_smbus(bench)),
        "smbus2": _named("smbus2", smbus2, SMBus=_smbus(bench)),
        "spidev": _named("spidev", None, SpiDev=_spidev(bench)),
        "serial": _named("serial", serial, Serial=serial_of(bench)),
    }
    before = {name: sys.modules.get(name, GONE) for name in instead}
    sys.modules.update(instead)
    try:
        with _gpiozero(bench):
            yield gpio
    finally:
        for name, module in before.items():
            if module is GONE:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module  # type: ignore[assignment]
        gpio.close()


@contextlib.contextmanager
def _gpiozero(bench: Bench) -> Iterator[None]:
    """Let gpiozero's devices be the bench's until the end; what the script left open is closed, as at Python's end.

    What a handler of the script raises is printed, and is no concern of the hand that moved the pin; after the end a
    device may be closed in the middle of its handler, and that is nobody's.
    """
    from gpiozero import Device

    ended = threading.Event()

    def raised(error: Exception) -> None:
        if not ended.is_set():
            traceback.print_exception(error)

    there = _devices(bench)
    before, Device.pin_factory = Device.pin_factory, bench.factory
    bench.factory.raised = raised
    try:
        yield
    finally:
        ended.set()
        for device in _devices(bench) - there:
            device.close()
        Device.pin_factory = before


def _devices(bench: Bench) -> set[Any]:
    """Gpiozero's devices that hold a pin of the bench."""
    with bench.factory._res_lock:
        return {
            device for held in bench.factory._reservations.values() for ref in held if (device := ref()) is not None
        }


def _package(gpio: RpiGpio) -> ModuleType:
    package = ModuleType("RPi")
    package.__path__ = []
    package.__spec__ = ModuleSpec("RPi", None, is_package=True)
    package.GPIO = gpio  # type: ignore[attr-defined]
    return package


def _named(name: str, real: ModuleType | None, **instead: Any) -> ModuleType:
    """The module with some of its names replaced; a copy, the real one stays as it is."""
    module = ModuleType(name)
    if real is not None:
        module.__dict__.update({key: value for key, value in vars(real).items() if key != "__name__"})
    module.__dict__.update(instead)
    module.__spec__ = ModuleSpec(name, None, is_package=hasattr(module, "__path__"))
    return module


def _smbus(bench: Bench) -> type:
    """``smbus.SMBus`` and ``smbus2.SMBus``: a bus of the bench by its number or its ``/dev/i2c-1``."""

    class SMBus:
        def __init__(self, bus: int | str | None = None, force: bool = False) -> None:  # noqa: ARG002 - the real one's
            self._bus: Any = None
            if bus is not None:
                self.open(bus)

        def __enter__(self) -> "SMBus":
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def open(self, bus: int | str) -> None:
            self._bus = bench.i2c(int(str(bus).removeprefix("/dev/i2c-")))

        def close(self) -> None:
            self._bus = None

        def __getattr__(self, verb: str) -> Any:
            if verb.startswith("_") or self._bus is None:
                raise AttributeError(verb)
            return getattr(self._bus, verb)

    return SMBus


def _spidev(bench: Bench) -> type:
    """``spidev.SpiDev``, as far as tutorials use it."""

    class SpiDev:
        max_speed_hz = SPI_HZ
        mode = 0
        bits_per_word = 8
        lsbfirst = no_cs = threewire = cshigh = loop = False

        def __init__(self, bus: int | None = None, device: int | None = None) -> None:
            self._where: tuple[int, int] | None = None
            if bus is not None and device is not None:
                self.open(bus, device)

        def open(self, bus: int, device: int) -> None:
            self._where = (bus, device)
            self._chip()

        def xfer2(self, data: Sequence[int], *_: Any) -> list[int]:
            return list(self._chip().transfer(list(data)))

        xfer = xfer2

        def xfer3(self, data: Sequence[int], *_: Any) -> tuple[int, ...]:
            return tuple(self.xfer2(data))

        def readbytes(self, n: int) -> list[int]:
            return self.xfer2([0] * n)

        def writebytes(self, data: Sequence[int]) -> None:
            self.xfer2(data)

        writebytes2 = writebytes

        def close(self) -> None:
            self._where = None

        def _chip(self) -> Any:
            if self._where is None:
                raise OSError("SpiDev is not open")
            return bench.spi(*self._where, hz=self.max_speed_hz, mode=self.mode)

    return SpiDev
