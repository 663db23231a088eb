"""The tables of line.toml as data, and the one reader that checks them all.

A ``Table`` is a list of ``Key``; reading one gives a ``Draft``: what was right, with defaults filled in. What was wrong
has been told to the report and is absent, so that whatever is checked later can go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.catalogue import REQUIRED
from contract.line_kinds import Id, Kind, refuse
from contract.line_places import Path, spot
from contract.line_report import WRONG, Report, did_you_mean, hint, nearest, shown
from contract.words import Words

_SECRETS = {"password", "passwd", "pass", "token", "user", "username", "secret", "api_key", "apikey", "key", "org"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: what may stand there, what it means, what holds when it is left out."""

    key: str
    kind: Kind
    title: Words
    default: Any = None
    default_words: Words | None = None
    unit: str = ""

    @property
    def required(self) -> bool:
        """Whether it must be written."""
        return self.default is REQUIRED


@dataclass(slots=True)
class Draft:
    """One table as read. ``values`` holds what was right and defaults, ``written`` the keys that stand in the file."""

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    written: frozenset[str] = frozenset()

    def get(self, key: str) -> Any:
        """The value, or None where it was wrong or is not there."""
        return self.values.get(key)

    def at(self, key: str) -> Path:
        """Where the key stands."""
        return (*self.path, key)

    def drafts(self, key: str) -> list[Draft]:
        """The tables below ``key`` that could be read."""
        below = self.values.get(key) or ()
        return list(below.values() if isinstance(below, dict) else below)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with known keys. ``called`` is what people call it, ``shown`` how its header is written."""

    keys: tuple[Key, ...]
    shown: str
    called: Words
    example = "{ … }"
    at_least_one_of: tuple[str, ...] = ()

    @property
    def words(self) -> Words:
        """Its header."""
        return Words(f"表 [{self.shown}]", f"a table [{self.shown}]")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """A Draft."""
        if not isinstance(value, dict):
            return refuse(self, value, path, report, self._brackets(value, path))
        draft = Draft(path, written=frozenset(value))
        known = [key.key for key in self.keys]
        unknown = [key for key in value if key not in known]
        for key in unknown:
            unknown_key(key, known, path, report)
        read_keys(self.keys, value, draft, meant(unknown, known), report)
        if self.at_least_one_of and not unknown and not draft.written.intersection(self.at_least_one_of):
            some = ", ".join(self.at_least_one_of)
            report.tell(
                path,
                Words("変わる設定が一つも書かれていません。", "no setting is written here."),
                hint(f"{some} のどれかを書きます。", f"write at least one of {some}."),
            )
        return draft

    def _brackets(self, value: Any, path: Path) -> Words | None:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return hint(f"[{spot(path)}] とかっこ一つで書きます。", f"write [{spot(path)}] with single brackets.")
        return None

    def schema(self) -> dict[str, Any]:
        """An object with these keys and no others."""
        said: dict[str, Any] = {
            "type": "object",
            "properties": {key.key: key_schema(key) for key in self.keys},
            "additionalProperties": False,
        }
        required = [key.key for key in self.keys if key.required]
        if required:
            said["required"] = required
        if self.at_least_one_of:
            said["anyOf"] = [{"required": [key]} for key in self.at_least_one_of]
        return said


@dataclass(frozen=True, slots=True)
class Tables:
    """An array of tables, ``[[shown]]``."""

    table: Table
    example = "[ { … } ]"

    @property
    def words(self) -> Words:
        """Its header."""
        return Words(f"表の並び [[{self.table.shown}]]", f"an array of tables [[{self.table.shown}]]")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The Drafts that could be read."""
        if not isinstance(value, list):
            tip = None
            if isinstance(value, dict):
                header = spot(path)
                tip = hint(f"[[{header}]] とかっこ二つで書きます。", f"write [[{header}]] with double brackets.")
            return refuse(self, value, path, report, tip)
        drafts = [self.table.read(item, (*path, index), report) for index, item in enumerate(value)]
        return [draft for draft in drafts if draft is not WRONG]

    def schema(self) -> dict[str, Any]:
        """An array."""
        return {"type": "array", "items": self.table.schema()}


