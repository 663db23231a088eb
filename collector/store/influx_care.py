"""What an InfluxDB lost after it had acknowledged it: the readings are compared with the ranges that name them.

A torn log, a copy put back, a DELETE, a bucket made again: the ranges may outlive their readings. Each reading carries
its number (`n`), so how many there are and the sum of their numbers is compared per stream and series, in the newest
days only; where that differs, the numbers themselves are read. See docs/decisions/influx-store.md.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from collector.ranges import Ranges
from collector.store import NO_STREAM, Interval, Refused, Remembered
from collector.store.aside import numbers_of
from contract.reading import NS_PER_S, Series
from contract.words import Words

Key = tuple[str, Series]
Runs = Mapping[Key, tuple[Interval, ...]]
Amount = tuple[int, float]
"""How many readings, and the sum of their numbers."""

LOOK_BACK_NS = 3 * 86_400 * NS_PER_S
"""Readings older than this are not compared: agents keep what was confirmed for a day, and old ones may be deleted."""

HEARD_NS = 31 * 86_400 * NS_PER_S
"""Streams not heard for so long are not compared; they are no longer confirmed either."""

EVERY_S = 3600.0
"""Compared so often where nothing gives cause for it."""


class Care:
    """When to compare, and what came of it. ``fresh``: the store had no id, so whatever it holds is of none."""

    def __init__(self, fresh: bool, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.fresh, self._monotonic = fresh, monotonic
        self.told: Sequence[dict[str, Any]] = ()
        self._troubles, self._at = 0, monotonic()

    def due(self, troubles: int) -> bool:
        """Whether the server was away since it was last compared, or that was long ago."""
        return troubles != self._troubles or self._monotonic() - self._at >= EVERY_S

    def seen(self, troubles: int, told: Sequence[dict[str, Any]]) -> None:
        """It was compared when the server had been away so often; ``told`` is what was ever found."""
        self._troubles, self._at, self.told = troubles, self._monotonic(), told


class Numbered(Protocol):
    """What is asked of the readings."""

    def last_numbers(self, before: int) -> dict[Key, int]:
        """The number of the last reading before a time (ns), of each stream and series."""

    def amounts(self, station: str, since: int) -> dict[Key, Amount]:
        """What a station's streams and series hold since a time (ns)."""

    def numbers(self, key: Key, since: int | None, *more: str) -> npt.NDArray[np.int64]:
        """The numbers of readings, since a time (ns) or all."""


@dataclass(slots=True)
class Aside:
    """Numbers without readings: ``certain``, and those of messages in conflict, most of which have readings."""

    certain: dict[Key, list[Interval]] = field(default_factory=dict)
    maybe: dict[Key, list[Interval]] = field(default_factory=dict)

    @staticmethod
    def of(messages: Sequence[Refused], absent: Runs) -> "Aside":
        """What lies in quarantine, and what left it unstored (``absent``)."""
        certain = numbers_of((one.topic, one.payload) for one in messages if one.reason != "conflict")
        for key, runs in absent.items():
            certain.setdefault(key, []).extend(runs)
        return Aside(certain, numbers_of((one.topic, one.payload) for one in messages if one.reason == "conflict"))


def gone(readings: Numbered, ranges: Runs, aside: Aside, now: int) -> dict[Key, tuple[Interval, ...]]:
    """The numbers of those ranges whose readings are gone. Raises StoreError."""
    since = now - LOOK_BACK_NS
    edges = readings.last_numbers(since)
    by_station: dict[str, list[Key]] = {}
    for key in ranges:
        if key[0] != NO_STREAM:
            by_station.setdefault(key[1].station, []).append(key)
    found: dict[Key, tuple[Interval, ...]] = {}
    for station, keys in by_station.items():
        there = readings.amounts(station, since)
        for key in keys:
            wanted = _without(ranges[key], [(1, edges.get(key, 0)), *aside.certain.get(key, ())])
            if _amount(wanted) != there.get(key, (0, 0.0)):
                lost = _absent(readings, key, since, _without(wanted, aside.maybe.get(key, ())))
                found |= {key: lost.runs} if lost else {}
    return found


