"""A small file is there whole or not at all."""

import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contract.whole_file import write_whole


def test_it_is_written_for_its_owner_only_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "id", "one")
    write_whole(tmp_path / "id", "二")
    assert (tmp_path / "id").read_text("utf-8") == "二"
    assert (tmp_path / "id").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "id"]


def test_a_disk_without_room_changes_nothing(tmp_path: Path) -> None:
    write_whole(tmp_path / "id", "before")
    program = (
        "import resource, sys; from pathlib import Path; from contract.whole_file import write_whole;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); write_whole(Path(sys.argv[1]), 'x' * 5000)"
    )
    assert resource.RLIMIT_FSIZE
    done = subprocess.run([sys.executable, "-B", "-c", program, str(tmp_path / "id")], capture_output=True, check=False)
    assert b"File too large" in done.stderr
    assert (tmp_path / "id").read_text() == "before"
    assert list(tmp_path.iterdir()) == [tmp_path / "id"]


def test_what_an_earlier_one_left_is_taken_away_and_a_writer_at_work_is_left_alone(tmp_path: Path) -> None:
    cut_off, at_work = tmp_path / "id.1-0123abcd.new", tmp_path / "id.2-0123abcd.new"
    for left in (tmp_path / "id.new", cut_off, at_work, tmp_path / "other.new"):
        left.write_text("half")
    os.utime(cut_off, (0, 0))
    write_whole(tmp_path / "id", "whole")
    assert (tmp_path / "id").read_text() == "whole"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["id", at_work.name, "other.new"]


def test_a_folder_in_its_place_is_an_error_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "id").mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_whole(tmp_path / "id", "again")
    assert list(tmp_path.iterdir()) == [tmp_path / "id"]


def test_text_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_whole(tmp_path / "id", "half a letter: \ud800")
    assert list(tmp_path.iterdir()) == []


def test_several_may_write_one_file_at_once(tmp_path: Path) -> None:
    texts = [str(number) * 2000 for number in range(4)]

    def often(text: str) -> None:
        for _ in range(25):
            write_whole(tmp_path / "id", text)

    with ThreadPoolExecutor(4) as writers:
        assert list(writers.map(often, texts)) == [None] * 4
    assert (tmp_path / "id").read_text() in texts
    assert list(tmp_path.iterdir()) == [tmp_path / "id"]
