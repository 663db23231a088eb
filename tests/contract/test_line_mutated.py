"""Whatever is done to a line file, it is read, or told to be wrong: nothing else ever comes out."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import LineError, Mistake
from contract.line_check import check
from tests.contract.catalogue import CATALOGUE
from tests.contract.good_line import GOOD

TEXTS = [
    GOOD,
    *(file.read_text("utf-8") for file in sorted((Path(__file__).parents[2] / "hardware" / "lines").glob("*.toml"))),
]
PIECES = [
    "", "0", "-1", "1e400", "99999999999999999999", "true", '"x"', "'", '"', '"""', "{}", "[]", "[1, 'a', {}]", "nan",
    "2026-10-01", "08:30:00", "1979-05-27T07:32:00Z", "a = 1", "[stations.washer]", "[[shifts]]", "=", ".", "\\u0000",
    "_x", "　", "＝", "“", "洗浄", "\x00", "\r", "a://b:c@d", "{a = {b = [{}]}}", "[[[[[[", "\ufeff", "from", "since",
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        lines = text.split("\n")
        row = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["value", "value", "drop", "twice", "insert", "key", "move", "cut"]))
        piece = draw(st.sampled_from(PIECES))
        key, equals, value = lines[row].partition("=")
        if change == "value" and equals:
            lines[row] = f"{key}= {piece}"
        elif change == "key" and equals:
            lines[row] = f"{piece} ={value}"
        elif change == "twice":
            lines.insert(row, lines[row])
        elif change == "insert":
            lines.insert(row, piece)
        elif change == "move":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(row))
        elif change == "cut":
            at = draw(st.integers(0, len(lines[row])))
            lines[row] = lines[row][:at] + piece + lines[row][at + draw(st.integers(0, 3)) :]
        else:
            del lines[row]
        text = "\n".join(lines)
    return text


def told(text: str) -> Sequence[Mistake] | None:
    """The mistakes of a text, or None where it is right."""
    try:
        check(text, CATALOGUE)
    except LineError as error:
        return error.mistakes
    return None


def read_or_told(text: str) -> None:
    mistakes = told(text)
    if mistakes is None:
        return
    assert mistakes
    for mistake in mistakes:
        assert 1 <= mistake.row <= text.count("\n") + 1
        for said in (mistake.say("ja"), mistake.say("en")):
            assert said.replace("　", "").isprintable()
            assert said.startswith(f"line.toml:{mistake.row}: ")
    assert [mistake.row for mistake in mistakes] == sorted(mistake.row for mistake in mistakes)
    assert len(set(mistakes)) == len(mistakes)


@given(mutated())
@settings(max_examples=60, deadline=None)
def test_a_mutated_line_is_read_or_told(text: str) -> None:
    read_or_told(text)


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_or_told(text: str) -> None:
    read_or_told(text)


@pytest.mark.faults
@given(mutated())
@settings(max_examples=2000, deadline=None)
def test_a_mutated_line_is_read_or_told_at_length(text: str) -> None:
    read_or_told(text)


def test_deep_nesting_and_long_numbers_are_told() -> None:
    for text in (
        "a = " + "[" * 5000,
        "a = " + "1" * 5000,
        "a = [" + "1" * 5000 + "]",
        "[" + ".".join("a" * 3000) + "]",
    ):
        read_or_told(text)
