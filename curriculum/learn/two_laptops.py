"""Two laptops at one desk: each says which version of a file it had, and what the other wrote is not written over.

Versions are of the text itself, so they hold over a restart. Who wrote last is known while the server runs: an answer
that is lost on the air makes nobody's own text another's.
"""

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from curriculum.learn.one_language import LANGUAGES, in_language
from curriculum.lesson import Lesson

WHATEVER: Final = object()
"""Had by who asks nothing: what is there is written over."""
MOST_PAGES: Final = 4
"""Of a desk's lesson; a page that comes later keeps its own text beside theirs."""
MOST_NAME: Final = 32


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a text. ``version``: what the page has now; ``other``: another laptop's text that it had not."""

    version: str | None
    other: str | None = None


def version(text: str | None) -> str | None:
    """Of a text as it is read again; None where there is none."""
    if text is None:
        return None
    read = text.replace("\r\n", "\n").replace("\r", "\n")
    return hashlib.sha256(read.encode("utf-8", "replace")).hexdigest()[:16]


class Laptops:
    """Who wrote which file last, and where each one's text was put that the other wrote over. ``by``: a page's name."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], str] = {}
        self._aside: dict[tuple[str, str], dict[str, PurePosixPath]] = {}

    def another_wrote(self, desk: str, lesson: Lesson, there: str | None, had: object, by: object) -> bool:
        """Whether ``there`` is what the page does not know and would be sorry to lose."""
        if had is WHATEVER or there is None or version(there) == had:
            return False
        if there in [in_language(lesson.starter, lang) for lang in LANGUAGES]:
            return False
        return not _name(by) or self._last.get((desk, lesson.id)) != _name(by)

    def wrote(self, desk: str, lesson: Lesson, by: object) -> None:
        """This page's text is the file now."""
        self._last[desk, lesson.id] = _name(by)

    def put_aside(self, desk: str, lesson: Lesson, name: str) -> PurePosixPath | None:
        """The last writer's text lies at ``name`` now. Gives where an earlier one of the same page lies.

        That one it has written over itself since; without it two that type at once fill no folder.
        """
        by = self._last.get((desk, lesson.id))
        if not by:
            return None
        places = self._aside.setdefault((desk, lesson.id), {})
        earlier = places.pop(by, None)
        places[by] = PurePosixPath(name)
        while len(places) > MOST_PAGES:
            del places[next(iter(places))]
        return earlier


def _name(by: object) -> str:
    return by[:MOST_NAME] if isinstance(by, str) else ""
