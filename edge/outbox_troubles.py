"""What can be wrong with the outbox's file, in plain words."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from contract.errors import KojoError, OutboxError
from contract.words import Words
from edge.hold import cannot_write


class Damaged(OutboxError):
    """The file cannot be used as it is: torn, altered, or not ours. It is set aside.

    ``is_newer``: a newer kojo made it, so nobody here knows how to read it.
    """

    is_newer = False


def damaged(path: Path, why: str) -> Damaged:
    """It is torn or altered, or something else altogether."""
    return Damaged(Words(f"送信待ちの記録 {path} が壊れています({why})。", f"The outbox {path} is damaged: {why}."))


def not_writable(path: Path) -> Damaged:
    """It belongs to somebody else, who does not let us write it."""
    return Damaged(
        Words(
            f"送信待ちの記録 {path} は読み取り専用か、別の利用者のものです。",
            f"The outbox {path} is read-only, or belongs to another user.",
        )
    )


def too_new(path: Path) -> Damaged:
    """A newer kojo made it."""
    error = Damaged(
        Words(f"送信待ちの記録 {path} は、新しい版の kojo が作ったものです。", f"{path} was made by a newer kojo.")
    )
    error.is_newer = True
    return error


def set_aside(error: Damaged, kept: Path, taken_over: tuple[int, int] | None) -> Words:
    """What is said of a file that was set aside: so many readings were saved, so many lost; None: nobody knows."""
    ja, en = "件数は分かりません", "how many readings are in it is not known"
    if taken_over:
        saved, lost = taken_over
        ja = f"読み取れた {saved} 件は引き継ぎ、未確認のまま読めなくなったのは {lost} 件です"
        en = f"{saved} readings were taken over from it, {lost} that the store lacks could not be read"
    return Words(
        f"{error.what.ja}{kept.name} という名前で残し、新しいファイルで続けます({ja})。",
        f"{error.what.en} It is kept as {kept.name}, and a new file is begun: {en}.",
    )


@contextlib.contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Say what SQLite says in the words of this kit."""
    try:
        yield
    except KojoError:
        raise
    except sqlite3.Error as error:
        raise _in_plain_words(path, error) from error


def _in_plain_words(path: Path, error: sqlite3.Error) -> KojoError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such " in str(error):
        return damaged(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return cannot_write(path.parent, str(error))
    hint = (
        Words(
            "不要なファイルを消して空きを作ってください。空けば自動で続きます。",
            "Hint: make room; it then goes on by itself.",
        )
        if code == sqlite3.SQLITE_FULL
        else Words("SD カードを確認してください。", "Hint: look at the SD card.")
    )
    return OutboxError(
        Words(f"送信待ちの記録 {path} に書けません({error})。", f"The outbox {path} cannot be written: {error}."), hint
    )
