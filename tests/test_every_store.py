"""Every store keeps the same promises, whatever stands behind its verbs. A new store joins by one line in STORES."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from collector.store import (
    FLAG_OUT_OF_RANGE,
    NO_STREAM,
    Entry,
    Kept,
    LineVersion,
    Refused,
    Rows,
    Store,
    StreamNews,
    Track,
    Work,
)
from collector.store.duck import DuckStore
from contract.reading import Series
from tests.influx_server import influx_store

DONE = Series("washer", "done", "count")
WASH = Series("washer", "wash", "state")
WHY = Series("packer", "why", "pressed")
S = 1_000_000_000
START = 1_795_000_000 * S


@contextmanager
def duck_store(directory: Path) -> Iterator[Store]:
    """What was committed is still in the journal."""
    store = DuckStore(directory / "line.duckdb", threads=1, memory_mb=128)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def folding_store(directory: Path) -> Iterator[Store]:
    """The same store, each commit folded into the file at once."""

    class Folding(DuckStore):
        def commit(self, work: Work) -> None:
            super().commit(work)
            self.fold()

    store = Folding(directory / "line.duckdb", threads=1, memory_mb=128)
    try:
        yield store
    finally:
        store.close()


Opened = Callable[[Path], AbstractContextManager[Store]]
STORES = [
    pytest.param(duck_store, id="duckdb"),
    pytest.param(folding_store, id="duckdb-folded"),
    pytest.param(influx_store, id="influx", marks=pytest.mark.influx),
]


@pytest.fixture(scope="module", params=STORES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests of a kind: each test uses a station of its own."""
    open_one: Opened = request.param
    with open_one(tmp_path_factory.mktemp("store")) as store:
        yield store


_stations = iter(range(10_000))


@pytest.fixture
def station() -> str:
    return f"station-{next(_stations)}"


@pytest.fixture
def done(station: str) -> Series:
    return Series(station, "done", "count")


def times(first: int, many: int) -> list[int]:
    return [START + (first + n) * S for n in range(many)]


def rows(series: Series, first: int, v: list[float], stream: str = "s1") -> Rows:
    return Rows(series, stream, first, times(first, len(v)), v)


def said(track: Track) -> list[tuple[int, object, str, int, int]]:
    """A track as plain tuples: (second, value, stream, seq, flag)."""
    return [
        ((int(t) - START) // S, v, track.streams[stream], int(seq), int(flag))
        for t, v, stream, seq, flag in zip(track.t, track.v.tolist(), track.stream, track.seq, track.flag, strict=True)
    ]


# ---------------------------------------------------------------------- readings


def test_what_was_committed_is_read_in_time_order(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[rows(done, 4, [4, 5]), rows(done, 1, [1, 2, 3])]))
    track = opened.readings(done)
    assert said(track) == [(n, float(n), "s1", n, 0) for n in range(1, 6)]
    assert [str(column.dtype) for column in (track.t, track.seq, track.v)] == ["int64", "int64", "float64"]


def test_a_window_is_half_open(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[rows(done, 1, [1, 2, 3, 4])]))
    assert opened.readings(done, START + 2 * S, START + 4 * S).v.tolist() == [2, 3]
    assert opened.readings(done, START + 3 * S).v.tolist() == [3, 4]
    assert opened.readings(done, None, START + 2 * S).v.tolist() == [1]


def test_the_times_beside_some_numbers_are_those_of_the_nearest_stored_ones(opened: Store, done: Series) -> None:
    assert opened.times_beside("s1", done, 1, 9) == (None, None)
    opened.commit(Work(rows=[rows(done, 3, [3, 4]), rows(done, 9, [9, 10])]))
    assert opened.times_beside("s1", done, 6, 7) == (START + 4 * S, START + 9 * S)
    assert opened.times_beside("s1", done, 1, 2) == (None, START + 3 * S)
    assert opened.times_beside("s1", done, 11, 20) == (START + 10 * S, None)
    assert opened.times_beside("s2", done, 6, 7) == (None, None)


def test_a_series_that_has_no_readings_is_empty(opened: Store, done: Series) -> None:
    assert len(opened.readings(done)) == 0
    assert len(opened.before(done, START)) == 0
    assert len(opened.after(done, START)) == 0


def test_streams_are_told_apart(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[rows(done, 1, [1, 2]), rows(done, 2, [7], "s2")]))
    track = opened.readings(done)
    assert sorted(said(track)) == [(1, 1.0, "s1", 1, 0), (2, 2.0, "s1", 2, 0), (2, 7.0, "s2", 2, 0)]
    assert len(set(track.stream.tolist())) == 2


def test_text_is_kept_as_it_is(opened: Store, station: str) -> None:
    why = Series(station, "why", "pressed")
    words = ["段取り・調整", 'a "quoted", word\\', "two\nlines", " "]
    opened.commit(Work(rows=[Rows(why, NO_STREAM, None, times(1, 4), words)]))
    track = opened.readings(why)
    assert track.v.dtype == object
    assert [(v, stream, seq) for _, v, stream, seq, _ in said(track)] == [(word, NO_STREAM, 0) for word in words]


