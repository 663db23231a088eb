"""What is shown in the terminal: in colour where rich is installed and a person looks on, else plain text.

Both say the same words; a pipe and a Pi without rich get the plain one.
"""

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from contract.words import Words
from curriculum.learn.japanese_rows import Mark, fold, page, width
from curriculum.learn.stops import Stops

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Look = Literal["plain", "title", "green", "red", "hint", "faint"]


class Screen(Protocol):
    """Where the terminal's words go."""

    def say(self, words: Words | str, look: Look = "plain") -> None:
        """One or several rows."""

    def page(self, markdown: str) -> None:
        """A page of a lesson."""

    def verdict(self, rows: str, green: bool) -> None:
        """The answer to a check."""

    def more(self) -> None:
        """The next screenful of a page that is longer than the screen."""

    def rest(self) -> None:
        """All that has not been shown of it."""


class PlainScreen:
    """Text alone. ``size``: of the terminal; None where nothing is read a screenful at a time."""

    def __init__(self, out: TextIO, size: Callable[[], os.terminal_size] | None = None) -> None:
        self._out, self._size = out, size
        self._stops = Stops((lambda: size().lines) if size else None, lambda: self._put(str(GO_ON)))
        self.more, self.rest = self._stops.more, self._stops.rest

    def say(self, words: Words | str, look: Look = "plain") -> None:  # noqa: ARG002 - nothing to look like
        for row in str(words).split("\n"):
            self._stops.show(self._rows(row), partial(self._put, row))

    def page(self, markdown: str) -> None:
        self._stops.reading()
        self.say(f"\n{markdown.strip()}\n")

    def verdict(self, rows: str, green: bool) -> None:
        self.say(f"\n[{_COLOUR[green]}] {rows}\n")

    def _rows(self, text: str) -> int:
        """How many rows of the terminal a line of text takes."""
        return 1 if self._size is None else max(1, -(-sum(map(width, text)) // self._size().columns))

    def _put(self, row: str) -> None:
        print(row, file=self._out, flush=True)


class RichScreen:
    """Colours, frames, and rows that are broken as Japanese is. ``stops``: a page is shown a screenful at a time."""

    def __init__(self, console: "Console", *, stops: bool = False) -> None:
        self._console = console
        self._stops = Stops((lambda: console.height) if stops else None, self._go_on)
        self.more, self.rest = self._stops.more, self._stops.rest

    def say(self, words: Words | str, look: Look = "plain") -> None:
        from rich.text import Text

        for row in self._folded(str(words)).split("\n"):
            self._put(Text(row, _STYLES[look]))

    def page(self, markdown: str) -> None:
        from rich.text import Text

        self._stops.reading()
        self._put(Text())
        for row in page(markdown, self._columns - 2 * len(_MARGIN)):
            shown = Text(_MARGIN)
            for mark, run in groupby(row, key=itemgetter(1)):
                shown.append("".join(letter for letter, _ in run), _MARKS[mark])
            self._put(shown)
        self._put(Text())

    def verdict(self, rows: str, green: bool) -> None:
        from rich.panel import Panel
        from rich.text import Text

        style, title = "green" if green else "red", str(_COLOUR[green])
        shown = Text(self._folded(rows, room=6), no_wrap=True)
        panel = Panel(shown, title=title, title_align="left", border_style=style, padding=(1, 2))
        self._stops.show(len(shown.plain.split("\n")) + _FRAME, lambda: self._console.print(panel))

    def _put(self, row: "Text") -> None:
        self._stops.show(1, lambda: self._console.print(row, no_wrap=True))

    def _go_on(self) -> None:
        self._console.print(str(GO_ON), style="reverse", no_wrap=True)

    @property
    def _columns(self) -> int:
        return min(self._console.width, WIDEST)

    def _folded(self, text: str, room: int = 0) -> str:
        rows = [
            row for line in text.splitlines() for row in fold([*((one, _NONE) for one in line)], self._columns - room)
        ]
        return "\n".join("".join(letter for letter, _ in row) for row in rows)


WIDEST = 100
"""Columns; longer rows are hard to read."""
GO_ON = Words("── Enter で続き ──", "── Enter: go on ──")
_FRAME = 4
"""Rows of a frame around what is said."""
_MARGIN = "  "
_NONE: Mark = ""
_MARKS: dict[Mark, str] = {"": "", "bold": "bold", "code": "cyan", "heading": "bold"}
_COLOUR = {True: Words("緑", "green"), False: Words("赤", "red")}
_STYLES: dict[Look, str] = {
    "plain": "",
    "title": "bold",
    "green": "bold green",
    "red": "bold red",
    "hint": "yellow",
    "faint": "dim",
}


def screen_for(out: TextIO | None = None) -> Screen:
    """A screen on ``out``, standard output if None."""
    out = out or sys.stdout
    if not out.isatty():
        return PlainScreen(out)
    someone_is_there = sys.stdin.isatty()  # a pipe of keys would never press Enter
    try:
        from rich.console import Console
    except ImportError:
        return PlainScreen(out, shutil.get_terminal_size if someone_is_there else None)
    return RichScreen(Console(file=out, highlight=False), stops=someone_is_there)
