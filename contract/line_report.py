"""How mistakes in a line file are gathered and worded: all of them, each with its place and what would be right."""

from __future__ import annotations

import datetime
import enum
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from contract.errors import Mistake
from contract.line_places import Path, Places, spot
from contract.words import Words

_SECRET = re.compile(r"(?<=://)[^/@\s]*@")
_LONGEST = 60


class _Wrong(enum.Enum):
    WRONG = "wrong"


WRONG: Final = _Wrong.WRONG
"""Stands for a value that has been told to be wrong."""


class Report:
    """The mistakes found so far in one file, and the references to be looked up when all of it is read."""

    def __init__(self, file: str, places: Places, elsewhere: Mapping[str, str] | None = None) -> None:
        self.file = file
        self.elsewhere = elsewhere or {}
        """The header below which a key belongs, for keys that stand below a wrong one."""
        self.places = places
        self.mistakes: list[Mistake] = []
        self.references: list[tuple[Path, str, str]] = []
        """Path, what is meant (``station``, ``shift`` …) and its name."""

    def tell(self, path: Path, what: Words, tip: Words | None = None, at: Path | None = None) -> _Wrong:
        """Note a mistake about ``path``, on the row of ``at`` (left out: of ``path``)."""
        row = self.places.row(path if at is None else at)
        mistake = Mistake(self.file, row, spot(path), one_line(what), one_line(tip) if tip else None)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)
        return WRONG

    def place(self, path: Path) -> Words:
        """Another place of the file, to point at: its name and row."""
        row = self.places.row(path)
        return Words(f"{spot(path)}({row} 行目)", f"{spot(path)} (line {row})")


def one_line(words: Words) -> Words:
    """What the file holds may have line ends in it; a mistake is one line."""
    ja, en = ("".join(sign if is_one_line(sign) else "·" for sign in said) for said in (words.ja, words.en))
    return Words(ja, en)


def is_one_line(text: str) -> bool:
    """Whether a text has no line ends and other signs that cannot be seen (a full-width blank is a blank)."""
    return text.replace("\u3000", "").isprintable()


def hint(ja: str, en: str) -> Words:
    """What to do about it."""
    return Words(f"ヒント: {ja}", f"Hint: {en}")


def did_you_mean(word: str) -> Words:
    """The nearest valid word."""
    return Words(f"「{word}」ではありませんか。", f'Did you mean "{word}"?')


def nearest(word: str, options: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The valid word most like ``word``, full-width and capital letters as plain ones; None if none is near."""
    plain = {half_width(option).lower(): option for option in options}
    near = get_close_matches(half_width(word).lower(), plain, n=1, cutoff=cutoff)
    return plain[near[0]] if near else None


def suggest(word: str, options: Iterable[str], many: Words) -> Words | None:
    """The nearest valid word, or all of them where none is near. ``many`` names them: "the stations"."""
    options = [option for option in options if option.strip()]
    near = nearest(word, options)
    if near is not None:
        return did_you_mean(near)
    if not options:
        return hint(f"{many.ja}はまだ一つもありません。", f"there are no {many.en} yet.")
    some = ", ".join(options[:12]) + (", …" if len(options) > 12 else "")
    return hint(f"{many.ja}は {some} です。", f"the {many.en} are {some}.")


def half_width(text: str) -> str:
    """``text`` with full-width letters, digits, signs and blanks as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def hidden(text: str) -> str:
    """``text`` without the user and password of a url."""
    return _SECRET.sub("…@", text)


def shown(value: Any) -> Words:
    """A value of the file as it is repeated in a message."""
    if isinstance(value, bool):
        said = "true" if value else "false"
    elif isinstance(value, str):
        said = json.dumps(hidden(value), ensure_ascii=False)
    elif isinstance(value, dict):
        return Words("表", "a table")
    elif isinstance(value, list):
        return Words("並び [ ]", "a list")
    elif isinstance(value, int):
        said = str(value) if abs(value) < 10**_LONGEST else "…"
    elif isinstance(value, (datetime.date, datetime.time)):
        said = value.isoformat()
    else:
        said = str(value)
    said = said if len(said) <= _LONGEST else said[:_LONGEST] + "…"
    return Words(said, said)
