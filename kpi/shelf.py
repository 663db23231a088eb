"""A store as the KPIs read it, with what was read of the running day kept at hand.

The wall asks for the same shift again at every piece. So what was read of the last days stays in memory, and when the
collector tells of stored readings (:meth:`Shelf.heard_of`) only what is as new as they are is read again. Late readings
are told like any other: what they touch is read again. What nobody told of is found after :data:`TRUSTED_S`.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from collector.store import Entry, EntryKind, Store, Track
from collector.store.heard import thinned
from contract.reading import Series
from kpi.source import cut, joined
from kpi.spans import NS, Times

TRUSTED_S = 60.0
"""So long what is kept is believed without reading it again."""

GLANCE_S = 2.0
"""So long what people entered, and where a station's readings begin, is believed."""

KEPT_DAYS = 3
MOST_KEPT = 400
FAR = 2**62
EVERYTHING = -FAR


@dataclass(slots=True)
class _Kept:
    """All readings from ``since`` on, as read; from ``stale`` on they must be read again (None: nothing)."""

    since: int
    track: Track
    read_at: float
    stale: int | None = None
    before: dict[int, tuple[float, Track]] = field(default_factory=dict)


@dataclass(slots=True)
class _Heard:
    since: int
    t: Times
    read_at: float
    stale: int | None = None


class Shelf:
    """The reading verbs of a store. Without ``keep`` each question goes to the store.

    ``now_ns`` decides what is of these days; ``monotonic_s`` how old what is kept is.
    """

    def __init__(
        self,
        store: Store,
        *,
        keep: bool = True,
        now_ns: Callable[[], int] = time.time_ns,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._keep = keep
        self._now_ns = now_ns
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._tracks: OrderedDict[Series, _Kept] = OrderedDict()
        self._heard: dict[str, _Heard] = {}
        self._glances: dict[tuple[Any, ...], tuple[float, Any]] = {}

    def heard_of(self, readings: Iterable[Mapping[str, Any]]) -> None:
        """The collector stored these: what is kept of their series is stale from their times on."""
        oldest: dict[Series, int] = {}
        for reading in readings:
            if reading.get("stored", True):
                series = Series(str(reading["station"]), str(reading["sensor"]), str(reading["measure"]))
                t = reading.get("t")
                oldest[series] = min(oldest.get(series, FAR), t if isinstance(t, int) else EVERYTHING)
        with self._lock:
            for series, t in oldest.items():
                self._mark(series, t)

    def _mark(self, series: Series, t: int) -> None:
        kept = self._tracks.get(series)
        if kept is not None:
            kept.stale = t if kept.stale is None else min(kept.stale, t)
            kept.before = {at: found for at, found in kept.before.items() if at <= t}
        heard = self._heard.get(series.station)
        if heard is not None:
            heard.stale = t if heard.stale is None else min(heard.stale, t)
        first = self._glances.get(("first", series.station))
        if first is not None and (first[1] is None or t < first[1]):
            del self._glances["first", series.station]

    def forget(self) -> None:
        """Something of any time was stored, as by a replay: read everything again."""
        with self._lock:
            self._tracks.clear()
            self._heard.clear()
            self._glances.clear()

    def entered(self) -> None:
        """Somebody entered something: it counts at once."""
        with self._lock:
            self._glances.clear()

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        """Readings with start <= t < end."""
        if not self._of_these_days(start):
            return self._store.readings(series, start, end)
        assert start is not None
        with self._lock:
            return cut(self._fresh(series, start).track, start, FAR if end is None else end)

    def _fresh(self, series: Series, start: int) -> _Kept:
        """What is kept of a series, read up to now, from ``start`` at the latest."""
        now = self._monotonic_s()
        kept = self._tracks.get(series)
        if kept is None or start < kept.since or now - kept.read_at > TRUSTED_S or self._is_long(kept, start):
            kept = self._tracks[series] = _Kept(start, self._store.readings(series, start, None), now)
            if len(self._tracks) > MOST_KEPT:
                self._tracks.popitem(last=False)
        elif kept.stale is not None:
            stale, kept.stale = max(kept.stale, kept.since), None
            newer = self._store.readings(series, stale, None)
            kept.track = joined(cut(kept.track, kept.since, stale), newer)
        self._tracks.move_to_end(series)
        return kept

    def _is_long(self, kept: _Kept, start: int) -> bool:
        return start - kept.since > KEPT_DAYS * 86400 * NS

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``."""
        if not self._of_these_days(t):
            return self._store.before(series, t)
        with self._lock:
            kept = self._tracks.get(series)
            now = self._monotonic_s()
            if kept is not None and t in kept.before and now - kept.before[t][0] <= TRUSTED_S:
                return kept.before[t][1]
            found = self._store.before(series, t)
            if kept is not None:
                if len(kept.before) > 8:
                    kept.before.clear()
                kept.before[t] = (now, found)
            return found

    def heard(self, station: str, start: int, end: int) -> Times:
        """When a station was heard in [start, end)."""
        if not self._of_these_days(start):
            return self._store.heard(station, start, end)
        with self._lock:
            now = self._monotonic_s()
            kept = self._heard.get(station)
            if kept is None or start < kept.since or now - kept.read_at > TRUSTED_S:
                kept = self._heard[station] = _Heard(start, self._store.heard(station, start, FAR), now)
            elif kept.stale is not None:
                stale, kept.stale = max(kept.stale, kept.since), None
                older = kept.t[: int(np.searchsorted(kept.t, stale))]
                kept.t = thinned(np.concatenate((older, self._store.heard(station, stale, FAR))))
            a, b = (int(i) for i in np.searchsorted(kept.t, [start, end]))
            return kept.t[a:b]

    def first(self, station: str) -> int | None:
        """The time of a station's first reading, or None."""

        def ask() -> int | None:
            extent = self._store.extent(station)
            return None if extent is None else extent[0]

        found: int | None = self._glance(("first", station), ask)
        return found

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """What people entered, of the time [start, end)."""
        listed: Sequence[Entry] = self._glance(("entries", kind), lambda: self._store.entries(kind))
        low, high = EVERYTHING if start is None else start, FAR if end is None else end
        return [entry for entry in listed if low <= entry.at < high]

    def _glance(self, key: tuple[Any, ...], ask: Callable[[], Any]) -> Any:
        now = self._monotonic_s()
        with self._lock:
            known = self._glances.get(key)
        if self._keep and known is not None and now - known[0] <= GLANCE_S:
            return known[1]
        found = ask()
        with self._lock:
            self._glances[key] = (now, found)
        return found

    def _of_these_days(self, start: int | None) -> bool:
        return self._keep and start is not None and self._now_ns() - start < KEPT_DAYS * 86400 * NS
