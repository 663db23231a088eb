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
from curriculum.checking import Miss, Work
from curriculum.lesson import Lesson
from curriculum.python_words import in_pythons_words, row_of
from curriculum.reading_over import read_over
from curriculum.step_limit import TooManySteps


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about a learner's file. ``hint`` and what follows are None where it is green.

    ``row`` and ``column`` count from 1. ``printed``: what it wrote. ``technical``: Python's own words, for who asks
    for them. ``saw``: what the check saw of a green one.
    """

    green: bool
    hint: str | None = None
    expected: Words | None = None
    actual: Words | None = None
    row: int | None = None
    column: int | None = None
    printed: str = ""
    technical: str = ""
    saw: Words | None = None

    def say(self, lesson: Lesson, step: int = 1, lang: Language | None = None) -> str:
        """The verdict for a person, with so many steps of its hint (0: none)."""
        return "\n".join(words.say(lang) for words in self.lines(lesson, step))

    def lines(self, lesson: Lesson, step: int = 1) -> tuple[Words, ...]:
        """The same, row by row."""
        if self.expected is None or self.actual is None or self.hint is None:
            done = Words("できました。答え合わせは緑です。", "Done: the check is green.")
            if self.saw is None:
                return (done,)
            return done, Words(f"答え合わせで見たこと: {self.saw.ja}", f"The check saw: {self.saw.en}")
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


def judge(lesson: Lesson, text: str | None, folder: Path | None = None) -> Verdict:
    """Run the lesson's check on ``text`` (None: there is no file), here in this process.

    ``folder``: where the learner's file may write; an empty one of its own if None.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as own:
            return judge(lesson, text, Path(own))
    try:
        whole = read_over(text, lesson.file)
    except Miss as miss:
        return missed(miss)
    with Work(whole, folder, lesson.file) as work:
        found = _miss_in(lesson, work)
        return Verdict(green=True, printed=work.printed, saw=work.saw) if found is None else missed(found, work.printed)


def missed(miss: Miss, printed: str = "") -> Verdict:
    """The verdict on a file that does not do what the lesson asks."""
    technical = miss.technical or str(miss)
    return Verdict(False, miss.hint, miss.expected, miss.actual, miss.row, miss.column, printed, technical)


def _miss_in(lesson: Lesson, work: Work) -> Miss | None:
    try:
        with work.limit:
            _check_of(lesson)(work)
    except Miss as miss:
        return miss
    except TooManySteps as stop:
        return work.endless(stop)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a learner's row raises at a press
        return work.raised(error) if row_of(error, work.file) else _unexpected(lesson, error)
    return None


def _unexpected(lesson: Lesson, error: BaseException) -> Miss:
    """The check itself stumbled: over a value of the learner's that nobody thought of, or by our own mistake."""
    miss = Miss(
        "unexpected",
        expected=Words("答え合わせが最後まで進む", "the check comes to its end"),
        actual=Words("思いがけない値があり、途中で止まりました", "it stopped at a value nobody had thought of"),
    )
    miss.technical = in_pythons_words(error, f"{lesson.id}/check.py")
    return miss


def _check_of(lesson: Lesson) -> Callable[[Work], None]:
    return _compiled(lesson.check, f"{lesson.id}/check.py")


@cache
def _compiled(text: str, name: str) -> Callable[[Work], None]:
    names: dict[str, Callable[[Work], None]] = {}
    exec(compile(text, name, "exec", dont_inherit=True), names)
    return names["check"]
