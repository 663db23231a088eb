"""The journal gives back every whole record, and nothing else, whatever happened to its end."""

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.store.journal import Journal, records

pytestmark = pytest.mark.slow

RECORDS = st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=8)
HEAD = 24


def written(path: Path, some: list[bytes]) -> Path:
    path.unlink(missing_ok=True)
    journal = Journal(path, 7)
    for record in some:
        journal.append(record)
    journal.close()
    return path


def test_records_come_back_in_order(tmp_path: Path) -> None:
    path = written(tmp_path / "j", [b"one", b"two", b"\0\0"])
    assert list(records(path, 7)) == [b"one", b"two", b"\0\0"]


def test_appending_goes_on_where_whole_records_end(tmp_path: Path) -> None:
    path = written(tmp_path / "j", [b"one"])
    journal = Journal(path, 7)
    journal.append(b"two")
    journal.close()
    assert list(records(path, 7)) == [b"one", b"two"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.data())
def test_a_journal_cut_anywhere_gives_the_whole_records_before_the_cut(
    tmp_path: Path, some: list[bytes], data: st.DataObject
) -> None:
    path = written(tmp_path / "j", some)
    ends = [sum(HEAD + len(record) for record in some[: n + 1]) for n in range(len(some))]
    cut = data.draw(st.integers(0, ends[-1]))
    path.write_bytes(path.read_bytes()[:cut])
    assert list(records(path, 7)) == some[: sum(end <= cut for end in ends)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.data())
def test_an_altered_byte_hides_its_record_and_what_follows_but_nothing_before(
    tmp_path: Path, some: list[bytes], data: st.DataObject
) -> None:
    path = written(tmp_path / "j", some)
    ends = [sum(HEAD + len(record) for record in some[: n + 1]) for n in range(len(some))]
    at = data.draw(st.integers(0, ends[-1] - 1))
    said = bytearray(path.read_bytes())
    said[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(said)
    assert list(records(path, 7)) == some[: sum(end <= at for end in ends)]


def test_a_torn_end_is_said_and_written_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = written(tmp_path / "j", [b"one", b"two"])
    said = path.read_bytes()
    path.write_bytes(said[: HEAD + 3 + HEAD + 1])
    journal = Journal(path, 7)
    journal.append(b"2")
    journal.close()
    assert "not whole" in caplog.text
    assert list(records(path, 7)) == [b"one", b"2"]


def test_a_used_journal_is_written_over_and_its_old_records_never_come_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path / "j", [b"one", b"two", b"three"])
    size = path.stat().st_size
    assert list(records(path, 8)) == []
    journal = Journal(path, 8)
    journal.append(b"uno")
    journal.close()
    assert list(records(path, 8)) == [b"uno"]
    assert path.stat().st_size == size
    assert caplog.text == ""


def test_a_journal_that_is_begun_holds_nothing_even_if_the_used_file_has_its_generation(tmp_path: Path) -> None:
    used = written(tmp_path / "spare", [b"one", b"two"])
    journal = Journal.begin(tmp_path / "j", 7, "", used)
    assert (journal.size, list(records(tmp_path / "j", 7))) == (0, [])
    journal.append(b"uno")
    journal.close()
    assert list(records(tmp_path / "j", 7)) == [b"uno"]
    assert not used.exists()


def test_a_journal_is_begun_anew_where_a_first_try_ended_halfway(tmp_path: Path) -> None:
    path = written(tmp_path / "j", [b"one"])
    journal = Journal.begin(path, 7, "", tmp_path / "no spare")
    journal.append(b"uno")
    journal.close()
    assert list(records(path, 7)) == [b"uno"]


def test_records_of_another_life_never_join(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = written(tmp_path / "before", [b"one", b"two"]).read_bytes()
    path = written(tmp_path / "j", [b"uno"])
    said = bytearray(path.read_bytes())
    said[HEAD + 3 : 2 * (HEAD + 3)] = before[HEAD + 3 : 2 * (HEAD + 3)]
    path.write_bytes(said)
    assert list(records(path, 7)) == [b"uno"]
    journal = Journal(path, 7)
    journal.append(b"due")
    journal.close()
    assert "not whole" in caplog.text
    assert list(records(path, 7)) == [b"uno", b"due"]


def test_a_journal_whose_records_carry_no_life_is_still_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "j"
    heads = (struct.pack("<IIII", 0x4B4F4A4F, 7, len(said), zlib.crc32(said)) + said for said in (b"one", b"two"))
    path.write_bytes(b"".join(heads) + bytes(1000))
    assert list(records(path, 7)) == [b"one", b"two"]
    journal = Journal(path, 7)
    assert not journal.altered
    journal.append(b"three")
    journal.append(b"four")
    journal.close()
    assert list(records(path, 7)) == [b"one", b"two", b"three", b"four"]
