"""An ADXL345 written from its data sheet (rev. E) alone: a sampler that ticks, 32 slots behind one output register.

The sampler ticks on the clock by itself, as the chip's oscillator does (``ppm`` off, as oscillators are). A tick puts a
sample into the FIFO; the output register holds the oldest, so 33 can be there at a time. The first byte of a write is
the register, reading walks on, and only walking past 0x37 moves the FIFO on.
"""

import math
from collections.abc import Callable

from edge.clock import Clock, Timer

HZ = {0x0A: 100, 0x0B: 200, 0x0C: 400, 0x0D: 800, 0x0E: 1600, 0x0F: 3200}
WRITABLE = {0x1E, 0x1F, 0x20, 0x2C, 0x2D, 0x2E, 0x2F, 0x31, 0x38}


Felt = Callable[[float], tuple[float, float, float]]


def at_rest(at_s: float) -> tuple[float, float, float]:
    return 0.0, 0.0, 1.0


class Adxl345:
    """``felt(seconds)`` gives x, y, z in g; ``ppm``: its oscillator is so far off."""

    def __init__(self, clock: Clock, felt: Felt = at_rest) -> None:
        self.felt, self.ppm = felt, 0
        self.lost = 0
        self.device = 0xE5
        self._clock = clock
        self._tick: Timer | None = None
        self._place = 0
        self.reset()

    def reset(self) -> None:
        """Power-on: table 19."""
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self._map = dict.fromkeys(range(0x3A), 0)
        self._map[0x2C] = 0x0A
        self._slots: list[tuple[int, int, int]] = []
        self._output: tuple[int, int, int] | None = None
        self._overrun = False

    def write(self, data: bytes) -> None:
        self._place, *values = data
        for value in values:
            assert self._place in WRITABLE, f"register 0x{self._place:02x} is not for writing"
            before, self._map[self._place] = self._map[self._place], value
            if self._place == 0x2C:
                assert value & 0x0F in HZ, "a rate this model has not"
            if self._place == 0x2D and (before ^ value) & 0x08:
                self._run(bool(value & 0x08))
            if self._place == 0x38 and value >> 6 == 0:
                self._slots, self._output, self._overrun = [], None, False
            self._place += 1

    def read(self, length: int) -> bytes:
        out = bytearray()
        for _ in range(length):
            out.append(self._byte(self._place))
            self._place += 1
            if self._place == 0x38 and length > 1:
                self._pop()
        return bytes(out)

    def _byte(self, register: int) -> int:
        if register == 0x00:
            return self.device
        if register == 0x30:
            return 0x80 * (self._output is not None) | 0x02 * (self._entries >= (self._map[0x38] & 31)) | self._overrun
        if register == 0x39:
            return self._entries
        if 0x32 <= register <= 0x37:
            axis, high = divmod(register - 0x32, 2)
            pattern = (self._output or (0, 0, 0))[axis] & 0xFFFF
            return pattern >> 8 if high else pattern & 0xFF
        return self._map[register]

    @property
    def _entries(self) -> int:
        return len(self._slots) + (self._output is not None)

    def _run(self, on: bool) -> None:
        if self._tick is not None:
            self._tick.cancel()
        self._tick = None
        if on:
            period_s = 1 / HZ[self._map[0x2C] & 0x0F] / (1 + self.ppm / 1e6)
            self._tick = self._clock.every(period_s, self._take, "chip")

    def _take(self) -> None:
        assert self._map[0x31] & 0x0F == 0x0B, "samples are read as full resolution, 16 g"
        sample = [max(-4096, min(4095, math.floor(g * 256 + 0.5))) for g in self.felt(self._clock.monotonic_ns() / 1e9)]
        stream = self._map[0x38] >> 6 == 2
        if self._output is None or not stream:
            self._output = (sample[0], sample[1], sample[2])
            return
        self._slots.append((sample[0], sample[1], sample[2]))
        if len(self._slots) > 32:
            self._output = self._slots.pop(0)
            self.lost += 1
        self._overrun |= len(self._slots) == 32

    def _pop(self) -> None:
        self._output = self._slots.pop(0) if self._slots else None
        self._overrun = False
