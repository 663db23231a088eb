"""An ST VL53L0X after STSW-IMG005, as a machine of what has been done to it: it refuses a measurement until all was.

Registers lie in pages chosen by 0xFF. The steps it must have seen, in this order: the stop variable read from page 1,
the detectors asked from the factory's memory, ST's tuning (its SHA-256 is known here, not its bytes), the usual
sequence, both calibrations. Measurements take what the timeouts in its registers say, in picoseconds.
"""

import errno
import hashlib

from edge.clock import Clock

TUNING_SHA256 = "d4db1ff4c7d06551b78b462900975e7d759bb20943add85046dfa99f89813dc9"
"""Of the 80 pairs register, value of DefaultTuningSettings in ST's vl53l0x_tuning.h (8fd40a0 of Adafruit_VL53L0X)."""
TUNED_BYTES = 160
UNLOCKED = [(0x80, 1), (0xFF, 1), (0x00, 0)]
LOCKED = [(0x00, 1), (0xFF, 0), (0x80, 0)]


class Refused(AssertionError):
    """Something that the chip was not ready for."""


class Vl53l0x:
    """``mm`` is what it will measure, ``kind`` the status it gives itself (11 is good)."""

    def __init__(self, clock: Clock, mm: int = 500, kind: int = 11) -> None:
        self.mm, self.kind = mm, kind
        self.shots: list[int] = []
        self.memory = (6, True)
        self.good = bytes([0xFF, 0xF7, 0xFF, 0xFD, 0xFF, 0xFF])
        self._clock = clock
        self.power_on()
        self._boots_until = 0

    def power_on(self) -> None:
        self.log: list[tuple[int, int]] = []
        self.done: list[str] = []
        self._page = self._at = 0
        self._cells: dict[tuple[int, int], int] = {
            (0, 1): 0xFF,
            (0, 0x60): 0,
            (0, 0x84): 0x11,
            (0, 0x89): 0,
            (1, 0x91): 0x2A,
        }
        self._cells |= {(0, 0xC0): 0xEE, (0, 0xC1): 0xAA, (0, 0xC2): 0x10}
        self._cells |= {(0, 0xB0 + place): byte for place, byte in enumerate(self.good)}
        self._due: int | None = None
        self._event = False
        self._memory_due: int | None = None
        self._boots_until = self._now() + 1_200_000
        self._held_in_reset = False

    @property
    def chosen(self) -> list[int]:
        """Numbers of the reference detectors that are switched on."""
        bits = int.from_bytes(bytes(self._cells[0, 0xB0 + place] for place in range(6)), "little")
        return [place for place in range(48) if bits >> place & 1]

    def write(self, data: bytes) -> None:
        self._answer()
        self._at = data[0]
        for value in data[1:]:
            self.log.append((self._at, value))
            self._store(self._at, value)
            self._at += 1

    def _answer(self) -> None:
        if self._now() < self._boots_until:
            raise OSError(errno.EREMOTEIO, "Remote I/O error")
        self._tick()

    def read(self, length: int) -> bytes:
        self._answer()
        if self._held_in_reset:
            return bytes(length)
        if (self._page, self._at, length) == (1, 0x91, 1):
            self.done.append("stop variable")
        return bytes(self._cells.get((self._page, self._at + place), 0) for place in range(length))

    def _store(self, register: int, value: int) -> None:
        if register == 0xFF:
            self._page = value
            return
        self._cells[self._page, register] = value
        if self._page == 7 and register == 0x83 and value == 0 and self._cells.get((7, 0x94)) == 0x6B:
            self._memory_due = self._now() + 2_000_000
        if self._page == 0:
            self._first_page(register, value)
        if (register, value) == (0x80, 0) and self._tuned():
            self.done.append("tuning")

    def _first_page(self, register: int, value: int) -> None:
        if register == 0xBF:
            self.power_on()
            self._held_in_reset = value == 0
            self._boots_until = self._now() + 1_200_000 * value
        if register == 0x0B and value & 1:
            self._event, self._cells[0, 0x13] = False, 0
        if register == 0x00 and value & 1:
            self._begin(value)

    def _begin(self, how: int) -> None:
        if self._event or self._due is not None:
            raise Refused("the last measurement was not taken away")
        step = self._cells[0, 1]
        if (how, step) == (0x41, 0x01):
            self._wait_for("memory", "tuning")
            self._due = self._now() + 3_000_000
        elif (how, step) == (0x01, 0x02):
            self._wait_for("calibrated 1")
            self._due = self._now() + 3_000_000
        elif (how, step) == (0x01, 0xE8):
            self._wait_for("stop variable", "memory", "tuning", "calibrated 1", "calibrated 2")
            expected = [*UNLOCKED, (0x91, self._cells[1, 0x91]), *LOCKED, (0x00, 1)]
            if self.log[-8:] != expected or self._cells[1, 0x91] != 0x2A:
                raise Refused("a measurement begins with the stop variable put back")
            self._due = self._now() + self.lasts_ns()
        else:
            raise OSError(errno.EREMOTEIO, f"start 0x{how:02x} with sequence 0x{step:02x}")

    def _tick(self) -> None:
        if self._memory_due is not None and self._now() >= self._memory_due:
            count, aperture = self.memory
            self._cells[7, 0x83], self._cells[7, 0x92], self._memory_due = 1, count | aperture << 7, None
            self.done.append("memory")
        if self._due is None or self._now() < self._due:
            return
        self._due, self._event = None, True
        self._cells[0, 0x13] = 4
        self._cells[0, 0] = 0
        step = self._cells[0, 1]
        if step in (1, 2):
            self.done.append(f"calibrated {step}")
        else:
            self.shots.append(self._now())
            block = [self.kind * 8 + 1, 0, 9, 128, 1, 200, 0, 12, 0, 40, *divmod(self.mm, 256)]
            self._cells |= {(0, 0x14 + place): byte for place, byte in enumerate(block)}

    def lasts_ns(self) -> int:
        """What a measurement takes: DSS twice, pre-range, final range, each with what the API counts around them."""
        period_ps = [2304 * 1655 * 2 * (self._cells[0, register] + 1) for register in (0x50, 0x70)]
        steps, pre, both = self._cells[0, 0x46] + 1, self._timeout(0x51), self._timeout(0x71)
        in_steps = (2 * steps + pre) * period_ps[0] + (both - pre) * period_ps[1]
        return in_steps // 1000 + (1320 + 960 + 2 * 690 + 660 + 550) * 1000

    def _timeout(self, register: int) -> int:
        return (self._cells[0, register + 1] << self._cells[0, register]) + 1

    def _tuned(self) -> bool:
        flat = bytes(byte for pair in self.log[-TUNED_BYTES // 2 :] for byte in pair)
        return hashlib.sha256(flat).hexdigest() == TUNING_SHA256

    def _wait_for(self, *needed: str) -> None:
        missing = [step for step in needed if step not in self.done]
        if missing:
            raise Refused(f"before {', '.join(missing)}")

    def _now(self) -> int:
        return self._clock.monotonic_ns()
