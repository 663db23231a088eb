r"""Where a key stands: the row of every key path of a TOML text, which `tomllib` does not tell.

    >>> places('[stations.washer]\nname = "W"').row(("stations", "washer", "name"))
    2

The text has already been read by `tomllib`, so this scanner only follows what is known to be right: headers, arrays of
tables, dotted and quoted keys, inline tables, and strings and arrays over several rows.
"""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys, and whole numbers from 0 inside arrays, from the top of the file down."""

_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}\n#]*")


@dataclass(frozen=True, slots=True)
class Places:
    """The rows of all key paths of one text, counted from 1."""

    rows: Mapping[Path, int]

    def row(self, path: Path) -> int:
        """The row where that path stands; for a path that is not written, where the nearest one above it does."""
        while path and path not in self.rows:
            path = path[:-1]
        return self.rows.get(path, 1)


def places(text: str) -> Places:
    """The places of a text that `tomllib` could read."""
    scan = _Scan(text)
    scan.document()
    return Places(scan.rows)


def spot(path: Path) -> str:
    """A path as people read it: ``stations.washer.name``, ``shifts[1].start`` (the first shift is 1)."""
    said = ""
    for part in path:
        if isinstance(part, int):
            said += f"[{part + 1}]"
        else:
            said += ("." if said else "") + (part if _BARE.fullmatch(part) else json.dumps(part, ensure_ascii=False))
    return said


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.rows: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}
        self._ends = [match.start() for match in re.finditer("\n", text)]

    def document(self) -> None:
        table: Path = ()
        while self._skip(_BETWEEN) < len(self.text):
            table = self._header() if self.text[self.at] == "[" else self._pair(table)

    def _row(self) -> int:
        return bisect_left(self._ends, self.at) + 1

    def _skip(self, what: re.Pattern[str]) -> int:
        match = what.match(self.text, self.at)
        if match:
            self.at = match.end()
        return self.at

    def _header(self) -> Path:
        row, many = self._row(), self.text.startswith("[[", self.at)
        self.at += 1 + many
        *above, last = self._keys()
        self.at += 1 + many
        path: Path = ()
        for key in above:
            path = self._inside((*path, key), row)
        path = (*path, last)
        if many:
            self.rows.setdefault(path, row)
            self._tables[path] = self._tables.get(path, 0) + 1
            path = (*path, self._tables[path] - 1)
        self.rows[path] = row
        return path

    def _inside(self, path: Path, row: int) -> Path:
        """The table a header goes through: of an array of tables, the last one."""
        self.rows.setdefault(path, row)
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _pair(self, table: Path) -> Path:
        row = self._row()
        path = table
        for key in self._keys():
            path = (*path, key)
            self.rows.setdefault(path, row)
        self.at += 1
        self._skip(_BLANK)
        self._value(path)
        return table

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_BLANK)
            start = self.at
            if self._skip(_BARE) > start:
                keys.append(self.text[start : self.at])
            else:
                self._skip(_STRING)
                keys += tomllib.loads(self.text[start : self.at] + "=0")
            self._skip(_BLANK)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _value(self, path: Path) -> None:
        sign = self.text[self.at]
        if sign in "\"'":
            self._skip(_STRING)
        elif sign in "[{":
            self._many(path, named=sign == "{")
        else:
            self._skip(_PLAIN)

    def _many(self, path: Path, *, named: bool) -> None:
        self.at += 1
        count = 0
        while True:
            self._skip(_BETWEEN)
            sign = self.text[self.at]
            if sign in ",]}":
                self.at += 1
                if sign != ",":
                    return
            elif named:
                self._pair(path)
            else:
                self.rows[(*path, count)] = self._row()
                self._value((*path, count))
                count += 1
