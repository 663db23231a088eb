"""A table sent in as CSV, as people's spreadsheets write it."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kpi import service_analysis_schemas as schemas
from kpi.analysis.table import MOST_BYTES, read
from kpi.problems import Problem
from tests.kpi.desks import Service
from tests.kpi.test_correlation import METI
from tests.kpi.test_service import made, problem

ADDRESS = "/api/v1/correlation/table"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return made(tmp_path_factory.mktemp("data"))


def sent(service: Service, body: bytes, **parameters: str) -> Any:
    answer = service.ask(ADDRESS, "POST", content=body, params=parameters, headers={"content-type": "text/csv"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    Draft202012Validator(schemas.TABLE).validate(told)
    return told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_the_lessons_table_is_read_in_every_encoding_a_spreadsheet_writes(service: Service, encoding: str) -> None:
    told = sent(service, METI.read_text("utf-8").replace("\n", "\r\n").encode(encoding))
    assert told["series"] == ["球速", "遠投", "懸垂", "握力"]
    assert told["n"] == 20
    assert round(told["pearson"][0][1], 5) == 0.53918
    assert told["strength"][0][1] == "correlated"
    assert told["strength_words"]["correlated"]["ja"] == "相関性がある"
    low, high = told["interval90"][0][1]
    assert low < 0.53918 < high
    assert told["scatter"]["values"][0][:3] == [120, 130, 95]
    assert [c["code"] for c in told["caveats"]] == ["not_cause"]
    assert told["differences"] is None, "rows of a table have no order"


def test_rows_in_time_order_are_weighed_as_such(service: Service) -> None:
    rows = "\n".join(f"{i},{i + i % 3}" for i in range(60))
    told = sent(service, f"a,b\n{rows}\n".encode(), in_time_order="true")
    assert told["n"] == 60
    assert told["n_effective"][0][1] < 20
    assert told["differences"]["n"] == 59
    assert {"few_points", "trend"} <= {c["code"] for c in told["caveats"]}


def test_missing_cells_leave_their_row_out_and_text_columns_are_named(service: Service) -> None:
    text = '日付,温度,備考,不良,空,数量\n4/1,20.5,,1,,"1,200"\n4/2,,雨,2,,"1,300"\n4/3,22.5,晴,-,,1100\n' + "".join(
        f"4/{i},{20 + i},,{i % 5},,{1000 + i * i}\n" for i in range(4, 30)
    )
    told = sent(service, text.encode("cp932"))
    assert told["series"] == ["温度", "不良", "数量"]
    assert told["left_out"] == [
        {"column": "日付", "row": 2, "text": "4/1"},
        {"column": "備考", "row": 3, "text": "雨"},
        {"column": "空", "row": None, "text": ""},
    ]
    assert (told["rows"], told["n"]) == (29, 27)
    assert [column["missing"] for column in told["columns"]] == [1, 1, 0]
    assert told["scatter"]["rows"][:2] == [2, 5], "as the spreadsheet numbers them"
    assert "text_columns" in {c["code"] for c in told["caveats"]}


def test_few_rows_are_said_and_a_constant_column_is_null(service: Service) -> None:
    told = sent(service, b"a,b,c\n1,5,2\n2,5,4\n3,5,7\n4,5,8\n")
    assert told["pearson"][0][1] is None
    assert told["strength"][1] == [None, None, None]
    assert told["pearson"][0][2] > 0.9
    assert {"few_points", "constant"} <= {c["code"] for c in told["caveats"]}
    assert "点が少なく、偶然でもこの程度は出ます" in str(told["caveats"])


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_tabs_and_semicolons_separate_too(separator: str) -> None:
    rows = ["a,b", "1,2", "3,5", "１２．５,−3"]
    found = read("\n".join(rows).replace(",", separator).encode())
    assert found.values.tolist() == [[1, 2], [3, 5], [12.5, -3]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [b"", b"\n\n", b"a,b\n", b"a\n1\n2\n", b"a,b\nx,y\n", b"\xff\xff\x80", b"\xff\xfe\x00", b'a,b\n"1,2\n3', b"\0\0,\0",
     b"a,b\n1e999,2\n3,4\n", b"a,b\nnan,inf\n", b"{}", b"," * 500 + b"\n1,2", b"a,b\n" + b"1,2\n" * 20_001,
     b"a,b\n1,2\n" + b'"' + b"x" * 140_000 + b'",2\n',
     ",".join(f"c{i}" for i in range(30)).encode() + b"\n" + b",".join([b"1"] * 30)],
)  # fmt: skip
def test_what_is_no_table_is_said_in_both_languages(service: Service, body: bytes) -> None:
    told = problem(service.ask(ADDRESS, "POST", content=body), 422)
    assert "bad-table" in told["type"]


def test_a_table_beyond_the_bound_is_refused(service: Service) -> None:
    problem(service.ask(ADDRESS, "POST", content=b"a,b\n" + b"1," * MOST_BYTES), 413)


def test_very_large_numbers_are_still_numbers(service: Service) -> None:
    told = sent(service, b"a,b\n1e308,1\n-1e308,2\n1e307,3\n5,4\n")
    assert -1 <= told["pearson"][0][1] <= 1


def test_names_that_repeat_or_lack_are_told_apart() -> None:
    assert read(b"a,a,\n1,2,3\n2,3,5\n").names == ("a", "a (2)", "列3")


def test_what_a_table_holds_is_kept_nowhere(service: Service) -> None:
    sent(service, b"a,b\n1,2\n2,4\n3,5\n")
    assert not service.store.kept


def test_a_problem_is_a_problem_outside_http_too() -> None:
    with pytest.raises(Problem, match="CSV"):
        read(b"")
