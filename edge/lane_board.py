"""One sensor's own view of the board: whatever it lets the clock call runs on its own lane.

So a sensor that hangs or floods delays no other, whichever lane it names, and what it raises there is reported like
anything else that goes wrong with it.
"""

from collections.abc import Callable
from typing import Any

from edge.board import Board, I2CBus, OneWireBus, SerialPort, SPIDevice, T
from edge.clock import Action, Clock, Port, Timer


class LaneClock:
    """A Clock that knows one lane. ``failed`` is told what an action raised."""

    def __init__(self, clock: Clock, lane: str, failed: Callable[[Exception], None]) -> None:
        self._clock, self._lane, self._failed = clock, lane, failed

    def time_ns(self) -> int:
        """As the clock's."""
        return self._clock.time_ns()

    def monotonic_ns(self) -> int:
        """As the clock's."""
        return self._clock.monotonic_ns()

    def at(self, due_ns: int, action: Action, lane: str = "") -> Timer:  # noqa: ARG002 - one lane
        """As the clock's, on the one lane."""
        return self._clock.at(due_ns, lambda: self._do(action), self._lane)

    def every(self, period_s: float, action: Action, lane: str = "") -> Timer:  # noqa: ARG002 - one lane
        """As the clock's, on the one lane."""
        return self._clock.every(period_s, lambda: self._do(action), self._lane)

    def watch(self, port: Port, action: Action, lane: str = "") -> Timer:  # noqa: ARG002 - one lane
        """As the clock's, on the one lane."""
        return self._clock.watch(port, lambda: self._do(action), self._lane)

    def _do(self, action: Action) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - whatever a sensor raises is its own trouble, nobody else's
            self._failed(error)


class LaneBoard:
    """A Board whose clock is a LaneClock."""

    def __init__(self, board: Board, clock: LaneClock) -> None:
        self._board, self._clock = board, clock

    @property
    def clock(self) -> LaneClock:
        """The sensor's own clock."""
        return self._clock

    def pin(self, number: int) -> Any:
        """As the board's."""
        return self._board.pin(number)

    def i2c(self, bus: int = 1) -> I2CBus:
        """As the board's."""
        return self._board.i2c(bus)

    def spi(self, bus: int, chip: int, hz: int, mode: int = 0) -> SPIDevice:
        """As the board's."""
        return self._board.spi(bus, chip, hz, mode)

    def serial(self, port: str, baud: int, *, bits: int = 8, parity: str = "N", stop: float = 1) -> SerialPort:
        """As the board's."""
        return self._board.serial(port, baud, bits=bits, parity=parity, stop=stop)

    def keys(self, path: str) -> SerialPort:
        """As the board's."""
        return self._board.keys(path)

    def one_wire(self) -> OneWireBus:
        """As the board's."""
        return self._board.one_wire()

    def tcp(self, host: str, port: int, within_s: float) -> SerialPort:
        """As the board's."""
        return self._board.tcp(host, port, within_s)

    def share(self, name: str, make: Callable[[Board], T]) -> T:
        """As the board's: what is shared lives on no sensor's lane."""
        return self._board.share(name, make)
