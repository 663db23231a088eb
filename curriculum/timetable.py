"""The rows of a course's timetable: blocks that follow each other, and what is given up when time is short.

timetables = Timetables(file, "minutes", lessons, frozenset({"S1", "S2"}))
form = timetables.form(("forms", 0), table)       # what is wrong is told to the file
form.shown(form.blocks[0].at)                     # 9:30
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from contract.line_places import Path as Place
from contract.words import Words
from curriculum.datafile import DataFile
from curriculum.lesson_facts import minutes_of

Kind = Literal["talk", "lesson", "work", "break", "slack"]
Unit = Literal["minutes", "weeks"]
_FORM = frozenset({"id", "title", "starts", "ends", "blocks"})
_BLOCK = frozenset({"at", "length", "title", "kind", "lesson", "sheets", "must", "drop", "keep"})
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Block:
    """One row of a timetable. ``at`` and ``length`` in minutes since midnight, or in weeks.

    ``drop``: its place in the order of what is given up when time is short, 0 = never. ``keep``: what remains of it.
    """

    at: int
    length: int
    title: Words
    kind: Kind
    lesson: str = ""
    sheets: tuple[str, ...] = ()
    must: bool = False
    drop: int = 0
    keep: int = 0

    @property
    def end(self) -> int:
        """When the next one begins."""
        return self.at + self.length

    @property
    def scripted(self) -> bool:
        """Whether there is something to say in it."""
        return self.kind not in ("break", "slack")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to hold a course."""

    id: str
    title: Words
    unit: Unit
    starts: int
    ends: int
    blocks: tuple[Block, ...]

    def shown(self, at: int) -> str:
        """A time of day, or a week."""
        return f"{at // 60}:{at % 60:02}" if self.unit == "minutes" else str(at)

    @property
    def dropped(self) -> tuple[Block, ...]:
        """What is given up when time is short, first things first."""
        return tuple(sorted((block for block in self.blocks if block.drop), key=lambda block: block.drop))


class Timetables:
    """Reads the forms of one file. ``sheets``: those that exist; where none is known, none is missed."""

    def __init__(self, file: DataFile, unit: Unit, lessons: Path, sheets: frozenset[str]) -> None:
        self._file, self._unit, self._lessons, self._sheets = file, unit, lessons, sheets

    def form(self, at: Place, table: dict[str, Any]) -> Form:
        """One way to hold the course."""
        file = self._file
        file.keys(table, at, _FORM)
        blocks = tuple(self._block(place, one) for place, one in file.tables(table, at, "blocks"))
        starts, ends = (self._moment(table, at, key) for key in ("starts", "ends"))
        form = Form(
            file.text(table, at, "id"), file.words(table, at, "title"), self._unit,
            starts, ends, blocks,
        )  # fmt: skip
        self._follow(form, at)
        self._order(form, at)
        return form

    def _block(self, at: Place, table: dict[str, Any]) -> Block:
        file = self._file
        file.keys(table, at, _BLOCK)
        kind = file.choice(table, at, "kind", get_args(Kind))
        block = Block(
            self._moment(table, at, "at"), file.whole(table, at, "length", least=1),
            file.words(table, at, "title"), kind, file.text(table, at, "lesson", ""),  # type: ignore[arg-type]
            file.texts(table, at, "sheets"), file.yes(table, at, "must"), file.whole(table, at, "drop", 0),
            file.whole(table, at, "keep", 0),
        )  # fmt: skip
        self._lesson(block, at)
        for sheet in block.sheets:
            if self._sheets and sheet not in self._sheets:
                file.tell((*at, "sheets"), f"{sheet} という帳票はありません。", f"there is no sheet {sheet}.")
        return block

    def _lesson(self, block: Block, at: Place) -> None:
        if bool(block.lesson) != (block.kind == "lesson"):
            self._file.tell((*at, "lesson"), "kind = \"lesson\" のときだけ書きます。",
                            'belongs to kind = "lesson", and only to it.')  # fmt: skip
        planned = minutes_of(block.lesson, self._lessons) if block.lesson else None
        if planned is not None and planned != block.length:
            self._file.tell(
                (*at, "length"),
                f"{block.lesson} の lesson.toml は {planned} 分、ここは {block.length} 分です。",
                f"lesson.toml of {block.lesson} says {planned} minutes, here it is {block.length}.",
            )

    def _follow(self, form: Form, at: Place) -> None:
        """No gap, no overlap, and the end when it should be."""
        due = form.starts
        for number, block in enumerate(form.blocks):
            if block.at != due:
                what = ("間が空いています", "there is a gap") if block.at > due else ("重なっています", "overlap")
                self._file.tell(
                    (*at, "blocks", number, "at"),
                    f"{what[0]}: 前は {form.shown(due)} に終わり、ここは {form.shown(block.at)} に始まります。",
                    f"{what[1]}: the one before ends at {form.shown(due)}, this begins at {form.shown(block.at)}.",
                )
            due = block.end
        if due != form.ends:
            self._file.tell(
                (*at, "ends"),
                f"最後の行は {form.shown(due)} に終わります。ends は {form.shown(form.ends)} です。",
                f"the last row ends at {form.shown(due)}, ends says {form.shown(form.ends)}.",
            )

    def _order(self, form: Form, at: Place) -> None:
        """1, 2, …; what must be keeps a part."""
        if [block.drop for block in form.dropped] != list(range(1, len(form.dropped) + 1)):
            self._file.tell(
                (*at, "blocks"), "drop は 1 から順に、同じ数は一度だけです。", "drop counts 1, 2, …, each once."
            )
        for number, block in enumerate(form.blocks):
            place = (*at, "blocks", number, "drop")
            if block.drop and block.must and not 0 < block.keep < block.length:
                self._file.tell(place, "必ず行うものは keep(残す長さ)だけ短くできます。",
                                "what must be can only be shortened, to keep.")  # fmt: skip
            if block.keep and not block.drop:
                self._file.tell(place, "keep は drop と一緒に書きます。", "keep goes with drop.")
            if block.drop and not block.scripted:
                self._file.tell(place, "休憩と予備は先に削りません。", "a break or slack is not in this order.")

    def _moment(self, table: Mapping[str, Any], at: Place, key: str) -> int:
        if self._unit == "weeks":
            return self._file.whole(table, at, key)
        clock = _CLOCK.fullmatch(str(table.get(key, "")))
        if not clock:
            self._file.tell((*at, key), "時刻は \"09:30\" の形です。", 'a time is written "09:30".')  # fmt: skip
            return 0
        return int(clock[1]) * 60 + int(clock[2])
