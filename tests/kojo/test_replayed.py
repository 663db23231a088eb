"""What is answered to judging quarantined messages again."""

from pathlib import Path

import pytest

from contract.line import Line
from kojo.replayed import answer


@pytest.fixture
def line(tmp_path: Path) -> Line:
    file = tmp_path / "line.toml"
    file.write_bytes(b"schema = 1\r\n")
    return Line("akita", "wash", file=file, text="schema = 1\r\n")


def test_where_all_went_well_nothing_is_added(line: Line) -> None:
    assert answer({"stored": 2, "still": 0}, ["1", "2", "2"], line) == {"stored": 2, "still": 0}
    assert answer({"stored": 1, "still": 1}, ["1", "2"], line) == {"stored": 1, "still": 1}


def test_ids_that_are_not_there_are_counted_and_said(line: Line) -> None:
    told = answer({"stored": 0, "still": 0}, ["1", "2"], line)
    assert (told["stored"], told["still"], told["unknown"]) == (0, 0, 2)
    assert "隔離にありません" in told["hint"]["ja"]
    assert "no message of that id" in told["hint"]["en"]


def test_a_line_that_was_changed_since_the_start_is_said(line: Line) -> None:
    assert line.file is not None
    line.file.write_text('schema = 1\nname = "x"\n')
    told = answer({"stored": 0, "still": 1}, ["1"], line)
    assert "起動し直し" in told["hint"]["ja"]
    assert "hint" not in answer({"stored": 1, "still": 0}, ["1"], line)


def test_a_line_file_that_was_taken_away_is_no_reason_to_fail(line: Line) -> None:
    assert line.file is not None
    line.file.unlink()
    assert answer({"stored": 0, "still": 1}, ["1"], line) == {"stored": 0, "still": 1}


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16"])
def test_how_an_editor_wrote_it_is_no_change(line: Line, form: str) -> None:
    assert line.file is not None
    line.file.write_bytes(line.text.encode(form))
    assert "hint" not in answer({"stored": 0, "still": 1}, ["1"], line)
