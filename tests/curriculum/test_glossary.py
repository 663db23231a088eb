"""The glossary: its page is made from it, every meaning says where it is from, and the rates are not mixed up."""

from pathlib import Path

import pytest

from contract.errors import LineError
from curriculum.glossary import FILE, PAGE, glossary, page

RATES = ("稼働率", "可動率", "時間稼働率")


def test_the_page_is_made_from_the_file() -> None:
    assert PAGE.read_text("utf-8") == page(glossary()), "run: python -m curriculum.glossary"


def test_every_row_of_the_syllabus_is_there_and_says_where_it_is_from() -> None:
    terms = glossary()
    assert len(terms) >= 57
    assert sum(term.mark == "read" for term in terms) >= 30
    assert all(term.source.ja and term.source.en for term in terms)


def test_the_rates_that_are_mixed_up_are_told_apart() -> None:
    known = {term.word: term for term in glossary()}
    readings = [known[rate].reading for rate in RATES]
    assert readings == ["かどうりつ(のぎへん)", "べきどうりつ", "じかんかどうりつ"]
    assert "負荷時間" in known["可動率"].meaning.ja
    assert "100 %" in known["稼働率"].caution.ja
    assert "完成間隔" in known["サイクルタイム"].caution.ja


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mark = "read"', 'mark = "heard"', "terms[1].mark"),
        ('from = "T1"', 'from = "T99"', "terms[1].from"),
        ('reading = "べきどうりつ"\n', "", "terms[2].reading"),
        ('word = "可動率"', 'word = "稼働率"', "terms[2].word"),
        ('mark = "check"', 'mark = "check"\nfrom = "T1"', "from"),
    ],
)
def test_a_mistake_in_the_file_is_told(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    (tmp_path / "glossary.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(LineError) as told:
        glossary(tmp_path / "glossary.toml")
    assert said in told.value.say("en")
