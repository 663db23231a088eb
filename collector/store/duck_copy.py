"""A whole copy of the DuckDB file while it is in use, and what a file holds. SQL only: the connection is handed in.

The copy is one transaction: it sees the file as of one moment, whatever is folded into it meanwhile, and holds nothing
up (docs/decisions/backup.md). What was deleted is not in it, so it may be smaller than the file.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

from collector.store.contents import Contents, TrackContents

_COUNTED = ("streams", "counters", "refused", "pending", "entries", "lines")


def copy(connection: Any, to: Path) -> Contents:
    """Write everything the connection's file holds to a new file. The connection must have no transaction open."""
    target = str(to).replace("'", "''")
    connection.execute(f"ATTACH '{target}' AS the_copy")
    try:
        connection.execute("BEGIN")
        for name, made in _tables(connection):
            connection.execute(made.replace("CREATE TABLE ", "CREATE TABLE the_copy.", 1))
            connection.execute(f'INSERT INTO the_copy."{name}" SELECT * FROM "{name}"')
        said = contents(connection)
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT the_copy")
        return said
    finally:
        _end(connection)


def _tables(connection: Any) -> list[tuple[str, str]]:
    asked = (
        "SELECT table_name, sql FROM duckdb_tables()"
        " WHERE database_name = current_database() AND NOT temporary ORDER BY table_name"
    )
    return [(name, made) for name, made in connection.execute(asked).fetchall()]


def _end(connection: Any) -> None:
    # Whatever went wrong, the original must not stay attached to a half copy; what went wrong is already on its way.
    for last in ("ROLLBACK", "DETACH the_copy"):
        with contextlib.suppress(Exception):
            connection.execute(last)


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
    there = {name for name, _ in _tables(connection)}
    rows = {
        name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _COUNTED if name in there
    }
    by = connection.execute("SELECT version()").fetchone()[0]
    return Contents(meta["id"], int(meta["schema"]), f"duckdb {by}", tuple(tracks), rows)


_RUNS = ("ranges", "given_up")
_TRACKS = "SELECT id, stream, station, sensor, measure FROM tracks ORDER BY id"


def _intervals(said: str | None) -> tuple[tuple[int, int], ...]:
    return tuple((first, last) for first, last in json.loads(said)) if said else ()
