"""Lines of text from a serial port, whatever comes: halves, rubbish, floods, a pulled plug.

A device sends lines; bytes arrive in any portions. A line without an end is dropped and counted, never joined to what
comes next; a port that vanishes is told by :meth:`SerialLines.check`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge import troubles
from edge.board import Board, SerialPort

LONGEST = 1024
"""Bytes of a line; no scale or counter sends more."""

PORTION = 4096


@dataclass(frozen=True, slots=True)
class PortSettings:
    """Where the port is and how it is set."""

    port: str
    baud: int
    bits: int = 8
    parity: str = "N"
    stop: float = 1


class SerialLines:
    """Calls ``line(bytes, at_ns)`` for each line of a port, its end taken off; ``at_ns`` is when its end arrived.

    ``quiet_ns``: what arrives first is taken for a line's beginning only if the port was silent for so long after it
    was opened; else it may be the second half of one, and is dropped. Raises SensorError when it cannot be opened.
    """

    def __init__(
        self,
        board: Board,
        settings: PortSettings,
        line: Callable[[bytes, int], None],
        *,
        end: bytes = b"\n",
        quiet_ns: int = 0,
    ) -> None:
        self.too_long = 0
        self._name = settings.port
        self._line = line
        self._end = end
        self._clock = board.clock
        self._gone: OSError | None = None
        self._held = bytearray()
        self._port: SerialPort | None = board.serial(
            settings.port, settings.baud, bits=settings.bits, parity=settings.parity, stop=settings.stop
        )
        self._quiet_until_ns = self._clock.monotonic_ns() + quiet_ns
        self._begun = quiet_ns == 0
        self._skipping = False
        self._watch = self._clock.watch(self._port, self._arrived, lane=f"serial {settings.port}")

    def write(self, data: bytes) -> None:
        """Say something to the device. Raises SensorError if it has gone."""
        if self._port is None:
            raise troubles.port_gone(self._name, "closed")
        try:
            self._port.write(data)
        except OSError as error:
            raise troubles.port_gone(self._name, str(error)) from error

    def check(self) -> None:
        """Raises SensorError if the port has gone."""
        if self._gone is not None:
            raise troubles.port_gone(self._name, str(self._gone)) from self._gone

    def close(self) -> None:
        """Give the port back."""
        self._watch.cancel()
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _arrived(self) -> None:
        port = self._port
        if port is None:
            return
        try:
            data = port.read(min(port.in_waiting, PORTION) or 1)
        except OSError as error:
            self._gone = error
            self._watch.cancel()
            return
        if data:
            self._take(data)

    def _take(self, data: bytes) -> None:
        now_ns = self._clock.monotonic_ns()
        if not self._begun:
            self._begun = True
            self._skipping = now_ns < self._quiet_until_ns
        self._held += data
        *lines, rest = bytes(self._held).split(self._end)
        self._held[:] = rest
        for line in lines:
            self._say(line, now_ns)
        if len(rest) > LONGEST:
            self.too_long += not self._skipping
            self._skipping = True
            self._held[:] = rest[-len(self._end) :]

    def _say(self, line: bytes, now_ns: int) -> None:
        if self._skipping:
            self._skipping = False
        elif len(line) > LONGEST:
            self.too_long += 1
        else:
            self._line(line, now_ns)
