"""A store that was altered while nobody looked: noticed, put right, said, and agents send again."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from collector.ingest import Ingest
from collector.store import NO_STREAM, Entry, LineVersion, Refused, Rows, Work
from collector.store.duck import DuckStore
from collector.store.duck_opening import Opening
from collector.store.duck_trouble import NewerStore, StoreDamaged, is_damage
from contract.errors import InUse, StoreError, StoreFull
from tests.collector.example import DONE, LINE, START, TEMPERATURE, WASH, S, batch, topic
from tests.collector.test_duck_store import copied, holds, opened, work

pytestmark = [pytest.mark.slow, pytest.mark.faults]


def altered(path: Path, *statements: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def filled(path: Path, many: int = 10) -> str:
    """A store with the numbers 1 to ``many`` of one stream; its id."""
    store = opened(path)
    store.commit(work(1, many))
    store.close()
    return store.id


def collecting(store: DuckStore, seconds: int = 1000) -> Ingest:
    return Ingest(store, [(0, LINE)], "c1", now_ns=lambda: START + seconds * S)


# ---------------------------------------------------------------------- rows and ranges


def test_rows_that_are_gone_leave_the_ranges_and_the_store_has_a_new_id(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    before = filled(path)
    altered(path, "DELETE FROM readings WHERE seq IN (4, 9, 10)")
    store = opened(path)
    known = store.remembered()
    assert known.ranges["s1", DONE] == ((1, 3), (5, 8))
    assert known.lost["s1", DONE] == ((4, 4), (9, 10))
    assert store.id != before
    (said,) = store.status()["care"]
    assert "3" in said["ja"]
    assert "washer/done/count" in said["en"]
    store.close()
    again = opened(path)
    assert again.id == store.id
    assert len(again.status()["care"]) == 1, "said once"
    again.close()


def test_it_is_said_between_when_and_when_readings_are_gone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOJO_LANG", "ja")
    path = tmp_path / "line.duckdb"
    filled(path)
    altered(path, "DELETE FROM readings WHERE seq IN (4, 5)")
    opened(path).close()
    (said,) = [record for record in caplog.records if record.levelname == "ERROR"]
    first, last = (f"{datetime.fromtimestamp((START + n * S) / S).astimezone():%Y-%m-%d %H:%M:%S}" for n in (3, 6))
    assert f"なくなった値 2 件、{first} から {last} のあいだ" in said.getMessage()


def test_lost_numbers_are_missing_until_they_are_sent_again_and_stored_once(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    filled(path)
    altered(path, "DELETE FROM readings WHERE seq >= 8")
    store = opened(path)
    ingest = collecting(store)
    assert ingest.status()["missing"] == 3, "also above the highest number that is left"
    again = batch(7, [7, 8, 9], t=[START + n * S for n in (7, 8, 9)])
    for _ in range(2):
        ingest.take_all([(topic(DONE), again)], START + 20 * S)
    assert store.readings(DONE).seq.tolist() == list(range(1, 10))
    assert ingest.status()["missing"] == 1
    ingest.take_all([(topic(DONE), batch(11, [11]))], START + 20 * S)
    assert ingest.status()["missing"] == 1, "the number 10, once"
    store.close()


def test_rows_that_are_there_twice_become_one(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    before = filled(path)
    altered(path, "INSERT INTO readings SELECT * FROM readings WHERE seq > 6")
    store = opened(path)
    assert holds(store, 10)
    assert store.id == before, "no number fell"
    assert store.status()["care"]
    store.close()


@pytest.mark.parametrize("runs", ["[[1, 5]]", "[[1, 90]]"])
def test_ranges_that_say_something_else_are_put_right_by_the_rows(tmp_path: Path, runs: str) -> None:
    path = tmp_path / "line.duckdb"
    filled(path)
    altered(path, f"UPDATE ranges SET runs = '{runs}'")
    store = opened(path)
    assert holds(store, 10)
    store.close()


def test_a_stream_whose_rows_are_all_gone_is_known_no_more(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    filled(path)
    altered(path, "DELETE FROM readings")
    store = opened(path)
    assert store.all_series() == []
    assert store.extent("washer") is None
    assert not any(numbers[str(DONE)] for numbers in collecting(store).acks("pi-1").streams.values())
    store.close()


def test_what_lies_in_quarantine_has_no_rows_and_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    ingest = collecting(store)
    ingest.take_all([(topic(DONE), batch(1, [1, 2, 3])), (topic(DONE), batch(4, [3, 1, 2]))], START + 20 * S)
    before = store.id
    store.close()
    altered(path, "DELETE FROM readings WHERE seq = 2")
    store = opened(path)
    assert store.remembered().ranges["s1", DONE] == ((1, 1), (3, 6))
    assert store.id != before
    store.close()
    altered(path, "DELETE FROM tally")
    store = opened(path)
    assert store.remembered().ranges["s1", DONE] == ((1, 1), (3, 6))
    store.close()


def test_what_was_deleted_on_purpose_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    before = filled(path)
    store = opened(path)
    assert store.forget_before(START + 5 * S, 1000) == 4
    store.close()
    store = opened(path)
    assert (store.id, store.status()["care"]) == (before, [])
    assert store.remembered().ranges["s1", DONE] == ((1, 10),)
    store.close()
    altered(path, "DELETE FROM readings WHERE seq = 7")
    store = opened(path)
    assert store.remembered().ranges["s1", DONE] == ((1, 6), (8, 10))
    assert store.remembered().lost["s1", DONE] == ((7, 7),)
    store.close()


def test_readings_without_a_stream_that_are_gone_are_said(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(Work(rows=[Rows(TEMPERATURE, NO_STREAM, None, [START, START + S], [1.0, 2.0])]))
    store.close()
    altered(path, f"DELETE FROM readings WHERE t = {START}")
    store = opened(path)
    assert "washer/esp/temperature" in store.status()["care"][0]["en"]
    assert store.before(TEMPERATURE, START + S // 2).t.tolist() == []
    store.close()
    store = opened(path)
    assert len(store.status()["care"]) == 1
    store.close()


# ---------------------------------------------------------------------- files that are broken


def spoil(path: Path, at: int, many: int = 64) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * many)


@pytest.mark.slow
def test_a_broken_file_is_set_aside_and_what_people_entered_is_rescued(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    for first in range(1, 200_001, 50_000):
        store.commit(work(first, 50_000))
        store.fold()
    store.keep_entry(Entry("e1", "reason", START, START + S, {"reason": "changeover"}))
    store.keep_line(LineVersion(START, "schema = 1"))
    store.close()
    whole = path.stat().st_size
    spoiled = 0
    for at in range(12_288 + 20_000, whole, 262_144):
        folder = tmp_path / str(at)
        folder.mkdir()
        shutil.copy(path, folder / path.name)
        spoil(folder / path.name, at)
        store = opened(folder / path.name)
        if store.status()["care"] and store.entries("reason") and store.all_series():
            spoiled += 1
            assert any(folder.glob("line.duckdb.broken-*"))
            assert 0 < len(store.readings(DONE)) < 200_000
            assert list(store.lines()) == [LineVersion(START, "schema = 1")]
            assert store.id != ""
        store.close()
    assert spoiled >= 2, "most blocks hold nothing but readings"


def test_a_journal_of_another_store_is_kept_and_not_used(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    store = opened(one / "line.duckdb")
    store.commit(work(1, 2))
    store.fold()
    store.commit(work(3))
    (journal,) = one.glob("*.journal.0*")
    assert journal.name == "line.duckdb.journal.00000002", "the one that the other store would begin next"
    other.mkdir()
    filled(other / "line.duckdb", 5)
    shutil.copy(journal, other)
    after = opened(other / "line.duckdb")
    assert holds(after, 5)
    assert any(other.glob("*.journal.*.broken-*"))
    assert after.status()["care"]
    after.close()
    store.close()


def test_a_journal_that_is_gone_after_a_crash_is_said_and_gives_a_new_id(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 3))
    store.fold()
    store.commit(work(4, 3))
    (tmp_path / "after").mkdir()
    for name in ("line.duckdb", "line.duckdb.open"):
        shutil.copy(tmp_path / name, tmp_path / "after" / name)
    after = opened(tmp_path / "after" / "line.duckdb")
    assert holds(after, 3)
    assert after.id != store.id
    after.close()
    store.close()


@pytest.mark.slow
def test_an_altered_record_in_the_journal_gives_a_new_id_and_never_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    for first in range(1, 31, 10):
        store.commit(work(first, 10))
    (journal,) = tmp_path.glob("*.journal.0*")
    folder = tmp_path / "after"
    folder.mkdir()
    for file in tmp_path.glob("line.duckdb*"):
        shutil.copy(file, folder)
    said = journal.read_bytes()
    spoil(folder / journal.name, said.find(b"ranges", said.find(b"ranges") + 1), 1)
    after = opened(folder / "line.duckdb")
    assert holds(after, 10)
    assert after.id != store.id
    assert "journal" in after.status()["care"][0]["en"]
    after.commit(work(11, 10))
    again = copied(folder / "line.duckdb", tmp_path / "again")
    assert holds(again, 20), "what stood behind the altered record is not read after a new one of its length"
    again.close()
    after.close()
    store.close()


def test_duckdbs_own_log_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 3))
    store.fold()
    store.commit(work(4))
    (tmp_path / "line.duckdb.wal").write_bytes(os.urandom(5000))
    after = copied(path, tmp_path / "after")
    assert holds(after, 4)
    assert not list((tmp_path / "after").glob("*.wal*"))
    after.close()
    (tmp_path / "line.duckdb.wal").unlink()
    store.close()


# ---------------------------------------------------------------------- versions


VERSION_1 = """
CREATE TABLE meta (key VARCHAR, value VARCHAR);
CREATE TABLE tracks (id INTEGER, stream VARCHAR, station VARCHAR, sensor VARCHAR, measure VARCHAR,
                     first VARCHAR, last VARCHAR);
