from random import Random

import hypothesis.strategies as st
from hypothesis import given, settings

from collector.store import Entry, Track
from contract.reading import Series
from kpi.shelf import GLANCE_S, KEPT_DAYS, TRUSTED_S, Shelf
from tests.collector.test_heard import gaps
from tests.kpi.lines import NS, at
from tests.kpi.memory_store import MemoryStore

SERIES = Series("washer", "done", "count")


class Clock:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def shelf_of(store: MemoryStore) -> tuple[Shelf, Clock]:
    clock = Clock()
    return Shelf(store, now_ns=lambda: at("12:00"), monotonic_s=clock), clock


def told(track: Track) -> list[tuple[int, float, str, int]]:
    names = [track.streams[i] for i in track.stream.tolist()]
    return list(zip(track.t.tolist(), track.v.tolist(), names, track.seq.tolist(), strict=True))


def reading(t: int) -> dict[str, object]:
    return {"station": "washer", "sensor": "done", "measure": "count", "t": t, "v": 1, "stored": True}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_is_stored_and_told_the_shelf_answers_like_the_store(seed: int) -> None:
    dice, store = Random(seed), MemoryStore()
    shelf, _ = shelf_of(store)
    numbers = {"a": 1, "b": 1}
    for _ in range(12):
        stream = dice.choice(["a", "b"])
        t = at("8:00") + dice.randrange(4 * 3600) * NS + (0 if stream == "a" else 1)
        if t not in {row[0] for row in store.rows.get(SERIES, [])}:
            store.put(str(SERIES), [(t, numbers[stream])], stream, numbers[stream])
            numbers[stream] += 1
            shelf.heard_of([reading(t)])
        a, b = (at("7:00") + dice.randrange(6 * 3600) * NS for _ in range(2))
        assert told(shelf.readings(SERIES, a, b)) == told(store.readings(SERIES, a, b))
        assert told(shelf.before(SERIES, a)) == told(store.before(SERIES, a))
        assert gaps(shelf.heard("washer", a, b)) == gaps(store.heard("washer", a, b))


def test_what_is_kept_is_not_asked_again() -> None:
    store = MemoryStore()
    store.put(str(SERIES), [(at("9:00"), 1), (at("10:00"), 2)])
    shelf, _ = shelf_of(store)
    for _ in range(5):
        assert len(shelf.readings(SERIES, at("8:00"), at("11:00"))) == 2
    assert store.asked == 1
    shelf.heard_of([reading(at("9:30"))])
    shelf.readings(SERIES, at("8:00"), at("11:00"))
    assert store.asked == 2


def test_a_reading_shown_before_its_commit_makes_nothing_stale() -> None:
    store = MemoryStore()
    store.put(str(SERIES), [(at("9:00"), 1)])
    shelf, _ = shelf_of(store)
    shelf.readings(SERIES, at("8:00"), at("11:00"))
    shelf.heard_of([reading(at("9:30")) | {"stored": False}])
    shelf.readings(SERIES, at("8:00"), at("11:00"))
    assert store.asked == 1


def test_what_nobody_told_of_is_found_after_a_while() -> None:
    store = MemoryStore()
    store.put(str(SERIES), [(at("9:00"), 1)])
    shelf, clock = shelf_of(store)
    assert len(shelf.readings(SERIES, at("8:00"), at("11:00"))) == 1
    store.put(str(SERIES), [(at("9:10"), 2)], seq=2)
    assert len(shelf.readings(SERIES, at("8:00"), at("11:00"))) == 1
    clock.s += TRUSTED_S + 1
    assert len(shelf.readings(SERIES, at("8:00"), at("11:00"))) == 2


def test_old_windows_go_to_the_store() -> None:
    store = MemoryStore()
    shelf, _ = shelf_of(store)
    long_ago = at("12:00") - (KEPT_DAYS * 86400 + 1) * NS
    for _ in range(3):
        shelf.readings(SERIES, long_ago, long_ago + NS)
    assert store.asked == 3


def test_an_entry_counts_at_once_where_it_was_told_and_soon_elsewhere() -> None:
    store = MemoryStore()
    shelf, clock = shelf_of(store)
    assert shelf.entries("plan") == []
    store.keep_entry(Entry("a", "plan", 5, 5, {}))
    assert shelf.entries("plan") == []
    shelf.entered()
    assert len(shelf.entries("plan", 5, 6)) == 1
    assert shelf.entries("plan", 6, 7) == []
    store.keep_entry(Entry("b", "plan", 6, 6, {}))
    clock.s += GLANCE_S + 0.1
    assert len(shelf.entries("plan")) == 2


def test_a_stations_first_reading_is_known_as_soon_as_it_is_told() -> None:
    store = MemoryStore()
    shelf, _ = shelf_of(store)
    assert shelf.first("washer") is None
    for t, first in ((at("9:00"), at("9:00")), (at("8:30"), at("8:30")), (at("9:30"), at("8:30"))):
        store.put(str(SERIES), [(t, 1)], str(t), 1)
        shelf.heard_of([reading(t)])
        assert shelf.first("washer") == first
