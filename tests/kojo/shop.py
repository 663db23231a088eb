"""A station whose pieces are counted, without network or processes: real cards, collector, store and figures.

shop = Shop(tmp_path)
card = shop.card("old")
shop.make(card, 100)         # a piece each 20 s
shop.deliver(card)           # the network is there for a while
shop.produced()              # what /kpi says
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.catalogue import Catalogue
from contract.line import OutboxLimits
from contract.line_check import check
from contract.payload import encode
from contract.reading import NS_PER_S, Batch
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from kpi.answers import Answers, Asked
from tests.collector.example import DONE
from tests.kpi.test_facts import answers

START_NS = 1_795_000_000 * NS_PER_S
CYCLE_S = 20.0
LINE = check(
    """
schema = 1
site = "akita"
line = "wash"
[stations.washer]
name = "洗浄機"
agent = "pi-1"
ideal_cycle_s = 20.0
[stations.washer.sensors.done]
type = "external"
role = "cycle"
measures = { count = { kind = "total" } }
""",
    Catalogue(),
)  # fmt: skip


class Card:
    """One card with its outbox, in whichever Pi it is."""

    def __init__(self, file: Path, clock: HandClock, limits: OutboxLimits) -> None:
        self.file, self._clock, self._limits = file, clock, limits
        self.made = 0
        """Pieces it counted."""
        self.insert()

    def insert(self) -> None:
        """A Pi starts with it."""
        self.outbox = Outbox(self.file, "pi-1", self._clock, self._limits)
        self.delivery = Delivery(self.outbox, self._clock)

    def pull(self, clean: bool = False) -> None:
        """Its Pi loses power, or is shut down."""
        if clean:
            self.outbox.close()
            return
        lost_power = self.file.with_suffix(".power")
        shutil.copy(self.file, lost_power)
        wal = self.file.with_name(self.file.name + "-wal")
        if wal.exists():
            shutil.copy(wal, lost_power.with_name(lost_power.name + "-wal"))
        self.outbox.close()
        self.file, old = lost_power, self.file
        old.unlink()

    def copy(self, to: Path) -> None:
        """Its file, while it is in no Pi: as somebody keeps it aside."""
        shutil.copy(self.file, to)

    def put_back(self, copy: Path) -> None:
        """An older copy takes the place of its file."""
        shutil.copy(copy, self.file)


class Shop:
    """The station, its collector and its store; one clock for all."""

    def __init__(self, directory: Path, limits: OutboxLimits | None = None) -> None:
        self.directory, self.clock = directory, HandClock(START_NS)
        self.data = directory / "data"
        self.data.mkdir()
        self._limits = limits or OutboxLimits()
        self.open()

    def card(self, name: str) -> Card:
        """A new card, its outbox empty."""
        return Card(self.directory / f"{name}.sqlite", self.clock, self._limits)

    def open(self) -> None:
        """The collector begins."""
        self.store = DuckStore(self.data / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Ingest(self.store, [(0, LINE)], "c1", self.clock.time_ns)

    def close(self) -> None:
        """The collector ends."""
        self.store.close()

    def make(self, card: Card, pieces: int) -> None:
        """Pieces pass; the card's Pi counts them."""
        for _ in range(pieces):
            self.clock.turn(CYCLE_S)
            card.outbox.add(DONE, 1, self.clock.monotonic_ns())
            card.outbox.commit()
            card.made += 1

    def deliver(self, *cards: Card, rounds: int = 100, twice: bool = False) -> None:
        """The network is there until everything is confirmed. ``twice``: each message comes twice."""
        for _ in range(rounds):
            for card in cards:
                self._take(card.delivery.due(), twice)
                card.delivery.hear(self.ingest.acks("pi-1"), retained=False)
            if not any(card.outbox.backlog for card in cards):
                return
            self.clock.turn(31.0)
        raise AssertionError(f"never confirmed: {[card.outbox.backlog for card in cards]}")

    def _take(self, batches: Sequence[Batch], twice: bool) -> None:
        for batch in batches:
            for _ in range(2 if twice else 1):
                self.ingest.take(LINE.topics.reading(batch.series), encode(batch), self.clock.time_ns())
        self.ingest.commit()

    def status(self) -> dict[str, Any]:
        """The counters, a minute and a half later: what is missing by then counts."""
        self.clock.turn(90.0)
        return self.ingest.status()

    def produced(self) -> int:
        """`produced_quantity` of everything."""
        now = self.clock.time_ns() + NS_PER_S
        known: Answers = answers(self.store, LINE, now)  # type: ignore[arg-type]
        quantity: int = known.kpi(Asked(START_NS - NS_PER_S, now))["stations"][0]["produced_quantity"]
        return quantity
