"""Truth against measurement: a virtual week with bouncing contacts, measured by the kit, beside what really happened.

The agents, outboxes, deliveries, ingest, store and service are the kit's own, on a hand-turned clock; what an agent
would publish is handed to the ingest as bytes, and its confirmation is handed back. The floor keeps the truth.
"""

import contextlib
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from collector.ingest import Ingest
from collector.store import Store, open_store
from contract.line import Line
from contract.payload import decode_acks, encode, encode_acks
from contract.reading import NS_PER_S, Series
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.sensors import modules
from floor.gaps import Real, Seen, see
from floor.truth import Truth
from floor.washing import WashingLine
from kojo.history import CHECK_S
from tests.rig import LINES, Desked, loaded

MONDAY = datetime.fromisoformat("2026-10-05T08:00:00+09:00")
START_NS = int(MONDAY.timestamp()) * NS_PER_S
STATIONS = ("washer", "packer")
TOUCH_NS = 25_000_000
"""A contact that bounced is dated at its first touch, or at most so far off after a spike in between."""


@dataclass
class Measured:
    """The floor's truth and the kit's answers about the same time."""

    line: Line
    truth: Truth
    store: Store
    pages: Desked
    ingest: dict[str, Any]
    hours: float

    @property
    def end_ns(self) -> int:
        return START_NS + round(self.hours * 3600 * NS_PER_S)

    @property
    def window(self) -> dict[str, str]:
        return {"start": MONDAY.isoformat(), "end": (MONDAY + timedelta(hours=self.hours)).isoformat()}

    def kpi(self, station: str, **more: Any) -> Any:
        return self.pages.get("/kpi", station=station, **self.window | more)["stations"][0]

    def stops(self, station: str) -> list[tuple[int, int]]:
        """The stops of the kit's ledger in planned time, stretches that touch are one."""
        found: list[tuple[int, int]] = []
        for interval in self.pages.get("/ledger", station=station, **self.window)["intervals"]:
            if interval["bucket"] in ("minor_stop", "downtime"):
                start, end = (_ns(interval[key]) for key in ("start", "end"))
                if found and found[-1][1] == start:
                    start = found.pop()[0]
                found.append((start, end))
        return found

    def seen(self, station: str) -> Seen:
        return see(self.line, self.truth, station, START_NS, self.end_ns)


def _ns(moment: str) -> int:
    whole, _, rest = moment.partition(".")
    fraction, offset = (rest[:-6], rest[-6:]) if rest else ("0", "")
    return int(datetime.fromisoformat(whole + offset).timestamp()) * NS_PER_S + int(fraction.ljust(9, "0"))


@contextlib.contextmanager
def lived(hours: float, seed: int) -> Iterator[Measured]:
    """The demo's line, lived through from a Monday morning on."""
    line, clock, known = loaded(LINES / "washing.toml"), HandClock(START_NS), modules()
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch,
        contextlib.ExitStack() as open_,
    ):
        home = Path(scratch)
        store = open_store(line.store_url, home)
        open_.callback(store.close)
        ingest = Ingest(store, [(0, line)], "collector-1", clock.time_ns)
        benches = {a: Bench(clock, seed) for a in line.agents}
        outboxes = {a: Outbox(home / f"{a}.sqlite", a, clock, line.outbox) for a in line.agents}
        agents = [Agent(line, a, benches[a], outboxes[a], known, check_s=CHECK_S) for a in line.agents]
        deliveries = {a: Delivery(outboxes[a], clock) for a in line.agents}
        floor = WashingLine(line, benches, clock, seed, START_NS)
        for agent in agents:
            agent.start()
        floor.start()
        for _ in range(round(hours)):
            clock.turn(3600)
            deliver(line, deliveries, ingest, clock)
        floor.stop()
        clock.turn(1.0)
        for agent in agents:
            agent.stop()
        deliver(line, deliveries, ingest, clock)
        for a in line.agents:
            assert outboxes[a].backlog == 0
            outboxes[a].close()
            benches[a].close()
        pages = Desked.of(store, line, home, clock.time_ns)
        yield Measured(line, floor.truth, store, pages, ingest.status(), hours)


def deliver(line: Line, deliveries: dict[str, Delivery], ingest: Ingest, clock: HandClock) -> None:
    """What the agents have goes to the ingest as bytes, and what is stored back to them."""
    for agent, delivery in deliveries.items():
        messages = []
        for batch in delivery.due():
            messages.append((line.topics.reading(batch.series), encode(batch)))
            delivery.sent(batch)
        ingest.take_all(messages, clock.time_ns())
        delivery.hear(decode_acks(encode_acks(ingest.acks(agent))), retained=False)


