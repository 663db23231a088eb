"""Troubles (S17) of several teams as one table without names: causes counted, the commonest first.

    merged([read(Path("s17-a.csv")), read(Path("s17-b.csv"))])

The column of names is dropped, and so is every column that is not on the sheet: it may name somebody. A name from that
column that also stands in a text is replaced, each of several, with or without さん. One that stands only in a text
cannot be known: `LEFT_TO_READ`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contract.line_report import half_width
from contract.words import Words
from curriculum.sheets.blank import heading
from curriculum.sheets.filled import Answers, Filled
from curriculum.sheets.form import Field, form
from curriculum.sheets.printed import Value, said
from hardware.paper import csv

NAMELESS = "(名前)"
HONORIFICS = ("さん", "さま", "様", "くん", "君", "ちゃん", "氏")
_HONORIFIC = re.compile(f"(?:{'|'.join(HONORIFICS)})$")
_BETWEEN = re.compile(r"[、・,/&;\uff65\uff0c\uff0f\uff06\uff1b\s]+")
LEFT_TO_READ = Words(
    "名前の欄は消しました。ほかの欄に名前が残っていないか、渡す前に一度読んでください。",
    "The names are gone. Read the other columns once before it leaves the house: a name may stand in a text.",
)


@dataclass(frozen=True, slots=True)
class Cause:
    """How often, and how many minutes it took (of those that say)."""

    key: str
    words: Words
    times: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Merged:
    """Every trouble, those of the commonest cause first; ``dropped``: the headings of columns that were left out."""

    causes: tuple[Cause, ...]
    rows: tuple[Answers, ...]
    dropped: tuple[str, ...]

    @property
    def text(self) -> str:
        """CSV that Excel opens and `kojo sheet check` reads."""
        return _csv(self)


def merged(sheets: Sequence[Filled]) -> Merged:
    """All of them in one."""
    rows = [_nameless(row, _names(sheet)) for sheet in sheets for row in sheet.rows()]
    causes = _counted(rows)
    order = {cause.key: n for n, cause in enumerate(causes)}
    rows.sort(key=lambda row: (order[row.text("cause")], row.text("where")))
    dropped = ["名前", *(column for sheet in sheets for column in sheet.unread)]
    return Merged(tuple(causes), tuple(rows), tuple(dict.fromkeys(dropped)))


def _columns() -> list[Field]:
    return [column for column in form("S17").table("troubles").fields if not column.personal]


def _names(sheet: Filled) -> list[str]:
    """What the column of names holds, the longest first; a single letter is no name that could be found in a text."""
    found = {name for row in sheet.rows() for cell in _both(row.text("name")) for name in _in_cell(cell)}
    return sorted((name for name in found if len(name) > 1), key=len, reverse=True)


def _both(text: str) -> tuple[str, str]:
    return text, half_width(text)


def _in_cell(cell: str) -> Iterator[str]:
    """The names in one cell: 田中・佐藤さん is 田中, 佐藤さん and 佐藤. Of one letter: with its honorific."""
    yield cell
    for part in _BETWEEN.split(cell):
        plain = _HONORIFIC.sub("", part)
        yield from (part, plain)
        if len(plain) == 1:
            yield from (plain + one for one in HONORIFICS)


def _nameless(row: Answers, names: Iterable[str]) -> Answers:
    values: dict[str, Value] = {}
    for column in _columns():
        value = row.values.get(column.key)
        if isinstance(value, str) and column.type == "text":
            for name in names:
                value = value.replace(name, NAMELESS)
        values[column.key] = value
    return Answers(values, row.row)


def _counted(rows: Sequence[Answers]) -> list[Cause]:
    times = Counter(row.text("cause") for row in rows)
    words = {choice.key: choice.words for choice in form("S17").table("troubles").field("cause").choices}
    minutes = {key: sum(row.number("minutes") or 0 for row in rows if row.text("cause") == key) for key in times}
    causes = [Cause(key, words[key], many, minutes[key]) for key, many in times.items()]
    return sorted(causes, key=lambda cause: (-cause.times, -cause.minutes, cause.key))


def _csv(of: Merged) -> str:
    columns = _columns()
    words = {cause.key: cause.words.ja for cause in of.causes}
    rows: list[Sequence[object]] = [["S17", "トラブル記録(まとめ、名前なし)"]]
    rows += [[f"# {c.words.ja}: {c.times} 件、{c.minutes:g} 分"] for c in of.causes]
    rows.append([heading(column) for column in columns])
    for row in of.rows:
        cells = (words[row.text("cause")] if c.key == "cause" else said(c, row.values.get(c.key)) for c in columns)
        rows.append(list(cells))
    return csv(rows)
