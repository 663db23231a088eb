"""A Plantower PMS5003 written from its data manual alone (V2.3, appendix I and II), byte by byte and second by second.

It wakes in active mode and sends by itself: every 2.3 s in steady air, every 0.2 to 0.8 s while it changes. In passive
mode it says nothing until it is asked. Its fan needs 30 s; until then it says too little. Commands with a wrong check
are as if they had not been sent.
"""

from collections.abc import Callable, Generator

from edge.clock import Clock, Timer

S = 1_000_000_000
FAN_NS = 30 * S
STEADY_NS, CHANGING_NS = 2_300_000_000, 500_000_000

COMMAND = (0x42, 0x4D)


class Module:
    """``send`` is its TXD; feed its RXD with :meth:`receive`. ``air``: true PM1, PM2.5 and PM10 in µg/m³."""

    def __init__(self, clock: Clock, send: Callable[[bytes], None]) -> None:
        self.air = (0, 0, 0)
        self.active = True
        self.awake = True
        self.asked = 0
        self.sent = 0
        self._clock = clock
        self._send = send
        self._woke_ns = clock.monotonic_ns()
        self._last_air = self.air
        self._machine = self._parser()
        self._out = bytearray()
        next(self._machine)
        self._timer: Timer = clock.at(self._woke_ns + STEADY_NS, self._tick)

    def receive(self, data: bytes) -> bytes:
        """Bytes on its RXD; what it says at once to them."""
        self._out.clear()
        for byte in data:
            self._machine.send(byte)
        return bytes(self._out)

    def off(self) -> None:
        """Its plug is pulled."""
        self._timer.cancel()

    def frame(self) -> bytes:
        """32 bytes of the air as it sees it now."""
        air = [value if self._clock.monotonic_ns() - self._woke_ns >= FAN_NS else value // 4 for value in self.air]
        standard = [value + value // 2 for value in air]
        cells = [0x42, 0x4D, 0, 2 * 13 + 2]
        for number in (*standard, *air, 1200, 340, 52, 8, 2, 0, 0x9700):
            cells += [number // 256, number % 256]
        high = low = 0
        for cell in cells:  # an eight-bit adder with carry, as its controller has
            low += cell
            high, low = (high + low // 256) % 256, low % 256
        return bytes([*cells, high, low])

    def _tick(self) -> None:
        changing, self._last_air = self.air != self._last_air, self.air
        self._timer = self._clock.at(self._clock.monotonic_ns() + (CHANGING_NS if changing else STEADY_NS), self._tick)
        if self.active and self.awake:
            self.sent += 1
            self._send(self.frame())

    def _parser(self) -> Generator[None, int, None]:
        while True:
            if (yield) != COMMAND[0]:
                continue
            if (yield) != COMMAND[1]:
                continue
            command = yield
            high = yield
            low = yield
            check_high = yield
            check_low = yield
            if sum((*COMMAND, command, high, low)) == check_high * 256 + check_low:
                self._obey(command, low)

    def _obey(self, command: int, low: int) -> None:
        if command == 0xE1:
            self.active = low == 1
            self._out += bytes([0x42, 0x4D, 0, 4, 0xE1, low, 1, 0x74 + low])
        elif command == 0xE2:
            self.asked += 1
            if not self.active and self.awake:
                self._out += self.frame()
        elif command == 0xE4:
            self.awake, self._woke_ns = low == 1, self._clock.monotonic_ns()
        else:
            raise AssertionError(f"appendix II has no command {command:#x}")