@dataclass(frozen=True, slots=True)
class Named:
    """Tables by the id people gave them, ``[stations.ID]``. ``to``: the ids are names of something that must exist."""

    table: Kind
    shown: str
    to: str = ""
    example = "{ … }"

    @property
    def words(self) -> Words:
        """Its header."""
        return Words(f"表 [{self.shown}]", f"tables [{self.shown}]")

    def read(self, value: Any, path: Path, report: Report) -> Any:
        """The Drafts that could be read, by id; WRONG if none of them could."""
        if not isinstance(value, dict):
            header = self.shown
            return refuse(self, value, path, report, hint(f"[{header}] と書きます。", f"write [{header}]."))
        drafts = {}
        for name, item in value.items():
            good = Id().read(name, (*path, name), report) is not WRONG
            if good and self.to:
                report.references.append(((*path, name), self.to, name))
            draft = self.table.read(item, (*path, name), report)
            if good and draft is not WRONG:
                drafts[name] = draft
        return drafts if drafts or not value else WRONG

    def schema(self) -> dict[str, Any]:
        """An object whose keys are ids."""
        return {
            "type": "object",
            "propertyNames": {"pattern": Id().schema()["pattern"]},
            "additionalProperties": self.table.schema(),
        }


def meant(unknown: Iterable[str], known: Iterable[str]) -> set[str]:
    """The keys that unknown ones were probably meant to be: they are not also told to be missing."""
    known = list(known)
    return {near for key in unknown if (near := nearest(key, known)) is not None}


def read_keys(keys: Iterable[Key], value: Mapping[str, Any], draft: Draft, meant: set[str], report: Report) -> None:
    """Fill a draft with what is right."""
    for key in keys:
        if key.required and key.key in meant and key.key not in value:
            continue
        got = read_key(key, value, draft.path, report)
        if got is not WRONG:
            draft.values[key.key] = got


def read_key(key: Key, value: Mapping[str, Any], path: Path, report: Report) -> Any:
    """The value of a key in a table, its default, or WRONG."""
    if key.key in value:
        return key.kind.read(value[key.key], (*path, key.key), report)
    if key.required:
        return report.tell(
            path,
            Words(f'"{key.key}" がありません({key.title.ja})。', f'"{key.key}" is missing ({key.title.en}).'),
            hint(f"{key.key} = {key.kind.example} のように書きます。", f"write it like {key.key} = {key.kind.example}"),
        )
    if isinstance(key.kind, Table):
        return key.kind.read({}, (*path, key.key), report)
    return key.default


def key_schema(key: Key) -> dict[str, Any]:
    """The schema of what may stand behind a key, with its title for the editor to show."""
    unit = f" ({key.unit})" if key.unit else ""
    said = {**key.kind.schema(), "description": f"{key.title.ja}{unit} / {key.title.en}{unit}"}
    if isinstance(key.default, (bool, int, float, str)):
        said["default"] = key.default
    return said


def unknown_key(key: str, known: list[str], path: Path, report: Report) -> None:
    """Tell a key that is not one of ``known``."""
    tip: Words | None
    said = shown(key)
    near = nearest(key, known)
    if near is not None:
        tip = did_you_mean(near)
    elif key in report.elsewhere:
        where = report.elsewhere[key]
        tip = hint(f"{key} を書くのは {where} の下です。", f"{key} belongs below {where}.")
    elif key.lower() in _SECRETS:
        tip = hint(
            "秘密はこのファイルに書かず、データフォルダーの secrets.toml に書きます。",
            "secrets never stand here; they belong in secrets.toml in the data directory.",
        )
    else:
        tip = hint(f"ここに書けるのは {', '.join(known)} です。", f"what can stand here: {', '.join(known)}.")
    report.tell(path, Words(f"{said.ja} というキーはありません。", f"unknown key {said.en}."), tip, at=(*path, key))


def tables_in(kind: Any) -> Iterator[tuple[str, Table]]:
    """Every table with known keys below (and with) ``kind``, with its header as written: ``[[shifts]]`` …"""
    if isinstance(kind, Tables):
        yield f"[[{kind.table.shown}]]", kind.table
        yield from _below(kind.table)
    elif isinstance(kind, Named):
        yield from tables_in(kind.table)
    elif isinstance(kind, Table):
        yield (f"[{kind.shown}]" if kind.shown else ""), kind
        yield from _below(kind)


def _below(table: Table) -> Iterator[tuple[str, Table]]:
    for key in table.keys:
        yield from tables_in(key.kind)
