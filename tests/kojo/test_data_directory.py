"""The data directory is held by one program of each kind."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from contract.errors import InUse, NotAllowed
from kojo.data_directory import DataDirectory


def test_a_second_program_of_the_same_kind_is_told_who_holds_it(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / "data", "serve"), pytest.raises(InUse, match=r"process \d+|プロセス \d+"):
        DataDirectory(tmp_path / "data", "serve")


def test_it_is_free_again_once_let_go(tmp_path: Path) -> None:
    DataDirectory(tmp_path, "serve").close()
    DataDirectory(tmp_path, "serve").close()


def test_programs_of_different_kinds_share_it(tmp_path: Path) -> None:
    with DataDirectory(tmp_path, "serve"), DataDirectory(tmp_path, "edge") as edge:
        assert edge.path == tmp_path


def test_what_cannot_be_made_is_said_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotAllowed, match="--data"):
        DataDirectory(tmp_path / "file" / "data", "serve")


def test_a_full_disk_does_not_keep_it_from_being_held(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))  # nothing can be written to any file
    try:
        held = DataDirectory(tmp_path, "serve")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with held, pytest.raises(InUse):
        DataDirectory(tmp_path, "serve")


def test_its_own_id_stays_the_same(tmp_path: Path) -> None:
    with DataDirectory(tmp_path, "serve") as directory:
        first = directory.own_id("collector.id")
    with DataDirectory(tmp_path, "serve") as directory:
        assert directory.own_id("collector.id") == first


def test_an_id_that_a_power_cut_left_empty_is_made_anew_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "collector.id").touch()
    with DataDirectory(tmp_path, "serve") as directory:
        made = directory.own_id("collector.id")
        assert len(made) == 8
        assert directory.own_id("collector.id") == made
    assert caplog.text.count("collector.id") == 1


def test_an_id_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    told = pytest.raises(NotAllowed, match=r"cannot be written|書けません")
    with DataDirectory(tmp_path, "serve") as directory, told:
        directory.own_id("gone/collector.id")


def test_a_link_laid_in_the_place_of_its_lock_is_not_followed(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("precious")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "serve.lock").symlink_to(theirs)
    with pytest.raises(NotAllowed):
        DataDirectory(tmp_path / "data", "serve")
    assert theirs.read_text() == "precious"


def test_a_directory_that_others_may_write_is_spoken_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    DataDirectory(tmp_path / "own", "serve").close()
    assert not caplog.messages
    (tmp_path / "own").chmod(0o777)
    DataDirectory(tmp_path / "own", "serve").close()
    assert any("chmod 700" in said for said in caplog.messages)


def test_what_is_made_in_a_directory_that_others_may_read_they_may_not_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    program = (
        "import os, sys; from pathlib import Path; os.umask(0o022); "
        "from collector.store import open_store; from kojo.data_directory import DataDirectory; "
        "d = DataDirectory(Path(sys.argv[1]), 'serve'); s = open_store('duckdb:line.duckdb', d.path); "
        "print(*(f'{p.name}={p.stat().st_mode & 0o777:o}' for p in d.path.iterdir())); s.close()"
    )
    ran = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    modes = dict(said.split("=") for said in ran.stdout.split())
    assert "line.duckdb" in modes
    assert set(modes.values()) == {"600"}
