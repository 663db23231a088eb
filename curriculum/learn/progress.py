"""How far a learner is, in one file beside the lessons' files: ``kojo-learn/progress.json``.

Written whole or not at all after each thing that happens, so that a killed terminal or a power cut loses nothing. A
file that cannot be read is set aside, never overwritten; what is green is found again by checking.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from contract.whole_file import write_whole

FILE = "progress.json"
T = TypeVar("T")
When = Literal["before", "after"]
MOST = 1_000_000_000
"""Nobody checks, or answers, so often: a larger number is no count."""


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
    try:
        return _kept(folder), None
    except FileNotFoundError:
        return Progress(), None
    except _UNREADABLE:
        file = folder / FILE
        try:
            aside = free_name(file.with_name("progress-unreadable.json"))
            file.rename(aside)
        except OSError:  # then it cannot be written either, which is told then
            return Progress(), None
        return Progress(), aside


def last(folder: Path) -> str:
    """The lesson looked at last, empty if nobody can tell; nothing is set aside."""
    try:
        return _kept(folder).last
    except _UNREADABLE:
        return ""


def keep(folder: Path, progress: Progress) -> None:
    """Write it down. Raises OSError."""
    write_whole(folder / FILE, json.dumps(asdict(progress), ensure_ascii=False, indent=1) + "\n", 0o644)


def free_name(file: Path) -> Path:
    """``file``, or the first of ``file-2``, ``file-3`` … that is not there yet."""
    found, number = file, 2
    while found.exists():
        found, number = file.with_name(f"{file.stem}-{number}{file.suffix}"), number + 1
    return found


_UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)


def _kept(folder: Path) -> Progress:
    return _progress(json.loads((folder / FILE).read_text("utf-8")))


def _progress(told: dict[str, Any]) -> Progress:
    return Progress(_text(told["last"]), {_text(id): _steps(Steps(**steps)) for id, steps in told["lessons"].items()})


def _steps(told: Steps) -> Steps:
    return Steps(
        green=_exactly(bool, told.green),
        tries=_number(told.tries),
        hints={_text(id): _number(seen) for id, seen in told.hints.items()},
        quiz={_text(when): [_number(one) for one in _exactly(list, given)] for when, given in told.quiz.items()},
    )


def _exactly(kind: type[T], value: object) -> T:
    """The value, if it is of this kind and no other: True is no number here. Raises TypeError."""
    if type(value) is not kind:
        raise TypeError(f"{value!r:.40} is no {kind.__name__}")
    return value


def _number(value: object) -> int:
    number = _exactly(int, value)
    if not 0 <= number < MOST:
        raise ValueError(f"not from 0 to {MOST}")
    return number


def _text(value: object) -> str:
    text = _exactly(str, value)
    text.encode()  # half a character could not be written again
    return text
