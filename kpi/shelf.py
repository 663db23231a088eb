"""A store as the KPIs read it. (Keeping what was read of the running day is added below the same verbs.)"""

from collections.abc import Sequence

from collector.store import Entry, EntryKind, Store, Track
from contract.reading import Series
from kpi.spans import Times


class Shelf:
    """The reading verbs of a store."""

    def __init__(self, store: Store, *, keep: bool = True) -> None:
        self._store = store
        self._keep = keep

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        """Readings with start <= t < end."""
        return self._store.readings(series, start, end)

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``."""
        return self._store.before(series, t)

    def heard(self, station: str, start: int, end: int) -> Times:
        """The times of all readings of a station in [start, end)."""
        return self._store.heard(station, start, end)

    def extent(self, station: str) -> tuple[int, int] | None:
        """The first and last time of all readings of a station."""
        return self._store.extent(station)

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """What people entered, of the time [start, end)."""
        return self._store.entries(kind, start, end)
