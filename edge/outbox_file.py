"""The outbox's file: SQLite with a write-ahead log, and an fsync at every commit.

Readings lie in the order of their arrival (``reading.id``, the *row*), with no index beside them: a commit then writes
one or two pages however many sensors there are, and forgetting from the front frees whole pages. A flash card lives
by that.

A file that is torn, altered or not ours is set aside under another name, never deleted; a new one takes over what can
be read of it.
"""

import contextlib
import glob
import logging
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract.reading import Series, Value
from edge import outbox_schema
from edge.hold import Hold, cannot_write
from edge.outbox_rescue import rescue
from edge.outbox_troubles import Damaged, damaged, not_writable, plainly, set_aside
from edge.stream import Run, Stream

log = logging.getLogger(__name__)

Row = tuple[int, int, int, int, Value]
"""(row, run's id, number, t, value)."""

LAST_ROW = 2**62
_TAILS: Final = ("", "-wal", "-shm")
_STATE = ("sent", "dropped", "store", "age", "wall", "mono", "boot")


@dataclass(frozen=True, slots=True)
class State:
    """What the outbox must know of itself. ``sent``: the row up to which readings were given out, perhaps sent.

    ``age`` counts the outbox's life in ns, whatever the wall clock does; ``wall``, ``mono`` and ``boot`` are the clocks
    when it was written down.
    """

    sent: int
    dropped: int
    store: str
    age: int
    wall: int
    mono: int
    boot: str


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
        return len(self._broken())

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
            raise damaged(self._path, "a run without its stream")
        runs = [Run(row[0], streams[row[1]], Series(*row[2:5]), *row[5:]) for row in rows]
        by_id = {run.id: run for run in runs}
        for run, first, last in self._ask("SELECT run, first, last FROM gap ORDER BY run, first"):
            if run in by_id and last >= by_id[run].lowest:
                by_id[run].gaps.append((first, last))
        return runs

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
        with plainly(self._path):
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
        outbox_schema.save_streams(self._db, streams)

    def save_runs(self, runs: Collection[Run]) -> None:
        """Write down runs, new or changed."""
        outbox_schema.save_runs(self._db, runs)

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

    def forget(self, upto: int, limits: Mapping[int, int]) -> dict[int, int]:
        """Delete the rows up to ``upto``, in bulk, those within ``limits`` (run -> number).

        Says the last number deleted of each run.
        """
        where = f"id <= ? AND {_WITHIN}"
        self._limit(limits)
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
        self._db.executemany("DELETE FROM gap WHERE run = ?", [(run,) for run in runs])
        self._db.executemany("DELETE FROM stream WHERE id = ?", [(stream,) for stream in streams])

    # ---- its life ----

    def begin_anew(self, error: Damaged) -> None:
        """Set this file aside, because it turned out damaged, and go on with a new one."""
        self._db.close()
        self._db = self._go_on_anew(error)

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
        with plainly(self._path):
            return self._db.execute(asked, told).fetchall()

    def _open_sound(self) -> sqlite3.Connection:
        try:
            return self._open()
        except Damaged as error:
            return self._go_on_anew(error)

    def _open(self) -> sqlite3.Connection:
        self._clear_the_way()
        # psow=0: a block that is being written when the power fails may spoil what it held before; so a commit ends
        # with its block, and no later one writes into it (docs/decisions/outbox.md).
        where = f"{self._path.absolute().as_uri()}?psow=0"
        with plainly(self._path):
            db = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
            try:
                outbox_schema.prepare(db, self._path)
            except BaseException:
                db.close()
                raise
            return db

    def _clear_the_way(self) -> None:
        """Raises Damaged for what stands in the file's place and is none that we may write."""
        if self._path.is_dir():
            raise damaged(self._path, "a directory")
        for tail in _TAILS:
            file = self._path.with_name(self._path.name + tail)
            if file.exists() and not os.access(file, os.R_OK | os.W_OK):
                with contextlib.suppress(OSError):
                    file.chmod(0o600)
                if not os.access(file, os.R_OK | os.W_OK):
                    raise not_writable(self._path)
        if not self._path.exists():
            self._move(self._kept(self.set_aside), "-wal")  # the power failed while a file was being set aside

    def _go_on_anew(self, error: Damaged) -> sqlite3.Connection:
        numbers = [int(file.suffix.removeprefix(".broken-")) for file in self._broken()]
        kept = self._kept(1 + max(numbers, default=0))
        for tail in _TAILS:
            self._move(kept, tail)
        db = self._open()
        with plainly(self._path):
            found = None if error.is_newer else rescue(kept, db)
        log.error(set_aside(error, kept, (found.saved, found.lost) if found else None).say())
        return db

    def _broken(self) -> list[Path]:
        return list(self._path.parent.glob(f"{glob.escape(self._path.name)}.broken-*[0-9]"))

    def _kept(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.broken-{number}")

    def _move(self, kept: Path, tail: str) -> None:
        file = self._path.with_name(self._path.name + tail)
        try:
            file.replace(kept.with_name(kept.name + tail))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise cannot_write(self._path.parent, error.strerror or str(error)) from error


_WITHIN = "seq <= (SELECT upper.seq FROM upper WHERE upper.run = reading.run)"
