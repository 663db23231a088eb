"""A ROHM BH1750FVI, from its technical note: asleep, awake or measuring; counts and times in whole numbers.

It takes as long as the sheet allows at most (180 ms at a time register of 69). Reading sooner gives the count before.
"""

import errno

from edge.clock import Clock


class Bh1750:
    """``micro_lux`` is the light that falls on it (millionths of a lux)."""

    def __init__(self, clock: Clock, micro_lux: int = 0) -> None:
        self.micro_lux = micro_lux
        self.measured = 0
        self._clock = clock
        self._awake = False
        self._time = 0b0100_0101
        self._latch = 0
        self._end: int | None = None

    @property
    def time_register(self) -> int:
        """What stands in the measurement time register."""
        return self._time

    def supply_fails(self) -> None:
        """The power-on state."""
        self._awake, self._time, self._latch, self._end = False, 0b0100_0101, 0, None

    def write(self, data: bytes) -> None:
        if len(data) != 1:
            raise OSError(errno.EREMOTEIO, "an instruction is one byte")
        bits = f"{data[0]:08b}"
        if bits in ("00000000", "00000001"):
            self._awake = bits == "00000001"
        elif bits.startswith("01000"):
            self._time = int(bits[5:] + f"{self._time:08b}"[3:], 2)
        elif bits.startswith("011"):
            self._time = int(f"{self._time:08b}"[:3] + bits[3:], 2)
        elif bits == "00100000":
            self._end = self._clock.monotonic_ns() + 180_000_000 * self._time // 69
        else:
            raise OSError(errno.EREMOTEIO, f"instruction {bits} is not one this model knows")

    def read(self, length: int) -> bytes:
        if self._end is not None and self._clock.monotonic_ns() >= self._end:
            self._end, self._awake = None, False
            self.measured += 1
            self._latch = min(65535, self.micro_lux * 12 * self._time // (69 * 10 * 1_000_000))
        return bytes(divmod(self._latch, 256))[:length]
