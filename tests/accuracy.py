"""How right the ledger is over weeks of the virtual floor: docs/accuracy.md, and one week of it in the tests.

`tests.accuracy_page` writes docs/accuracy.md of eight weeks; tests/test_accuracy.py holds one.

(a) The kit's buckets, pieces and OEE beside a slow independent reference (`tests.kpi.slow_weeks`) that applies the same
rules to the exact times of the truth. Two power cuts are in it: what passed in them nobody counted.
(b) Beside what really happened: the gap method, and a `running` sensor.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from contract.catalogue import Measure
from contract.line import Line, Role, Sensor
from contract.reading import NS_PER_S
from contract.words import Words
from floor.records import Press
from floor.shifts import Roster, Window
from floor.truth import Truth
from kpi.answers import Answers, Asked
from kpi.desk import Desk
from tests.kpi.desks import FakeIngest
from tests.kpi.floor_days import DAY_S, START, lived, washing
from tests.kpi.memory_store import MemoryStore
from tests.kpi.slow_weeks import BUCKETS, LONG_LOSSES, SlowWeeks, Story

Interval = tuple[int, int, str]
Crossed = dict[tuple[str, str], float]
HOUR_NS = 3600 * NS_PER_S
CUTS = ((50 * HOUR_NS, 52 * HOUR_NS), (95 * HOUR_NS, 95 * HOUR_NS + 41 * 60 * NS_PER_S))
"""Two hours and 41 minutes without power at the agents, in each week."""

STATIONS = ("washer", "packer")
WITHIN, OEE_WITHIN = 0.001, 0.001
SEED = 11
STANDS = ("run", "minor_stop", "downtime")


@dataclass
class Weeks:
    """Weeks of the floor, what was stored of them, and two lines: as it is, and with a `running` sensor each."""

    line: Line
    truth: Truth
    weeks: int
    power_fails: bool = True

    @property
    def end(self) -> int:
        return START + self.weeks * 7 * DAY_S * NS_PER_S

    @property
    def cuts(self) -> list[Window]:
        week = 7 * DAY_S * NS_PER_S
        if not self.power_fails:
            return []
        return [(START + n * week + a, START + n * week + b) for n in range(self.weeks) for a, b in CUTS]

    def stored(self, t: int) -> bool:
        """Whether there was power to store what happened then."""
        return not any(a <= t < b for a, b in self.cuts)

    def story(self, station: str, *, running: bool = False) -> Story:
        """What was stored of a station. With a running sensor there are no buttons for the mode."""
        pressed: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for press in self.truth.of(Press, station):
            if self.stored(press.at_ns):
                pressed[press.role].append((press.at_ns, press.says))
        known = {code: p.id for p in self.line.products.values() for code in (p.id, *p.codes)}
        pieces = [p.at_ns for p in self.truth.pieces(station, None, self.end, tests=True) if p.counted]
        alive = range(START, self.end, 30 * NS_PER_S)
        levels = self.levels(station) if running else []
        heard = [*alive, *pieces, *(t for said in pressed.values() for t, _ in said), *(t for t, _ in levels)]
        return Story(
            self.with_running if running else self.line,
            station,
            START,
            self.end,
            [t for t in pieces if self.stored(t)],
            [t for t, _ in pressed["scrap"]],
            [] if running else pressed["mode"],
            [(t, known[says]) for t, says in pressed["product"]],
            pressed["reason"],
            [t for t in heard if self.stored(t)],
            _together((a, b) for (a, v), (b, _) in pairwise([*levels, (self.end, 1)]) if not v) if running else None,
        )

    def levels(self, station: str) -> list[tuple[int, int]]:
        """What a running sensor says: every change, and after a power cut what it is then."""
        stood = self.stood(station)
        turns = {START: 1} | {b: 1 for _, b in stood} | {a: 0 for a, _ in stood}
        again = {b: int(not any(c <= b < d for c, d in stood)) for _, b in self.cuts}
        return sorted(({t: v for t, v in turns.items() if self.stored(t)} | again).items())

    def stood(self, station: str) -> list[Window]:
        """When a station really stood; stretches that touch are one."""
        periods = self.truth.periods(station)
        return _together((p.start_ns, min(p.end_ns or self.end, self.end)) for p in periods if p.start_ns < self.end)

    @property
    def with_running(self) -> Line:
        """The line with a `running` sensor at each station, which says what the truth says, and no mode buttons."""
        stations = {}
        for station in self.line.stations.values():
            kept = {s.id: s for s in station.sensors.values() if s.role is None or s.role.kind != "mode"}
            measure = Measure("state", Words("運転", "running"), kind="level")
            kept["running"] = Sensor(station.id, "running", "external", {}, (measure,), Role("running", ""))
            stations[station.id] = replace(station, sensors=kept)
        return replace(self.line, stations=stations)


def _together(windows: Iterable[Window]) -> list[Window]:
    found: list[Window] = []
    for a, b in windows:
        if found and found[-1][1] >= a:
            a, b = found[-1][0], max(b, found.pop()[1])
        found.append((a, b))
    return found


def weeks_of(weeks: int, seed: int = SEED) -> Weeks:
    """The floor, lived through without pins."""
    line = washing()
    judged = {s.id: replace(s, silence_after_s=120.0) for s in line.stations.values()}
    return Weeks(replace(line, stations=judged), lived(line, weeks * 7, seed), weeks)


def answers(story: Story, stations: Sequence[Story] = ()) -> Answers:
    """The kit, asked about what was stored."""
    store = MemoryStore()
    for one in stations or [story]:
        _store(store, one)
    desk = Desk(store, lambda: [(0, story.line)], FakeIngest(), None, lambda: story.end, live=False)  # type: ignore[arg-type]
    return Answers(desk)


def _store(store: MemoryStore, story: Story) -> None:
    """Pieces as totals that begin anew after each power cut, buttons, levels, and the agent's sign of life."""
    name, line = story.station, story.line
    for stream, times in enumerate(_streams(story)):
        store.put(f"{name}/done/count", [(t, n) for n, t in enumerate(times, 1)], f"s{stream}")
    here = line.stations[name]
    for role, rows in (("mode", story.modes), ("product", story.products), ("reason", story.said)):
        sensors = [s for s in here.sensors.values() if s.role is not None and s.role.kind == role]
        if sensors and rows:
            store.put(f"{name}/{sensors[0].id}/pressed", rows, role)
    scrap = [s for s in here.sensors.values() if s.role is not None and s.role.kind == "scrap"]
    if scrap:
        store.put(f"{name}/{scrap[0].id}/count", [(t, n) for n, t in enumerate(story.scraps, 1)])
    if story.zeros is not None:
        store.put(f"{name}/running/state", _levels(story.zeros))
    store.put(f"{name}/_agent/alive", [(t, 1.0) for t in story.heard or ()], "alive")


