"""Room on the disk: below a tenth it is said, below a fiftieth nothing is taken, so that what is there stays whole.

The fiftieth that is left is for what must go on meanwhile: folding the journal, a log, a person who makes room.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.errors import StoreFull
from contract.words import Words

log = logging.getLogger(__name__)

FreeSpace = Callable[[Path], tuple[int, int]]
"""Bytes that are free for us, and bytes in all, on the disk that holds a folder. Raises OSError."""

LOW, FULL = 0.10, 0.02
LOOK_EVERY_S = 1.0


def free_space(folder: Path) -> tuple[int, int]:
    """As the operating system says."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


class Room:
    """The disk under ``folder``, looked at once a second at most. Thread-safe."""

    def __init__(
        self, folder: Path, free: FreeSpace = free_space, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._free, self._monotonic = folder, free, monotonic
        self._lock = threading.Lock()
        self._looked, self._bytes, self._share, self._state = float("-inf"), 0, 1.0, "ok"
        self.look()

    def look(self) -> str:
        """``ok``, ``low`` or ``full``; a change is said in the log."""
        with self._lock:
            now = self._monotonic()
            if now - self._looked < LOOK_EVERY_S:
                return self._state
            self._looked = now
            try:
                self._bytes, whole = self._free(self._folder)
            except OSError as error:
                log.warning("%s: %s", self._folder, error)
                return self._state
            self._share = self._bytes / whole if whole else 1.0
            before = self._state
            self._state = "full" if self._share < FULL else "low" if self._share < LOW else "ok"
            if self._state != before:
                log.log(logging.INFO if self._state == "ok" else logging.WARNING, "%s", self.words())
            return self._state

    def words(self) -> Words:
        """How it stands, for people."""
        percent = f"{self._share * 100:.1f}"
        if self._state == "ok":
            return Words(f"ディスクの空きは {percent} % です。", f"{percent} % of the disk are free.")
        if self._state == "low":
            return Words(
                f"{self._folder} のディスクの空きが {percent} % しかありません。不要なファイルを消すか、"
                "保存期間を短くしてください。2 % を切ると受け取りを止めます。",
                f"Only {percent} % of the disk of {self._folder} are free. Delete what is not needed, or keep readings "
                "for a shorter time; below 2 % nothing more is taken.",
            )
        return Words(
            f"{self._folder} のディスクの空きが {percent} % です。2 % を切ったので受け取りを止めています。",
            f"Only {percent} % of the disk of {self._folder} are free, below 2 %: nothing is taken.",
        )

    def check(self) -> None:
        """Raises StoreFull while there is too little room to take anything."""
        if self.look() == "full":
            raise StoreFull(
                self.words(),
                Words(
                    "不要なファイルを消してください。空きができれば自動で再開します。送られた値はエージェントに残っています。",
                    "Make room: it goes on by itself. What was sent stays with the agents.",
                ),
            )

    def status(self) -> dict[str, Any]:
        """For `/status`: ``state``, ``free_bytes``, ``free_share``, and where it is not ok ``ja`` and ``en``."""
        state = self.look()
        said = {"state": state, "free_bytes": self._bytes, "free_share": round(self._share, 4)}
        return said if state == "ok" else said | {"ja": self.words().ja, "en": self.words().en}
