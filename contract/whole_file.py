"""A small file that is there whole or not at all, whenever the power goes."""

import contextlib
import os
import re
import secrets
import sys
import time
from pathlib import Path

LEFT_BEHIND_S = 3600
"""Nobody writes a small file for so long: what is older was left by a program that was cut off."""


def write_whole(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file anew, or put another one in its place; its content and its name are on the disk when this returns.

    Several may write the same file at once: it is whole, and the last one's. Raises OSError; then nothing has changed.
    """
    _sweep(path)
    new = path.with_name(f"{path.name}.{os.getpid()}-{secrets.token_hex(4)}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
        raise
    sync_names(path.parent)


def _sweep(path: Path) -> None:
    """Take away what writers of this file left half done; ``<name>.new`` is what they called it once."""
    mine = re.compile(re.escape(path.name) + r"\.(?:\d+-[0-9a-f]{8}\.)?new")
    with contextlib.suppress(OSError):
        for left in [entry for entry in os.scandir(path.parent) if mine.fullmatch(entry.name)]:
            is_old = time.time() - left.stat(follow_symlinks=False).st_mtime > LEFT_BEHIND_S
            if is_old or left.name == f"{path.name}.new":
                with contextlib.suppress(OSError):
                    os.unlink(left.path)


def sync_names(directory: Path) -> None:
    """Make new, changed and removed names in a directory durable. Raises OSError."""
    if sys.platform == "win32":  # where a directory cannot be opened
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
