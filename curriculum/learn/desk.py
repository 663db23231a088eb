"""One desk of a class and how far it is. Times are seconds of the wall clock."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from contract.words import Words
from edge.bench_guard import Refusal

MOST_LABEL: Final = 16
FIRST_KEY: Final = 1000
"""Of 9000, none beginning with 0. Who guesses waits (`curriculum.learn.guesses`)."""
PAUSE_S: Final = 600
"""Who does nothing for longer was away: lunch is no working time."""


@dataclass
class Progress:
    """One lesson at one desk. ``hints``: the most steps seen of each; ``hint``: the one it is at, and since when."""

    opened_s: int = 0
    last_s: int = 0
    worked_s: int = 0
    tries: int = 0
    green_s: int | None = None
    hint: str | None = None
    hint_since_s: int | None = None
    hints: dict[str, int] = field(default_factory=dict)
    quiz: dict[str, int] = field(default_factory=dict)
    shown: bool = False
    """Whether the finished file was looked at before it was green."""

    def act(self, now_s: int) -> None:
        """Something was done at this lesson: the time since the last counts as work, unless it was a pause."""
        self.opened_s = self.opened_s or now_s
        since_s = now_s - (self.last_s or now_s)
        if self.green_s is None and 0 <= since_s <= PAUSE_S:
            self.worked_s += since_s
        self.last_s = now_s


@dataclass
class Desk:
    """One desk. ``label`` is what its people call it; ``key`` (four digits) opens it on another laptop."""

    id: str
    label: str
    joined_s: int
    lessons: dict[str, Progress] = field(default_factory=dict)
    key: str = field(default_factory=lambda: str(FIRST_KEY + secrets.randbelow(9 * FIRST_KEY)))

    @property
    def last_s(self) -> int:
        """When something was last done here."""
        return max([self.joined_s, *(progress.last_s for progress in self.lessons.values())])

    @property
    def place(self) -> tuple[int, str]:
        """To sort by: bench numbers first, in their order, then nicknames."""
        number = re.match(r"\d+", self.label)
        return (int(number[0]) if number else 10**9, self.label)


def as_label(said: object) -> str:
    """A label as it is kept: full-width figures become plain ones, spaces go. Raises Refusal."""
    label = " ".join(unicodedata.normalize("NFKC", said).split()) if isinstance(said, str) else ""
    if not 1 <= len(label) <= MOST_LABEL or not label.isprintable():
        raise Refusal(
            422,
            "bad-label",
            Words(f"席の番号かニックネームを、1〜{MOST_LABEL}文字で入れてください。",
                  f"Give the bench number or a nickname, 1 to {MOST_LABEL} letters."),
        )  # fmt: skip
    return label
