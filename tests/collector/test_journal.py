"""The journal gives back every whole record, and nothing else, whatever happened to its end."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.store.journal import Journal, records

RECORDS = st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=8)


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
    ends = [sum(16 + len(record) for record in some[: n + 1]) for n in range(len(some))]
    cut = data.draw(st.integers(0, ends[-1]))
    path.write_bytes(path.read_bytes()[:cut])
    assert list(records(path, 7)) == some[: sum(end <= cut for end in ends)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RECORDS, st.data())
def test_an_altered_byte_hides_its_record_and_what_follows_but_nothing_before(
    tmp_path: Path, some: list[bytes], data: st.DataObject
) -> None:
    path = written(tmp_path / "j", some)
    ends = [sum(16 + len(record) for record in some[: n + 1]) for n in range(len(some))]
    at = data.draw(st.integers(0, ends[-1] - 1))
    said = bytearray(path.read_bytes())
    said[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(said)
    assert list(records(path, 7)) == some[: sum(end <= at for end in ends)]


def test_a_torn_end_is_said_and_written_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = written(tmp_path / "j", [b"one", b"two"])
    said = path.read_bytes()
    path.write_bytes(said[: 19 + 17])
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
