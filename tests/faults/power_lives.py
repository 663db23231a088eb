"""A Pi whose plug is pulled again and again, and a collector that stays: ``python -m tests.faults.power_lives --help``.

In this process alone SQLite writes to a `tests.faults.power.Card`. The real outbox and delivery live on it, one life
after the other, each until the card dies in the middle of whatever it was doing; what the delivery gives out reaches a
real `collector.ingest.Ingest` with a real store, or is lost on the way. At last everything is delivered, and every
single reading is looked for. The result is one line of JSON.
"""

import argparse
import json
import logging
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.errors import KojoError
from contract.line import OutboxLimits
from contract.payload import encode
from contract.reading import NS_PER_S, Batch, Series, Value
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.timekeeping import Timekeeping
from tests.collector.example import DONE, LINE, TEMPERATURE, WASH, topic
from tests.faults.power import Card

AGENT = "pi-1"
LIMITS = OutboxLimits(keep_s=120.0)
START_NS = 1_795_000_000 * NS_PER_S
SAME_NS = 1000
"""Equal times are moved by 1 ns, and steps of the clock are rounded."""

Key = tuple[str, Series, int]


@dataclass
class Report:
    """What became of everything. ``broken`` names every promise that was not kept, at most twenty of them."""

    cuts: int = 0
    operations: int = 0
    fsyncs: int = 0
    put: int = 0
    committed: int = 0
    handed_over: int = 0
    due: int = 0
    """Committed or handed over: what must be stored."""
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    missing: int = 0
    quarantined: int = 0
    set_aside: int = 0
    corrected: int = 0
    unsynced: int = 0
    broken: list[str] = field(default_factory=list)

    def say(self, what: str) -> None:
        """A promise was broken."""
        if len(self.broken) < 20:
            self.broken.append(what)


