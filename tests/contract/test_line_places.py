"""The rows of key paths: everything `tomllib` reads has one, and it is the right one."""

import tomllib
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.line_places import Path, Places, places, spot

LINES = sorted((File(__file__).parents[2] / "hardware" / "lines").glob("*.toml"))


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield (*above, key)
        yield from paths(below, (*above, key))


def rows(text: str) -> dict[str, int]:
    return {spot(path): row for path, row in places(text).rows.items()}


def test_a_key_stands_where_it_is_written() -> None:
    assert rows('schema = 1\n\n# x\nsite = "a"') == {"schema": 1, "site": 4}


def test_a_table_stands_at_its_header_even_if_tables_in_it_came_first() -> None:
    text = "[stations.washer.sensors.done]\npin = 17\n[stations.washer]\nagent = 'pi-1'\n"
    found = rows(text)
    assert found["stations.washer.sensors.done"] == 1
    assert found["stations.washer.sensors.done.pin"] == 2
    assert found["stations.washer"] == 3


def test_arrays_of_tables_are_counted_from_one_also_inside_each_other() -> None:
    text = "[[a]]\nx = 1\n[[a.b]]\ny = 1\n[[a]]\n[[a.b]]\n[[a.b]]\ny = 2\n[a.c]\nz = 3\n"
    found = rows(text)
    assert found["a[1]"] == 1
    assert found["a[1].b[1].y"] == 4
    assert found["a[2]"] == 5
    assert found["a[2].b[2].y"] == 8
    assert found["a[2].c.z"] == 10


def test_dotted_and_quoted_keys() -> None:
    text = 'a.b . "c d".\'e.f\' = 1\n"\\u0041" = 2\n["x y"."z"]\nk=1\n'
    assert rows(text) == {
        "a": 1, "a.b": 1, 'a.b."c d"': 1, 'a.b."c d"."e.f"': 1, "A": 2, '"x y"': 3, '"x y".z': 3, '"x y".z.k': 4,
    }  # fmt: skip


def test_elements_of_an_array_over_several_rows() -> None:
    text = 'breaks = [ # first\n  "10:00-10:10", # ]\n\n  "12:00-13:00",\n]\nnext = 1'
    assert rows(text) == {"breaks": 1, "breaks[1]": 2, "breaks[2]": 4, "next": 6}


def test_inline_tables() -> None:
    text = 'm = { temperature = { unit = "°C, } ]" }, count = { kind = "total" } }\nx = [{a = 1}, {a = 2}]\n'
    found = rows(text)
    assert found["m.count.kind"] == 1
    assert found["x[2].a"] == 2


def test_strings_over_several_rows_hide_what_looks_like_keys() -> None:
    text = 'a = """\n[b]\nc = 1\\"""\n"""\nd = \'\'\'\ne = 1\n\'\'\'\nf = """x"""""\ng = 1\n'
    assert rows(text) == {"a": 1, "d": 5, "f": 8, "g": 9}


def test_windows_line_ends() -> None:
    assert rows("a = 1\r\n# x\r\n[b]\r\nc = 2\r\n") == {"a": 1, "b": 3, "b.c": 4}


def test_dates_with_a_blank_and_comments_behind_values() -> None:
    assert rows("a = 1979-05-27 07:32:00 # b = 1\nc = [1979-05-27, 07:32:00]\n") == {
        "a": 1, "c": 2, "c[1]": 2, "c[2]": 2,
    }  # fmt: skip


def test_a_key_that_is_not_written_stands_at_what_is_above_it() -> None:
    found = places("a = 1\n[b]\nc = 1\n")
    assert found.row(("b", "name", "x")) == 2
    assert found.row(("name",)) == 1
    assert found.row(()) == 1
    assert Places({}).row(("a",)) == 1


@pytest.mark.parametrize("file", LINES, ids=lambda file: file.name)
def test_every_key_of_the_example_lines_stands_in_its_row(file: File) -> None:
    text = file.read_text("utf-8")
    found, lines = places(text), text.splitlines()
    told = list(paths(tomllib.loads(text)))
    assert set(told) == set(found.rows)
    for path in told:
        if isinstance(path[-1], str):
            assert path[-1] in lines[found.row(path) - 1]


KEYS = st.sampled_from(["a", "b", "c-1", "x_y", "17", "q u", "é", 'i"n', "d.t", "#", "="])
SCALARS = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(["true", "1.5e3", "2026-10-01", "08:30:00", "1979-05-27 07:32:00Z", "nan", "-inf", "0x76"]),
    st.sampled_from(['"x"', '"a # \\" ] } , ="', "'lit [ # {'", '""', "''", '"\\u3042"']),
    st.sampled_from(['"""\nx = 1\n[y]\n"""', "'''\n#\n] }\n'''", '"""a"""""', '"""\\\n  b\\"""c"""']),
)


def quoted(key: str) -> str:
    bare = all(sign.isascii() and (sign.isalnum() or sign in "-_") for sign in key)
    return key if bare else '"' + key.replace('"', '\\"') + '"'


@st.composite
def values(draw: st.DrawFn, deep: int = 2) -> str:
    kind = draw(st.sampled_from(["scalar", "list", "table"] if deep else ["scalar"]))
    if kind == "list":
        gap = draw(st.sampled_from([" ", "\n", " # ] ,\n", "\n\n  "]))
        items: list[str] = draw(st.lists(values(deep - 1), max_size=3))
        comma = draw(st.sampled_from(["", ","])) if items else ""
        return "[" + gap + ("," + gap).join(items) + gap + comma + gap + "]"
    if kind == "table":
        names = draw(st.lists(KEYS, max_size=3, unique=True))
        return "{ " + ", ".join(f"{quoted(name)} = {draw(values(deep - 1))}" for name in names) + " }"
    return draw(SCALARS)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Any TOML; what `tomllib` refuses (keys twice …) is thrown away by the test."""
    said = []
    for _ in range(draw(st.integers(0, 8))):
        names = ".".join(map(quoted, draw(st.lists(KEYS, min_size=1, max_size=3))))
        form = draw(st.sampled_from(["pair", "pair", "pair", "table", "tables", "blank"]))
        if form == "pair":
            said.append(f"{names} = {draw(values())}{draw(st.sampled_from(['', ' # = ', '  ']))}")
        elif form == "blank":
            said.append(draw(st.sampled_from(["", "# [x] = 1", "   "])))
        else:
            said.append(f"[{names}] # ]" if form == "table" else f"[[ {names} ]]")
    return draw(st.sampled_from(["\n", "\r\n"])).join(said)


def check_places(text: str) -> None:
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = places(text)
    assert set(found.rows) == set(paths(read))
    lines = text.replace("\r\n", "\n").split("\n")
    for path, row in found.rows.items():
        name = path[-1]
        if isinstance(name, str):
            assert quoted(name) in lines[row - 1]
        above = found.rows.get(path[:-1])
        if above is not None and isinstance(name, int) and isinstance(path[:-1][-1], str):
            assert above <= row


@given(documents())
@settings(max_examples=60, deadline=None)
def test_every_key_that_tomllib_reads_has_the_row_it_is_written_in(text: str) -> None:
    check_places(text)


@pytest.mark.faults
@given(documents())
@settings(max_examples=2000, deadline=None)
def test_every_key_that_tomllib_reads_has_the_row_it_is_written_in_at_length(text: str) -> None:
    check_places(text)
