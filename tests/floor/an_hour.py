"""An hour of an example line on its virtual floor, read by the kit's own agents, stored, and asked for its KPIs.

with an_hour("press", seed=3) as hour:
    hour.kpi("press")["produced_quantity"], hour.floor.truth.pieces("press")

Nothing between floor and KPI is faked but the broker: what an agent would publish is handed to the ingest as bytes.
"""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collector.ingest import Ingest
from collector.store import Store, open_store
from contract.line import Line
from contract.payload import decode_acks, encode, encode_acks
from contract.reading import NS_PER_S, Series, Value
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_parts import Placed, place_all
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.sensors import modules
from floor.fitting import fitting
from floor.gaps import see, settings
from floor.records import Condition, Piece, Press
from floor.shop import Shop
from tests.rig import LINES, Desked, loaded

MONDAY = datetime.fromisoformat("2026-10-05T08:00:00+09:00")
START_NS = int(MONDAY.timestamp()) * NS_PER_S
HOUR_NS = 3600 * NS_PER_S
TOUCH_NS = 25_000_000
"""A contact that bounced is dated at its first touch, or at most so far off after a spike in between."""


@dataclass
class Hour:
    """The floor's truth, and what the kit says of the same time. ``cpu_s``: what the hour took to be lived."""

    line: Line
    floor: Shop
    store: Store
    pages: Desked
    health: dict[str, Any]
    ingest: dict[str, Any]
    end_ns: int
    cpu_s: float

    def kpi(self, station: str) -> Any:
        """The station's figures of the hour."""
        end = MONDAY + timedelta(seconds=(self.end_ns - START_NS) / NS_PER_S)
        window = {"start": MONDAY.isoformat(), "end": end.isoformat()}
        return self.pages.get("/kpi", station=station, **window)["stations"][0]

    def told(self, name: str) -> list[tuple[int, Value]]:
        """What is stored of ``station/sensor/measure``: (ns since 1970, value)."""
        track = self.store.readings(Series(*name.split("/")), None, self.end_ns + HOUR_NS)
        return list(zip(track.t.tolist(), list(track.v), strict=True))

    def conditions(self, station: str, sensor: str, what: str) -> list[tuple[int, Any]]:
        """How what the sensor looks at really was: (from when on, value)."""
        found = self.floor.truth.of(Condition, station)
        return [(c.at_ns, c.value) for c in found if (c.sensor, c.quantity) == (sensor, what)]

    def pieces(self, station: str) -> list[Piece]:
        """What was really made and counted, test pieces too."""
        return [p for p in self.floor.truth.pieces(station, None, self.end_ns, tests=True) if p.counted]

    def shown_s(self, station: str) -> float:
        """Seconds of the stops that perfectly counted pieces show, from the shift's start on."""
        truth, line = self.floor.truth, self.line
        stopped_ns = [gap.end_ns - gap.start_ns for gap in see(line, truth, station, START_NS, self.end_ns).gaps]
        first = next(piece for piece in self.pieces(station) if not piece.test)
        ideal_s, stop_after_s = settings(line, station, first.product, first.at_ns)
        if first.at_ns - START_NS > (stop_after_s or 0.0) * NS_PER_S:
            stopped_ns.append(first.at_ns - START_NS - int((ideal_s or 0.0) * NS_PER_S))
        stopped_ns += self._short_set_ups_ns(station, int((stop_after_s or 0.0) * NS_PER_S))
        return sum(stopped_ns) / NS_PER_S

    def _short_set_ups_ns(self, station: str, stop_after_ns: int) -> list[int]:
        """Gaps that are a stop only because somebody said that it is a set-up."""
        said = [p.at_ns for p in self.floor.truth.of(Press, station) if (p.role, p.says) == ("mode", "setup")]
        made = [piece for piece in self.pieces(station) if not piece.test]
        last = replace(made[-1], at_ns=self.end_ns)
        found = []
        for before, after in pairwise([*made, last]):
            gap_ns = after.at_ns - before.at_ns
            if gap_ns <= stop_after_ns and any(before.at_ns < at_ns < after.at_ns for at_ns in said):
                ideal_s, _ = settings(self.line, station, after.product, after.at_ns)
                found.append(gap_ns - (0 if after is last else int((ideal_s or 0.0) * NS_PER_S)))
        return found


def nothing_is_wrong(hour: Hour) -> None:
    """Every sensor works, and everything that was told is stored once."""
    assert {name: state["state"] for name, state in hour.health.items() if state["state"] != "ok"} == {}
    assert hour.ingest["missing"] == hour.ingest["duplicates"] == hour.ingest["quarantined"] == 0


