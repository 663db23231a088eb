"""Who has the DuckDB file open, and how the last one left it: a small locked file beside it, gone after a clean end."""

import contextlib
import os
import sys
from pathlib import Path

from collector.store.duck_trouble import in_use, not_allowed


class FileHold:
    """``line.duckdb.open``, locked until `release`. Raises InUse where another process holds it, NotAllowed.

    ``was`` is how the last holder left it: "" after a clean end, "opening" if it died before the file was open (or was
    ended then), "open" if it died later. The lock goes with the process, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(f"{path.name}.open")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise not_allowed(path, error) from error
        said = os.read(self._file, 100).decode("ascii", "replace").split()
        if not _lock(self._file):
            os.close(self._file)
            raise in_use(path, int(said[1]) if len(said) > 1 and said[1].isdigit() else None)
        self.was = said[0] if said else ""
        self._say("opening")

    def opened(self) -> None:
        """The file is open and was looked through."""
        self._say("open")

    def give_back(self) -> None:
        """Leave it as it was found."""
        self._say(self.was)
        self.release(clean=not self.was)

    def release(self, *, clean: bool) -> None:
        """Let go. May be called twice."""
        if self._file < 0:
            return
        if clean:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1

    def _say(self, state: str) -> None:
        said = f"{state} {os.getpid()}".ljust(20).encode()
        with contextlib.suppress(OSError):  # a full disk: the collector must start all the same
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, said)
            os.fsync(self._file)


def _lock(file: int) -> bool:
    if sys.platform == "win32":  # there DuckDB's own lock must do
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
