"""Readings in InfluxDB: how they are found again, and why the first stored stays.

InfluxDB overwrites a point of equal tags and time without a word. That makes a repeat harmless, and it would let other
content replace what is stored. So before readings are written that are not newer than all of their stream and series,
what stands at their times is read and compared. Readings in order, the usual case, need no question.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import NO_STREAM, Rows, Track
from collector.store.influx_answer import Table, times, track
from collector.store.influx_shelf import Ask
from collector.store.influx_text import FIRST_NS, reading_lines, series_tags, where
from contract.errors import StoreRefused
from contract.reading import NS_PER_S, Series, Value
from contract.words import Words

NEAR_NS = 60 * NS_PER_S
"""Times of single readings closer than this are looked up in one question."""

Key = tuple[str, Series]
Content = tuple[int, float | str]
"""A reading's number and value."""

_COLUMNS = "v, s, n, flag"


class Readings:
    """The readings of one line: questions about them, and the guard that keeps the first stored."""

    def __init__(self, line: Mapping[str, str], ask: Ask) -> None:
        self._line = dict(line)
        self._ask = ask
        self._newest: dict[Key, int] = {}
        self._found: dict[Key, tuple[int, int]] = {}
        self.shared = False
        """Other collectors write to the same store, so nothing known here is the newest for certain."""

    def lines(self, rows: Sequence[Rows]) -> Iterator[str]:
        """The points of rows."""
        for some in rows:
            yield from reading_lines(some, self._line["site"], self._line["line"])

    def guard(self, rows: Sequence[Rows]) -> None:
        """Raise StoreRefused where one of the rows would replace a stored reading by other content."""
        by_key: dict[Key, list[Rows]] = {}
        for some in rows:
            if some.t:
                by_key.setdefault((some.stream, some.series), []).append(some)
        for key, of_key in by_key.items():
            in_order = all(one.t[-1] < next_one.t[0] for one, next_one in pairwise(of_key))
            if not in_order or self.shared or of_key[0].t[0] <= self._newest_stored(key):
                self._compare(key, of_key)

    def stored(self, rows: Sequence[Rows]) -> None:
        """The rows are durably written."""
        for some in rows:
            if some.t:
                key = (some.stream, some.series)
                self._newest[key] = max(some.t[-1], self._newest.get(key, FIRST_NS))

    def _newest_stored(self, key: Key) -> int:
        if key not in self._newest:
            newest = [row["time"] for row in self._rows("last(n)", self._of(*key))]
            self._newest[key] = max(newest, default=FIRST_NS)
        return self._newest[key]

    def _compare(self, key: Key, of_key: Sequence[Rows]) -> None:
        first, last = min(min(some.t) for some in of_key), max(max(some.t) for some in of_key)
        stored: dict[int, Content] = {
            row["time"]: _content(row) for row in self._rows(_COLUMNS, self._of(*key), first, last + 1)
        }
        for some in of_key:
            values = [v if isinstance(v, str) else float(v) for v in some.v]
            for at, (t, v) in enumerate(zip(some.t, values, strict=True)):
                told: Content = (0 if some.seq is None else some.seq + at, v)
                if stored.setdefault(t, told) != told:
                    raise _already(key, t, stored[t], told)

    def numbered(self, stream: str, series: Series, first: int, last: int) -> dict[int, tuple[int, Value]]:
        """The stored readings of those numbers. The search begins where the numbers must lie by their order."""
        of = self._of(stream, series)
        asked = f"n >= {first} AND n <= {last}"
        start = self._not_after(stream, series, first)
        limit = f"LIMIT {last - first + 1}"
        found = {row["n"]: row for row in self._rows(_COLUMNS, of, start, None, asked, tail=limit)}
        if len(found) <= last - first and start is not None:
            found = {row["n"]: row for row in self._rows(_COLUMNS, of, None, None, asked)}
        if found:
            highest = max(found)
            self._found[stream, series] = int(highest), found[highest]["time"]
        return {int(n): (found[n]["time"], _value(found[n])) for n in sorted(found)}

    def _not_after(self, stream: str, series: Series, number: int) -> int | None:
        """The time of a reading with a lower number, near ``number`` where that is cheap to know."""
        known = self._found.get((stream, series))
        if known is not None and known[0] < number:
            return known[1]
        lower = f"n < {number}"
        found = self._rows("n", self._of(stream, series), None, None, lower, tail="ORDER BY time DESC LIMIT 1")
        return next((int(row["time"]) for row in found), None)

    def at_times(self, series: Series, asked: Sequence[int]) -> dict[int, Value]:
        """The stored readings without a stream at those times."""
        wanted = sorted(set(asked))
        found: dict[int, Value] = {}
        while wanted:
            near = [t for t in wanted if t < wanted[0] + NEAR_NS]
            wanted = wanted[len(near) :]
            for row in self._rows(_COLUMNS, self._of(NO_STREAM, series), near[0], near[-1] + 1):
                if row["time"] in near:
                    found[row["time"]] = _value(row)
        return found

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        """Number and value of the nearest stored reading of a number below ``below``."""
        of, lower = self._of(stream, series), f"n < {below}"
        latest = next(self._rows("n, v", of, None, None, lower, tail="ORDER BY time DESC LIMIT 1"), None)
        if latest is not None and latest["n"] != below - 1:
            latest = next(self._rows("max(n) AS n, v", of, None, None, lower), None)
        return None if latest is None or latest["v"] is None else (int(latest["n"]), float(latest["v"]))

    def all_series(self) -> list[Series]:
        """Every series that has readings."""
        rows = self._rows("last(n)", self._line, tail="GROUP BY station, sensor, measure")
        return sorted({Series(row["station"], row["sensor"], row["measure"]) for row in rows}, key=str)

    def between(self, series: Series, start: int | None, end: int | None) -> Track:
        """Readings with start <= t < end."""
        return track(self._tables(_COLUMNS, self._series(series), start, end, tail="GROUP BY stream"))

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``."""
        tail = "GROUP BY stream ORDER BY time DESC LIMIT 1"
        return track(self._tables(_COLUMNS, self._series(series), None, t, tail=tail))

    def after(self, series: Series, t: int) -> Track:
        """Per stream, the first reading with a time at or above ``t``."""
        return track(self._tables(_COLUMNS, self._series(series), t, None, tail="GROUP BY stream LIMIT 1"))

    def heard(self, station: str, start: int, end: int) -> npt.NDArray[np.int64]:
        """The times of all readings of a station."""
        return times(self._tables("n", {**self._line, "station": station}, start, end))

    def extent(self, station: str) -> tuple[int, int] | None:
        """The first and last time of all readings of a station."""
        of = {**self._line, "station": station}
        ends = [row["time"] for asked in ("first(n)", "last(n)") for row in self._rows(asked, of)]
        return (min(ends), max(ends)) if ends else None

    def _of(self, stream: str, series: Series) -> dict[str, str]:
        return {**self._series(series), "stream": stream}

    def _series(self, series: Series) -> dict[str, str]:
        return {**self._line, **series_tags(series)}

    def _tables(
        self,
        columns: str,
        tags: Mapping[str, str],
        start: int | None = None,
        end: int | None = None,
        *more: str,
        tail: str = "",
    ) -> Iterator[Table]:
        return self._ask(f"SELECT {columns} FROM reading {where(tags, start, end, *more)} {tail}".rstrip())

    def _rows(
        self,
        columns: str,
        tags: Mapping[str, str],
        start: int | None = None,
        end: int | None = None,
        *more: str,
        tail: str = "",
    ) -> Iterator[dict[str, Any]]:
        for table in self._tables(columns, tags, start, end, *more, tail=tail):
            yield from table.rows()


def _content(row: Mapping[str, Any]) -> Content:
    return int(row["n"] or 0), _value(row)


def _value(row: Mapping[str, Any]) -> float | str:
    return row["s"] if row["s"] is not None else float(row["v"])


def _already(key: Key, t: int, stored: Content, told: Content) -> StoreRefused:
    stream, series = key
    return StoreRefused(
        Words(
            f"{series}(stream {stream})の時刻 {t} には、すでに別の内容が記録されています"
            f"(記録 番号 {stored[0]} 値 {stored[1]!r}、今回 番号 {told[0]} 値 {told[1]!r})。",
            f"Other content is stored for {series} (stream {stream}) at {t}: "
            f"stored number {stored[0]} value {stored[1]!r}, told number {told[0]} value {told[1]!r}.",
        ),
        Words("先に記録された値を残します。", "What was stored first stays."),
    )
