"""A small lesson for tests of the class's page, and a clock that is turned by hand."""

from dataclasses import dataclass
from pathlib import Path

from contract.words import Words
from curriculum.lesson import Hint, Lesson, Question

START_S = 1_795_000_000.0


@dataclass
class Watch:
    """Seconds of the wall clock."""

    now_s: float = START_S

    def __call__(self) -> float:
        return self.now_s

    def go(self, minutes: float) -> None:
        """So many minutes pass."""
        self.now_s += 60 * minutes


def words(text: str) -> Words:
    return Words(text, f"{text} (en)")


def lesson(id: str = "A2", folder: Path = Path("nowhere"), must: bool = True) -> Lesson:
    """A lesson with two hints and three questions; nothing of it lies on a disk."""
    hints = {
        name: Hint(name, tuple(words(f"{name} {step}") for step in (1, 2, 3))) for name in ("wrong-pin", "brackets")
    }
    question = Question(words("どれ"), (words("これ"), words("それ")), 0, words("だから"))
    return Lesson(
        folder=folder,
        id=id,
        course="A",
        title=words(f"課題{id}"),
        floor=words("班長に聞かれた。"),
        minutes=40,
        must=must,
        wired=False,
        file=f"{id}_lesson.py",
        parts=(),
        needs=(),
        dss=(),
        out_of_scope=words("なし"),
        words=(),
        marks="ours",
        hints=hints,
        starter="x = ___\n",
        solution="x = 1\n",
        check="",
        mistakes=(),
        quiz=(question,) * 3,
        rubric=(words("緑"), words("言える"), words("変えられる")),
    )
