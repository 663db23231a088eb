"""A MAX31855 as a shift register, from its data sheet (19-5793, table 2, "Serial Interface") alone.

The converter ticks by the clock; chip select stops it and latches 32 bits, which leave one by one, D31 first. Times and
temperatures are the integers the chip holds: quarters and sixteenths of a degree.
"""

from edge.clock import Clock

CONVERSION_NS = 100_000_000
"""tCONV, the longest."""


class Max31855:
    """Set ``quarters`` (the tip), ``sixteenths`` (the chip) and ``broken`` (any of "open", "ground", "supply")."""

    modes = (0,)
    max_hz = 5_000_000

    def __init__(self, clock: Clock) -> None:
        self.quarters, self.sixteenths = 0, 0
        self.broken: set[str] = set()
        self._clock = clock
        self._latched = [0] * 32
        self._converted_ns = clock.monotonic_ns() - CONVERSION_NS

    def transfer(self, data: bytes) -> bytes:
        """CS low for as many clocks as there are bits in ``data``, which it does not look at."""
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._converted_ns >= CONVERSION_NS:
            self._latched = self._bits()
            self._converted_ns = now_ns
        register = list(self._latched)
        out = []
        for _ in data:
            byte = 0
            for _ in range(8):
                byte = byte * 2 + (register.pop(0) if register else 0)
            out.append(byte)
        return bytes(out)

    def _bits(self) -> list[int]:
        faults = [int(name in self.broken) for name in ("supply", "ground", "open")]
        return [*_places(self.quarters, 14), 0, max(faults), *_places(self.sixteenths, 12), 0, *faults]


def _places(number: int, width: int) -> list[int]:
    """The binary places of a whole number in two's complement, the sign first."""
    places = []
    for _ in range(width):
        number, place = divmod(number, 2)
        places.append(place)
    return places[::-1]
