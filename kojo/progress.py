"""How far long work is, on stderr: one line that renews itself on a terminal, one line a step elsewhere."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TextIO

from contract.words import Words

EVERY_S = 0.2


class Progress(Protocol):
    """Who is told how far long work is."""

    def step(self, what: Words) -> None:
        """The next step begins."""

    def so_far(self, done: int, of: int) -> None:
        """How far this step is, in any unit."""


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

    def hear(self, far: Mapping[str, Any]) -> None:
        """What a `Relay` in another process tells."""
        if "step" in far:
            self.step(Words(*far["step"]))
        if "so_far" in far:
            self.so_far(*far["so_far"])

    def done(self) -> None:
        """The step has ended; so has the line that showed it."""
        if self._at and self._out.isatty():
            self._out.write("\n")

    def _print(self, end: str, more: str = "") -> None:
        head = "\r" if self._out.isatty() else ""
        self._out.write(f"{head}[{self._at}/{self._of}] {self._what}{more}{end}")
        self._out.flush()


class Relay:
    """Tells another process how far the work is: its `Steps` hear it."""

    def __init__(self, tell: Callable[[Mapping[str, Any]], object]) -> None:
        self._tell, self._last = tell, 0.0

    def step(self, what: Words) -> None:
        """The next step begins."""
        self._tell({"step": (what.ja, what.en)})

    def so_far(self, done: int, of: int) -> None:
        """How far this step is, in any unit."""
        now = time.monotonic()
        if now - self._last >= EVERY_S:
            self._last = now
            self._tell({"so_far": (done, of)})
