"""The store in one DuckDB file, for one process: ``duckdb:line.duckdb``.

A commit is one record of a journal beside the file (`collector.store.journal`): durable in one write. From there the
readings go into DuckDB many at a time, in one transaction with the ranges ("folding"), so that the file grows in large
sorted pieces and an SD card is not worn by pages per reading. Whoever reads sees both, and never which of them it was.
"""

import json
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collector.store import Entry, LineVersion, Refused, Remembered, Work, duck_copy, duck_tables
from collector.store.columns import pack
from collector.store.contents import Contents
from collector.store.duck_reading import DuckReading
from collector.store.duck_trouble import cannot_open, check_version, failed, in_use, not_allowed
from collector.store.journal import Journal, records, sync_directory
from collector.store.record import Record, decode, encode
from collector.store.tail import Tail
from contract.errors import MissingExtra, StoreError

log = logging.getLogger(__name__)

FOLD_READINGS = 131_072
"""Folded when so many wait: from 122,880 rows on DuckDB writes them once, past its own log."""
FOLD_BYTES = 4 << 20
FOLD_EVERY_S = 6 * 3600.0
WAITING_READINGS = 8 * FOLD_READINGS
"""So many readings may wait for folding; then a commit waits too."""

_open: set[Path] = set()


class DuckStore(DuckReading):
    """All verbs of `collector.store.Store` on one file. ``threads`` and ``memory_mb`` bound what DuckDB takes."""

    def __init__(self, path: Path, *, threads: int | None = None, memory_mb: int | None = None) -> None:
        self._path = path.absolute()
        self._spare = self._path.with_name(f"{self._path.name}.journal.spare")
        self._lock = threading.RLock()
        self._folding = threading.Lock()
        self._connection = _connect(self._path, threads or min(os.cpu_count() or 1, 4), memory_mb or _share_of_memory())
        self._writer = self._connection.cursor()
        _open.add(self._path)
        try:
            self._start()
        except BaseException:
            self._let_go()
            raise
        self._due, self._closing = threading.Event(), False
        self._folder = threading.Thread(target=self._keep_folding, name="fold", daemon=True)
        self._folder.start()

    def _start(self) -> None:
        said = duck_tables.meta(self._connection)
        if not said:
            duck_tables.create(self._connection, secrets.token_hex(8))
            said = duck_tables.meta(self._connection)
        check_version(self._path, said.get("schema"), duck_tables.VERSION)
        self._id = said["id"]
        self._tracks = duck_tables.tracks(self._connection)
        self._tails: list[tuple[int, Tail, Journal]] = []
        folded = int(said["folded"])
        for generation, path in self._journals():
            if generation <= folded:
                path.unlink()
            else:
                self._read_back(generation, path)
        if not self._tails:
            self._begin_journal(folded + 1)

    def _journals(self) -> list[tuple[int, Path]]:
        found = self._path.parent.glob(f"{self._path.name}.journal.*")
        return sorted((int(path.suffix[1:]), path) for path in found if path.suffix[1:].isdigit())

    def _read_back(self, generation: int, path: Path) -> None:
        tail = Tail()
        for said in records(path, generation):
            record = decode(said)
            for track, stream, series in record.tracks:
                self._tracks.know(track, stream, series)
            for packed in (record.numbers, record.texts):
                if packed is not None:
                    self._tracks.widen_packed(packed)
            tail.add(record)
        self._tails.append((generation, tail, Journal(path, generation)))

    def _begin_journal(self, generation: int) -> None:
        path = self._path.with_name(f"{self._path.name}.journal.{generation:08d}")
        if self._spare.exists():
            self._spare.rename(path)
        self._tails.append((generation, Tail(), Journal(path, generation)))

    @property
    def id(self) -> str:
        """The store's own id, made with the file."""
        return self._id

    def commit(self, work: Work) -> None:
        """Make the work durable in the journal: one write, one sync."""
        if self._waiting() > WAITING_READINGS:
            self.fold()
        with self._lock:
            _, tail, journal = self._tails[-1]
            record = self._record(work)
            try:
                journal.append(encode(record))
            except OSError as error:
                raise failed(self._path, error) from error
            self._tracks.unsaved.clear()
            tail.add(record)
            for rows in work.rows:
                self._tracks.widen(self._tracks.number(rows.stream, rows.series), rows)
            if tail.readings >= FOLD_READINGS or journal.size >= FOLD_BYTES:
                self._due.set()

    def _waiting(self) -> int:
        with self._lock:
            return sum(tail.readings for _, tail, _ in self._tails)

    def _record(self, work: Work) -> Record:
        number = self._tracks.number
        texts = [rows for rows in work.rows if isinstance(rows.v[0], str)]
        numbers = [rows for rows in work.rows if not isinstance(rows.v[0], str)] if texts else work.rows
        record = Record(
            numbers=pack(numbers, [number(r.stream, r.series) for r in numbers], text=False) if numbers else None,
            texts=pack(texts, [number(r.stream, r.series) for r in texts], text=True) if texts else None,
            ranges={number(*key): runs for key, runs in work.ranges.items()},
            given_up={number(*key): runs for key, runs in work.given_up.items()},
            streams=work.streams,
            counters=work.counters,
            refused=work.refused,
            released=work.released,
            pending=work.pending,
            settled=work.settled,
        )
        record.tracks = list(self._tracks.unsaved)
        return record

    def fold(self) -> None:
        """Write into the DuckDB file what only the journal holds. Called by the store itself when it is time."""
        with self._folding:
            with self._lock:
                generation, tail, _ = self._tails[-1]
                if tail.records:
                    self._begin_journal(generation + 1)
                done = self._tails[:-1]
                tails = [tail for _, tail, _ in done]
                tracks = duck_tables.touched(tails, self._tracks)
            if not done:
                return
            self._write(tails, tracks, done[-1][0])
            with self._lock:
                del self._tails[: len(done)]
            for _, _, journal in done:
                journal.close()
                journal.path.replace(self._spare)
            sync_directory(self._path.parent)

    def _write(self, tails: list[Tail], tracks: list[tuple[Any, ...]], generation: int) -> None:
        try:
            self._writer.begin()
            duck_tables.fold(self._writer, tails, tracks, generation)
            self._writer.commit()
        except Exception as error:
            self._roll_back()
            raise failed(self._path, error) from error

    def _roll_back(self) -> None:
        import duckdb

        try:
            self._writer.rollback()
        except duckdb.Error as error:
            log.debug("nothing to roll back: %s", error)

    def _keep_folding(self) -> None:
        while not self._closing:
            self._due.wait(FOLD_EVERY_S)
            self._due.clear()
            try:
                if not self._closing:
                    self.fold()
            except StoreError as error:
                log.error("%s", error)

    def keep_entry(self, entry: Entry) -> None:
        """Add what a person entered, or replace it by its id."""
        row = [entry.id, entry.kind, entry.at, entry.made, json.dumps(dict(entry.body), ensure_ascii=False)]
        with self._folding, self._transaction() as connection:
            connection.execute("DELETE FROM entries WHERE id = ?", [entry.id])
            connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)

    def keep_line(self, version: LineVersion) -> None:
        """Remember a version of the line."""
        with self._folding, self._transaction() as connection:
            connection.execute("DELETE FROM lines WHERE since = ?", [version.since])
            connection.execute("INSERT INTO lines VALUES (?, ?)", [version.since, version.text])

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        try:
            self._writer.begin()
            yield self._writer
            self._writer.commit()
        except Exception as error:
            self._roll_back()
            raise failed(self._path, error) from error

    def copy_to(self, path: Path) -> Contents:
        """Write a whole copy, with no journal beside it, to a new file; what is in it. Readings come in meanwhile."""
        self.fold()
        cursor = self._connection.cursor()
        try:
            return duck_copy.copy(cursor, path)
        except Exception as error:
            raise failed(path, error) from error
        finally:
            cursor.close()

    def contents(self) -> Contents:
        """What is in it, as of the last commit."""
        self.fold()
        with self._snapshot() as (cursor, _, _):
            return duck_copy.contents(cursor)

    def close(self) -> None:
        """Fold, and let go of the file. May be called twice."""
        if self._closing:
            return
        self._closing = True
        self._due.set()
        self._folder.join()
        try:
            self.fold()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        for _, tail, journal in getattr(self, "_tails", []):
            journal.close()
            if not tail.records:
                journal.path.unlink(missing_ok=True)
        self._spare.unlink(missing_ok=True)
        self._writer.close()
        self._connection.close()
        _open.discard(self._path)

    def remembered(self) -> Remembered:
        """All the collector must know to go on."""
        self.fold()
        with self._snapshot() as (cursor, _, _):
            return duck_tables.remembered(cursor, self._tracks)

    def quarantine(self, ids: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Refused]:
        """Quarantined messages, oldest first; all of ``ids``, or the newest ``limit``."""
        with self._lock:
            waiting = any(tail.changes.refused or tail.changes.released for _, tail, _ in self._tails)
        if waiting:
            self.fold()
        with self._snapshot() as (cursor, _, _):
            if ids is not None:
                return duck_tables.messages(cursor, "refused", "list_contains(?, id)", [list(ids)])
            newest = "id IN (SELECT id FROM refused ORDER BY id DESC LIMIT ?)"
            return duck_tables.messages(cursor, "refused", newest, [limit])


def give_new_id(path: Path) -> str:
    """Give a store that nobody uses a new id, which it returns: agents then send again what it lacks."""
    connection = _connect(path, 1, 128)
    try:
        new = secrets.token_hex(8)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'id'", [new])
    finally:
        connection.close()
    return new


def _share_of_memory() -> int:
    """A fifth of the machine's memory in MiB: about 180 on a Pi with 1 GB; never below 128, never above 1024."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        whole = 2 << 30
    return max(128, min(1024, (whole // 5) >> 20))


def _connect(path: Path, threads: int, memory_mb: int) -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("duckdb", "server") from error
    if path in _open:
        raise in_use(path, os.getpid())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without max_vacuum_tasks = 0 each checkpoint puts the last pieces together again, and writes them anew.
        settings: dict[str, Any] = {"threads": threads, "memory_limit": f"{memory_mb}MB", "max_vacuum_tasks": 0}
        return duckdb.connect(str(path), config=settings)
    except OSError as error:
        raise not_allowed(path, error) from error
    except duckdb.Error as error:
        raise cannot_open(path, error) from error
