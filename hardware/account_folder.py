"""Folders with secrets: directories only their owner may enter (0700), files only their owner may read (0600)."""

import os
from pathlib import Path

from contract.errors import NotAllowed
from contract.words import Words


def write(file: Path, content: bytes | str) -> bool:
    """Write a file whole or not at all, readable by its owner only; whether that changed it.

    Its directory is made if need be. Raises NotAllowed where it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        folder(file.parent)
        if file.is_file() and file.read_bytes() == data:
            file.chmod(0o600)
            return False
        new = file.with_name(f".{file.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(file)
    except OSError as error:
        raise _refused(file, error) from error
    return True


def folder(path: Path) -> None:
    """Make a directory that only its owner may enter; one that is there already keeps its rights."""
    if not path.parent.is_dir():
        folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def read(file: Path) -> bytes | None:
    """A file's content, None where there is none. Raises NotAllowed where it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(file, error) from error


def clear(path: Path, ours: tuple[str, ...]) -> None:
    """Remove the files we made from a directory, and the directory if nothing else is in it."""
    for name in ours:
        (path / name).unlink(missing_ok=True)
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()


def _refused(file: Path, error: OSError) -> NotAllowed:
    return NotAllowed(
        Words(
            f"{file} を読み書きできません({error.strerror})。", f"{file} cannot be read or written: {error.strerror}."
        ),
        Words("持ち主と権限を直してください。", "Mend its owner and rights."),
    )
