"""A Texas Instruments INA219, from SBOS448G: six registers of 16 bits, microvolts and microseconds in whole numbers.

Conversions run one after another in the time of table 5 and are latched when both are done; what is written with any
other length than a pointer or a pointer and two bytes is not acknowledged.
"""

import errno

from edge.clock import Clock

SAMPLE_US = {0b1001: 1060, 0b1010: 2130, 0b1011: 4260, 0b1100: 8510, 0b1101: 17020, 0b1110: 34050, 0b1111: 68100}
SAMPLE_US |= {0b0000: 84, 0b0001: 148, 0b0010: 276, 0b0011: 532, 0b1000: 532}


class Ina219:
    """``shunt_uv`` and ``bus_mv`` are what its pins see."""

    def __init__(self, clock: Clock, shunt_uv: int = 0, bus_mv: int = 0) -> None:
        self.shunt_uv, self.bus_mv = shunt_uv, bus_mv
        self._clock = clock
        self._at = 0
        self.power_on()

    def power_on(self) -> None:
        self._regs = [0x399F, 0, 0, 0, 0, 0]
        self._ready = self._over = False
        self._begin_us = self._now_us()

    def write(self, data: bytes) -> None:
        if len(data) not in (1, 3) or data[0] > 5:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        self._latch()
        self._at = data[0]
        if len(data) == 3 and self._at in (0, 5):
            value = data[1] * 256 + data[2]
            if self._at == 0 and value >= 0x8000:
                self.power_on()
            else:
                self._regs[self._at] = value if self._at == 0 else value - value % 2
            if self._at == 0:
                self._ready, self._begin_us = False, self._now_us()

    def read(self, length: int) -> bytes:
        if length != 2:
            raise OSError(errno.EREMOTEIO, "a register is two bytes")
        self._latch()
        value = self._regs[self._at]
        if self._at == 2:
            value = value | 2 * self._ready | self._over
        if self._at == 3:
            self._ready = False
        return value.to_bytes(2, "big")

    def _now_us(self) -> int:
        return self._clock.monotonic_ns() // 1000

    def _latch(self) -> None:
        """If a pair of conversions ended since the last, what it gave stands in the registers."""
        setup = self._regs[0]
        if setup & 7 != 7:
            return
        lasts = SAMPLE_US[setup >> 7 & 15] + SAMPLE_US[setup >> 3 & 15]
        ended = (self._now_us() - self._begin_us) // lasts
        if ended <= 0:
            return
        self._begin_us += ended * lasts
        limit = 4000 << (setup >> 11 & 3)
        shunt = max(-limit, min(limit, int(self.shunt_uv / 10)))
        bus = min(self.bus_mv // 4, 8000 if setup & 0x2000 else 4000)
        current = int(shunt * self._regs[5] / 4096)
        power = abs(current) * bus // 5000
        self._over = not -0x8000 <= current < 0x8000 or power > 0xFFFF
        self._regs[1:5] = [shunt & 0xFFFF, bus << 3, power & 0xFFFF, current & 0xFFFF]
        self._ready = True
