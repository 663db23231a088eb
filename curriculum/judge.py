"""Judges a learner's file: green, or the first thing amiss with the hint that helps.

    verdict = judge(load(LESSONS / "A2"), text)
    verdict.green
    verdict.say(lesson, step=1)         # 期待: … / 実際: … / ヒント(1/3): …

Here it runs in this very process, and in a browser's Python; whoever has processes wraps it in one with limits of time
and memory (:mod:`curriculum.judge_apart`).
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract.words import Language, Words
from curriculum.checking import Miss, Work, raised
from curriculum.lesson import Lesson
from curriculum.reading_over import read_over


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about a learner's file. ``hint`` and what follows are None where it is green.

    ``row`` and ``column`` count from 1. ``printed``: what it wrote. ``technical``: Python's own words, for who asks
    for them.
    """

    green: bool
    hint: str | None = None
    expected: Words | None = None
    actual: Words | None = None
    row: int | None = None
    column: int | None = None
    printed: str = ""
    technical: str = ""

    def say(self, lesson: Lesson, step: int = 1, lang: Language | None = None) -> str:
        """The verdict for a person, with so many steps of its hint (0: none)."""
        return "\n".join(words.say(lang) for words in self.lines(lesson, step))

    def lines(self, lesson: Lesson, step: int = 1) -> tuple[Words, ...]:
        """The same, row by row."""
        if self.expected is None or self.actual is None or self.hint is None:
            return (Words("できました。答え合わせは緑です。", "Done: the check is green."),)
        told = [*self._place(lesson)]
        told.append(Words(f"期待: {self.expected.ja}", f"Expected: {self.expected.en}"))
        told.append(Words(f"実際: {self.actual.ja}", f"Actual: {self.actual.en}"))
        steps = lesson.hint(self.hint).steps
        for number, words in enumerate(steps[:step], 1):
            told.append(
                Words(f"ヒント({number}/{len(steps)}): {words.ja}", f"Hint ({number}/{len(steps)}): {words.en}")
            )
        return tuple(told)

    def _place(self, lesson: Lesson) -> tuple[Words, ...]:
        if self.row is None:
            return ()
        at = Words(f"{self.row}行目", f"row {self.row}")
        if self.column is not None:
            at = Words(f"{at.ja} {self.column}文字目", f"{at.en}, character {self.column}")
        return (Words(f"気づき: {lesson.file} の {at.ja}", f"Noticed: {lesson.file}, {at.en}"),)


class BrokenCheck(RuntimeError):
    """A check.py that fails by itself: our mistake, never the learner's."""


def judge(lesson: Lesson, text: str | None, folder: Path | None = None) -> Verdict:
    """Run the lesson's check on ``text`` (None: there is no file), here in this process.

    ``folder``: where the learner's file may write; an empty one of its own if None. Raises BrokenCheck.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as own:
            return judge(lesson, text, Path(own))
    try:
        whole = read_over(text, lesson.file)
    except Miss as miss:
        return _missed(miss, "")
    with Work(whole, folder, lesson.file) as work:
        try:
            _check_of(lesson)(work)
        except Miss as miss:
            return _missed(miss, work.printed)
        except Exception as error:  # noqa: BLE001 - whatever a learner's row raises at a press
            return _missed(_of_the_learner(error, work, lesson), work.printed)
        return Verdict(green=True, printed=work.printed)


def _missed(miss: Miss, printed: str) -> Verdict:
    cause = miss.__cause__
    technical = f"{type(cause).__name__}: {cause}" if cause is not None else str(miss)
    return Verdict(False, miss.hint, miss.expected, miss.actual, miss.row, miss.column, printed, technical)


def _of_the_learner(error: Exception, work: Work, lesson: Lesson) -> Miss:
    """What the learner's rows raised while the check played the floor (a press); anything else is the check's fault."""
    miss = raised(error, work.file, work.text)
    if miss.row is None:
        raise BrokenCheck(f"{lesson.id}/check.py: {type(error).__name__}: {error}") from error
    miss.__cause__ = error
    return miss


def _check_of(lesson: Lesson) -> Callable[[Work], None]:
    return _compiled(lesson.check, f"{lesson.id}/check.py")


@cache
def _compiled(text: str, name: str) -> Callable[[Work], None]:
    names: dict[str, Callable[[Work], None]] = {}
    exec(compile(text, name, "exec", dont_inherit=True), names)
    return names["check"]
