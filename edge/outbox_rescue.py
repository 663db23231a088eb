"""What can still be read of a damaged outbox is taken over into a new one; the rest is counted.

Only what fits is believed: a reading of a known run, with a number that was given, in the order of numbers and times.
Numbers that are not found become gaps, so that the store is told of exactly those.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract.reading import MAX_NUMBER, MAX_TEXT, Series
from edge.outbox_schema import save_runs, save_streams
from edge.stream import Run, Stream

PAGE: Final = 4096
MOST_PAGES: Final = 1 << 20
STEP: Final = 64
"""Rows that are passed over at first where none can be read: about a page of them."""
LONGEST_STEP: Final = 4096
TRIES: Final = 2000
_STATE: Final = ("sent", "dropped", "age", "wall", "mono", "store", "boot")


@dataclass(frozen=True, slots=True)
class Rescued:
    """``saved`` readings were taken over; ``lost`` ones, that the store had not confirmed, cannot be read."""

    saved: int
    lost: int


def rescue(kept: Path, into: sqlite3.Connection) -> Rescued | None:
    """Take over what can be read of a file that was set aside, which is left as it is; None if that is nothing.

    Raises sqlite3.Error where the new file cannot be written; then it is as it was.
    """
    copy = kept.with_name(kept.name + ".copy")
    try:
        for tail in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{kept}{tail}", f"{copy}{tail}")
        _make_whole(copy)
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
            return _take_over(_Found.of(db), into)
    except (_Unreadable, OSError):
        return None
    finally:
        for tail in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{copy}{tail}").unlink()


def _make_whole(copy: Path) -> None:
    """Give a file that was cut short its length again: else SQLite reads nothing of it."""
    with copy.open("r+b") as file:
        head = file.read(100)
        size, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
        if size == PAGE and pages < MOST_PAGES:
            file.truncate(max(pages * size, file.seek(0, os.SEEK_END)))


class _Unreadable(Exception):
    """Not even the tables that say what there is can be read."""


@dataclass(slots=True)
class _Found:
    db: sqlite3.Connection
    state: dict[str, Any]
    streams: list[Stream]
    runs: dict[int, Run]

    @staticmethod
    def of(db: sqlite3.Connection) -> "_Found":
        try:
            (values,) = db.execute(f"SELECT {', '.join(_STATE)} FROM state WHERE id = 1").fetchall()
            state = dict(zip(_STATE, values, strict=True))
            asked = "SELECT id, name, boot, offset, clock, first_row FROM stream"
            streams = {row[0]: Stream(*row) for row in db.execute(asked)}
            asked = (
                "SELECT id, stream, station, sensor, measure, last, lowest, confirmed, last_t, total, total FROM run"
            )
            runs = {row[0]: Run(row[0], streams[row[1]], Series(*row[2:5]), *row[5:]) for row in db.execute(asked)}
        except (sqlite3.Error, ValueError, KeyError) as error:
            raise _Unreadable from error
        if not (_is_state(state) and all(map(_is_stream, streams.values())) and all(map(_is_run, runs.values()))):
            raise _Unreadable
        with contextlib.suppress(sqlite3.Error, KeyError):
            for run, first, last in db.execute("SELECT run, first, last FROM gap ORDER BY run, first"):
                if _are(int, first, last):
                    runs[run].gaps.append((first, last))
        return _Found(db, state, list(streams.values()), runs)


def _is_state(state: dict[str, Any]) -> bool:
    return _are(int, *(state[key] for key in _STATE[:5])) and _are(str, *(state[key] for key in _STATE[5:]))


def _is_stream(stream: Stream) -> bool:
    return (
        _are(int, stream.id, stream.offset, stream.first_row or 0)
        and _are(str, stream.name, stream.boot)
        and stream.clock in ("synced", "corrected", "unsynced")
    )


def _is_run(run: Run) -> bool:
    series, numbers = run.series, (run.id, run.last, run.lowest, run.confirmed, run.last_t, run.total)
    names = (series.station, series.sensor, series.measure)
    return _are(int, *numbers) and _are(str, *names) and 1 <= run.lowest <= run.last + 1 and run.confirmed >= 0


def _are(type_: type, *values: Any) -> bool:
    return all(type(value) is type_ for value in values)


def _take_over(found: _Found, into: sqlite3.Connection) -> Rescued:
    runs = found.runs.values()
    due = sum(run.backlog for run in runs)
    into.execute("BEGIN IMMEDIATE")
    try:
        before = into.total_changes
        into.executemany("INSERT INTO reading VALUES (?, ?, ?, ?, ?)", _believable(_rows(found.db), found.runs))
        saved = into.total_changes - before
        lost = due - sum(run.backlog for run in runs)
        found.state["dropped"] += lost
        values = ", ".join(f"{key} = ?" for key in found.state)
        into.execute(f"UPDATE state SET clean = 0, {values}", tuple(found.state.values()))
        save_streams(into, found.streams)
        save_runs(into, runs)
        into.execute("COMMIT")
    except BaseException as error:
        with contextlib.suppress(sqlite3.Error):
            into.execute("ROLLBACK")
        if isinstance(error, sqlite3.IntegrityError):  # two of what there can be only one
            raise _Unreadable from error
        raise
    return Rescued(saved, lost)


def _rows(db: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Every row that can be read, in order; what cannot is passed over in steps that grow."""
    after, step, tries = 0, STEP, 0
    while tries < TRIES:
        try:
            for row in db.execute("SELECT id, run, seq, t, v FROM reading WHERE id > ? ORDER BY id", (after,)):
                if not isinstance(row[0], int) or row[0] <= after:
                    break
                after, step, tries = row[0], STEP, 0
                yield row
            else:
                return
        except sqlite3.Error:
            pass
        after, step, tries = after + step, min(2 * step, LONGEST_STEP), tries + 1


def _believable(rows: Iterator[tuple[Any, ...]], runs: dict[int, Run]) -> Iterator[tuple[Any, ...]]:
    """The rows that fit; at the end the runs' gaps are the numbers that were not among them."""
    upto = {id: (run.lowest - 1, -(2**63)) for id, run in runs.items()}
    gaps: dict[int, list[tuple[int, int]]] = {id: [] for id in runs}
    for row in rows:
        _, id, seq, t, v = row
        run = runs.get(id) if type(id) is int else None
        if run is None or not (_are(int, seq, t) and _is_value(v)):
            continue
        number, time = upto[run.id]
        if number < seq <= run.last and time < t:
            if seq > number + 1:
                gaps[run.id].append((number + 1, seq - 1))
            upto[run.id] = (seq, t)
            yield row
    for id, run in runs.items():
        run.gaps = gaps[id] + ([(upto[id][0] + 1, run.last)] if upto[id][0] < run.last else [])


def _is_value(v: Any) -> bool:
    if isinstance(v, str):
        return len(v) <= MAX_TEXT
    return isinstance(v, int | float) and -MAX_NUMBER <= v <= MAX_NUMBER
