"""What is known beside the readings, kept in InfluxDB as points of a fixed time: one point is one present state.

Each collector writes its own points (tag ``collector``); what is remembered is the union of all of them: ranges united,
a number given up by one and stored by another is stored, counters added up.

Numbers say under which id of the store they were written (field ``id``). When readings are gone the store takes a new
id, and numbers of an older one count no more: a collector that has not heard of it yet cannot bring them back.
"""

import json
from collections.abc import Collection, Iterator, Mapping

from collector.ranges import Ranges
from collector.store import Interval, Remembered, StreamNews, Work
from collector.store.influx_shelf import Ask
from collector.store.influx_text import document, literal, name, point, series_tags, where, whole
from collector.store.shared import Others
from contract.reading import Series

_Runs = dict[tuple[str, Series], tuple[Interval, ...]]

PRESENT = 0
"""The time of every point that holds a present state, so that a new state replaces the old one."""


class State:
    """Ranges, given up numbers, stream news and counters of one line, as one collector keeps them."""

    def __init__(self, line: Mapping[str, str], collector: str, ask: Ask) -> None:
        self._line = dict(line)
        self._collector = collector
        self._ask = ask
        self._counted_by_others: dict[str, int] | None = None
        self._others_ids: set[str] = set()
        self.id = ""
        self.renewed = False
        """The id is not the store's first: numbers that name none are older."""

    def remembered(self) -> tuple[Remembered, bool]:
        """The union of what all collectors know, and whether there are others than this one."""
        ranges, others = self._intervals("kojo_range")
        given_up, _ = self._intervals("kojo_given_up")
        streams = united(self._collector, list(self._rows("kojo_stream")))
        lost, _ = self._intervals("kojo_lost")
        for key in lost:
            for run in (*ranges.get(key, ()), *given_up.get(key, ())):
                lost[key].remove(*run)
        known = Remembered(*_still_missing(ranges, given_up), streams, self._counters())
        known.lost = {key: numbers.runs for key, numbers in lost.items() if numbers}
        return known, others

    def numbers(self, any_id: bool) -> Remembered:
        """The ranges, given up and lost numbers of all collectors; ``any_id``: of whichever id of the store."""
        ranges, given_up, lost = (
            self._intervals(name, any_id=any_id)[0] for name in ("kojo_range", "kojo_given_up", "kojo_lost")
        )
        streams = united(self._collector, list(self._rows("kojo_stream")))
        return Remembered(*_still_missing(ranges, given_up), streams, lost=_runs(lost))

    def absent(self) -> _Runs:
        """Numbers in ranges that have no reading on purpose: a person let their message go."""
        return _runs(self._intervals("kojo_absent", any_id=True)[0])

    def anew(self, known: Remembered, absent: _Runs) -> list[str]:
        """The points of all numbers and streams, as they stand under the present id."""
        kept = [self.stream_line(stream, news) for stream, news in known.streams.items()]
        kinds = {"kojo_absent": absent, "kojo_lost": known.lost, "kojo_given_up": known.given_up}
        for measurement, numbers in (*kinds.items(), ("kojo_range", known.ranges)):
            kept += [self._intervals_line(measurement, key, runs) for key, runs in numbers.items()]
        return kept + self.counter_lines(known.counters)

    def counter_lines(self, counters: Mapping[str, int]) -> list[str]:
        """The points of our share of what was counted in all."""
        return [self._counter_line(counter, value) for counter, value in counters.items()]

    def absent_lines(self, new: _Runs) -> list[str]:
        """The points of numbers that from now on have no reading on purpose, beside those that had none before."""
        before = self.absent() if new else {}
        joined = {key: Ranges((*before.get(key, ()), *runs)).runs for key, runs in new.items()}
        return [self._intervals_line("kojo_absent", key, runs) for key, runs in joined.items()]

    def others(self) -> Others:
        """What the other collectors have written, numbers aside."""
        before = self._counted_by_others
        self._counters()
        now = self._counted_by_others or {}
        counted = {counter: n - (before or {}).get(counter, 0) for counter, n in now.items()}
        rows = list(self._rows("kojo_stream", self._not_ours))
        return Others(
            frozenset(self._others_ids),
            united("", rows),
            {counter: n for counter, n in counted.items() if n} if before is not None else {},
        )

    def numbers_of_others(self, streams: Collection[str]) -> Remembered:
        """The numbers of some streams that others have written."""
        if not streams:
            return Remembered()
        one_of = " OR ".join(f"{name('stream')} = {literal(stream)}" for stream in sorted(streams))
        asked = self._not_ours, f"({one_of})"
        ranges, _ = self._intervals("kojo_range", *asked)
        given_up, _ = self._intervals("kojo_given_up", *asked)
        return Remembered(*_still_missing(ranges, given_up))

    def shifts_of_others(self, stream: str) -> dict[str, int]:
        """The shifts that others have settled for a stream."""
        rows = self._rows("kojo_stream", self._not_ours, f"{name('stream')} = {literal(stream)}")
        return {row["collector"]: int(row["shift"]) for row in rows if row.get("shift") is not None}

    @property
    def _not_ours(self) -> str:
        return f"{name('collector')} != {literal(self._collector)}"

    def lines(self, work: Work) -> list[str]:
        """The points of a work's state, ranges last but for the counters: what they stand for is written before."""
        kept = [self.stream_line(stream, news) for stream, news in work.streams.items()]
        for measurement, changed in (("kojo_given_up", work.given_up), ("kojo_range", work.ranges)):
            kept += [self._intervals_line(measurement, key, changed[key]) for key in changed]
        return kept + self.counter_lines(work.counters)

    def stream_line(self, stream: str, news: StreamNews) -> str:
        """The point of what is known of a stream; what is not known now is left as it stands."""
        said = {"agent": news.agent, "heard": str(news.heard) if news.heard else None, "shift": news.shift}
        fields = {key: str(value) for key, value in said.items() if value is not None} or {"heard": "0"}
        return point("kojo_stream", {**self._line, "collector": self._collector, "stream": stream}, fields, PRESENT)

    def _intervals_line(self, measurement: str, key: tuple[str, Series], intervals: tuple[Interval, ...]) -> str:
        tags = {**self._line, "collector": self._collector, "stream": key[0], **series_tags(key[1])}
        fields = {"id": self.id, **document(json.dumps(intervals, separators=(",", ":")))}
        return point(measurement, tags, fields, PRESENT)

    def _counter_line(self, counter: str, value: int) -> str:
        if self._counted_by_others is None:
            self._counters()
        own = value - (self._counted_by_others or {}).get(counter, 0)
        return point(
            "kojo_counter", {**self._line, "collector": self._collector, "counter": counter}, {"v": own}, PRESENT
        )

    def _intervals(
        self, measurement: str, *more: str, any_id: bool = False
    ) -> tuple[dict[tuple[str, Series], Ranges], bool]:
        found: dict[tuple[str, Series], Ranges] = {}
        others = False
        for row in self._rows(measurement, *more):
            others = others or row["collector"] != self._collector
            if not any_id and row.get("id") != self.id and (self.renewed or row.get("id")):
                continue
            key = row["stream"], Series(row["station"], row["sensor"], row["measure"])
            numbers = found.setdefault(key, Ranges())
            for first, last in json.loads(whole(row)):
                numbers.add(first, last)
        return found, others

    def _counters(self) -> dict[str, int]:
        """The sums over all collectors; what the others counted is remembered, to be taken off again when written."""
        own: dict[str, int] = {}
        others: dict[str, int] = {}
        for row in self._rows("kojo_counter"):
            counted = own if row["collector"] == self._collector else others
            self._others_ids |= {row["collector"]} - {self._collector}
            counted[row["counter"]] = counted.get(row["counter"], 0) + int(row["v"])
        self._counted_by_others = others
        return {counter: own.get(counter, 0) + others.get(counter, 0) for counter in own.keys() | others.keys()}

    def _rows(self, measurement: str, *more: str) -> Iterator[dict[str, str]]:
        asked = where(self._line, None, None, *more)
        for table in self._ask(f"SELECT * FROM {measurement} {asked}", rows_at_once=1000):
            yield from table.rows()


def united(own: str, rows: list[dict[str, str]]) -> dict[str, StreamNews]:
    """What all collectors know of each stream; what ``own`` says of a stream's agent and shift goes before."""
    known: dict[str, StreamNews] = {}
    for row in sorted(rows, key=lambda row: (row["collector"] != own, row["collector"])):
        news, shift = known.get(row["stream"], StreamNews()), row.get("shift")
        known[row["stream"]] = StreamNews(
            agent=news.agent or row.get("agent") or None,
            heard=max(news.heard, int(row.get("heard") or 0)),
            shift=news.shift if news.shift is not None or shift is None else int(shift),
        )
    return known


def _still_missing(
    ranges: dict[tuple[str, Series], Ranges], given_up: dict[tuple[str, Series], Ranges]
) -> tuple[_Runs, _Runs]:
    """Both as runs; what one gave up and another stored is stored."""
    for key in given_up.keys() & ranges.keys():
        for first, last in ranges[key]:
            given_up[key].remove(first, last)
    return _runs(ranges), _runs(given_up)


def _runs(found: Mapping[tuple[str, Series], Ranges]) -> _Runs:
    return {key: numbers.runs for key, numbers in found.items()}
