"""What can go wrong with the store's file, in the words of people. No duckdb here: its errors are handed in."""

import errno
import re
from pathlib import Path

from contract.errors import InUse, NotAllowed, StoreError, StoreFull
from contract.words import Words


class NewerStore(StoreError, NotAllowed):
    """A file of a later kojohack: it is left as it is."""


def cannot_open(path: Path, error: Exception) -> Exception | None:
    """Why DuckDB could not open a file that may be whole; None: it is broken, or no DuckDB file."""
    said = str(error)
    if re.search(r"\b[Ll]ock\b", said) or "already attached" in said:
        holder = re.search(r"PID (\d+)", said)
        return in_use(path, int(holder[1]) if holder else None)
    if "ermission denied" in said or "ead-only" in said or "Is a directory" in said:
        return not_allowed(path, error)
    if "version number" in said or "newer version" in said:
        return newer(path, said)
    return None if is_damage(error) else failed(path, error)


class Damaged(ValueError):
    """The file's content cannot be what was written."""


def is_damage(error: BaseException | None) -> bool:
    """Whether what DuckDB says of a file means that its content is not what was written.

    Only what is listed here is damage. A statement of ours that is wrong, a value that a column does not take, memory,
    a lock, a full disk are not: a whole file must never be set aside for them.
    """
    if isinstance(error, Damaged):
        return True
    if error is None or "duckdb" not in type(error).__module__ or no_room(error):
        return False
    return type(error).__name__ in _DAMAGE_KINDS or any(sign in str(error) for sign in _DAMAGE)


_DAMAGE_KINDS = ("SerializationException", "InternalException")
_DAMAGE = (
    "Corrupt database file", "not a valid DuckDB database file", "Could not read", "but the file is empty",
    "Failed to load metadata", "Failed to deserialize", "Failed to replay", "failed to replay", "WAL file",
)  # fmt: skip
"""Of blocks whose checksum is not theirs, of files that were cut or are something else."""


def no_room(error: BaseException) -> bool:
    """Whether there was no room on the disk."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return any(sign in str(error) for sign in ("No space left", "File too large", "uota exceeded"))


def in_use(path: Path, holder: int | None) -> InUse:
    """Another process holds the file; ``holder`` is its number, where known."""
    ja, en = (f"(プロセス {holder})", f" (process {holder})") if holder else ("", "")
    return InUse(
        Words(
            f"保存ファイル {path} は別のプログラムが使用中です{ja}。",
            f"The store {path} is in use by another program{en}.",
        ),
        Words(
            "1つのファイルを使えるのは1つの kojo serve だけです。動いている方を止めるか、別の --data にしてください。",
            "One file belongs to one kojo serve. Stop the other one, or give another --data.",
        ),
    )


def not_allowed(path: Path, error: Exception) -> NotAllowed:
    """The file cannot be made or written."""
    return NotAllowed(
        Words(f"保存ファイル {path} に書き込めません。", f"The store {path} cannot be written: {error}"),
        Words(
            "フォルダの権限を確かめるか、別の --data を指定してください。",
            "Check the folder's rights, or give another --data.",
        ),
    )


def newer(path: Path, said: str) -> NewerStore:
    """Made by a later kojohack, or a later DuckDB."""
    return NewerStore(
        Words(
            f"保存ファイル {path} は新しい版で作られたため、この kojohack では読めません。"
            "ファイルには手を付けていません。",
            f"The store {path} was made by a later version ({said}); it is left untouched.",
        ),
        Words(
            "kojohack を更新するか(kojohack を入れ直す)、別の --data を指定してください。",
            "Update kojohack, or give another --data.",
        ),
    )


class StoreDamaged(StoreError):
    """The file is broken while it is in use."""


def _damaged(path: Path, error: Exception) -> StoreDamaged:
    return StoreDamaged(
        Words(f"保存ファイル {path} が壊れています。", f"The store {path} is damaged: {str(error).splitlines()[0]}"),
        Words(
            "いちばん新しい控えがあれば「kojo restore 控えのファイル --data "
            f"{path.parent} --replace」で戻してください。なければ kojo serve を止めて起動し直してください: "
            "壊れたファイルは消さずに脇へ置き、読める部分を移し、エージェントに残っている値(24時間分)が送り直されます。",
            f"If there is a backup, restore the newest: kojo restore BACKUP --data {path.parent} --replace. Else stop "
            "kojo serve and start it again: the broken file is set aside, what can be read is kept, and agents send "
            "again what they still hold (24 hours).",
        ),
    )


def failed(path: Path, error: Exception) -> StoreError:
    """A write, or a reading, did not succeed."""
    if is_damage(error):
        return _damaged(path, error)
    if no_room(error):
        return StoreFull(
            Words(f"{path.parent} に空きがありません。", f"There is no room left in {path.parent}."),
            Words(
                "不要なファイルを消してください。それまで受け取りを止めています。",
                "Make room; until then nothing is taken.",
            ),
        )
    return StoreError(
        Words(
            f"保存ファイル {path} の読み書きに失敗しました。",
            f"Reading or writing the store {path} failed: {error}",
        ),
        Words(
            "自動でやり直します。続くときはディスクを確かめてください。",
            "It is tried again; if this goes on, check the disk.",
        ),
    )
