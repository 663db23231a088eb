"""What can go wrong with the store's file, in the words of people. No duckdb here: its errors are handed in."""

import errno
import re
from pathlib import Path

from contract.errors import InUse, NotAllowed, StoreError, StoreFull
from contract.words import Words


def cannot_open(path: Path, error: Exception) -> Exception:
    """Why DuckDB could not open a file."""
    said = str(error)
    if "lock" in said.lower():
        holder = re.search(r"PID (\d+)", said)
        return in_use(path, int(holder[1]) if holder else None)
    if "ermission denied" in said or "ead-only" in said or "Is a directory" in said:
        return not_allowed(path, error)
    return StoreError(
        Words(
            f"保存ファイル {path} を開けません。DuckDB のファイルではないか、壊れています。",
            f"Cannot open the store {path}: {said}",
        ),
        Words(
            "控え(バックアップ)から戻すか、別の名前にしてください。",
            "Restore a backup, or move the file away to begin a new one.",
        ),
    )


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


def check_version(path: Path, said: str | None, known: int) -> None:
    """Raises StoreError for a schema that this program does not know."""
    if said == str(known):
        return
    raise StoreError(
        Words(
            f"保存ファイル {path} の形式(版 {said})は、この kojohack(版 {known})では読めません。",
            f"The store {path} has schema version {said}; this kojohack knows version {known}.",
        ),
        Words("新しい kojohack に更新してください。", "Update kojohack, or give another store."),
    )


def failed(path: Path, error: Exception) -> StoreError:
    """A write did not succeed."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(
            Words(f"{path.parent} に空きがありません。", f"There is no room left in {path.parent}."),
            Words(
                "不要なファイルを消してください。それまで受け取りを止めています。",
                "Make room; until then nothing is taken.",
            ),
        )
    return StoreError(
        Words(f"保存ファイル {path} に書けませんでした。", f"Writing to the store {path} failed: {error}"),
        Words(
            "自動でやり直します。続くときはディスクを確かめてください。",
            "It is tried again; if this goes on, check the disk.",
        ),
    )
