"""The store's tracks: each series of each stream has a small number; its first and last reading are known by heart."""

from collections.abc import Iterable, Sequence

import numpy as np

from collector.store import Rows
from collector.store.columns import Columns, Packed
from contract.reading import Series, Value

Edge = tuple[int, int, Value, int]
"""One reading: (t, seq, v, flag)."""


class Tracks:
    """Numbers of tracks, from 0. Not thread-safe: its store's lock holds it."""

    def __init__(self) -> None:
        self.streams: list[str] = []
        self.series: list[Series] = []
        self.first: dict[int, Edge] = {}
        self.last: dict[int, Edge] = {}
        self.unsaved: list[tuple[int, str, Series]] = []
        """Tracks that no durable record names yet."""
        self._numbers: dict[tuple[str, Series], int] = {}
        self._of_series: dict[Series, list[int]] = {}
        self._text: set[int] = set()

    def know(self, track: int, stream: str, series: Series) -> None:
        """Take in a track that is already durable."""
        if track < len(self.streams):
            return
        self.streams.append(stream)
        self.series.append(series)
        self._numbers[stream, series] = track
        self._of_series.setdefault(series, []).append(track)

    def number(self, stream: str, series: Series) -> int:
        """The number of a track, new if need be."""
        track = self._numbers.get((stream, series))
        if track is None:
            track = len(self.streams)
            self.know(track, stream, series)
            self.unsaved.append((track, stream, series))
        return track

    def find(self, stream: str, series: Series) -> int | None:
        """The number of a track that has readings, or None."""
        track = self._numbers.get((stream, series))
        return track if track in self.first else None

    def key(self, track: int) -> tuple[str, Series]:
        """Stream and series of a track."""
        return self.streams[track], self.series[track]

    def of(self, series: Series, start: int | None = None, end: int | None = None) -> list[int]:
        """The tracks of a series that may have readings with start <= t < end."""
        return self._within(self._of_series.get(series, ()), start, end)

    def of_station(self, station: str, start: int | None = None, end: int | None = None) -> list[int]:
        """The tracks of a station that may have readings with start <= t < end."""
        all_of_it = (n for s, tracks in self._of_series.items() if s.station == station for n in tracks)
        return self._within(all_of_it, start, end)

    def _within(self, tracks: Iterable[int], start: int | None, end: int | None) -> list[int]:
        return [
            n
            for n in tracks
            if n in self.first
            and (start is None or self.last[n][0] >= start)
            and (end is None or self.first[n][0] < end)
        ]

    def all_series(self) -> list[Series]:
        """Every series that has readings."""
        return [series for series, tracks in self._of_series.items() if any(n in self.first for n in tracks)]

    def any_text(self, tracks: Iterable[int]) -> bool:
        """Whether one of them holds text."""
        return not self._text.isdisjoint(tracks)

    def widen(self, track: int, rows: Rows) -> None:
        """Take in readings that became durable."""
        flags, seq = rows.flag or (0,), rows.seq or 0
        self.reach(track, (rows.t[0], seq, rows.v[0], flags[0]))
        if len(rows.t) > 1:
            last = seq + len(rows.t) - 1 if seq else 0
            self.reach(track, (rows.t[-1], last, rows.v[-1], flags[-1]))

    def widen_packed(self, packed: Packed) -> None:
        """Take in the readings of a record read back."""
        start = 0
        for track, first, length in zip(
            packed.track.tolist(), packed.first.tolist(), packed.length.tolist(), strict=True
        ):
            for place in {0, length - 1}:
                at = start + place
                value = packed.v[at]
                v = value if isinstance(value, str) else float(value)
                flag = 0 if packed.flag is None else int(packed.flag[at])
                self.reach(track, (int(packed.t[at]), first + place if first else 0, v, flag))
            start += length

    def forget_edges(self, track: int) -> None:
        """Nothing is known of its readings; `reach` says again what there is."""
        self.first.pop(track, None)
        self.last.pop(track, None)

    def reach(self, track: int, edge: Edge) -> None:
        """One reading, which may be the first or the last of its track."""
        if isinstance(edge[2], str):
            self._text.add(track)
        if track not in self.first:
            self.first[track] = self.last[track] = edge
        elif edge[0] > self.last[track][0]:
            self.last[track] = edge
        elif edge[0] < self.first[track][0]:
            self.first[track] = edge


def columns_of(edges: Sequence[tuple[int, Edge]]) -> Columns:
    """Known edges, (track, edge), as columns."""
    text = any(isinstance(edge[2], str) for _, edge in edges)
    return Columns(
        np.array([track for track, _ in edges], np.int32),
        np.array([edge[1] for _, edge in edges], np.int64),
        np.array([edge[0] for _, edge in edges], np.int64),
        np.array([edge[2] for _, edge in edges], object if text else np.float64),
        np.array([edge[3] for _, edge in edges], np.int8),
    )
