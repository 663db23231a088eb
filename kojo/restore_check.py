"""A backup is unpacked beside the store it is to replace, tried, and given a new id; nothing else is touched yet."""

import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from collector.store import open_store
from collector.store.contents import Copying
from collector.store.duck import give_new_id
from contract.errors import BackupError, NotAllowed
from contract.words import Words
from kojo.backup_file import LINE, STORE, TOKENS, Manifest, damaged, unpack
from kojo.backup_parts import contents_of
from kojo.backup_trouble import no_room
from kojo.moves import Move, Moves
from kojo.progress import Progress

STEPS = 3
"""Two here, and the exchange."""

_PLAIN = re.compile(r"duckdb:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\.duckdb")


def store_of(directory: Path, manifest: Manifest, ours: str | None) -> Path:
    """Where the store is to lie in this data directory. Raises BackupError.

    A backup may have been made by anybody: it is believed where it says a plain name, or the url of the line itself
    (``ours``). Any other name could be that of a file which is no store.
    """
    said = manifest.store.get("url")
    if isinstance(said, str) and (said == ours or _PLAIN.fullmatch(said)):
        return directory / said.partition(":")[2]
    raise BackupError(
        Words("控えに書かれた保存ファイルの名前は使えません。", "The name of the store in the backup cannot be used."),
        Words(
            "[store] url が控えを取ったときと同じ line.toml を --line で指してください。",
            "With --line, name the line.toml whose [store] url is what it was when the backup was made.",
        ),
    )


@contextmanager
def unpacked(file: Path, target: Path, replace: bool, progress: Progress) -> Iterator[Path]:
    """A folder beside ``target`` with the parts of a backup, whose store was tried and has a new id.

    The folder goes with the block. Raises BackupError, and NotAllowed where there is a store and ``replace`` is not
    said.
    """
    if target.exists() and not target.is_file():
        raise _in_the_way(target)
    if _store_files(target) and not replace:
        raise _already_there(target)
    with _work_folder(target.parent) as work:
        with no_room(target.parent):
            progress.step(Words("控えを広げています", "Unpacking the backup"))
            unpack(file, work, progress.so_far)
            progress.step(Words("中身を確かめています", "Comparing what came out of it"))
            compare(file, work)
            give_new_id(work / STORE)
        yield work


def exchange(work: Path, directory: Path, target: Path, aside: Path) -> Moves:
    """What is to be renamed: the store that is there aside, small files where there are none, the new store last.

    ``directory`` is the data directory. Nobody has the store open.
    """
    moves: list[Move] = [(path, aside / path.name) for path in _store_files(target)]
    moves += [(work / name, directory / name) for name in small_files(work, directory)]
    return Moves(directory, [*moves, (work / STORE, target)])


def small_files(work: Path, directory: Path) -> list[str]:
    """The small files of an unpacked backup that the data directory has none of: they come with the store."""
    found = [path.relative_to(work) for path in sorted(work.rglob("*")) if path.is_file()]
    small = [name for name in found if str(name) in ("collector.id", LINE, *TOKENS) or name.parts[0] == "sensors"]
    return [name.as_posix() for name in small if not os.path.lexists(directory / name)]


def aside_of(target: Path) -> Path:
    """A folder that is not there yet, for the store that is."""
    first = target.with_name(f"before-restore-{datetime.now():%Y%m%d-%H%M%S}")
    aside, again = first, 1
    while aside.exists():
        again += 1
        aside = first.with_name(f"{first.name}-{again}")
    return aside


def compare(file: Path, folder: Path) -> None:
    """Open the store of an unpacked backup and compare it, series by series, with what it should hold."""
    should = contents_of(file, folder)
    store = open_store(f"duckdb:{STORE}", folder)
    try:
        assert isinstance(store, Copying), "what a file's store is"
        found = list(should.differences(store.contents()))
    finally:
        store.close()
    if found:
        raise damaged(file, f"{STORE}: {found[0]}")


@contextmanager
def _work_folder(place: Path) -> Iterator[Path]:
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".restore-", dir=place))
    except OSError as error:
        raise NotAllowed(
            Words(f"{place} に書けません({error.strerror})。", f"{place} cannot be written: {error.strerror}."),
            Words(
                "持ち主と権限、ディスクの空きを確かめてください。", "Check its owner, its rights and the disk's room."
            ),
        ) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _store_files(target: Path) -> list[Path]:
    return sorted(path for path in target.parent.glob(f"{glob.escape(target.name)}*") if path.is_file())


def _in_the_way(target: Path) -> NotAllowed:
    return NotAllowed(
        Words(f"{target} はファイルではありません。", f"{target} is no file."),
        Words("脇へどけるか、別の場所を --data で指してください。", "Move it away, or name another place with --data."),
    )


def _already_there(target: Path) -> NotAllowed:
    return NotAllowed(
        Words(f"{target} にはもう保存ファイルがあります。", f"There is a store already: {target}."),
        Words(
            "空の場所を --data で指すか、--replace を付けてください(今のものは消さずに脇へ置きます)。",
            "Name an empty place with --data, or add --replace (what is there is set aside, not deleted).",
        ),
    )
