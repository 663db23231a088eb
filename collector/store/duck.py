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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import (
    NO_STREAM,
    Entry,
    EntryKind,
    LineVersion,
    Refused,
    Remembered,
    Track,
    Work,
    duck_tables,
)
from collector.store.columns import Columns, as_track, digits, join, pack
from collector.store.duck_trouble import cannot_open, check_version, failed, in_use, not_allowed
from collector.store.journal import Journal, records, sync_directory
from collector.store.record import Record, decode, encode
from collector.store.tail import Tail
from collector.store.tracks import columns_of
from contract.errors import MissingExtra, StoreError
from contract.reading import NS_PER_S, Series, Value

log = logging.getLogger(__name__)

FOLD_READINGS = 131_072
"""Folded when so many wait: from 122,880 rows on DuckDB writes them once, past its own log."""
FOLD_BYTES = 8 << 20
FOLD_EVERY_S = 6 * 3600.0
WAITING_READINGS = 8 * FOLD_READINGS
"""So many readings may wait for folding; then a commit waits too."""

_open: set[Path] = set()


class DuckStore:
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

    # ------------------------------------------------------------------ writing

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

    # ------------------------------------------------------------------ reading

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Any, list[Columns], list[Columns]]]:
        """A reading connection and the tails (numbers, texts) that it does not hold, as of one moment."""
        with self._lock:
            held = [(generation, tail.numbers(), tail.texts()) for generation, tail, _ in self._tails if tail.readings]
        cursor = self._connection.cursor()
        try:
            # What was folded since the tails were taken is in the file's snapshot, and no longer looked for in a tail.
            cursor.begin()
            folded = int(cursor.execute("SELECT value FROM meta WHERE key = 'folded'").fetchone()[0])
            held = [one for one in held if one[0] > folded]
            yield (
                cursor,
                [piece for _, some, _ in held for piece in some],
                [piece for _, _, some in held for piece in some],
            )
        finally:
            cursor.close()

    def _find(self, tracks: Sequence[int], start: int | None, end: int | None, also: str = "") -> Columns:
        """The readings of those tracks with start <= t < end."""
        if not tracks:
            return columns_of([])
        text = self._tracks.any_text(tracks)
        with self._snapshot() as (cursor, numbers, texts):
            file = _rows_of(cursor, _where(tracks, start, end) + also, text)
        parts = [part.of(tracks, start, end) for part in (*numbers, *(texts if text else ()))]
        return join([file, *parts])

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

    def numbered(self, stream: str, series: Series, first: int, last: int) -> Mapping[int, tuple[int, Value]]:
        """The stored readings (t, value) of those numbers."""
        track = self._track(stream, series)
        if track is None:
            return {}
        found = self._find([track], None, None, f" AND seq BETWEEN {first} AND {last}")
        found = found.where((found.seq >= first) & (found.seq <= last))
        return dict(zip(found.seq.tolist(), zip(found.t.tolist(), found.v.tolist(), strict=True), strict=True))

    def at_times(self, series: Series, times: Sequence[int]) -> Mapping[int, Value]:
        """The stored readings without a stream at those times."""
        track = self._track(NO_STREAM, series)
        if track is None or not times:
            return {}
        wanted = ", ".join(map(str, sorted(set(times))))
        found = self._find([track], min(times), max(times) + 1, f" AND t IN ({wanted})")
        found = found.where(np.isin(found.t, np.array(times, np.int64)))
        return dict(zip(found.t.tolist(), found.v.tolist(), strict=True))

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        """Number and value of the nearest stored reading of a number below ``below``."""
        track = self._track(stream, series)
        if track is None:
            return None
        nearest = f" AND seq < {below} ORDER BY seq DESC LIMIT 1"
        found = self._find([track], None, None, nearest)
        found = found.where(found.seq < below)
        if not len(found):
            return None
        at = int(np.argmax(found.seq))
        return int(found.seq[at]), float(found.v[at])

    def all_series(self) -> Sequence[Series]:
        """Every series that has readings."""
        with self._lock:
            return self._tracks.all_series()

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        """Readings with start <= t < end (None = open)."""
        with self._lock:
            tracks = self._tracks.of(series, start, end)
        return as_track(self._find(tracks, start, end), self._tracks.streams)

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``, if any."""
        with self._lock:
            reach = {n: (self._tracks.first[n], self._tracks.last[n]) for n in self._tracks.of(series, None, t)}
        known = [(n, last) for n, (_, last) in reach.items() if last[0] < t]
        searched = {n: first[0] for n, (first, last) in reach.items() if last[0] >= t}
        parts = [columns_of(known)]
        for width in _widths():
            if not searched:
                break
            found = self._find(list(searched), t - width, t)
            found = found.where(np.lexsort((-found.t, found.track)))
            tracks, at = np.unique(found.track, return_index=True)
            parts.append(found.where(at))
            for track in tracks.tolist():
                del searched[track]
        return as_track(join(parts), self._tracks.streams)

    def after(self, series: Series, t: int) -> Track:
        """Per stream, the first reading with a time at or above ``t``, if any."""
        with self._lock:
            reach = {n: (self._tracks.first[n], self._tracks.last[n]) for n in self._tracks.of(series, t)}
        known = [(n, first) for n, (first, _) in reach.items() if first[0] >= t]
        searched = {n for n, (first, _) in reach.items() if first[0] < t}
        parts = [columns_of(known)]
        for width in _widths():
            if not searched:
                break
            found = self._find(list(searched), t, t + width)
            found = found.where(np.lexsort((found.t, found.track)))
            tracks, at = np.unique(found.track, return_index=True)
            parts.append(found.where(at))
            searched -= set(tracks.tolist())
        return as_track(join(parts), self._tracks.streams)

    def heard(self, station: str, start: int, end: int) -> npt.NDArray[np.int64]:
        """The sorted, distinct times of all readings of a station in [start, end)."""
        with self._lock:
            tracks = self._tracks.of_station(station, start, end)
        if not tracks:
            return np.empty(0, np.int64)
        with self._snapshot() as (cursor, numbers, texts):
            asked = f"SELECT t FROM readings WHERE {_where(tracks, start, end)}"
            file = cursor.execute(asked).fetchnumpy()["t"]
        times = np.concatenate([file, *(part.of(tracks, start, end).t for part in (*numbers, *texts))])
        times.sort(kind="stable")
        return times[np.concatenate([[True], np.diff(times) > 0])] if len(times) else times

    def extent(self, station: str) -> tuple[int, int] | None:
        """The first and last time of all readings of a station."""
        with self._lock:
            tracks = self._tracks.of_station(station)
            if not tracks:
                return None
            return min(self._tracks.first[n][0] for n in tracks), max(self._tracks.last[n][0] for n in tracks)

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """Entries of a kind with start <= at < end, by ``at`` then ``made``."""
        asked = (
            "SELECT id, kind, at_ns, made_ns, body FROM entries"
            " WHERE kind = ? AND at_ns >= ? AND at_ns < ? ORDER BY at_ns, made_ns, id"
        )
        told = [kind, _LOWEST if start is None else start, _HIGHEST if end is None else end]
        with self._snapshot() as (cursor, _, _):
            found = cursor.execute(asked, told).fetchall()
        return [Entry(id_, said, at, made, json.loads(body)) for id_, said, at, made, body in found]

    def lines(self) -> Sequence[LineVersion]:
        """Every version, oldest first."""
        with self._snapshot() as (cursor, _, _):
            return [
                LineVersion(*row) for row in cursor.execute("SELECT since, text FROM lines ORDER BY since").fetchall()
            ]

    def _track(self, stream: str, series: Series) -> int | None:
        with self._lock:
            return self._tracks.find(stream, series)


_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def _widths() -> Iterator[int]:
    """How far to look for a neighbour: an hour, then ever further, at last everywhere."""
    width = 3600 * NS_PER_S
    while width < 2**61:
        yield width
        width *= 8
    yield 2**62


def _where(tracks: Sequence[int], start: int | None, end: int | None) -> str:
    said = f"track = {tracks[0]}" if len(tracks) == 1 else f"track IN ({', '.join(map(str, tracks))})"
    said += f" AND t >= {max(start, _LOWEST)}" if start is not None else ""
    return said + (f" AND t < {min(end, _HIGHEST)}" if end is not None else "")


def _rows_of(cursor: Any, where: str, text: bool) -> Columns:
    more = ", s" if text else ""
    found = cursor.execute(f"SELECT track, seq, t, v{more}, flag FROM readings WHERE {where}").fetchnumpy()
    v = np.ma.getdata(found["v"])
    if text:
        is_text = ~np.ma.getmaskarray(found["s"])
        s = np.ma.getdata(found["s"]).astype(object)
        s[~is_text] = digits(v[~is_text])
        v = s
    return Columns(found["track"], found["seq"], found["t"], v, found["flag"])


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
