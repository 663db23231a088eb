"""One name, written by the learner: there, short enough, without a space nobody sees."""

import re
import unicodedata

from contract.words import Words
from curriculum.checking import Miss, Work

LONGEST = 20
LEFT = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
"""What is left of the blank: a _ that joins no letters and figures, as LINE_1 does."""


def check(work: Work) -> None:
    try:
        work.start()
    except Miss as miss:
        if miss.hint != "raised":
            raise
        told = Miss("no-quotes", _in_quotes(), miss.actual, miss.row)
        told.technical = miss.technical
        raise told from miss
    name = work.name("station")
    if not isinstance(name, str):
        raise Miss("no-quotes", _in_quotes(), Words(f"文字ではなく {name}", f"{name}, which is no text"))
    if not name.strip():
        raise Miss("empty", Words("工程の名前", "the name of a process"), Words("空っぽです", "nothing"))
    if name != name.strip():
        seen = f"「{name}」"
        raise Miss(
            "space-around",
            Words("前後に空白のない名前", "a name without a space before or after it"),
            Words(f"{seen} 空白が付いています", f"{seen} has one"),
        )
    if LEFT.search(unicodedata.normalize("NFKC", name)):
        raise Miss(
            "blank-left",
            Words("_ のない名前", "a name without _"),
            Words(f"「{name}」 空欄の _ が残っています", f"“{name}” still has a _ of the blank"),
        )
    if not any(sign.isalnum() for sign in name):
        raise Miss(
            "empty",
            Words("文字のある名前", "a name with letters in it"),
            Words(f"「{name}」だけです", f"only “{name}”"),
        )
    if len(name) > LONGEST:
        raise Miss(
            "long-name",
            Words(f"{LONGEST}文字までの名前", f"at most {LONGEST} characters"),
            Words(f"{len(name)}文字です", f"{len(name)} characters"),
        )
    work.saw = Words(f"工程の名前「{name}」、{len(name)}文字。", f"the process “{name}”, {len(name)} characters.")


def _in_quotes() -> Words:
    return Words('引用符 " で囲んだ名前', 'a name between quotes "')
