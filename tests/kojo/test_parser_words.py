"""What argparse says by itself is in the reader's language."""

import argparse
import re
from collections.abc import Iterator

import pytest

from contract.words import speaking
from kojo.cli import parser
from kojo.parser_words import in_japanese


@pytest.fixture
def japanese() -> Iterator[None]:
    with speaking("ja"):
        yield


def _parsers() -> list[argparse.ArgumentParser]:
    known = parser()
    (commands,) = (action for action in known._actions if isinstance(action, argparse._SubParsersAction))
    return [known, *commands.choices.values()]


@pytest.mark.usefixtures("japanese")
def test_every_help_is_in_japanese() -> None:
    for one in _parsers():
        told = one.format_help()
        assert told.startswith("使い方: ")
        assert "オプション:" in told
        assert not re.search("usage|options:|positional|show this", told), told


@pytest.mark.usefixtures("japanese")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["bogus"], "'bogus' はありません"),
        (["edge"], "--agent が要ります"),
        (["demo", "--seed", "x"], "--seed: 'x' は整数ではありません"),
        (["demo", "--seed"], "--seed: 値が1つ要ります"),
        (["demo", "--bogus"], "--bogus は知らない指定です"),
        (["pair", "--role", "king"], "--role: 'king' はありません。あるのは 'operator', 'viewer'"),
        (["serve", "--l", "x"], "候補は --lang, --line"),
    ],
)
def test_what_was_typed_wrongly_is_said_in_japanese(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(given)
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in told
    assert not re.search("argument |invalid|choose|expected|required|unrecognized|could match", told), told


def test_a_sentence_that_is_not_known_stays() -> None:
    assert in_japanese("something new in a later Python") == "something new in a later Python"
