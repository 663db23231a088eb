"""What only the file's store promises: one process, a crash at any moment, plain words."""

import errno
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from collector.store import NO_STREAM, Rows, StreamNews, Work
from collector.store.duck import FOLD_READINGS, DuckStore
from collector.store.duck_trouble import failed
from contract.errors import InUse, NotAllowed, StoreError, StoreFull
from contract.reading import Series
from tests.collector.example import DONE, START, TEMPERATURE, S

pytestmark = pytest.mark.slow

WHY = Series("packer", "why", "pressed")


def opened(path: Path) -> DuckStore:
    return DuckStore(path, threads=1, memory_mb=128)


def work(first: int, many: int = 1) -> Work:
    v = [float(n) for n in range(first, first + many)]
    rows = Rows(DONE, "s1", first, [START + n * S for n in range(first, first + many)], v)
    return Work(rows=[rows], ranges={("s1", DONE): ((1, first + many - 1),)}, counters={"stored": first + many - 1})


def copied(path: Path, to: Path) -> DuckStore:
    """The store as a power cut now would leave it: its files as they are, without a farewell."""
    to.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, to / file.name)
    return opened(to / path.name)


def holds(store: DuckStore, many: int) -> bool:
    known = store.remembered()
    return (
        store.readings(DONE).seq.tolist() == list(range(1, many + 1))
        and known.ranges["s1", DONE] == ((1, many),)
        and known.counters["stored"] == many
    )


def test_what_was_committed_is_there_after_a_crash(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    store.commit(work(1, 3))
    store.commit(Work(rows=[Rows(WHY, NO_STREAM, None, [START], ["段取り"])], streams={"s1": StreamNews("pi-1", 7)}))
    after = copied(tmp_path / "line.duckdb", tmp_path / "after")
    assert holds(after, 3)
    assert after.readings(WHY).v.tolist() == ["段取り"]
    assert after.remembered().streams == {"s1": StreamNews("pi-1", 7)}
    assert after.id == store.id
    after.close()
    store.close()


@pytest.mark.slow
def test_folding_twice_or_reading_back_a_folded_journal_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 3))
    (journal,) = tmp_path.glob("*.journal.*")
    kept = journal.read_bytes()
    store.fold()
    store.fold()
    store.commit(work(4))
    store.close()
    journal.write_bytes(kept)
    again = opened(path)
    assert holds(again, 4)
    again.close()


@pytest.mark.slow
def test_an_older_copy_of_the_file_beside_what_a_later_one_left_doubles_nothing(tmp_path: Path) -> None:
    path, after = tmp_path / "line.duckdb", tmp_path / "after" / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 3))
    store.fold()
    older = path.read_bytes()
    store.commit(work(4, 3))
    store.fold()
    shutil.copytree(tmp_path, after.parent)
    store.close()
    assert after.with_name("line.duckdb.journal.spare").exists(), "its records are those the older file would call for"
    after.write_bytes(older)
    again = opened(after)
    assert holds(again, 3)
    again.commit(work(4, 3))
    once_more = copied(after, tmp_path / "once more")
    again.close()
    assert holds(once_more, 6)
    once_more.close()


