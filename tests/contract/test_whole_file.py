"""A small file is there whole or not at all."""

import resource
import subprocess
import sys
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


def test_what_an_earlier_one_left_is_no_hindrance_but_a_folder_is(tmp_path: Path) -> None:
    (tmp_path / "id.new").write_text("half")
    write_whole(tmp_path / "id", "whole")
    assert (tmp_path / "id").read_text() == "whole"
    (tmp_path / "id.new").mkdir()
    with pytest.raises(OSError, match="irectory"):
        write_whole(tmp_path / "id", "again")
