"""A company's calendar as CSV: what Japanese offices write is read, and every mistake is told with its row."""

from datetime import date, time
from pathlib import Path

import pytest

from contract.calendar_block import composed, without
from contract.calendar_csv import MOST_BYTES, MOST_ROWS, Row, date_of, parse, read
from contract.errors import LineError, NotThere
from contract.line import CalendarEntry, Line, load
from edge.sensors import catalogue

LINES = Path(__file__).parents[2] / "hardware" / "lines"
TEXT = (LINES / "contract.toml").read_text("utf-8")


@pytest.fixture(scope="module")
def line() -> Line:
    return load(LINES / "contract.toml", catalogue())


def entries(line: Line, text: str, encoding: str = "utf-8") -> list[CalendarEntry]:
    return [row.entry for row in parse(text.encode(encoding), line).rows]


def mistakes(line: Line, data: bytes) -> list[str]:
    with pytest.raises(LineError) as told:
        parse(data, line)
    return [mistake.say("en") for mistake in told.value.mistakes]


OFFICE = """日付,曜日,区分,勤務,開始,終了,工程,備考
2026/12/26(土),土,休日出勤,日勤,,12:00,,棚卸のため
令和8年12月29日,火,休,,,,,"年末,年始"
R8.12.30,水,残業,日勤,,２０：１５,洗浄機,
20261231,木,早出,,6時30分,,washer、梱包,
2027/1/4,月,計画停止,全直,25:00,26:30,,
"""
READ = [
    CalendarEntry(date(2026, 12, 26), "holiday_work", "日勤", None, time(12, 0)),
    CalendarEntry(date(2026, 12, 29), "holiday"),
    CalendarEntry(date(2026, 12, 30), "overtime", "日勤", None, time(20, 15), ("washer",)),
    CalendarEntry(date(2026, 12, 31), "early", None, time(6, 30), None, ("washer", "packer")),
    CalendarEntry(date(2027, 1, 4), "planned_stop", None, time(1, 0), time(2, 30)),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_an_office_writes_is_read_in_any_of_its_encodings(line: Line, encoding: str, ends: str) -> None:
    assert entries(line, OFFICE.replace("\n", ends), encoding) == READ


def test_columns_nobody_reads_and_notes_are_told(line: Line) -> None:
    calendar = parse(OFFICE.encode(), line)
    assert calendar.unread == ("曜日",)
    assert [(row.row, row.note) for row in calendar.rows][:2] == [(2, "棚卸のため"), (3, "年末,年始")]


def test_english_words_and_a_file_without_a_heading_are_read(line: Line) -> None:
    assert entries(line, "2026-12-28,holiday\n2026-12-30,overtime,,,20:15\n") == [
        CalendarEntry(date(2026, 12, 28), "holiday"),
        CalendarEntry(date(2026, 12, 30), "overtime", None, None, time(20, 15)),
    ]


def test_the_list_of_the_cabinet_office_is_holidays(line: Line) -> None:
    """Its own heading and form, in Shift_JIS (内閣府「国民の祝日」syukujitsu.csv); on a weekend nothing changes."""
    head = "国民の祝日・休日月日,国民の祝日・休日名称"
    text = f"{head}\r\n2026/1/1,元日\r\n2026/2/11,建国記念の日\r\n2026/5/3,憲法記念日\r\n"
    assert entries(line, text, "cp932") == [
        CalendarEntry(date(2026, 1, 1), "holiday"),
        CalendarEntry(date(2026, 2, 11), "holiday"),
    ]


def test_a_whole_years_list_leaves_only_what_differs_from_the_week(line: Line) -> None:
    """Working days of the weekly pattern and its free days say nothing; a working Saturday is holiday work."""
    text = "日付,区分\n2026/12/25,出勤日\n2026/12/26,出勤日\n2026/12/27,休\n2026/12/28,\n2026/12/29,休\n2026/12/29,休\n"
    calendar = parse(text.encode(), line)
    assert [row.entry.kind for row in calendar.rows] == ["holiday_work", "holiday"]
    assert calendar.usual == 3


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026/12/26", date(2026, 12, 26)), ("2026-1-5", date(2026, 1, 5)),
        ("２０２６年１２月２６日（土）", date(2026, 12, 26)),
        ("令和元年5月1日", date(2019, 5, 1)), ("㋿8年4月1日", date(2026, 4, 1)), ("H31.4.30", date(2019, 4, 30)),
        ("2026/12/26 0:00", date(2026, 12, 26)), ("2026.12.26(Sat)", date(2026, 12, 26)), ("12/26", None),
        ("2026/2/30", None), ("1999/12/31", None), ("", None), ("46382", None),
    ],
)  # fmt: skip
def test_dates_are_read_as_companies_write_them(written: str, meant: date | None) -> None:
    assert date_of(written) == meant


def test_every_mistake_is_told_at_once_with_its_row(line: Line) -> None:
    text = "日付,区分,勤務,開始,終了,工程\n12/26,休,,,,\n2026/12/25,残業,夜勤,,,\n2026/12/24,お祭り,,,25:99,\n\
2026/12/23,休日,,8:00,,\n2026/12/22,早出,,,9:00,\n2026/12/21,計画停止,,9:00,,洗浄\n"
    told = mistakes(line, text.encode())
    rows = [mistake.split(": ")[0] + ":" + mistake.split(": ")[1] for mistake in told]
    assert rows == [
        "calendar.csv:2:date", "calendar.csv:3:end", "calendar.csv:3:shift", "calendar.csv:4:end",
        "calendar.csv:4:kind", "calendar.csv:5:start", "calendar.csv:6:start", "calendar.csv:7:end",
        "calendar.csv:7:stations",
    ]  # fmt: skip
    assert 'Did you mean "洗浄機"?' in told[-1]
    with pytest.raises(LineError) as error:
        parse(text.encode(), line)
    assert "「お祭り」" in error.value.say("ja")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\n\n", b"\x81", b"\xff\xfe\x00", "日付,備考\n2026/1/1,元日\n".encode(), "区分\n休\n".encode(),
        b"x" * (MOST_BYTES + 1), b"2026-01-01,holiday\n" * (MOST_ROWS + 1), b'2026-01-01,"' + b"x" * 200_000,
    ],
    ids=["nothing", "blank", "half a character", "half a utf-16", "no kind", "no date", "too large", "too many",
         "a field without end"],
)  # fmt: skip
def test_what_is_no_calendar_is_refused_in_words(line: Line, data: bytes) -> None:
    assert mistakes(line, data)


def test_a_file_that_is_not_there_is_said(line: Line, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(NotThere):
            read(path, line)


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\r\n"), TEXT.rstrip("\n")], ids=["lf", "crlf", "no end"])
def test_a_block_goes_in_and_comes_out_and_the_rest_stays_to_the_byte(text: str) -> None:
    rows = [Row(entry, number, "メモ\n2行目") for number, entry in enumerate(READ, 2)]
    made = composed(text, "会社.csv", rows, "変更 佐藤: 取り込み")
    assert made.text.startswith(text)
    assert without(made.text, "会社.csv").rstrip() == text.rstrip()
    assert without(made.text, "other.csv") == made.text
    lines = made.text.split("\n")
    assert lines[min(made.rows) - 1].startswith("[[calendar]]  # メモ 2行目")
    assert set(made.rows.values()) == {2, 3, 4, 5, 6}
