"""Which items of the Digital Skill Standard (デジタルスキル標準) each lesson and course trains.

The codes are ours; the names of the items were not held against the standard yet, which every page says until
``checked`` of dss.toml is true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.words import Words
from curriculum.course import COURSES, load_all
from curriculum.datafile import DataFile
from curriculum.lesson_facts import LESSONS, every
from curriculum.pack import HERE

FILE: Final = HERE / "dss.toml"
UNCHECKED: Final = Words(
    "項目名は原文と照らしていません。印刷の前に、最新版の デジタルスキル標準 で確かめてください。",
    "The items' names were not held against the standard: check the newest one before print.",
)


@dataclass(frozen=True, slots=True)
class Skill:
    """One item and who trains it: lessons (A0 …) and whole courses (講座 A …)."""

    code: str
    group: str
    title: Words
    lessons: tuple[str, ...]
    courses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """The standard's edition, and whether its names were checked."""

    version: str
    checked: bool
    source: str
    skills: tuple[Skill, ...]


def standard(file: Path = FILE, lessons: Path = LESSONS, courses: Path = COURSES) -> Standard:
    """The mapping as it is today. Raises LineError where a lesson or course uses a code that is not there."""
    data = DataFile(file)
    raw = data.raw
    data.keys(raw, (), frozenset({"version", "checked", "source", "items"}))
    by_lesson = {facts.id: facts.dss for facts in every(lessons)}
    by_course = {course.id: course.dss for course in load_all(courses)}
    skills = []
    for at, table in data.tables(raw, (), "items"):
        data.keys(table, at, frozenset({"code", "group", "title"}))
        code = data.text(table, at, "code")
        skills.append(
            Skill(code, data.text(table, at, "group"), data.words(table, at, "title"),
                  _who(code, by_lesson), _who(code, by_course))
        )  # fmt: skip
    known = {skill.code for skill in skills}
    for name, codes in {**by_lesson, **by_course}.items():
        for code in (code for code in codes if code not in known):
            data.tell((), f"{name} の {code} は dss.toml にありません。", f"{name} names {code}, which dss.toml lacks.")
    told = Standard(
        data.text(raw, (), "version"), data.yes(raw, (), "checked"), data.text(raw, (), "source"), (*skills,)
    )
    data.end()
    return told


def _who(code: str, of: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(name for name, codes in of.items() if code in codes)
