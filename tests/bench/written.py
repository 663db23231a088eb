"""How much an action writes, counted three ways, because none of them tells the whole truth.

``given``: what this process gave to write calls. ``pages``: whole pages of the page cache it dirtied (``write_bytes``);
from Linux 6.16 on ext4 keeps a file's cache in pieces of up to some hundred KiB and counts one whole when a byte of it
changes, though only the changed blocks go to the disk. ``device``: what the disk was really given, by anybody on this
machine, the last of it pressed out by sync.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SECTOR_BYTES = 512


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes; ``device`` is None where the file system has no disk that can be asked."""

    given: int
    pages: int
    device: int | None

    @staticmethod
    def by(action: Callable[[], None]) -> "Written":
        """What ``action`` writes."""
        os.sync()
        before = _now()
        action()
        process = _now()
        os.sync()
        device = _device()
        disk = device - before.device if device is not None and before.device is not None else None
        return Written(process.given - before.given, process.pages - before.pages, disk)


def _now() -> Written:
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return Written(int(lines["wchar"]), int(lines["write_bytes"]), _device())


def _device() -> int | None:
    number = os.stat(tempfile.gettempdir()).st_dev
    try:
        counters = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/stat").read_text("ascii").split()
    except OSError:
        return None
    return int(counters[6]) * SECTOR_BYTES
