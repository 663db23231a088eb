"""One day of a factory's floor, as planned: which improvement is in, which trap is laid, how long it is worked.

    day = Day("washing", date(2026, 10, 5), seed=1, side="after", improvement="auto-wash", trap="counts-twice")
    floor = day.floor(line, benches, clock)

Same line, same day, same floor. A day is a life of its own: nothing but the wear that is laid on it lasts over night.
"""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from contract.errors import NotThere
from contract.line import Line, Shift, Span
from contract.line import load as load_line
from contract.reading import NS_PER_S
from contract.words import Words
from curriculum.factories.book import Factory, Laid, Side, load
from edge.clock import Clock
from edge.sensors import catalogue
from floor.circumstances import BLOCKED, ELSEWHERE, Kept, Noted, Slower, Spoils
from floor.fitting import fitting
from floor.hall import NOTHING, Hand, Power
from floor.models import Placed
from floor.shop import Shop
from floor.traps import CountsTwice, NoData, Trap

MINUTE_NS = 60 * NS_PER_S
AFTER_WORK_NS = 10 * MINUTE_NS
LUNCH = timedelta(minutes=30)
"""A break of so long is the one to eat in."""


@dataclass(frozen=True, slots=True)
class Day:
    """A business day of a factory. ``number``: the how-manieth of its side, from 0."""

    factory: str
    date: date
    seed: int
    side: Side
    improvement: str | None = None
    trap: str | None = None
    number: int = 0

    @property
    def book(self) -> Factory:
        """What the factory's file says."""
        return load(self.factory)

    def laid(self) -> Iterator[Laid]:
        """Everything that is different on this day."""
        if self.improvement is not None:
            yield from self.book.improvement(self.improvement).laid
        if self.trap is not None:
            yield from (one for one in self.book.trap(self.trap).laid if self.side in one.sides)

    def span(self, line: Line) -> tuple[int, int]:
        """From the beginning of the business day until everybody has gone home (ns)."""
        start = _ns(datetime.combine(self.date, line.day_starts, line.zone))
        ends = [_at(line, self.date, shift.hours.end) for shift in self._worked(line).shifts]
        return start, max(ends) + AFTER_WORK_NS

    def floor(
        self,
        line: Line,
        benches: Mapping[str, Hand],
        clock: Clock,
        parts: Mapping[str, Placed] = NOTHING,
        power: Power | None = None,
        *,
        bounded: bool = False,
    ) -> Shop:
        """The floor of this day, not yet started. Raises NotThere where nothing of it fits the line."""
        start, end = self.span(line)
        mix = dict(self.book.mix)
        for one in self.laid():
            mix |= one.mix
        return fitting(line)(
            self._worked(line), benches, clock, self.seed * 1_000_003 + self.date.toordinal(), start,
            improved=any(one.kind == "improved" for one in self.laid()), power=power, bounded=bounded,
            traps=[trap for one in self.laid() for trap in self._traps(one, start, end)], parts=parts, mix=mix,
        )  # fmt: skip

    def _worked(self, line: Line) -> Line:
        """What is really made, how fast and at which hours, whatever a team's line.toml says."""
        own = line_of(self.factory)
        ideals = {id: own.stations[id].ideal_cycle_s for id in line.stations if id in own.stations}
        stations = {
            id: replace(station, ideal_cycle_s=ideals.get(id, station.ideal_cycle_s))
            for id, station in line.stations.items()
        }
        line = replace(line, stations=stations, products=own.products)
        for one in self.laid():
            if one.kind == "hours":
                end = (datetime.min + timedelta(hours=one.numbers["until_h"])).time()
                shifts = tuple(_through_lunch(shift, end) for shift in line.shifts)
                stations = {id: replace(station, breaks=None) for id, station in line.stations.items()}
                return replace(line, shifts=shifts, stations=stations)
        return line

    def _traps(self, one: Laid, start: int, end: int) -> Iterator[Trap]:
        number = one.numbers
        since = start + int(number.get("from_min", 0) * MINUTE_NS)
        until = start + int(number["to_min"] * MINUTE_NS) if "to_min" in number else end
        if self.number % int(number.get("each_days", 1)):
            return
        if one.kind == "worn":
            yield CountsTwice(one.station, one.sensor, since, until, number["share"])
        elif one.kind == "slower":
            yield Slower(one.station, number["pace"], since, until)
        elif one.kind == "spoils":
            yield Spoils(one.station, number["share"], since, until)
        elif one.kind in ("elsewhere", "blocked"):
            cause = ELSEWHERE if one.kind == "elsewhere" else BLOCKED
            yield Kept(one.station, cause, number["every_s"], number["median_s"], since, until)
        elif one.kind == "no_data":
            yield NoData(one.station, since, until)
        elif one.kind in ("mix", "hours"):
            yield Noted("other_lots" if one.kind == "mix" else "other_hours", one.station, since, until)


@cache
def line_of(factory: str) -> Line:
    """The line that a factory really is."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "line.toml"
        file.write_text(load(factory).line_text, "utf-8")
        return load_line(file, catalogue())


def _through_lunch(shift: Shift, end: time) -> Shift:
    return replace(shift, hours=replace(shift.hours, end=end), breaks=tuple(b for b in shift.breaks if not _eats(b)))


def _eats(span: Span) -> bool:
    first, last = (timedelta(hours=t.hour, minutes=t.minute) for t in (span.start, span.end))
    return last - first >= LUNCH


def _at(line: Line, day: date, at: time) -> int:
    return _ns(datetime.combine(day if at > line.day_starts else day + timedelta(days=1), at, line.zone))


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * NS_PER_S


def working_days(line: Line, first: date, count: int) -> list[date]:
    """So many days from ``first`` on that the line works by its weekly shifts."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    if not any(shift.days for shift in line.shifts):
        raise NotThere(
            Words("line.toml に勤務([[shifts]])がありません。", "This line.toml has no [[shifts]]."),
            Words("働く曜日と時刻を書いてください。", "Write down when the line works."),
        )
    found: list[date] = []
    day = first
    while len(found) < count:
        if any(names[day.weekday()] in shift.days for shift in line.shifts):
            found.append(day)
        day += timedelta(days=1)
    return found
