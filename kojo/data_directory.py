"""The data directory: made, checked, and held by one program of each kind at a time."""

import contextlib
import fcntl
import logging
import os
import secrets
import stat
from pathlib import Path
from types import TracebackType
from typing import TextIO

from contract.errors import InUse, NotAllowed
from contract.whole_file import write_whole
from contract.words import Words

log = logging.getLogger(__name__)


class _Mask:
    """While a directory is held, whatever is made, by whichever library, is ours alone: it may lie in an open one."""

    def __init__(self) -> None:
        self._held = 0
        self._before = 0

    def enter(self) -> None:
        """One more is held."""
        before = os.umask(0o077)
        if not self._held:
            self._before = before
        self._held += 1

    def leave(self) -> None:
        """One fewer is held; after the last the mask is as it was."""
        self._held -= 1
        if not self._held:
            os.umask(self._before)


_mask = _Mask()


class DataDirectory:
    """``DIR`` of a command, held through a lock file until closed.

        with DataDirectory(Path("data"), "serve") as directory:
            directory.path / "viewer.token"

    Raises NotAllowed where it cannot be made or written, InUse where another program of the same ``role`` holds it.
    """

    def __init__(self, path: Path, role: str) -> None:
        self.path = path.absolute()
        self._lock = self._hold(role)
        _mask.enter()

    def _hold(self, role: str) -> TextIO:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._look_who_may_write()
            # A link that somebody laid there would have another file emptied.
            made = os.open(self.path / f"{role}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            lock = os.fdopen(made, "r+", encoding="ascii")
        except OSError as error:
            raise self._not_written(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise InUse(
                Words(
                    f"データの置き場所 {self.path} は、動いている別の kojo(プロセス {holder})が使っています。",
                    f"The data directory {self.path} is in use by another kojo (process {holder}).",
                ),
                Words(
                    "そちらを終わらせるか、別の場所を --data で指してください。",
                    "End that one, or name another directory with --data.",
                ),
            ) from error
        with contextlib.suppress(OSError):  # a full disk: the number is only for people
            lock.truncate(0)
            os.write(lock.fileno(), str(os.getpid()).encode("ascii"))
        return lock

    def _look_who_may_write(self) -> None:
        if stat.S_IMODE(self.path.stat().st_mode) & 0o022:
            said = Words(
                f"データの置き場所 {self.path} は、ほかの利用者も書けます。chmod 700 {self.path} をしてください。",
                f"Others may write to the data directory {self.path}: chmod 700 {self.path}",
            )
            log.warning("%s", said)

    def own_id(self, name: str) -> str:
        """A random id kept in the directory under ``name``: the same at every start. Raises NotAllowed.

        A file that a power cut left empty holds no id: a new one is made, and said.
        """
        file = self.path / name
        try:
            kept = file.read_text("ascii", "replace").strip() if file.exists() else None
            if kept:
                return kept
            made = secrets.token_hex(4)
            write_whole(file, made)
        except OSError as error:
            raise self._not_written(error) from error
        if kept is not None:
            said = Words(f"{file} が空だったので、新しい id にしました。", f"{file} was empty: it has a new id now.")
            log.warning("%s", said)
        return made

    def _not_written(self, error: OSError) -> NotAllowed:
        return NotAllowed(
            Words(
                f"データの置き場所 {self.path} に書けません({error.strerror})。",
                f"The data directory {self.path} cannot be written ({error.strerror}).",
            ),
            Words(
                "書ける場所を --data で指すか、持ち主と権限を直してください。",
                "Name one that can be with --data, or mend its owner and rights.",
            ),
        )

    def close(self) -> None:
        """Let go."""
        if not self._lock.closed:
            self._lock.close()
            _mask.leave()

    def __enter__(self) -> "DataDirectory":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
