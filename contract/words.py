"""Words that people read: Japanese first, English beside it.

    >>> Words("洗浄機", "washer").say("en")
    'washer'

Which of the two is spoken is settled once, by ``--lang`` or the locale, in :func:`speak`.
"""

import locale
import os
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
        """The saying in ``lang``, or in the language settled by :func:`speak`."""
        return self.ja if (lang or language()) == "ja" else self.en

    def __str__(self) -> str:
        return self.say()


def speak(lang: Language) -> None:
    """Settle the language of everything a person reads in this process."""
    _spoken[:] = [lang]


def language() -> Language:
    """The language settled by :func:`speak`, else the locale's; Japanese unless the locale says English."""
    if _spoken:
        return _spoken[0]
    asked = os.environ.get("KOJO_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not asked:
        asked = locale.getlocale()[0] or ""
    return "en" if asked.lower().startswith("en") else "ja"
