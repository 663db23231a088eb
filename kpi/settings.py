"""What was in force at a station at each moment, for whole arrays of moments at once.

    settings.ideal_s(piece_times, products)       ideal cycle of one piece; NaN where there is none

A product's ideal wins over the station's; `since` dates (from the start of their business day) win over versions.
"""

from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from contract.line import Role, RoleKind, Sensor, Station
from kpi.history import History
from kpi.spans import NS, Spans, Times, times
from kpi.times import business_day, day_start

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
NO_PRODUCT = 0
_EARLIEST = -(2**62)


class Settings:
    """The settings of one station along time. ``products[i]`` names product number i; number 0 is no product."""

    def __init__(self, history: History, station: str) -> None:
        self.history = history
        self.station = station
        self.products = (None, *history.products())
        self._number = {p: i for i, p in enumerate(self.products)}
        self._spoken = {
            said.strip().casefold(): i
            for i, p in enumerate(self.products)
            if p
            for _, line in history.versions
            if p in line.products
            for said in (p, line.products[p].name, *line.products[p].codes)
        }
        self.since: Times
        self.stations: tuple[Station, ...]
        self.since, self.stations, versions = _segments(history, station)
        shape = (len(self.stations), len(self.products))
        self._ideal, self._stop_after = np.full(shape, np.nan), np.full(shape, np.nan)
        self._each = np.ones(shape, np.int64)
        zone, starts = history.newest.zone, history.newest.day_starts
        for row, (here, version) in enumerate(zip(self.stations, versions, strict=True)):
            day = business_day(max(int(self.since[row]), 0), zone, starts)
            for column, product in enumerate(self.products):
                own = history.product(version, product, station) if product else None
                own = own.on(day) if own else None
                ideal = own.ideal_cycle_s if own and own.ideal_cycle_s else here.ideal_cycle_s
                each = own.pieces_per_count if own and own.pieces_per_count else here.pieces_per_count
                self._each[row, column] = each
                self._ideal[row, column] = ideal if ideal else np.nan
                written = here.stop_after_is_written and here.stop_after_s is not None
                self._stop_after[row, column] = (
                    here.stop_after_s if written else (2 * ideal * each if ideal else np.nan)
                )
        self._count_ns = to_ns(self._ideal * self._each)
        self._limit_ns = times(np.where(np.isnan(self._stop_after), -1, to_ns(self._stop_after)))
        self._downtime_after = np.array([s.downtime_after_s for s in self.stations])
        self._silence_after = np.array([s.silence_after_s for s in self.stations])
        self._scrap_counted = np.array([s.scrap_is_counted for s in self.stations])

    def row(self, t: Times) -> Indexes:
        """Which settings hold at each moment."""
        if len(self.since) == 1:
            return np.zeros(len(t), np.intp)
        found: Indexes = np.maximum(np.searchsorted(self.since, t, "right") - 1, 0)
        return found

    def with_ideals_of(self, t: int) -> "Settings":
        """The same, but for all time with the ideals in force at a moment, and the limits that follow from them."""
        fixed = copy(self)
        row = int(self.row(times([t]))[0])
        fixed._ideal = np.repeat(self._ideal[row : row + 1], len(self.stations), axis=0)
        written = [here.stop_after_is_written and here.stop_after_s is not None for here in self.stations]
        fixed._stop_after = np.where(np.array(written)[:, None], self._stop_after, 2 * fixed._ideal * self._each)
        fixed._count_ns = to_ns(fixed._ideal * fixed._each)
        fixed._limit_ns = times(np.where(np.isnan(fixed._stop_after), -1, to_ns(fixed._stop_after)))
        return fixed

    def at(self, t: int) -> Station:
        """The station's settings at a moment."""
        return self.stations[int(self.row(times([t]))[0])]

    def ideal_s(self, t: Times, product: Indexes) -> Floats:
        """Ideal seconds of one piece; NaN where there is none."""
        return self._in_force(self._ideal, t, product)

    def _in_force(self, table: npt.NDArray[Any], t: Times, product: Indexes) -> npt.NDArray[Any]:
        """Of a table by settings and product, what holds at each moment."""
        if table.size == 1:
            return np.full(len(t), table[0, 0])
        found: npt.NDArray[Any] = table[self.row(t), product]
        return found

    def each(self, t: Times, product: Indexes) -> Times:
        """Pieces per count."""
        return self._in_force(self._each, t, product)

    def stop_after_s(self, t: Times, product: Indexes) -> Floats:
        """The longest gap between counts that is no stop; NaN where none can be told."""
        return self._in_force(self._stop_after, t, product)

    def count_ns(self, t: Times, product: Indexes) -> Times:
        """Ideal time of one count; 0 where there is none."""
        return self._in_force(self._count_ns, t, product)

    def limit_ns(self, t: Times, product: Indexes) -> Times:
        """The longest gap between counts that is no stop; -1 where none can be told."""
        return self._in_force(self._limit_ns, t, product)

    def downtime_after_s(self, t: Times) -> Floats:
        """How long a stop is a long stop."""
        found: Floats = self._downtime_after[self.row(t)]
        return found

    def silence_after_s(self, t: Times) -> Floats:
        """How long silence is no data; 0 = never."""
        found: Floats = self._silence_after[self.row(t)]
        return found

    def scrap_is_counted(self, t: Times) -> npt.NDArray[np.bool_]:
        """Whether a bad piece also passes the cycle sensor."""
        found: npt.NDArray[np.bool_] = self._scrap_counted[self.row(t)]
        return found

    @property
    def always_one(self) -> bool:
        """Whether nothing but one piece a count of one product was ever made."""
        return len(self.products) == 1 and bool((self._each == 1).all())

    @property
    def longest_silence_s(self) -> float:
        """The longest silence that any settings allow."""
        return float(self._silence_after.max())

    @property
    def shortest_silence_s(self) -> float:
        """The shortest silence that any settings judge; 0 where none do."""
        judged = self._silence_after[self._silence_after > 0]
        return float(judged.min()) if len(judged) else 0.0

    @property
    def longest_stop_after_s(self) -> float:
        """The longest gap that any settings allow; 0 where none is told."""
        known = self._stop_after[~np.isnan(self._stop_after)]
        return float(known.max()) if len(known) else 0.0

    def product_number(self, said: str) -> int:
        """The number of the product that a barcode, card or button names; NO_PRODUCT if nobody knows it."""
        return self._spoken.get(said.strip().casefold(), NO_PRODUCT)

    def ideal_since(self, t: int, product: int) -> tuple[float | None, date | None]:
        """The ideal in force at a moment, and the business day since which it is so (None: from the beginning)."""
        row = int(self.row(times([t]))[0])
        ideal = float(self._ideal[row, product])
        while row and (
            self._ideal[row - 1, product] == ideal or (np.isnan(ideal) and np.isnan(self._ideal[row - 1, product]))
        ):
            row -= 1
        newest = self.history.newest
        since = business_day(int(self.since[row]), newest.zone, newest.day_starts) if row else None
        return (None if np.isnan(ideal) else ideal), since

    def with_role(self, kind: RoleKind) -> list[tuple[Sensor, Role, Spans]]:
        """Every sensor that ever had a role of that kind, and when it had it."""
        found: dict[tuple[str, str, Role], tuple[Sensor, list[tuple[int, int]]]] = {}
        for _, since, until, line in self.history.periods():
            if self.station in line.stations:
                for sensor in line.stations[self.station].with_role(kind):
                    measure = sensor.role_measure
                    if sensor.role is not None and measure is not None:
                        key = (sensor.id, measure.key, sensor.role)
                        found.setdefault(key, (sensor, []))[1].append((since, until))
        return [(sensor, key[2], Spans.pairs(when)) for key, (sensor, when) in found.items()]


def _segments(history: History, station: str) -> tuple[Times, tuple[Station, ...], list[int]]:
    """The moments at which settings change, what holds from each, and of which version it is."""
    newest = history.newest
    dates = [day_start(day, newest.zone, newest.day_starts) for day in history.changes(station)]
    since: list[int] = []
    stations: list[Station] = []
    versions: list[int] = []
    for index, begins, ends, _ in history.periods():
        known = history.station(index, station)
        for moment in sorted({begins, *(d for d in dates if begins < d < ends)}):
            day = business_day(max(moment, 0), newest.zone, newest.day_starts)
            since.append(moment)
            stations.append(known.on(day))
            versions.append(index)
    return times(since), tuple(stations), versions


def to_ns(seconds: Floats) -> Times:
    """Seconds as whole ns; NaN as 0."""
    return times(np.rint(np.nan_to_num(seconds) * NS))


def names(sensors: Sequence[tuple[Sensor, Role, Spans]]) -> list[str]:
    """The ids of sensors, once each."""
    return list(dict.fromkeys(sensor.id for sensor, _, _ in sensors))
