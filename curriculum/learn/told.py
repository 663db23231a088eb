"""Lessons as the page is told them: plain data, both languages, texts as HTML."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from html import escape
from typing import Any

from contract.words import Words
from curriculum import lesson_wiring
from curriculum.learn.desk import Desk, Progress
from curriculum.learn.one_language import in_language
from curriculum.learn.two_laptops import version
from curriculum.lesson import Lesson, general_hints
from curriculum.markdown import html
from hardware.parts import PartEntry, load

FENCE = re.compile(r"^ *```[^\n]*\n(.*?)^ *```[ \t]*$", re.MULTILINE | re.DOTALL)
SHOWN = ("intro", "steps")
"""The tutor's page is not among them."""


def in_list(lesson: Lesson, desk: Desk | None) -> dict[str, Any]:
    """A lesson in the list of all."""
    progress = desk.lessons.get(lesson.id) if desk else None
    return {
        "id": lesson.id,
        "title": both(lesson.title),
        "minutes": lesson.minutes,
        "must": lesson.must,
        "wired": lesson.wired,
        "needs": list(lesson.needs),
        "green": progress is not None and progress.green_s is not None,
        "begun": progress is not None,
    }


def whole(lesson: Lesson, text: str | None, progress: Progress | None, before: bool = False) -> dict[str, Any]:
    """A lesson as it is worked on: its text, its hints, the learner's file. The finished file is not in it.

    ``before``: whether an earlier file was set aside.
    """
    return {
        "id": lesson.id,
        "title": both(lesson.title),
        "floor": both(lesson.floor),
        "minutes": lesson.minutes,
        "must": lesson.must,
        "file": lesson.file,
        "words": [{"word": w.word, "en": w.en, "meaning": both(w.meaning)} for w in lesson.words],
        "pages": {name: {"ja": page_html(lesson, name, "ja"), "en": page_html(lesson, name, "en")} for name in SHOWN},
        "wiring": f"/lessons/{lesson.id}/wiring.svg" if (lesson.folder / "wiring.svg").is_file() else None,
        "wires": wires(lesson),
        "hints": {id: [both(step) for step in hint.steps] for id, hint in {**general_hints(), **lesson.hints}.items()},
        "quiz": [
            {"asked": both(q.asked), "choices": [both(c) for c in q.choices], "right": q.right, "why": both(q.why)}
            for q in lesson.quiz
        ],
        "rubric": [both(level) for level in lesson.rubric],
        "starter": in_languages(lesson.starter),
        "text": text,
        "version": version(text),
        "before": before,
        "progress": _progress(progress),
    }


def _progress(progress: Progress | None) -> Mapping[str, Any]:
    if progress is None:
        return {"green": False, "hint": None, "hints": {}, "quiz": {}}
    return {
        "green": progress.green_s is not None,
        "hint": progress.hint,
        "hints": progress.hints,
        "quiz": progress.quiz,
    }


def wires(lesson: Lesson) -> list[dict[str, Any]]:
    """Its wires as a table; empty where nothing is wired."""
    if not (lesson.folder / "wiring.toml").is_file():
        return []
    ends = lesson_wiring.ends(lesson.folder, _parts())
    return [{**asdict(end), "part": both(end.part), "terminal": both(end.terminal)} for end in ends]


@cache
def _parts() -> Mapping[str, PartEntry]:
    return load()


def page_html(lesson: Lesson, name: str, lang: Any) -> str:
    """``intro`` or ``steps`` as HTML, two levels down: the page's own title is level one, the lesson's two."""
    return to_html(lesson.page(name, lang))


def to_html(text: str) -> str:
    """Markdown with blocks of code between rows of three backquotes."""
    made, at = [], 0
    for found in FENCE.finditer(text):
        made += [html(text[at : found.start()], lower=1), _code(found[1])]
        at = found.end()
    return "\n".join(part for part in [*made, html(text[at:], lower=1)] if part)


def _code(text: str) -> str:
    return f"<pre><code>{escape(text.rstrip())}</code></pre>"


def in_languages(program: str) -> dict[str, str]:
    """A program of a lesson with the comments of each language."""
    return {"ja": in_language(program, "ja"), "en": in_language(program, "en")}


def both(words: Words) -> dict[str, str]:
    """Words as JSON."""
    return {"ja": words.ja, "en": words.en}