class World:
    """The true time, the collector, and the truth about every reading that was ever taken."""

    def __init__(self, directory: Path, random: Random) -> None:
        self.random, self.report = random, Report()
        self.now_ns = START_NS
        self.store = DuckStore(directory / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Ingest(self.store, [(0, LINE)], "one", now_ns=lambda: self.now_ns)
        self.taken: dict[Key, tuple[int, Value]] = {}
        """What was read, and when in truth."""
        self.committed: set[Key] = set()
        self.handed: dict[Key, tuple[int, Value]] = {}
        """What was given to the link: (t, v). From then on it never changes."""
        self.clocks: dict[str, str] = {}

    def hand_over(self, batch: Batch, arrives: bool) -> None:
        """A batch is given to the link, and perhaps arrives."""
        self.clocks[batch.stream] = batch.clock
        for seq, said in enumerate(zip(batch.t, batch.v, strict=True), batch.seq):
            key = (batch.stream, batch.series, seq)
            if key not in self.taken or self.taken[key][1] != said[1]:
                self.report.say(f"{key} is given out as {said}, and was read as {self.taken.get(key)}")
            if self.handed.setdefault(key, said) != said:
                self.report.say(f"{key} changed after it was given out: {self.handed[key]} became {said}")
            if batch.clock != "unsynced" and abs(said[0] - self.taken.get(key, said)[0]) > SAME_NS:
                self.report.say(f"{key} is dated {(said[0] - self.taken[key][0]) / NS_PER_S} s wrong")
        if arrives:
            self.ingest.take(topic(batch.series), encode(batch), self.now_ns)

    def look_for_everything(self) -> Report:
        """Hold the store against the truth."""
        found: list[Key] = []
        for series in {key[1] for key in self.taken}:
            track = self.store.readings(series)
            for stream, seq, v in zip(track.stream.tolist(), track.seq.tolist(), track.v.tolist(), strict=True):
                key = (track.streams[stream], series, seq)
                found.append(key)
                if self.taken.get(key, (0, None))[1] != v:
                    self.report.say(f"{key} is stored as {v}")
        status, report = self.ingest.status(), self.report
        due = self.committed | set(self.handed)
        for refused in self.store.quarantine():
            report.say(f"quarantined: {refused.reason} {refused.detail} {refused.payload[:300]!r}")
        lost = due - set(found)
        for key in sorted(lost, key=str):
            report.say(f"{key} is lost, {'' if key in self.handed else 'not '}handed over")
        report.put, report.committed, report.handed_over = len(self.taken), len(self.committed), len(self.handed)
        report.due = len(due)
        report.stored, report.lost, report.doubled = len(found), len(lost), len(found) - len(set(found))
        report.missing, report.quarantined = status["missing"], status["quarantined"]
        report.corrected = sum(clock == "corrected" for clock in self.clocks.values())
        report.unsynced = sum(clock == "unsynced" for clock in self.clocks.values())
        return report


class Pi:
    """One card in one Pi, life after life."""

    def __init__(self, world: World, card: Card, directory: Path, synchronous: str) -> None:
        self._world, self._card, self._random, self._report = world, card, world.random, world.report
        self._file, self._synchronous = directory / "outbox.sqlite", synchronous
        self._known: set[str] = set()
        self._outbox: Outbox | None = None
        self._number = 0

    def live(self) -> None:
        """One boot, until the plug is pulled."""
        self._card.cut_in(round(10 ** self._random.uniform(0, 2.4)))
        try:
            self._boot()
        except KojoError as error:
            if not self._card.is_dead:
                self._report.say(f"the outbox could not be used: {error}")
        finally:
            if self._outbox is not None:
                self._outbox._file.close()
            self._outbox = None
        self._report.cuts += 1
        self._card.cut_in(None)
        self._card.come_back()

    def deliver_all(self) -> None:
        """One last boot, without a cut, until the store has everything."""
        self._clock = HandClock(self._world.now_ns)
        outbox, delivery = self._open(Timekeeping(boot="last"))
        for _ in range(200):
            self._hear(outbox, delivery)
            self._pass(31.0)
            for batch in delivery.due():
                self._world.hand_over(batch, arrives=True)
            if not outbox.backlog:
                break
        if outbox.backlog:
            self._report.say(f"{outbox.backlog} readings were never confirmed")
        self._report.set_aside += outbox.set_aside
        outbox.close()

    def _boot(self) -> None:
        self._pass(self._random.uniform(1.0, 3600.0), away=True)
        wrong = self._random.random() < 0.3
        self._clock = HandClock(self._random.randrange(10**12) if wrong else self._world.now_ns)
        self._timekeeping = Timekeeping(boot=f"boot-{self._report.cuts}")
        outbox, delivery = self._open(self._timekeeping)
        for _ in range(self._random.randint(1, 300)):
            if self._card.is_dead:
                return
            outbox, delivery = self._step(outbox, delivery)

    def _open(self, timekeeping: Timekeeping) -> tuple[Outbox, Delivery]:
        outbox = self._outbox = Outbox(self._file, AGENT, self._clock, LIMITS, timekeeping=timekeeping)
        if self._random.random() < 0.3:  # else a life is too short for the log to be folded into the file
            outbox._file._db.execute("PRAGMA wal_autocheckpoint = 20")
        if self._synchronous:
            outbox._file._db.execute(f"PRAGMA synchronous = {self._synchronous}")
        if outbox.stream in self._known:
            self._report.say(f"stream {outbox.stream} goes on in another life")
        self._known.add(outbox.stream)
        return outbox, Delivery(outbox, self._clock)

    def _step(self, outbox: Outbox, delivery: Delivery) -> tuple[Outbox, Delivery]:
        what = self._random.choices(
            ("take", "commit", "send", "hear", "pass", "go live", "restart", "set clock"), (30, 30, 12, 8, 12, 3, 2, 3)
        )[0]
        if what == "take":
            self._take(outbox)
        elif what == "commit":
            written = self._number_of_news(outbox)
            outbox.commit()
            self._world.committed |= written
        elif what == "send":
            for batch in delivery.due(self._random.choice((None, 1, 3))):
                self._world.hand_over(batch, arrives=self._random.random() < 0.8)
        elif what == "hear":
            self._hear(outbox, delivery)
        elif what == "pass":
            self._pass(self._random.choice((0.1, 1.0, 10.0, 40.0)))
        elif what == "go live":
            delivery.is_live = not delivery.is_live
        elif what == "set clock":
            self._clock.step((self._world.now_ns - self._clock.time_ns()) / NS_PER_S)
        else:
            written = self._number_of_news(outbox)
            outbox.close()
            self._world.committed |= written
            return self._open(self._timekeeping)
        return outbox, delivery

    def _take(self, outbox: Outbox) -> None:
        for _ in range(self._random.randint(1, 16)):
            series = self._random.choice((TEMPERATURE, TEMPERATURE, DONE, WASH))
            self._pass(self._random.choice((0.0, 0.001, 0.5)))
            at_ns = self._clock.monotonic_ns()
            self._number += 1
            value: Value
            if series is DONE:
                seq = outbox.add(series, 1, at_ns)
                value = outbox._numbering._current[series].total
            else:
                value = self._number + 0.5 if series is TEMPERATURE else self._number % 2
                seq = outbox.put(series, value, at_ns)
            key = (outbox.stream, series, seq)
            if key in self._world.taken:
                self._report.say(f"number {key} is given twice")
            self._world.taken[key] = (self._world.now_ns, value)
            self._known.add(outbox.stream)

    def _number_of_news(self, outbox: Outbox) -> set[Key]:
        news = outbox._numbering._news.taken
        return {(run.stream.name, run.series, seq) for run, seq, _, _ in news}

    def _hear(self, outbox: Outbox, delivery: Delivery) -> None:
        self._world.ingest.settle(self._world.now_ns)
        self._world.ingest.commit()
        delivery.hear(self._world.ingest.acks(AGENT), retained=False)
        self._known.add(outbox.stream)

    def _pass(self, seconds: float, *, away: bool = False) -> None:
        ns = round(seconds * NS_PER_S)
        self._world.now_ns += ns
        if not away:
            self._clock.turn(ns / NS_PER_S)


def run(seed: int, cuts: int, machines: int, synchronous: str, honours_fsync: bool, smashes: bool) -> Report:
    """``cuts`` cuts, shared by so many cards, one after the other."""
    room = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix="kojo-power-", dir=room))
    try:
        random = Random(seed)
        world = World(directory, random)
        card = Card(random, honours_fsync=honours_fsync, smashes=smashes)
        for machine in range(machines):
            place = directory / f"card-{machine}"
            place.mkdir()
            card.put_in(place)
            pi = Pi(world, card, place, synchronous)
            for _ in range(cuts // machines):
                pi.live()
            pi.deliver_all()
            shutil.rmtree(place)
        world.report.operations, world.report.fsyncs = card.operations, card.syncs
        report = world.look_for_everything()
        world.store.close()
        return report
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--synchronous", default="", help="OFF or NORMAL: as if the outbox did not ask for FULL")
    parser.add_argument("--no-fsync", action="store_true", help="an fsync does nothing")
    parser.add_argument("--no-smash", action="store_true", help="older bytes of a block being written stay whole")
    asked = parser.parse_args()
    logging.disable()
    done = run(asked.seed, asked.cuts, asked.machines, asked.synchronous, not asked.no_fsync, not asked.no_smash)
    print(json.dumps(asdict(done)))
