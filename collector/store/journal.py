"""A journal: records appended to a file, durable when ``append`` returns, read back after a crash.

DuckDB's own commit costs about a millisecond, and a file that grows costs the disk three or four times what is written,
because its new length is written too. A record here is one write and one ``fdatasync`` into room that was filled with
zeros beforehand, or that an older journal has used (docs/decisions/duckdb-store.md has the numbers). Every record
carries its generation, length and checksum: what was being written when the power went is recognised and left out, and
so is everything behind a byte that has changed. It also carries the life of its journal, drawn when the first record is
written: a file that was copied back may call for a generation that was used before, and its old records never join.
"""

import logging
import os
import secrets
import struct
import sys
import zlib
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

log = logging.getLogger(__name__)

ROOM_BYTES = 256 << 10
"""Set aside at a time."""

_HEAD = struct.Struct("<IIII8s")
_MAGIC = 0x4B4F4A50
_HEAD_1, _MAGIC_1 = struct.Struct("<IIII"), 0x4B4F4A4F
"""Of records that carry no life: still read, no longer written."""
_NO_LIFE = b""


class Journal:
    """One generation of the journal, open for appending at its end."""

    def __init__(self, path: Path, generation: int, token: str = "") -> None:
        self.path, self._generation = path, generation
        self.token = token
        """What its first record carries, and the file beside it says."""
        if not path.exists():
            path.touch(0o600)
            sync_directory(path.parent)
        self._file = path.open("r+b", buffering=0)
        said = path.read_bytes()
        self.size = 0
        """Bytes of whole records."""
        self._life = _NO_LIFE
        for _, self.size, self._life in _whole(said, generation):
            pass
        self._life = self._life or secrets.token_bytes(8)
        self.altered = _goes_on_behind(said, self.size, generation)
        """Whether whole records stand behind one that is not: no power cut does that."""
        self._room = len(said)
        if next(_heads(said, generation, self.size), None) is not None:
            log.warning("%s: what stands from byte %d on is not whole and is left out", path, self.size)
            # What stands behind would be read again once a record of the right length was written over the broken one.
            _write(self._file, self.size, bytes(self._room - self.size))
            os.fsync(self._file.fileno())

    @classmethod
    def begin(cls, path: Path, generation: int, token: str, used: Path) -> "Journal":
        """A journal with nothing in it, in the room of a ``used`` one if that is there. Raises OSError; try again."""
        if used.exists():
            _forget(used, generation)
            used.replace(path)
            sync_directory(path.parent)
        elif path.exists():
            _forget(path, generation)
        return cls(path, generation, token)

    def append(self, record: bytes) -> None:
        """Make a record durable. Raises OSError; then it may be tried again, in the same place."""
        checksum = zlib.crc32(record, zlib.crc32(self._life))
        head = _HEAD.pack(_MAGIC, self._generation, len(record), checksum, self._life)
        self._make_room(self.size + len(head) + len(record))
        _write(self._file, self.size, head + record)
        _sync(self._file.fileno())
        self.size += len(head) + len(record)

    def _make_room(self, needed: int) -> None:
        if needed > self._room:
            room = -(-needed // ROOM_BYTES) * ROOM_BYTES
            _write(self._file, self._room, bytes(room - self._room))
            os.fsync(self._file.fileno())
            self._room = room

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def records(path: Path, generation: int) -> Iterator[bytes]:
    """The whole records of a journal, in order, up to the first that is torn, altered or of another life."""
    return (record for record, _, _ in _whole(path.read_bytes(), generation))


def is_altered(path: Path, generation: int) -> bool:
    """Whether a journal has whole records behind one that is not; nothing is changed."""
    said = path.read_bytes()
    ends = [end for _, end, _ in _whole(said, generation)]
    return _goes_on_behind(said, ends[-1] if ends else 0, generation)


def _goes_on_behind(said: bytes, size: int, generation: int) -> bool:
    return any(_record_at(said, at, generation) for at in _heads(said, generation, size + 1))


def _whole(said: bytes, generation: int) -> Iterator[tuple[bytes, int, bytes]]:
    """Each record, where it ends, and its life."""
    end, life = 0, _NO_LIFE
    while (found := _record_at(said, end, generation)) and life in (_NO_LIFE, found[2]):
        _, end, life = found
        yield found


def _record_at(said: bytes, at: int, generation: int) -> tuple[bytes, int, bytes] | None:
    for magic, form in ((_MAGIC, _HEAD), (_MAGIC_1, _HEAD_1)):
        if said.startswith(struct.pack("<II", magic, generation), at) and at + form.size <= len(said):
            _, _, length, checksum, *lives = form.unpack_from(said, at)
            life = lives[0] if lives else _NO_LIFE
            end = at + form.size + length
            record = said[at + form.size : end]
            if end <= len(said) and zlib.crc32(record, zlib.crc32(life)) == checksum:
                return record, end, life
    return None


def _heads(said: bytes, generation: int, start: int) -> Iterator[int]:
    """Where a record of the generation may begin, from ``start`` on."""
    for magic in (_MAGIC, _MAGIC_1):
        at = said.find(head := struct.pack("<II", magic, generation), start)
        while at >= 0:
            yield at
            at = said.find(head, at + 1)


def _forget(path: Path, generation: int) -> None:
    """Leave no record of a generation in a file that is to be used for it."""
    with path.open("r+b", buffering=0) as file:
        said = file.readall()
        if next(_heads(said, generation, 0), None) is not None:
            _write(file, 0, bytes(len(said)))
            os.fsync(file.fileno())


def sync_directory(directory: Path) -> None:
    """Make a new or removed name in a directory durable."""
    if sys.platform == "win32":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(file: FileIO, at: int, said: bytes) -> None:
    file.seek(at)
    left = memoryview(said)
    while left:
        left = left[file.write(left) :]


def _sync(file: int) -> None:
    if sys.platform == "linux":
        os.fdatasync(file)
    else:
        os.fsync(file)
