"""The tables of the DuckDB file, and how a tail is written into them. SQL only: the connection is handed in."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collector.store import (
    MOST_COUNTED,
    Entry,
    Interval,
    Kept,
    LineVersion,
    Refused,
    Remembered,
    StreamNews,
    duck_tally,
)
from collector.store.columns import Columns, join
from collector.store.duck_rows import add, remove, replace
from collector.store.duck_trouble import Damaged
from collector.store.record import Record
from collector.store.tail import Tail
from collector.store.tracks import Edge, Tracks
from contract.reading import Series
from contract.words import Words

VERSION = 2

_NEW_IN_2 = f"""
{duck_tally.TABLE};
CREATE TABLE lost (id INTEGER, runs VARCHAR);
CREATE TABLE care (at_ns BIGINT, ja VARCHAR, en VARCHAR);
"""

SCHEMA = f"""
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
{_NEW_IN_2}
"""

STEPS = {1: f"{_NEW_IN_2}; INSERT INTO meta VALUES ('journal', '')"}
"""Per version, what makes a file of the next version of it. A step is never changed after it was released."""

COLUMNS = {
    "meta": 2, "tracks": 7, "readings": 6, "ranges": 2, "given_up": 2, "streams": 4, "counters": 2, "refused": 8,
    "pending": 8, "entries": 5, "lines": 2, "tally": 5, "lost": 2, "care": 3,
}  # fmt: skip
"""Every table of this version, and how many columns it has."""

MESSAGE = "id, at_ns, topic, reason, detail, payload, stream, retained"


def create(connection: Any, store_id: str, token: str) -> None:
    """Make the tables of an empty file, whose first journal will carry ``token``."""
    connection.execute(f"BEGIN; {SCHEMA}")
    said = [("schema", str(VERSION)), ("id", store_id), ("folded", "0"), ("journal", token)]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", said)
    connection.execute("COMMIT; CHECKPOINT")


def migrate(connection: Any, version: int) -> None:
    """Make a file of an older version one of this version, step by step, all in one transaction."""
    connection.execute("BEGIN")
    for step in range(version, VERSION):
        connection.execute(STEPS[step])
    connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", [str(VERSION)])
    connection.execute("COMMIT; CHECKPOINT")


def there(connection: Any) -> set[str]:
    """The tables that a file has."""
    return {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def check_form(connection: Any) -> None:
    """Raises Damaged where a table or a column of this version is not there: then somebody else wrote the file."""
    asked = "SELECT table_name, count(*) FROM duckdb_columns() GROUP BY table_name"
    there = dict(connection.execute(asked).fetchall())
    for table, many in COLUMNS.items():
        if there.get(table, 0) < many:
            raise Damaged(f"table {table} is not what it was")


def say(connection: Any, **news: str) -> None:
    """Change what the file says of itself."""
    for key, value in news.items():
        connection.execute("UPDATE meta SET value = ? WHERE key = ?", [value, key])


def meta(connection: Any) -> dict[str, str]:
    """What the file says of itself; empty when it is a new file."""
    there = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'meta'").fetchone()[0]
    return dict(connection.execute("SELECT key, value FROM meta").fetchall()) if there else {}


def tracks(connection: Any) -> Tracks:
    """The tracks as of the last fold."""
    known = Tracks()
    said = "SELECT id, stream, station, sensor, measure, first, last FROM tracks ORDER BY id"
    for place, (track, stream, *names, first, last) in enumerate(connection.execute(said).fetchall()):
        if track != place:
            raise Damaged(f"track {track} in place {place}")
        known.know(track, stream, Series(*names))
        for edge in (first, last):
            if edge is not None:
                known.reach(track, _edge(edge))
    return known


def save_tracks(connection: Any, known: Tracks, changed: Sequence[int]) -> None:
    """Replace the rows of some tracks."""
    replace(connection, "tracks", [(track, *_track(known, track)) for track in changed])


def _edge(said: str) -> Edge:
    t, seq, v, flag = json.loads(said)
    return t, seq, v, flag


def touched(tails: Sequence[Tail], known: Tracks) -> list[tuple[Any, ...]]:
    """The rows of `tracks` that tails have changed."""
    numbers = {n for tail in tails for n in tail.tracks}
    return [(n, *_track(known, n)) for n in numbers | {n for tail in tails for n, _, _ in tail.changes.tracks}]


def fold(
    connection: Any, tails: Sequence[Tail], tracks: Sequence[tuple[Any, ...]], generation: int, token: str
) -> None:
    """Write tails into the tables, oldest first, and the rows of `touched`; the transaction is the caller's.

    ``generation`` is the last of them, ``token`` that of the journal after it.
    """
    numbers = join(piece for tail in tails for piece in tail.numbers())
    texts = join(piece for tail in tails for piece in tail.texts())
    _insert(connection, numbers, "v, NULL")
    _insert(connection, texts, "NULL, v")
    changes = Record()
    for tail in tails:
        changes.add_changes(tail.changes)
    duck_tally.add(connection, (numbers, texts), {n: numbers_in(runs) for n, runs in changes.ranges.items()})
    replace(connection, "tracks", tracks)
    save_runs(connection, "ranges", changes.ranges)
    save_runs(connection, "given_up", changes.given_up)
    replace(connection, "streams", [(n, s.agent, s.heard, s.shift) for n, s in changes.streams.items()])
    # A journal of before the counters had a bound may hold more than a column takes.
    replace(connection, "counters", [(name, min(many, MOST_COUNTED)) for name, many in changes.counters.items()])
    for table, new, gone in (
        ("refused", changes.refused, changes.released),
        ("pending", changes.pending, changes.settled),
    ):
        add(connection, table, [_row(one) for one in new])
        remove(connection, table, gone)
    replace(connection, "entries", [entry_row(one) for one in {one.id: one for one in changes.entries}.values()])
    versions = {one.since: one.text for one in changes.lines}
    replace(connection, "lines", list(versions.items()), key="since")
    say(connection, folded=str(generation), journal=token)


def remembered(connection: Any, known: Tracks) -> Remembered:
    """What the collector must know to go on, as of the last fold."""

    def ranges(table: str) -> dict[tuple[str, Series], tuple[Interval, ...]]:
        return {known.key(track): runs for track, runs in runs_of(connection, table).items()}

    streams = connection.execute("SELECT id, agent, heard, shift FROM streams").fetchall()
    sizes = "SELECT id, octet_length(payload), reason, stream FROM refused ORDER BY id"
    return Remembered(
        ranges=ranges("ranges"),
        given_up=ranges("given_up"),
        streams={name: StreamNews(*news) for name, *news in streams},
        counters=dict(connection.execute("SELECT id, value FROM counters").fetchall()),
        pending=messages(connection, "pending"),
        quarantined=[Kept(*row) for row in connection.execute(sizes).fetchall()],
        lost=ranges("lost"),
    )


def runs_of(connection: Any, table: str) -> dict[int, tuple[Interval, ...]]:
    """The intervals of each track in `ranges`, `given_up` or `lost`."""
    found = connection.execute(f"SELECT id, runs FROM {table}").fetchall()
    return {track: tuple((a, b) for a, b in json.loads(runs)) for track, runs in found}


def save_runs(connection: Any, table: str, changed: Mapping[int, Sequence[Interval]]) -> None:
    """Replace the intervals of some tracks."""
    replace(connection, table, [(track, json.dumps(runs)) for track, runs in changed.items()])


def numbers_in(runs: Sequence[Interval]) -> int:
    """How many numbers some intervals hold."""
    return sum(last - first + 1 for first, last in runs)


def entry_row(entry: Entry) -> tuple[Any, ...]:
    """A row of `entries`."""
    return (entry.id, entry.kind, entry.at, entry.made, json.dumps(dict(entry.body), ensure_ascii=False))


def keep_care(connection: Any, store_id: str, said: Sequence[Words], at_ns: int) -> None:
    """Remember what had to be put right, and the id the store has since."""
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO care VALUES (?, ?, ?)", [(at_ns, one.ja, one.en) for one in said])
    say(connection, id=store_id)
    connection.execute("COMMIT; CHECKPOINT")


def care(connection: Any) -> list[dict[str, Any]]:
    """What had to be put right, the last twenty times, oldest first."""
    found = connection.execute("SELECT at_ns, ja, en FROM care ORDER BY at_ns DESC, rowid DESC LIMIT 20").fetchall()
    return [{"at": at, "ja": ja, "en": en} for at, ja, en in reversed(found)]


def versions(connection: Any) -> list[LineVersion]:
    """Every version of the line, oldest first."""
    return [LineVersion(*row) for row in connection.execute("SELECT since, text FROM lines ORDER BY since").fetchall()]


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
