"""A TOML file of ours being read: what it holds, and every mistake in it, told at once.

file = DataFile(Path("course.toml"))
title = file.words(file.raw, (), "title")
file.end()                                # raises LineError with all that was told
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from contract.errors import LineError, Mistake
from contract.line_check import text_of
from contract.line_places import Path as Place
from contract.line_places import spot
from contract.line_syntax import parse
from contract.words import Words

NOTHING: Final = Words("", "")


class DataFile:
    """One file; what is missing or of the wrong kind is told and read as empty, so that reading goes on."""

    def __init__(self, path: Path) -> None:
        """Raises LineError where it is no TOML, NotThere, NotAllowed."""
        self.path = path
        self.mistakes: list[Mistake] = []
        self.raw, self._places = parse(text_of(path), str(path))

    def tell(self, at: Place, ja: str, en: str) -> None:
        """A mistake, at a path of keys."""
        self.mistakes.append(Mistake(str(self.path), self._places.row(at), spot(at), Words(ja, en)))

    def end(self) -> None:
        """Raises LineError with every mistake, if there is any."""
        if self.mistakes:
            raise LineError(self.mistakes)

    def keys(self, table: Mapping[str, Any], at: Place, known: frozenset[str]) -> None:
        """Tell every key that nobody reads."""
        for key in sorted(table.keys() - known):
            self.tell((*at, key), "知らないキーです。", "an unknown key.")

    def words(self, table: Mapping[str, Any], at: Place, key: str, *, needed: bool = True) -> Words:
        """``{ ja = "…", en = "…" }``."""
        found = table.get(key)
        if found is None and not needed:
            return NOTHING
        if not isinstance(found, dict) or not all(isinstance(found.get(k), str) and found[k] for k in ("ja", "en")):
            self.tell((*at, key), "ja と en の両方が要ります。", "needs both ja and en.")
            return NOTHING
        self.keys(found, (*at, key), frozenset({"ja", "en"}))
        return Words(found["ja"], found["en"])

    def text(self, table: Mapping[str, Any], at: Place, key: str, default: str | None = None) -> str:
        """A text that is not empty; without ``default`` it must be there."""
        found = table.get(key, default)
        if not isinstance(found, str) or (not found and default is None):
            self.tell((*at, key), "文字で書きます。", "is a text.")
            return ""
        return found

    def choice(self, table: Mapping[str, Any], at: Place, key: str, known: tuple[str, ...]) -> str:
        """One of some words; the first where it is none of them."""
        found = table.get(key)
        if found not in known:
            self.tell((*at, key), f"{'、'.join(known)} のどれかです。", f"is one of {', '.join(known)}.")
            return known[0]
        return str(found)

    def whole(self, table: Mapping[str, Any], at: Place, key: str, default: int | None = None, least: int = 0) -> int:
        """A whole number of at least ``least``; without ``default`` it must be there."""
        found = table.get(key, default)
        if not isinstance(found, int) or isinstance(found, bool) or found < least:
            self.tell((*at, key), f"{least} 以上の整数です。", f"is a whole number of at least {least}.")
            return least
        return found

    def yes(self, table: Mapping[str, Any], at: Place, key: str) -> bool:
        """True or false; false where it is left out."""
        found = table.get(key, False)
        if not isinstance(found, bool):
            self.tell((*at, key), "true か false です。", "is true or false.")
        return found is True

    def texts(self, table: Mapping[str, Any], at: Place, key: str) -> tuple[str, ...]:
        """A list of texts; none where it is left out."""
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
            self.tell((*at, key), "文字の並び [\"…\"] です。", "is a list of texts.")  # fmt: skip
            return ()
        return tuple(found)

    def day(self, table: Mapping[str, Any], at: Place, key: str) -> date:
        """A date."""
        found = table.get(key)
        if type(found) is not date:
            self.tell((*at, key), "日付です(2026-11-22 の形)。", "is a date like 2026-11-22.")
            return date.min
        return found

    def tables(self, table: Mapping[str, Any], at: Place, key: str) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Each table of ``[[key]]`` with its path."""
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.tell((*at, key), f"[[{key}]] の形で書きます。", f"is written as [[{key}]].")
            return
        yield from (((*at, key, number), one) for number, one in enumerate(found))
