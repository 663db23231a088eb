"""Single keys from a terminal, without Enter; lines where standard input is none. Nobody waits longer than asked for.

with keys() as key:
    pressed = key(0.3)      # "h", "" for nothing yet, None for the end of the input
"""

import os
import re
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ARROWS = re.compile(r"\x1b(\[[0-9;]*[A-Za-z~]|O[A-Za-z]|.)?")
"""Keys that come as several signs: arrows, Home, Alt with a letter."""
ENTER = "\r\n"

Key = Callable[[float], str | None]


@contextmanager
def keys() -> Iterator[Key]:
    """The keys of whoever sits here; the terminal is as it was afterwards."""
    if sys.platform == "win32":
        yield _windows
    elif sys.stdin.isatty():
        with _single_keys(sys.stdin.fileno()):
            yield _from(sys.stdin.fileno(), enter=ENTER)
    else:
        yield _from(sys.stdin.fileno())


@contextmanager
def as_it_was() -> Iterator[None]:
    """Within the block the terminal is as a program (an editor) expects it."""
    if sys.platform == "win32" or not sys.stdin.isatty():
        yield
        return
    import termios

    number = sys.stdin.fileno()
    now = termios.tcgetattr(number)
    whole = termios.tcgetattr(number)
    whole[0] |= termios.IXON
    whole[3] |= termios.ICANON | termios.ECHO
    termios.tcsetattr(number, termios.TCSADRAIN, whole)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, now)


@contextmanager
def _single_keys(number: int) -> Iterator[None]:
    import termios
    import tty

    before = termios.tcgetattr(number)
    tty.setcbreak(number)
    single = termios.tcgetattr(number)
    single[0] &= ~termios.IXON  # Ctrl+S typed here instead of in the editor: a key, not a frozen terminal
    termios.tcsetattr(number, termios.TCSADRAIN, single)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _from(number: int, enter: str = "") -> Key:
    """``enter``: what is a key although nothing is seen of it; where keys come in lines it only ends them."""
    waiting: list[str] = []

    def key(within_s: float) -> str | None:
        if not waiting:
            ready, _, _ = select.select([number], [], [], within_s)
            if not ready:
                return ""
            typed = os.read(number, 64)
            if not typed:
                return None
            waiting.extend(
                sign for sign in _ARROWS.sub("", typed.decode("utf-8", "ignore")) if sign.strip() or sign in enter
            )
        return waiting.pop(0) if waiting else ""

    return key


def _windows(within_s: float) -> str | None:
    import msvcrt

    end = time.monotonic() + within_s
    while not msvcrt.kbhit():  # type: ignore[attr-defined]
        if time.monotonic() > end:
            return ""
        time.sleep(0.02)
    return str(msvcrt.getwch())  # type: ignore[attr-defined]
