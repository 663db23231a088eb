"""The sheets: all there, whole on paper and as a file, and every mistake in a filled one told at once."""

import subprocess
import sys
from pathlib import Path

import pytest

from contract.errors import LineError, NotThere
from curriculum.sheets.answers import number_in
from curriculum.sheets.blank import blank, file_name, twin
from curriculum.sheets.checks import further
from curriculum.sheets.filled import Filled, read
from curriculum.sheets.form import EXAMPLES, Form, every_field, form, forms, of_day
from curriculum.sheets.printed import page, pages
from curriculum.sheets.read_csv import from_csv
from curriculum.sheets.read_toml import from_toml
from kojo.cli import main

ALL = list(forms().values())


def named(one: Form) -> str:
    return one.id


def back(of: Form, text: str) -> Filled:
    return (from_csv if of.twin == "csv" else from_toml)(text.encode(), file_name(of))


def mistakes(data: str, file: str) -> list[str]:
    with pytest.raises(LineError) as told:
        (from_csv if file.endswith(".csv") else from_toml)(data.encode(), file)
    return [mistake.say("ja") for mistake in told.value.mistakes]


def test_every_sheet_is_there_and_the_merged_one_says_where_it_went() -> None:
    assert [one.id for one in ALL] == [f"S{n}" for n in range(1, 26) if n != 9]
    with pytest.raises(NotThere, match="S8"):
        form("S9")
    assert form("s6") is form("S6")
    assert form("費用台帳").id == "S16"


def test_a_day_has_its_own_sheets() -> None:
    assert {one.id for one in of_day("A")} == {"S1", "S2", "S17", "S18", "S20", "S22"}
    assert all(one.days for one in ALL)


@pytest.mark.parametrize("of", ALL, ids=named)
def test_a_sheet_is_bilingual_and_each_row_of_fields_fills_the_width(of: Form) -> None:
    assert all(field.words.ja and field.words.en for field in every_field(of))
    for part in of.parts:
        filled = 0
        for field in () if part.table else part.fields:
            filled = (filled % 12) + field.span
            assert filled <= 12, f"{of.id}: {field.key}"
        assert filled in (0, 12), f"{of.id}: {part.title}"


@pytest.mark.parametrize("of", ALL, ids=named)
def test_a_blank_twin_is_read_and_only_what_is_needed_is_missing(of: Form) -> None:
    needed = {f.words.ja for p in of.parts if not p.table for f in p.fields if f.required}
    missing = mistakes(blank(of), file_name(of)) if needed else []
    assert {line.split(": ", 2)[-1].removeprefix("「").rpartition("」")[0] for line in missing} == needed
    if not needed:
        assert not any(back(of, blank(of)).tables.values())


def test_a_table_opens_in_excel() -> None:
    text = blank(form("S16"))
    assert text.startswith("\ufeffS16")
    assert "\r\n" in text
    assert back(form("S16"), text.removeprefix("\ufeff").replace(",", "\t")).form.id == "S16"
    assert from_csv(text.removeprefix("\ufeff").encode("cp932"), "x.csv").form.id == "S16"


@pytest.mark.parametrize("of", ALL, ids=named)
def test_what_is_written_on_paper_is_escaped_and_nothing_is_fetched(of: Form) -> None:
    html = pages([page(of)])
    assert of.title.ja in html
    assert "http" not in html
    assert "<script" not in html
    assert "src=" not in html


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("s*")), ids=lambda path: path.name)
def test_every_example_is_read_without_a_mistake_and_comes_back_the_same(example: Path) -> None:
    filled = read(example)
    assert not further(filled)
    again = back(filled.form, twin(filled.form, filled.written))
    assert again.written == filled.written
    assert "例" in example.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("１，２００", 1200),
        ("27秒", 27),
        ("¥4,980", 4980),
        ("4,980円", 4980),
        ("-3", -3),
        ("1,20", None),
        ("多い", None),
    ],
)
def test_a_number_is_read_as_people_write_it(said: str, number: float | None) -> None:
    assert number_in(said, "秒") == number


def test_all_mistakes_of_a_form_are_told_with_their_rows() -> None:
    told = mistakes(
        'sheet = "S6"\nstation = "洗浄"\nproblm = "x"\nproblem = "止まる"\nkpi = "洗浄時間"\nnow = "約20"\n'
        'source = "測定しt"\nsensor = "していた時間"\neffect_min = -1\n',
        "s6.toml",
    )
    assert [line.split(":")[1] for line in told] == ["3", "6", "7", "9"]
    assert "「problem」ではありませんか" in told[0]
    assert "数ではありません" in told[1]
    assert "「測定した」ではありませんか" in told[2]
    assert "0 より小さく" in told[3]


