"""`kojo calendar import`: all of a company's calendar comes into line.toml, or nothing; comments stay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.errors import LineError, NotAllowed
from contract.line import load
from contract.words import speaking
from edge.sensors import catalogue
from kojo.calendar import import_calendar
from kpi.line_told import changes
from tests.rig import LINES, kojo

TEXT = (LINES / "contract.toml").read_text("utf-8")
CALENDAR = "日付,区分,備考\n2026/12/29,休,年末\n2026/12/30,休,\n"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    found = tmp_path / "line.toml"
    found.write_text(TEXT, "utf-8", newline="")
    with speaking("ja"):
        yield found


def put(file: Path, text: str = CALENDAR, name: str = "company.csv", **more: bool) -> int:
    source = file.with_name(name)
    source.write_text(text, "cp932")
    asked = {"dry_run": False} | more
    return import_calendar(source, file, file.parent, "佐藤", **asked)


def kinds(file: Path) -> list[tuple[str, str]]:
    return [(str(entry.date), entry.kind) for entry in load(file, catalogue()).calendar]


def test_what_is_imported_counts_and_every_comment_stays(file: Path) -> None:
    before = kinds(file)
    assert put(file) == 0
    assert kinds(file) == [*before, ("2026-12-29", "holiday"), ("2026-12-30", "holiday")]
    assert file.read_text("utf-8").startswith(TEXT)
    assert file.with_name("line.toml.bak").read_text("utf-8") == TEXT


def test_the_same_again_changes_nothing_and_a_corrected_one_takes_its_place(file: Path) -> None:
    before = kinds(file)
    put(file)
    once = file.read_bytes()
    put(file)
    assert file.read_bytes() == once
    put(file, "日付,区分\n2026/12/31,休\n")
    assert kinds(file) == [*before, ("2026-12-31", "holiday")]
    put(file, "日付,区分\n2026/12/31,出勤日\n")
    assert file.read_text("utf-8") == TEXT


def test_what_the_line_says_already_is_not_said_twice(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(file)
    put(file, CALENDAR, "other.csv")
    assert "すでにあるもの 2" in capsys.readouterr().out
    assert len(kinds(file)) == len(set(kinds(file)))


def test_a_trial_and_a_mistake_write_nothing(file: Path) -> None:
    assert put(file, dry_run=True) == 0
    with pytest.raises(LineError, match=r"company.csv:2: kind"):
        put(file, "日付,区分\n2026/12/29,お祭り\n")
    assert file.read_text("utf-8") == TEXT
    assert not file.with_name("line.toml.bak").exists()


def test_a_mistake_that_only_the_whole_line_shows_is_told_at_its_row_of_the_csv(file: Path) -> None:
    with pytest.raises(LineError, match=r"company.csv:3: start: "):
        put(file, "日付,区分,勤務,開始\n2026/12/29,休,,\n2026/12/28,早出,日勤,8:30\n")
    assert file.read_text("utf-8") == TEXT


def test_a_file_that_cannot_be_added_to_is_left_alone(file: Path) -> None:
    inline = TEXT[: TEXT.index("[[calendar]]")] + TEXT[TEXT.index("[[plan]]") :]
    inline = 'calendar = [{ date = "2026-12-26", kind = "holiday" }]\n' + inline
    file.write_text(inline, "utf-8")
    with pytest.raises(LineError, match="calendar"):
        put(file)
    assert file.read_text("utf-8") == inline
    file.write_text(TEXT, "utf-16")
    with pytest.raises(NotAllowed):
        put(file)


def test_the_settings_history_tells_who_imported_which_file(file: Path) -> None:
    from collector.store import LineVersion

    put(file)
    line = load(file, catalogue())
    told = changes([LineVersion(0, TEXT), LineVersion(1, line.text)], line.zone)["settings"][0]
    assert told["who"] == "佐藤"
    assert "company.csv" in told["why"]


@pytest.mark.slow
def test_the_command_tells_mistakes_with_exit_code_2(file: Path) -> None:
    source = file.with_name("bad.csv")
    source.write_text("日付,区分\n12/29,休\n", "utf-8")
    bad = kojo("calendar", "import", source, "--line", file)
    assert bad.returncode == 2
    assert "bad.csv:2: date: '12/29' is no date." in bad.stderr
    source.write_text(CALENDAR, "utf-8")
    good = kojo("calendar", "import", source, "--line", file)
    assert (good.returncode, good.stderr) == (0, "")
    assert "2 holidays" in good.stdout


@pytest.mark.parametrize(
    "row", ["残業,日勤,,16:00", "早出,日勤,09:30,", "計画停止,日勤,14:00,13:00", "計画停止,日勤,04:00,04:30"]
)
def test_a_slip_of_the_keys_is_told_at_its_row_and_adds_no_hours(file: Path, row: str) -> None:
    with pytest.raises(LineError, match=r"company.csv:2: (start|end): .*ヒント"):
        put(file, f"日付,区分,勤務,開始,終了\n2026/12/28,{row}\n")
    assert file.read_text("utf-8") == TEXT
