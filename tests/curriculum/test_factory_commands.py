"""`kojo factory` as it is typed: what it prints, what it writes, what it keeps from learners."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from curriculum.factories.book import NAMES, load
from curriculum.factories.directory import Made, Stay
from curriculum.sheets.baseline import baseline
from curriculum.sheets.filled import read
from kojo.cli import DONE, THEIRS, main
from tests.servers import wait_until


def said(capsys: pytest.CaptureFixture[str], *arguments: object, lang: str = "ja") -> tuple[int, str, str]:
    code = main(["factory", *map(str, arguments), "--lang", lang])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_list_names_every_factory_and_gives_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, "list")
    assert code == DONE
    for name in NAMES:
        assert name in out
        assert load(name).bottleneck_why.ja not in out


def test_the_answer_book_is_not_shown_by_accident(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capsys, "answers", "lathe")
    assert (code, out) == (THEIRS, "")
    assert "--facilitator" in err
    code, out, _ = said(capsys, "answers", "lathe", "--facilitator")
    assert code == DONE
    assert load("lathe").bottleneck_why.ja in out


def test_the_answer_book_is_a_page_to_print(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "kotae.html"
    assert said(capsys, "answers", "packing", "--facilitator", "--to", page)[0] == DONE
    assert "仮想データ" in page.read_text("utf-8")
    assert said(capsys, "answers", "packing", "--facilitator", "--to", page)[0] == THEIRS, "it is not written over"


@pytest.mark.slow
def test_twenty_cycles_are_two_sheets_that_the_kit_reads_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, _ = said(capsys, "observe", "lathe", "--to", tmp_path / "s4.csv")
    assert code == DONE
    assert "仮想データ" in out
    assert "*" in out, "something unusual is among them"
    read_back = [baseline(read(tmp_path / f"s4-{n}.csv")) for n in (1, 2)]
    assert [len(one.elements) for one in read_back] == [3, 3]


def test_where_nothing_was_opened_nothing_is_improved_or_graded(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert said(capsys, "improve", tmp_path, "auto-wash")[0] == THEIRS
    code, _, err = said(capsys, "grade", tmp_path, tmp_path / "answers.toml", lang="en")
    assert code == THEIRS
    assert "kojo factory open" in err


def test_too_few_days_and_unknown_traps_are_refused_before_anything_is_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert said(capsys, "open", "lathe", "--data", tmp_path / "hunt", "--days", 2)[0] == THEIRS
    assert said(capsys, "open", "lathe", "--data", tmp_path / "hunt", "--trap", "ghost")[0] == THEIRS
    assert not (tmp_path / "hunt").exists()


def opened_before(data: Path) -> Path:
    days = tuple(date(2026, 8, day) for day in range(3, 8))
    data.mkdir()
    Made("lathe", 4, "no-data", (Stay(None, days),)).write(data)
    return data


@pytest.mark.parametrize("other", [("--days", 6), ("--seed", 5), ("--start", "2026-08-04")])
def test_what_was_opened_is_not_opened_otherwise(
    other: tuple[object, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = opened_before(tmp_path / "hunt")
    code, _, err = said(capsys, "open", "lathe", "--data", data, *other)
    assert code == THEIRS
    assert "2026-08-03 から 5 日、--seed 4" in err
    assert [file.name for file in data.iterdir()] == ["factory.json"]


def test_a_start_out_of_reach_a_file_for_data_and_a_folder_that_is_not_there_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    for asked in (
        ("open", "lathe", "--data", tmp_path / "hunt", "--start", "0001-01-01"),
        ("open", "lathe", "--data", tmp_path / "file"),
        ("observe", "lathe", "--to", tmp_path / "nodir" / "s4.csv"),
    ):
        code, _, err = said(capsys, *asked)
        assert (code, "ヒント" in err or "ください" in err or "付け" in err) == (THEIRS, True), err
    assert not (tmp_path / "hunt").exists()


HEARS = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
"""What a shell starts in the background is deaf to Ctrl-C: not so this."""


@pytest.mark.slow
def test_ctrl_c_ends_the_making_of_days_at_once_and_says_how_to_go_on(tmp_path: Path) -> None:
    """As a terminal sends it: to everybody who belongs to the command, when its processes are just being started."""
    data = tmp_path / "hunt"
    command = [sys.executable, "-m", "kojo", "factory", "open", "packing", "--data", str(data), "--days", "40"]
    with subprocess.Popen(
        [sys.executable, "-c", HEARS, *command], start_new_session=True, stderr=subprocess.PIPE, text=True
    ) as opening:
        wait_until((data / "collector.id").exists, within_s=60)
        os.killpg(opening.pid, signal.SIGINT)
        _, err = opening.communicate(timeout=60)
    assert (opening.returncode, "Traceback" in err) == (DONE, False), err
    assert "続きから作ります" in err
    assert len(Made.read(data).stays[0].days) == 40
