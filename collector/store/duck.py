"""The store in one DuckDB file, for one process: ``duckdb:line.duckdb``.

A commit is one record of a journal beside the file (`collector.store.journal`): durable in one write. From there the
readings go into DuckDB many at a time, in one transaction with the ranges ("folding"), so that the file grows in large
sorted pieces and an SD card is not worn by pages per reading. Whoever reads sees both, and never which of them it was.
A journal goes when the file itself has all of it; DuckDB's own log is never believed (`collector.store.duck_opening`).
"""

import glob
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from collector.store import Entry, LineVersion, Remembered, Work, duck_care, duck_copy, duck_retention, duck_tables
from collector.store.columns import pack
from collector.store.contents import Contents
from collector.store.duck_look import Looked, look_through, tell
from collector.store.duck_opening import Opening
from collector.store.duck_reading import DuckReading
from collector.store.duck_trouble import StoreDamaged, cannot_open, failed, in_use, is_damage
from collector.store.journal import Journal, records, sync_directory
from collector.store.record import Record, decode, encode
from collector.store.room import FreeSpace, Room, free_space
from collector.store.tail import Tail
from collector.store.tracks import Edge
from contract.errors import KojoError, MissingExtra, StoreError
from contract.words import Words

log = logging.getLogger(__name__)

FOLD_READINGS = 131_072
"""Folded when so many wait: from 122,880 rows on DuckDB writes them once, past its own log."""
FOLD_BYTES = 4 << 20
FOLD_EVERY_S = 6 * 3600.0
READERS_S = 60.0
"""The longest question is over by then."""
RECOVER_EVERY_S = 5.0
CHECKPOINT_TRIES = 50
WAITING_READINGS = 8 * FOLD_READINGS
"""So many readings may wait for folding; then a commit waits too."""

_open: set[Path] = set()


