"""Days of a factory as a perfect agent would have heard them: the floor's own wires, without agent, outbox and ingest.

Some thirty times as fast as `curriculum.factories.life`, which goes through all of them; `test_factory_days` holds the
two together. Contacts bounce and wear on the wires; a Pi without power hears nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from contract.line import Line, Sensor
from contract.reading import NS_PER_S
from curriculum.factories.book import Factory
from curriculum.factories.book import load as load_book
from curriculum.factories.day import Day, line_of, working_days
from edge.bench_clock import HandClock
from floor.records import Press
from floor.shop import Shop
from kpi.answers import Answers
from kpi.desk import Desk
from kpi.evaluation.answer import evaluation
from kpi.evaluation.asking import By, Question, Windows
from kpi.evaluation.paths import figure
from kpi.tokens import Role
from tests.kpi.desks import FakeIngest
from tests.kpi.memory_store import MemoryStore

FIRST = date(2025, 6, 2)
"""A Monday."""
ALIVE_NS = 30 * NS_PER_S
STEADY_NS = 20_000_000
"""What is shorter is a bounce or a spike."""

Row = tuple[int, Any]


@dataclass
class Ear:
    """A bench that only listens."""

    clock: HandClock
    wires: dict[int, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))
    deaf: list[list[int]] = field(default_factory=list)

    def drive(self, pin: int, level: bool) -> None:
        self.wires[pin].append((self.clock.time_ns(), level))

    def type(self, port: str, data: bytes) -> None:
        """Weights and codes: codes are told by the truth."""

    def hears(self, t: int) -> bool:
        return not any(a <= t < b for a, b in self.deaf)

    def closed(self, sensor: Sensor) -> list[tuple[int, int]]:
        """When the contact was closed, steadily."""
        high = sensor.settings.get("active", "low") == "high"
        found: list[tuple[int, int]] = []
        since: int | None = None
        for t, level in self.wires[sensor.settings["pin"]]:
            closed = level == high
            if closed and since is None:
                since = t
                if found and t - found[-1][1] < STEADY_NS:
                    since = found.pop()[0]
            elif not closed and since is not None:
                found.append((since, t))
                since = None
        return [(a, b) for a, b in found if b - a >= STEADY_NS]


@dataclass(frozen=True)
class Heard:
    """What one day said, by series, and its floor's truth."""

    day: Day
    rows: Mapping[str, Sequence[Row]]


@cache
def heard(day: Day) -> Heard:
    """Live through it."""
    line = line_of(day.factory)
    start, end = day.span(line)
    clock = HandClock(start)
    ears = {agent: Ear(clock) for agent in line.agents}

    def power(agent: str, on: bool, with_pi: bool) -> None:
        if with_pi and not on:
            ears[agent].deaf.append([clock.time_ns(), end])
        elif with_pi:
            ears[agent].deaf[-1][1] = clock.time_ns()

    floor = day.floor(line, ears, clock, power=power)
    floor.start()
    clock.turn_to(end)
    floor.stop()
    return Heard(day, dict(_rows(line, ears, floor, start, end)))


def _rows(line: Line, ears: Mapping[str, Ear], floor: Shop, start: int, end: int) -> Iterator[tuple[str, list[Row]]]:
    for station in line.stations.values():
        ear = ears[station.agent or ""]
        yield f"{station.id}/_agent/alive", [(t, 1.0) for t in range(start, end, ALIVE_NS) if ear.hears(t)]
        for sensor in station.sensors.values():
            kind = sensor.role.kind if sensor.role else None
            name = f"{station.id}/{sensor.id}"
            if kind in ("cycle", "scrap"):
                times = [a for a, _ in ear.closed(sensor) if ear.hears(a)]
                yield f"{name}/count", [(t, n) for n, t in enumerate(times, 1)]
            elif kind == "phase":
                edges = [(start, 0)] + [row for a, b in ear.closed(sensor) for row in ((a, 1), (b, 0))]
                yield f"{name}/state", [row for row in edges if ear.hears(row[0])]
            elif kind == "running":
                stood = floor.truth.periods(station.id, kinds=("stop", "wait", "break", "planned_stop", "no_shift"))
                turns = {start: 1} | {p.end_ns or end: 1 for p in stood} | {p.start_ns: 0 for p in stood}
                yield f"{name}/{next(m.key for m in sensor.measures if m.kind == 'level')}", sorted(turns.items())
        yield from _said(line, station.id, floor)


def _said(line: Line, station: str, floor: Shop) -> Iterator[tuple[str, list[Row]]]:
    said: dict[str, list[Row]] = defaultdict(list)
    for press in floor.truth.of(Press, station):
        if press.role not in ("scrap", "rework"):
            measure = next(m.key for m in line.stations[station].sensors[press.sensor].measures if m.kind == "text")
            said[f"{station}/{press.sensor}/{measure}"].append((press.at_ns, press.says))
    yield from said.items()


@dataclass(frozen=True)
class Asked:
    """A team's question about a factory: days before and after, of a seed."""

    factory: str
    seed: int
    trap: str | None = None
    improvement: str | None = None
    count: int = 10

    @property
    def book(self) -> Factory:
        return load_book(self.factory)

    @property
    def line(self) -> Line:
        return line_of(self.factory)

    def days(self) -> list[Day]:
        before = working_days(self.line, FIRST, self.count)
        after = working_days(self.line, before[-1] + timedelta(days=1), self.count)
        is_laid = {
            side: bool(self.trap) and any(side in laid.sides for laid in self.book.trap(self.trap or "").laid)
            for side in ("before", "after")
        }
        return [
            Day(self.factory, d, self.seed, "before", None, self.trap if is_laid["before"] else None, n)
            for n, d in enumerate(before)
        ] + [
            Day(self.factory, d, self.seed, "after", self.improvement, self.trap if is_laid["after"] else None, n)
            for n, d in enumerate(after)
        ]

    def answers(self) -> Answers:
        store = MemoryStore()
        for day in self.days():
            for name, rows in heard(day).rows.items():
                if rows:
                    store.put(name, rows, f"{day.date}")
        now = _ns(self.line, FIRST + timedelta(weeks=9))
        desk = Desk(store, lambda: [(0, self.line)], FakeIngest(), None, lambda: now, live=False)  # type: ignore[arg-type]
        return Answers(desk)

    def windows(self) -> Windows:
        dates = {side: [day.date for day in self.days() if day.side == side] for side in ("before", "after")}
        before, after = (
            (_ns(self.line, days[0]), _ns(self.line, days[-1] + timedelta(days=1))) for days in dates.values()
        )
        return Windows(before, after)

    def evaluation(
        self, station: str, kpi: str, *, product: str | None = None, by: By = "day", role: Role = "viewer"
    ) -> Any:
        """The body of GET /evaluation."""
        asked = Question(station, figure(kpi), self.windows(), by, product=product)
        return evaluation(self.answers(), asked, role)


def _ns(line: Line, day: date) -> int:
    return int(datetime.combine(day, line.day_starts, line.zone).timestamp()) * NS_PER_S
