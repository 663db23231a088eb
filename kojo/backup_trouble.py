"""A full disk while a backup is made or restored, in the words of people."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contract.errors import BackupError
from contract.words import Words

_LITTLE = 4 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SAID = ("No space left", "File too large", "quota exceeded")


@contextmanager
def no_room(place: Path) -> Iterator[None]:
    """Whatever fails because the disk of ``place`` is full raises BackupError; the store's own words for it vary."""
    try:
        yield
    except OSError as error:
        full = error.errno in _FULL or any(said in str(error.__cause__ or error) for said in _SAID)
        # DuckDB may say no more than that it could not write.
        if not full and not (type(error).__name__ == "StoreError" and shutil.disk_usage(place).free < _LITTLE):
            raise
        raise BackupError(
            Words(f"{place} のディスクに空きがありません。", f"There is no room left on the disk of {place}."),
            Words(
                "保存ファイルの約2倍の空きがある場所で、もう一度実行してください"
                "(FAT32 の USB メモリーは 4 GB までです)。途中のものは残していません。",
                "Run it again where about twice the store's size is free (a stick with FAT32 takes files up to 4 GB). "
                "Nothing half made is left.",
            ),
        ) from error
