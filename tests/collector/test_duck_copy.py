"""A copy of the file's store, made while it is in use, holds what was committed and nothing else."""

import threading
from pathlib import Path

import pytest

from collector.store import NO_STREAM, Entry, LineVersion, Rows, Work
from collector.store.contents import Contents, Copying
from collector.store.duck import DuckStore, give_new_id
from collector.store.duck_trouble import StoreDamaged
from contract.errors import StoreError
from contract.reading import Series
from tests.collector.example import START, S
from tests.collector.test_duck_store import holds, opened, work

pytestmark = pytest.mark.slow

WHY = Series("packer", "why", "pressed")


def filled(path: Path) -> DuckStore:
    store = opened(path)
    store.commit(work(1, 5))
    store.commit(Work(rows=[Rows(WHY, NO_STREAM, None, [START], ["段取り"])]))
    store.keep_entry(Entry("e1", "reason", START, START + S, {"reason": "changeover"}))
    store.keep_line(LineVersion(START, "schema = 1"))
    return store


def test_a_copy_is_a_whole_store_of_its_own(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    said = store.copy_to(tmp_path / "copy.duckdb")
    store.commit(work(6))
    assert [path.name for path in tmp_path.glob("copy*")] == ["copy.duckdb"]
    copy = opened(tmp_path / "copy.duckdb")
    assert holds(copy, 5)
    assert copy.readings(WHY).v.tolist() == ["段取り"]
    assert [entry.id for entry in copy.entries("reason")] == ["e1"]
    assert list(copy.lines()) == [LineVersion(START, "schema = 1")]
    assert list(said.differences(copy.contents())) == []
    assert copy.contents() == said
    copy.commit(work(6))
    assert holds(copy, 6)
    copy.close()
    store.close()


def test_contents_say_how_much_of_what_and_survive_being_written_down(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    said = store.contents()
    assert isinstance(store, Copying)
    assert said.readings == 6
    done = next(track for track in said.tracks if track.stream == "s1")
    assert (done.readings, done.first, done.last) == (5, START + S, START + 5 * S)
    assert done.ranges == ((1, 5),)
    assert (said.rows["entries"], said.rows["lines"]) == (1, 1)
    assert Contents.read(said.told()) == said
    store.close()


def test_a_difference_is_found_wherever_it_lies(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    before = store.contents()
    store.commit(work(6))
    assert [said.partition(" ")[0] for said in before.differences(store.contents())] == ["s1"]
    store.keep_line(LineVersion(START + S, "schema = 1 # 2"))
    assert any(said.startswith("lines") for said in before.differences(store.contents()))
    store.close()


@pytest.mark.slow
def test_a_copy_made_while_readings_come_in_holds_one_moment(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    stop = threading.Event()

    def go_on() -> None:
        n = 6
        while not stop.is_set():
            store.commit(work(n))
            n += 1

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        copies = [store.copy_to(tmp_path / f"copy{n}.duckdb") for n in range(3)]
    finally:
        stop.set()
        thread.join()
    for n, said in enumerate(copies):
        copy = opened(tmp_path / f"copy{n}.duckdb")
        many = copy.remembered().counters["stored"]
        assert holds(copy, many)
        assert list(said.differences(copy.contents())) == []
        copy.close()
    store.close()


def test_a_copy_that_cannot_be_written_is_said_and_the_store_goes_on(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    with pytest.raises(StoreError):
        store.copy_to(tmp_path / "nowhere" / "copy.duckdb")
    store.copy_to(tmp_path / "copy.duckdb")
    store.commit(work(6))
    assert holds(store, 6)
    store.close()


def test_a_new_id_is_the_only_thing_that_changes(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    before = store.contents()
    store.close()
    new = give_new_id(tmp_path / "line.duckdb")
    store = opened(tmp_path / "line.duckdb")
    assert store.id == new != before.id
    assert list(before.differences(store.contents())) == []
    store.close()


@pytest.mark.slow
def test_what_is_stored_while_a_copy_is_made_is_folded_afterwards(tmp_path: Path) -> None:
    store = filled(tmp_path / "line.duckdb")
    committed = [5]
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            store.commit(work(committed[0] + 1))
            committed[0] += 1

    def fold() -> None:
        while not stop.is_set():
            store.fold()

    threads = [threading.Thread(target=one) for one in (go_on, fold)]
    for thread in threads:
        thread.start()
    try:
        for n in range(5):
            said = store.copy_to(tmp_path / f"copy{n}.duckdb")
            copy = opened(tmp_path / f"copy{n}.duckdb")
            assert list(said.differences(copy.contents())) == []
            copy.close()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert holds(store, committed[0])
    store.close()


@pytest.mark.slow
def test_the_file_stays_locked_for_others_after_a_copy(tmp_path: Path) -> None:
    import subprocess
    import sys

    store = filled(tmp_path / "line.duckdb")
    store.copy_to(tmp_path / "copy.duckdb")
    program = f"import duckdb; duckdb.connect({str(tmp_path / 'line.duckdb')!r})"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "lock" in other.stderr
    store.close()


def test_a_store_that_is_damaged_while_it_is_in_use_is_told_as_such_and_not_its_copy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 60_000))
    store.fold()
    whole = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(whole // 2)
        file.write(b"\xa5" * (whole // 8))
    with pytest.raises(StoreDamaged) as raised:
        store.copy_to(tmp_path / "copy.duckdb")
    assert raised.value.hint is not None
    assert str(path) in raised.value.what.ja
    assert f"--data {tmp_path} --replace" in raised.value.hint.ja
    (said,) = store.status()["care"]
    assert said["now"]
    assert str(path) in said["en"]
    assert sum(record.levelname == "ERROR" for record in caplog.records) == 1
    store.commit(work(60_001))
    store.close()
