"""A line to devices that speak only when they are asked: one question at a time, for all the sensors that use it.

    line = rs485(board, PortSettings("/dev/ttyUSB0", 9600))
    line.join()                                       # the first sensor opens it
    answer = line.ask(question, whole, "…", within_s=0.5)
    line.leave()                                      # the last one closes it

Several meters hang on one RS-485 pair, several stations on one PLC that allows one connection: so a line belongs to
the board, and the sensors take turns. Asking waits on the sensor's own lane, and never longer than it is told to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.board import Board, SerialPort
from edge.clock import Clock
from edge.serial_lines import PortSettings

T = TypeVar("T")
Whole = Callable[[bytes, bool], T | None]
"""Makes an answer of the bytes that have come: None while some are missing. The flag: no more will come."""

LONGEST = 8192
"""Bytes of an answer: more than any of Modbus (260) or of the MC protocol (7168 bits in ASCII are not asked for)."""

BABBLE = 64
"""So many portions in a row without a pause: the line is never quiet."""

BITS = 11
"""Of a character on the line: start, eight data, parity or a second stop bit, stop."""


class Unheard(SensorError):
    """No answer, half of one, or one that is garbled: worth another try."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked, for the words of an error, and what to do when there is no answer."""

    who: Words
    hint: Words

    def trouble(self, ja: str, en: str) -> Unheard:
        """Something is wrong with the answer."""
        return Unheard(Words(f"{self.who.ja}: {ja}", f"{self.who.en}: {en}"), self.hint)


class FieldLine:
    """A line that is opened by ``dial``; ``gap_s``: the silence before a question.

    ``hang_up``: after an answer that was missing or wrong the line is opened anew, so that one which comes late is
    never taken for the next one's.
    """

    def __init__(self, clock: Clock, dial: Callable[[], SerialPort], *, gap_s: float = 0.0, hang_up: bool) -> None:
        self._clock, self._dial, self._gap_s, self._hang_up = clock, dial, gap_s, hang_up
        self._lock = Lock()
        self._port: SerialPort | None = None
        self._users = 0
        self._failed: SensorError | None = None
        self._failed_ns = 0

    def join(self) -> None:
        """Use it; opened if it is not open. Raises SensorError if it cannot be."""
        asked_ns = self._clock.monotonic_ns()
        with self._lock:
            if self._failed is not None and self._failed_ns > asked_ns:
                raise self._failed  # another one has just waited for it in vain, and we for the other one
            self._opened()
            self._users += 1

    def leave(self) -> None:
        """Use it no longer."""
        with self._lock:
            self._users -= 1
            if self._users <= 0:
                self._close()

    def ask(self, question: bytes, whole: Whole[T], asked: Asked, within_s: float, tries: int = 1) -> T:
        """The answer. ``whole`` raises Unheard for one that is garbled, any other SensorError for a refusal.

        What was not heard is asked for ``tries`` times. Raises SensorError.
        """
        with self._lock:
            while True:
                tries -= 1
                try:
                    return self._ask(question, whole, asked, within_s)
                except Unheard:
                    if self._hang_up:
                        self._close()
                    if tries <= 0:
                        raise

    def _ask(self, question: bytes, whole: Whole[T], asked: Asked, within_s: float) -> T:
        was_open = self._port is not None
        try:
            return self._exchange(self._opened(), question, whole, asked, within_s)
        except SensorError:
            raise
        except OSError as error:
            self._close()
            if not was_open:
                raise _lost(asked, error) from error
        try:  # a connection that nobody has used for long is often ended by the other side
            return self._exchange(self._opened(), question, whole, asked, within_s)
        except SensorError:
            raise
        except OSError as error:
            self._close()
            raise _lost(asked, error) from error

    def _exchange(self, port: SerialPort, question: bytes, whole: Whole[T], asked: Asked, within_s: float) -> T:
        self._wait_for_quiet(port, asked)
        port.write(question)
        until_ns = self._clock.monotonic_ns() + round(within_s * NS_PER_S)
        held = b""
        while True:
            data = _some(port, (until_ns - self._clock.monotonic_ns()) / NS_PER_S)
            held += data
            answer = whole(held, not data)
            if answer is not None:
                return answer
            if not data:
                raise _silent(asked, held, within_s)
            if len(held) > LONGEST:
                raise asked.trouble("応答が終わりません。", "its answer does not end.")

    def _wait_for_quiet(self, port: SerialPort, asked: Asked) -> None:
        """Drop what came late or unasked."""
        for _ in range(BABBLE):
            if not _some(port, self._gap_s):
                return
        raise asked.trouble("線がずっと話し続けています。", "the line is never quiet.")

    def _opened(self) -> SerialPort:
        if self._port is None:
            try:
                self._port = self._dial()
            except SensorError as error:
                self._failed, self._failed_ns = error, self._clock.monotonic_ns()
                raise
            self._failed = None
        return self._port

    def _close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()


def rs485(board: Board, settings: PortSettings) -> FieldLine:
    """The line behind a serial port. Before each question it is silent for 3.5 characters, at least 1.75 ms."""
    gap_s = max(3.5 * BITS / settings.baud, 0.00175)

    def make(root: Board) -> FieldLine:
        return FieldLine(
            root.clock,
            lambda: root.serial(settings.port, settings.baud, parity=settings.parity, stop=settings.stop),
            gap_s=gap_s,
            hang_up=False,
        )

    return board.share(f"rs485 {settings}", make)


def connection(board: Board, host: str, port: int, within_s: float) -> FieldLine:
    """The line to a device on the network."""

    def make(root: Board) -> FieldLine:
        return FieldLine(root.clock, lambda: root.tcp(host, port, within_s), hang_up=True)

    return board.share(f"tcp {host}:{port}", make)


def _some(port: SerialPort, within_s: float) -> bytes:
    """What has come, or comes first within so long."""
    port.timeout = max(0.0, within_s)
    first = port.read(1)
    return first + port.read(port.in_waiting) if first else b""


def _silent(asked: Asked, held: bytes, within_s: float) -> Unheard:
    if held:
        return asked.trouble(
            f"応答が {len(held)} バイトで切れています。", f"its answer is cut after {len(held)} bytes."
        )
    return asked.trouble(f"{within_s:g} 秒待っても応答がありません。", f"no answer within {within_s:g} s.")


def _lost(asked: Asked, error: OSError) -> SensorError:
    why = error.strerror or str(error)
    return SensorError(
        Words(f"{asked.who.ja}: 通信が切れました({why})。", f"{asked.who.en}: the connection was lost: {why}."),
        Words(
            "ケーブルと機器の電源を確認してください。つながれば、自動で再開します。",
            "Hint: check the cable and the device's power; it goes on by itself once it is back.",
        ),
    )
