"""A card that loses its power: SQLite's files as they lie on it when everything since the last fsync is gone or torn.

    card = Card(Random(1))
    card.put_in(directory)
    card.cut_in(40)                  # the plug is pulled at the 40th write, fsync, cut or deletion from now on
    …                                # until SQLite can do nothing more
    card.come_back()                 # the files are now what survived

SQLite's own layer for files (its "VFS") is replaced by one that writes down every operation and hands it on, so that
the program under test opens its database as it always does, and no compiler is needed. It changes SQLite for the whole
process: use it only in a process of its own.

What is assumed of the card is the least that POSIX promises: of what was written after a file's last fsync any part may
be there, in any order, and the last sectors torn; a name is there for certain only after its directory's fsync. With
``smashes`` a block of 4 KiB that was being written may hold anything at all, also where it held older bytes before.
"""

import ctypes
import os
import sqlite3
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

SECTOR = 512
BLOCK = 4096
OK, IOERR, CANTOPEN = 0, 10, 14


class _Methods(Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (("iVersion", c_int), *((f"x{n}", c_void_p) for n in range(18)))


_CLOSE, _READ, _WRITE, _TRUNCATE, _SYNC = (f"x{n}" for n in range(5))


class _File(Structure):
    _fields_ = (("pMethods", POINTER(_Methods)),)


class _Vfs(Structure):
    """sqlite3_vfs, version 3."""

    _fields_ = (
        ("iVersion", c_int), ("szOsFile", c_int), ("mxPathname", c_int), ("pNext", c_void_p), ("zName", c_char_p),
        ("pAppData", c_void_p), ("xOpen", c_void_p), ("xDelete", c_void_p), *((f"x{n}", c_void_p) for n in range(11)),
        ("xSetSystemCall", c_void_p), ("xGetSystemCall", c_void_p), ("xNextSystemCall", c_void_p),
    )  # fmt: skip


_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_OpenDirectory = CFUNCTYPE(c_int, c_char_p, POINTER(c_int))
_SetSystemCall = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p)
_GetSystemCall = CFUNCTYPE(c_void_p, c_void_p, c_char_p)


def library() -> str | None:
    """The SQLite that Python's ``sqlite3`` uses; None where it cannot be reached from outside."""
    sqlite3.connect(":memory:").close()
    try:
        lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    except OSError:
        return None
    return next((line.split(maxsplit=5)[5] for line in lines if "libsqlite3" in line), None)


