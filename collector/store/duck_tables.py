"""The tables of the DuckDB file, and how a tail is written into them. SQL only: the connection is handed in."""

import json
from collections.abc import Sequence
from typing import Any

from collector.store import Interval, Kept, Refused, Remembered, StreamNews
from collector.store.columns import Columns, join
from collector.store.record import Record
from collector.store.tail import Tail
from collector.store.tracks import Edge, Tracks
from contract.reading import Series

VERSION = 1

SCHEMA = """
CREATE TABLE meta (key VARCHAR, value VARCHAR);
CREATE TABLE tracks (id INTEGER, stream VARCHAR, station VARCHAR, sensor VARCHAR, measure VARCHAR,
                     first VARCHAR, last VARCHAR);
CREATE TABLE readings (track INTEGER, seq BIGINT, t BIGINT, v DOUBLE, s VARCHAR, flag TINYINT);
CREATE TABLE ranges (id INTEGER, runs VARCHAR);
CREATE TABLE given_up (id INTEGER, runs VARCHAR);
CREATE TABLE streams (id VARCHAR, agent VARCHAR, heard BIGINT, shift BIGINT);
CREATE TABLE counters (id VARCHAR, value BIGINT);
CREATE TABLE refused (id VARCHAR, at_ns BIGINT, topic VARCHAR, reason VARCHAR, detail VARCHAR, payload BLOB,
                      stream VARCHAR, retained BOOLEAN);
CREATE TABLE pending (id VARCHAR, at_ns BIGINT, topic VARCHAR, reason VARCHAR, detail VARCHAR, payload BLOB,
                      stream VARCHAR, retained BOOLEAN);
CREATE TABLE entries (id VARCHAR, kind VARCHAR, at_ns BIGINT, made_ns BIGINT, body VARCHAR);
CREATE TABLE lines (since BIGINT, text VARCHAR);
"""

MESSAGE = "id, at_ns, topic, reason, detail, payload, stream, retained"


def create(connection: Any, store_id: str) -> None:
    """Make the tables of an empty file."""
    connection.execute(f"BEGIN; {SCHEMA}")
    said = [("schema", str(VERSION)), ("id", store_id), ("folded", "0")]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", said)
    connection.execute("COMMIT")


def meta(connection: Any) -> dict[str, str]:
    """What the file says of itself; empty when it is a new file."""
    there = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'").fetchone()[0]
    return dict(connection.execute("SELECT key, value FROM meta").fetchall()) if there else {}


def tracks(connection: Any) -> Tracks:
    """The tracks as of the last fold."""
    known = Tracks()
    said = "SELECT id, stream, station, sensor, measure, first, last FROM tracks ORDER BY id"
    for track, stream, station, sensor, measure, first, last in connection.execute(said).fetchall():
        known.know(track, stream, Series(station, sensor, measure))
        for edge in (first, last):
            if edge is not None:
                known.reach(track, _edge(edge))
    return known


def _edge(said: str) -> Edge:
    t, seq, v, flag = json.loads(said)
    return t, seq, v, flag


def touched(tails: Sequence[Tail], known: Tracks) -> list[tuple[Any, ...]]:
    """The rows of `tracks` that tails have changed."""
    numbers = {n for tail in tails for n in tail.tracks}
    return [(n, *_track(known, n)) for n in numbers | {n for tail in tails for n, _, _ in tail.changes.tracks}]


def fold(connection: Any, tails: Sequence[Tail], tracks: Sequence[tuple[Any, ...]], generation: int) -> None:
    """Write tails into the tables, oldest first, and the rows of `touched`; the transaction is the caller's."""
    _insert(connection, join(piece for tail in tails for piece in tail.numbers()), "v, NULL")
    _insert(connection, join(piece for tail in tails for piece in tail.texts()), "NULL, v")
    changes = Record()
    for tail in tails:
        changes.add_changes(tail.changes)
    _replace(connection, "tracks", tracks)
    _replace(connection, "ranges", [(n, json.dumps(runs)) for n, runs in changes.ranges.items()])
    _replace(connection, "given_up", [(n, json.dumps(runs)) for n, runs in changes.given_up.items()])
    _replace(connection, "streams", [(n, s.agent, s.heard, s.shift) for n, s in changes.streams.items()])
    _replace(connection, "counters", list(changes.counters.items()))
    for table, new, gone in (
        ("refused", changes.refused, changes.released),
        ("pending", changes.pending, changes.settled),
    ):
        _add(connection, table, [_row(one) for one in new])
        _remove(connection, table, gone)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'folded'", [str(generation)])


def remembered(connection: Any, known: Tracks) -> Remembered:
    """What the collector must know to go on, as of the last fold."""

    def ranges(table: str) -> dict[tuple[str, Series], tuple[Interval, ...]]:
        found = connection.execute(f"SELECT id, runs FROM {table}").fetchall()
        return {known.key(track): tuple((a, b) for a, b in json.loads(runs)) for track, runs in found}

    streams = connection.execute("SELECT id, agent, heard, shift FROM streams").fetchall()
    sizes = "SELECT id, octet_length(payload), reason, stream FROM refused ORDER BY id"
    return Remembered(
        ranges=ranges("ranges"),
        given_up=ranges("given_up"),
        streams={name: StreamNews(*news) for name, *news in streams},
        counters=dict(connection.execute("SELECT id, value FROM counters").fetchall()),
        pending=messages(connection, "pending"),
        quarantined=[Kept(*row) for row in connection.execute(sizes).fetchall()],
    )


def messages(connection: Any, table: str, where: str = "true", told: Sequence[Any] = ()) -> list[Refused]:
    """Messages of `refused` or `pending`, oldest first."""
    asked = f"SELECT {MESSAGE} FROM {table} WHERE {where} ORDER BY id"
    return [Refused(*row) for row in connection.execute(asked, list(told)).fetchall()]


def _insert(connection: Any, readings: Columns, values: str) -> None:
    if not len(readings):
        return
    some = readings.by_track()
    told = {"track": some.track, "seq": some.seq, "t": some.t, "v": some.v, "flag": some.flag}
    connection.register("folding", told)
    try:
        connection.execute(f"INSERT INTO readings SELECT track, seq, t, {values}, flag FROM folding")
    finally:
        connection.unregister("folding")


def _track(known: Tracks, track: int) -> tuple[str | int | None, ...]:
    stream, series = known.key(track)
    edges = (json.dumps(edge) if edge else None for edge in (known.first.get(track), known.last.get(track)))
    return (stream, series.station, series.sensor, series.measure, *edges)


def _row(one: Refused) -> tuple[Any, ...]:
    return (one.id, one.at, one.topic, one.reason, one.detail, one.payload, one.stream, one.retained)


def _add(connection: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


def _remove(connection: Any, table: str, keys: Sequence[Any]) -> None:
    if keys:
        connection.execute(f"DELETE FROM {table} WHERE list_contains(?, id)", [list(keys)])


def _replace(connection: Any, table: str, rows: Sequence[Sequence[Any]]) -> None:
    _remove(connection, table, [row[0] for row in rows])
    _add(connection, table, rows)
