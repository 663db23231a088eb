"""The lesson's bench: a Raspberry Pi that is not there, for a learner's file and for the check that plays the floor.

    board = BenchBoard()
    with board.plugged_in():
        led = gpiozero.LED(17)          # any gpiozero device, as on a real Pi
        led.on()
    assert board.level(17)

No thread and no waiting: time stands still until :meth:`BenchBoard.turn`. Runs wherever gpiozero does, a browser's
Python included.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gpiozero

from curriculum.bench_threads import on_the_clock
from edge.bench_bus import BenchI2C, I2CChip
from edge.bench_clock import HandClock
from edge.bench_pin import BenchFactory, BenchPin

NINE_O_CLOCK_NS = 1_775_001_600_000_000_000
"""2026-04-01 09:00:00 in Japan: where the bench's clock starts."""


class BenchBoard:
    """The pins, the I2C bus and the clock of one bench. Numbers of pins are GPIO numbers (BCM), never positions."""

    def __init__(self) -> None:
        self.clock = HandClock(NINE_O_CLOCK_NS)
        self._factory = BenchFactory(self.clock)
        self._bus = BenchI2C()

    @contextmanager
    def plugged_in(self) -> Iterator[None]:
        """Within the block every gpiozero device made without a factory of its own sits on this bench."""
        before = gpiozero.Device.pin_factory
        gpiozero.Device.pin_factory = self._factory
        try:
            with on_the_clock(self.clock):
                yield
        finally:
            gpiozero.Device.pin_factory = before

    def drive(self, pin: int, level: bool) -> None:
        """Put a voltage on a pin from outside; True is 3.3 V, False ground (a pressed button). Raises ShortCircuit."""
        self._pin(pin).wire(level)

    def release(self, pin: int) -> None:
        """Nothing connected to the pin any more: its pull decides."""
        self._pin(pin).wire(None)

    def level(self, pin: int) -> bool:
        """The voltage on a pin: True is 3.3 V."""
        return self._pin(pin).level

    def pull(self, pin: int) -> str:
        """What holds the pin when nothing is connected: ``up``, ``down`` or ``floating``."""
        return str(self._pin(pin).pull)

    def used(self, pin: int) -> bool:
        """Whether a gpiozero device of the learner's sits on the pin."""
        return pin in self.pins_used

    @property
    def pins_used(self) -> tuple[int, ...]:
        """Every GPIO number a device of the learner's sits on, in order."""
        held = self._factory._reservations
        names = [info.name for info, holders in held.items() if any(holder() is not None for holder in holders)]
        return tuple(sorted(int(name.removeprefix("GPIO")) for name in names if name.startswith("GPIO")))

    def is_output(self, pin: int) -> bool:
        """Whether the pin drives its wire (a lamp) instead of listening to it (a button)."""
        return bool(self._pin(pin).function == "output")

    def turn(self, seconds: float) -> None:
        """Let time pass: what is due in it happens, in order."""
        self.clock.turn(seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass, as the learner's file asks for it. While a press is told it stands still."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        if not self.clock._turning:
            self.clock.turn(seconds)

    @property
    def time_ns(self) -> int:
        """The bench's wall clock, nanoseconds since 1970 UTC."""
        return self.clock.time_ns()

    def bus(self) -> BenchI2C:
        """The I2C bus, with the verbs of ``smbus2.SMBus``; where no chip is plugged in it fails with errno 121."""
        return self._bus

    def put_i2c_chip(self, address: int, chip: I2CChip | None) -> None:
        """Plug a chip in at an address, or pull it out (None)."""
        self._bus.plug(address, chip)

    def close(self) -> None:
        """Give everything back."""
        self._factory.reset()

    def _pin(self, number: int) -> BenchPin:
        pin: Any = self._factory.pin(number)
        assert isinstance(pin, BenchPin)
        return pin
