"""The little Markdown that the pages of a course are written in, read into sections and into HTML.

Headings, paragraphs, ``> `` what is said aloud, ``- `` lists, ``- [ ] `` boxes to tick, ``1. `` steps, tables, and in a
row ``**bold**``, ``code`` between backquotes, links, and ``[ ]`` a blank for the pen. Anything else is text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

_HEADING = re.compile(r"(#{1,4}) +(.+?) *$")
_ITEM = re.compile(r"(- \[[ x]\]|-|\d+\.) +(.*)")
_LINK = re.compile(r"\[([^\]\s][^\]]*)\]\(([^)\s]+)\)")
MOSTLY = 0.8
"""A text with a larger share of ASCII is English, with some Japanese words in it."""
_CODE = re.compile(r"`([^`]+)`")
_BLANK = "[ ]"
_ASIDE = "\0"
"""Stands for a piece of code while the words around it are read; no page has it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it, up to the next heading of its own level or above."""

    level: int
    title: str
    body: str
    row: int


def sections(text: str) -> list[Section]:
    """Every heading of a page, in order."""
    rows = text.splitlines()
    heads = [(number, found) for number, row in enumerate(rows) if (found := _HEADING.match(row))]
    return [_section(rows, heads, place) for place in range(len(heads))]


def _section(rows: Sequence[str], heads: Sequence[tuple[int, re.Match[str]]], place: int) -> Section:
    number, found = heads[place]
    level = len(found[1])
    after = (row for row, other in heads[place + 1 :] if len(other[1]) <= level)
    body = "\n".join(rows[number + 1 : next(after, len(rows))])
    return Section(level, found[2], body.strip("\n"), number + 1)


def html(text: str, lower: int = 0) -> str:
    """The page as HTML; headings ``lower`` levels further down."""
    return "\n".join(_block(block, lower) for block in _blocks(text))


def _blocks(text: str) -> Iterator[list[str]]:
    """Rows that belong together: of one kind, with no empty row between."""
    kept: list[str] = []
    for row in text.splitlines():
        alone = bool(_HEADING.match(row))
        if kept and (not row.strip() or alone or (_kind(row) != _kind(kept[0]) and not row.startswith("  "))):
            yield kept
            kept = []
        if row.strip():
            kept.append(row)
        if alone:
            yield kept
            kept = []
    if kept:
        yield kept


def _kind(row: str) -> str:
    found = _ITEM.match(row)
    if found:
        return "step" if found[1][0].isdigit() else "tick" if "[" in found[1] else "item"
    return "table" if row.startswith("|") else "said" if row.startswith(">") else "text"


def _block(rows: list[str], lower: int) -> str:
    heading = _HEADING.match(rows[0])
    if heading:
        level = min(len(heading[1]) + lower, 6)
        return f"<h{level}>{inline(heading[2])}</h{level}>"
    kind = _kind(rows[0])
    if kind == "table":
        return _table(rows)
    if kind == "said":
        return f"<blockquote>{inline(_joined(row.lstrip('> ') for row in rows))}</blockquote>"
    if kind == "text":
        return f"<p>{inline(_joined(rows))}</p>"
    items = "".join(f"<li>{inline(item)}</li>" for item in _items(rows))
    return f"<ol>{items}</ol>" if kind == "step" else f"<ul class='{kind}'>{items}</ul>"


def _items(rows: list[str]) -> Iterator[str]:
    kept: list[str] = []
    for row in rows:
        found = _ITEM.match(row)
        if found and kept:
            yield _joined(kept)
            kept = []
        kept.append(found[2] if found else row.strip())
    yield _joined(kept)


def _joined(rows: Iterable[str]) -> str:
    """Rows as one; in Japanese no space but between two ASCII letters."""
    stripped = [row.strip() for row in rows]
    whole = "".join(stripped)
    if sum(letter.isascii() for letter in whole) > MOSTLY * len(whole):
        return " ".join(stripped)
    text = ""
    for row in stripped:
        gap = " " if text and (text[-1].isascii() and row[:1].isascii()) else ""
        text += gap + row
    return text


def _table(rows: list[str]) -> str:
    cells = [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in rows]
    head, body = cells[0], [row for row in cells[1:] if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    top = "".join(f"<th>{inline(cell)}</th>" for cell in head)
    lines = ("<tr>" + "".join(f"<td>{inline(cell)}</td>" for cell in row) + "</tr>" for row in body)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def inline(text: str) -> str:
    """One row's words with their bold, code and links; bold goes across code."""
    codes: list[str] = []

    def aside(found: re.Match[str]) -> str:
        codes.append(f"<code>{escape(found[1])}</code>")
        return f"{_ASIDE}{len(codes) - 1}{_ASIDE}"

    plain = _plain(_CODE.sub(aside, text.replace(_ASIDE, "")))
    return re.sub(f"{_ASIDE}(\\d+){_ASIDE}", lambda found: codes[int(found[1])], plain)


def _plain(text: str) -> str:
    safe = _LINK.sub(r"<a href='\2'>\1</a>", escape(text, quote=True)).replace(_BLANK, "<span class='blank'></span>")
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", safe)
