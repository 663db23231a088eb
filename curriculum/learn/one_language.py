r"""A lesson's program with the comments of one language: half as long to read, and nothing foreign among it.

    in_language("# 数えます\n# It counts\nn = 1  # 個 / pieces\n", "ja")     # "# 数えます\nn = 1  # 個\n"

The files have Japanese first and English below it, or beside it after `` / ``. What is said in one language only stays.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Literal

Lang = Literal["ja", "en"]
LANGUAGES: tuple[Lang, ...] = ("ja", "en")

_JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uff01-\uff60]")
_ALONE = re.compile(r"\s*#")
_BESIDE = re.compile(r"(?P<before>.*?#+ )(?P<ja>[^#]*?) / (?P<en>[^#]*)")
_NUMBER = re.compile(r"[A-Z]\d+ ")
_COMMENT = re.compile(r"""(?:"[^"]*"|'[^']*'|[^"'#])*#(?P<said>.*)""")
_QUOTED = re.compile(r'"[^"]*"|「[^」]*」')
_BLANK = re.compile(r"(?:空欄|[Bb]lank )(\d+)")


def in_language(text: str, lang: Lang) -> str:
    """The text without the comments that say the same in the other language. No row of the program itself changes."""
    rows: list[str] = []
    for alone, group in groupby(text.split("\n"), lambda row: bool(_ALONE.match(row))):
        said = [*group]
        rows += [_one_side(row, lang) for row in (_of_language(said, lang) if alone else said)]
    return "\n".join(rows)


def not_in_both(text: str) -> Iterator[str]:
    """What is wrong with the comments: rows left in the other language, blanks numbered in one language alone.

    What stands between quotes is of the program and may be Japanese in either.
    """
    numbers: dict[Lang, list[str]] = {}
    for lang in LANGUAGES:
        comments = [
            (row, found["said"]) for row in in_language(text, lang).split("\n") if (found := _COMMENT.match(row))
        ]
        numbers[lang] = [number for _, said in comments for number in _BLANK.findall(said)]
        yield from (f"not said in {lang}: {row.strip()}" for row, said in comments if _is_foreign(said, lang))
    if numbers["ja"] != numbers["en"]:
        yield f"blanks {', '.join(numbers['ja']) or 'none'} in ja, {', '.join(numbers['en']) or 'none'} in en"


def _is_foreign(said: str, lang: Lang) -> bool:
    plain = _QUOTED.sub("", said)
    japanese = bool(_JAPANESE.search(plain))
    return japanese if lang == "en" else not japanese and any(letter.isalpha() for letter in plain)


def _of_language(said: list[str], lang: Lang) -> Iterator[str]:
    """Rows of comments, those of the other language left out if both are there."""
    spoken = {_language(row) for row in said}
    both = {"ja", "en"} <= spoken
    yield from (row for row in said if not both or _language(row) in (lang, None))


def _language(row: str) -> Lang | None:
    """The language of a row, quotations aside; None for one that says it twice, or that has no letters."""
    plain = _QUOTED.sub("", row)
    if " / " in row or not any(letter.isalpha() for letter in plain):
        return None
    return "ja" if _JAPANESE.search(plain) else "en"


def _one_side(row: str, lang: Lang) -> str:
    """A row whose comment says it twice, said once."""
    found = _BESIDE.fullmatch(row)
    if found is None or not _JAPANESE.search(found["ja"]) or _JAPANESE.search(found["en"]):
        return row
    if lang == "ja":
        return found["before"] + found["ja"]
    number = _NUMBER.match(found["ja"])
    return found["before"] + (number[0] if number else "") + found["en"]
