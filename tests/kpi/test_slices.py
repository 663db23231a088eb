"""Long windows are read in parts: nothing left out, nothing twice, and never much in memory."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.store import Track
from contract.reading import Series
from kpi.slices import joined, parts, thinned_as_they_come
from kpi.spans import NS
from tests.kpi.memory_store import MemoryStore

AIR = Series("washer", "air", "temperature")
HOUR = 3600 * NS


def store_of(times: list[int], stream: str = "s1") -> MemoryStore:
    store = MemoryStore()
    store.put(str(AIR), [(t, float(i)) for i, t in enumerate(sorted(set(times)))], stream)
    return store


HOURS = st.integers(0, 500)


@given(st.lists(st.integers(0, 500 * HOUR), min_size=1, max_size=60), st.tuples(HOURS, HOURS))
def test_the_parts_are_the_whole(times: list[int], window: tuple[int, int]) -> None:
    store = store_of(times)
    start, end = min(window) * HOUR, max(window) * HOUR
    found = joined(list(parts(store, AIR, start, end)))
    whole = store.readings(AIR, start, end)
    assert found.t.tolist() == whole.t.tolist()
    assert found.v.tolist() == whole.v.tolist()
    assert found.seq.tolist() == whole.seq.tolist()
    assert [found.streams[i] for i in found.stream] == [whole.streams[i] for i in whole.stream]


def test_a_window_of_two_hundred_years_asks_only_where_readings_are() -> None:
    store = store_of([1_795_000_000 * NS, 1_795_000_000 * NS + 400 * 24 * HOUR])
    assert len(joined(list(parts(store, AIR, 0, 2**62)))) == 2
    assert store.asked < 20


def test_streams_keep_their_names_across_parts() -> None:
    store = store_of([0, HOUR], "first")
    store.put(str(AIR), [(5 * HOUR, 7.0)], "second")
    found = joined(list(parts(store, AIR, 0, 10 * HOUR)))
    assert [found.streams[i] for i in found.stream] == ["first", "first", "second"]


def test_a_station_without_readings_has_no_parts() -> None:
    assert list(parts(MemoryStore(), AIR, 0, HOUR)) == []
    assert len(joined([])) == 0


@pytest.mark.parametrize("points", [2, 3, 50])
def test_more_than_can_be_held_is_thinned_on_the_way_and_keeps_lowest_and_highest(points: int) -> None:
    drawn = np.random.default_rng(1).normal(size=50_000)

    def coming() -> Iterator[Track]:
        for begin in range(0, len(drawn), 1000):
            v = drawn[begin : begin + 1000]
            t = np.arange(begin, begin + 1000, dtype=np.int64)
            none = np.zeros(1000, np.int64)
            yield Track(t, v, none.astype(np.int32), none, none.astype(np.int8), ("s",))

    found = thinned_as_they_come(coming(), points, hold=5000)
    assert len(found) <= points
    assert {drawn.min(), drawn.max()} <= set(found.v.tolist())
    assert found.t.tolist() == sorted(found.t.tolist())
