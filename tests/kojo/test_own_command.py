"""How the program is called again: what a page prints can be typed as it stands."""

from pathlib import Path

import pytest

from kojo.own_command import as_called, own_command, report_command


def test_the_program_beside_the_python_that_runs_is_named_whole_and_quoted(tmp_path: Path) -> None:
    folder = tmp_path / "my venv"
    folder.mkdir()
    assert own_command(str(folder / "python")) == f"'{folder}/python' -m kojo"
    (folder / "kojo").touch()
    assert own_command(str(folder / "python")) == f"'{folder}/kojo'"


def test_the_data_directory_is_named_whole(tmp_path: Path) -> None:
    assert report_command(tmp_path)["data"] == str(tmp_path)
    assert report_command(Path("my data"))["data"] == f"'{Path.cwd()}/my data'"


def test_the_program_is_named_as_it_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert as_called(".venv/bin/kojo") == ".venv/bin/kojo"
    assert as_called("my venv/kojo") == "'my venv/kojo'"
    assert as_called("kojo/__main__.py", str(tmp_path / "python")) == f"{tmp_path / 'python'} -m kojo"
    found = tmp_path / "kojo"
    found.touch(0o755)
    assert as_called(str(found)) == "kojo"
