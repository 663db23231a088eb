"""A course as data: its timetables, gates, judging and evidence, held against its scripts, lessons and sheets.

    course = load(COURSES / "a")
    [(form.shown(block.at), block.title.ja) for form in course.forms for block in form.blocks]

A form is one way to hold the course (a day, half a day, 12 weeks). Its blocks follow each other without gap or overlap
and end when it should. What is short of time is dropped in the order ``drop`` = 1, 2, …: a block that must be is only
shortened to ``keep``. The script of a course has one section for each kind of block, with the block's title as heading.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from contract.errors import Mistake
from contract.line_places import Path as Place
from contract.words import Language, Words
from curriculum.datafile import DataFile
from curriculum.lesson_facts import LESSONS
from curriculum.markdown import Section, sections
from curriculum.timetable import Block, Form, Timetables, Unit

HERE = Path(__file__).parent
COURSES = HERE / "courses"
SHEETS = HERE / "sheets"
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")

POINTS = 100
LATE: Final[Mapping[Language, str]] = {"ja": "**遅れたら**", "en": "**If late**"}
"""Every section of a script says what to do then."""

_COURSE = frozenset({"id", "title", "people", "unit", "marks", "dss", "forms", "gates", "judging", "exit"})


@dataclass(frozen=True, slots=True)
class Gate:
    """Conditions to be ticked before going on."""

    title: Words
    items: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing that is judged, for at most so many points."""

    title: Words
    points: int


@dataclass(frozen=True, slots=True)
class Course:
    """One of the four courses. ``marks`` says what of it is ours; ``exits`` what those who leave can show.

    ``preface`` is what its script says before the first block.
    """

    id: str
    title: Words
    people: Words
    marks: Words
    dss: tuple[str, ...]
    forms: tuple[Form, ...]
    gates: tuple[Gate, ...]
    judging: tuple[Judged, ...]
    exits: tuple[Words, ...]
    script: Mapping[Language, tuple[Section, ...]]
    preface: Mapping[Language, str]

    def said(self, block: Block, lang: Language) -> Section | None:
        """The script's section for a block."""
        return next((section for section in self.script[lang] if section.title == block.title.say(lang)), None)


def load_all(folder: Path = COURSES) -> tuple[Course, ...]:
    """Every course, A to D. Raises LineError with every mistake of the first that has any."""
    return tuple(load(place) for place in sorted(folder.iterdir()) if (place / "course.toml").is_file())


def load(folder: Path, lessons: Path = LESSONS, sheets: Path = SHEETS) -> Course:
    """The course of a folder. Raises LineError with every mistake of its files, NotThere, NotAllowed."""
    return _Reading(folder, lessons, sheets).course()


