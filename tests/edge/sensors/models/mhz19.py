"""A Winsen MH-Z19B written from its manual alone (version 1.6): a byte after the other, as its UART receives them.

It answers only whole commands to module 1 with a right check, says 410 ppm while it heats up, never says more than its
range, and moves its zero by the lowest value of a day while self-calibration is on.
"""

from collections.abc import Callable

PREHEAT_NS = 3 * 60 * 1_000_000_000
DAY_NS = 24 * 3600 * 1_000_000_000
FRESH_AIR = 400


class Module:
    """``now_ns`` is the clock it lives by; ``air`` the true concentration in ppm."""

    def __init__(self, now_ns: Callable[[], int], detection_range: int = 5000) -> None:
        self.air = FRESH_AIR
        self.self_calibrates = True
        self.asked = 0
        self.ignored = 0
        self._now_ns = now_ns
        self._powered_ns = self._day_ns = now_ns()
        self._range = detection_range
        self._lowest: int | None = None
        self._zero = 0
        self._expected = self._byte_0
        self._command: list[int] = []
        self._out: list[int] = []

    def uart(self, data: bytes) -> bytes:
        """Bytes in, bytes out."""
        self._live()
        for byte in data:
            self._expected(byte)
        out, self._out = bytes(self._out), []
        return out

    # what the next byte may be

    def _byte_0(self, byte: int) -> None:
        self._command = []
        if byte == 0xFF:
            self._expected = self._byte_1
        else:
            self.ignored += 1

    def _byte_1(self, byte: int) -> None:
        self._command.append(byte)
        self._expected = self._rest if byte == 0x01 else self._byte_0

    def _rest(self, byte: int) -> None:
        self._command.append(byte)
        if len(self._command) == 8:
            self._expected = self._byte_0
            if _check(self._command[:7]) == byte:
                self._do(*self._command[1:3])
            else:
                self.ignored += 1

    def _do(self, command: int, argument: int) -> None:
        if command == 0x86:
            self.asked += 1
            self._say_concentration()
        elif command == 0x79:
            assert argument in (0x00, 0xA0), f"the manual knows no {argument:#x}"
            self.self_calibrates = argument == 0xA0
        else:
            raise AssertionError(f"command {command:#x} would change how it is calibrated or its range")

    def _say_concentration(self) -> None:
        ppm = 410 if self._now_ns() - self._powered_ns < PREHEAT_NS else self._measured()
        said = [0x86, ppm // 256, ppm % 256, 0, 0, 0, 0]
        self._out += [0xFF, *said, _check(said)]

    def _measured(self) -> int:
        return max(0, min(self._range, self.air - self._zero))

    def _live(self) -> None:
        """A day has passed: the lowest value of it is taken for fresh air."""
        self._lowest = self.air if self._lowest is None else min(self._lowest, self.air)
        if self._now_ns() - self._day_ns >= DAY_NS:
            if self.self_calibrates:
                self._zero = self._lowest - FRESH_AIR
            self._day_ns, self._lowest = self._now_ns(), self.air


def _check(numbers: list[int]) -> int:
    """The manual's steps: add bytes 1 to 7, keep 8 bits, turn them round, add 1."""
    total = 0
    for number in numbers:
        total = (total + number) % 256
    inverted = total ^ 0b1111_1111
    return (inverted + 1) % 256
