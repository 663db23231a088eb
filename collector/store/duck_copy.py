"""A whole copy of the DuckDB file while its store is in use, and what a file holds. No duckdb: connections are given.

Between two foldings nothing changes the file: what is committed goes to the journal. So whoever holds foldings off may
copy the file as it lies (docs/decisions/backup.md).
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any, BinaryIO

from collector.store.contents import Contents, TrackContents

_COUNTED = ("streams", "counters", "refused", "pending", "entries", "lines")
_PIECE = 4 << 20


def copy(file: BinaryIO, to: Path) -> None:
    """Write a new file, durable when this returns. ``file`` stays open: see `DuckStore.copy_to`."""
    number = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as copied:
        file.seek(0)
        shutil.copyfileobj(file, copied, _PIECE)
        copied.flush()
        os.fsync(copied.fileno())


def is_same(file: BinaryIO, copied: Path) -> bool:
    """Whether a copy has the bytes of its file."""
    file.seek(0)
    with copied.open("rb") as other:
        while piece := file.read(_PIECE):
            if other.read(_PIECE) != piece:
                return False
        return not other.read(1)


def contents(connection: Any) -> Contents:
    """What the connection's file holds."""
    meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    runs = {table: dict(connection.execute(f"SELECT id, runs FROM {table}").fetchall()) for table in _RUNS}
    found = connection.execute(
        "SELECT track, count(*), min(t), max(t), bit_xor(hash(seq, t, v, s, flag)) FROM readings GROUP BY track"
    ).fetchall()
    readings = {track: told for track, *told in found}
    tracks = []
    for track, stream, station, sensor, measure in connection.execute(_TRACKS).fetchall():
        many, first, last, check = readings.get(track, (0, None, None, 0))
        seen, given_up = (_intervals(runs[table].get(track)) for table in _RUNS)
        series = f"{station}/{sensor}/{measure}"
        tracks.append(TrackContents(stream, series, many, first, last, f"{check:x}", seen, given_up))
    there = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    rows = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _COUNTED if name in there
    }
    by = connection.execute("SELECT version()").fetchone()[0]
    return Contents(meta["id"], int(meta["schema"]), f"duckdb {by}", tuple(tracks), rows)


_RUNS = ("ranges", "given_up")
_TRACKS = "SELECT id, stream, station, sensor, measure FROM tracks ORDER BY id"


def _intervals(said: str | None) -> tuple[tuple[int, int], ...]:
    return tuple((first, last) for first, last in json.loads(said)) if said else ()