@pytest.mark.slow
def test_the_folding_goes_on_after_an_error_of_the_disk(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = opened(tmp_path / "line.duckdb")
    in_the_way = tmp_path / "line.duckdb.journal.spare"
    in_the_way.mkdir()
    store.commit(work(1, FOLD_READINGS))
    assert eventually(lambda: "line.duckdb" in caplog.text)
    in_the_way.rmdir()
    store.commit(work(FOLD_READINGS + 1, FOLD_READINGS))
    assert eventually(in_the_way.is_file), "the journal that was folded is the next one's room"
    store.close()


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within a minute."""
    pause = threading.Event()
    return any(true() or pause.wait(0.02) for _ in range(3000))


def test_readings_in_the_file_in_the_journal_and_both_look_the_same(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    store.commit(work(1, 3))
    store.fold()
    store.commit(work(4, 3))
    assert holds_readings(store) == holds_readings_after_fold(store)
    store.close()


def holds_readings(store: DuckStore) -> list[list[int]]:
    moment = START + 4 * S
    return [
        store.readings(DONE).seq.tolist(),
        store.readings(DONE, START + 2 * S, START + 5 * S).seq.tolist(),
        store.before(DONE, moment).seq.tolist(),
        store.after(DONE, moment).seq.tolist(),
        store.heard("washer", START, moment).tolist(),
        sorted(store.numbered("s1", DONE, 2, 5)),
    ]


def holds_readings_after_fold(store: DuckStore) -> list[list[int]]:
    store.fold()
    return holds_readings(store)


def test_a_clean_end_leaves_one_file_and_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 3))
    store.close()
    store.close()
    assert [file.name for file in tmp_path.iterdir()] == ["line.duckdb"]
    again = opened(path)
    assert holds(again, 3)
    again.close()


@pytest.mark.slow
def test_many_readings_are_folded_by_themselves_and_none_is_lost_meanwhile(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    for first in range(1, 200_001, 10_000):
        store.commit(work(first, 10_000))
        assert len(store.readings(DONE)) == first + 9_999
    store.close()
    again = opened(tmp_path / "line.duckdb")
    assert holds(again, 200_000)
    again.close()


NO_ROOM = """
import resource, sys
from pathlib import Path
from tests.collector.test_duck_store import opened, work, holds
from contract.errors import StoreError
store = opened(Path(sys.argv[1]))
store.commit(work(1, 3))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
for first in range(4, 5000, 100):
    try:
        store.commit(work(first, 100))
    except StoreError:
        break
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert holds(store, first - 1), "nothing of the failed commit was taken"
store.commit(work(first, 100))
assert holds(store, first + 99)
store.close()
print(first)
"""


@pytest.mark.slow
def test_where_there_is_no_room_nothing_is_taken_and_it_goes_on_when_there_is(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    command = [sys.executable, "-B", "-c", NO_ROOM, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert 4 < int(ran.stdout) < 4904


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    trouble = failed(tmp_path / "line.duckdb", OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(trouble, StoreFull)


def test_a_second_store_on_the_file_says_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    with pytest.raises(InUse, match=r"line\.duckdb"):
        opened(path)
    ours = subprocess.run(
        [sys.executable, "-c", f"from pathlib import Path; from collector.store.duck import FOLD_READINGS, DuckStore\n"
         f"try: DuckStore(Path({str(path)!r}))\nexcept BlockingIOError as error: print(error.what.en)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "is in use by another program (process " in ours.stdout
    store.close()
    opened(path).close()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAllowed):
        opened(tmp_path / "file" / "line.duckdb")
    with pytest.raises(NotAllowed):
        opened(tmp_path)


def test_a_file_that_is_no_store_is_kept_under_another_name_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content = b"this is no database at all" * 1000
    (tmp_path / "line.duckdb").write_bytes(content)
    store = opened(tmp_path / "line.duckdb")
    (kept,) = tmp_path.glob("line.duckdb.broken-*")
    assert kept.read_bytes() == content
    assert kept.name in store.status()["care"][0]["ja"]
    assert kept.name in caplog.text
    store.close()


def test_a_store_of_an_unknown_version_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    opened(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema'")
    with pytest.raises(StoreError) as raised:
        opened(path)
    assert raised.value.hint is not None
    assert "999" in raised.value.what.en


def test_new_files_have_new_ids(tmp_path: Path) -> None:
    one, two = opened(tmp_path / "one.duckdb"), opened(tmp_path / "two.duckdb")
    assert one.id != two.id
    one.close()
    two.close()


def test_a_number_and_a_text_of_one_series_are_both_text_when_read(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    store.commit(Work(rows=[Rows(TEMPERATURE, NO_STREAM, None, [START], [21.0])]))
    store.commit(Work(rows=[Rows(TEMPERATURE, NO_STREAM, None, [START + 1], ["warm"])]))
    for _ in range(2):
        assert store.readings(TEMPERATURE).v.tolist() == ["21", "warm"]
        store.fold()
    store.close()


@pytest.mark.slow
def test_a_reader_beside_commits_and_folds_sees_each_reading_once(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    committed, done, wrong = [0], threading.Event(), list[str]()

    def read() -> None:
        while not done.is_set():
            least = committed[0]
            seqs = store.readings(DONE).seq.tolist()
            if seqs != list(range(1, len(seqs) + 1)) or len(seqs) < least:
                wrong.append(f"{least} committed, {len(seqs)} seen")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for first in range(1, 101):
        store.commit(work(first))
        committed[0] = first
        if first % 10 == 0:
            store.fold()
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    store.close()
