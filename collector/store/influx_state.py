"""What is known beside the readings, kept in InfluxDB as points of a fixed time: one point is one present state.

Each collector writes its own points (tag ``collector``); what is remembered is the union of all of them: ranges united,
a number given up by one and stored by another is stored, counters added up.
"""

import json
from collections.abc import Iterator, Mapping

from collector.ranges import Ranges
from collector.store import Interval, Remembered, StreamNews, Work
from collector.store.influx_shelf import Ask
from collector.store.influx_text import document, point, series_tags, where, whole
from contract.reading import Series

PRESENT = 0
"""The time of every point that holds a present state, so that a new state replaces the old one."""


class State:
    """Ranges, given up numbers, stream news and counters of one line, as one collector keeps them."""

    def __init__(self, line: Mapping[str, str], collector: str, ask: Ask) -> None:
        self._line = dict(line)
        self._collector = collector
        self._ask = ask
        self._counted_by_others: dict[str, int] | None = None

    def remembered(self) -> tuple[Remembered, bool]:
        """The union of what all collectors know, and whether there are others than this one."""
        ranges, others = self._intervals("kojo_range")
        given_up, _ = self._intervals("kojo_given_up")
        for key in given_up.keys() & ranges.keys():
            for first, last in ranges[key]:
                given_up[key].remove(first, last)
        known = Remembered(_runs(ranges), _runs(given_up), self._streams(), self._counters())
        return known, others

    def lines(self, work: Work) -> list[str]:
        """The points of a work's state, ranges last but for the counters: what they stand for is written before."""
        kept = [self.stream_line(name, news) for name, news in work.streams.items()]
        for measurement, changed in (("kojo_given_up", work.given_up), ("kojo_range", work.ranges)):
            kept += [self._intervals_line(measurement, key, changed[key]) for key in changed]
        return kept + [self._counter_line(name, value) for name, value in work.counters.items()]

    def stream_line(self, stream: str, news: StreamNews) -> str:
        """The point of what is known of a stream; what is not known now is left as it stands."""
        said = {"agent": news.agent, "heard": str(news.heard) if news.heard else None, "shift": news.shift}
        fields = {key: str(value) for key, value in said.items() if value is not None} or {"heard": "0"}
        return point("kojo_stream", {**self._line, "collector": self._collector, "stream": stream}, fields, PRESENT)

    def _intervals_line(self, measurement: str, key: tuple[str, Series], intervals: tuple[Interval, ...]) -> str:
        tags = {**self._line, "collector": self._collector, "stream": key[0], **series_tags(key[1])}
        return point(measurement, tags, document(json.dumps(intervals, separators=(",", ":"))), PRESENT)

    def _counter_line(self, name: str, value: int) -> str:
        if self._counted_by_others is None:
            self._counters()
        own = value - (self._counted_by_others or {}).get(name, 0)
        return point("kojo_counter", {**self._line, "collector": self._collector, "counter": name}, {"v": own}, PRESENT)

    def _intervals(self, measurement: str) -> tuple[dict[tuple[str, Series], Ranges], bool]:
        found: dict[tuple[str, Series], Ranges] = {}
        others = False
        for row in self._rows(measurement):
            key = row["stream"], Series(row["station"], row["sensor"], row["measure"])
            united = found.setdefault(key, Ranges())
            for first, last in json.loads(whole(row)):
                united.add(first, last)
            others = others or row["collector"] != self._collector
        return found, others

    def _streams(self) -> dict[str, StreamNews]:
        known: dict[str, StreamNews] = {}
        rows = list(self._rows("kojo_stream"))
        own_first = sorted(rows, key=lambda row: (row["collector"] != self._collector, row["collector"]))
        for row in own_first:
            news, shift = known.get(row["stream"], StreamNews()), row.get("shift")
            known[row["stream"]] = StreamNews(
                agent=news.agent or row.get("agent") or None,
                heard=max(news.heard, int(row.get("heard") or 0)),
                shift=news.shift if news.shift is not None or shift is None else int(shift),
            )
        return known

    def _counters(self) -> dict[str, int]:
        """The sums over all collectors; what the others counted is remembered, to be taken off again when written."""
        own: dict[str, int] = {}
        others: dict[str, int] = {}
        for row in self._rows("kojo_counter"):
            counted = own if row["collector"] == self._collector else others
            counted[row["counter"]] = counted.get(row["counter"], 0) + int(row["v"])
        self._counted_by_others = others
        return {name: own.get(name, 0) + others.get(name, 0) for name in own.keys() | others.keys()}

    def _rows(self, measurement: str) -> Iterator[dict[str, str]]:
        for table in self._ask(f"SELECT * FROM {measurement} {where(self._line)}", rows_at_once=1000):
            yield from table.rows()


def _runs(found: Mapping[tuple[str, Series], Ranges]) -> dict[tuple[str, Series], tuple[Interval, ...]]:
    return {key: numbers.runs for key, numbers in found.items()}
