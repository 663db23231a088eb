"""Files renamed one after the other, all of them or none, even if the power goes in between.

    moves = Moves(data, [(data / "line.duckdb", aside / "line.duckdb"), (work / "store.duckdb", data / "line.duckdb")])
    moves.do()
    moves.keep()         # or moves.undo()

What is to be renamed is noted in the directory first. Whoever finds the note later (`undo_unfinished`) puts everything
back: a store is never begun anew only because the one before was just being set aside.
"""

import contextlib
import glob
import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from contract.errors import BackupError
from contract.whole_file import sync_names, write_whole
from contract.words import Words

log = logging.getLogger(__name__)

NOTE = "restore.unfinished"

Move = tuple[Path, Path]
"""From where, to where; both absolute."""


class Moves:
    """Renames that belong together, noted in ``directory``."""

    def __init__(self, directory: Path, moves: Sequence[Move]) -> None:
        self._note, self._moves = directory / NOTE, list(moves)

    def do(self) -> None:
        """Rename all. Raises OSError; then some may be done, and `undo` is due."""
        write_whole(self._note, json.dumps([[str(old), str(new)] for old, new in self._moves]))
        for old, new in self._moves:
            new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if new.exists():
                raise FileExistsError(17, f"{new} is there")
            shutil.move(old, new)
        self._sync()

    def keep(self) -> None:
        """What was done is to stay. Raises OSError."""
        self._note.unlink(missing_ok=True)
        sync_names(self._note.parent)

    def undo(self) -> None:
        """Rename back whatever was renamed. May be called again where it failed. Raises OSError.

        What the program that opened the last one put beside it goes with it.
        """
        last, place = self._moves[-1]
        if place.exists() and not last.exists():
            last.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in place.parent.glob(f"{glob.escape(place.name)}?*"):
                if path.is_file():
                    path.replace(last.with_name(path.name))
        for old, new in reversed(self._moves):
            if new.exists() and not old.exists():
                old.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.move(new, old)
        for folder in {new.parent for _, new in self._moves}:
            with contextlib.suppress(OSError):  # only what we made is empty now
                folder.rmdir()
        self._sync()
        self.keep()

    def _sync(self) -> None:
        for folder in {path.parent for move in self._moves for path in move}:
            if folder.is_dir():
                sync_names(folder)


def undo_unfinished(directory: Path) -> None:
    """Put back what a restore that was cut off had set aside. Raises BackupError where that cannot be done."""
    note = directory / NOTE
    try:
        said = note.read_text("utf-8")
    except FileNotFoundError:
        return
    except OSError as error:
        raise _not_put_back(note, error) from error
    try:
        Moves(directory, [(Path(old), Path(new)) for old, new in json.loads(said)]).undo()
    except (OSError, ValueError, TypeError) as error:
        raise _not_put_back(note, error) from error
    log.warning(
        "%s",
        Words(
            "控えを戻す途中で止まっていたので、前の保存ファイルを元の場所に戻しました。",
            "A restore was cut off: the store that was there before is back in its place.",
        ),
    )


def _not_put_back(note: Path, error: Exception) -> BackupError:
    return BackupError(
        Words(
            f"途中で止まった復元を元に戻せません({error})。",
            f"A restore that was cut off cannot be undone: {error}.",
        ),
        Words(
            f"{note} に書かれた「元の場所・今の場所」の組のとおりにファイルを戻し、{note.name} を消してください。",
            f"Put the files back as the pairs in {note} say (where it was, where it is), then delete {note.name}.",
        ),
    )
