"""A lesson's pages held against each other: headings in both languages, links, words to avoid."""

import re
from collections.abc import Iterator

from contract.words import Language
from curriculum.lesson import PAGES, Lesson

_HEADING = re.compile(r"^(#+) ", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_ADDRESS = re.compile(r"https?://(?!127\.|localhost)\w[^\s)>」`]+")
_SPOKEN = re.compile("[「『“\"'‘]")
LANGUAGES: tuple[Language, ...] = ("ja", "en")
INSTEAD = {"べき動率": "可動率(べきどうりつ)", "コールバック": "押されたら呼ばれる名前", "モック": "実物なし(練習台)"}
"""Words learners have no use for, and those we say instead."""


def faults_of_pages(lesson: Lesson) -> Iterator[str]:
    """What is wrong with its pages."""
    for lang in LANGUAGES:
        if not _begins_on_the_floor(lesson, lang):
            yield f"{lang}/intro.md: does not begin with the sentence from the floor"
    for name in PAGES:
        levels = [_levels(lesson.page(name, lang)) for lang in LANGUAGES]
        if levels[0] != levels[1]:
            yield f"{name}.md: headings differ, {levels[0]} in ja, {levels[1]} in en"
        for lang in LANGUAGES:
            yield from (f"{lang}/{name}.md: no {link}" for link in _dead(lesson, name, lang))
        for word, instead in INSTEAD.items():
            if word in lesson.page(name, "ja"):
                yield f"ja/{name}.md: say {instead} instead of {word}"


def web_addresses(lesson: Lesson) -> set[str]:
    """Every address of the web its pages name, those of the learner's own computer aside."""
    pages = [lesson.page(name, lang) for name in PAGES for lang in LANGUAGES]
    return {address for page in pages for address in _ADDRESS.findall(page)}


def _begins_on_the_floor(lesson: Lesson, lang: Language) -> bool:
    """Whether the first row of the intro says who asked, as lesson.toml does."""
    rows = [row.lstrip("> ") for row in lesson.page("intro", lang).splitlines() if row.strip() and row[0] != "#"]
    who = _SPOKEN.split(lesson.floor.say(lang))[0]
    return bool(rows) and rows[0].startswith(who)


def _levels(page: str) -> list[int]:
    return [len(marks) for marks in _HEADING.findall(_FENCE.sub("", page))]


def _dead(lesson: Lesson, name: str, lang: Language) -> Iterator[str]:
    for link in _LINK.findall(lesson.page(name, lang)):
        if not link.startswith(("http://", "https://", "mailto:")) and not (lesson.folder / lang / link).exists():
            yield link
