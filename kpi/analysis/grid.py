"""Series on common steps of time, each by its kind.

    a measurement (°C …)   the mean of its readings in the step; without a reading it is missing. Readings that are
                           flagged as out of the sensor's range are none
    a count                how many in the step (a total is differenced as everywhere, see `kpi.pieces`)
    a level                the share of the step in which it was 1

Of a count and a level a step is missing where its station was silent for more than a twentieth of it (the coverage
below which every figure is for reference only), or before its first reading. Long windows are read in parts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from collector.store import Store
from kpi import slices
from kpi.analysis.chosen import Chosen
from kpi.analysis.correlation import Floats
from kpi.figures import LOW_COVERAGE
from kpi.history import History
from kpi.phases import level
from kpi.pieces import Counts, close_ns, from_events, from_totals
from kpi.settings import Settings
from kpi.shelf import Shelf
from kpi.source import with_before, with_state
from kpi.spans import NOTHING, NS, Spans, Times, distinct, times

PART_NS = 8 * 86400 * NS
"""So much of a count or a level is read at once."""

GoOn = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Steps:
    """Half-open stretches of time in order, that do not overlap."""

    start: Times
    end: Times

    def __len__(self) -> int:
        return len(self.start)

    @staticmethod
    def regular(start: int, end: int, every_ns: int) -> "Steps":
        """The whole steps of [start, end)."""
        count = max(0, (end - start) // every_ns)
        edges = start + np.arange(count + 1, dtype=np.int64) * every_ns
        return Steps(edges[:-1], edges[1:])

    def places(self, t: Times) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
        """In which step each moment lies; the number of steps where in none."""
        if not len(self):
            return np.zeros(len(t), np.intp)
        at = np.searchsorted(self.start, t, "right") - 1
        inside = (at >= 0) & (t < self.end[at])
        found: np.ndarray[tuple[int], np.dtype[np.intp]] = np.where(inside, at, len(self))
        return found


@dataclass(frozen=True, slots=True)
class Grid:
    """What the values are read from: a store's own readings (nothing is kept), the line's history, now."""

    store: Store
    history: History
    now: int
    go_on: GoOn
    _known: dict[tuple[str, int, int], Spans] = field(default_factory=dict, compare=False)

    @property
    def shelf(self) -> Shelf:
        """The store as the KPIs read it."""
        return Shelf(self.store, keep=False)

    def values(self, chosen: Chosen, steps: Steps, least: int = 1) -> Floats:
        """One value a step, NaN where it is missing. ``least``: readings a mean needs."""
        if not len(steps):
            return np.zeros(0)
        if chosen.measure.kind == "number":
            return self._means(chosen, steps, least)
        first = self.shelf.first(chosen.series.station)
        if first is None:
            return np.full(len(steps), np.nan)
        found, seen = np.zeros(len(steps)), np.zeros(len(steps))
        measured = self._level if chosen.measure.kind == "level" else self._counted
        for start, end in _parts(max(first, int(steps.start[0])), int(steps.end[-1])):
            self.go_on()
            heard = Spans.one(start, end) - self.silent(chosen, start, end)
            values, known = measured(chosen, steps, start, end, heard)
            found += values
            seen += known.within(steps.start, steps.end)
        length = steps.end - steps.start
        if chosen.measure.kind == "level":
            found = found / np.where(seen > 0, seen, 1.0)
        return np.where(seen >= LOW_COVERAGE * length, found, np.nan)

    def _means(self, chosen: Chosen, steps: Steps, least: int) -> Floats:
        total, count = np.zeros(len(steps) + 1), np.zeros(len(steps) + 1)
        for track in slices.parts(self.store, chosen.series, int(steps.start[0]), int(steps.end[-1])):
            self.go_on()
            good = track.flag == 0
            at = steps.places(track.t[good])
            total += np.bincount(at, track.v[good].astype(np.float64), len(steps) + 1)
            count += np.bincount(at, minlength=len(steps) + 1)
        enough = count >= least
        mean: Floats = np.where(enough, total / np.where(enough, count, 1.0), np.nan)[:-1]
        return mean

    def _counted(self, chosen: Chosen, steps: Steps, start: int, end: int, heard: Spans) -> tuple[Floats, Spans]:
        counts = self.counts(chosen, start, end)
        many = np.bincount(steps.places(counts.t), counts.ends, len(steps) + 1)[:-1]
        return many.astype(np.float64), heard

    def counts(self, chosen: Chosen, start: int, end: int) -> Counts:
        """What was counted in [start, end)."""
        if chosen.measure.kind == "event":
            return from_events(self.shelf.readings(chosen.series, start, end))
        settings = self._settings(chosen)
        margin = int(max(settings.longest_stop_after_s, 60.0) * NS)

        def close(t: Times) -> Times:
            return close_ns(settings.stop_after_s(t, np.zeros(len(t), np.intp)))

        counts = from_totals(with_before(self.shelf, chosen.series, start - margin, end + margin), close)
        return counts.kept((counts.t >= start) & (counts.t < end))

    def _level(self, chosen: Chosen, steps: Steps, start: int, end: int, heard: Spans) -> tuple[Floats, Spans]:
        told = level(with_state(self.shelf, chosen.series, start, end), end)
        ones = told.ones & heard
        return ones.within(steps.start, steps.end).astype(np.float64), (told.ones | told.zeros) & heard

    def silent(self, chosen: Chosen, start: int, end: int) -> Spans:
        """When a station said nothing for longer than its `silence_after_s`, in [start, end)."""
        key = (chosen.series.station, start, end)
        if key not in self._known:
            self._known[key] = self._silent(chosen, start, end)
        return self._known[key]

    def _silent(self, chosen: Chosen, start: int, end: int) -> Spans:
        settings = self._settings(chosen)
        reach = int(settings.longest_silence_s * NS)
        if not reach:
            return NOTHING
        last = min(end + reach, self.now)
        heard = self.shelf.heard(chosen.series.station, start - reach, last)
        points = distinct(np.concatenate((times([start - reach - 1]), heard, times([last]))))
        limit = times(settings.silence_after_s(points[1:]) * NS)
        long = (limit > 0) & (np.diff(points) > limit)
        return Spans.of(points[:-1][long], points[1:][long]).clip(start, end)

    def _settings(self, chosen: Chosen) -> Settings:
        return Settings(self.history, chosen.series.station)


def _parts(here: int, last: int) -> Iterator[tuple[int, int]]:
    while here < last:
        yield here, min(last, here + PART_NS)
        here += PART_NS
