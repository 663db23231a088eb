"""The store protocol: one file per backend with the same verbs, chosen by the scheme of `[store] url`.

    duckdb:line.duckdb            collector.store.duck     one process, one file
    influx://host:8086/bucket     collector.store.influx   a server, several collectors

A store keeps readings, the ranges of sequence numbers it has taken, quarantine, counters, versions of the line,
entries that people made (plans, reasons, corrections, events), and its own id. All verbs are thread-safe and raise
StoreAway when a server cannot be reached. Times are nanoseconds since 1970 UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from contract.reading import Series, Value

Interval = tuple[int, int]
"""First and last number of an unbroken run, both included."""

FLAG_OUT_OF_RANGE = 1

MOST_COUNTED = 2**53
"""No counter says more: up to here a whole number is itself in every JSON reader, and every store takes it."""

NO_STREAM = "-"
"""The stream of devices that keep none."""

EntryKind = Literal[
    "event", "plan", "reason", "correction", "reconciliation", "mode", "mute", "withdrawn", "evaluation", "effect",
    "wip", "figures",
]  # fmt: skip
"""What people entered, ``withdrawn`` what they took back, ``evaluation`` what is to be judged, ``effect`` what it was
worth; and figures of days whose readings are past keeping."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings of one series from one stream, to be stored together. ``seq`` None: a device without a stream.

    ``v`` holds numbers (booleans already 0.0/1.0) or text, never both. ``flag`` is 0 or FLAG_OUT_OF_RANGE, one each, or
    None when all are 0.
    """

    series: Series
    stream: str
    seq: int | None
    t: Sequence[int]
    v: Sequence[float] | Sequence[str]
    flag: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A message in quarantine. ``id`` is given by the collector, unique in the store and increasing with time."""

    id: str
    at: int
    topic: str
    reason: str
    detail: str
    payload: bytes
    stream: str | None = None
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in quarantine, by what its bound needs: ``size`` is the payload's length in bytes."""

    id: str
    size: int
    reason: str
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class StreamNews:
    """What became known of a stream: whose it is, when it was last heard, the clock shift settled for it."""

    agent: str | None = None
    heard: int = 0
    shift: int | None = None


@dataclass(slots=True)
class Work:
    """What one commit holds: all of it or none of it becomes part of the store."""

    rows: list[Rows] = field(default_factory=list)
    ranges: dict[tuple[str, Series], tuple[Interval, ...]] = field(default_factory=dict)
    """The whole new state of each range that changed: stored and quarantined numbers."""
    given_up: dict[tuple[str, Series], tuple[Interval, ...]] = field(default_factory=dict)
    """Numbers given up by ``from`` (they count as missing; never part of ``ranges``): the whole new state of each that
    changed. Intervals and not a count, because a late reading may still arrive and takes its number out again."""
    streams: dict[str, StreamNews] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    """Ids of quarantined messages that leave."""
    counters: dict[str, int] = field(default_factory=dict)
    """The whole new value of each counter that changed: received, stored, duplicates, quarantined, ignored …"""
    pending: list[Refused] = field(default_factory=list)
    """Messages kept durably until their stream's clock shift is known (reason ``unsynced``)."""
    settled: list[str] = field(default_factory=list)
    """Ids of pending messages that are done."""

    def __bool__(self) -> bool:
        return any(
            (self.rows, self.ranges, self.given_up, self.streams, self.refused, self.released, self.counters,
             self.pending, self.settled)
        )  # fmt: skip


@dataclass(slots=True)
class Remembered:
    """What a store knows when it is opened: the collector goes on from here."""

    ranges: dict[tuple[str, Series], tuple[Interval, ...]] = field(default_factory=dict)
    given_up: dict[tuple[str, Series], tuple[Interval, ...]] = field(default_factory=dict)
    streams: dict[str, StreamNews] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    pending: list[Refused] = field(default_factory=list)
    quarantined: list[Kept] = field(default_factory=list)
    """What is in quarantine, oldest first, without the payloads."""
    lost: dict[tuple[str, Series], tuple[Interval, ...]] = field(default_factory=dict)
    """Numbers whose readings were stored once and are gone: in no range, and missing until they come again."""


