"""A 125 kHz reader written from the EM4100 protocol and the reader's specification alone, bit by bit.

A tag sends 64 bits over and over: nine ones, ten rows of four bits with an even parity bit, four column parity bits and
a zero. The reader looks for the nine ones, checks every parity, and prints the ten digits with their check, 65 ms
apart. Two tags in its field: their bits are mixed and no parity fits.
"""

from collections.abc import Callable

from edge.clock import Clock, Timer

REPEAT_NS = 65_000_000


def tag_bits(number: int) -> list[int]:
    """The 64 bits of a tag of 40 bits."""
    nibbles = [number >> shift & 0xF for shift in range(36, -4, -4)]
    bits = [1] * 9
    columns = [0, 0, 0, 0]
    for nibble in nibbles:
        row = [nibble >> place & 1 for place in (3, 2, 1, 0)]
        bits += [*row, sum(row) % 2]
        columns = [(column + bit) % 2 for column, bit in zip(columns, row, strict=True)]
    return [*bits, *columns, 0]


class Reader:
    """``send`` is its TX. Lay tags on and take them off; let the clock turn."""

    def __init__(self, clock: Clock, send: Callable[[bytes], None]) -> None:
        self.sent = 0
        self._clock = clock
        self._send = send
        self._tags: list[int] = []
        self._timer: Timer | None = None

    def lay(self, number: int) -> None:
        """A tag comes into the field."""
        self._tags.append(number)
        if self._timer is None:
            self._look()

    def take(self, number: int) -> None:
        """A tag is taken away."""
        self._tags.remove(number)

    def _look(self) -> None:
        self._timer = None
        if not self._tags:
            return
        self._timer = self._clock.at(self._clock.monotonic_ns() + REPEAT_NS, self._look)
        field = [
            max(bits) for bits in zip(*(_turned(tag_bits(tag), i) for i, tag in enumerate(self._tags)), strict=True)
        ]
        digits = _decoded(field * 2)
        if digits is not None:
            self.sent += 1
            self._send(_printed(digits))


def _turned(bits: list[int], by: int) -> list[int]:
    """Tags begin whenever they get power: the second one is some bits behind."""
    return bits[-23 * by :] + bits[: -23 * by] if by else bits


def _decoded(bits: list[int]) -> list[int] | None:
    for start in range(64):
        frame = bits[start : start + 64]
        rows = [frame[9 + 5 * i : 14 + 5 * i] for i in range(10)]
        columns = [sum(row[place] for row in rows) + frame[59 + place] for place in range(4)]
        good = all(sum(row) % 2 == 0 for row in rows) and all(column % 2 == 0 for column in columns)
        if all(frame[:9]) and frame[63] == 0 and good:
            return [row[0] * 8 + row[1] * 4 + row[2] * 2 + row[3] for row in rows]
    return None


def _printed(digits: list[int]) -> bytes:
    high, low = 0, 0
    for upper, lower in zip(digits[::2], digits[1::2], strict=True):
        high, low = high ^ upper, low ^ lower
    return b"\x02" + b"".join(b"0123456789ABCDEF"[d : d + 1] for d in (*digits, high, low)) + b"\x03"
