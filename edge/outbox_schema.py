"""The outbox's tables, their version, and what brings older files up to it."""

import sqlite3
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from edge.outbox_troubles import damaged, too_new
from edge.stream import Run, Stream

SCHEMA_VERSION: Final = 2
TABLES: Final = """
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
GAPS: Final = """
-- The numbers of a run whose readings were given up before they were on disk, or can no more be read.
CREATE TABLE gap (
    run INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (run, first)) WITHOUT ROWID;
"""
MIGRATIONS: Final = {1: GAPS}
"""What brings a file of that version to the next one."""


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make an open file ready: its tables there, up to date and sound. Raises Damaged or sqlite3.Error."""
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA cache_size = -1000")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise too_new(path)
    is_empty = not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not is_empty:
        _check(db, path)
    db.execute("PRAGMA journal_mode = WAL")  # only now: what is not ours is kept as it is
    if is_empty:
        _bring(db, TABLES + GAPS)
    elif version < SCHEMA_VERSION:
        _bring(db, "".join(MIGRATIONS.get(step, "") for step in range(version, SCHEMA_VERSION)))
    # The log's last block may be torn behind its last commit: what comes next must not be written into it.
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def save_streams(db: sqlite3.Connection, streams: Iterable[Stream]) -> None:
    """Write down streams, new or changed."""
    rows = [(s.id, s.name, s.boot, s.offset, s.clock, s.first_row) for s in streams]
    db.executemany("REPLACE INTO stream VALUES (?, ?, ?, ?, ?, ?)", rows)


def save_runs(db: sqlite3.Connection, runs: Collection[Run]) -> None:
    """Write down runs, new or changed, and their gaps; of their readings those that are on disk with them."""
    db.executemany(
        "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "last = excluded.last, lowest = excluded.lowest, confirmed = excluded.confirmed, "
        "last_t = excluded.last_t, total = excluded.total",
        [
            (r.id, r.kept, r.lowest, r.confirmed, r.kept_t, r.total,
             r.stream.id, r.series.station, r.series.sensor, r.series.measure)
            for r in runs
        ],
    )  # fmt: skip
    gaps = [(run.id, *gap) for run in runs for gap in run.gaps]
    if gaps:
        db.executemany("DELETE FROM gap WHERE run = ?", {(run,) for run, _, _ in gaps})
        db.executemany("INSERT INTO gap VALUES (?, ?, ?)", gaps)


def _bring(db: sqlite3.Connection, steps: str) -> None:
    db.executescript(f"BEGIN; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")


def _check(db: sqlite3.Connection, path: Path) -> None:
    if db.execute("SELECT clean FROM state WHERE id = 1").fetchone() is None:
        raise damaged(path, "no state")
    said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise damaged(path, said)
