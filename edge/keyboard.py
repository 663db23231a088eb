"""Lines from a device that types like a keyboard: a barcode scanner as it comes out of its box.

The kernel gives each key of an input device (/dev/input/event…) as a small record. The device is taken for us alone, so
that a code never lands at a login prompt or in somebody's document; whoever takes the only real keyboard so has none.
Keys are turned into characters here, for the American and the Japanese layout, as nobody else does it: such a scanner
knows characters, sends the keys of *its* layout, and the machine's own layout does not come in.

Source: Linux 6.6 Documentation/input/input.rst (event interface, struct input_event), include/uapi/linux/input.h
(EVIOCGRAB, EVIOCSCLOCKID) and input-event-codes.h (KEY_…); JIS X 6002 for the Japanese layout.
"""

import contextlib
import os
import struct
from collections.abc import Callable, Iterator
from typing import Any

from contract.errors import SensorError
from contract.reading import NS_PER_S
from contract.words import Words
from edge.board import Board, SerialPort
from edge.contact import edge_ns
from edge.serial_lines import LONGEST, PortSettings, SerialBytes

EVENT = struct.Struct("@llHHi")
"""Seconds, microseconds, type, code, value; 24 bytes, on a 32-bit system 16."""

EV_SYN, EV_KEY = 0, 1
SYN_DROPPED = 3
"""The kernel had more events than room: some are missing."""
RELEASED, PRESSED = 0, 1

EVIOCGRAB, EVIOCSCLOCKID = 0x40044590, 0x400445A0
CLOCK_MONOTONIC = 1

SHIFTS, CTRLS, ALTS = {42, 54}, {29, 97}, {56, 100}
CAPS_LOCK = 58
ENDS = {28, 96, 15}
"""Enter, the number pad's Enter, Tab."""
LOCKS = {CAPS_LOCK, 69}

_LETTERS = {16: "qwertyuiop", 30: "asdfghjkl", 44: "zxcvbnm"}
_PAD = {71: "789-456+1230.", 98: "/", 55: "*", 57: " "}
_PLAIN = {
    "us": {2: "1234567890-=", 26: "[]", 39: ";'`", 43: "\\", 51: ",./"},
    "jp": {2: "1234567890-^", 26: "@[", 39: ";:", 43: "]", 51: ",./", 89: "\\", 124: "\\"},
}
_SHIFTED = {
    "us": {2: "!@#$%^&*()_+", 26: "{}", 39: ':"~', 43: "|", 51: "<>?"},
    "jp": {2: "!\"#$%&'()", 12: "=~", 26: "`{", 39: "+*", 43: "}", 51: "<>?", 89: "_", 124: "|"},
}


def _keys(*runs: dict[int, str]) -> dict[int, str]:
    return {first + i: sign for run in runs for first, signs in run.items() for i, sign in enumerate(signs)}


LAYOUTS = {
    layout: (
        _keys(_LETTERS, _PAD, _PLAIN[layout]),
        _keys({first: letters.upper() for first, letters in _LETTERS.items()}, _PAD, _SHIFTED[layout]),
    )
    for layout in ("us", "jp")
}
"""The character of each key without and with shift."""


class KeyLines(SerialBytes):
    """Calls ``line(bytes, at_ns)`` for each line typed by an input device; ``at_ns`` is when its Enter was pressed.

    A line with a key that is no character, or with keys missing, is dropped and counted in ``unreadable``; one that is
    not continued within ``stale_ns`` in ``unfinished``. Raises SensorError when the device cannot be had.
    """

    def __init__(
        self, board: Board, path: str, line: Callable[[bytes, int], None], *, layout: str = "us", stale_ns: int
    ) -> None:
        self.too_long = self.unfinished = self.unreadable = 0
        self._line = line
        self._plain, self._shifted = LAYOUTS[layout]
        self._stale_s = stale_ns / NS_PER_S
        self._typed_s = 0.0
        self._down: set[int] = set()
        self._caps = False
        self._text = ""
        self._good = True
        super().__init__(board, PortSettings(path, 0))

    def _open(self, board: Board, settings: PortSettings) -> SerialPort:
        return board.keys(settings.port)

    def _take(self, data: bytes, now_ns: int) -> None:  # noqa: ARG002 - the kernel's own times are better
        self._held += data
        whole = len(self._held) - len(self._held) % EVENT.size
        events = bytes(self._held[:whole])
        del self._held[:whole]
        for seconds, micros, kind, code, value in EVENT.iter_unpack(events):
            if kind == EV_SYN and code == SYN_DROPPED:
                self._good = False
                self._down.clear()
            elif kind == EV_KEY:
                self._key(code, value, seconds + micros / 1e6)

    def _key(self, code: int, value: int, at_s: float) -> None:
        if value == RELEASED:
            self._down.discard(code)
        elif value == PRESSED:  # what a held key repeats is no key
            if at_s - self._typed_s > self._stale_s and (self._text or not self._good):
                self.unfinished += 1
                self._begin()
            self._typed_s = at_s
            self._down.add(code)
            if code == CAPS_LOCK:
                self._caps = not self._caps
            elif code in ENDS:
                self._end(edge_ns(self._clock, at_s))
            elif code not in SHIFTS | CTRLS | LOCKS:
                self._sign(code)

    def _sign(self, code: int) -> None:
        sign = (self._shifted if self._down & SHIFTS else self._plain).get(code, "")
        if self._caps and sign.isalpha():
            sign = sign.swapcase()
        if self._down & CTRLS:  # Ctrl and ] is how a scanner types the separator of a GS1 code
            sign = chr(ord(sign.upper()) & 0x1F) if sign and 0x40 <= ord(sign.upper()) < 0x60 else ""
        self._good = self._good and bool(sign) and not self._down & ALTS
        self._text = (self._text + sign)[: LONGEST + 1]

    def _end(self, at_ns: int) -> None:
        text, good = self._text, self._good
        self._begin()
        if not good:
            self.unreadable += 1
        elif len(text) > LONGEST:
            self.too_long += 1
        else:
            self._line(text.encode("ascii"), at_ns)

    def _begin(self) -> None:
        self._text, self._good = "", True


