"""Readings that are durable, passed on to whoever listens: the pages that are open."""

from collections.abc import Callable, Iterator, Sequence

from collector.store import Rows
from kpi.desk import Live

LIVE_AT_MOST = 50
"""A backlog that arrives is not shown reading by reading."""


class LiveReadings:
    """Passes readings on as they are stored, to whoever listens."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Sequence[Live]], None]] = []

    def listen(self, listener: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        """Tell ``listener`` from now on; gives what calls it off."""
        self._listeners = [*self._listeners, listener]
        return lambda: self._forget(listener)

    def _forget(self, listener: Callable[[Sequence[Live]], None]) -> None:
        self._listeners = [other for other in self._listeners if other is not listener]

    def forget_everybody(self) -> None:
        """Tell nobody any more: those who listened ask of a store that is closed."""
        self._listeners = []

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def stored(self, rows: Sequence[Rows]) -> None:
        """These rows are durable."""
        if self.is_heard:
            self.tell([live for row in rows for live in _told(row)])

    def tell(self, news: Sequence[Live]) -> None:
        """Readings that are durable, to everybody who listens."""
        for listener in self._listeners:
            listener(news)


def _told(row: Rows) -> Iterator[Live]:
    """The first reading of a row (from there on what is remembered is old) and the newest of the others."""
    series = row.series
    head = {"station": series.station, "sensor": series.sensor, "measure": series.measure, "stored": True}
    places = range(len(row.t))
    for i in (*places[:1], *places[max(1, len(places) - LIVE_AT_MOST) :]):
        yield {**head, "t": row.t[i], "v": row.v[i]}
