"""A Sensirion SHT3x-DIS, from its data sheet (version 5): a machine of states that keeps the sheet's times.

It holds 16-bit integers only. A command that comes less than 1 ms after another, or one that the state does not allow,
is not acknowledged; neither is a read while there is nothing to read.
"""

import errno

from edge.clock import Clock

MS = 1_000_000
NACK = OSError(errno.EREMOTEIO, "Remote I/O error")

PERIODIC = {0x2032, 0x2024, 0x202F, 0x2130, 0x2126, 0x212D, 0x2236, 0x2220, 0x222B, 0x2334, 0x2322, 0x2329}
PERIODIC |= {0x2737, 0x2721, 0x272A}
SINGLE = {0x2400: 15 * MS, 0x240B: 6 * MS, 0x2416: 4 * MS}


def check(word: int) -> int:
    """Remainder of the long division by x^8 + x^5 + x^4 + 1, the first eight bits inverted (initial value 0xFF)."""
    rest = (word ^ 0xFF00) << 8
    for bit in range(23, 7, -1):
        if rest >> bit & 1:
            rest ^= 0x131 << bit - 8
    return rest


class Sht3x:
    """``t`` and ``rh`` are the two words it will measure; ``measured`` counts its measurements."""

    def __init__(self, clock: Clock, t: int = 0x6666, rh: int = 0x8000) -> None:
        self.t, self.rh = t, rh
        self.measured = 0
        self.asked: set[int] = set()
        self.heats = False
        self._clock = clock
        self._state = "idle"
        self._busy_until = 0
        self._next_command = 0
        self._reads: list[int] = []

    def be_periodic(self) -> None:
        """Some other program had left it measuring by itself, with the heater on."""
        self._state, self.heats = "periodic", True

    def write(self, data: bytes) -> None:
        now = self._clock.monotonic_ns()
        if len(data) != 2 or now < self._next_command or now < self._busy_until:
            raise NACK
        self._next_command = now + MS
        command = data[0] << 8 | data[1]
        if self._state == "periodic" and command not in (0x3093, 0xE000, 0xF32D):
            raise NACK
        self._do(command, now)

    def _do(self, command: int, now: int) -> None:
        self._reads = []
        if command in SINGLE:
            self._state, self._busy_until = "measuring", now + SINGLE[command]
            self.asked.add(command)
        elif command == 0x3093:
            self._state = "idle"
        elif command == 0x30A2:
            self._state, self.heats, self._busy_until = "idle", False, now + 3 * MS // 2
        elif command in (0x306D, 0x3066):
            self.heats = command == 0x306D
        elif command == 0xF32D:
            self._reads = [self.heats << 13 | 0x0010]
        elif command in PERIODIC:
            self._state = "periodic"
        elif command != 0x3041:
            raise NACK

    def read(self, length: int) -> bytes:
        if self._state == "measuring" and self._clock.monotonic_ns() >= self._busy_until:
            self._state, self._reads, self.measured = "idle", [self.t, self.rh], self.measured + 1
        if not self._reads:
            raise NACK
        words, self._reads = self._reads, []
        sent = b"".join(bytes([word >> 8, word & 0xFF, check(word)]) for word in words)
        return (sent + b"\xff" * length)[:length]