def typed(text: str, at_ns: int, layout: str = "us") -> bytes:
    """The records the kernel would give for a text being typed, with CR, LF or Tab for its end; for the bench.

    Raises ValueError for a character that no key of the layout has.
    """
    return b"".join(EVENT.pack(at_ns // NS_PER_S, at_ns % NS_PER_S // 1000, *event) for event in _events(text, layout))


def _events(text: str, layout: str) -> Iterator[tuple[int, int, int]]:
    plain, shifted = ({sign: code for code, sign in reversed(keys.items())} for keys in LAYOUTS[layout])
    for sign in text:
        held: tuple[int, ...] = ()
        if sign in "\r\n\t":
            code = 15 if sign == "\t" else 28
        elif sign < " ":
            held, code = (29,), plain.get(chr(ord(sign) + 0x40).lower(), 0)
        elif sign in plain:
            code = plain[sign]
        else:
            held, code = (42,), shifted.get(sign, 0)
        if not code:
            raise ValueError(f"no key of the layout {layout} is {sign!r}")
        yield from ((EV_KEY, key, PRESSED) for key in (*held, code))
        yield from ((EV_KEY, key, RELEASED) for key in (code, *held))
        yield EV_SYN, 0, 0


class InputDevice:
    """An input device of this machine, ours alone, its events dated by the monotonic clock.

    ``ioctl`` is the kernel's call of that name. Raises SensorError if there is none, or somebody else has it.
    """

    timeout: float | None = 0
    in_waiting = 64 * EVENT.size
    """The kernel gives whole events only, and does not say how many there are."""

    def __init__(self, path: str, ioctl: Callable[..., Any] | None = None) -> None:
        self._number = -1
        try:
            self._number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            call = ioctl or _kernel()
            call(self._number, EVIOCGRAB, 1)
            call(self._number, EVIOCSCLOCKID, struct.pack("i", CLOCK_MONOTONIC))
        except (OSError, ImportError) as error:
            self.close()
            raise _refused(path, str(error)) from error

    def fileno(self) -> int:
        """The file number to wait on."""
        return self._number

    def read(self, size: int = 1) -> bytes:
        """The events there are; none if there is none. Raises OSError when the device has gone."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self._number, size)
        return b""

    def write(self, data: bytes) -> int | None:
        """Nothing can be said to it."""
        raise OSError(f"{len(data)} bytes for a device that only types")

    def close(self) -> None:
        """Give it back to everybody."""
        number, self._number = self._number, -1
        if number >= 0:
            os.close(number)


def _kernel() -> Callable[..., Any]:
    import fcntl  # not on Windows

    return fcntl.ioctl


def _refused(path: str, why: str) -> SensorError:
    return SensorError(
        Words(f"入力機器 {path} を使えません({why})。", f"The input device {path} cannot be had: {why}."),
        Words("「ls /dev/input/by-id/*-event-kbd」で名前を確かめてください。権限がないときは"
              "「sudo usermod -aG input $USER」のあと、ログインし直してください。"
              "ほかのプログラムが使っていると開けません。",
              "Hint: look for its name with ls /dev/input/by-id/*-event-kbd; for the right to use it: sudo usermod -aG "
              "input $USER, then log in again; only one program can have it."),
    )  # fmt: skip