@dataclass(eq=False)
class _Inode:
    """A file without its name. ``durable``: what is on the card for certain; ``pending``: what was done since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """(where, what was written; None: cut off there)."""

    def sync(self) -> None:
        for where, data in self.pending:
            _apply(self.durable, where, data)
        self.pending.clear()


class Card:
    """The files of one directory. Only one in a process. ``honours_fsync`` False: an fsync does nothing."""

    def __init__(self, random: Random, *, honours_fsync: bool = True, smashes: bool = True) -> None:
        self.operations = self.syncs = 0
        self.is_dead = False
        self._directory, self._random = "", random
        self._honours_fsync, self._smashes = honours_fsync, smashes
        self._left: int | None = None
        self._names: dict[str, _Inode] = {}
        self._durable_names: dict[str, _Inode] = {}
        self._renamed: list[tuple[str, _Inode | None]] = []
        self._open: dict[int, _Inode] = {}
        self._kept: list[Any] = []
        self._tables: dict[int, _Methods] = {}
        self._install()

    def put_in(self, directory: Path) -> None:
        """From now on these are the files; the directory is new and empty."""
        self._directory = str(directory)
        self._names, self._durable_names = {}, {}
        self._renamed.clear()
        self._open.clear()

    def cut_in(self, operations: int | None) -> None:
        """Pull the plug at that many operations from now on; None: never."""
        self._left = operations

    def come_back(self) -> None:
        """Make the files what survived. Nobody may have them open."""
        survived = self._surviving_names()
        for name in sorted({*self._names, *survived}):
            path = Path(name)
            for tail in ("", "-shm"):
                Path(name + tail).unlink(missing_ok=True)
            if name in survived:
                survived[name].durable = self._surviving(survived[name])
                survived[name].pending.clear()
                path.write_bytes(survived[name].durable)
        self._names, self._durable_names = dict(survived), dict(survived)
        self._renamed.clear()
        self._open.clear()
        self.is_dead, self._left = False, None

    # ---- what survives ----

    def _surviving_names(self) -> dict[str, _Inode]:
        names = dict(self._durable_names)
        for name in sorted({name for name, _ in self._renamed}):
            steps = [inode for renamed, inode in self._renamed if renamed == name]
            done = self._random.randint(0, len(steps))
            inode = steps[done - 1] if done else names.get(name)
            if inode is None:
                names.pop(name, None)
            else:
                names[name] = inode
        return names

    def _surviving(self, inode: _Inode) -> bytearray:
        image = bytearray(inode.durable)
        how = self._random.choice(("nothing", "all", "in order", "in any order"))
        upto = self._random.randint(0, len(inode.pending)) if how == "in order" else len(inode.pending)
        for n, (where, data) in enumerate(inode.pending[:upto]):
            kept = {"nothing": 0.0, "all": 1.0, "in order": 1.0, "in any order": 0.5}[how]
            if self._random.random() >= kept:
                continue
            if data is not None and (how == "in any order" or n == upto - 1) and self._random.random() < 0.5:
                self._tear(image, where, data)
            else:
                _apply(image, where, data)
        return image

    def _tear(self, image: bytearray, where: int, data: bytes) -> None:
        """Some sectors of a write are there, some are not; and the block may be spoilt."""
        begin, end = where, where + len(data)
        while begin < end:
            upto = min(end, (begin // SECTOR + 1) * SECTOR)
            if self._random.random() < 0.5:
                _apply(image, begin, data[begin - where : upto - where])
            begin = upto
        if self._smashes and self._random.random() < 0.5:
            block = self._random.randrange(where // BLOCK, (end - 1) // BLOCK + 1) * BLOCK
            _apply(image, block, self._random.randbytes(BLOCK))

    # ---- what SQLite does ----

    def _happens(self) -> bool:
        """Count an operation; False when the plug is out."""
        if self._left is not None:
            self._left -= 1
            self.is_dead |= self._left < 0
        self.operations += not self.is_dead
        return not self.is_dead

    def _sync_names(self) -> None:
        if self._honours_fsync:
            for name, inode in self._renamed:
                if inode is None:
                    self._durable_names.pop(name, None)
                else:
                    self._durable_names[name] = inode
            self._renamed.clear()

    def _is_ours(self, name: str) -> bool:
        return os.path.dirname(name) == self._directory

    def _install(self) -> None:
        found = library()
        assert found, "this Python's SQLite cannot be reached"
        sqlite = ctypes.CDLL(found)
        sqlite.sqlite3_vfs_find.restype = POINTER(_Vfs)
        vfs = sqlite.sqlite3_vfs_find(None)
        real = vfs.contents
        ours = _Vfs.from_buffer_copy(real)
        ours.zName, ours.pNext = b"card", None
        open_, delete = _Open(real.xOpen), _Delete(real.xDelete)
        address = ctypes.cast(vfs, c_void_p)
        open_directory = _OpenDirectory(_GetSystemCall(real.xGetSystemCall)(address, b"openDirectory"))

        def opened(_: int, name: int | None, file: int, flags: int, told: int | None) -> int:
            path = ctypes.string_at(name).decode() if name else ""
            if not self._is_ours(path):
                return int(open_(address, name, file, flags, told))
            if self.is_dead:
                return CANTOPEN
            is_new = not os.path.exists(path)
            said = int(open_(address, name, file, flags, told))
            if said == OK:
                if is_new or path not in self._names:
                    self._names[path] = _Inode()
                    self._renamed.append((path, self._names[path]))
                self._open[file] = self._names[path]
                held = ctypes.cast(file, POINTER(_File))
                held.contents.pMethods = ctypes.pointer(self._watched(held.contents.pMethods))
            return said

        def deleted(_: int, name: bytes, sync: int) -> int:
            path = name.decode()
            if self._is_ours(path):
                if not self._happens():
                    return IOERR
                if self._names.pop(path, None) is not None:
                    self._renamed.append((path, None))
            return int(delete(address, name, sync))

        def directory_opened(name: bytes, number: Any) -> int:
            if not self.is_dead:
                self._sync_names()
            return int(open_directory(name, number))

        callbacks = (_Open(opened), _Delete(deleted), _OpenDirectory(directory_opened))
        ours.xOpen, ours.xDelete = (ctypes.cast(callback, c_void_p).value for callback in callbacks[:2])
        _SetSystemCall(real.xSetSystemCall)(address, b"openDirectory", ctypes.cast(callbacks[2], c_void_p))
        self._kept += [ours, callbacks]
        assert sqlite.sqlite3_vfs_register(ctypes.byref(ours), 1) == OK

    def _watched(self, methods: Any) -> _Methods:
        """The methods of an open file, of which those that change it tell us first."""
        key = ctypes.cast(methods, c_void_p).value or 0
        if key not in self._tables:
            table = _Methods.from_buffer_copy(methods.contents)
            write, truncate, sync = (
                kind(getattr(table, name)) for kind, name in ((_Write, _WRITE), (_Truncate, _TRUNCATE), (_Sync, _SYNC))
            )

            def written(file: int, data: int, size: int, where: int) -> int:
                self._open[file].pending.append((where, ctypes.string_at(data, size)))
                return int(write(file, data, size, where)) if self._happens() else IOERR

            def truncated(file: int, size: int) -> int:
                self._open[file].pending.append((size, None))
                return int(truncate(file, size)) if self._happens() else IOERR

            def synced(file: int, flags: int) -> int:
                if not self._happens():
                    return IOERR
                self.syncs += 1
                if self._honours_fsync:
                    self._open[file].sync()
                return int(sync(file, flags))

            told: list[tuple[str, Callable[..., Any]]] = [
                (_WRITE, _Write(written)), (_TRUNCATE, _Truncate(truncated)), (_SYNC, _Sync(synced))
            ]  # fmt: skip
            for name, callback in told:
                setattr(table, name, ctypes.cast(callback, c_void_p).value)  # type: ignore[arg-type]
            self._kept.append(told)
            self._tables[key] = table
        return self._tables[key]


def _apply(image: bytearray, where: int, data: bytes | None) -> None:
    if data is None:
        if len(image) > where:
            del image[where:]
        else:
            image.extend(bytes(where - len(image)))
        return
    if len(image) < where:
        image.extend(bytes(where - len(image)))
    image[where : where + len(data)] = data
