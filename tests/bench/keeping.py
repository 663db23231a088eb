"""What storing feels of a backup and of old readings going: how long commits take meanwhile, with a million readings.

Twenty readings are committed a hundred times a second; each commit is timed: on a quiet store, while `kojo backup`
makes and tries its file, while half of all readings go. And how large the file is before and after.
"""

import contextlib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from collector.retention import Retention
from collector.store import Rows, Work
from collector.store.duck import DuckStore
from contract.reading import NS_PER_S, Series
from kojo.backup import backup
from kojo.backup_parts import gather
from kojo.data_directory import DataDirectory
from kojo.local_door import LocalDoor
from tests.bench.figures import Figure

MILLION = 1_000_000
SERIES = [Series("washer", f"s{n}", "temperature") for n in range(10)]
EACH = MILLION // len(SERIES)
START_NS = 1_795_000_000 * NS_PER_S
QUIET_S = 3.0
LIMIT_S = 1.0
NO_LINE = Path("none.toml")


def measure() -> list[Figure]:
    """Quiet, backup, retention."""
    with tempfile.TemporaryDirectory() as scratch:
        data = Path(scratch) / "data"
        data.mkdir()
        with DataDirectory(data, "serve"):
            store = DuckStore(data / "line.duckdb")
            _fill(store)
            size = (data / "line.duckdb").stat().st_size
            door = LocalDoor(data, {"backup": lambda asked: gather(store, "duckdb:line.duckdb", Path(asked["into"]))})
            door.open()
            figures = [
                _felt("storing on a quiet machine", store, lambda: time.sleep(QUIET_S)),
                _felt("while a backup is made", store, lambda: backup(data, Path(scratch) / "b", NO_LINE, False)),
                _felt("while half the readings go", store, _retention(store)),
            ]
            door.close()
            store.fold()
            after = (data / "line.duckdb").stat().st_size
            store.close()
    told = f"{size / 1e6:.1f} MB before, {after / 1e6:.1f} MB after half of them went"
    return [*figures, Figure("the file of a million readings", told, "room is used again, not given back", "", None)]


def _fill(store: DuckStore) -> None:
    dice = np.random.default_rng(1)
    for series in SERIES:
        v = np.round(dice.normal(20.0, 3.0, EACH), 2).tolist()
        t = range(START_NS, START_NS + EACH * NS_PER_S, NS_PER_S)
        store.commit(Work(rows=[Rows(series, "old", 1, t, v)], ranges={("old", series): ((1, EACH),)}))
    store.fold()


def _retention(store: DuckStore) -> Callable[[], object]:
    cut = START_NS + EACH // 2 * NS_PER_S
    return Retention(store, lambda: cut, lambda _: None).round


def _felt(name: str, store: DuckStore, meanwhile: Callable[[], object]) -> Figure:
    began = time.monotonic()
    with _storing(store, f"during-{began}") as took:
        meanwhile()
    lasted = time.monotonic() - began
    said = f"median {statistics.median(took) * 1000:.1f} ms, worst {max(took) * 1000:.0f} ms"
    return Figure(
        f"commit, {name}", said, f"{len(took)} commits in {lasted:.1f} s", f"worst <= {LIMIT_S} s", max(took) <= LIMIT_S
    )


@contextlib.contextmanager
def _storing(store: DuckStore, stream: str) -> Iterator[list[float]]:
    took: list[float] = []
    stop = threading.Event()

    def store_more() -> None:
        first, base = 1, time.time_ns()
        while not stop.is_set():
            t = [base + (first + n) * NS_PER_S // 2000 for n in range(20)]
            rows = Rows(SERIES[0], stream, first, t, [float(n) for n in range(20)])
            began = time.monotonic()
            store.commit(Work(rows=[rows], ranges={(stream, SERIES[0]): ((1, first + 19),)}))
            took.append(time.monotonic() - began)
            first += 20
            stop.wait(0.01)

    thread = threading.Thread(target=store_more)
    thread.start()
    try:
        yield took
    finally:
        stop.set()
        thread.join()
