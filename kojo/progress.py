"""How far long work is, on stderr: one line that renews itself on a terminal, one line a step elsewhere."""

import sys
import time
from typing import TextIO

from contract.words import Words

EVERY_S = 0.2


class Steps:
    """Steps of long work, numbered. ``of``: how many there will be."""

    def __init__(self, of: int, out: TextIO | None = None) -> None:
        self._out, self._of, self._at = out or sys.stderr, of, 0
        self._what = Words("", "")
        self._last = 0.0

    def step(self, what: Words) -> None:
        """The next step begins."""
        self.done()
        self._at += 1
        self._what = what
        self._print("" if self._out.isatty() else "\n")

    def so_far(self, done: int, of: int) -> None:
        """How far this step is, in any unit."""
        now = time.monotonic()
        if self._out.isatty() and now - self._last >= EVERY_S:
            self._last = now
            self._print("", f" {100 * done // max(of, 1)} %")

    def done(self) -> None:
        """The step has ended; so has the line that showed it."""
        if self._at and self._out.isatty():
            self._out.write("\n")

    def _print(self, end: str, more: str = "") -> None:
        head = "\r" if self._out.isatty() else ""
        self._out.write(f"{head}[{self._at}/{self._of}] {self._what}{more}{end}")
        self._out.flush()
