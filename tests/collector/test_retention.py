"""Old readings go in slices; what was received is remembered, and nobody takes what went for lost or for new."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from collector.ingest import Ingest
from collector.retention import SLICE, Retention
from collector.store import NO_STREAM, Rows, Work
from collector.store.duck import DuckStore
from contract.errors import StoreError
from contract.words import Words
from tests.collector.example import DONE, LINE, START, TEMPERATURE, S, batch, topic
from tests.collector.test_duck_store import opened, work

pytestmark = pytest.mark.slow

MANY = 1000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckStore]:
    made = opened(tmp_path / "line.duckdb")
    yield made
    made.close()


def at(n: int) -> int:
    """When reading n was taken."""
    return START + n * S


def numbers(store: DuckStore) -> list[int]:
    found: list[int] = store.readings(DONE).seq.tolist()
    return found


def forget(store: DuckStore, before: int, at_most: int = 100) -> list[int]:
    """How many went in each step, until there were no more."""
    gone = []
    while many := store.forget_before(before, at_most):
        gone.append(many)
    return gone


def test_what_is_too_old_goes_slice_by_slice_and_the_rest_stays(store: DuckStore) -> None:
    store.commit(work(1, MANY))
    store.fold()
    assert forget(store, at(701)) == [100] * 7
    assert numbers(store) == list(range(701, MANY + 1))
    assert store.extent("washer") == (at(701), at(MANY))
    assert store.after(DONE, 0).seq.tolist() == [701]
    assert store.before(DONE, at(701)).seq.tolist() == []
    assert forget(store, at(701)) == []


def test_what_only_the_journal_holds_goes_too(store: DuckStore) -> None:
    store.commit(work(1, MANY))
    assert sum(forget(store, at(701))) == 700
    store.commit(Work(rows=[Rows(TEMPERATURE, NO_STREAM, None, [at(5), at(6), at(900)], [1.0, 2.0, 3.0])]))
    assert sum(forget(store, at(701))) == 2
    assert store.readings(TEMPERATURE).v.tolist() == [3.0]


def test_the_last_reading_of_a_series_stays_however_old_it_is(store: DuckStore) -> None:
    store.commit(work(1, MANY))
    assert sum(forget(store, at(10 * MANY))) == MANY - 1
    assert numbers(store) == [MANY]
    assert store.last_total("s1", DONE, MANY + 1) == (MANY, float(MANY))


def test_text_goes_like_numbers(store: DuckStore) -> None:
    why = Rows(DONE, NO_STREAM, None, [at(n) for n in range(1, 6)], list("abcde"))
    store.commit(Work(rows=[why]))
    assert sum(forget(store, at(4))) == 3
    assert store.readings(DONE).v.tolist() == ["d", "e"]


def test_after_a_new_start_nothing_is_taken_for_lost_or_to_be_put_right(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    store.commit(work(1, MANY))
    before = store.id
    forget(store, at(701))
    store.commit(work(MANY + 1))
    store.close()
    store = opened(tmp_path / "line.duckdb")
    assert store.id == before
    assert store.status()["care"] == []
    assert numbers(store) == list(range(701, MANY + 2))
    assert store.remembered().ranges["s1", DONE] == ((1, MANY + 1),)
    assert store.extent("washer") == (at(701), at(MANY + 1))
    store.close()


def test_a_crash_between_two_steps_leaves_rows_and_ranges_in_agreement(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, MANY))
    store.fold()
    store.forget_before(at(701), 100)
    (tmp_path / "after").mkdir()
    for file in tmp_path.glob("line.duckdb*"):
        shutil.copy(file, tmp_path / "after" / file.name)
    store.close()
    after = opened(tmp_path / "after" / "line.duckdb")
    assert after.status()["care"] == []
    assert numbers(after) in (list(range(1, MANY + 1)), list(range(101, MANY + 1)))
    forget(after, at(701))
    assert numbers(after) == list(range(701, MANY + 1))
    after.close()


def test_a_reading_that_comes_again_after_its_time_is_a_duplicate(store: DuckStore) -> None:
    ingest = Ingest(store, [(0, LINE)], "c1", lambda: at(MANY))
    ingest.take(topic(DONE), batch(1, list(range(1, MANY + 1))), at(MANY))
    ingest.commit()
    forget(store, at(701))
    ingest.take(topic(DONE), batch(1, list(range(1, MANY + 1))), at(MANY))
    ingest.take(topic(DONE), batch(MANY + 1, [MANY + 1]), at(MANY))
    ingest.commit()
    told = ingest.status()
    assert (told["stored"], told["duplicates"], told["missing"], told["quarantined"]) == (MANY + 1, MANY, 0, 0)
    assert numbers(store) == list(range(701, MANY + 2))
    assert json.loads(json.dumps(ingest.acks("pi-1").streams))["s1"][str(DONE)] == MANY + 1


def test_readings_come_in_between_two_steps(store: DuckStore) -> None:
    store.commit(work(1, MANY))
    retention = Retention(store, lambda: at(701), lambda _: None)
    more = iter(range(MANY + 1, 2 * MANY))

    def meanwhile(_: float) -> None:
        store.commit(work(next(more)))

    assert MANY < SLICE
    assert retention.round(meanwhile) == 700
    assert numbers(store) == list(range(701, MANY + 2))


def test_nothing_goes_before_its_figures_are_kept(store: DuckStore) -> None:
    store.commit(work(1, MANY))

    def fail(_: int) -> None:
        raise StoreError(Words("だめ", "no"))

    with pytest.raises(StoreError):
        Retention(store, lambda: at(701), fail).round()
    assert numbers(store) == list(range(1, MANY + 1))
    told: list[int] = []
    Retention(store, lambda: at(701), told.append).round()
    assert told == [at(701)]
    assert len(numbers(store)) == 300


def test_a_store_that_is_a_server_deletes_by_itself_but_its_days_are_kept() -> None:
    told: list[int] = []
    assert Retention(object(), lambda: 7, told.append).round() == 0
    assert told == [7]


@pytest.mark.slow
def test_many_readings_go_in_steps_of_the_size_that_is_used(tmp_path: Path) -> None:
    store = DuckStore(tmp_path / "line.duckdb", threads=2, memory_mb=128)
    v = np.arange(20_000, dtype=float).tolist()
    for n in range(1, 200_001, 20_000):
        rows = Rows(DONE, "s1", n, range(at(n), at(n + 20_000), S), v)
        store.commit(Work(rows=[rows], ranges={("s1", DONE): ((1, n + 19_999),)}))
    assert forget(store, at(150_001), SLICE) == [20_000] * 7 + [10_000]
    assert numbers(store)[0] == 150_001
    store.close()


@pytest.mark.slow
def test_questions_are_answered_while_old_readings_go(store: DuckStore) -> None:
    store.commit(work(1, MANY))
    store.fold()
    stop, wrong = threading.Event(), list[str]()

    def ask() -> None:
        while not stop.is_set():
            seen = store.readings(DONE, at(701)).seq.tolist()
            if seen != list(range(701, MANY + 1)):
                wrong.append(f"{len(seen)} of 300")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert sum(forget(store, at(701), 30)) == 700
        store.commit(work(MANY + 1))
        store.fold()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [said for said in wrong if said != "301 of 300"] == []
    assert numbers(store) == list(range(701, MANY + 2))
