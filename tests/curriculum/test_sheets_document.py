"""docs/sheets.md: every sheet is in it with who and when, and its commands do what it says."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from curriculum.sheets.form import forms
from kojo.cli import main
from tests.test_documents import FENCE

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "sheets.md").read_text("utf-8")
ELSEWHERE = (".pdf", "effect", "day")
"""A browser (test_sheets_on_paper.py) and a store (test_sheet_effect.py)."""


def row_ja(id: str) -> str:
    of = forms()[id]
    twin = "TOML" if of.twin == "toml" else "CSV"
    return f"| {id} {of.title.ja} | {'・'.join(of.days)} | {of.who.ja} | {of.when.ja} | {of.copies.ja} | {twin} |"


def row_en(id: str) -> str:
    of = forms()[id]
    return f"| {id} {of.title.en} | {' '.join(of.days)} | {of.who.en} | {of.when.en} |"


@pytest.mark.parametrize("id", forms())
def test_every_sheet_stands_in_the_document_in_both_languages(id: str) -> None:
    assert row_ja(id) in DOCUMENT
    assert row_en(id) in DOCUMENT


@pytest.mark.slow
def test_the_commands_of_the_document_run_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    japanese = DOCUMENT.partition("## English")[0]
    commands = [row for block in FENCE.findall(japanese) for row in block.splitlines()]
    ran = 0
    for command in commands:
        words = shlex.split(command)
        if words[0] == "cp":
            for source in words[1:-1]:
                shutil.copy(ROOT / source, tmp_path)
        elif not any(part in command.split("kojo ", 1)[1] for part in ELSEWHERE):
            assert main([*words[1:], "--lang", "ja"]) == 0, command
            ran += 1
    assert ran == 8
    told = capsys.readouterr().out
    assert "よし: 部品洗浄ライン(例)" in told
    assert "サイクル 27.2 秒 < タクト 29.7 秒" in told
    assert re.search(r"A班 +5,200", told)
    assert "配線: 3 件、28 分" in told
    assert {path.name for path in tmp_path.glob("*.toml")} >= {"my-s20.toml", "my-line.toml", "baseline.toml"}
    assert "れいいち" not in (tmp_path / "troubles.csv").read_text("utf-8")
