"""What an outbox gives up, oldest first, is told: as ``dropped`` by the agent, and by ``from`` as ``missing``."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.errors import OutboxError
from contract.line import OutboxLimits
from contract.payload import encode
from contract.reading import NS_PER_S, Series
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.numbering import MAX_IN_MEMORY
from edge.outbox import Outbox
from tests.collector.example import LINE, TEMPERATURE, WASH, topic

pytestmark = pytest.mark.slow

START_NS = 1_795_000_000 * NS_PER_S
DAY_S = 86_400.0


class Line:
    """An agent whose link is cut, and a real collector that hears of everything afterwards."""

    def __init__(self, directory: Path, **limits: float) -> None:
        self.directory, self.limits = directory, OutboxLimits(**limits)  # type: ignore[arg-type]
        self.clock = HandClock(START_NS)
        self.store = DuckStore(directory / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Ingest(self.store, [(0, LINE)], "one", now_ns=self.clock.time_ns)
        self.outbox = self.open()

    def open(self) -> Outbox:
        return Outbox(self.directory / "outbox.sqlite", "pi-1", self.clock, self.limits)

    def read(self, series: Series, count: int) -> None:
        for _ in range(count):
            self.outbox.put(series, 1, self.clock.monotonic_ns())

    def deliver(self) -> None:
        delivery = Delivery(self.outbox, self.clock)
        for _ in range(20):
            for batch in delivery.due():
                self.ingest.take(topic(batch.series), encode(batch), self.clock.time_ns())
            self.ingest.commit()
            delivery.hear(self.ingest.acks("pi-1"), retained=False)
            self.clock.turn(31.0)

    def close(self) -> None:
        self.outbox.close()
        self.store.close()


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(1, 40)),
        st.tuples(st.just("other"), st.integers(1, 5)),
        st.tuples(st.sampled_from(["kill", "close", "commit", "deliver", "a day passes"]), st.just(0)),
    ),
    max_size=25,
)


@given(steps=STEPS, most=st.integers(30, 60))
@example([("read", 40), ("kill", 0), ("other", 5), ("read", 40), ("a day passes", 0), ("read", 40)], 30)
@example([("read", 5), ("a day passes", 0), ("other", 5), ("a day passes", 0), ("a day passes", 0), ("read", 1)], 30)
@example([("read", 3), ("deliver", 0), ("kill", 0), ("read", 28)], 30)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_what_a_full_or_old_outbox_gives_up_is_what_is_missing_at_the_collector(
    steps: list[tuple[str, int]], most: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        line = Line(Path(directory), max_readings=most, max_age_days=2.0, keep_s=3600.0)
        for what, count in [*steps, ("commit", 0)]:
            if what in ("read", "other"):
                line.read(TEMPERATURE if what == "read" else WASH, count)
            elif what == "kill":
                line.outbox._file.close()
                line.outbox = line.open()
            elif what == "close":
                line.outbox.close()
                line.outbox = line.open()
            elif what == "deliver":
                line.deliver()
            elif what == "a day passes":
                line.clock.turn(DAY_S)
            line.outbox.commit()
            assert line.outbox.held <= most
        line.deliver()
        status = line.ingest.status()
        assert (status["missing"], status["quarantined"]) == (line.outbox.dropped, 0)
        assert line.outbox.backlog == 0
        line.close()


def test_what_memory_gave_up_while_the_disk_failed_is_missing_at_the_collector(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path)
    line.read(TEMPERATURE, 3)
    line.outbox.commit()
    other = sqlite3.connect(tmp_path / "outbox.sqlite", isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    line.outbox._file._db.execute("PRAGMA busy_timeout = 0")
    line.read(WASH, 10)
    line.read(TEMPERATURE, MAX_IN_MEMORY - 5)
    with pytest.raises(OutboxError):
        line.outbox.commit()
    line.read(TEMPERATURE, 7)
    with pytest.raises(OutboxError):
        line.outbox.commit()
    line.read(WASH, 1)
    assert line.outbox.dropped == line.outbox.refused == 13
    other.execute("ROLLBACK")
    other.close()
    assert line.outbox.commit() == MAX_IN_MEMORY
    line.deliver()
    assert line.ingest.status()["missing"] == 13
    assert line.outbox.backlog == 0
    line.outbox.close()
    line.outbox = line.open()
    assert (line.outbox.dropped, line.outbox.backlog) == (13, 0)
    assert (line.outbox.held, len(line.store.readings(TEMPERATURE))) == (3 + MAX_IN_MEMORY, 3 + MAX_IN_MEMORY - 1)
    line.close()
