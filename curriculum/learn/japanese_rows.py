"""Rows of Japanese for a terminal: broken between letters, not only at spaces, and never before 。 or after 「.

A terminal's library breaks at spaces; Japanese has none, so half a row stays empty there and a word of Latin letters
is torn from what follows it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

Mark = Literal["", "bold", "code", "heading"]
Letter = tuple[str, Mark]
Row = list[Letter]

NOT_FIRST = frozenset("。、,.!?)」』】〕〉》”’・:;ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ])}」…")
NOT_LAST = frozenset("「『【〔〈《“‘([{")
_ENDS = ("。", ".", "!", "?", ":", ":", "!", "?", "」", "*")
_INLINE = re.compile(r"\*\*(?P<bold>.+?)\*\*|`(?P<code>[^`]+)`")
_RULE = re.compile(r"[|\s:-]+")
_ITEM = re.compile(r"\s*(?:[-・]|\d+\.)\s+")


def width(letter: str) -> int:
    """Columns of one letter: 2 for a Japanese one."""
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def letters(text: str, mark: Mark = "") -> Row:
    """A row of Markdown as letters with their marks; the signs of the marks are gone."""
    row: Row = []
    end = 0
    for found in _INLINE.finditer(text):
        row += [(letter, mark) for letter in text[end : found.start()]]
        inner: Mark = "bold" if found["bold"] is not None else "code"
        row += [(letter, inner) for letter in found["bold"] or found["code"]]
        end = found.end()
    return row + [(letter, mark) for letter in text[end:]]


def page(markdown: str, columns: int) -> Iterator[Row]:
    """A page of a lesson, row by row. Headings, lists, tables, what is said, ``**bold**``, code."""
    in_code = False
    for line in joined(markdown):
        if line.startswith("```"):
            in_code = not in_code
        elif in_code:
            yield from fold([(letter, "code") for letter in line], columns, 2)
        elif line.startswith("|"):
            yield from [] if _RULE.fullmatch(line) else fold(letters(line.strip("| ").replace("|", "·")), columns, 4)
        elif line.startswith(">"):
            yield from fold(letters(line.lstrip("> "), "bold"), columns)
        elif line.startswith("#"):
            yield from fold(letters(line.lstrip("# "), "heading"), columns)
        else:
            item = _ITEM.match(line)
            shown = re.sub(r"^(\s*)- ", r"\1・", line)
            yield from fold(letters(shown), columns, 2 if item else 0)


def joined(markdown: str) -> Iterator[str]:
    """The lines of a page; a sentence that goes on in the next line is one, what begins a sentence begins a row."""
    held = ""
    in_code = False
    for line in markdown.strip().splitlines():
        in_code ^= line.startswith("```")
        alone = in_code or not line.strip() or line.startswith(("#", "|", "```", ">")) or bool(_ITEM.match(line))
        if alone or not held or held.startswith(("#", "|", "```")) or held.endswith(_ENDS):
            if held:
                yield held
            held = line
            if not line.strip():
                yield ""
                held = ""
        else:
            held += _between(held, line.strip()) + line.strip()
    if held:
        yield held


def _between(before: str, after: str) -> str:
    """A space where lines of Latin letters are joined, none between Japanese ones."""
    return "" if width(before[-1]) == 2 or width(after[0]) == 2 else " "


def fold(row: Row, columns: int, indent: int = 0) -> Iterator[Row]:
    """The row in rows of so many columns at most; all but the first begin with ``indent`` spaces."""
    rest, lead = row, 0
    while sum(width(letter) for letter, _ in rest) > columns - lead:
        end = _break(rest, columns - lead)
        yield _led(rest[:end], lead)
        rest, lead = rest[end:], indent
        while rest and rest[0][0] == " ":
            rest = rest[1:]
    yield _led(rest, lead)


def _led(row: Row, lead: int) -> Row:
    space: Letter = (" ", "")
    return [space] * lead + row


def _break(row: Sequence[Letter], columns: int) -> int:
    """After how many letters to break: the last allowed place that fits, or where the row is full."""
    taken = full = 0
    while full < len(row) and taken + width(row[full][0]) <= columns:
        taken += width(row[full][0])
        full += 1
    full = max(1, full)
    return next((end for end in range(full, 0, -1) if _may_break(row, end)), full)


def _may_break(row: Sequence[Letter], end: int) -> bool:
    if end >= len(row):
        return True
    before, after = row[end - 1][0], row[end][0]
    if after in NOT_FIRST or before in NOT_LAST:
        return False
    return before == " " or after == " " or width(before) == 2 or width(after) == 2
