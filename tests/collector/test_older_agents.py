"""What older agents said is taken for ever: batches as they were recorded, byte for byte."""

from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from tests.collector.example import DONE, LINE, TEMPERATURE, S, topic

pytestmark = pytest.mark.slow

NOW = 1_795_000_100 * S

RECORDED = {
    "0.1: an agent's batch": (
        TEMPERATURE,
        b'{"stream":"6b1f0c","agent":"pi-1","seq":1041,"from":1001,"t":[1795000000000000000,1795000001000000000],'
        b'"v":[412,413],"clock":"synced"}',
        2,
    ),
    "0.1: a total": (
        DONE,
        b'{"stream":"6b1f0c","agent":"pi-1","seq":1,"t":[1795000000000000000],"v":[1],"clock":"corrected"}',
        1,
    ),
    "another program's, without agent and from": (
        TEMPERATURE,
        b'{"stream":"esp1","seq":1,"t":[1795000000000000000],"v":[23.5],"clock":"synced"}',
        1,
    ),
    "a later agent's, with keys nobody knows yet": (
        TEMPERATURE,
        b'{"stream":"ab12","agent":"pi-1","seq":1,"t":[1795000000000000000],"v":[23.5],"clock":"synced","key":{"a":[1]}}',
        1,
    ),
}


@pytest.mark.parametrize("recorded", RECORDED)
def test_a_recorded_batch_is_stored_and_confirmed(recorded: str, tmp_path: Path) -> None:
    series, payload, many = RECORDED[recorded]
    store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    ingest = Ingest(store, [(0, LINE)], "c1", now_ns=lambda: NOW)
    ingest.take_all([(topic(series), payload)], NOW)
    assert len(store.readings(series)) == many
    assert ingest.status()["quarantined"] == 0
    assert any(ingest.acks("pi-1").streams.values())
    store.close()