class _Reading:
    """One course being read."""

    def __init__(self, folder: Path, lessons: Path, sheets: Path) -> None:
        self._folder, self._lessons, self._sheets = folder, lessons, known_sheets(sheets)
        self._file = DataFile(folder / "course.toml")

    def course(self) -> Course:
        file = self._file
        raw = file.raw
        file.keys(raw, (), _COURSE)
        unit: Unit = "weeks" if file.choice(raw, (), "unit", get_args(Unit)) == "weeks" else "minutes"
        timetables = Timetables(file, unit, self._lessons, self._sheets)
        forms = tuple(timetables.form(at, table) for at, table in file.tables(raw, (), "forms"))
        if not forms:
            file.tell((), "[[forms]] が一つもありません。", "has no [[forms]].")
        script = {lang: self._script(lang) for lang in LANGUAGES}
        self._headings(forms, script)
        course = Course(
            file.text(raw, (), "id"), file.words(raw, (), "title"), file.words(raw, (), "people"),
            file.words(raw, (), "marks"), file.texts(raw, (), "dss"), forms,
            tuple(self._gate(at, table) for at, table in file.tables(raw, (), "gates")),
            tuple(self._judged(at, table) for at, table in file.tables(raw, (), "judging")),
            tuple(Words(t.ja, t.en) for t in self._said(raw, (), "exit")), script,
            {lang: self._preface(lang) for lang in LANGUAGES},
        )  # fmt: skip
        self._whole(course)
        file.end()
        return course

    def _script(self, lang: Language) -> tuple[Section, ...]:
        path = self._folder / lang / "script.md"
        if not path.is_file():
            self._tell_of(path, 1, Words("ありません。", "is missing."))
            return ()
        found = tuple(section for section in sections(path.read_text("utf-8")) if section.level == 2)
        for section in found:
            if LATE[lang] not in section.body:
                what = Words(
                    f"「{section.title}」に {LATE[lang]} がありません。", f'"{section.title}" lacks {LATE[lang]}.'
                )
                self._tell_of(path, section.row, what)
        return found

    def _preface(self, lang: Language) -> str:
        path = self._folder / lang / "script.md"
        before = path.read_text("utf-8").partition("\n## ")[0] if path.is_file() else ""
        return "\n".join(row for row in before.splitlines() if not row.startswith("#")).strip()

    def _headings(self, forms: tuple[Form, ...], script: Mapping[Language, tuple[Section, ...]]) -> None:
        """The sections are the blocks, in the order of every form, in both languages."""
        titles = list(dict.fromkeys(block.title for form in forms for block in form.blocks if block.scripted))
        for lang in LANGUAGES:
            wanted, there = [title.say(lang) for title in titles], [section.title for section in script[lang]]
            path = self._folder / lang / "script.md"
            for title in (title for title in wanted if title not in there and there):
                self._tell_of(path, 1, Words(f"「{title}」の節がありません。", f'has no section "{title}".'))
            for section in (section for section in script[lang] if section.title not in wanted):
                what = Words(
                    f"「{section.title}」は時間割にありません。", f'"{section.title}" is not in the timetable.'
                )
                self._tell_of(path, section.row, what)
            for form in forms:
                places = [
                    there.index(title) for b in form.blocks if b.scripted and (title := b.title.say(lang)) in there
                ]
                if places != sorted(places):
                    what = Words(
                        f"節の順が「{form.title.ja}」と違います。", f"its sections are not in the order of {form.id}."
                    )
                    self._tell_of(path, 1, what)

    def _gate(self, at: Place, table: dict[str, Any]) -> Gate:
        self._file.keys(table, at, frozenset({"title", "items"}))
        items = tuple(self._said(table, at, "items"))
        if not items:
            self._file.tell(at, "条件 items がありません。", "has no items.")
        return Gate(self._file.words(table, at, "title"), items)

    def _judged(self, at: Place, table: dict[str, Any]) -> Judged:
        self._file.keys(table, at, frozenset({"title", "points"}))
        return Judged(self._file.words(table, at, "title"), self._file.whole(table, at, "points", least=1))

    def _said(self, table: Mapping[str, Any], at: Place, key: str) -> Iterator[Words]:
        for place, one in self._file.tables(table, at, key):
            yield self._file.words({"words": one}, place, "words")

    def _whole(self, course: Course) -> None:
        if course.judging and (points := sum(one.points for one in course.judging)) != POINTS:
            self._file.tell(
                ("judging",), f"合計が {points} 点です。{POINTS} 点にします。", f"adds up to {points}, not {POINTS}."
            )
        if not course.exits:
            self._file.tell((), "[[exit]](終わったときに残るもの)がありません。", "has no [[exit]].")

    def _tell_of(self, path: Path, row: int, what: Words) -> None:
        self._file.mistakes.append(Mistake(str(path), row, "", what))


def known_sheets(folder: Path = SHEETS) -> frozenset[str]:
    """The sheets there are (S1, S2, …), by the names of what lies in their folder; none where it does not exist."""
    found = (
        (re.match(r"[sS](\d{1,2})(?!\d)", path.name) for path in folder.rglob("[sS][0-9]*")) if folder.is_dir() else ()
    )
    return frozenset(f"S{int(one[1])}" for one in found if one)