def _levels(zeros: Sequence[Window]) -> list[tuple[int, int]]:
    return sorted(({START: 1} | {b: 1 for _, b in zeros} | {a: 0 for a, _ in zeros}).items())


def _streams(story: Story) -> Iterable[list[int]]:
    made: list[int] = []
    for t in story.pieces:
        if made and t - made[-1] > 30 * 60 * NS_PER_S:
            yield made
            made = []
        made.append(t)
    yield made


@dataclass(frozen=True)
class Beside:
    """(a): how far the kit is from the reference, at worst over all days, and over the whole."""

    days: int
    pieces: int
    pieces_off: int
    worst_bucket_s: float
    worst_share: float
    worst_oee: float


def beside_the_reference(story: Story) -> Beside:
    """Every bucket, the pieces and OEE of each day and of the whole."""
    slow = SlowWeeks(story)
    told = answers(story).kpi(Asked(story.start, story.end, by="day"), story.station)["stations"][0]
    day_ns = DAY_S * NS_PER_S
    windows = [(story.start + n * day_ns, body) for n, body in enumerate(told["buckets"])]
    off_s = share = oee = 0.0
    pieces_off = 0
    for start, end, body in [*((a, a + day_ns, body) for a, body in windows), (story.start, story.end, told)]:
        expected = slow.between(start, end)
        for bucket in BUCKETS:
            here = abs(body["ledger"][bucket] - expected.seconds[bucket])
            off_s, share = max(off_s, here), max(share, here / (expected.seconds[bucket] or 1.0))
        pieces_off += abs(body["produced_quantity"] - expected.produced) + abs(body["test_quantity"] - expected.tests)
        pieces_off += abs((body["scrap_quantity"] or 0) - expected.scrap)
        oee = max(oee, abs((body["oee"] or 0.0) - (expected.oee or 0.0)))
    return Beside(len(windows), int(told["produced_quantity"]), pieces_off, off_s, share, oee)


