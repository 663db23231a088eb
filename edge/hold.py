"""A file that one program holds at a time, and gives back however it ends."""

import contextlib
import os
from pathlib import Path

from contract.errors import InUse, NotAllowed
from contract.words import Words


class Hold:
    """Hold ``file`` (made if it is not there) until :meth:`release`, or until this object or the program is gone.

    Raises NotAllowed where its folder cannot be written, InUse when another program, or another part of this one,
    holds it.
    """

    def __init__(self, file: Path) -> None:
        self._number: int | None = None
        try:
            _make_durable(file.parent)
            number = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise cannot_write(file.parent, error.strerror or str(error)) from error
        try:
            _lock(number)
        except OSError as error:
            holder = os.pread(number, 20, 0).decode("ascii", "replace").strip() if os.name == "posix" else ""
            os.close(number)
            raise _in_use(file.parent, holder) from error
        self._number = number
        with contextlib.suppress(OSError):  # a full disk: the number is only for people
            os.ftruncate(number, 0)
            os.write(number, str(os.getpid()).encode("ascii"))

    def release(self) -> None:
        """Give it back."""
        if self._number is not None:
            os.close(self._number)
            self._number = None

    def __del__(self) -> None:
        self.release()


def cannot_write(directory: Path, why: str) -> NotAllowed:
    """A data directory that cannot be written."""
    return NotAllowed(
        Words(
            f"データの置き場所 {directory} に書けません({why})。",
            f"The data directory {directory} cannot be written: {why}.",
        ),
        Words(
            "書ける場所を --data で指すか、持ち主と権限を直してください。",
            "Hint: name one that can be with --data, or mend its owner and rights.",
        ),
    )


def _in_use(directory: Path, holder: str) -> InUse:
    who = f"(プロセス {holder})" if holder else ""
    return InUse(
        Words(
            f"データの置き場所 {directory} は、動いている別のエージェント{who}が使っています。",
            f"The data directory {directory} is in use by another agent{f' (process {holder})' if holder else ''}.",
        ),
        Words(
            "そちらを終わらせるか、別の場所を --data で指してください。",
            "Hint: end that one, or name another directory with --data.",
        ),
    )


def _make_durable(directory: Path) -> None:
    """Make a directory that survives a power cut: its name is on the disk, too."""
    new = [place for place in (directory, *directory.parents) if not place.exists()]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in new if os.name == "posix" else ():
        number = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _lock(number: int) -> None:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
