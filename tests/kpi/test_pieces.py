import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from contract.reading import Series
from kpi.pieces import MOST_PLACED, Counts, close_ns, from_events, from_totals, merged
from kpi.spans import NS, Times
from tests.kpi.memory_store import MemoryStore

SERIES = Series("washer", "done", "count")


def counts(*streams: tuple[str, int | None, list[tuple[float, int]]], close_s: float = 60.0) -> Counts:
    store = MemoryStore()
    for stream, seq, rows in streams:
        store.put(str(SERIES), [(round(t * NS), v) for t, v in rows], stream, seq)

    def close(t: Times) -> Times:
        return close_ns(np.full(len(t), close_s))

    return from_totals(store.readings(SERIES), close)


def told(found: Counts) -> list[tuple[float, int]]:
    return [(t / NS, int(k)) for t, k in zip(found.t.tolist(), found.ends.tolist(), strict=True)]


def test_a_rise_by_one_is_a_piece_at_the_reading() -> None:
    assert told(counts(("a", 1, [(10, 1), (30, 2), (50, 2), (70, 3)]))) == [(10, 1), (30, 1), (70, 1)]


def test_only_number_one_counts_from_zero() -> None:
    assert told(counts(("a", 7, [(10, 41), (30, 42)]))) == [(30, 1)]
    assert told(counts(("a", 1, [(10, 3)]))) == [(10, 3)]


def test_a_polled_counter_is_placed_evenly() -> None:
    assert told(counts(("a", 1, [(0, 0), (60, 3)]))) == [(20, 1), (40, 1), (60, 1)]


def test_readings_far_apart_leave_all_but_the_last_without_a_time() -> None:
    assert told(counts(("a", 1, [(0, 0), (60.001, 3)]))) == [(60.001, 3)]
    assert told(counts(("a", 1, [(0, 0), (90, 3)]), close_s=90.0)) == [(30, 1), (60, 1), (90, 1)]


def test_a_total_below_the_one_before_it_is_a_baseline() -> None:
    assert told(counts(("a", 1, [(10, 5), (20, 2), (30, 3)]))) == [(10, 5), (30, 1)]


def test_a_device_without_a_stream_restarts_at_zero() -> None:
    assert told(counts(("-", None, [(10, 41), (30, 42), (50, 1), (70, 2)]))) == [(30, 1), (50, 1), (70, 1)]


def test_streams_are_differenced_apart() -> None:
    """A restarted agent: its new stream begins again at 1, and late readings of the old one still fit in."""
    found = counts(("old", 5, [(10, 105), (90, 106)]), ("new", 1, [(50, 1), (70, 2)]))
    assert told(found) == [(50, 1), (70, 1), (90, 1)]


def test_a_stream_is_differenced_by_its_numbers_and_not_by_its_times() -> None:
    store = MemoryStore()
    store.put(str(SERIES), [(30 * NS, 1)], "a", 1)
    store.put(str(SERIES), [(20 * NS, 2)], "a", 2)
    found = from_totals(store.readings(SERIES), lambda t: close_ns(np.full(len(t), 60.0)))
    assert int(found.ends.sum()) == 2


def test_a_jump_of_the_counter_is_not_a_row_of_pieces() -> None:
    assert told(counts(("a", 1, [(0, 0), (10, MOST_PLACED + 1)]))) == [(10, MOST_PLACED + 1)]


def test_an_event_is_a_piece() -> None:
    store = MemoryStore()
    store.put(str(SERIES), [(10 * NS, 1), (11 * NS, 7)])
    assert told(from_events(store.readings(SERIES))) == [(10, 1), (11, 1)]


def test_parallel_outlets_are_merged_by_time() -> None:
    one, two = counts(("a", 1, [(10, 1), (30, 2)])), counts(("b", 1, [(20, 1)]))
    assert told(merged([one, two])) == [(10, 1), (20, 1), (30, 1)]


@given(st.lists(st.tuples(st.integers(1, 200), st.integers(0, 6)), min_size=1, max_size=40), st.booleans())
def test_every_count_becomes_one_piece_in_its_place(steps: list[tuple[int, int]], from_one: bool) -> None:
    t, v, rows = 0, 0, []
    for apart, rise in steps:
        t, v = t + apart, v + rise
        rows.append((float(t), v))
    found = counts(("a", 1 if from_one else 9, rows))
    expected = v if from_one else v - rows[0][1]
    assert int(found.ends.sum()) == expected
    assert (np.diff(found.t) >= 0).all()
    if len(found):
        assert found.t[0] >= 0
        assert found.t[-1] <= t * NS
