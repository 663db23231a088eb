"""How much is written: a flash card lives by it. The agent's outbox, and the collector's DuckDB store.

Ten polled sensors at 1 Hz for an hour turned by hand, with a store that confirms every second, beside an outbox that
commits each reading. Then the store at small commits (20 messages of one reading), beside the same in plain DuckDB.
What counts for the limit is the larger of what was given to write calls and the pages dirtied (`tests.bench.written`).
"""

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.catalogue import Measure
from contract.line import Line, Sensor, Station
from contract.payload import Acks, encode
from contract.reading import NS_PER_S, Batch, Series
from contract.words import Words
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from tests.bench.figures import Figure
from tests.bench.written import Written

SENSORS = 10
HOUR_S = 3600
DAY_S = 86_400
LIMIT_GB = 1.5
NAIVE_READINGS = 3000
COMMITS = 1000
ROUNDS = 3
MESSAGES = 20
START_NS = 1_795_000_000 * NS_PER_S


def measure() -> list[Figure]:
    """The outbox's bytes a day; the store's bytes a reading."""
    with tempfile.TemporaryDirectory(prefix="kojo-bench-") as folder:
        directory = Path(folder)
        outbox, naive, store, plain = _quietest(directory, [_outbox, _naive, _store, _plain])
    ours, theirs = (max(written.given, written.pages) for written in (outbox, naive))
    a_day, naive_a_day = DAY_S / HOUR_S, DAY_S * SENSORS / NAIVE_READINGS
    ours_gb, theirs_gb = ours * a_day / 1e9, theirs * naive_a_day / 1e9
    return [
        Figure(
            f"outbox: {SENSORS} polled sensors at 1 Hz, written a day",
            f"{ours_gb:.2f} GB ({_three(outbox, a_day / 1e9, '.2f')})",
            f"one SQLite commit a reading: {theirs_gb:.1f} GB ({_three(naive, naive_a_day / 1e9, '.1f')}), "
            f"{theirs_gb / ours_gb:.1f} times as much",
            f"<= {LIMIT_GB} GB",
            ours_gb <= LIMIT_GB,
        ),
        Figure(
            f"store: {MESSAGES} messages of one reading a commit, bytes a reading",
            _three(store, 1 / (COMMITS * MESSAGES), ",.0f"),
            f"plain DuckDB commits {_three(plain, 1 / (COMMITS * MESSAGES), ',.0f')}",
        ),
    ]


def _quietest(directory: Path, ways: Sequence[Callable[[Path], Written]]) -> list[Written]:
    """Each way in turn, some rounds; of each the round in which the disk was given least (others use it, too)."""
    rounds = []
    for number in range(ROUNDS):
        there = directory / str(number)
        there.mkdir()
        rounds.append([way(there) for way in ways])
    return [min(way, key=lambda written: written.device or 0) for way in zip(*rounds, strict=True)]


def _three(written: Written, scale: float, form: str) -> str:
    disk = "unknown" if written.device is None else format(written.device * scale, form)
    return f"given {written.given * scale:{form}}, pages {written.pages * scale:{form}}, disk {disk}"


class _Thermometer:
    """Asked once a second, and never twice the same."""

    every_s = 1.0

    def __init__(self) -> None:
        self.asked = 0

    def open(self, _board: Any) -> "_Thermometer":
        return self

    def read(self) -> dict[str, float]:
        self.asked += 1
        return {"x": 20 + self.asked * 0.0137}

    def close(self) -> None:
        """Nothing is held."""


def _outbox(directory: Path) -> Written:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    measures = (Measure("x", Words("温度", "temperature")),)
    sensors = {f"s{n}": Sensor("washer", f"s{n}", "asked", {}, measures) for n in range(SENSORS)}
    line = Line("akita", "wash", stations={"washer": Station("washer", "洗浄機", agent="pi-1", sensors=sensors)})
    outbox = Outbox(directory / "outbox.sqlite", "pi-1", clock)
    modules: Any = {"asked": SimpleNamespace(STYLE="polled", Sensor=lambda **_: _Thermometer())}
    agent = Agent(line, "pi-1", bench, outbox, modules)
    delivery = Delivery(outbox, clock)
    delivery.is_live = True
    stored: dict[str, int] = {}
    delivery.listen(lambda: stored.update({str(batch.series): batch.last for batch in delivery.due()}))
    clock.every(1.0, lambda: delivery.hear(Acks("store", {outbox.stream: dict(stored)}), retained=False), "store")
    agent.start()
    clock.turn(60.0)
    written = Written.by(lambda: clock.turn(HOUR_S))
    agent.stop()
    assert outbox.held >= SENSORS * HOUR_S
    outbox.close()
    bench.close()
    return written


def _naive(directory: Path) -> Written:
    """One row and one commit a reading, as safe as ours (``synchronous = FULL``), nothing else."""
    db = sqlite3.connect(directory / "naive.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE reading (id INTEGER PRIMARY KEY, topic TEXT, t INTEGER, v REAL)")

    def take() -> None:
        for n in range(NAIVE_READINGS):
            row = (f"washer/s{n % SENSORS}/x", START_NS + n * NS_PER_S // SENSORS, 20 + n * 0.0137)
            db.execute("INSERT INTO reading (topic, t, v) VALUES (?, ?, ?)", row)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    written = Written.by(take)
    db.close()
    return written


def _store(directory: Path) -> Written:
    """The collector's store; closing it, with its last folding, is counted."""
    measures = (Measure("x", Words("温度", "temperature")),)
    sensors = {f"s{n}": Sensor("washer", f"s{n}", "external", {}, measures) for n in range(MESSAGES)}
    line = Line("akita", "wash", stations={"washer": Station("washer", "洗浄機", agent="pi-1", sensors=sensors)})
    store = DuckStore(directory / "line.duckdb")
    ingest = Ingest(store, [(0, line)], "bench", now_ns=lambda: START_NS + DAY_S * NS_PER_S)

    def take() -> None:
        for n in range(COMMITS):
            for id in sensors:
                series = Series("washer", id, "x")
                batch = Batch(series, "s", n + 1, [START_NS + n * NS_PER_S], [20 + n * 0.0137], "synced", "pi-1")
                ingest.take(line.topics.reading(series), encode(batch), START_NS + n * NS_PER_S)
            ingest.commit()
        store.close()

    written = Written.by(take)
    assert ingest.status()["stored"] == COMMITS * MESSAGES
    return written


def _plain(directory: Path) -> Written:
    """Readings and their range in one transaction of DuckDB, a commit at a time."""
    import duckdb

    db = duckdb.connect(str(directory / "plain.duckdb"))
    db.execute("CREATE TABLE reading (series INTEGER, stream TEXT, seq BIGINT, t BIGINT, v DOUBLE)")
    db.execute("CREATE TABLE range (series INTEGER PRIMARY KEY, last BIGINT)")

    reading = f"INSERT INTO reading VALUES {', '.join(['(?, ?, ?, ?, ?)'] * MESSAGES)}"
    range_ = f"INSERT OR REPLACE INTO range VALUES {', '.join(['(?, ?)'] * MESSAGES)}"

    def take() -> None:
        for n in range(COMMITS):
            t, v = START_NS + n * NS_PER_S, 20 + n * 0.0137
            db.execute("BEGIN")
            db.execute(reading, [cell for s in range(MESSAGES) for cell in (s, "s", n, t, v)])
            db.execute(range_, [cell for s in range(MESSAGES) for cell in (s, n)])
            db.execute("COMMIT")
        db.close()

    return Written.by(take)
