"""What is shown in the terminal: in colour where rich is installed and a person looks on, else plain text.

Both say the same words; a pipe and a Pi without rich get the plain one.
"""

import sys
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from contract.words import Words
from curriculum.learn.japanese_rows import Mark, fold, page

if TYPE_CHECKING:
    from rich.console import Console

Look = Literal["plain", "title", "green", "red", "hint", "faint"]


class Screen(Protocol):
    """Where the terminal's words go."""

    def say(self, words: Words | str, look: Look = "plain") -> None:
        """One or several rows."""

    def page(self, markdown: str) -> None:
        """A page of a lesson."""

    def verdict(self, rows: str, green: bool) -> None:
        """The answer to a check."""


class PlainScreen:
    """Text alone."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def say(self, words: Words | str, look: Look = "plain") -> None:  # noqa: ARG002 - nothing to look like
        print(words, file=self._out, flush=True)

    def page(self, markdown: str) -> None:
        self.say(f"\n{markdown.strip()}\n")

    def verdict(self, rows: str, green: bool) -> None:
        self.say(f"\n[{_COLOUR[green]}] {rows}\n")


class RichScreen:
    """Colours, frames, and rows that are broken as Japanese is."""

    def __init__(self, console: "Console") -> None:
        self._console = console

    def say(self, words: Words | str, look: Look = "plain") -> None:
        from rich.text import Text

        self._console.print(Text(self._folded(str(words)), _STYLES[look]), no_wrap=True)

    def page(self, markdown: str) -> None:
        from rich.text import Text

        self._console.print()
        for row in page(markdown, self._columns - 2 * len(_MARGIN)):
            shown = Text(_MARGIN)
            for mark, run in groupby(row, key=itemgetter(1)):
                shown.append("".join(letter for letter, _ in run), _MARKS[mark])
            self._console.print(shown, no_wrap=True)
        self._console.print()

    def verdict(self, rows: str, green: bool) -> None:
        from rich.panel import Panel
        from rich.text import Text

        style, title = "green" if green else "red", str(_COLOUR[green])
        shown = Text(self._folded(rows, room=6), no_wrap=True)
        self._console.print(Panel(shown, title=title, title_align="left", border_style=style, padding=(1, 2)))

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
    try:
        from rich.console import Console
    except ImportError:
        return PlainScreen(out)
    return RichScreen(Console(file=out, highlight=False))
