"""Nothing that comes from outside can end a field, a point or a question of InfluxDB early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.store import Rows
from collector.store.influx_text import (
    CHARS_A_REQUEST,
    FIRST_NS,
    LAST_NS,
    LINES_A_REQUEST,
    PART_CHARS,
    document,
    literal,
    name,
    point,
    portions,
    reading_lines,
    tag,
    text,
    where,
    whole,
)
from contract.errors import StoreRefused
from contract.reading import Series

SERIES = Series("washer", "done", "count")


def unquoted(said: str, quote: str) -> str:
    """What a scanner makes of a quoted string: it ends at the first quote without a backslash before it."""
    assert said[0] == quote
    letters, at = [], 1
    while said[at] != quote:
        at += said[at] == "\\"
        letters.append("\n" if said[at - 1 : at + 1] == "\\n" else said[at])
        at += 1
    assert at == len(said) - 1, "the string ended early"
    return "".join(letters)


@given(st.text())
def test_a_text_is_one_string_whatever_it_holds(said: str) -> None:
    inside = text(said)[1:-1]
    assert inside.replace('\\"', "").replace("\\\\", "").count('"') == 0
    assert inside.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\") == said.replace("\0", "\\")


@given(st.text(st.characters(exclude_characters="\0")))
def test_a_literal_is_one_string_whatever_it_holds(said: str) -> None:
    assert unquoted(literal(said), "'") == said
    assert unquoted(name(said), '"') == said


def test_a_nul_does_not_end_a_question() -> None:
    assert literal("a\0' OR 1=1") == r"'a\' OR 1=1'"


@pytest.mark.parametrize("unfit", ["", "a\nb", "a\\", "a\\,b", "\0"])
def test_what_no_tag_can_hold_is_refused_and_not_changed(unfit: str) -> None:
    with pytest.raises(StoreRefused, match=r"InfluxDB"):
        tag(unfit)


def test_a_tag_escapes_what_divides_tags() -> None:
    assert tag("洗 浄,機=1") == r"洗\ 浄\,機\=1"


def test_a_number_is_never_an_integer_field() -> None:
    (line,) = reading_lines(Rows(SERIES, "s", 7, [100], [412]), "akita", "wash")
    assert line == "reading,line=wash,measure=count,sensor=done,site=akita,station=washer,stream=s v=412.0,n=7 100"


def test_text_a_flag_and_a_device_without_a_stream_have_their_fields() -> None:
    rows = Rows(SERIES, "-", None, [1, 2], ['a"b', ""], [0, 1])
    fields = [line.split(",stream=-")[1] for line in reading_lines(rows, "akita", "wash")]
    assert fields == [' s="a\\"b",n=0 1', ' s="",n=0,flag=1 2']


@given(st.text(max_size=3 * PART_CHARS))
def test_a_long_document_is_whole_again(said: str) -> None:
    fields = document(said)
    assert whole(fields) == said
    assert all(len(str(part).encode("utf-8", "surrogatepass")) <= 4 * PART_CHARS for part in fields.values())


def test_a_shorter_document_leaves_nothing_of_the_longer_one() -> None:
    left_over = {**document("x" * (2 * PART_CHARS)), **document("short")}
    assert whole(left_over) == "short"


def test_a_point_sorts_its_tags_and_keeps_numbers_floats() -> None:
    assert point("kojo_x", {"b": "2", "a": "1"}, {"v": 3, "s": "z"}, 0) == 'kojo_x,a=1,b=2 v=3.0,s="z" 0'


@given(st.lists(st.integers(1, CHARS_A_REQUEST), max_size=30))
def test_portions_keep_every_line_in_order_and_fit_a_request(lengths: list[int]) -> None:
    lines = [_Line(f"{number}") for number in range(len(lengths))]
    for line, length in zip(lines, lengths, strict=True):
        line.length = length
    cut = list(portions(lines))
    assert [line for portion in cut for line in portion] == lines
    assert all(sum(map(len, portion)) <= CHARS_A_REQUEST for portion in cut)


class _Line(str):
    """A line that says it is long without being it."""

    length = 0

    def __len__(self) -> int:
        return self.length


def test_many_short_lines_are_portioned_too() -> None:
    assert [len(portion) for portion in portions(["x"] * (LINES_A_REQUEST + 1))] == [LINES_A_REQUEST, 1]


def test_times_beyond_what_influxdb_holds_are_drawn_in() -> None:
    assert where({"a": "b"}, -(2**70), 2**70) == f"WHERE \"a\" = 'b' AND time >= {FIRST_NS} AND time < {LAST_NS}"
