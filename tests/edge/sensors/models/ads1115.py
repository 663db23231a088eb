"""An ADS1115 from its data sheet (SBAS444D) alone: a modulator that averages its input while it converts.

The input is a function of time; a conversion is its mean over the conversion, because that is what a sinc filter of
that length gives. The oscillator may be off by ``ppm`` (7.3: up to 100,000). What the data sheet leaves without effect
(a start while converting) is refused here: a driver that does so has lost count. Bytes walk in one at a time.
"""

import errno
from collections.abc import Callable

from edge.clock import Clock

SECOND = 1_000_000_000
PER_SECOND = {"000": 8, "001": 16, "010": 32, "011": 64, "100": 128, "101": 250, "110": 475, "111": 860}
MICROVOLTS = {"000": 6_144_000, "001": 4_096_000, "010": 2_048_000, "011": 1_024_000, "100": 512_000}
LEADS = {"000": "01", "001": "03", "010": "13", "011": "23", "100": "0g", "101": "1g", "110": "2g", "111": "3g"}
SLICES = 24

Input = Callable[[float], float]
"""Volts at a time in seconds."""


def steady(volts: float) -> Input:
    return lambda _: volts


class Ads1115:
    """``inputs`` are A0 to A3; ``ends`` False: its conversions never end; ``deaf``: nobody acknowledges."""

    def __init__(self, clock: Clock, *inputs: Input, ppm: int = 0) -> None:
        self.inputs = [*inputs, *(steady(0.0) for _ in range(4 - len(inputs)))]
        self.ppm = ppm
        self.ends, self.deaf = True, False
        self.conversions = 0
        self._clock = clock
        self.power_on()

    def power_on(self) -> None:
        self._bits = "1000010110000011"
        self._conversion = 0
        self._points_at = 0
        self._began: int | None = None

    def write(self, data: bytes) -> None:
        if self.deaf:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        pointer, *rest = data
        assert pointer < 4, "bits 7 to 2 of the pointer are to be written as zero"
        self._points_at = pointer
        assert len(rest) in (0, 2), "a register is two bytes"
        if rest:
            assert pointer == 1, "the conversion register is for reading, the thresholds are not used"
            self._configure(f"{rest[0]:08b}{rest[1]:08b}")

    def read(self, length: int) -> bytes:
        if self.deaf:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        assert length == 2, "a register is two bytes"
        self._settle()
        if self._points_at == 0:
            return self._conversion.to_bytes(2, "big", signed=True)
        idle = "0" if self._began is not None else "1"
        word = idle + self._bits[1:]
        return bytes([int(word[:8], 2), int(word[8:], 2)])

    def _configure(self, bits: str) -> None:
        self._settle()
        assert bits[7] == "1", "continuous mode is not what several sensors can share"
        assert bits[14:] == "11", "the comparator would pull ALERT"
        assert self._began is None, "it is still converting for somebody else"
        self._bits = bits
        if bits[0] == "1":
            self._began = self._clock.monotonic_ns()

    def _lasts(self) -> int:
        return round(SECOND / PER_SECOND[self._bits[8:11]] * (1 + self.ppm / 1e6)) + 25_000

    def _settle(self) -> None:
        if self._began is None or not self.ends or self._clock.monotonic_ns() < self._began + self._lasts():
            return
        begin, lasts = self._began / SECOND, self._lasts() / SECOND
        leads = LEADS[self._bits[1:4]]
        times = [begin + lasts * (i + 0.5) / SLICES for i in range(SLICES)]
        mean = sum(self._lead(leads[0], t) - self._lead(leads[1], t) for t in times) / SLICES
        full = MICROVOLTS.get(self._bits[4:7], 256_000)
        self._conversion = max(-32768, min(32767, round(mean * 1_000_000 * 32768 / full)))
        self._began = None
        self.conversions += 1

    def _lead(self, name: str, at: float) -> float:
        return 0.0 if name == "g" else self.inputs[int(name)](at)
