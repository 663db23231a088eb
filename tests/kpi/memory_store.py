"""A store in memory, for tests of what the numbers mean: the reading verbs of the protocol, and a hand to fill it.

store = MemoryStore()
store.total("washer/done/count", [(t1, 1), (t2, 2)])
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import NO_STREAM, Entry, EntryKind, LineVersion, Refused, Remembered, Track, Work
from collector.store.heard import thinned
from contract.reading import Series, Value

Row = tuple[int, Any, str, int]


def series_of(name: str) -> Series:
    return Series(*name.split("/"))


class MemoryStore:
    """Rows of (t, v, stream, seq) by series; quarantine and entries as plain lists."""

    def __init__(self) -> None:
        self.rows: dict[Series, list[Row]] = {}
        self.kept: dict[str, Entry] = {}
        self.refused: list[Refused] = []
        self.versions: list[LineVersion] = []
        self.asked = 0

    def put(self, name: str, rows: Sequence[tuple[int, Any]], stream: str = "s1", seq: int | None = 1) -> None:
        """Readings of one stream from number ``seq`` on; None = a device without a stream."""
        mine = self.rows.setdefault(series_of(name), [])
        for i, (t, v) in enumerate(rows):
            value = v if isinstance(v, str) else float(v)
            mine.append((t, value, NO_STREAM if seq is None else stream, 0 if seq is None else seq + i))
        mine.sort(key=lambda row: (row[0], row[2]))

    @property
    def id(self) -> str:
        return "memory"

    def remembered(self) -> Remembered:
        return Remembered()

    def commit(self, work: Work) -> None:
        for rows in work.rows:
            self.put(str(rows.series), list(zip(rows.t, rows.v, strict=True)), rows.stream, rows.seq)

    def numbered(self, stream: str, series: Series, first: int, last: int) -> Mapping[int, tuple[int, Value]]:
        raise NotImplementedError

    def at_times(self, series: Series, times: Sequence[int]) -> Mapping[int, Value]:
        raise NotImplementedError

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        raise NotImplementedError

    def times_beside(self, stream: str, series: Series, first: int, last: int) -> tuple[int | None, int | None]:
        raise NotImplementedError

    def all_series(self) -> Sequence[Series]:
        return sorted(self.rows, key=str)

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        self.asked += 1
        low, high = -(2**62) if start is None else start, 2**62 if end is None else end
        return _track([row for row in self.rows.get(series, []) if low <= row[0] < high])

    def before(self, series: Series, t: int) -> Track:
        last: dict[str, Row] = {}
        for row in self.rows.get(series, []):
            if row[0] < t:
                last[row[2]] = row
        return _track(sorted(last.values(), key=lambda row: (row[0], row[2])))

    def after(self, series: Series, t: int) -> Track:
        first: dict[str, Row] = {}
        for row in self.rows.get(series, []):
            if row[0] >= t:
                first.setdefault(row[2], row)
        return _track(sorted(first.values(), key=lambda row: (row[0], row[2])))

    def heard(self, station: str, start: int, end: int) -> npt.NDArray[np.int64]:
        found = {row[0] for s, rows in self.rows.items() if s.station == station for row in rows}
        return thinned(np.array(sorted(t for t in found if start <= t < end), np.int64))

    def extent(self, station: str) -> tuple[int, int] | None:
        found = [row[0] for s, rows in self.rows.items() if s.station == station for row in rows]
        return (min(found), max(found)) if found else None

    def quarantine(self, ids: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Refused]:
        return [r for r in self.refused if ids is None or r.id in ids][-limit:]

    def keep_entry(self, entry: Entry) -> None:
        self.kept[entry.id] = entry

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        low, high = -(2**62) if start is None else start, 2**62 if end is None else end
        found = [e for e in self.kept.values() if e.kind == kind and low <= e.at < high]
        return sorted(found, key=lambda e: (e.at, e.made))

    def keep_line(self, version: LineVersion) -> None:
        self.versions.append(version)

    def status(self) -> dict[str, Any]:
        """Nothing to say."""
        return {"care": []}

    def lines(self) -> Sequence[LineVersion]:
        return self.versions

    def close(self) -> None:
        """Nothing to let go."""


def _track(rows: Sequence[Row]) -> Track:
    names = tuple(dict.fromkeys(row[2] for row in rows))
    text = bool(rows) and isinstance(rows[0][1], str)
    return Track(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], object if text else np.float64),
        np.array([names.index(row[2]) for row in rows], np.int32),
        np.array([row[3] for row in rows], np.int64),
        np.zeros(len(rows), np.int8),
        names,
    )
