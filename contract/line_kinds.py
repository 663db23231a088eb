"""What may stand behind a key of line.toml: text, ids, choices, lists; numbers are in `line_numbers`.

A kind reads a value (or tells the report why not), says in words what may stand there, gives an example, and its part
of the JSON schema for editors. All messages, the guide's tables and the schema come from these, so they cannot drift.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from contract.line_places import Path
from contract.line_report import WRONG, Report, did_you_mean, half_width, hint, is_one_line, nearest, shown
from contract.reading import MAX_TEXT
from contract.topics import ID
from contract.words import Words


class Kind(Protocol):
    """What may stand behind a key."""

    @property
    def words(self) -> Words:
        """What may stand there, in words that go with "is not …"."""

    @property
    def example(self) -> str:
        """A value as it would be written."""

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The value as the kit uses it; WRONG after telling the report."""

    def schema(self) -> dict[str, Any]:
        """Its part of the JSON schema."""


def refuse(kind: Kind, value: Any, path: Path, report: Report, tip: Words | None = None) -> Any:
    """Tell that ``value`` is not what the kind's words say. Gives WRONG."""
    said, words = shown(value), kind.words
    return report.tell(path, Words(f"{said.ja} は、{words.ja}ではありません。", f"{said.en} is not {words.en}."), tip)


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    example = "true"

    @property
    def words(self) -> Words:
        """The two words."""
        return Words("true か false", "true or false")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The flag."""
        if isinstance(value, bool):
            return value
        meant = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
        word = meant.get(str(value).lower())
        return refuse(self, value, path, report, _write(word) if word else None)

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text that is not empty; ``free``: any text, line ends and nothing at all included.

    ``most``: so many characters at most.
    """

    example: str = '"…"'
    may_be_empty: bool = False
    free: bool = False
    most: int = MAX_TEXT

    @property
    def words(self) -> Words:
        """What text is."""
        return Words(
            f'文字(" " で囲んだ1行、{self.most} 文字まで)', f"text (one line in quotes, at most {self.most} characters)"
        )

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The text as it stands."""
        if not isinstance(value, str):
            plain = isinstance(value, (int, float)) and not isinstance(value, bool)
            return refuse(self, value, path, report, _write(f'"{shown(value).en}"') if plain else None)
        good = self.free or ((value.strip() or self.may_be_empty) and is_one_line(value))
        if good and len(value) <= self.most:
            return value
        return refuse(self, value, path, report)

    def schema(self) -> dict[str, Any]:
        """A string, not empty."""
        return {"type": "string", "minLength": 0 if self.may_be_empty or self.free else 1, "maxLength": self.most}


@dataclass(frozen=True, slots=True)
class Id:
    """An id people choose."""

    example: str = '"washer"'

    @property
    def words(self) -> Words:
        """The letters allowed."""
        return Words(
            "id(半角の a-z、0-9、- と _、32 文字まで、先頭は文字か数字)",
            "an id (a-z, 0-9, - and _, at most 32, a letter or digit first)",
        )

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The id."""
        if isinstance(value, str) and ID.fullmatch(value):
            return value
        return refuse(self, value, path, report, self._tip(value))

    def _tip(self, value: Any) -> Words | None:
        if not isinstance(value, str):
            return _write(f'"{value}"') if type(value) is int else None
        if value.startswith("_"):
            return hint("_ で始まる id はキットが使います。", "ids that begin with _ belong to the kit.")
        plain = re.sub(r"[\s./]+", "-", half_width(value).lower())
        if ID.fullmatch(plain):
            return did_you_mean(plain)
        if not value.isascii():
            return hint(
                'id は半角のローマ字で書き、日本語は name = "…" に書きます。',
                'ids are plain letters; other names go into name = "…".',
            )
        return None

    def schema(self) -> dict[str, Any]:
        """The pattern."""
        return {"type": "string", "pattern": f"^{ID.pattern}$"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    options: Sequence[str]
    also: Mapping[str, str] = field(default_factory=dict)
    """What people say for them, to suggest the right word."""

    @property
    def words(self) -> Words:
        """The words."""
        return Words("次のどれか(" + " | ".join(self.options) + ")", "one of " + ", ".join(self.options))

    @property
    def example(self) -> str:
        """The first of them."""
        return f'"{self.options[0]}"'

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The word."""
        if isinstance(value, str) and value in self.options:
            return value
        if type(value) in (int, float) and f"{value:g}" in self.options:
            return refuse(self, value, path, report, _write(f'"{value:g}"'))
        near = self.also.get(half_width(value)) or nearest(value, self.options) if isinstance(value, str) else None
        return refuse(self, value, path, report, did_you_mean(near) if near else None)

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several of a kind, none twice."""

    kind: Kind
    at_least: int = 0

    @property
    def words(self) -> Words:
        """Its form."""
        return Words(f"並び [{self.kind.example}, …]", f"a list [{self.kind.example}, …]")

    @property
    def example(self) -> str:
        """A list of one."""
        return f"[{self.kind.example}]"

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A tuple of what was right."""
        if not isinstance(value, list):
            one = shown(value).en if isinstance(value, (str, int, float)) else self.kind.example
            return refuse(self, value, path, report, _write(f"[{one}]"))
        if len(value) < self.at_least:
            return report.tell(
                path,
                Words("空の並びです。", "the list is empty."),
                hint("少なくとも一つ書くか、この行を消します。", "write at least one, or take the line out."),
            )
        good: list[Any] = []
        for index, item in enumerate(value):
            got = self.kind.read(item, (*path, index), report)
            if got in good:
                said = shown(item)
                report.tell((*path, index), Words(f"{said.ja} が2回あります。", f"{said.en} stands here twice."))
            elif got is not WRONG:
                good.append(got)
        return tuple(good)

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.kind.schema(), "minItems": self.at_least, "uniqueItems": True}


@dataclass(frozen=True, slots=True)
class Reference:
    """The name of something that stands elsewhere in the file; looked up when all of it is read."""

    to: str
    words: Words
    example: str

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The name."""
        if not isinstance(value, str):
            return refuse(self, value, path, report)
        report.references.append((path, self.to, value))
        return value

    def schema(self) -> dict[str, Any]:
        """Any string."""
        return {"type": "string"}


def _write(what: str) -> Words:
    return hint(f"{what} と書きます。", f"write {what}.")