def test_flags_are_kept(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[Rows(done, "s1", 1, times(1, 3), [1, 2, 3], [0, FLAG_OUT_OF_RANGE, 0])]))
    opened.commit(Work(rows=[rows(done, 4, [4])]))
    assert opened.readings(done).flag.tolist() == [0, FLAG_OUT_OF_RANGE, 0, 0]


def test_numbers_keep_every_bit(opened: Store, station: str) -> None:
    weight = Series(station, "scale", "weight")
    values = [0.1, -1e-300, 2.0**53, -0.5, 1e300, 3]
    opened.commit(Work(rows=[Rows(weight, "s1", 1, [START + n for n in range(6)], values)]))
    track = opened.readings(weight)
    assert track.v.tolist() == values
    assert track.t.tolist() == [START + n for n in range(6)]


def test_the_neighbours_of_a_moment_are_found_per_stream(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[rows(done, 1, [1, 2, 3]), rows(done, 2, [7, 8], "s2")]))
    opened.commit(Work(rows=[rows(done, 200_000, [9], "s1")]))
    moment = START + 3 * S
    assert sorted(said(opened.before(done, moment))) == [(2, 2.0, "s1", 2, 0), (2, 7.0, "s2", 2, 0)]
    assert sorted(said(opened.after(done, moment))) == [(3, 3.0, "s1", 3, 0), (3, 8.0, "s2", 3, 0)]
    assert sorted(said(opened.before(done, START + 10**6 * S))) == [
        (3, 8.0, "s2", 3, 0),
        (200_000, 9.0, "s1", 200_000, 0),
    ]
    assert said(opened.after(done, START + 4 * S)) == [(200_000, 9.0, "s1", 200_000, 0)]
    assert said(opened.before(done, START + S)) == []


