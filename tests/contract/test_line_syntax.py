"""What is said of a file that is not TOML: its row, the line itself, and the beginner's usual cause."""

import re
from pathlib import Path

import pytest

from contract.errors import LineError
from contract.line_syntax import parse

CASES = (Path(__file__).parent / "mistakes" / "not_toml.md").read_text("utf-8").strip().split("\n\n")[1:]


def said(text: str) -> LineError:
    with pytest.raises(LineError) as error:
        parse(text, "line.toml")
    return error.value


@pytest.mark.parametrize("case", CASES, ids=[case.split("\n")[0] for case in CASES])
def test_a_text_that_is_not_toml_is_told_with_its_cause(case: str) -> None:
    lines = case.split("\n")
    error = said("".join(line[2:] + "\n" for line in lines[:-1]))
    assert "! " + error.say("en") == lines[-1]
    assert re.search("[ぁ-ん]", error.say("ja"))
    assert len(error.mistakes) == 1


def test_there_are_many_cases() -> None:
    assert len(CASES) > 40


def test_control_characters_are_not_repeated() -> None:
    assert '-> a="x·"' in said('a="x\x01"\n').say("en")


def test_what_is_nested_without_end_is_told() -> None:
    assert said("x = 1\na = " + "[" * 5000).say("en") == "line.toml:1: it is nested too deep."
    assert said("x = 1\n[" + ".".join("a" * 40) + "]\n").say("en") == "line.toml:2: it is nested too deep."


def test_a_number_without_end_is_told() -> None:
    assert said("x = 1\na = " + "1" * 5000).say("en").startswith("line.toml:2: the number is too long. -> a = 111")


def test_a_right_text_comes_with_its_rows() -> None:
    raw, places = parse("a = 1\n[b]\nc = 2\n", "line.toml")
    assert raw == {"a": 1, "b": {"c": 2}}
    assert places.row(("b", "c")) == 3
