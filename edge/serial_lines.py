"""Lines and frames from a serial port, whatever comes: halves, rubbish, floods, a pulled plug.

A device sends lines, or frames of so many bytes that carry a check; bytes arrive in any portions. A line without an end
is dropped and counted, never joined to what comes next; a frame whose check is wrong likewise, and the next one is
looked for inside it. A port that vanishes is told by ``check``.
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


class SerialBytes:
    """An open port whose bytes are handed to :meth:`_take` as they come; what lines and frames are made of."""

    def __init__(self, board: Board, settings: PortSettings) -> None:
        self._name = settings.port
        self._clock = board.clock
        self._gone: OSError | None = None
        self._held = bytearray()
        self._port: SerialPort | None = self._open(board, settings)
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

    def _open(self, board: Board, settings: PortSettings) -> SerialPort:
        how = settings
        return board.serial(how.port, how.baud, bits=how.bits, parity=how.parity, stop=how.stop)

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
            self._take(data, self._clock.monotonic_ns())

    def _take(self, data: bytes, now_ns: int) -> None:
        raise NotImplementedError


class SerialLines(SerialBytes):
    """Calls ``line(bytes, at_ns)`` for each line of a port, its end taken off; ``at_ns`` is when its end arrived.

    ``end``: what ends a line; None: CR or LF, whichever comes (CR LF then gives an empty line more).
    ``quiet_ns``: what arrives first is taken for a line's beginning only if the port was silent for so long after it
    was opened; else it may be the second half of one, and is dropped. ``stale_ns``: a line that is not continued within
    so long is dropped and counted in ``unfinished`` when the next one begins; 0: it may take its time. Raises
    SensorError when it cannot be opened.
    """

    def __init__(
        self,
        board: Board,
        settings: PortSettings,
        line: Callable[[bytes, int], None],
        *,
        end: bytes | None = b"\n",
        quiet_ns: int = 0,
        stale_ns: int = 0,
    ) -> None:
        self.too_long = self.unfinished = 0
        self._line = line
        self._either = end is None
        self._end = end or b"\n"
        self._stale_ns = stale_ns
        self._heard_ns = 0
        self._begun = quiet_ns == 0
        self._skipping = False
        self._quiet_until_ns = board.clock.monotonic_ns() + quiet_ns
        super().__init__(board, settings)

    def _take(self, data: bytes, now_ns: int) -> None:
        if not self._begun:
            self._begun = True
            self._skipping = now_ns < self._quiet_until_ns
        if self._stale_ns and now_ns - self._heard_ns > self._stale_ns:
            self._drop_what_is_held()
        self._heard_ns = now_ns
        self._held += data.replace(b"\r", b"\n") if self._either else data
        *lines, rest = bytes(self._held).split(self._end)
        self._held[:] = rest
        for line in lines:
            self._say(line, now_ns)
        if len(rest) > LONGEST:
            self.too_long += not self._skipping
            self._skipping = True
            self._held[:] = rest[-len(self._end) :]

    def _drop_what_is_held(self) -> None:
        if self._held or self._skipping:
            self.unfinished += not self._skipping
            self._skipping = False
            self._held.clear()

    def _say(self, line: bytes, now_ns: int) -> None:
        if self._skipping:
            self._skipping = False
        elif len(line) > LONGEST:
            self.too_long += 1
        else:
            self._line(line, now_ns)


class SerialFrames(SerialBytes):
    """Calls ``frame(bytes, at_ns)`` for each run of ``length`` bytes that begins with ``start`` and is ``good``.

    Whatever else comes is skipped byte by byte; ``garbage`` counts the runs that began like a frame and were none.
    Raises SensorError when the port cannot be opened.
    """

    def __init__(
        self,
        board: Board,
        settings: PortSettings,
        frame: Callable[[bytes, int], None],
        *,
        start: bytes,
        length: int,
        good: Callable[[bytes], bool],
    ) -> None:
        self.garbage = 0
        self.stray = 0
        """Bytes that belonged to nothing."""
        self._frame = frame
        self._start = start
        self._length = length
        self._good = good
        super().__init__(board, settings)

    def forget(self) -> None:
        """Drop a frame that has begun: what comes now is a new one."""
        self._held.clear()

    def _take(self, data: bytes, now_ns: int) -> None:
        self._held += data
        while self._skip_to_start() and len(self._held) >= self._length:
            run = bytes(self._held[: self._length])
            if self._good(run):
                del self._held[: self._length]
                self._frame(run, now_ns)
            else:
                self.garbage += 1
                self._skip(1)

    def _skip_to_start(self) -> bool:
        """Drop what cannot be the beginning of a frame; whether one has begun."""
        found = self._held.find(self._start)
        if found >= 0:
            self._skip(found)
            return True
        ends = (n for n in range(min(len(self._start) - 1, len(self._held)), 0, -1))
        kept = next((n for n in ends if self._held.endswith(self._start[:n])), 0)
        self._skip(len(self._held) - kept)
        return False

    def _skip(self, count: int) -> None:
        self.stray += count
        del self._held[:count]