def test_when_a_station_was_heard_is_the_first_and_last_moment_of_each_half_minute(
    opened: Store, station: str, done: Series
) -> None:
    alive, why = Series(station, "_agent", "alive"), Series(station, "why", "pressed")
    opened.commit(
        Work(rows=[rows(done, 1, [1, 2]), rows(alive, 2, [30, 60]), Rows(why, "-", None, times(5, 1), ["x"])])
    )
    assert ((opened.heard(station, START, START + 9 * S) - START) // S).tolist() == [1, 5]
    assert ((opened.heard(station, START + 2 * S, START + 5 * S) - START) // S).tolist() == [2, 3]
    assert opened.extent(station) == (START + S, START + 5 * S)
    assert {done, alive, why} <= set(opened.all_series())


def test_nothing_was_heard_of_an_unknown_station(opened: Store) -> None:
    assert opened.heard("nobody", START, START + S).tolist() == []
    assert opened.extent("nobody") is None


# ---------------------------------------------------------------------- what the collector asks


def test_readings_are_found_by_their_numbers(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[rows(done, 1, [1, 2]), rows(done, 5, [5])]))
    assert opened.numbered("s1", done, 2, 5) == {2: (START + 2 * S, 2), 5: (START + 5 * S, 5)}
    assert opened.numbered("s2", done, 1, 5) == {}


def test_singles_are_found_by_their_times(opened: Store, station: str) -> None:
    esp, why = Series(station, "esp", "temperature"), Series(station, "why", "pressed")
    opened.commit(Work(rows=[Rows(esp, NO_STREAM, None, times(1, 2), [1.5, 2.5])]))
    opened.commit(Work(rows=[Rows(why, NO_STREAM, None, times(1, 1), ["x"])]))
    assert opened.at_times(esp, [START + 2 * S, START + 3 * S]) == {START + 2 * S: 2.5}
    assert opened.at_times(why, [START + S]) == {START + S: "x"}
    assert opened.at_times(esp, []) == {}


def test_the_nearest_lower_total_is_found_by_number_not_by_time(opened: Store, done: Series) -> None:
    opened.commit(Work(rows=[rows(done, 1, [1, 2]), Rows(done, "s1", 5, [START], [50])]))
    assert opened.last_total("s1", done, 3) == (2, 2.0)
    assert opened.last_total("s1", done, 9) == (5, 50.0)
    assert opened.last_total("s1", done, 1) is None
    assert opened.last_total("s2", done, 9) is None


# ---------------------------------------------------------------------- what the collector goes on from


def test_ranges_are_remembered_as_last_told(opened: Store, done: Series) -> None:
    opened.commit(Work(ranges={("s1", done): ((1, 3),), ("s2", done): ((1, 1),)}, given_up={("s1", done): ((5, 9),)}))
    opened.commit(Work(ranges={("s1", done): ((1, 4), (7, 7))}, given_up={("s1", done): ((5, 6), (8, 9))}))
    known = opened.remembered()
    assert tuple(known.ranges["s1", done]) == ((1, 4), (7, 7))
    assert tuple(known.ranges["s2", done]) == ((1, 1),)
    assert tuple(known.given_up["s1", done]) == ((5, 6), (8, 9))
    opened.commit(Work(given_up={("s1", done): ()}))
    assert not opened.remembered().given_up.get(("s1", done))


def test_streams_and_counters_are_remembered_as_last_told(opened: Store, station: str) -> None:
    opened.commit(Work(streams={station: StreamNews("pi-1", 5)}, counters={"received": 1, "stored": 1}))
    opened.commit(Work(streams={station: StreamNews("pi-1", 9, -3 * S)}, counters={"received": 2**53}))
    known = opened.remembered()
    assert known.streams[station] == StreamNews("pi-1", 9, -3 * S)
    assert (known.counters["received"], known.counters["stored"]) == (2**53, 1)


def refused(id_: str, stream: str | None = None, payload: bytes = b"\xff\x00 nope") -> Refused:
    return Refused(
        id_, START, "kojo/v1/akita/wash/washer/done/count", "not_json", "JSON ではない", payload, stream, True
    )


def test_quarantine_keeps_messages_whole_and_gives_them_back_oldest_first(opened: Store) -> None:
    some = [refused("b-1"), refused("b-2", "s1"), refused("b-3", payload=b"")]
    opened.commit(Work(refused=some[:2]))
    opened.commit(Work(refused=some[2:]))
    assert list(opened.quarantine(["b-2", "b-1", "nobody"])) == some[:2]
    assert [one for one in opened.quarantine() if one.id.startswith("b-")] == some
    assert [one.id for one in opened.quarantine(limit=2)] == ["b-2", "b-3"]
    kept = [one for one in opened.remembered().quarantined if one.id.startswith("b-")]
    assert kept == [
        Kept("b-1", 7, "not_json", None),
        Kept("b-2", 7, "not_json", "s1"),
        Kept("b-3", 0, "not_json", None),
    ]
    opened.commit(Work(released=["b-1", "b-3"]))
    assert [one.id for one in opened.quarantine() if one.id.startswith("b-")] == ["b-2"]


def test_a_message_may_enter_and_leave_quarantine_in_one_commit(opened: Store) -> None:
    opened.commit(Work(refused=[refused("c-1")], released=["c-1"]))
    assert list(opened.quarantine(["c-1"])) == []


def test_messages_that_wait_for_their_clock_are_remembered_until_settled(opened: Store) -> None:
    opened.commit(Work(pending=[refused("p-1", "s1"), refused("p-2", "s1")]))
    assert list(opened.remembered().pending) == [refused("p-1", "s1"), refused("p-2", "s1")]
    assert list(opened.quarantine(["p-1"])) == []
    opened.commit(Work(settled=["p-1"]))
    assert [one.id for one in opened.remembered().pending] == ["p-2"]


def test_a_commit_of_nothing_is_no_mistake(opened: Store) -> None:
    assert not Work()
    opened.commit(Work())


# ---------------------------------------------------------------------- what people enter


def test_entries_are_found_by_kind_and_time_and_replaced_by_id(opened: Store) -> None:
    first = Entry("e-1", "reason", START, START + 5, {"station": "washer", "reason": "段取り"})
    second = Entry("e-2", "reason", START + S, START + 6, {"reason": "tool", "list": [1, {"a": None}]})
    for entry in (second, first, Entry("e-3", "plan", START, START, {})):
        opened.keep_entry(entry)
    assert list(opened.entries("reason")) == [first, second]
    assert list(opened.entries("reason", START + 1, START + S + 1)) == [second]
    changed = Entry("e-1", "reason", START + 2 * S, START + 9, {"reason": "none"})
    opened.keep_entry(changed)
    assert list(opened.entries("reason")) == [second, changed]
    assert list(opened.entries("correction")) == []


def test_an_entry_that_is_withdrawn_leaves_its_kind_and_stays_under_another(opened: Store) -> None:
    opened.keep_entry(Entry("w-1", "reason", START, START + 5, {"station": "washer", "reason": "段取り" * 2000}))
    assert "w-1" in {entry.id for entry in opened.entries("reason")}
    gone = Entry("w-1", "withdrawn", START, START + 5, {"entry": "reason", "withdrawn": {"why": "まちがい"}})
    opened.keep_entry(gone)
    assert "w-1" not in {entry.id for entry in opened.entries("reason")}
    assert list(opened.entries("withdrawn")) == [gone]


def test_versions_of_the_line_are_kept_oldest_first(opened: Store) -> None:
    opened.keep_line(LineVersion(START + S, 'schema = 1\nname = "洗浄"\n'))
    opened.keep_line(LineVersion(START, "schema = 1\n"))
    assert list(opened.lines()) == [
        LineVersion(START, "schema = 1\n"),
        LineVersion(START + S, 'schema = 1\nname = "洗浄"\n'),
    ]


def test_a_store_has_an_id_of_its_own(opened: Store) -> None:
    assert opened.id
    assert opened.id == opened.id.strip()