CREATE TABLE readings (track INTEGER, seq BIGINT, t BIGINT, v DOUBLE, s VARCHAR, flag TINYINT);
CREATE TABLE ranges (id INTEGER, runs VARCHAR);
CREATE TABLE given_up (id INTEGER, runs VARCHAR);
CREATE TABLE streams (id VARCHAR, agent VARCHAR, heard BIGINT, shift BIGINT);
CREATE TABLE counters (id VARCHAR, value BIGINT);
CREATE TABLE refused (id VARCHAR, at_ns BIGINT, topic VARCHAR, reason VARCHAR, detail VARCHAR, payload BLOB,
                      stream VARCHAR, retained BOOLEAN);
CREATE TABLE pending (id VARCHAR, at_ns BIGINT, topic VARCHAR, reason VARCHAR, detail VARCHAR, payload BLOB,
                      stream VARCHAR, retained BOOLEAN);
CREATE TABLE entries (id VARCHAR, kind VARCHAR, at_ns BIGINT, made_ns BIGINT, body VARCHAR);
CREATE TABLE lines (since BIGINT, text VARCHAR);
INSERT INTO meta VALUES ('schema', '1'), ('id', 'abc'), ('folded', '4');
"""
"""As the first release made it."""


def version_1(path: Path) -> None:
    first, last = f"[{START + S}, 1, 1.0, 0]", f"[{START + 3 * S}, 3, 3.0, 0]"
    rows = [f"(0, {n}, {START + n * S}, {n}, NULL, 0)" for n in (1, 2, 3)]
    altered(
        path,
        VERSION_1,
        f"INSERT INTO tracks VALUES (0, 's1', 'washer', 'done', 'count', '{first}', '{last}')",
        f"INSERT INTO readings VALUES {', '.join(rows)}",
        "INSERT INTO ranges VALUES (0, '[[1, 3]]')",
        "INSERT INTO counters VALUES ('stored', 3)",
    )


def test_a_file_of_version_1_is_migrated_after_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    version_1(path)
    before = path.read_bytes()
    store = opened(path)
    assert store.id == "abc"
    assert holds(store, 3)
    assert store.status()["care"] == []
    store.commit(work(4))
    store.close()
    assert (tmp_path / "line.duckdb.version-1").read_bytes() == before
    again = opened(path)
    assert holds(again, 4)
    again.close()


def test_a_file_of_version_1_that_was_left_in_a_crash_keeps_what_duckdbs_log_holds(tmp_path: Path) -> None:
    path = tmp_path / "one" / "line.duckdb"
    path.parent.mkdir()
    connection = duckdb.connect(str(path))
    connection.execute(VERSION_1)
    connection.execute(f"INSERT INTO tracks VALUES (0, 's1', 'washer', 'done', 'count', '[{START}, 1, 1.0, 0]', NULL)")
    connection.execute(f"INSERT INTO readings VALUES (0, 1, {START + S}, 1, NULL, 0)")
    connection.execute("INSERT INTO ranges VALUES (0, '[[1, 1]]')")
    connection.execute("INSERT INTO counters VALUES ('stored', 1)")
    shutil.copytree(path.parent, tmp_path / "after")
    connection.close()
    assert (tmp_path / "after" / "line.duckdb.wal").exists()
    store = opened(tmp_path / "after" / "line.duckdb")
    assert holds(store, 1)
    store.close()


def test_a_file_of_a_later_version_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    filled(path)
    altered(path, "UPDATE meta SET value = '3' WHERE key = 'schema'")
    before = path.read_bytes()
    with pytest.raises(NewerStore) as raised:
        opened(path)
    assert raised.value.hint is not None
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["line.duckdb"]


# ---------------------------------------------------------------------- room


class Disk:
    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, _folder: Path) -> tuple[int, int]:
        return round(self.share * 10**12), 10**12


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2.0
        return self.now


def test_below_a_tenth_it_is_said_below_a_fiftieth_nothing_is_taken_until_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(0.5)
    store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128, free=disk, monotonic=Seconds())
    store.commit(work(1))
    assert "disk" not in store.status()
    disk.share = 0.09
    store.commit(work(2))
    assert store.status()["disk"]["state"] == "low"
    assert "9.0" in caplog.text
    disk.share = 0.019
    with pytest.raises(StoreFull) as raised:
        store.commit(work(3))
    assert raised.value.hint is not None
    assert store.status()["disk"]["state"] == "full"
    store.fold()
    store.keep_entry(Entry("e1", "event", START, START, {}))
    assert holds(store, 2)
    disk.share = 0.03
    store.commit(work(3))
    assert holds(store, 3)
    store.close()


NO_ROOM_TO_FOLD = """
import resource, signal, sys
from pathlib import Path
from tests.collector.test_duck_store import opened, work, holds
from contract.errors import StoreError, StoreFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
store = opened(path)
store.commit(work(1, 60_000))
store.fold()
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
refused = 0
for extra in (0, 100_000, 300_000, 600_000):
    first = store.remembered().counters["stored"] + 1
    store.commit(work(first, 20_000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + extra, hard))
    try:
        store.fold()
    except StoreFull:
        refused += 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    store.fold()
    assert holds(store, first + 19_999), extra
