"""``kojo restore FILE --data DIR``: what `kojo backup` saved becomes a data directory again.

A server that runs there is asked through its local door and does it itself (`kojo.restore_served`). The restored store
gets a new id, so every agent sends again what the store lacks and the agent still holds (docs/decisions/backup.md).
Nothing is ever deleted: with ``replace`` what was there is set aside beside it.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from collector.store import Store, open_store
from contract import secrets
from contract.errors import BackupError, KojoError
from contract.line import Line, load
from contract.words import Words
from edge.sensors import catalogue
from kojo.backup_file import STORE, TOKENS, Manifest, read, unpack
from kojo.backup_parts import papers_of
from kojo.backup_trouble import no_room
from kojo.data_directory import DataDirectory
from kojo.moves import undo_unfinished
from kojo.progress import Progress, Steps
from kojo.restore_check import STEPS, aside_of, exchange, small_files, store_of, unpacked
from kojo.whoever_holds import asked_or_done


def restore(file: Path, data: Path, replace: bool, line: Path) -> int:
    """Restore a backup; says what was restored and what comes next."""
    file, data = file.absolute(), data.absolute()
    manifest = read(file)
    question = {"do": "restore", "file": str(file), "replace": replace}
    if STORE not in manifest.parts:
        _say_papers(asked_or_done(data, question, lambda directory: _papers_here(file, directory, line)))
        return 0
    steps = Steps(STEPS)
    told = asked_or_done(
        data, question, lambda directory: _here(file, directory, replace, line, manifest, steps), steps.hear
    )
    steps.done()
    _say(manifest, told, _when(manifest.made, line, data))
    return 0


def _when(made: str, line: Path, data: Path) -> str:
    """When a backup was made, as the clock of the line showed it."""
    try:
        moment = datetime.fromisoformat(made)
    except ValueError:  # a backup of somebody else's
        return made
    known = _line(line, data)
    return f"{moment.astimezone(known.zone) if known else moment:%Y-%m-%d %H:%M:%S}"


def _here(
    file: Path, directory: DataDirectory, replace: bool, line: Path, manifest: Manifest, progress: Progress
) -> Mapping[str, Any]:
    """Restore where no server runs; what there is to say of it."""
    undo_unfinished(directory.path)
    target = store_of(directory.path, manifest, _url(line, directory.path))
    with unpacked(file, target, replace, progress) as work:
        aside, small = aside_of(target), small_files(work, directory.path)
        moves = exchange(work, directory.path, target, aside)
        progress.step(Words("置き換えています", "Putting it in place"))
        try:
            moves.do()
            moves.keep()
        except OSError as error:
            undo_unfinished(directory.path)
            raise BackupError(
                Words(
                    f"置き換えられませんでした({error})。前のままに戻しました。",
                    f"It could not be put in place: {error}. All is as it was before.",
                ),
                Words(f"{directory.path} の中を確かめてください。", f"Look into {directory.path}."),
            ) from error
    return {"target": str(target), "aside": str(aside) if aside.is_dir() else None, "serving": False, "small": small}


def _url(line: Path, data: Path) -> str | None:
    """The store's url of the line, if its file is there and good."""
    known = _line(line, data)
    return known.store_url if known else None


def _line(line: Path, data: Path) -> Line | None:
    try:
        return load(line, catalogue(data / "sensors"))
    except KojoError:
        return None


def _papers_here(file: Path, directory: DataDirectory, line: Path) -> Mapping[str, Any]:
    """A backup without readings, of a store that is a server: its papers go back into the server."""
    known = load(line, catalogue(directory.path / "sensors"))
    if known.store_url.startswith("duckdb:"):
        raise no_readings(file)
    secret = secrets.read(directory.path).store
    store = open_store(
        known.store_url, directory.path, secret,
        site=known.site, line=known.line, collector=directory.own_id("collector.id"),
    )  # fmt: skip
    try:
        return keep_papers(file, store, directory.path, known.store_url)
    finally:
        store.close()


def keep_papers(file: Path, store: Store, directory: Path, url: str) -> Mapping[str, Any]:
    """Put the versions of the line and the entries of a backup into a store; how many there were of each."""
    work = Path(tempfile.mkdtemp(prefix=".restore-", dir=directory))
    try:
        with no_room(directory):
            unpack(file, work)
        lines, entries = papers_of(file, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for version in lines:
        store.keep_line(version)
    for entry in entries:
        store.keep_entry(entry)
    return {"lines": len(lines), "entries": len(entries), "url": url}


def no_readings(file: Path) -> BackupError:
    """A backup made beside an InfluxDB, where the store is a file."""
    return BackupError(
        Words(
            f"{file} は測定値を含まない控え(InfluxDB 用)です。",
            f"{file} holds no readings: it was made beside an InfluxDB.",
        ),
        Words(
            "[store] url が InfluxDB を指す line.toml を --line で指してください。",
            "With --line, name a line.toml whose [store] url is that InfluxDB.",
        ),
    )


def _say(manifest: Manifest, told: Mapping[str, Any], made: str) -> None:
    counts = manifest.counts
    when = (
        Words("kojo serve は新しい中身で動いています。", "kojo serve goes on with it: the")
        if told["serving"]
        else Words("kojo serve を起動すると、", "When kojo serve runs again, the")
    )
    print(
        Words(
            f"{made} の控えを {told['target']} に戻しました(測定値 {counts.get('readings', 0):,} 件、"
            f"記入 {counts.get('entries', 0):,} 件)。{when.ja}"
            "そのあとの測定値は、エージェントの手元に残っている分が送り直されます。",
            f"The backup of {made} is restored to {told['target']} ({counts.get('readings', 0):,} readings, "
            f"{counts.get('entries', 0):,} entries). {when.en} agents send what is newer and what they still hold.",
        )
    )
    if told["aside"] is not None:
        print(
            Words(f"前の保存ファイルは {told['aside']} にあります。", f"What was there before lies in {told['aside']}.")
        )
    _say_small(told["small"])
    print(
        Words(
            "ラインの設定は、kojo serve の --line で指す line.toml が使われます"
            "(控えの中の line.toml は、そのころの数字を出すための記録です)。",
            "The line.toml that counts is the one that kojo serve is given with --line; the one in the backup is kept "
            "as what was in force then.",
        )
    )


def _say_small(names: Sequence[str]) -> None:
    """What came with the store: whoever made the backup decided what those tokens and programs are."""
    if names:
        listed = ", ".join(names)
        print(Words(f"一緒に置いたファイル: {listed}", f"Put in place with it: {listed}"))
    if any(name in TOKENS for name in names):
        print(
            Words(
                "トークンは控えのものです。控えを渡した相手も同じトークンを持っています。",
                "The tokens are those of the backup: whoever else has it has them too.",
            )
        )
    if any(name.startswith("sensors/") for name in names):
        print(
            Words(
                "sensors/ の中身は kojo が動かすプログラムです。起動する前に、知っているものか確かめてください。",
                "What is in sensors/ are programs that kojo runs: look at them before it starts.",
            )
        )


def _say_papers(told: Mapping[str, Any]) -> None:
    lines, entries, url = told["lines"], told["entries"], told["url"]
    print(
        Words(
            f"ラインの版 {lines} 件と記入 {entries} 件を {url} に戻しました。"
            "測定値は InfluxDB 自身の控え(influx restore)で戻してください。",
            f"{lines} versions of the line and {entries} entries are back in {url}. "
            "The readings come back by InfluxDB's own means (influx restore).",
        )
    )