@dataclass(frozen=True, slots=True)
class Track:
    """Readings of one series in time order (then by stream): arrays of equal length.

    ``t`` int64 ns; ``v`` float64, or object (str) for text; ``stream`` small ints naming the unbroken stream a reading
    came from (equal = same stream; ``streams[i]`` is its name); ``seq`` int64, 0 where the device keeps no stream;
    ``flag`` int8.
    """

    t: npt.NDArray[np.int64]
    v: npt.NDArray[Any]
    stream: npt.NDArray[np.int32]
    seq: npt.NDArray[np.int64]
    flag: npt.NDArray[np.int8]
    streams: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.t)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person entered, as JSON; ``at`` is the moment it speaks of, ``made`` when it was entered."""

    id: str
    kind: EntryKind
    at: int
    made: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LineVersion:
    """The text of line.toml as in force from ``since`` on."""

    since: int
    text: str


class Store(Protocol):
    """The verbs every store has."""

    @property
    def id(self) -> str:
        """The store's own id: new for a new file or bucket, kept for its life."""

    def remembered(self) -> Remembered:
        """All the collector must know to go on."""

    def commit(self, work: Work) -> None:
        """Make the work durable, all of it or none. Safe to repeat after a failure. Raises StoreError.

        Raises StoreRefused where the store will never take these readings; the collector then halves the work until
        the refused reading is found, and puts it in quarantine. A store need not search itself.
        """

    def numbered(self, stream: str, series: Series, first: int, last: int) -> Mapping[int, tuple[int, Value]]:
        """The stored readings (t, value) of those numbers; quarantined or given up numbers are absent."""

    def at_times(self, series: Series, times: Sequence[int]) -> Mapping[int, Value]:
        """The stored readings without a stream at those times."""

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        """Number and value of the nearest stored reading of a number below ``below``."""

    def times_beside(self, stream: str, series: Series, first: int, last: int) -> tuple[int | None, int | None]:
        """The times of the nearest stored readings of a number below ``first`` and above ``last``, if any."""

    def all_series(self) -> Sequence[Series]:
        """Every series that has readings."""

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        """Readings with start <= t < end (None = open)."""

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``, if any."""

    def after(self, series: Series, t: int) -> Track:
        """Per stream, the first reading with a time at or above ``t``, if any."""

    def heard(self, station: str, start: int, end: int) -> npt.NDArray[np.int64]:
        """When a station was heard in [start, end), ``_agent/alive`` included: sorted (`collector.store.heard`)."""

    def extent(self, station: str) -> tuple[int, int] | None:
        """The first and last time of all readings of a station."""

    def quarantine(self, ids: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Refused]:
        """Quarantined messages, oldest first; all of ``ids``, or the newest ``limit``."""

    def keep_entry(self, entry: Entry) -> None:
        """Add what a person entered, or replace it by its id."""

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """Entries of a kind with start <= at < end, by ``at`` then ``made``."""

    def keep_line(self, version: LineVersion) -> None:
        """Remember a version of the line."""

    def lines(self) -> Sequence[LineVersion]:
        """Every version, oldest first."""

    def status(self) -> Mapping[str, Any]:
        """What `/status` says of the store beside its id: at least ``care``, what had to be put right, newest last."""

    def close(self) -> None:
        """Flush and let go."""


def open_store(
    url: str,
    directory: Path,
    secrets: Mapping[str, str] | None = None,
    *,
    site: str = "",
    line: str = "",
    collector: str = "",
) -> Store:
    """Open the store a url names; ``directory`` is the data directory, ``secrets`` the [store] table of secrets.toml.

    A server's store holds several lines and serves several collectors, so it needs ``site``, ``line`` and the id of the
    ``collector`` that writes; a file's store ignores them. Raises InUse, NotAllowed, MissingExtra, StoreAway or
    StoreError.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "duckdb":
        from collector.store.duck import DuckStore

        return DuckStore(directory / rest)
    from collector.store.influx import InfluxStore

    return InfluxStore(url, dict(secrets or {}), site=site, line=line, collector=collector)
