"""The checker checks itself: ``python -m curriculum.self_check`` goes over every lesson and counts.

Every starter fails with ``blank``, every solution passes and is told what was seen, every planted mistake fails with
exactly its hint, in each language a learner may have the file in; comments, parts, pins, pictures, minutes, headings
and links are what the lessons say. Addresses of the web are listed, not fetched.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from contract.words import Words, speaking
from curriculum.course import COURSES
from curriculum.course import load as load_course
from curriculum.judge import Verdict, judge
from curriculum.learn.one_language import LANGUAGES, in_language, not_in_both
from curriculum.lesson import LESSONS, Lesson, LessonError, general_hints, ids, load
from curriculum.lesson_pages import faults_of_pages, web_addresses
from curriculum.lesson_wiring import drawn, pins, pins_of, wiring
from hardware.parts import PartEntry
from hardware.parts import load as load_parts

SKILLS = Path(__file__).parent / "pack" / "dss.toml"
MOST_BLANKS = {".py": 3, ".toml": 6}
"""Nobody types whole programs; the line.toml of A11 has one blank for each thing the floor must decide."""
MOST_NEW_WORDS = 2
QUESTIONS = LEVELS = 3
SILENT = "unexpected"
"""The hint of a check that stumbled itself: no planted mistake may end there."""


@dataclass(slots=True)
class Count:
    """What was gone over, and what is wrong with it (empty: nothing)."""

    lessons: int = 0
    planted: int = 0
    caught: int = 0
    wrong: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    @property
    def words(self) -> Words:
        """The count in one line."""
        caught, mend = f"見つけた間違い {self.caught}", f"直すところ {len(self.wrong)}"
        return Words(
            f"課題 {self.lessons}、仕込んだ間違い {self.planted}、{caught}、{mend}",
            f"{self.lessons} lessons, {self.planted} mistakes planted, {self.caught} caught, {len(self.wrong)} to mend",
        )


def go_over(lessons: Path = LESSONS, courses: Path = COURSES) -> Count:
    """Check every lesson there is, and that they fit the day."""
    count, loaded = Count(), []
    parts = load_parts()
    for id in ids(lessons):
        try:
            lesson = load(lessons / id)
        except LessonError as error:
            count.wrong += [f"{id}: {mistake}" for mistake in error.mistakes]
            continue
        loaded.append(lesson)
        count.lessons += 1
        count.planted += len(lesson.mistakes)
        _judge_all(lesson, count)
        count.wrong += [f"{id}: {fault}" for fault in faults(lesson, parts)]
        count.addresses |= web_addresses(lesson)
    count.wrong += faults_together(loaded, courses)
    return count


def _judge_all(lesson: Lesson, count: Count) -> None:
    """The starter, the solution and every planted mistake, each with the verdict it must have."""
    for name, text, wanted in (("starter", lesson.starter, "blank"), ("solution", lesson.solution, None)):
        count.wrong += _judged(lesson, name, text, wanted)
    for mistake in lesson.mistakes:
        wrong = _judged(lesson, f"mistakes/{mistake.name}", mistake.text, mistake.hint)
        count.caught += not wrong
        count.wrong += wrong


def _judged(lesson: Lesson, name: str, text: str, wanted: str | None) -> list[str]:
    """What is wrong with the verdicts on it, in the first language that has any."""
    texts = dict.fromkeys(in_language(text, lang) for lang in LANGUAGES)
    wrong = (_not_as_wanted(lesson, name, judge(lesson, one), wanted) for one in texts)
    return next(filter(None, wrong), [])


def _not_as_wanted(lesson: Lesson, name: str, verdict: Verdict, wanted: str | None) -> list[str]:
    if verdict.green and verdict.saw is None and wanted is None:
        return [f"{lesson.id}: {name}: green without a word of what was seen (work.saw of check.py)"]
    if verdict.hint == wanted and wanted != SILENT:
        return []
    said = verdict.say(lesson, 0, "en").replace("\n", ", ") if verdict.hint in _hints(lesson) else verdict.technical
    return [f"{lesson.id}: {name}: hint {verdict.hint}, wanted {wanted} ({said})"]


def _hints(lesson: Lesson) -> set[str]:
    return {*lesson.hints, *general_hints()}


def faults(lesson: Lesson, parts: Mapping[str, PartEntry]) -> Iterator[str]:
    """What is wrong with one lesson, apart from its verdicts."""
    yield from _faults_of_hints(lesson)
    yield from _faults_of_comments(lesson)
    most = MOST_BLANKS[Path(lesson.file).suffix]
    blanks = sum(line.partition("#")[0].count("___") for line in lesson.starter.splitlines())
    if not 1 <= blanks <= most:
        yield f"starter has {blanks} blanks, not 1 to {most}"
    if len(lesson.words) > MOST_NEW_WORDS:
        yield f"{len(lesson.words)} new words, not at most {MOST_NEW_WORDS}"
    if len(lesson.rubric) != LEVELS:
        yield f"rubric.toml: {len(lesson.rubric)} levels, not {LEVELS}"
    yield from _faults_of_quiz(lesson)
    yield from (f"no skill {code!r} in pack/dss.toml" for code in lesson.dss if code not in _skills())
    yield from (f"no part {part!r} in hardware/parts.toml" for part in lesson.parts if part not in parts)
    yield from _faults_of_wiring(lesson, parts)
    yield from faults_of_pages(lesson)


def _faults_of_comments(lesson: Lesson) -> Iterator[str]:
    programs = {"starter": lesson.starter, "solution": lesson.solution}
    programs |= {f"mistakes/{mistake.name}": mistake.text for mistake in lesson.mistakes}
    for name, text in programs.items():
        yield from (f"{name}: {fault}" for fault in not_in_both(text))


@cache
def _skills() -> frozenset[str]:
    """The codes of the Digital Skill Standard's items, as the pack knows them."""
    return frozenset(item["code"] for item in tomllib.loads(SKILLS.read_text("utf-8"))["items"])


