"""A journal: records appended to a file, durable when ``append`` returns, read back after a crash.

DuckDB's own commit costs about a millisecond, and a file that grows costs the disk three or four times what is written,
because its new length is written too. A record here is one write and one ``fdatasync`` into room that was filled with
zeros beforehand, or that an older journal has used (docs/decisions/duckdb-store.md has the numbers). Every record
carries its generation, length and checksum: what was being written when the power went is recognised and left out, and
so is everything behind a byte that has changed.
"""

import logging
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger(__name__)

ROOM_BYTES = 256 << 10
"""Set aside at a time."""

_HEAD = struct.Struct("<IIII")
_MAGIC = 0x4B4F4A4F


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
        self.size = sum(_HEAD.size + len(record) for record in records(path, generation))
        """Bytes of whole records."""
        self._magic = struct.pack("<II", _MAGIC, generation)
        self.altered = _is_altered(path.read_bytes(), self.size, self._magic)
        """Whether whole records stand behind one that is not: no power cut does that."""
        self._room = path.stat().st_size
        if path.read_bytes().find(self._magic, self.size) >= 0:
            # What stands behind would be read again once a record of the right length was written over the broken one.
            self._write(self.size, bytes(self._room - self.size))
            os.fsync(self._file.fileno())

    def append(self, record: bytes) -> None:
        """Make a record durable. Raises OSError; then it may be tried again, in the same place."""
        head = _HEAD.pack(_MAGIC, self._generation, len(record), zlib.crc32(record))
        self._make_room(self.size + len(head) + len(record))
        self._write(self.size, head + record)
        _sync(self._file.fileno())
        self.size += len(head) + len(record)

    def _make_room(self, needed: int) -> None:
        if needed > self._room:
            room = -(-needed // ROOM_BYTES) * ROOM_BYTES
            self._write(self._room, bytes(room - self._room))
            os.fsync(self._file.fileno())
            self._room = room

    def _write(self, at: int, said: bytes) -> None:
        self._file.seek(at)
        left = memoryview(said)
        while left:
            left = left[self._file.write(left) :]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def records(path: Path, generation: int) -> Iterator[bytes]:
    """The whole records of a journal, in order, up to the first that is torn or altered."""
    said = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(said):
        magic, of, length, checksum = _HEAD.unpack_from(said, at)
        record = said[at + _HEAD.size : at + _HEAD.size + length]
        if (magic, of) != (_MAGIC, generation) or len(record) != length or zlib.crc32(record) != checksum:
            break
        yield record
        at += _HEAD.size + length
    if said.find(struct.pack("<II", _MAGIC, generation), at) >= 0:
        log.warning("%s: what stands from byte %d on is not whole and is left out; agents send it again", path, at)


def _is_altered(said: bytes, at: int, magic: bytes) -> bool:
    at = said.find(magic, at + 1)
    while at >= 0:
        if at + _HEAD.size <= len(said):
            _, _, length, checksum = _HEAD.unpack_from(said, at)
            record = said[at + _HEAD.size : at + _HEAD.size + length]
            if len(record) == length and zlib.crc32(record) == checksum:
                return True
        at = said.find(magic, at + 1)
    return False


def sync_directory(directory: Path) -> None:
    """Make a new or removed name in a directory durable."""
    if sys.platform == "win32":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(file: int) -> None:
    if sys.platform == "linux":
        os.fdatasync(file)
    else:
        os.fsync(file)
