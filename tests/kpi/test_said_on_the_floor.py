"""Buttons and barcodes on the bench, through agent, outbox, collector and store, to reasons and products in the KPIs.

Everything between finger and figure is the kit's own; the clock is turned by hand, and messages are carried by hand.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.line import Line
from contract.line_check import check
from contract.payload import encode
from contract.reading import NS_PER_S
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.sensors import catalogue, modules
from kpi.answers import Answers, Asked
from kpi.desk import Desk
from kpi.stops_told import stops
from kpi.tokens import Tokens
from tests.kpi.desks import FakeIngest

START = 1_795_000_200 * NS_PER_S
LINE = """\
schema = 1
site = "akita"
line = "wash"
[[reasons]]
id = "jam"
name = "詰まり"
loss = "minor"
[products.a-100]
name = "ブラケットA"
codes = ["A-100"]
[products.a-100.stations.washer]
ideal_cycle_s = 10.0
[products.b-200]
name = "ブラケットB"
codes = ["4901234567894"]
[products.b-200.stations.washer]
ideal_cycle_s = 20.0
[stations.washer]
name = "洗浄機"
agent = "pi-1"
[stations.washer.sensors.done]
type = "pulse"
pin = 17
role = "cycle"
[stations.washer.sensors.jam]
type = "button"
pin = 5
says = "jam"
role = "reason"
[stations.washer.sensors.a]
type = "button"
pin = 6
says = "A-100"
role = "product"
[stations.washer.sensors.scanner]
type = "serial_line"
port = "/dev/ttyUSB0"
pattern = '^(?P<code>[0-9]{13})$'
role = "product"
measures = { code = { kind = "text" } }
"""


class Floor:
    """The bench with an agent, and a collector that is carried what the agent sends."""

    def __init__(self, directory: Path) -> None:
        self.line: Line = check(LINE, catalogue())
        self.clock = HandClock(START)
        self.bench = Bench(self.clock)
        self.outbox = Outbox(directory / "outbox.sqlite", "pi-1", self.clock)
        self.agent = Agent(self.line, "pi-1", self.bench, self.outbox, modules())
        self.delivery = Delivery(self.outbox, self.clock)
        self.store = DuckStore(directory / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Ingest(self.store, [(0, self.line)], "one", self.clock.time_ns)
        for pin in (17, 5, 6):
            self.bench.drive(pin, True)
        self.agent.start()
        self.clock.turn(1.0)
        desk = Desk(self.store, lambda: [(0, self.line)], FakeIngest(), Tokens(directory, self.clock.time_ns),
                    self.clock.time_ns, live=False)  # fmt: skip
        self.answers = Answers(desk)

    def touch(self, pin: int, hold_s: float = 0.2) -> None:
        """A contact closes and opens, bouncing."""
        self.bench.bounce(pin, False)
        self.clock.turn(hold_s)
        self.bench.bounce(pin, True)
        self.clock.turn(hold_s)

    def make(self, pieces: int, every_s: float) -> None:
        for _ in range(pieces):
            self.clock.turn(every_s - 0.4)
            self.touch(17)

    def scan(self, code: str) -> None:
        """A barcode scanner on the serial port reads a label."""
        self.bench.type("/dev/ttyUSB0", f"{code}\r\n".encode())
        self.clock.turn(1.0)

    def carry(self) -> None:
        """Bring everything the agent has to send to the collector."""
        for batch in self.delivery.due():
            self.ingest.take(self.line.topics.reading(batch.series), encode(batch), self.clock.time_ns())
        self.ingest.commit()

    def close(self) -> None:
        self.agent.stop()
        self.outbox.close()
        self.bench.close()
        self.store.close()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    opened = Floor(tmp_path)
    yield opened
    opened.close()


def kpi(floor: Floor, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = floor.answers.kpi(Asked(START, floor.clock.time_ns(), **more))["stations"][0]
    return told


def test_a_button_and_a_barcode_tell_products_apart(floor: Floor) -> None:
    floor.touch(6)
    floor.make(6, 10.0)
    floor.scan("4901234567894")
    floor.make(4, 20.0)
    floor.carry()
    made = {b["product"]: b["produced_quantity"] for b in kpi(floor, by="product")["buckets"]}
    assert made == {"a-100": 6, "b-200": 4}
    whole = kpi(floor)
    assert whole["produced_quantity"] == 10
    assert set(whole["basis"]["products"]) == {"ブラケットA (a-100)", "ブラケットB (b-200)"}


def test_a_reason_button_says_why_it_stood(floor: Floor) -> None:
    floor.touch(6)
    floor.make(3, 10.0)
    floor.clock.turn(30.0)
    floor.touch(5)
    floor.clock.turn(30.0)
    floor.make(3, 10.0)
    floor.carry()
    told = stops(floor.answers, START, floor.clock.time_ns(), "washer", "operator", lambda: None)
    [row] = [row for row in told["by_reason"] if row["reason"]]
    assert (row["reason"], row["name"]["ja"], row["loss"], row["count"]) == ("jam", "詰まり", "minor", 1)
    assert 0 < kpi(floor)["stops"]["reason_share"] <= 1
