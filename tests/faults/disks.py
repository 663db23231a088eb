"""A disk that gets full, and has room again: a small file system that only those see who are run under it.

with small_disk(tmp_path / "data", megabytes=8) as disk:
    subprocess.run([*disk.wrap, "kojo", …, "--data", disk.path])
    disk.fill(leave=100_000)
    disk.seen_at / "outbox.sqlite"          # the same files, for us
    disk.empty()
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import need

BLOCK = 4096


@dataclass(frozen=True)
class Disk:
    """``path`` is where it is for those who run under ``wrap``, ``seen_at`` for us."""

    path: Path
    wrap: tuple[str, ...]
    seen_at: Path

    def fill(self, leave: int) -> None:
        """Let others fill it but for so many bytes."""
        room = os.statvfs(self.seen_at)
        with (self.seen_at / "ballast").open("ab") as ballast:
            os.posix_fallocate(ballast.fileno(), ballast.tell(), max(BLOCK, room.f_bavail * room.f_frsize - leave))

    def empty(self) -> None:
        """Let the others clear up."""
        (self.seen_at / "ballast").unlink()


@contextlib.contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[Disk]:
    """A file system of that size at ``path``. Needs root: else skipped, or failed with KOJO_REQUIRE=all."""
    need("unshare")
    need("nsenter")
    path.mkdir()
    mount = f'mount -t tmpfs -o size={megabytes}m tmpfs "{path}" && echo ready && read -r end'
    holder = subprocess.Popen(["unshare", "-m", "sh", "-c", mount], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    try:
        if holder.stdout.readline() != b"ready\n":
            reason = "a file system of one's own needs root"
            pytest.fail(reason) if os.environ.get("KOJO_REQUIRE") == "all" else pytest.skip(reason)
        wrap = ("nsenter", f"--target={holder.pid}", "--mount", "--")
        yield Disk(path, wrap, Path(f"/proc/{holder.pid}/root{path}"))
    finally:
        holder.communicate()
