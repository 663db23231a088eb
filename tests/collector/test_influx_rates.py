"""How fast the InfluxDB store is on a real server; the figures go into docs/decisions/influx-store.md.

    pytest tests/collector/test_influx_rates.py -s

Only ratios are asserted: how fast the machine is says nothing about the store.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from collector.store import Rows, Work
from contract.reading import NS_PER_S, Series
from tests.influx_server import InfluxServer, influx_server
from tests.servers import wait_until

pytestmark = [pytest.mark.influx, pytest.mark.faults]

DONE = Series("washer", "done", "count")
START = 1_790_000_000 * NS_PER_S
READINGS = 400_000
A_BATCH, BATCHES_A_COMMIT = 100, 20


def batch(first: int, size: int, stream: str = "long") -> Rows:
    numbers = range(first, first + size)
    return Rows(DONE, stream, first, [START + n * NS_PER_S for n in numbers], [float(n) for n in numbers])


def seconds(did: Callable[[], object], times: int = 1) -> float:
    """The best of so many times."""
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        did()
        best = min(best, time.perf_counter() - begun)
    return best


def each(do: Callable[[Work], None], works: Sequence[Work]) -> None:
    for work in works:
        do(work)


def fill(server: InfluxServer, bucket: str) -> float:
    """Write a long stream in commits of 20 batches of 100, as the collector does when it catches up; seconds."""
    store = server.store(bucket)
    begun = time.perf_counter()
    for first in range(1, READINGS, A_BATCH * BATCHES_A_COMMIT):
        rows = [batch(first + at * A_BATCH, A_BATCH) for at in range(BATCHES_A_COMMIT)]
        store.commit(Work(rows=rows, ranges={("long", DONE): ((1, rows[-1].t[-1]),)}, counters={"received": first}))
    return time.perf_counter() - begun


def on_disk(server: InfluxServer) -> int:
    return sum(path.stat().st_size for path in (server.directory / "data").rglob("*.tsm"))


def test_a_long_stream_is_written_fast_and_searched_without_reading_it(tmp_path: Path) -> None:
    with influx_server(tmp_path, settle="1s") as server:
        bucket = server.new_bucket()
        write_s = fill(server, bucket)
        wait_until(lambda: on_disk(server) > READINGS, within_s=60, what="the readings are on disk")
        store = server.store(bucket)
        day = START + 86_400 * NS_PER_S, START + 2 * 86_400 * NS_PER_S
        small = [Work(rows=[batch(n, 1, "small")], counters={"received": n}) for n in range(1, 51)]
        small_s = seconds(lambda: each(store.commit, small))
        read_s = seconds(lambda: store.readings(DONE), 2)
        search_s = seconds(lambda: store.numbered("long", DONE, READINGS // 3, READINGS // 3 + 999), 3)
        print(
            f"\nwrite {READINGS / write_s:,.0f} readings/s in commits of {A_BATCH * BATCHES_A_COMMIT}"
            f"\ncommit of one reading {small_s / len(small) * 1000:.1f} ms"
            f"\nread all {READINGS / read_s:,.0f} readings/s"
            f"\nread 86,400 {seconds(lambda: store.readings(DONE, *day), 3) * 1000:.0f} ms"
            f"\n1,000 numbers out of the middle {search_s * 1000:.1f} ms"
            f"\nnearest lower total {seconds(lambda: store.last_total('long', DONE, READINGS + 1), 5) * 1000:.1f} ms"
            f"\nlast before a time {seconds(lambda: store.before(DONE, day[0]), 5) * 1000:.1f} ms"
            f"\non disk {on_disk(server) / READINGS:.1f} bytes a reading"
        )
        assert len(store.readings(DONE)) == READINGS + len(small)
        assert search_s < read_s / 3