def _faults_of_hints(lesson: Lesson) -> Iterator[str]:
    if not lesson.mistakes:
        yield "no planted mistakes"
    for mistake in lesson.mistakes:
        if mistake.hint not in _hints(lesson):
            yield f"mistakes/{mistake.name}: nobody knows the hint {mistake.hint!r}"
    yield from (f"hint {id!r}: every lesson has one of that name" for id in lesson.hints if id in general_hints())
    brought_up = {mistake.hint for mistake in lesson.mistakes}
    yield from (f"hint {id!r}: no planted mistake brings it up" for id in lesson.hints if id not in brought_up)


def _faults_of_quiz(lesson: Lesson) -> Iterator[str]:
    if len(lesson.quiz) != QUESTIONS:
        yield f"quiz.toml: {len(lesson.quiz)} questions, not {QUESTIONS}"
    for number, question in enumerate(lesson.quiz, 1):
        if not 0 <= question.right < len(question.choices) or len(question.choices) < 2:
            yield f"quiz.toml: question {number}: right = {question.right} of {len(question.choices)} choices"


def _faults_of_wiring(lesson: Lesson, parts: Mapping[str, PartEntry]) -> Iterator[str]:
    has = (lesson.folder / "wiring.toml").is_file()
    if has != lesson.wired:
        yield f"wired = {str(lesson.wired).lower()}, and there is {'a' if has else 'no'} wiring.toml"
    if not has:
        return
    try:
        pi = wiring(lesson.folder, parts)
    except LessonError as error:
        yield from error.mistakes
        return
    used = pins_of(lesson)
    if pins(pi) != used:
        yield f"wiring.toml has GPIO {_listed(pins(pi))}, the solution {_listed(used)}"
    bought = {part.id for device in pi.devices for part in device.parts}
    yield from (f"wired, but not among the lesson's parts: {part}" for part in sorted(bought - {*lesson.parts}))
    if (lesson.folder / "wiring.svg").read_text("utf-8") != drawn(lesson.folder, parts):
        yield "wiring.svg is out of date: python -m curriculum.lesson_wiring"


def _listed(pins: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(pins))) or "none"


def faults_together(lessons: Sequence[Lesson], courses: Path = COURSES) -> Iterator[str]:
    """What is wrong between the lessons, and between them and course A's day."""
    by_id = {lesson.id: lesson for lesson in lessons}
    for lesson in lessons:
        yield from (f"{lesson.id}: needs {one}, which there is not" for one in lesson.needs if one not in by_id)
    for file in {lesson.file for lesson in lessons}:
        owners = [lesson.id for lesson in lessons if lesson.file == file]
        if len(owners) > 1:
            yield f"{' and '.join(owners)}: the learner's file is called {file} in each"
    day = load_course(courses / "a").forms[0]
    blocks = {block.lesson: block.length for block in day.blocks if block.lesson}
    for lesson in lessons:
        room = blocks.get(lesson.id)
        if lesson.course == "A" and lesson.must and room is None:
            yield f"{lesson.id}: must be, but is not in the day of course A"
        elif room is not None and lesson.minutes > room:
            yield f"{lesson.id}: takes {lesson.minutes} minutes, the day has {room}"
    yield from (f"{id}: is in the day of course A, and there is no such lesson" for id in blocks if id not in by_id)


def main() -> int:
    """Print the count and what is to be mended; 0 when there is nothing."""
    count = go_over()
    for line in [*count.wrong, *sorted(count.addresses)]:
        sys.stdout.write(f"{line}\n")
    for lang in ("ja", "en"):
        with speaking(lang):
            sys.stdout.write(f"{count.words}\n")
    return 1 if count.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