store.close()
store = opened(path)
assert holds(store, first + 19_999) and not store.status()["care"]
store.close()
print(refused)
"""


@pytest.mark.slow
def test_a_disk_that_is_full_in_the_middle_of_folding_spoils_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-B", "-c", NO_ROOM_TO_FOLD, str(tmp_path / "line.duckdb")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) >= 1


# ---------------------------------------------------------------------- one process


HOLD = """
import sys
from pathlib import Path
from tests.collector.test_duck_store import opened, work
store = opened(Path(sys.argv[1]))
store.commit(work(1, 3))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Callable[[], "subprocess.Popen[str]"]:
    def begin() -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", HOLD, str(tmp_path / "line.duckdb")]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    return begin


@pytest.mark.slow
def test_a_second_process_is_told_and_one_that_was_killed_holds_nothing(
    tmp_path: Path, holder: Callable[[], "subprocess.Popen[str]"]
) -> None:
    path = tmp_path / "line.duckdb"
    process = holder()
    with pytest.raises(InUse, match=str(process.pid)):
        opened(path)
    with pytest.raises(duckdb.Error, match="lock"):
        duckdb.connect(str(path))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    store = opened(path)
    assert holds(store, 3)
    assert store.status()["care"] == []
    store.close()


@pytest.mark.slow
def test_a_start_that_died_is_tried_in_another_process_first(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    filled(path)
    (tmp_path / "line.duckdb.open").write_text("opening 1")
    store = opened(path)
    assert holds(store, 10)
    assert store.status()["care"] == []
    store.close()


def test_messages_that_came_back_from_the_journal_are_in_the_quarantine_once(tmp_path: Path) -> None:
    store = opened(tmp_path / "line.duckdb")
    one = Refused("1", START, topic(WASH), "json", "", b"{")
    store.commit(Work(refused=[one]))
    assert list(store.quarantine()) == [one]
    store.fold()
    store.commit(Work(released=["1"]))
    assert list(store.quarantine()) == []
    store.close()


# ---------------------------------------------------------------------- what is no damage


def test_numbers_from_anywhere_never_count_more_than_every_store_takes(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    ingest = collecting(store)
    for n in range(1025):
        top = batch(2**53, [1], stream=f"x{n}", lowest=2**53)
        ingest.take(topic(DONE), top, START + 20 * S)
    ingest.commit()
    assert ingest.status()["missing"] == 2**53
    store.close()
    store = opened(path)
    assert collecting(store).status()["missing"] == 2**53
    assert store.status()["care"] == []
    store.close()


def test_a_journal_that_holds_a_greater_number_is_folded(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(Work(counters={"missing": 1025 * 2**53}))
    after = copied(path, tmp_path / "after")
    assert after.remembered().counters["missing"] == 2**53
    assert after.status()["care"] == []
    after.close()
    store.close()


def test_a_value_that_a_column_does_not_take_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    store = opened(path)
    store.commit(work(1, 3))
    store.keep_entry(Entry("e1", "event", 2**70, START, {}))
    after = tmp_path / "after"
    with pytest.raises(StoreError) as raised:
        copied(path, after)
    assert not isinstance(raised.value, StoreDamaged)
    assert not list(after.glob("*.broken-*"))
    assert (after / "line.duckdb").read_bytes() == path.read_bytes()
    store._tails[-1][1].changes.entries.clear()
    store.close()


@pytest.mark.parametrize(
    ("name", "said", "damage"),
    [
        ("ConversionException", "Type INT128 with value 9232379236109516801 can't be cast", False),
        ("BinderException", 'Referenced column "x" not found', False),
        ("CatalogException", "Table with name x does not exist!", False),
        ("OutOfMemoryException", "failed to allocate data of size 256.0 KiB", False),
        ("IOException", "Could not set lock on file", False),
        ("IOException", "Could not write all bytes: No space left on device", False),
        ("Error", "Corrupt database file: computed checksum 5381 does not match stored checksum", True),
        ("IOException", 'Could not read enough bytes from file "line.duckdb": attempted to read 8 bytes', True),
        ("IOException", "The file exists, but it is not a valid DuckDB database file!", True),
        ("FatalException", "database has been invalidated. Original error: Corrupt database file: computed", True),
        ("SerializationException", "Failed to deserialize: field id mismatch", True),
    ],
)
def test_only_what_is_listed_counts_as_damage(name: str, said: str, damage: bool) -> None:
    assert is_damage(getattr(duckdb, name)(said)) is damage


def test_a_file_that_takes_the_broken_ones_place_and_breaks_too_is_not_set_aside_again(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    path.write_bytes(b"sound, whatever DuckDB says")
    opening = Opening(path, lambda file: duckdb.connect(str(file)))
    opening.set_aside("it breaks")
    opening.take().close()
    with pytest.raises(StoreError, match="新しいファイルでも"):
        opening.set_aside("it breaks")
    opening.hold.give_back()
    assert path.read_bytes() == b"sound, whatever DuckDB says"
    assert [file.name for file in tmp_path.iterdir()] == ["line.duckdb"]


def test_a_file_of_which_nothing_can_be_read_is_said_loudly_with_what_to_do(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOJO_LANG", "ja")
    path = tmp_path / "line.duckdb"
    path.write_bytes(b"no store" * 4000)
    store = opened(path)
    (aside,) = tmp_path.glob("line.duckdb.broken-*")
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    for part in (aside.name, "24時間分", f"kojo restore いちばん新しい控え --data {tmp_path} --replace"):
        assert part in said
    assert store.status()["care"][0]["open"]
    aside.unlink()
    assert "open" not in store.status()["care"][0], "somebody has seen to it"
    store.close()


def test_a_table_that_is_not_there_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "line.duckdb"
    filled(path)
    altered(path, "DROP TABLE lost")
    store = opened(path)
    assert holds(store, 10)
    assert any(tmp_path.glob("line.duckdb.broken-*"))
    store.close()
