"""A file as it is printed: every row with its number, long ones wrapped below their own beginning, blanks for a pen."""

import re
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from html import escape

BLANK = "___"
TOGETHER = 3
"""So many rows at the beginning and at the end of a file stay on one page."""
_GAP = re.compile(r"_{3,}")


def code(text: str, marked: Collection[int] = ()) -> str:
    """The whole file; rows whose number is ``marked`` stand out. A page has no single row of it."""
    rows = [row(number, one, number in marked) for number, one in enumerate(text.rstrip().splitlines(), 1)]
    first, last = rows[:TOGETHER], rows[TOGETHER:][-TOGETHER:]
    between = rows[TOGETHER : len(rows) - len(last)]
    return f"<div class='code'>{_kept(first)}{''.join(between)}{_kept(last)}</div>"


def _kept(rows: list[str]) -> str:
    return f"<div class='keep'>{''.join(rows)}</div>" if rows else ""


def row(number: int, text: str, marked: bool = False, *, gone: bool = False) -> str:
    """One row, ``gone`` struck out; what is too wide goes on under where its own text begins."""
    inside = text.lstrip(" ")
    indent = len(text) - len(inside)
    wide = indent + 2
    runs, sign, comment = inside.partition("#")
    shown = _GAP.sub(f"<b class='gap'>{BLANK}</b>", escape(runs)) + escape(sign + comment)
    shown = f"<s>{shown}</s>" if gone else shown
    kind, label = ("row new", f"<b>{number}</b>") if marked else ("row", str(number))
    style = f"padding-left: {wide}ch; text-indent: -{wide}ch"
    return (
        f"<div class='{kind}'><span class='no'>{label}</span><code style='{style}'>{' ' * indent}{shown}</code></div>"
    )


def changed(before: str, after: str) -> Iterator[tuple[int, str, bool]]:
    """The rows in which ``after`` differs: its number and text, and True where it is one of ``before`` that is gone.

    A row that was changed is shown as it is now, not as it was.
    """
    old, new = before.splitlines(), after.splitlines()
    for what, first, last, at, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "delete":
            yield from ((number + 1, old[number], True) for number in range(first, last))
        elif what != "equal":
            yield from ((number + 1, new[number], False) for number in range(at, end))


def new_rows(before: str, after: str) -> frozenset[int]:
    """The numbers of the rows of ``after`` that are not in ``before``, comments aside."""
    return frozenset(
        number for number, text, gone in changed(before, after) if not gone and not text.lstrip().startswith("#")
    )
