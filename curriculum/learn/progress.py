"""How far a learner is, in one file beside the lessons' files: ``kojo-learn/progress.json``.

Written whole or not at all after each thing that happens, so that a killed terminal or a power cut loses nothing. A
file that cannot be read is set aside, never overwritten; what is green is found again by checking.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from contract.whole_file import write_whole

FILE = "progress.json"
When = Literal["before", "after"]


@dataclass(slots=True)
class Steps:
    """One lesson: whether it is green, how often it was checked, the most steps seen of each hint, quiz answers."""

    green: bool = False
    tries: int = 0
    hints: dict[str, int] = field(default_factory=dict)
    quiz: dict[str, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Progress:
    """All lessons, and the one looked at last (empty: none)."""

    last: str = ""
    lessons: dict[str, Steps] = field(default_factory=dict)

    def of(self, lesson: str) -> Steps:
        """Where the learner is in one lesson."""
        return self.lessons.setdefault(lesson, Steps())

    @property
    def green(self) -> set[str]:
        """The lessons that are green."""
        return {id for id, steps in self.lessons.items() if steps.green}


def read(folder: Path) -> tuple[Progress, Path | None]:
    """The progress kept in a folder, and where an unreadable one was set aside (None: there was none)."""
    file = folder / FILE
    try:
        return _progress(json.loads(file.read_text("utf-8"))), None
    except FileNotFoundError:
        return Progress(), None
    except (ValueError, TypeError, KeyError, AttributeError):
        aside = free_name(file.with_name("progress-unreadable.json"))
        file.rename(aside)
        return Progress(), aside


def keep(folder: Path, progress: Progress) -> None:
    """Write it down. Raises OSError."""
    write_whole(folder / FILE, json.dumps(asdict(progress), ensure_ascii=False, indent=1) + "\n", 0o644)


def free_name(file: Path) -> Path:
    """``file``, or the first of ``file-2``, ``file-3`` … that is not there yet."""
    found, number = file, 2
    while found.exists():
        found, number = file.with_name(f"{file.stem}-{number}{file.suffix}"), number + 1
    return found


def _progress(told: dict[str, Any]) -> Progress:
    lessons = {str(id): Steps(**steps) for id, steps in told["lessons"].items()}
    for steps in lessons.values():
        steps.hints = {str(id): int(seen) for id, seen in steps.hints.items()}
        steps.quiz = {str(when): [int(one) for one in answers] for when, answers in steps.quiz.items()}
    return Progress(str(told["last"]), lessons)
