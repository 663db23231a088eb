"""``kojo backup --data DIR --to FILE``: one file that was tried by restoring it, made while `kojo serve` runs or not.

A running server is asked through its local door (`kojo.local_door`) to write a copy of its store; else the command
opens the store itself. The copy is packed, the pack is unpacked into another folder, opened and compared series by
series; only then does it get its name.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from collector.store import open_store
from contract import secrets
from contract.errors import KojoError, NotAllowed, NotThere
from contract.line import Line, load
from contract.whole_file import sync_names
from contract.words import Words
from edge.sensors import catalogue
from kojo.backup_file import STORE, TOKENS, pack, unpack
from kojo.backup_parts import gather
from kojo.backup_trouble import no_room
from kojo.data_directory import DataDirectory
from kojo.moves import undo_unfinished
from kojo.progress import Steps
from kojo.restore_check import compare
from kojo.sizes import size
from kojo.whoever_holds import asked_or_done


def backup(data: Path, to: Path, line: Path, with_tokens: bool) -> int:
    """Make a backup; says how much is in it."""
    data, to = data.absolute(), to.absolute()
    _check_places(data, to)
    steps = Steps(3)
    with _work_folder(to) as work, no_room(to.parent):
        parts = work / "parts"
        parts.mkdir(mode=0o700)
        steps.step(Words("保存ファイルを写しています", "Copying the store"))
        about = _gather(data, line, parts)
        _own_files(data, parts, with_tokens)
        steps.step(Words("1つのファイルにまとめています", "Packing it into one file"))
        known = _line(line, data)
        made = datetime.now(UTC).astimezone(known.zone if known else None).isoformat(timespec="seconds")
        pack(parts, work / "packed", {"made": made, "kojohack": metadata.version("kojohack"), **about}, steps.so_far)
        shutil.rmtree(parts)
        steps.step(Words("戻してみて、中身を比べています", "Restoring it elsewhere, and comparing"))
        (work / "trial").mkdir(mode=0o700)
        manifest = unpack(work / "packed", work / "trial", steps.so_far)
        if STORE in manifest.parts:
            compare(to, work / "trial")
        _name(work / "packed", to)
    steps.done()
    _say(to, about, with_tokens)
    return 0


def _check_places(data: Path, to: Path) -> None:
    if not data.is_dir():
        raise NotThere(
            Words(f"データの置き場所 {data} がありません。", f"There is no data directory {data}."),
            Words("kojo serve の --data と同じ場所を指してください。", "Name the --data of kojo serve."),
        )
    if to.exists() or to.is_symlink():
        raise NotAllowed(
            Words(f"{to} はもうあります。上書きはしません。", f"{to} exists already; it is not written over."),
            Words("別の名前を --to で指してください(日付を入れると便利です)。", "Give another name with --to."),
        )
    if not to.parent.is_dir():
        raise NotThere(
            Words(f"フォルダー {to.parent} がありません。", f"There is no folder {to.parent}."),
            Words("先に作るか、USB メモリーなどを差してください。", "Make it, or plug in what it is on."),
        )


@contextmanager
def _work_folder(to: Path) -> Iterator[Path]:
    """A folder beside the file that will be, so that a full or slow disk is that one and the last step is a rename."""
    try:
        work = Path(tempfile.mkdtemp(prefix=f".{to.name}.", dir=to.parent))
    except OSError as error:
        raise NotAllowed(
            Words(f"{to.parent} に書けません({error.strerror})。", f"{to.parent} cannot be written: {error.strerror}."),
            Words("書ける場所を --to で指してください。", "Name a place that can, with --to."),
        ) from error
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _gather(data: Path, line: Path, into: Path) -> Mapping[str, Any]:
    """Have the running server write the parts, or write them where none runs."""
    return asked_or_done(
        data, {"do": "backup", "into": str(into)}, lambda directory: _gather_here(directory, line, into)
    )


def _gather_here(directory: DataDirectory, line: Path, into: Path) -> Mapping[str, Any]:
    undo_unfinished(directory.path)
    known = _line(line, directory.path)
    url = _url(directory.path, known)
    if known is None or url.startswith("duckdb:"):
        store = open_store(url, directory.path)
    else:
        store = open_store(
            url, directory.path, secrets.read(directory.path).store,
            site=known.site, line=known.line, collector=directory.own_id("collector.id"),
        )  # fmt: skip
    try:
        return gather(store, url, into)
    finally:
        store.close()


def _line(file: Path, data: Path) -> Line | None:
    """The line, if its file is there and good: a backup must not wait until a mistake in it is mended."""
    try:
        return load(file, catalogue(data / "sensors"))
    except KojoError:
        return None


def _url(data: Path, line: Line | None) -> str:
    """The store's address: the line's, else the one file there is. Raises NotThere."""
    if line is not None and (not line.store_url.startswith("duckdb:") or (data / line.store_url[7:]).is_file()):
        return line.store_url
    found = sorted(path.name for path in data.glob("*.duckdb"))
    if len(found) == 1:
        return f"duckdb:{found[0]}"
    if not found and any(data.glob("*.outbox.sqlite")):
        raise NotThere(
            Words(
                f"{data} は Pi(エージェント)のデータで、控えは要りません。",
                f"{data} is an agent's; it needs no backup.",
            ),
            Words(
                "kojo serve を動かす機械で実行してください。outbox を写して使うと番号が二重になります。",
                "Run it where kojo serve runs. A copied outbox would use numbers twice.",
            ),
        )
    raise NotThere(
        Words(f"{data} に保存ファイル(*.duckdb)が見つかりません。", f"No store (*.duckdb) is found in {data}."),
        Words("--data と --line を確かめてください。", "Check --data and --line."),
    )


def _own_files(data: Path, into: Path, with_tokens: bool) -> None:
    for name in ("collector.id", *(TOKENS if with_tokens else ())):
        if (data / name).is_file():
            shutil.copyfile(data / name, into / name)
    sensors = sorted((data / "sensors").glob("*.py"))
    if sensors:
        (into / "sensors").mkdir()
        for path in sensors:
            shutil.copyfile(path, into / "sensors" / path.name)


def _name(packed: Path, to: Path) -> None:
    if to.exists():
        raise NotAllowed(Words(f"{to} が途中で作られました。", f"{to} was made by somebody meanwhile."))
    packed.rename(to)
    sync_names(to.parent)


def _say(to: Path, about: Mapping[str, Any], with_tokens: bool) -> None:
    counts, many = about["counts"], size(to.stat().st_size)
    if "readings" in counts:
        what = Words(
            f"測定値 {counts['readings']:,} 件、記入 {counts['entries']:,} 件。戻せることを確かめました",
            f"{counts['readings']:,} readings, {counts['entries']:,} entries; tried by restoring it",
        )
    else:
        what = Words(
            f"ラインの版 {counts['lines']:,} 件、記入 {counts['entries']:,} 件。"
            "測定値は InfluxDB にあります: 控えは influx backup で取ってください",
            f"{counts['lines']:,} versions of the line, {counts['entries']:,} entries. "
            "The readings are in InfluxDB: back them up with influx backup",
        )
    print(Words(f"控えができました: {to}({many}、{what.ja})", f"Backup made: {to} ({many}, {what.en})"))
    if with_tokens:
        print(Words("トークンが入っています。人に渡さないでください。", "It holds the tokens: give it to nobody."))
