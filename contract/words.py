"""Words that people read: Japanese first, English beside it.

    >>> Words("洗浄機", "washer").say("en")
    'washer'

Which of the two is spoken is settled once, by ``--lang`` or the locale, in :func:`speaking`.
"""

import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

Language = Literal["ja", "en"]

_spoken: list[Language] = []


@dataclass(frozen=True, slots=True)
class Words:
    """One saying in both languages."""

    ja: str
    en: str

    def say(self, lang: Language | None = None) -> str:
        """The saying in ``lang``, or in the language settled by :func:`speaking`."""
        return self.ja if (lang or language()) == "ja" else self.en

    def __str__(self) -> str:
        return self.say()


@contextmanager
def speaking(lang: Language | None) -> Iterator[None]:
    """Within the block everything a person reads is in ``lang``; None: as it was."""
    before = [*_spoken]
    _spoken[:] = [lang] if lang else before
    try:
        yield
    finally:
        _spoken[:] = before


def language() -> Language:
    """The language settled by :func:`speaking`, else the locale's; Japanese unless the locale says English."""
    if _spoken:
        return _spoken[0]
    asked = os.environ.get("KOJO_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not asked:
        asked = locale.getlocale()[0] or ""
    return "en" if asked.lower().startswith("en") else "ja"