@pytest.fixture(scope="module")
def week() -> Iterator[Measured]:
    with lived(hours=7 * 24, seed=11) as measured:
        yield measured


def test_a_short_day_is_measured_as_it_was() -> None:
    with lived(hours=6, seed=5) as day:
        for station in STATIONS:
            pieces_are_counted_exactly(day, station)
        washes = [(p.ended_ns - p.began_ns) / NS_PER_S for p in day.truth.phases("washer", "wash", None, day.end_ns)]
        assert day.kpi("washer")["phases"]["wash"]["median"] == pytest.approx(median(washes), abs=0.010)


@pytest.mark.slow
@pytest.mark.parametrize("station", STATIONS)
def test_every_piece_of_the_week_is_counted_and_dated_at_its_first_touch(week: Measured, station: str) -> None:
    pieces_are_counted_exactly(week, station)
    assert len(week.truth.pieces(station)) > 10_000


def pieces_are_counted_exactly(measured: Measured, station: str) -> None:
    made = [p.at_ns for p in measured.truth.pieces(station, None, measured.end_ns, tests=True) if p.counted]
    track = measured.store.readings(Series(station, "done", "count"), None, measured.end_ns)
    assert track.v.tolist() == list(range(1, len(made) + 1))
    late_ns = [found - happened for found, happened in zip(track.t.tolist(), made, strict=True)]
    assert max(map(abs, late_ns)) < TOUCH_NS
    assert sum(late == 0 for late in late_ns) > 0.98 * len(made)
    assert measured.ingest["missing"] == measured.ingest["duplicates"] == measured.ingest["quarantined"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("station", STATIONS)
def test_every_day_of_the_week_has_its_pieces(week: Measured, station: str) -> None:
    days = week.kpi(station, by="day")["buckets"]
    assert len(days) == 7
    for day in days:
        a, b = _ns(day["start"]), _ns(day["end"])
        good = [p for p in week.truth.pieces(station, a, b) if p.counted]
        tests = [p for p in week.truth.pieces(station, a, b, tests=True) if p.counted and p.test]
        assert day["produced_quantity"] == len(good)
        assert day["test_quantity"] == len(tests)
    pressed = [v for v in week.truth.verdicts(station, START_NS, week.end_ns) if v.pressed and v.verdict == "scrap"]
    assert week.kpi(station)["scrap_quantity"] == len(pressed)


@pytest.mark.slow
def test_the_wash_is_measured_within_10_ms_of_the_truth(week: Measured) -> None:
    for day in [week.kpi("washer"), *week.kpi("washer", by="day")["buckets"]]:
        a, b = (START_NS, week.end_ns) if "start" not in day else (_ns(day["start"]), _ns(day["end"]))
        washes = [(p.ended_ns - p.began_ns) / NS_PER_S for p in week.truth.phases("washer", "wash", a, b)]
        measured = day["phases"]["wash"]
        assert measured["count"] == pytest.approx(len(washes), abs=3), "those that power broke off are measured, too"
        assert measured["median"] == pytest.approx(median(washes), abs=0.010)


@pytest.mark.slow
@pytest.mark.parametrize("station", STATIONS)
def test_every_stop_longer_than_stop_after_is_seen_and_the_shorter_ones_are_counted_as_invisible(
    week: Measured, station: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, stops = week.seen(station), week.stops(station)
    stop_after_s = week.line.stations[station].stop_after_s
    assert stop_after_s is not None
    invisible = [real for real in seen.real if not shown(real, stops)]
    assert all(real.planned_s <= stop_after_s for real in invisible)
    assert sum(real.planned_s > stop_after_s for real in seen.real) > 100
    assert len(invisible) > 100

    told = week.kpi(station)["stops"]
    before_the_first_piece = sum(start == START_NS for start, _ in stops)
    assert told["minor"]["count"] + told["downtime"]["count"] == len(seen.gaps) + before_the_first_piece
    with capsys.disabled():
        sys.stdout.write(
            f"\n{station}: stood {len(seen.real)} times, {len(seen.real) - len(invisible)} of them seen as "
            f"{len(seen.gaps)} stops; {len(invisible)} not longer than {stop_after_s:g} s were invisible, "
            f"{sum(real.planned_s for real in invisible):.0f} s together\n"
        )


def shown(real: Real, stops: list[tuple[int, int]]) -> bool:
    """Whether a stop of the kit lies over what really stood."""
    end_ns = real.period.end_ns
    assert end_ns is not None
    place = bisect_left(stops, end_ns, key=lambda stop: stop[0])
    return place > 0 and stops[place - 1][1] > real.period.start_ns
