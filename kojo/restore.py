"""``kojo restore FILE --data DIR``: what `kojo backup` saved becomes a data directory again.

The restored store gets a new id, so every agent sends again what the store lacks and the agent still holds
(docs/decisions/backup.md). Nothing is ever deleted: with ``replace`` what was there is set aside beside it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from collector.store import open_store
from collector.store.contents import Copying
from collector.store.duck import give_new_id
from contract import secrets
from contract.errors import BackupError, NotAllowed
from contract.line import load
from contract.words import Words
from edge.sensors import catalogue
from kojo.backup_file import LINE, STORE, TOKENS, Manifest, damaged, read, unpack
from kojo.backup_parts import contents_of, papers_of
from kojo.backup_trouble import no_room
from kojo.data_directory import DataDirectory
from kojo.progress import Steps

Progress = Callable[[int, int], None]


def restore(file: Path, data: Path, replace: bool, line: Path) -> int:
    """Restore a backup; says what was restored and what comes next."""
    manifest = read(file)
    if STORE not in manifest.parts:
        return _restore_papers(file, data, line)
    steps = Steps(2)
    with DataDirectory(data, "serve") as directory:
        target = _target(directory.path, manifest)
        there = _store_files(target)
        if there and not replace:
            raise _already_there(target)
        work = Path(tempfile.mkdtemp(prefix=".restore-", dir=directory.path))
        try:
            with no_room(directory.path):
                steps.step(Words("控えを広げています", "Unpacking the backup"))
                unpack(file, work, steps.so_far)
                steps.step(Words("中身を確かめています", "Comparing what came out of it"))
                compare(file, work)
                give_new_id(work / STORE)
                aside = _set_aside(there, directory.path)
                _put_in_place(work, directory.path, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        steps.done()
        _say(manifest, target, aside)
    return 0


def compare(file: Path, folder: Path) -> None:
    """Open the store of an unpacked backup and compare it, series by series, with what it should hold."""
    store = open_store(f"duckdb:{STORE}", folder)
    try:
        assert isinstance(store, Copying), "what a file's store is"
        found = list(contents_of(folder).differences(store.contents()))
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(file, "contents.json") from error
    finally:
        store.close()
    if found:
        raise damaged(file, f"{STORE}: {found[0]}")


def _target(directory: Path, manifest: Manifest) -> Path:
    """Where the store lay, in this data directory; a place outside it is not believed."""
    said = Path(str(manifest.store.get("url", "")).partition(":")[2] or "line.duckdb")
    return directory / (said.name if said.is_absolute() or ".." in said.parts else said)


def _store_files(target: Path) -> list[Path]:
    return sorted(path for path in target.parent.glob(f"{target.name}*") if path.is_file())


def _set_aside(files: list[Path], directory: Path) -> Path | None:
    if not files:
        return None
    aside = directory / f"before-restore-{datetime.now():%Y%m%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    for path in files:
        path.rename(aside / path.name)
    return aside


def _put_in_place(work: Path, directory: Path, target: Path) -> None:
    """Small files first and only where there are none, the store last: with it the directory is whole."""
    for path in sorted(work.rglob("*")):
        name = path.relative_to(work)
        small = name.name in ("collector.id", LINE, *TOKENS) or name.parts[0] == "sensors"
        if small and path.is_file() and not (directory / name).exists():
            (directory / name).parent.mkdir(mode=0o700, exist_ok=True)
            path.rename(directory / name)
    target.parent.mkdir(parents=True, exist_ok=True)
    (work / STORE).rename(target)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _already_there(target: Path) -> NotAllowed:
    return NotAllowed(
        Words(f"{target} にはもう保存ファイルがあります。", f"There is a store already: {target}."),
        Words(
            "空の場所を --data で指すか、--replace を付けてください(今のものは消さずに脇へ置きます)。",
            "Name an empty place with --data, or add --replace (what is there is set aside, not deleted).",
        ),
    )


def _restore_papers(file: Path, data: Path, line: Path) -> int:
    """A backup without readings, of a store that is a server: its papers go back into the server."""
    with DataDirectory(data, "serve") as directory:
        known = load(line, catalogue(directory.path / "sensors"))
        if known.store_url.startswith("duckdb:"):
            raise BackupError(
                Words(
                    f"{file} は読み値を含まない控え(InfluxDB 用)です。",
                    f"{file} holds no readings: it was made beside an InfluxDB.",
                ),
                Words(
                    "[store] url が InfluxDB を指す line.toml を --line で指してください。",
                    "With --line, name a line.toml whose [store] url is that InfluxDB.",
                ),
            )
        work = Path(tempfile.mkdtemp(prefix=".restore-", dir=directory.path))
        try:
            unpack(file, work)
            lines, entries = papers_of(work)
            secret = secrets.read(directory.path).store
            store = open_store(
                known.store_url, directory.path, secret,
                site=known.site, line=known.line, collector=directory.own_id("collector.id"),
            )  # fmt: skip
            try:
                for version in lines:
                    store.keep_line(version)
                for entry in entries:
                    store.keep_entry(entry)
            finally:
                store.close()
        finally:
            shutil.rmtree(work, ignore_errors=True)
    print(
        Words(
            f"ラインの版 {len(lines)} 件と記入 {len(entries)} 件を {known.store_url} に戻しました。"
            "読み値は InfluxDB 自身の控え(influx restore)で戻してください。",
            f"{len(lines)} versions of the line and {len(entries)} entries are back in {known.store_url}. "
            "The readings come back by InfluxDB's own means (influx restore).",
        )
    )
    return 0


def _say(manifest: Manifest, target: Path, aside: Path | None) -> None:
    counts = manifest.counts
    print(
        Words(
            f"{manifest.made} の控えを {target} に戻しました(読み値 {counts.get('readings', 0):,} 件、"
            f"記入 {counts.get('entries', 0):,} 件)。kojo serve を起動すると、"
            "そのあとの読み値は、エージェントの手元に残っている分が送り直されます。",
            f"The backup of {manifest.made} is restored to {target} ({counts.get('readings', 0):,} readings, "
            f"{counts.get('entries', 0):,} entries). When kojo serve runs again, the agents send what is newer "
            "and what they still hold.",
        )
    )
    if aside is not None:
        print(Words(f"前の保存ファイルは {aside} にあります。", f"What was there before lies in {aside}."))
