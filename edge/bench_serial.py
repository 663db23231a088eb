"""The bench's serial ports: pseudo-terminals under pyserial, so that a driver meets the kernel's own read and poll.

The device's end is held here. Bytes typed while nobody has the port open are lost, as on a wire. Pulling the plug hangs
the port up as a USB adapter does. A pseudo-terminal has no speed: a device that was given its settings (``plug(port,
Settings(2400, 7, "E"))``) sends rubbish to a driver that opened the port with others.
"""

import contextlib
import os
import select
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import serial

from contract.reading import NS_PER_S
from edge import troubles
from edge.clock import Clock

CHUNK = 1024
"""A pseudo-terminal holds 4 KiB; a driver reads in between."""

PATIENCE_S = 5.0
"""The kernel passes bytes through a pseudo-terminal in microseconds; longer than this is a bug."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a port is set: baud, data bits, parity (N E O), stop bits."""

    baud: int
    bits: int = 8
    parity: str = "N"
    stop: float = 1


class BenchPort(serial.Serial):  # type: ignore[misc]  # pyserial has no types
    """A ``serial.Serial`` on a pseudo-terminal, which counts what its driver has read."""

    taken = 0
    answer: Callable[[bytes], None] | None = None
    say: Callable[[], None] | None = None
    by_hand = False
    _timeout: float | None

    def read(self, size: int = 1) -> bytes:
        """As pyserial's; who waits (``timeout``) gets the device's answer, and by hand does not wait for more."""
        if self.timeout and self.say is not None:
            self.say()
        patience = self._timeout
        self._timeout = 0 if self.by_hand else patience
        try:
            data = cast(bytes, super().read(size))
        finally:
            self._timeout = patience
        self.taken += len(data)
        return data

    def write(self, data: bytes) -> int | None:
        """As pyserial's; the device hears it."""
        count = cast("int | None", super().write(data))
        if self.answer is not None:
            self.answer(bytes(data))
        return count


class BenchSerial:
    """One port of the bench: the device's end, and the end a driver has open."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.overruns = 0
        self._clock = clock
        self._plugged = True
        self._device: Settings | None = None
        self._reply: Callable[[bytes], bytes] | None = None
        self._set: Settings | None = None
        self._master = -1
        self._open: BenchPort | None = None
        self._typed = 0
        self._said: deque[bytes] = deque()

    def open(self, settings: Settings) -> BenchPort:
        """The driver's end. Raises SensorError if the plug is out or another sensor has it open."""
        if not self._plugged:
            raise troubles.no_port(self.name, "No such file or directory")
        if self._open is not None and self._open.is_open:
            raise troubles.no_port(self.name, "Device or resource busy")
        self._hang_up()
        self._master, slave = os.openpty()
        os.set_blocking(self._master, False)
        try:
            port = BenchPort(os.ttyname(slave), timeout=0, exclusive=True)
        finally:
            os.close(slave)
        port.answer, port.say, port.by_hand = self._hear, self._say, hasattr(self._clock, "pump")
        self._open, self._set, self._typed = port, settings, 0
        self._said.clear()
        return port

    def plug(self, settings: Settings | None = None, reply: Callable[[bytes], bytes] | None = None) -> None:
        """Plug a device in; ``reply`` is what it says to what it is told. An open port stays as it is."""
        self._plugged, self._device, self._reply = True, settings, reply

    def unplug(self) -> None:
        """Pull the plug; a driver that has the port open finds it hung up."""
        self._plugged = False
        self._hang_up()
        self._pump()

    def type(self, data: bytes) -> None:
        """Let the device send ``data``. On a hand-turned clock its watchers have read all of it when this returns."""
        data = self._on_the_wire(data)
        for start in range(0, len(data), CHUNK):
            if self._open is None or not self._open.is_open or not self._plugged:
                return
            self._send(data[start : start + CHUNK])
            self._let_it_be_read(self._open)

    def close(self) -> None:
        """Close both ends."""
        if self._open is not None:
            self._open.close()
        self._hang_up()

    def _on_the_wire(self, data: bytes) -> bytes:
        """What the driver's settings make of the device's bytes."""
        if self._set is None:
            return data
        if self._device is not None and self._device != self._set:
            return bytes((byte * 7 + 0x81) & 0xFF for byte in data)
        return data if self._set.bits == 8 else bytes(byte & 0x7F for byte in data)

    def _send(self, data: bytes) -> None:
        """Hand the bytes to the kernel; a driver that does not read for a second loses them, as with a UART."""
        until = _now() + 1.0
        while data:
            _, ready, _ = select.select([], [self._master], [], max(0.0, until - _now()))
            if not ready:
                self.overruns += len(data)
                return
            count = os.write(self._master, data)
            self._typed += count
            data = data[count:]

    def _let_it_be_read(self, port: BenchPort) -> None:
        """By hand: call the watchers until all is read; without a watcher: until all has arrived."""
        if not hasattr(self._clock, "pump"):
            return
        until = _now() + PATIENCE_S
        while port.is_open and self._master >= 0 and port.taken + port.in_waiting < self._typed:
            if _now() > until:
                raise TimeoutError(f"{self.name}: {self._typed - port.taken} bytes typed and never arrived")
            select.select([port.fileno()], [], [], 0.001 if port.in_waiting else PATIENCE_S)
        while port.is_open and self._master >= 0 and port.taken < self._typed and self._pump():
            if _now() > until:
                raise TimeoutError(f"{self.name}: {self._typed - port.taken} bytes are watched and never read")

    def _pump(self) -> bool:
        pump: Any = getattr(self._clock, "pump", None)
        return bool(pump and pump())

    def _hear(self, data: bytes) -> None:
        if self._reply is not None and self._plugged and (said := self._reply(self._on_the_wire(data))):
            self._said.append(said)
            self._clock.at(self._clock.monotonic_ns(), self._say, lane="bench")

    def _say(self) -> None:
        """What the device has to say by now; whoever waits for it has it said at once."""
        with contextlib.suppress(IndexError):
            while True:
                self.type(self._said.popleft())

    def _hang_up(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            self._master = -1


def _now() -> float:
    """The computer's own clock: only for how long the kernel may take."""
    return time.monotonic_ns() / NS_PER_S