@dataclass(frozen=True, slots=True)
class Mended:
    """What is gone, and all that is known without it."""

    gone: dict[Key, tuple[Interval, ...]]
    known: Remembered


def mended(
    readings: Numbered, there: Remembered, known: Remembered | None, aside: Aside, now: int, everything: bool
) -> Mended:
    """Compare what is stored with what is known, to the server (``there``) or to us. Raises StoreError.

    ``everything``: streams that were not heard lately are compared too.
    """
    known = known or Remembered()
    ranges = united(there.ranges, known.ranges)
    streams = there.streams | known.streams
    compared = {
        key: runs
        for key, runs in ranges.items()
        if everything or (key[0] in streams and streams[key[0]].heard >= now - HEARD_NS)
    }
    lost = gone(readings, compared, aside, now)
    given_up = reduced(united(there.given_up, known.given_up), ranges)
    left = Remembered(reduced(ranges, lost), given_up, streams, known.counters, lost=united(there.lost, lost))
    return Mended(lost, left)


def _absent(readings: Numbered, key: Key, since: int, wanted: Ranges) -> Ranges:
    """Which of the numbers have no reading. Times need not rise with numbers, so doubt is settled by all of them."""
    lost = _without(wanted, _runs(readings.numbers(key, since)))
    if lost:
        first, last = lost.runs[0][0], lost.top
        lost = _without(lost, _runs(readings.numbers(key, None, f"n >= {first} AND n <= {last}")))
    return lost


def reduced(ranges: Runs, lost: Runs) -> dict[Key, tuple[Interval, ...]]:
    """The ranges without what is lost."""
    return {key: _without(runs, lost.get(key, ())).runs for key, runs in ranges.items()}


def united(*parts: Runs) -> dict[Key, tuple[Interval, ...]]:
    """All of them."""
    keys = {key for part in parts for key in part}
    return {key: Ranges(run for part in parts for run in part.get(key, ())).runs for key in keys}


def words(lost: Runs, emptied: bool) -> Words:
    """For the log and `/status`."""
    many = sum(last - first + 1 for runs in lost.values() for first, last in runs)
    names = sorted({str(series) for _, series in lost})
    said = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    if emptied:
        return Words(
            f"InfluxDB のバケットが消されたか、作り直されました(なくなった値 {many} 件: {said})。新しい id で始めます。"
            "エージェントにまだ残っている値は、もう一度送られて保存されます。人が入力した記録は戻りません。",
            f"The InfluxDB bucket was deleted or made again ({many} readings gone: {said}). It begins with a new id; "
            "what agents still hold is sent again and stored. What people entered does not come back.",
        )
    return Words(
        f"InfluxDB の中身と受信記録が合いませんでした({said}: なくなった値 {many} 件)。"
        "記録を実際の中身に合わせました。エージェントにまだ残っている値は、もう一度送られて保存されます。",
        f"InfluxDB has lost readings it had acknowledged ({said}: {many} readings gone). "
        "The numbers were put right by the readings; what agents still hold is sent again and stored.",
    )


def _amount(numbers: Ranges) -> Amount:
    return numbers.count(), float(sum((first + last) * (last - first + 1) // 2 for first, last in numbers))


def _without(runs: Iterable[Interval], others: Iterable[Interval]) -> Ranges:
    left = Ranges(runs)
    for first, last in others:
        left.remove(first, last)
    return left


def _runs(numbers: npt.NDArray[np.int64]) -> Iterator[Interval]:
    if not len(numbers):
        return
    cuts = np.flatnonzero(np.diff(numbers) > 1)
    firsts = numbers[np.concatenate([[0], cuts + 1])].tolist()
    lasts = numbers[np.concatenate([cuts, [len(numbers) - 1]])].tolist()
    yield from zip(firsts, lasts, strict=True)
