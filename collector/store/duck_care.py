"""At a start every block of the DuckDB file is read, and each track's rows are compared with what they should be.

Where rows are gone, the ranges are cut back to what the rows, the quarantine and the deletions on purpose prove, and
the store takes a new id: agents then send again what they still hold, and it is stored once. The numbers that were
taken out are remembered as lost; they are missing until they come again. Where a row is there twice, one goes.
SQL only: the connection is handed in.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import NO_STREAM, Interval, duck_tables
from collector.store.aside import numbers_of
from collector.store.duck_tally import Tally, save, tallies
from collector.store.tracks import Edge, Tracks
from contract.reading import Series
from contract.words import Words

_EDGE = "SELECT t, seq, coalesce(s, v::VARCHAR), v, flag FROM readings WHERE track = ? ORDER BY t"


@dataclass(slots=True)
class Findings:
    """What did not agree: readings that are gone, rows that were there twice, on how many series.

    ``since``, ``until``: between these times (ns) lay what is gone, as far as that is known.
    """

    gone: int = 0
    twice: int = 0
    since: int | None = None
    until: int | None = None
    series: set[Series] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.series)

    def words(self) -> Words:
        """For the log and `/status`."""
        when = Words("", "")
        if self.since is not None and self.until is not None:
            first, last = _local(self.since), _local(self.until)
            when = Words(f"、{first} から {last} のあいだ", f" between {first} and {last}")
        names = ", ".join(sorted(map(str, self.series))[:5]) + (" …" if len(self.series) > 5 else "")
        return Words(
            f"保存ファイルの中身と受信記録が合いませんでした({names}: "
            f"なくなった値 {self.gone} 件{when.ja}、重なった行 {self.twice} 件)。"
            "記録を実際の中身に合わせました。エージェントにまだ残っている値は、もう一度送られて保存されます。",
            f"Rows and received numbers did not agree ({names}: {self.gone} readings gone{when.en}, "
            f"{self.twice} rows twice). "
            "The numbers were put right by the rows; what agents still hold is sent again and stored.",
        )


def _local(t: int) -> str:
    """A time as the clock of this machine shows it."""
    return f"{datetime.fromtimestamp(t / 1e9).astimezone():%Y-%m-%d %H:%M:%S}"


def examine(connection: Any, known: Tracks) -> Findings:
    """Compare, and put right what does not agree, in one transaction."""
    found = Findings()
    wanted = tallies(connection)
    ranges = duck_tables.runs_of(connection, "ranges")
    doubtful = _doubtful(connection, wanted, ranges)
    if not doubtful:
        return found
    connection.begin()
    mend = _Mend(connection, known, found, wanted, ranges)
    for track in doubtful:
        mend.track(track)
    connection.commit()
    connection.execute("CHECKPOINT")
    return found


def doubtful_series(connection: Any) -> list[str]:
    """The series of which `examine` would put something right; nothing is changed."""
    doubtful = _doubtful(connection, tallies(connection), duck_tables.runs_of(connection, "ranges"))
    known = duck_tables.tracks(connection) if doubtful else None
    return sorted({str(known.key(track)[1]) for track in doubtful}) if known else []


def _doubtful(connection: Any, wanted: Mapping[int, Tally], ranges: Mapping[int, Sequence[Interval]]) -> list[int]:
    there = _rows(connection)
    return [
        track
        for track in sorted({*there, *wanted, *ranges})
        if not _agrees(there.get(track, (0, 0)), wanted.get(track), ranges.get(track, ()))
    ]


def _rows(connection: Any) -> dict[int, tuple[int, int]]:
    asked = "SELECT track, count(*), sum(seq) FROM readings GROUP BY track"
    return {track: (many, int(numbers)) for track, many, numbers in connection.execute(asked).fetchall()}


def read_everything(connection: Any, there: Collection[str] | None = None) -> None:
    """Have DuckDB read each block, of the tables that are ``there``. Raises a DuckDB error for one that is broken."""
    # A block's checksum is looked at when it is read, so each is read: these sums cannot be had from statistics.
    asked = "SELECT sum(seq), bit_xor(t), sum(v), count(s), bit_xor(length(s)), bit_xor(flag) FROM readings"
    connection.execute(asked).fetchall()
    for table in _SMALL:
        if there is not None and table not in there:
            continue
        connection.execute(f"SELECT bit_xor(hash({table})) FROM {table}").fetchall()


_SMALL = ("tally", "ranges", "tracks", "given_up", "streams", "counters", "refused", "pending", "entries", "lines",
          "lost", "care")  # fmt: skip


def _agrees(there: tuple[int, int], wanted: Tally | None, ranges: Sequence[Interval]) -> bool:
    if wanted is None:
        return False
    return there == (wanted.rows, wanted.numbers) and duck_tables.numbers_in(ranges) == wanted.seen


class _Mend:
    def __init__(
        self,
        connection: Any,
        known: Tracks,
        found: Findings,
        wanted: dict[int, Tally],
        ranges: dict[int, tuple[Interval, ...]],
    ) -> None:
        self._connection, self._known, self._found = connection, known, found
        self._wanted, self._ranges = wanted, ranges
        self._lost = duck_tables.runs_of(connection, "lost")
        refused = duck_tables.messages(connection, "refused", "stream IS NOT NULL")
        # The numbers of a message in conflict are, but for one, stored; without a tally nobody knows which.
        self._aside = numbers_of((one.topic, one.payload) for one in refused if one.reason != "conflict")
        self._conflicts = numbers_of((one.topic, one.payload) for one in refused if one.reason == "conflict")

    def track(self, track: int) -> None:
        """Put one track right."""
        connection, key = self._connection, self._known.key(track)
        tally = self._wanted.get(track)
        rows, numbers = self._single_rows(track)
        proven = _runs(numbers)
        old = self._ranges.get(track, ())
        aside = self._aside.get(key, []) + ([] if tally else self._conflicts.get(key, []))
        kept = _common(old, [(1, tally.deleted)]) if tally and tally.deleted else []
        seen = _union((*proven, *aside, *kept)) if key[0] != NO_STREAM else ()
        gone = _without(old, seen)
        many = duck_tables.numbers_in(gone)
        if tally and key[0] == NO_STREAM:
            many = max(0, tally.rows - rows)
        if many:
            self._found.gone += many
            self._found.series.add(key[1])
            self._when(track, gone)
        if old or seen:
            duck_tables.save_runs(connection, "ranges", {track: seen})
        if gone:
            duck_tables.save_runs(connection, "lost", {track: _union((*self._lost.get(track, ()), *gone))})
        total = int(numbers.sum(dtype=object)) if len(numbers) else 0
        held = duck_tables.numbers_in(seen)
        save(connection, {track: Tally(rows, total, held, tally.deleted if tally else 0)})
        self._reach(track)

    def _when(self, track: int, gone: Sequence[Interval]) -> None:
        """Between which readings, there or remembered, those that are gone lay."""
        first, last = self._known.first.get(track), self._known.last.get(track)
        low, high = (gone[0][0], gone[-1][1]) if gone else (0, 2**63 - 1)
        asked = f"SELECT max(t) FILTER (seq < {low}), min(t) FILTER (seq > {high}) FROM readings WHERE track = {track}"
        below, above = self._connection.execute(asked).fetchone()
        since = first[0] if below is None and first else below
        until = last[0] if above is None and last else above
        if since is not None and until is not None and since <= until:
            self._found.since = min(since, self._found.since if self._found.since is not None else since)
            self._found.until = max(until, self._found.until if self._found.until is not None else until)

    def _single_rows(self, track: int) -> tuple[int, npt.NDArray[np.int64]]:
        """How many rows a track has, and their numbers, after those that are there twice were made single."""
        asked = f"SELECT seq FROM readings WHERE track = {track}"
        seq: npt.NDArray[np.int64] = np.sort(self._connection.execute(asked).fetchnumpy()["seq"])
        numbers = seq[seq > 0]
        single = np.unique(numbers)
        twice = len(numbers) - len(single)
        if twice:
            first = f"SELECT min(rowid) FROM readings WHERE track = {track} AND seq > 0 GROUP BY seq"
            gone = f"track = {track} AND seq > 0 AND rowid NOT IN ({first})"
            self._connection.execute(f"DELETE FROM readings WHERE {gone}")
            self._found.twice += twice
            self._found.series.add(self._known.key(track)[1])
        return len(seq) - twice, single

    def _reach(self, track: int) -> None:
        """Know the first and the last reading afresh."""
        first, last = (
            self._connection.execute(f"{_EDGE}{order} LIMIT 1", [track]).fetchone() for order in ("", " DESC")
        )
        self._known.forget_edges(track)
        for row in (first, last):
            if row is not None:
                self._known.reach(track, _edge(row))
        duck_tables.save_tracks(self._connection, self._known, [track])


def _edge(row: Sequence[Any]) -> Edge:
    t, seq, text, v, flag = row
    return t, seq, text if v is None else v, flag


def _runs(numbers: npt.NDArray[np.int64]) -> list[Interval]:
    """Sorted, distinct numbers as runs."""
    if not len(numbers):
        return []
    cuts = np.flatnonzero(np.diff(numbers) > 1)
    firsts = numbers[np.concatenate([[0], cuts + 1])].tolist()
    lasts = numbers[np.concatenate([cuts, [len(numbers) - 1]])].tolist()
    return list(zip(firsts, lasts, strict=True))


def _union(runs: Iterable[Interval]) -> tuple[Interval, ...]:
    joined: list[Interval] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def _without(runs: Iterable[Interval], gone: Sequence[Interval]) -> list[Interval]:
    """What of the runs lies in none of ``gone``, which are sorted and apart."""
    left: list[Interval] = []
    for first, last in _union(runs):
        for low, high in gone:
            if high < first or low > last:
                continue
            if low > first:
                left.append((first, low - 1))
            first = high + 1
        if first <= last:
            left.append((first, last))
    return left


def _common(runs: Iterable[Interval], others: Sequence[Interval]) -> list[Interval]:
    return [
        (max(first, low), min(last, high))
        for first, last in runs
        for low, high in others
        if first <= high and low <= last
    ]
