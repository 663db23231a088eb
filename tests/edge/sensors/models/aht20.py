"""An ASAIR AHT20, from its data sheet (V1.0, 5.3 and 5.4): times kept, wrong orders not acknowledged.

Holds two 20-bit integers; its check byte comes from a table made by shifting one bit register, not from the sensor.
"""

import errno

from edge.clock import Clock

MS = 1_000_000


def shifted(bits: str) -> int:
    """A shift register of eight bits, all ones at first, fed back at 0, 4 and 5: the check byte of a string of bits."""
    register = [1] * 8
    for bit in bits:
        out = register[0] ^ int(bit)
        register = [*register[1:], 0]
        for tap in (7, 3, 2):
            register[tap] ^= out
    return int("".join(map(str, register)), 2)


class Aht20:
    """``rh`` and ``t`` are what it will measure; ``slow_ms`` how long it takes beyond 75 ms."""

    def __init__(self, clock: Clock, rh: int = 1 << 19, t: int = 3 << 17, calibrated: bool = True) -> None:
        self.rh, self.t = rh, t
        self.slow_ms = 0
        self.measured = 0
        self._clock = clock
        self._flag = calibrated
        self._asleep_until = 0
        self._done_at = 0
        self._held = (0, 0)

    def never_calibrates(self) -> None:
        """A broken one."""
        self._flag = False
        self._broken = True

    _broken = False

    def write(self, data: bytes) -> None:
        now = self._clock.monotonic_ns()
        if now < self._asleep_until:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        match list(data):
            case [0xBA]:
                self._asleep_until, self._done_at = now + 20 * MS, 0
            case [0xBE, 0x08, 0x00]:
                self._asleep_until = now + 10 * MS
                self._flag = not self._broken
            case [0xAC, 0x33, 0x00] if self._flag and now >= self._done_at:
                self._done_at = now + (75 + self.slow_ms) * MS
                self._held = (self.rh, self.t)
                self.measured += 1
            case [0x71]:
                pass
            case _:
                raise OSError(errno.EREMOTEIO, "Remote I/O error")

    def read(self, length: int) -> bytes:
        now = self._clock.monotonic_ns()
        if now < self._asleep_until:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        status = f"{int(now < self._done_at)}001{int(self._flag)}000"
        bits = status + f"{self._held[0]:020b}{self._held[1]:020b}"
        whole = int(bits, 2) << 8 | shifted(bits)
        return whole.to_bytes(7, "big")[:length]
