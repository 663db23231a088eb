"""The InfluxDB store answers every question as the DuckDB store does, whatever was committed to both."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.store import NO_STREAM, Refused, Rows, Store, StreamNews, Track, Work
from collector.store.duck import DuckStore
from contract.reading import NS_PER_S, Series
from tests.influx_server import InfluxServer, influx_server

pytestmark = [pytest.mark.influx, pytest.mark.faults]

START = 1_795_000_000 * NS_PER_S
NUMBERS = (Series("a", "x", "m"), Series("a", "y", "m"))
TEXT = Series("b", "x", "t")
SERIES = (*NUMBERS, TEXT)
BATCHES = st.lists(
    st.tuples(
        st.sampled_from(SERIES),
        st.sampled_from(["s1", "s2", NO_STREAM]),
        st.integers(0, 3),  # numbers skipped before the batch
        st.integers(1, 20),  # its length
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as running:
        yield running


def works(plan: list[list[tuple[Series, str, int, int]]]) -> Iterator[Work]:
    """A work for each list of batches; numbers go on from batch to batch, streams lie in between each other."""
    reached: dict[tuple[str, Series], int] = {}
    for turn, batches in enumerate(plan):
        work = Work(counters={"received": turn}, streams={"s1": StreamNews("pi-1", START + turn, 5)})
        work.refused.append(
            Refused(f"q{turn}", START + turn, "a/b", "not_json", "", b"{" * turn, "s1" if turn else None)
        )
        for series, stream, skipped, length in batches:
            first = reached.get((stream, series), 0) + skipped + 1
            reached[stream, series] = first + length - 1
            work.rows.append(rows(series, stream, first, length))
            if stream != NO_STREAM:
                work.ranges[stream, series] = ((1, first + length - 1),)
        yield work


def rows(series: Series, stream: str, first: int, length: int) -> Rows:
    numbers = range(first, first + length)
    t = [START + n * 1000 + (stream == "s2") for n in numbers]
    flag = [1 if n % 3 == 0 else 0 for n in numbers] if length > 1 else None
    seq = None if stream == NO_STREAM else first
    if series == TEXT:
        return Rows(series, stream, seq, t, [f"品種{n}" for n in numbers], flag)
    return Rows(series, stream, seq, t, [float(n) for n in numbers], flag)


def seen(track: Track) -> list[tuple[object, ...]]:
    streams = [track.streams[at] for at in track.stream]
    kinds = tuple(array.dtype.name for array in (track.t, track.v, track.stream, track.seq, track.flag))
    assert track.t.tolist() == sorted(track.t.tolist())
    found = zip(track.t.tolist(), streams, track.v.tolist(), track.seq.tolist(), track.flag.tolist(), strict=True)
    return [kinds, *sorted(found)]


def answers(store: Store) -> dict[str, object]:
    """Every question there is, and what the store answers."""
    said: dict[str, object] = {"remembered": store.remembered(), "series": sorted(map(str, store.all_series()))}
    said["quarantine"] = [*store.quarantine(), *store.quarantine(limit=2), *store.quarantine(["q1"])]
    for at in (START, START + 9000, START + NS_PER_S):
        for series in SERIES if len(store.readings(TEXT)) else NUMBERS:
            tracks = (store.before(series, at), store.after(series, at), store.readings(series, START + 3000, at))
            said[f"{series} at {at}"] = [seen(track)[1:] for track in tracks]
    for series in SERIES:
        said[f"{series}"] = seen(store.readings(series))[0 if len(store.readings(series)) else 1 :]
        said[f"{series} single"] = dict(store.at_times(series, range(START, START + 60_000, 1000)))
        for stream in ("s1", "s2", "nobody"):
            said[f"{series} {stream}"] = dict(store.numbered(stream, series, 3, 25))
            beside = ((1, 2), (3, 9), (20, 20), (90, 99))
            said[f"{series} {stream} beside"] = [store.times_beside(stream, series, *run) for run in beside]
            if series in NUMBERS:
                said[f"{series} {stream} below"] = [store.last_total(stream, series, below) for below in (1, 9, 99)]
    for station in ("a", "b", "nowhere"):
        said[station] = (store.extent(station), store.heard(station, START, START + 20_000).tolist())
    return said


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(BATCHES, min_size=1, max_size=6))
def test_both_stores_answer_alike(server: InfluxServer, plan: list[list[tuple[Series, str, int, int]]]) -> None:
    influx = server.store(server.new_bucket())
    with tempfile.TemporaryDirectory() as directory:
        duck = DuckStore(Path(directory) / "line.duckdb")
        for work in works(plan):
            influx.commit(work)
            duck.commit(work)
        expected = answers(duck)
        found = answers(influx)
        duck.close()
    influx.close()
    assert found.keys() == expected.keys()
    for question in expected:
        assert found[question] == expected[question], question
