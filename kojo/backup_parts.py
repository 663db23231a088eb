"""What goes into a backup, written into a folder by whoever holds the store: `kojo serve`, or the command itself."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from collector.store import Entry, EntryKind, LineVersion, Store
from collector.store.contents import Contents, Copying
from contract.errors import BackupError
from contract.words import Words
from kojo.backup_file import CONTENTS, ENTRIES, LINE, LINES, STORE


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


def contents_of(folder: Path) -> Contents:
    """What the store in an unpacked backup should hold."""
    return Contents.read(json.loads((folder / CONTENTS).read_text("utf-8")))


def papers_of(folder: Path) -> tuple[Sequence[LineVersion], Sequence[Entry]]:
    """The versions of the line and the entries of an unpacked backup."""
    lines = [LineVersion(**said) for said in json.loads((folder / LINES).read_text("utf-8"))]
    return lines, [Entry(**said) for said in json.loads((folder / ENTRIES).read_text("utf-8"))]


def _told(entry: Entry) -> Mapping[str, Any]:
    return {"id": entry.id, "kind": entry.kind, "at": entry.at, "made": entry.made, "body": dict(entry.body)}


def _write(path: Path, said: Any) -> None:
    path.write_text(json.dumps(said, ensure_ascii=False), "utf-8")