def test_all_mistakes_of_a_table_are_told_with_their_rows() -> None:
    told = mistakes(
        "S16\n日,チーム,品・仕様,数,単価,税,りょうしゅう書\n2026-10-05,A班,スイッチ,1,4,980,税込\n10/6,,線,x,500,9%\n",
        "money.csv",
    )
    assert [line.split(":")[1] for line in told] == ["3", "4", "4", "4", "4"]
    assert "カンマ" in told[0] or "税" in told[0]


@pytest.mark.parametrize(
    ("data", "file", "said"),
    [
        ("x = 1", "a.toml", 'sheet = "S20"'),
        ('sheet = "S99"', "a.toml", "帳票「S99」はありません"),
        ("", "a.csv", "中身がありません"),
        ("S99,x", "a.csv", "帳票「S99」"),
        ("S6,x", "a.csv", "kojo sheet blank S6"),
        ("S16,x\n1,2", "a.csv", "見出しの行がありません"),
        ('sheet = "S6"\nstation = ', "a.toml", "値がありません"),
        ('sheet = "S12"\nno_contact = false', "a.toml", "✓ がありません"),
    ],
)
def test_what_is_no_filled_sheet_is_refused_kindly(data: str, file: str, said: str) -> None:
    assert any(said in line for line in mistakes(data, file))


def test_a_legends_number_is_an_answer() -> None:
    filled = from_csv("S17\n課題・装置,症状,原因\nA1,光らない,②\nA2,数えない,3\n".encode(), "s17.csv")
    assert [row.text("cause") for row in filled.rows()] == ["code", "part"]


def test_the_command_tells_the_mistakes_of_all_files_and_finds_them_by_pattern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("S17\n課題・装置,症状,原因\nA1,光らない,配戦\n", "utf-8")
    (tmp_path / "b.csv").write_text("S17\n課題・装置,症状,原因\nA1,光らない,\n", "utf-8")
    (tmp_path / "c.csv").write_text("S17\n課題・装置,症状,原因\nA1,光らない,電源\n", "utf-8")
    asked = ["sheet", "check", str(tmp_path / "*.csv"), str(tmp_path / "d.toml"), "--lang", "ja"]
    assert main(asked) == 2
    told = capsys.readouterr()
    assert "c.csv: S17 トラブル記録として読めます、1 行。" in told.out
    assert [line.split(":")[0].rpartition("/")[2] for line in told.err.splitlines()] == ["a.csv", "b.csv", "d.toml"]
    assert "「配線」ではありませんか" in told.err


def test_a_blank_twin_is_not_written_over_and_has_the_ending_of_its_kind(tmp_path: Path) -> None:
    to = tmp_path / "s16.csv"
    assert main(["sheet", "blank", "S16", "--to", str(to)]) == 0
    assert to.read_bytes().startswith(b"\xef\xbb\xbfS16")
    assert main(["sheet", "blank", "S16", "--to", str(to)]) == 2
    assert main(["sheet", "blank", "S16", "--to", str(tmp_path / "s16.toml")]) == 2
    assert main(["sheet", "blank", "S99", "--to", str(tmp_path / "s99.toml")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["s16.csv"]


def test_a_filled_sheet_is_printed_as_it_is_filled(tmp_path: Path) -> None:
    to = tmp_path / "filled.html"
    assert main(["sheet", "print", str(EXAMPLES / "s6.toml"), "S7", "--to", str(to)]) == 0
    html = to.read_text("utf-8")
    assert "洗浄の1個当たり時間" in html
    assert "アイデアスケッチ" in html
    assert main(["sheet", "print", "--day", "b", "--to", str(tmp_path / "b.html")]) == 0
    assert (tmp_path / "b.html").read_text("utf-8").count("<main") == len(of_day("B"))


@pytest.mark.slow
def test_a_laptop_without_the_server_half_reads_sheets() -> None:
    heavy = ("numpy", "duckdb", "fastapi", "scipy", "pydantic")
    program = (
        "import sys, kojo.sheet, kojo.sheet_made, curriculum.sheets.to_line, curriculum.sheets.money_page;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
