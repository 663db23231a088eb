"""The half of the DuckDB store that reads: the file and the tails, as of one moment. The connection is handed in."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import NO_STREAM, Entry, EntryKind, LineVersion, Refused, Track, duck_tables
from collector.store.columns import Columns, as_track, digits, join
from collector.store.heard import GRAIN_NS, thinned
from collector.store.journal import Journal
from collector.store.record import Record
from collector.store.tail import Tail
from collector.store.tracks import Tracks, columns_of
from contract.reading import NS_PER_S, Series, Value


class DuckReading:
    """The reading verbs of `collector.store.Store`. Thread-safe."""

    _lock: threading.RLock
    _connection: Any
    _tracks: Tracks
    _tails: list[tuple[int, Tail, Journal]]

    @contextmanager
    def _moment(self) -> Iterator[tuple[Any, list[Record]]]:
        """A reading connection and the changes that it does not hold, readings aside, oldest first."""
        with self._lock:
            held = [(generation, tail.changes.copied()) for generation, tail, _ in self._tails if tail.records]
        with self._cursor(told=bool(held)) as (cursor, folded):
            yield cursor, [changes for generation, changes in held if generation > folded]

    @contextmanager
    def _cursor(self, told: bool = True) -> Iterator[tuple[Any, int]]:
        """A reading connection as of one moment, and the generation up to which it holds what was committed.

        Not ``told``: whoever holds no tail need not know which the file has; to ask takes as long as a small question.
        """
        cursor = self._connection.cursor()
        try:
            cursor.begin()
            yield (
                cursor,
                int(cursor.execute("SELECT value FROM meta WHERE key = 'folded'").fetchone()[0]) if told else 0,
            )
        except Exception as error:
            raise self._read_failed(error) from error
        finally:
            cursor.close()

    def _read_failed(self, error: Exception) -> Exception:
        """What to raise when reading the file failed."""
        raise NotImplementedError

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Any, list[Columns], list[Columns]]]:
        """A reading connection and the tails (numbers, texts) that it does not hold, as of one moment."""
        with self._lock:
            held = [(generation, tail.numbers(), tail.texts()) for generation, tail, _ in self._tails if tail.readings]
        with self._cursor(told=bool(held)) as (cursor, folded):
            # What was folded since the tails were taken is in the file's snapshot, and no longer looked for in a tail.
            held = [one for one in held if one[0] > folded]
            yield (
                cursor,
                [piece for _, some, _ in held for piece in some],
                [piece for _, _, some in held for piece in some],
            )

    def _find(self, tracks: Sequence[int], start: int | None, end: int | None, also: str = "") -> Columns:
        """The readings of those tracks with start <= t < end."""
        if not tracks:
            return columns_of([])
        text = self._tracks.any_text(tracks)
        with self._snapshot() as (cursor, numbers, texts):
            file = _rows_of(cursor, _where(tracks, start, end) + also, text, tracks[0] if len(tracks) == 1 else None)
        parts = [part.of(tracks, start, end) for part in (*numbers, *(texts if text else ()))]
        return join([file, *parts])

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

    def times_beside(self, stream: str, series: Series, first: int, last: int) -> tuple[int | None, int | None]:
        """The times of the nearest stored readings of a number below ``first`` and above ``last``."""
        track = self._track(stream, series)
        if track is None:
            return None, None
        with self._lock:
            newest = self._tracks.last[track]
        if newest[1] < first:
            return newest[0], None
        below = self._find([track], None, None, f" AND seq < {first} ORDER BY seq DESC LIMIT 1")
        below = below.where(below.seq < first)
        above = self._find([track], None, None, f" AND seq > {last} ORDER BY seq LIMIT 1")
        above = above.where(above.seq > last)
        return (
            int(below.t[np.argmax(below.seq)]) if len(below) else None,
            int(above.t[np.argmin(above.seq)]) if len(above) else None,
        )

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
        """When a station was heard in [start, end)."""
        with self._lock:
            tracks = self._tracks.of_station(station, start, end)
        if not tracks:
            return np.empty(0, np.int64)
        with self._snapshot() as (cursor, numbers, texts):
            told = f"FROM readings WHERE {_where(tracks, start, end)} GROUP BY t // {GRAIN_NS}"
            ends = cursor.execute(f"SELECT min(t) AS first, max(t) AS last {told}").fetchnumpy()
        times = np.concatenate([*ends.values(), *(part.of(tracks, start, end).t for part in (*numbers, *texts))])
        return thinned(np.sort(times))

    def extent(self, station: str) -> tuple[int, int] | None:
        """The first and last time of all readings of a station."""
        with self._lock:
            tracks = self._tracks.of_station(station)
            if not tracks:
                return None
            return min(self._tracks.first[n][0] for n in tracks), max(self._tracks.last[n][0] for n in tracks)

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """Entries of a kind with start <= at < end, by ``at`` then ``made``."""
        low, high = _LOWEST if start is None else start, _HIGHEST if end is None else end
        asked = "SELECT id, kind, at_ns, made_ns, body FROM entries WHERE kind = ? AND at_ns >= ? AND at_ns < ?"
        with self._moment() as (cursor, changes):
            waiting = {one.id: one for record in changes for one in record.entries}
            found = cursor.execute(asked, [kind, low, high]).fetchall()
        there = [Entry(id_, said, at, made, json.loads(body)) for id_, said, at, made, body in found]
        new = [one for one in waiting.values() if one.kind == kind and low <= one.at < high]
        kept = [one for one in there if one.id not in waiting]
        return sorted(kept + new, key=lambda one: (one.at, one.made, one.id))

    def lines(self) -> Sequence[LineVersion]:
        """Every version, oldest first."""
        with self._moment() as (cursor, changes):
            known = duck_tables.versions(cursor) + [one for record in changes for one in record.lines]
        return [LineVersion(*one) for one in sorted({one.since: one.text for one in known}.items())]

    def quarantine(self, ids: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Refused]:
        """Quarantined messages, oldest first; all of ``ids``, or the newest ``limit``."""
        with self._moment() as (cursor, changes):
            new = [one for record in changes for one in record.refused]
            gone = {id_ for record in changes for id_ in record.released}
            if ids is not None:
                there = duck_tables.messages(cursor, "refused", "list_contains(?, id)", [list(ids)])
                new = [one for one in new if one.id in set(ids)]
            else:
                newest = "id IN (SELECT id FROM refused WHERE NOT list_contains(?, id) ORDER BY id DESC LIMIT ?)"
                there = duck_tables.messages(cursor, "refused", newest, [list(gone), limit])
        left = sorted((one for one in (*there, *new) if one.id not in gone), key=lambda one: one.id)
        return left if ids is not None else left[max(0, len(left) - limit) :]

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


def _folded(cursor: Any) -> int:
    return int(cursor.execute("SELECT value FROM meta WHERE key = 'folded'").fetchone()[0])


def _where(tracks: Sequence[int], start: int | None, end: int | None) -> str:
    said = f"track = {tracks[0]}" if len(tracks) == 1 else f"track IN ({', '.join(map(str, tracks))})"
    said += f" AND t >= {max(start, _LOWEST)}" if start is not None else ""
    return said + (f" AND t < {min(end, _HIGHEST)}" if end is not None else "")


def _rows_of(cursor: Any, where: str, text: bool, only: int | None) -> Columns:
    """The rows of the file; those of the ``only`` track, where no other is asked for, need not say whose they are."""
    asked = ("seq", "t", "v", "flag") + (("s",) if text else ()) + (("track",) if only is None else ())
    found = cursor.execute(f"SELECT {', '.join(asked)} FROM readings WHERE {where}").fetchnumpy()
    v = np.ma.getdata(found["v"])
    if text:
        is_text = ~np.ma.getmaskarray(found["s"])
        s = np.ma.getdata(found["s"]).astype(object)
        s[~is_text] = digits(v[~is_text])
        v = s
    track = found["track"] if only is None else np.full(len(found["t"]), only, np.int32)
    return Columns(track, found["seq"], found["t"], v, found["flag"])