def really(weeks: Weeks, station: str, *, least_s: float = 0.0, by_loss: bool = True) -> list[Interval]:
    """When it really stood: long at `downtime_after_s` of planned time, or by what really was the matter; else short.

    ``least_s``: what stood no longer is run, as the contract has it for a running sensor.
    """
    roster = Roster(weeks.line, weeks.line.stations[station])
    longer = weeks.line.stations[station].downtime_after_s
    periods, at = weeks.truth.periods(station), 0
    found: list[Interval] = []
    for a, b in weeks.stood(station):
        losses = set()
        while at < len(periods) and periods[at].start_ns < b:
            losses.add(periods[at].loss)
            at += 1
        seconds = roster.planned_ns(a, b) / NS_PER_S
        if seconds > least_s:
            long = seconds >= longer or (by_loss and bool(losses & set(LONG_LOSSES)))
            found.append((a, b, "downtime" if long else "minor_stop"))
    return found


def crossed(measured: Iterable[Interval], real: Sequence[Interval]) -> Crossed:
    """Seconds by (what really was, what was measured), of time that was planned and observed."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    at = 0
    for a, b, bucket in measured:
        if bucket not in ("run", "minor_stop", "downtime"):
            continue
        here = a
        while at < len(real) and real[at][1] <= a:
            at += 1
        n = at
        while n < len(real) and real[n][0] < b:
            c, d = max(a, real[n][0]), min(b, real[n][1])
            found["run", bucket] += max(0, c - here)
            found[real[n][2], bucket] += d - c
            here, n = d, n + 1
        found["run", bucket] += b - here
    return {key: ns / NS_PER_S for key, ns in found.items()}


def gap_method(weeks: Weeks, station: str) -> Crossed:
    """(b): what really was against what the gaps between pieces show."""
    body = answers(weeks.story(station)).intervals(station, START, weeks.end)
    return crossed(_of(body), really(weeks, station))


def running_sensor(weeks: Weeks, station: str) -> Crossed:
    """(b): what really was against what a `running` sensor shows; stops by their length, nobody presses a reason."""
    story = replace(weeks.story(station, running=True), said=[])
    body = answers(story).intervals(station, START, weeks.end)
    stop_after_s = weeks.line.stations[station].stop_after_s or 0.0
    return crossed(_of(body), really(weeks, station, least_s=stop_after_s, by_loss=False))


def _of(body: dict[str, Any]) -> list[Interval]:
    return [(_ns(i["start"]), _ns(i["end"]), i["bucket"]) for i in body["intervals"]]


def _ns(moment: str) -> int:
    whole, _, fraction = moment[:-6].partition(".")
    return int(datetime.fromisoformat(whole + moment[-6:]).timestamp()) * NS_PER_S + int(
        (fraction or "0").ljust(9, "0")
    )


def sums(told: Crossed) -> dict[str, tuple[float, float]]:
    """Of each bucket: seconds that really were, and as measured."""

    def summed(place: int, name: str) -> float:
        return sum(s for key, s in told.items() if key[place] == name)

    return {name: (summed(0, name), summed(1, name)) for name in STANDS}