class DuckStore(DuckReading):
    """All verbs of `collector.store.Store` on one file. ``threads`` and ``memory_mb`` bound what DuckDB takes."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int | None = None,
        memory_mb: int | None = None,
        free: FreeSpace = free_space,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path.absolute()
        self._spare = self._path.with_name(f"{self._path.name}.journal.spare")
        self._lock = threading.RLock()
        self._folding = threading.RLock()
        self._copied_from: BinaryIO | None = None
        self._ailing, self._pause = False, threading.Event()
        self._damage: tuple[int, Words] | None = None
        self._tails: list[tuple[int, Tail, Journal]] = []
        self._settings = threads or min(os.cpu_count() or 1, 4), memory_mb or _share_of_memory()
        _check_duckdb()
        if self._path in _open:
            raise in_use(self._path, os.getpid())
        opening = Opening(self._path, self._connect)
        _open.add(self._path)
        try:
            self._start(opening)
            self._room = Room(self._path.parent, free, monotonic)
        except BaseException:
            self._let_go()
            opening.hold.give_back()
            raise
        self._hold = opening.hold
        self._hold.opened()
        self._due, self._closing = threading.Event(), False
        self._folder = threading.Thread(target=self._keep_folding, name="fold", daemon=True)
        self._folder.start()

    def _connect(self, path: Path) -> Any:
        return _connect(path, *self._settings)

    def _start(self, opening: Opening) -> None:
        while True:  # twice at most: a file is set aside once in a start
            self._connection = opening.take()
            self._writer = self._connection.cursor()
            try:
                self._begin(opening)
                return
            except Exception as error:
                broken = error.__cause__ if isinstance(error, KojoError) else error
                if not is_damage(broken):
                    raise error if isinstance(error, KojoError) else failed(self._path, error) from error
                log.warning("%s: %s", self._path, broken)
                self._let_go()
                _open.add(self._path)
                opening.set_aside(broken)

    def _begin(self, opening: Opening) -> None:
        duck_care.read_everything(self._writer)  # before anything is folded into a file that may be broken
        said = duck_tables.meta(self._connection)
        self._id, folded = said["id"], int(said["folded"])
        self._folded = folded
        self._tracks = duck_tables.tracks(self._connection)
        self._tails = []
        # Whoever left it may have gone on from another state of the file.
        self._spare.unlink(missing_ok=True)
        for generation, path in opening.journals(folded, said["journal"]):
            self._read_back(generation, path, said["journal"] if generation == folded + 1 else _token())
        if any(journal.altered for _, _, journal in self._tails):
            opening.say(
                "途中の記録の一部が書きかわっていたので、そこから後を使いませんでした。",
                "A part of the journal was altered; what stands behind it is not used.",
            )
        if not self._tails:
            self._begin_journal(folded + 1, said["journal"] or _token())
        opening.is_final = any(tail.records for _, tail, _ in self._tails)
        self.fold()
        if found := duck_care.examine(self._writer, self._tracks):
            words = found.words()
            opening.say(words.ja, words.en, falls=found.gone > 0, loud=found.gone > 0)
        if opening.care:
            self._id = secrets.token_hex(8) if opening.falls else self._id
            duck_tables.keep_care(self._writer, self._id, opening.care, time.time_ns())
        self._care = duck_tables.care(self._writer)

    def _read_back(self, generation: int, path: Path, token: str) -> None:
        tail, journal = Tail(), Journal(path, generation, token)
        for said in records(path, generation):
            record = decode(said)
            journal.token = record.token or journal.token
            for track, stream, series in record.tracks:
                self._tracks.know(track, stream, series)
            for packed in (record.numbers, record.texts):
                if packed is not None:
                    self._tracks.widen_packed(packed)
            tail.add(record)
        self._tails.append((generation, tail, journal))

    def _begin_journal(self, generation: int, token: str) -> None:
        path = self._path.with_name(f"{self._path.name}.journal.{generation:08d}")
        try:
            journal = Journal.begin(path, generation, token, self._spare)
        except OSError as error:
            raise failed(self._path, error) from error
        self._tails.append((generation, Tail(), journal))

    @property
    def id(self) -> str:
        """The store's own id, made with the file."""
        return self._id

    def commit(self, work: Work) -> None:
        """Make the work durable in the journal: one write, one sync. Raises StoreFull while the disk is too full."""
        self._room.check()
        if self._waiting() > WAITING_READINGS:
            self.fold()
        with self._lock:
            self._append(self._record(work))
            for rows in work.rows:
                self._tracks.widen(self._tracks.number(rows.stream, rows.series), rows)

    def _append(self, record: Record) -> None:
        with self._lock:
            _, tail, journal = self._tails[-1]
            record.token = "" if journal.size else journal.token
            try:
                journal.append(encode(record))
            except OSError as error:
                raise failed(self._path, error) from error
            self._tracks.unsaved.clear()
            tail.add(record)
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
            self._recover()
            with self._lock:
                generation, tail, _ = self._tails[-1]
                if tail.records:
                    self._begin_journal(generation + 1, _token())
                done, token = self._tails[:-1], self._tails[-1][2].token
                tails = [tail for generation, tail, _ in done if generation > self._folded]
                tracks = duck_tables.touched(tails, self._tracks)
            if tails:
                with self._transaction() as connection:
                    duck_tables.fold(connection, tails, tracks, done[-1][0], token)
                self._folded = done[-1][0]
            if done and self._checkpoint():
                self._drop(self._folded)

    def _checkpoint(self) -> bool:
        """Have the file itself hold everything. False where somebody is in the way: later, then."""
        for _ in range(CHECKPOINT_TRIES):
            try:
                self._writer.execute("CHECKPOINT")
                return True
            except Exception as error:
                if "Cannot CHECKPOINT" not in str(error):
                    self._ailing = True
                    raise self._failed(error) from error
            self._pause.wait(0.02)
        return False

    def _drop(self, folded: int) -> None:
        """Let go of the journals that the file itself has."""
        with self._lock:
            done = [one for one in self._tails if one[0] <= folded]
            del self._tails[: len(done)]
        try:
            for _, _, journal in done:
                journal.close()
                journal.path.replace(self._spare)
            sync_directory(self._path.parent)
        except OSError as error:  # what stays is taken away at the next start
            raise failed(self._path, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A transaction of the file, all of it or nothing; `_checkpoint` makes it durable. Hold ``_folding``."""
        self._recover()
        try:
            self._writer.begin()
            yield self._writer
            self._writer.commit()
        except Exception as error:
            self._roll_back()
            raise self._failed(error) from error

    def _roll_back(self) -> None:
        import duckdb

        try:
            self._writer.rollback()
        except duckdb.Error as error:
            log.debug("nothing to roll back: %s", error)
        self._ailing = True

    def _read_failed(self, error: Exception) -> Exception:
        if isinstance(error, KojoError) or "duckdb" not in type(error).__module__:
            return error
        self._ailing = True
        self._due.set()
        return self._failed(error)

    def _failed(self, error: Exception) -> StoreError:
        """What to raise; that the file is damaged is said in the log once, and in `/status` until the next start."""
        found = failed(self._path, error)
        if isinstance(found, StoreDamaged) and self._damage is None:
            self._damage = time.time_ns(), found.words
            log.error("%s", found)
        return found

    def _recover(self) -> None:
        """After an error that makes DuckDB give up a file until it is opened again: open it again."""
        if not self._ailing:
            return
        import duckdb

        try:
            self._writer.execute("SELECT value FROM meta").fetchall()
        except duckdb.Error as error:
            log.warning("%s", Words(f"{self._path} を開き直します。", f"{self._path} is opened again: {error}"))
            self._reopen()
        self._ailing = False

    def _reopen(self) -> None:
        self._writer.close()
        self._connection.close()
        # Its log is not believed: what it could hold is in the journals.
        self._path.with_name(f"{self._path.name}.wal").unlink(missing_ok=True)
        try:
            self._connection = self._connect(self._path)
            self._writer = self._connection.cursor()
            self._folded = int(duck_tables.meta(self._writer)["folded"])
        except Exception as error:
            raise self._failed(error) from error
        self._drop(self._folded)

    def _keep_folding(self) -> None:
        again, said = False, ""
        while not self._closing:
            self._due.wait(RECOVER_EVERY_S if again or self._ailing else FOLD_EVERY_S)
            self._due.clear()
            again = True
            try:
                if not self._closing:
                    self.fold()
                again, said = False, ""
            except StoreError as error:
                if str(error) != said:
                    log.error("%s", error)
                said = str(error)
            except Exception:  # whatever it is, without this thread the file never gets what is in the journal
                log.exception("%s", Words(f"{self._path} に書き移せません。", f"{self._path} could not be folded."))

    def keep_entry(self, entry: Entry) -> None:
        """Add what a person entered, or replace it by its id."""
        self._append(Record(entries=[entry]))

    def keep_line(self, version: LineVersion) -> None:
        """Remember a version of the line."""
        self._append(Record(lines=[version]))

    def status(self) -> dict[str, Any]:
        """``care``: what had to be put right; ``disk``, where room is short: how much is left.

        ``open`` of a care: a file that was set aside then still lies there, and nobody has taken it away; ``now``: the
        file that is in use is damaged.
        """
        room = self._room.status()
        aside = {path.name for path in self._path.parent.glob(f"{glob.escape(self._path.name)}*.broken-*")}
        care = [{**one, "open": True} if any(name in one["ja"] for name in aside) else one for one in self._care]
        if self._damage is not None:
            at, words = self._damage
            care.append({"at": at, "ja": words.ja, "en": words.en, "open": True, "now": True})
        return {"care": care} | ({"disk": room} if room["state"] != "ok" else {})

    def copy_to(self, path: Path) -> Contents:
        """Write a whole copy, with no journal beside it, to a new file; what is in it.

        Readings come in meanwhile: they go to the journal, and into the file when the copy is made.
        """
        with self._folding:
            self.fold()
            self._put_all_in_the_file()
            if self._copied_from is None:
                # Kept open until the store is closed: to close it would take away DuckDB's own lock on the file.
                self._copied_from = self._path.open("rb")
            try:
                duck_copy.copy(self._copied_from, path)
            except OSError as error:
                raise failed(path, error) from error
            self._look_through(self._copied_from, path)
            with self._snapshot() as (cursor, _, _):
                return duck_copy.contents(cursor)

    def _look_through(self, file: BinaryIO, copied: Path) -> None:
        """Read all of a copy: what we have in memory of the file may be better than the file. Raises StoreDamaged."""
        try:
            with self._connect(copied) as connection:
                duck_care.read_everything(connection)
        except Exception as error:
            if is_damage(error) and duck_copy.is_same(file, copied):
                raise self._failed(error) from error
            raise failed(copied, error) from error

    def _put_all_in_the_file(self) -> None:
        """Leave nothing in DuckDB's own log. Whoever reads since before the last folding is waited for."""
        deadline = time.monotonic() + READERS_S
        while not self._checkpoint():
            if time.monotonic() > deadline:
                raise failed(self._path, TimeoutError("somebody reads for too long"))

    def contents(self) -> Contents:
        """What is in it, as of the last commit."""
        self.fold()
        with self._snapshot() as (cursor, _, _):
            return duck_copy.contents(cursor)

    def forget_before(self, t: int, at_most: int) -> int:
        """Delete about ``at_most`` readings with a time below ``t`` (ns); how many. 0: there are no more of them.

        The last reading of each series of each stream stays.
        """
        with self._lock:
            track = duck_retention.oldest(self._tracks, t)
        if track is None:
            return 0
        gone = self._forget(track, t, at_most)
        if not gone:  # it waits in the journal
            self.fold()
            gone = self._forget(track, t, at_most)
        return gone

    def _forget(self, track: int, before: int, at_most: int) -> int:
        with self._folding:
            with self._transaction() as connection:
                with self._lock:
                    before = min(before, self._tracks.last[track][0])
                gone, filed = duck_retention.forget(connection, track, before, at_most)
                first = self._first_of(track, filed)
                if first is not None:
                    duck_retention.keep_first(connection, track, first)
            with self._lock:
                first = self._first_of(track, filed)
                if first is not None:
                    self._tracks.first[track] = first
        return gone

    def _first_of(self, track: int, filed: Edge | None) -> Edge | None:
        with self._lock:
            waiting = [part for _, tail, *_ in self._tails for part in (*tail.numbers(), *tail.texts())]
        return duck_retention.first_of(track, filed, waiting)

    def close(self) -> None:
        """Fold, and let go of the file. May be called twice."""
        if self._closing:
            return
        self._closing = True
        self._due.set()
        self._folder.join()
        clean = False
        try:
            self.fold()
            clean = True
        finally:
            self._let_go()
            self._hold.release(clean=clean)

    def _let_go(self) -> None:
        for _, tail, journal in self._tails:
            journal.close()
            if not tail.records:
                journal.path.unlink(missing_ok=True)
        self._tails = []
        self._spare.unlink(missing_ok=True)
        for connection in (getattr(self, "_writer", None), getattr(self, "_connection", None)):
            if connection is not None:
                connection.close()
        if self._copied_from is not None:
            self._copied_from.close()
            self._copied_from = None
        _open.discard(self._path)

    def remembered(self) -> Remembered:
        """All the collector must know to go on."""
        self.fold()
        with self._snapshot() as (cursor, _, _):
            return duck_tables.remembered(cursor, self._tracks)


def try_out(path: str) -> None:
    """Open a file and read all of it, in a process that may die of it; what it finds does not matter."""
    import duckdb

    try:
        connection = duckdb.connect(path, read_only=True)
        duck_care.read_everything(connection)
    except duckdb.Error as error:
        log.debug("%s: %s", path, error)


def look_and_tell(path: str) -> None:
    """Look through a file, in a process that may die of it, and say on stdout what was found."""
    import duckdb

    settings: dict[str, Any] = {"threads": 2, "memory_limit": "256MB"}
    tell(Path(path), lambda: duckdb.connect(path, read_only=True, config=settings), duckdb.Error)


def _token() -> str:
    return secrets.token_hex(4)


def _check_duckdb() -> None:
    try:
        import duckdb  # noqa: F401
    except ImportError as error:
        raise MissingExtra("duckdb", "server") from error


def look_into(path: Path) -> Looked:
    """What is in a store that nobody has open, and whether all of it can be read; nothing is changed.

    Raises InUse, NotAllowed or StoreError where it could not be looked through for another reason than damage.
    """
    _check_duckdb()
    import duckdb

    looked = look_through(path)
    if not looked.other:
        return looked
    try:
        duckdb.connect(str(path), read_only=True, config={"threads": 1, "memory_limit": "128MB"}).close()
    except duckdb.Error as error:
        raise cannot_open(path, error) or failed(path, error) from error
    raise failed(path, OSError(looked.other))


def give_new_id(path: Path) -> str:
    """Give a store that nobody uses a new id, which it returns: agents then send again what it lacks.

    Raises InUse, NotAllowed or StoreError.
    """
    try:
        connection = _connect(path, 1, 128)
    except Exception as error:
        raise cannot_open(path, error) or failed(path, error) from error
    try:
        new = secrets.token_hex(8)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'id'", [new])
        connection.execute("CHECKPOINT")
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
    import duckdb

    # Without max_vacuum_tasks = 0 each checkpoint puts the last pieces together again, and writes them anew.
    settings: dict[str, Any] = {"threads": threads, "memory_limit": f"{memory_mb}MB", "max_vacuum_tasks": 0}
    return duckdb.connect(str(path), config=settings)
