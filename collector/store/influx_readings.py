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
from collector.store.influx_answer import Table, heard, track
from collector.store.influx_shelf import Ask
from collector.store.influx_text import FIRST_NS, LAST_NS, reading_lines, series_tags, where
from contract.errors import StoreRefused
from contract.reading import NS_PER_S, Series, Value
from contract.words import Words

NEAR_NS = 60 * NS_PER_S
"""Times of single readings closer than this are looked up in one question."""

FEW_NUMBERS = 5_000
MOST_GUESSES = 60

Place = tuple[float, int]
"""A reading's number and time."""

Key = tuple[str, Series]
Content = tuple[int, float | str]
"""A reading's number and value."""

LONG_NS = 24 * 3600 * NS_PER_S
"""Over a longer time it pays to ask first what there is."""

_COLUMNS = "v, s, n, flag"


class Readings:
    """The readings of one line: questions about them, and the guard that keeps the first stored."""

    def __init__(self, line: Mapping[str, str], ask: Ask) -> None:
        self._line = dict(line)
        self._ask = ask
        self._newest: dict[Key, int] = {}
        self._oldest: dict[Key, int] = {}
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
            if len(some.t):
                by_key.setdefault((some.stream, some.series), []).append(some)
        for key, of_key in by_key.items():
            in_order = all(one.t[-1] < next_one.t[0] for one, next_one in pairwise(of_key))
            if not in_order or self.shared or of_key[0].t[0] <= self._newest_stored(key):
                self._compare(key, of_key)

    def stored(self, rows: Sequence[Rows]) -> None:
        """The rows are durably written."""
        for some in rows:
            if len(some.t):
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

    def forget(self) -> None:
        """Nothing is known of what is stored."""
        self._newest, self._oldest = {}, {}

    def fell_back(self) -> bool:
        """Whether a newest reading that we wrote is no longer there, or an oldest that was there at the last look."""
        newest, before = dict(self._newest), self._oldest
        last = {key: row["time"] for key, row in self._by_key("last(n)")}
        self._oldest = {key: row["time"] for key, row in self._by_key("first(n)")}
        return any(last.get(key, FIRST_NS) < t for key, t in newest.items()) or any(
            self._oldest.get(key, LAST_NS) > t for key, t in before.items()
        )

    def last_numbers(self, before: int) -> dict[Key, int]:
        """The number of the last reading before a time, of each stream and series."""
        return {key: int(row["last"]) for key, row in self._by_key("last(n)", None, before)}

    def amounts(self, station: str, since: int) -> dict[Key, tuple[int, float]]:
        """How many readings each stream and series of a station has since a time, and the sum of their numbers."""
        found = self._by_key("count(n), sum(n)", since, None, station=station)
        return {key: (int(row["count"]), float(row["sum"])) for key, row in found if row["count"]}

    def numbers(self, key: Key, since: int | None, *more: str) -> npt.NDArray[np.int64]:
        """The numbers of readings since a time, or of all, sorted and each once."""
        sides = (table.sides() for table in self._tables("n", self._of(*key), since, None, *more))
        parts = [np.array(side["n"], dtype=np.int64) for side in sides if side]
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)

    def _by_key(
        self, columns: str, start: int | None = None, end: int | None = None, **more: str
    ) -> Iterator[tuple[Key, dict[str, Any]]]:
        tail = "GROUP BY station, sensor, measure, stream"
        for row in self._rows(columns, {**self._line, **more}, start, end, tail=tail):
            yield (row["stream"], Series(row["station"], row["sensor"], row["measure"])), row

    def numbered(self, stream: str, series: Series, first: int, last: int) -> dict[int, tuple[int, Value]]:
        """The stored readings of those numbers."""
        of, within = self._of(stream, series), self._around(stream, series, first, last)
        found = self._rows(_COLUMNS, of, *within, f"n >= {first} AND n <= {last}")
        return {int(row["n"]): (row["time"], _value(row)) for row in found}

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        """Number and value of the nearest stored reading of a number below ``below``."""
        of = self._of(stream, series)
        found = list(self._rows("n, v", of, tail="ORDER BY time DESC LIMIT 1"))
        if found and found[0]["n"] != below - 1:
            within = self._around(stream, series, below - 1, below)
            found = list(self._rows("max(n) AS n, v", of, *within, f"n < {below}"))
        return next(((int(row["n"]), float(row["v"])) for row in found if row["v"] is not None), None)

    def times_beside(self, stream: str, series: Series, first: int, last: int) -> tuple[int | None, int | None]:
        """The times of the nearest stored readings of a number below ``first`` and above ``last``."""
        of = self._of(stream, series)
        newest = next(self._rows("n", of, tail="ORDER BY time DESC LIMIT 1"), None)
        if newest is None or newest["n"] < first:
            return (newest["time"] if newest else None), None
        below = self._rows("max(n) AS n", of, *self._around(stream, series, first - 1, first), f"n < {first}")
        above = self._rows("min(n) AS n", of, *self._around(stream, series, last, last), f"n > {last}")
        return next((row["time"] for row in below), None), next((row["time"] for row in above), None)

    def _around(self, stream: str, series: Series, first: int, last: int) -> tuple[int, int]:
        """A stretch of time that holds the readings with the numbers ``first`` to ``last``.

        InfluxDB finds a time in a millisecond, and a number only by reading everything: 0.6 s for a million. So in a
        long stream the stretch is narrowed by looking at guessed times, since numbers and times rise together.
        """
        of = self._of(stream, series)
        ends = [(row["n"], row["time"]) for asked in ("first(n) AS n", "last(n) AS n") for row in self._rows(asked, of)]
        if not ends:
            return 0, 0
        low, high = self._narrowed(of, first, ends[0], ends[1])
        if high[0] <= last:
            _, high = self._narrowed(of, last, low, ends[1])
        return low[1], high[1] + 1

    def _narrowed(self, of: Mapping[str, str], number: float, low: Place, high: Place) -> tuple[Place, Place]:
        """Two readings, at most ``FEW_NUMBERS`` apart, with ``number`` at or after the first and before the second."""
        left, right = low[1], high[1]
        for turn in range(MOST_GUESSES):
            if high[0] - low[0] < FEW_NUMBERS or left >= right:
                break
            share = 0.5 if turn % 2 else min(max((number - low[0]) / (high[0] - low[0]), 0.001), 0.999)
            guess = left + max(1, int((right - left) * share))
            found = list(self._rows("n", of, guess, tail="LIMIT 1"))
            here = (found[0]["n"], found[0]["time"]) if found else high
            if here[0] <= number:
                low, left = here, here[1]
            else:
                high, right = here, guess - 1
        return low, high

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

    def all_series(self) -> list[Series]:
        """Every series that has readings."""
        rows = self._rows("last(n)", self._line, tail="GROUP BY station, sensor, measure")
        return sorted({Series(row["station"], row["sensor"], row["measure"]) for row in rows}, key=str)

    def newest(self, since: int) -> list[tuple[Series, int, Value]]:
        """The newest reading of each series that has one at or after ``since``."""
        tail = "GROUP BY station, sensor, measure ORDER BY time DESC LIMIT 1"
        rows = self._rows(_COLUMNS, self._line, since, tail=tail)
        return [(Series(row["station"], row["sensor"], row["measure"]), row["time"], _value(row)) for row in rows]

    def between(self, series: Series, start: int | None, end: int | None) -> Track:
        """Readings with start <= t < end."""
        of = self._series(series)
        return track(self._tables(self._columns(of, start, end), of, start, end, tail="GROUP BY stream"))

    def _columns(self, of: Mapping[str, str], start: int | None, end: int | None) -> str:
        """The columns that can hold something: to leave out empty ones halves the time of a long answer."""
        if start is not None and end is not None and end - start < LONG_NS:
            return _COLUMNS
        return ", ".join(
            ["v", *(name for name in ("s", "flag") if [*self._rows(f"last({name})", of, start, end)]), "n"]
        )

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``."""
        tail = "GROUP BY stream ORDER BY time DESC LIMIT 1"
        return track(self._tables(_COLUMNS, self._series(series), None, t, tail=tail))

    def after(self, series: Series, t: int) -> Track:
        """Per stream, the first reading with a time at or above ``t``."""
        return track(self._tables(_COLUMNS, self._series(series), t, None, tail="GROUP BY stream LIMIT 1"))

    def heard(self, station: str, start: int, end: int) -> npt.NDArray[np.int64]:
        """When a station was heard in [start, end)."""
        return heard(self._tables("n", {**self._line, "station": station}, start, end))

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
