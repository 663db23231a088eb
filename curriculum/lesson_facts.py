"""What timetables, materials and the skills page need of a lesson: its minutes, parts and skills, from lesson.toml.

A lesson that does not exist yet says nothing; whether it is right is `curriculum.lesson`'s to judge.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.words import Words

LESSONS = Path(__file__).parent / "lessons"


@dataclass(frozen=True, slots=True)
class Facts:
    """One lesson, as far as others need it."""

    id: str
    title: Words
    minutes: int
    wired: bool
    parts: tuple[str, ...]
    dss: tuple[str, ...]


def every(lessons: Path = LESSONS) -> Iterator[Facts]:
    """Each lesson there is, A0 first and A10 after A9."""
    found = [facts for file in lessons.glob("*/lesson.toml") if (facts := _read(file))]
    yield from sorted(found, key=lambda facts: (len(facts.id), facts.id))


def minutes_of(lesson: str, lessons: Path = LESSONS) -> int | None:
    """How long a lesson takes; None where there is none of that name yet."""
    facts = _read(lessons / lesson / "lesson.toml")
    return facts.minutes if facts else None


def _read(file: Path) -> Facts | None:
    if not file.is_file():
        return None
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError:
        return None
    return Facts(
        str(raw.get("id", file.parent.name)), _words(raw.get("title", {})), int(raw.get("minutes", 0)),
        bool(raw.get("wired")), tuple(raw.get("parts", ())), tuple(raw.get("dss", ())),
    )  # fmt: skip


def _words(title: Mapping[str, Any]) -> Words:
    return Words(str(title.get("ja", "")), str(title.get("en", "")))
