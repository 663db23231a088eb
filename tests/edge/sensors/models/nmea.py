"""A GNSS receiver on a vehicle, written from a receiver description's NMEA chapter, not from the driver.

It starts cold, finds four satellites after half a minute, prints RMC, VTG, GGA, GSA and GSV once a second, empties the
fields it does not know, and keeps its place in whole hundred-thousandths of a minute of arc, as its firmware does.
"""

from collections.abc import Callable

from edge.clock import Clock

S = 1_000_000_000
COLD_START_S = 30
PER_DEGREE = 60 * 100_000
"""Hundred-thousandths of a minute in a degree."""


class Receiver:
    """``north`` and ``east``: hundred-thousandths of a minute of arc; ``knots_100``: hundredths of a knot."""

    def __init__(self, clock: Clock, send: Callable[[bytes], None], talker: str = "GN") -> None:
        self.north, self.east, self.knots_100 = 39 * PER_DEGREE, 140 * PER_DEGREE, 0
        self.roof = False
        self.quality = 1
        self.mode: str | None = "A"
        self._talker = talker
        self._seconds = 0
        self._send = send
        self._timer = clock.every(1.0, self._second, "receiver")

    def off(self) -> None:
        """Its plug is pulled."""
        self._timer.cancel()

    def _second(self) -> None:
        self._seconds += 1
        satellites = 0 if self.roof else min(12, self._seconds // 8)
        found = satellites >= 4 and self._seconds > COLD_START_S
        time = f"{self._seconds // 3600:02d}{self._seconds // 60 % 60:02d}{self._seconds % 60:02d}.00"
        where = [*_angle(self.north, 2, "N", "S"), *_angle(self.east, 3, "E", "W")] if found else [""] * 4
        knots = f"{self.knots_100 // 100}.{self.knots_100 % 100:02d}" if found else ""
        rmc = [time, "A" if found else "V", *where, knots, "", "221126", "", ""]
        if self.mode is not None:
            rmc.append(self.mode if found else "N")
        quality = str(self.quality if found else 0)
        height = ["12.0", "M", "38.0", "M"] if found else ["", "", "", ""]
        gga = [time, *where, quality, f"{satellites:02d}", "0.90" if found else "99.99", *height, "", ""]
        for kind, fields in (("RMC", rmc), ("VTG", [""] * 9), ("GGA", gga), ("GSA", ["A", "1", *[""] * 15]),
                             ("GSV", ["1", "1", "00"])):  # fmt: skip
            self._send(_sentence(self._talker + kind, fields))


def _angle(value: int, digits: int, plus: str, minus: str) -> list[str]:
    degrees, rest = divmod(abs(value), PER_DEGREE)
    minutes, fraction = divmod(rest, 100_000)
    return [f"{degrees:0{digits}d}{minutes:02d}.{fraction:05d}", plus if value >= 0 else minus]


def _sentence(address: str, fields: list[str]) -> bytes:
    text = ",".join([address, *fields])
    bits = [sum(ord(sign) >> place & 1 for sign in text) % 2 for place in range(8)]  # parity of each bit's column
    check = sum(bit << place for place, bit in enumerate(bits))
    return b"$" + text.encode("ascii") + b"*" + _two(check) + b"\r\n"


def _two(number: int) -> bytes:
    return bytes(ord("0123456789ABCDEF"[nibble]) for nibble in (number // 16, number % 16))
