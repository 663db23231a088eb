"""The outbox's file: SQLite with a write-ahead log, and an fsync at every commit.

Readings lie in the order of their arrival (``reading.id``, the *row*), with no index beside them: a commit then writes
one or two pages however many sensors there are, and forgetting from the front frees whole pages. A flash card lives
by that.

A file that is torn or altered is set aside under another name, never deleted, and a new one is begun.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract.errors import KojoError, OutboxError
from contract.reading import Series, Value
from contract.words import Words
from edge.hold import Hold, cannot_write
from edge.stream import Run, Stream

log = logging.getLogger(__name__)

Row = tuple[int, int, int, int, Value]
"""(row, run's id, number, t, value)."""

LAST_ROW = 2**62
SCHEMA_VERSION: Final = 1
_SCHEMA = """
CREATE TABLE state (
    id INTEGER PRIMARY KEY, clean INTEGER NOT NULL, stream INTEGER NOT NULL, sent INTEGER NOT NULL,
    dropped INTEGER NOT NULL, store TEXT NOT NULL, age INTEGER NOT NULL, wall INTEGER NOT NULL, mono INTEGER NOT NULL,
    boot TEXT NOT NULL);
CREATE TABLE stream (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, boot TEXT NOT NULL, offset INTEGER NOT NULL, clock TEXT NOT NULL,
    first_row INTEGER);
CREATE TABLE run (
    id INTEGER PRIMARY KEY, last INTEGER NOT NULL, lowest INTEGER NOT NULL, confirmed INTEGER NOT NULL,
    last_t INTEGER NOT NULL, total INTEGER NOT NULL, stream INTEGER NOT NULL, station TEXT NOT NULL,
    sensor TEXT NOT NULL, measure TEXT NOT NULL);
CREATE TABLE reading (id INTEGER PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, t INTEGER NOT NULL, v);
-- At that age of the outbox, the rows up to `upto` had been written.
CREATE TABLE written (age INTEGER PRIMARY KEY, upto INTEGER NOT NULL);
-- At that age, the store had confirmed the run up to number `seq`.
CREATE TABLE stored (
    age INTEGER NOT NULL, run INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (age, run)) WITHOUT ROWID;
INSERT INTO state VALUES (1, 1, 0, 0, 0, '', 0, 0, 0, '');
"""
_STATE = ("clean", "stream", "sent", "dropped", "store", "age", "wall", "mono", "boot")


@dataclass(frozen=True, slots=True)
class State:
    """What the outbox must know of itself. ``sent``: the row up to which readings were given out, perhaps sent.

    ``age`` counts the outbox's life in ns, whatever the wall clock does; ``wall``, ``mono`` and ``boot`` are the clocks
    when it was written down.
    """

    clean: int
    stream: int
    sent: int
    dropped: int
    store: str
    age: int
    wall: int
    mono: int
    boot: str


class Damaged(OutboxError):
    """The file is torn or altered."""


class OutboxFile:
    """The open file. Raises NotAllowed, InUse or OutboxError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hold = Hold(path.with_name(path.name + ".lock"))
        try:
            self._db = self._open_sound()
        except BaseException:
            self._hold.release()
            raise

    @property
    def set_aside(self) -> int:
        """How many damaged files lie beside this one."""
        return sum(1 for _ in self._path.parent.glob(f"{self._path.name}.broken-*[0-9]"))

    def state(self) -> State:
        """What was known at the last commit."""
        return State(*self._ask(f"SELECT {', '.join(_STATE)} FROM state WHERE id = 1")[0])

    def streams(self) -> list[Stream]:
        """Every stream that is remembered."""
        return [Stream(*row) for row in self._ask("SELECT id, name, boot, offset, clock, first_row FROM stream")]

    def runs(self, streams: Mapping[int, Stream]) -> list[Run]:
        """Every run of these streams."""
        asked = "SELECT id, stream, station, sensor, measure, last, lowest, confirmed, last_t, total, total FROM run"
        rows = self._ask(asked)
        if not all(row[1] in streams for row in rows):
            raise _damaged(self._path, "a run without its stream")
        return [Run(row[0], streams[row[1]], Series(*row[2:5]), *row[5:]) for row in rows]

    def rows(self, after: int, upto: int, limit: int) -> list[Row]:
        """At most ``limit`` readings of the rows above ``after`` up to ``upto``, in order."""
        asked = "SELECT id, run, seq, t, v FROM reading WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        return self._ask(asked, (after, upto, limit))

    def last_row(self) -> int:
        """The last reading's row, 0 if there is none."""
        return int(self._ask("SELECT coalesce(max(id), 0) FROM reading")[0][0])

    # ---- what is written; all of it inside `with file.commit():` ----

    @contextlib.contextmanager
    def commit(self) -> Iterator[None]:
        """Everything written inside becomes durable together, or not at all. Raises OutboxError."""
        with _plainly(self._path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def save(self, **state: Any) -> None:
        """Write down what changed of the State."""
        self._db.execute(f"UPDATE state SET {', '.join(f'{key} = ?' for key in state)}", tuple(state.values()))

    def save_streams(self, streams: Iterable[Stream]) -> None:
        """Write down streams, new or changed."""
        rows = [(s.id, s.name, s.boot, s.offset, s.clock, s.first_row) for s in streams]
        self._db.executemany("REPLACE INTO stream VALUES (?, ?, ?, ?, ?, ?)", rows)

    def save_runs(self, runs: Iterable[Run]) -> None:
        """Write down runs, new or changed."""
        self._db.executemany(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "last = excluded.last, lowest = excluded.lowest, confirmed = excluded.confirmed, "
            "last_t = excluded.last_t, total = excluded.total",
            [
                (r.id, r.last, r.lowest, r.confirmed, r.last_t, r.total,
                 r.stream.id, r.series.station, r.series.sensor, r.series.measure)
                for r in runs
            ],
        )  # fmt: skip

    def add(self, rows: Iterable[Row]) -> None:
        """Write readings."""
        self._db.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?)", rows)

    def move(self, stream: Stream, by_ns: int) -> None:
        """Move the times of all readings of a stream."""
        self._db.execute(
            "UPDATE reading SET t = t + ? WHERE id >= ? AND run IN (SELECT id FROM run WHERE stream = ?)",
            (by_ns, stream.first_row or 0, stream.id),
        )

    def note_age(self, age: int, upto: int, confirmed: Iterable[tuple[int, int]]) -> None:
        """Write down that at this age these rows were there, and these runs were confirmed up to those numbers."""
        self._db.execute("REPLACE INTO written VALUES (?, ?)", (age, upto))
        self._db.executemany("REPLACE INTO stored VALUES (?, ?, ?)", [(age, run, seq) for run, seq in confirmed])

    def rows_written_by(self, age: int) -> int:
        """The last row that was there at an age, 0 if none."""
        return int(self._ask("SELECT coalesce(max(upto), 0) FROM written WHERE age <= ?", (age,))[0][0])

    def confirmed_by(self, age: int) -> dict[int, int]:
        """Per run, the number that was confirmed at an age."""
        return dict(self._ask("SELECT run, max(seq) FROM stored WHERE age <= ? GROUP BY run", (age,)))

    def row_of_nth(self, n: int, limits: Mapping[int, int]) -> int:
        """The row of the ``n``-th reading (from 1) of those within ``limits``: run -> number."""
        self._limit(limits)
        asked = f"SELECT id FROM reading WHERE {_WITHIN} ORDER BY id LIMIT 1 OFFSET ?"
        found = self._ask(asked, (n - 1,))
        return int(found[0][0]) if found else LAST_ROW

    def forget(self, upto: int, limits: Mapping[int, int] | None = None) -> dict[int, int]:
        """Delete the rows up to ``upto``, in bulk: all, or those within ``limits`` (run -> number).

        Says the last number deleted of each run.
        """
        where = "id <= ?" if limits is None else f"id <= ? AND {_WITHIN}"
        self._limit(limits or {})
        gone = dict(self._ask(f"SELECT run, max(seq) FROM reading WHERE {where} GROUP BY run", (upto,)))
        if gone:
            self._db.execute(f"DELETE FROM reading WHERE {where}", (upto,))
        return gone

    def forget_ages(self, stored_before: int, written_before: int) -> None:
        """Delete notes of ages that are no longer asked for."""
        self._db.execute("DELETE FROM stored WHERE age <= ?", (stored_before,))
        self._db.execute("DELETE FROM written WHERE age <= ?", (written_before,))

    def forget_runs(self, runs: Sequence[int], streams: Sequence[int]) -> None:
        """Delete runs and streams of which nothing is held any more."""
        self._db.executemany("DELETE FROM run WHERE id = ?", [(run,) for run in runs])
        self._db.executemany("DELETE FROM stored WHERE run = ?", [(run,) for run in runs])
        self._db.executemany("DELETE FROM stream WHERE id = ?", [(stream,) for stream in streams])

    # ---- its life ----

    def begin_anew(self) -> None:
        """Set this file aside, because it turned out damaged, and begin a new one."""
        self._db.close()
        self._set_aside()
        self._db = self._open()

    def close(self) -> None:
        """Close the file and let it go."""
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._hold.release()

    def _limit(self, limits: Mapping[int, int]) -> None:
        self._db.execute("CREATE TEMP TABLE IF NOT EXISTS upper (run INTEGER PRIMARY KEY, seq INTEGER NOT NULL)")
        self._db.execute("DELETE FROM upper")
        self._db.executemany("INSERT INTO upper VALUES (?, ?)", limits.items())

    def _ask(self, asked: str, told: Sequence[Any] = ()) -> list[Any]:
        with _plainly(self._path):
            return self._db.execute(asked, told).fetchall()

    def _open_sound(self) -> sqlite3.Connection:
        try:
            return self._open()
        except Damaged:
            self._set_aside()
            return self._open()

    def _open(self) -> sqlite3.Connection:
        with _plainly(self._path):
            # psow=0: a block that is being written when the power fails may spoil what it held before; so a commit
            # ends with its block, and no later one writes into it (docs/decisions/outbox.md).
            where = f"{self._path.absolute().as_uri()}?psow=0"
            db = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
            try:
                _prepare(db, self._path)
            except BaseException:
                db.close()
                raise
            return db

    def _set_aside(self) -> None:
        kept = self._path.with_name(f"{self._path.name}.broken-{self.set_aside + 1}")
        for tail in ("", "-wal", "-shm"):
            file = self._path.with_name(self._path.name + tail)
            with contextlib.suppress(FileNotFoundError):
                file.replace(kept.with_name(kept.name + tail))
        log.error(
            Words(
                f"送信待ちの記録 {self._path} が壊れていたため、{kept.name} という名前で残し、新しく始めました。"
                "まだ送っていなかった分はそこに残っています。",
                f"The outbox {self._path} was damaged; it is kept as {kept.name} and a new one is begun. "
                "What had not been sent is still in there.",
            ).say()
        )


_WITHIN = "seq <= (SELECT upper.seq FROM upper WHERE upper.run = reading.run)"


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA cache_size = -1000")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
    elif version > SCHEMA_VERSION:
        raise OutboxError(
            Words(f"送信待ちの記録 {path} は、新しい版の kojo が作ったものです。", f"{path} was made by a newer kojo."),
            Words("kojo を新しくしてください。", "Hint: bring kojo up to date."),
        )
    found = db.execute("SELECT clean FROM state WHERE id = 1").fetchone()
    if found is None:
        raise _damaged(path, "no state")
    if not found[0]:
        said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise _damaged(path, said)
    # The log's last block may be torn behind its last commit: what comes next must not be written into it.
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _damaged(path: Path, why: str) -> Damaged:
    return Damaged(Words(f"送信待ちの記録 {path} が壊れています({why})。", f"The outbox {path} is damaged: {why}."))


@contextlib.contextmanager
def _plainly(path: Path) -> Iterator[None]:
    try:
        yield
    except KojoError:
        raise
    except sqlite3.Error as error:
        raise _in_plain_words(path, error) from error


def _in_plain_words(path: Path, error: sqlite3.Error) -> KojoError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such table" in str(error):
        return _damaged(path, str(error))
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return cannot_write(path.parent, str(error))
    hint = (
        Words(
            "不要なファイルを消して空きを作ってください。空けば自動で続きます。",
            "Hint: make room; it then goes on by itself.",
        )
        if code == sqlite3.SQLITE_FULL
        else Words("SD カードを確認してください。", "Hint: look at the SD card.")
    )
    return OutboxError(
        Words(f"送信待ちの記録 {path} に書けません({error})。", f"The outbox {path} cannot be written: {error}."), hint
    )