def pieces_are_exact(hour: Hour, station: str) -> None:
    """Counted, and dated at the first touch of the contact; good, bad and test pieces apart."""
    made = hour.pieces(station)
    counted = hour.told(f"{station}/done/count")
    assert [value for _, value in counted] == list(range(1, len(made) + 1))
    assert max(abs(at_ns - piece.at_ns) for (at_ns, _), piece in zip(counted, made, strict=True)) < TOUCH_NS
    told = hour.kpi(station)
    thrown = [v for v in hour.floor.truth.verdicts(station, START_NS, hour.end_ns) if v.pressed]
    assert told["produced_quantity"] == sum(not piece.test for piece in made)
    assert told["test_quantity"] == sum(piece.test for piece in made)
    assert told["scrap_quantity"] == len(thrown)


def buckets_are_right(hour: Hour, station: str) -> None:
    """The hour is whole, and what stood is what perfectly counted pieces show, to 0.1 s for each stop."""
    told = hour.kpi(station)
    ledger = told["ledger"]
    stops = told["stops"]["minor"]["count"] + told["stops"]["downtime"]["count"]
    assert sum(ledger.values()) == pytest.approx((hour.end_ns - START_NS) / NS_PER_S)
    assert ledger["no_data"] == ledger["planned_stop"] == ledger["no_shift"] == 0.0
    assert stops > 0
    assert ledger["minor_stop"] + ledger["downtime"] == pytest.approx(hour.shown_s(station), abs=0.1 * stops)


def readings_follow(hour: Hour, name: str, what: str, *, within: float, late_ns: int) -> None:
    """Every reading of ``station/sensor/measure`` is near a value that the thing had at most ``late_ns`` before."""
    station, sensor, _ = name.split("/")
    was = hour.conditions(station, sensor, what)
    told = hour.told(name)
    assert len(told) > 50
    for at_ns, value in told:
        first_ns = max((at for at, _ in was if at <= at_ns - late_ns), default=0)
        near = [v for at, v in was if first_ns <= at <= at_ns]
        assert min(near) - within <= float(value) <= max(near) + within, (name, at_ns)


@contextlib.contextmanager
def an_hour(name: str, seed: int, hours: float = 1.0, improved: bool = False) -> Iterator[Hour]:
    """Live through the first hour of a Monday's shift."""
    line, clock, known = loaded(LINES / f"{name}.toml"), HandClock(START_NS), modules()
    memory = Path("/dev/shm")
    began_s = time.process_time()
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as scratch,
        contextlib.ExitStack() as open_,
    ):
        home = Path(scratch)
        store = open_store(line.store_url, home)
        open_.callback(store.close)
        ingest = Ingest(store, [(0, line)], "collector-1", clock.time_ns)
        benches = {a: Bench(clock, seed) for a in line.agents}
        parts: dict[str, Placed] = {}
        for a, bench in benches.items():
            open_.callback(bench.close)
            parts |= place_all(line, a, bench, known)
        outboxes = {a: Outbox(home / f"{a}.sqlite", a, clock, line.outbox) for a in line.agents}
        agents = [Agent(line, a, benches[a], outboxes[a], known) for a in line.agents]
        deliveries = {a: Delivery(outboxes[a], clock) for a in line.agents}
        floor = fitting(line)(line, benches, clock, seed, START_NS, improved, parts=parts)
        floor.start()
        for agent in agents:
            agent.start()
        clock.turn(hours * 3600)
        floor.stop()
        health = {key: state for agent in agents for key, state in agent.health().items()}
        clock.turn(1.0)
        for agent in agents:
            agent.stop()
        for a, delivery in deliveries.items():
            _deliver(line, a, delivery, ingest, clock)
            assert outboxes[a].backlog == 0
            outboxes[a].close()
        end_ns = START_NS + round(hours * HOUR_NS)
        pages = Desked.of(store, line, home, clock.time_ns)
        yield Hour(line, floor, store, pages, health, ingest.status(), end_ns, time.process_time() - began_s)


def _deliver(line: Line, agent: str, delivery: Delivery, ingest: Ingest, clock: HandClock) -> None:
    messages = []
    for batch in delivery.due():
        messages.append((line.topics.reading(batch.series), encode(batch)))
        delivery.sent(batch)
    ingest.take_all(messages, clock.time_ns())
    delivery.hear(decode_acks(encode_acks(ingest.acks(agent))), retained=False)
