"""The collector's ingest on a real InfluxDB: section 3 of the contract holds without transactions."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.store.influx import InfluxStore
from contract.errors import StoreAway
from contract.line import Line, load
from contract.payload import encode
from contract.reading import NS_PER_S, Batch, Series
from contract.topics import Topics
from edge.sensors import catalogue
from tests.influx_server import LINE, SITE, InfluxServer, influx_server

pytestmark = pytest.mark.influx

DONE = Series("washer", "done", "count")
MONDAY = 1_794_787_200 * NS_PER_S
"""2026-11-16 00:00 UTC, where InfluxDB begins a new shard."""
ARRIVED = MONDAY + 3600 * NS_PER_S
TOPIC = Topics(SITE, LINE).reading(DONE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as running:
        yield running


@pytest.fixture(scope="module")
def line() -> Line:
    return load(Path(__file__).parents[2] / "hardware" / "lines" / "washing.toml", catalogue())


@pytest.fixture
def store(server: InfluxServer) -> Iterator[InfluxStore]:
    opened = server.store(server.new_bucket())
    yield opened
    opened.close()


_starts = count(step=NS_PER_S)
"""Each collector of these tests starts a second after the one before."""


def ingest(store: InfluxStore, line: Line) -> Ingest:
    clock = count(ARRIVED + next(_starts))
    return Ingest(store, [(0, line)], "one", lambda: next(clock))


def batch(first: int, size: int = 100, more: int = 0) -> bytes:
    """Numbers from ``first`` on, number n ``n - 1`` seconds after Monday began less a minute, total n + more."""
    numbers = range(first, first + size)
    t = [MONDAY + (n - 61) * NS_PER_S for n in numbers]
    return encode(Batch(DONE, "s1", first, t, [n + more for n in numbers], "synced", "pi-1", 1))


def test_a_crash_between_readings_and_ranges_stores_each_once(
    server: InfluxServer, store: InfluxStore, line: Line
) -> None:
    first = ingest(store, line)
    first.take(TOPIC, batch(1), ARRIVED)
    server.front.cut = lambda path, body: "before" if b"kojo_range" in body else None
    with pytest.raises(StoreAway):
        first.commit()
    server.front.cut = lambda path, body: None
    after_the_crash = ingest(store, line)
    assert after_the_crash.acks("pi-1").streams.get("s1", {}) == {}
    for repeat in (batch(1), batch(51), batch(1)):
        after_the_crash.take(TOPIC, repeat, ARRIVED)
        after_the_crash.commit()
    status = after_the_crash.status()
    assert (status["received"], status["stored"], status["duplicates"]) == (300, 150, 150)
    assert store.readings(DONE).seq.tolist() == list(range(1, 151))
    assert after_the_crash.acks("pi-1").streams == {"s1": {str(DONE): 150}}


def test_a_failed_commit_is_tried_again_by_the_same_collector(
    server: InfluxServer, store: InfluxStore, line: Line
) -> None:
    one = ingest(store, line)
    one.take(TOPIC, batch(1), ARRIVED)
    server.front.cut = lambda path, body: "after"
    with pytest.raises(StoreAway):
        one.commit()
    server.front.cut = lambda path, body: None
    one.commit()
    assert one.status()["stored"] == ingest(store, line).status()["stored"] == 100
    assert len(store.readings(DONE)) == 100


def test_a_used_number_with_other_content_goes_to_quarantine(store: InfluxStore, line: Line) -> None:
    one = ingest(store, line)
    for said in (batch(1), batch(1, more=7)):
        one.take(TOPIC, said, ARRIVED)
        one.commit()
    again = ingest(store, line)
    again.take(TOPIC, batch(90, 20, more=1), ARRIVED)
    again.commit()
    assert [message.payload for message in store.quarantine()] == [batch(1, more=7), batch(90, 20, more=1)]
    assert store.readings(DONE).v.tolist() == [float(n) for n in range(1, 101)]


def test_only_the_readings_the_server_refuses_for_good_are_quarantined(
    server: InfluxServer, store: InfluxStore, line: Line
) -> None:
    """An integer from another program in the newer week's shard makes that week refuse every float."""
    bucket = server.new_bucket()
    one = ingest(server.store(bucket), line)
    assert server.put(bucket, f"reading,site={SITE},line={LINE},station=other v=1i {MONDAY}")[0] == 204
    one.take(TOPIC, batch(58, 6), ARRIVED)
    one.commit()
    kept = server.store(bucket)
    assert kept.readings(DONE).seq.tolist() == [58, 59, 60]
    assert {message.reason for message in kept.quarantine()} == {"store_refused"}
    assert len(kept.quarantine()) == 3
    assert one.status()["stored"] == 3


def test_two_collectors_of_one_bucket_store_a_stream_once_and_know_all_of_it(server: InfluxServer, line: Line) -> None:
    """Batches by turns, some to both, some overtaking; totals are judged across both, and nobody confirms too much."""
    bucket = server.new_bucket()
    stores = [server.store(bucket, name) for name in ("one", "two")]
    clock = count(ARRIVED + next(_starts))
    one, two = (
        Ingest(store, [(0, line)], name, lambda: next(clock), shared=True)
        for store, name in zip(stores, ("one", "two"), strict=True)
    )
    order = [(one, 1), (two, 101), (one, 301), (two, 201), (two, 301), (one, 101), (two, 501), (one, 401), (one, 501)]
    for ingest_, first in order:
        ingest_.take(TOPIC, batch(first), ARRIVED)
        ingest_.commit()
    for ingest_ in (one, two):
        ingest_.refresh()
    for ingest_ in (one, two):
        assert ingest_.acks("pi-1").streams == {"s1": {str(DONE): 600}}
        status = ingest_.status()
        assert (status["received"], status["stored"], status["duplicates"]) == (900, 600, 300)
        assert (status["missing"], status["quarantined"]) == (0, 0)
    kept = stores[0].readings(DONE)
    assert kept.seq.tolist() == kept.v.tolist() == list(range(1, 601))
    assert stores[1].remembered().ranges == {("s1", DONE): ((1, 600),)}
    two.take(TOPIC, batch(601, 10, more=-50), ARRIVED)
    two.commit()
    assert two.status()["in_quarantine"] == 1, "a total that falls below what the other collector stored"
    one.take(TOPIC, batch(611, 10, more=-50), ARRIVED)
    one.commit()
    one.refresh()
    assert one.acks("pi-1").streams == {"s1": {str(DONE): 620}}
    assert stores[0].readings(DONE, MONDAY).v[-1] == 570.0, "it rises from where the other's total fell to"
    for store in stores:
        store.close()
