"""The three questions of a lesson, asked before it and after it: what was gained is seen, not what was known."""

from collections.abc import Iterator, Sequence

from contract.words import Words
from curriculum.learn.progress import When
from curriculum.lesson import Question


class Quiz:
    """One round of questions; choices are numbered from 1 on the screen, from 0 in ``answers``."""

    def __init__(self, questions: Sequence[Question], when: When) -> None:
        self._questions, self.when = questions, when
        self.answers: list[int] = []

    @property
    def done(self) -> bool:
        """Whether all are answered."""
        return len(self.answers) == len(self._questions)

    @property
    def question(self) -> Words:
        """The question it is at, with its choices."""
        number = len(self.answers)
        asked = self._questions[number]
        return Words(*(_shown(number, asked, lang) for lang in ("ja", "en")))

    def answer(self, number: int) -> bool:
        """Take an answer, from 1; False if there is no such choice."""
        if not 1 <= number <= len(self._questions[len(self.answers)].choices):
            return False
        self.answers.append(number - 1)
        return True

    def result(self, before: Sequence[int] | None) -> Iterator[Words]:
        """What is said at the end: before the lesson nothing is given away, after it each answer with its why."""
        if self.when == "before":
            yield Words("答えは、この課題の終わりに。", "The answers come at the end of the lesson.")
            return
        for asked, given in zip(self._questions, self.answers, strict=True):
            mark = "○" if given == asked.right else "△"
            right = asked.choices[asked.right]
            yield Words(f"{mark} {right.ja}: {asked.why.ja}", f"{mark} {right.en}: {asked.why.en}")
        now = self._right(self.answers)
        was = self._right(before) if before is not None else None
        yield Words(
            f"{now} / {len(self._questions)} 問" + (f"(始める前は {was} 問)" if was is not None else ""),
            f"{now} of {len(self._questions)}" + (f" (before: {was})" if was is not None else ""),
        )

    def _right(self, answers: Sequence[int]) -> int:
        return sum(asked.right == given for asked, given in zip(self._questions, answers, strict=False))


def _shown(number: int, asked: Question, lang: str) -> str:
    is_ja = lang == "ja"
    rows = [f"\n問{number + 1}. {asked.asked.ja}" if is_ja else f"\nQ{number + 1}. {asked.asked.en}"]
    rows += [f"  {place}) {choice.ja if is_ja else choice.en}" for place, choice in enumerate(asked.choices, 1)]
    return "\n".join(rows)
