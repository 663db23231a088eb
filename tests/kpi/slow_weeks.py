"""The ledger and OEE of weeks again, slow and plain, from exact piece times: section 4 of the contract, span by span.

It shares nothing with `kpi`: times of day come from `floor.shifts`, settings from the line's file. Everything in whole
nanoseconds; a window is cut out at the end. For stations whose shifts follow each other without a gap.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from contract.line import Line
from contract.reading import NS_PER_S
from floor.gaps import settings
from floor.shifts import Roster, Window

LONG_LOSSES = ("failure", "setup", "tool", "startup")
BUCKETS = ("run", "minor_stop", "downtime", "planned_stop", "no_shift", "no_data")


@dataclass
class Story:
    """What was stored of a station from ``start`` to ``end``, which is now. ``zeros``: of a running sensor."""

    line: Line
    station: str
    start: int
    end: int
    pieces: list[int]
    scraps: list[int] = field(default_factory=list)
    modes: list[tuple[int, str]] = field(default_factory=list)
    products: list[tuple[int, str]] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    heard: list[int] | None = None
    zeros: list[Window] | None = None


@dataclass(frozen=True)
class Told:
    """Of one window: seconds by bucket, pieces and OEE."""

    seconds: dict[str, float]
    produced: int
    tests: int
    scrap: int
    oee: float | None


class SlowWeeks:
    """``intervals``: (start, end, bucket) from beginning to end, in order."""

    def __init__(self, story: Story) -> None:
        self.story = story
        looks = list(Roster(story.line, story.line.stations[story.station]).looks(story.start, story.end))
        self._planned = _Spans((max(x.since_ns, story.start), min(x.until_ns, story.end)) for x in looks if x.at_work)
        self._shift = _Spans((x.since_ns, x.until_ns) for x in looks if x.kind != "no_shift")
        self._silent = _Spans(self._silences())
        self._away = _Spans(self._outside_production())
        self.stops = list(self._classed(sorted(self._standing())))
        self.intervals = list(self._swept())

    def between(self, start: int, end: int) -> Told:
        """The window [start, end)."""
        seconds = dict.fromkeys(BUCKETS, 0)
        for a, b, bucket in self.intervals:
            seconds[bucket] += max(0, min(b, end) - max(a, start))
        story = self.story
        made = [t for t in story.pieces if start <= t < end]
        good: dict[str, int] = defaultdict(int)
        placed_s: dict[str, float] = defaultdict(float)
        scrap: dict[str, int] = defaultdict(int)
        for t in made:
            if not self._away.holds(t):
                product = self._product(t)
                good[product] += 1
                if self._planned.holds(t):
                    placed_s[product] += settings(story.line, story.station, product, t)[0] or 0.0
        for t in story.scraps:
            if start <= t < end and not self._away.holds(t):
                scrap[self._product(t)] += 1
        busy = (seconds["run"] + seconds["minor_stop"] + seconds["downtime"]) / NS_PER_S
        value = sum(placed_s[p] * (n - scrap[p]) / n for p, n in good.items())
        produced = sum(good.values())
        return Told(
            {name: ns / NS_PER_S for name, ns in seconds.items()},
            produced, len(made) - produced, sum(scrap.values()), value / busy if busy else None,
        )  # fmt: skip

    def _product(self, t: int) -> str:
        at = bisect_right(self.story.products, t, key=lambda said: said[0])
        return self.story.products[at - 1][1] if at else ""

    def _silences(self) -> Iterable[Window]:
        limit = self.story.line.stations[self.story.station].silence_after_s
        if self.story.heard is None or not limit:
            return
        for a, b in pairwise([self.story.start, *sorted(set(self.story.heard)), self.story.end]):
            if b - a > limit * NS_PER_S:
                yield a, b

    def _outside_production(self) -> Iterable[Window]:
        for (since, mode), (until, _) in pairwise([*self.story.modes, (self.story.end, "")]):
            if mode != "production":
                yield since, until

    def _observed(self, start: int, end: int) -> int:
        """Planned nanoseconds in which somebody watched. A silence is cut to planned time piece by piece."""
        silent = sum(self._planned.within(max(start, a), min(end, b)) for a, b in self._silent.near(start, end))
        return self._planned.within(start, end) - silent

    def _standing(self) -> Iterable[tuple[int, int, bool]]:
        """(start, end, mode) of every stop."""
        story = self.story
        made = [t for t in story.pieces if not self._away.holds(t)]
        taken: list[Window] = []
        for a, b in pairwise([story.start, *made, story.end]):
            ended = b != story.end
            product = self._product(b if ended else story.end - 1)
            ideal, stop_after = settings(story.line, story.station, product, min(b, story.end - 1))
            mode = any(True for _ in self._away.near(a, b))
            long = self._observed(a, b) > (stop_after or 0) * NS_PER_S
            if mode or (long and story.zeros is None):
                until = max(a, b - round((ideal or 0.0) * NS_PER_S)) if ended else b
                if until > a:
                    taken.append((a, until))
                    yield a, until, mode
        for a, b in story.zeros or ():
            _, stop_after = settings(story.line, story.station, "", min(b, story.end - 1))
            if self._observed(a, b) > (stop_after or 0) * NS_PER_S:
                here = a
                for c, d in [window for window in taken if window[0] < b and window[1] > a]:
                    if c > here:
                        yield here, c, False
                    here = max(here, d)
                if here < b:
                    yield here, b, False

    def _classed(self, standing: Sequence[tuple[int, int, bool]]) -> Iterable[tuple[int, int, str]]:
        reasons = self.story.line.reasons
        starts = [start for start, _, _ in standing]
        last: dict[int, str] = {}
        for t, reason in sorted(self.story.said):
            at = bisect_right(starts, t) - 1
            if at >= 0:
                last[at] = reason
        longer = self.story.line.stations[self.story.station].downtime_after_s * NS_PER_S
        for number, (start, end, mode) in enumerate(standing):
            why = reasons.get(last.get(number, ""))
            if why is not None and why.planned:
                yield start, end, "planned_stop"
            elif mode or self._observed(start, end) >= longer or (why and why.loss in LONG_LOSSES):
                yield start, end, "downtime"
            else:
                yield start, end, "minor_stop"

    def _swept(self) -> Iterable[tuple[int, int, str]]:
        stops = _Spans((a, b) for a, b, _ in self.stops)
        names = [bucket for _, _, bucket in self.stops]
        edges = {self.story.start, self.story.end}
        for spans in (self._planned, self._shift, self._silent, stops):
            edges.update(t for window in spans.windows for t in window)
        for a, b in pairwise(sorted(t for t in edges if self.story.start <= t <= self.story.end)):
            at = stops.index(a)
            if not self._shift.holds(a):
                yield a, b, "no_shift"
            elif not self._planned.holds(a):
                yield a, b, "planned_stop"
            elif self._silent.holds(a):
                yield a, b, "no_data"
            else:
                yield a, b, names[at] if at is not None else "run"


class _Spans:
    """Windows in order that do not overlap."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self.windows = sorted(window for window in windows if window[1] > window[0])
        self._starts = [a for a, _ in self.windows]
        self._before = [0, *accumulate(b - a for a, b in self.windows)]

    def index(self, t: int) -> int | None:
        at = bisect_right(self._starts, t) - 1
        return at if at >= 0 and t < self.windows[at][1] else None

    def holds(self, t: int) -> bool:
        return self.index(t) is not None

    def near(self, start: int, end: int) -> Iterable[Window]:
        at = max(0, bisect_right(self._starts, start) - 1)
        while at < len(self.windows) and self._starts[at] < end:
            if self.windows[at][1] > start:
                yield self.windows[at]
            at += 1

    def within(self, start: int, end: int) -> int:
        return self._until(end) - self._until(start) if end > start else 0

    def _until(self, t: int) -> int:
        at = bisect_right(self._starts, t)
        return self._before[at] - max(0, self.windows[at - 1][1] - t) if at else 0
