"""What argparse says by itself, in Japanese: it speaks English only. Python 3.11's sentences are the keys."""

import argparse
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from contract.words import Words, language

POSITIONALS, OPTIONS = Words("指定するもの", "positional arguments"), Words("オプション", "options")
HELP = Words("この説明を出して終わる", "show this help message and exit")

_SENTENCES: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"argument (.+?): (.+)", lambda said: f"{said[1]}: {in_japanese(said[2])}"),
    (r"invalid choice: (.+?) \(choose from (.+)\)", lambda said: f"{said[1]} はありません。あるのは {said[2]}"),
    (r"invalid int value: (.+)", lambda said: f"{said[1]} は整数ではありません"),
    (r"invalid float value: (.+)", lambda said: f"{said[1]} は数ではありません"),
    (r"invalid .+? value: (.+)", lambda said: f"{said[1]} は使えません"),
    (r"the following arguments are required: (.+)", lambda said: f"{said[1]} が要ります"),
    (r"unrecognized arguments: (.+)", lambda said: f"{said[1]} は知らない指定です"),
    (r"ambiguous option: (.+?) could match (.+)", lambda said: f"{said[1]} では決まりません。候補は {said[2]}"),
    (r"not allowed with argument (.+)", lambda said: f"{said[1]} と一緒には使えません"),
    (r"ignored explicit argument (.+)", lambda said: f"値 {said[1]} は付けられません"),
    (r"expected one argument", lambda _: "値が1つ要ります"),
    (r"expected at least one argument", lambda _: "値が1つ以上要ります"),
    (r"expected at most one argument", lambda _: "値は1つまでです"),
    (r"expected (\d+) arguments?", lambda said: f"値が{said[1]}つ要ります"),
)


def in_japanese(message: str) -> str:
    """What argparse says is wrong; a sentence that is not known stays as it is."""
    for pattern, words in _SENTENCES:
        if said := re.fullmatch(pattern, message, re.DOTALL):
            return words(said)
    return message


class Formatter(argparse.HelpFormatter):
    """Help that begins with a word of the reader's language."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[Any],
        prefix: str | None = None,
    ) -> None:
        """The line of how to write it."""
        japanese = prefix is None and language() == "ja"
        super().add_usage(usage, actions, groups, "使い方: " if japanese else prefix)


class SpokenParser(argparse.ArgumentParser):
    """A parser whose own words are in the reader's language."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **told})
        self._positionals.title, self._optionals.title = str(POSITIONALS), str(OPTIONS)
        for action in self._actions:
            if isinstance(action, argparse._HelpAction):  # argparse gives it no public name
                action.help = str(HELP)
