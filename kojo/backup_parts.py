"""What goes into a backup, written into a folder by whoever holds the store: `kojo serve`, or the command itself."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

from collector.store import Entry, EntryKind, LineVersion, Store
from collector.store.contents import Contents, Copying
from contract.errors import BackupError
from contract.words import Words
from kojo.backup_file import CONTENTS, ENTRIES, LINE, LINES, STORE, damaged, paper


def gather(store: Store, url: str, into: Path) -> dict[str, Any]:
    """Write a store into a folder; what the manifest says of it (``store``, ``counts``).

    A store that is a server keeps its readings itself; then only what the verbs of every store give is written.
    Raises BackupError where the folder cannot be written, StoreError.
    """
    try:
        return _gather(store, url, into)
    except PermissionError as error:
        raise BackupError(
            Words(
                f"動いている kojo serve が {into.parent} に書けません。",
                f"The running kojo serve may not write in {into.parent}.",
            ),
            Words(
                "kojo serve の利用者が書ける場所を --to で指してください。",
                "With --to, name a place that the user of kojo serve may write.",
            ),
        ) from error


def _gather(store: Store, url: str, into: Path) -> dict[str, Any]:
    lines = list(store.lines())
    entries = [entry for kind in get_args(EntryKind) for entry in store.entries(kind)]
    _write(into / LINES, [{"since": version.since, "text": version.text} for version in lines])
    _write(into / ENTRIES, [_told(entry) for entry in entries])
    if lines:
        (into / LINE).write_text(lines[-1].text, "utf-8")
    counts = {"lines": len(lines), "entries": len(entries)}
    said: dict[str, Any] = {"url": url, "id": store.id, "kind": url.partition(":")[0]}
    if not isinstance(store, Copying):
        return {"store": said, "counts": counts}
    contents = store.copy_to(into / STORE)
    _write(into / CONTENTS, contents.told())
    counts |= {"readings": contents.readings, "series": len(contents.tracks), **contents.rows}
    return {"store": said | {"schema": contents.schema}, "counts": counts}


def contents_of(file: Path, folder: Path) -> Contents:
    """What the store in an unpacked backup should hold. Raises BackupError."""
    said = paper(file, folder, CONTENTS)
    with _as_it_should_be(file, CONTENTS):
        return Contents.read(said)


def papers_of(file: Path, folder: Path) -> tuple[Sequence[LineVersion], Sequence[Entry]]:
    """The versions of the line and the entries of an unpacked backup. Raises BackupError."""
    with _as_it_should_be(file, LINES):
        lines = [_version(**said) for said in paper(file, folder, LINES)]
    with _as_it_should_be(file, ENTRIES):
        return lines, [_entry(**said) for said in paper(file, folder, ENTRIES)]


@contextmanager
def _as_it_should_be(file: Path, part: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, IndexError) as error:
        raise damaged(file, part) from error


def _version(since: int, text: str) -> LineVersion:
    _are(int, since)
    _are(str, text)
    return LineVersion(since, text)


def _entry(id: str, kind: EntryKind, at: int, made: int, body: Mapping[str, Any]) -> Entry:
    _are(int, at, made)
    _are(str, id, kind)
    _are(dict, body)
    if kind not in get_args(EntryKind):
        raise ValueError(kind)
    return Entry(id, kind, at, made, body)


def _are(kind: type, *values: object) -> None:
    if not all(type(value) is kind for value in values):
        raise TypeError(kind)


def _told(entry: Entry) -> Mapping[str, Any]:
    return {"id": entry.id, "kind": entry.kind, "at": entry.at, "made": entry.made, "body": dict(entry.body)}


def _write(path: Path, said: Any) -> None:
    path.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
