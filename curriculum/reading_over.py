"""A learner's file read over before it runs: is it there, is a blank left, what stands where Python cannot read it."""

import ast
import re
import traceback
import unicodedata
from collections.abc import Iterator

from contract.words import Words
from curriculum.checking import Miss
from curriculum.syntax_words import column_of, said_of_syntax

_BLANK = re.compile(r"_{3,}|(?<![A-Za-z0-9_])_{2}(?![A-Za-z0-9_])")
"""Also ``__``, and one with a word typed right beside it; not ``__name__``."""


def read_over(text: str | None, file: str) -> str:
    """The file, if it can be run. Raises Miss: missing-file, full-width, two-signs, blank or syntax.

    Of a file that is no Python only what is missing is told; its check reads the rest.
    """
    if text is None:
        raise Miss(
            "missing-file",
            expected=Words(f"{file} というファイルがある", f"there is a file {file}"),
            actual=Words("見つかりません", "it is not there"),
        )
    outside = [*_outside_strings(text)]
    if not file.endswith(".py"):
        _blank(text, outside)
        return text
    error = _syntax_error(text, file)
    _blank(text, outside)
    if error is not None:
        _full_width(outside)
        raise error
    if not ast.parse(text).body:
        raise Miss(
            "empty-file",
            expected=Words("最初にあった行が残っている", "the rows of the starter are still there"),
            actual=Words("ファイルが空です", "the file is empty"),
        )
    return text


def _syntax_error(text: str, file: str) -> Miss | None:
    try:
        ast.parse(text, file)
    except SyntaxError as error:
        return _unreadable(error, said_of_syntax(error), error.lineno, column_of(error))
    except (ValueError, RecursionError, MemoryError) as error:
        return _unreadable(error, Words(f"Python が読めません({error})", f"Python cannot read it ({error})"))
    return None


def _unreadable(error: Exception, words: Words, row: int | None = None, column: int | None = None) -> Miss:
    miss = Miss("syntax", Words("Python が読める文", "something Python can read"), words, row, column)
    miss.technical = "".join(traceback.format_exception_only(error)).rstrip()
    return miss


def _full_width(outside: list[tuple[int, int, str]]) -> None:
    for row, column, sign in outside:
        if sign in _TWO:
            raise Miss(
                "two-signs",
                expected=Words(f"{_TWO[sign]} と書く(半角の2文字)", f"{_TWO[sign]}, two half-width signs"),
                actual=Words(f"1文字の {sign}", f"the one sign {sign}"),
                row=row,
                column=column,
            )
        if sign == "\u3000" or (not sign.isascii() and not sign.isidentifier() and not sign.isalnum()) or _wide(sign):
            plain = unicodedata.normalize("NFKC", sign)
            plain = _PLAIN.get(sign, plain if plain.isascii() else "")
            name = _NAMES.get(plain, Words("", ""))
            shown = "全角の空白" if sign == "\u3000" else f"全角の {sign}"
            raise Miss(
                "full-width",
                expected=Words(
                    f"半角の{name.ja} {plain}" if plain.strip() else "半角の文字",
                    f"the half-width {name.en}{' ' if name.en else ''}{plain}" if plain.strip() else "half-width",
                ),
                actual=Words(shown, "a full-width space" if sign == "\u3000" else f"the full-width {sign}"),
                row=row,
                column=column,
            )


_PLAIN = dict(zip("“”‘’＂＇、。「」・ー−–—÷×", '""\'\'"\',."".----/*', strict=True))
"""Signs that Unicode does not take for wide forms of what was meant."""


_NAMES = {
    ",": Words("コンマ", "comma"),
    ".": Words("ピリオド", "full stop"),
    ":": Words("コロン", "colon"),
    '"': Words("引用符", "quote"),
    "'": Words("引用符", "quote"),
    "(": Words("かっこ", "bracket"),
    ")": Words("かっこ", "bracket"),
    "/": Words("スラッシュ(割り算)", "slash, to divide"),
    "*": Words("アスタリスク(掛け算)", "asterisk, to multiply"),
    "=": Words("イコール", "equals sign"),
    "-": Words("マイナス", "minus"),
    "_": Words("下線", "underscore"),
}
"""Signs too small to be seen alone."""


_TWO = {"≧": ">=", "≥": ">=", "≦": "<=", "≤": "<=", "≠": "!="}
"""One sign on paper, two for Python."""


def _wide(sign: str) -> bool:
    return "\uff01" <= sign <= "\uff5e" or sign in _PLAIN


def _blank(text: str, outside: list[tuple[int, int, str]]) -> None:
    comments = {row: column for row, column, sign in outside if sign == "#"}
    for row, line in enumerate(text.splitlines(), 1):
        code = unicodedata.normalize("NFKC", line[: comments.get(row, len(line) + 1) - 1])
        found = _BLANK.search(code)
        if found:
            raise Miss(
                "blank",
                expected=Words("空欄 ___ に答えが入っている", "every blank ___ is filled in"),
                actual=Words(f"{row}行目に空欄が残っています", f"row {row} still has a blank"),
                row=row,
            )


def _outside_strings(text: str) -> Iterator[tuple[int, int, str]]:
    """Every character outside strings and comments, with row and column from 1; of a comment its # alone."""
    for row, line in enumerate(_without_long_strings(text).splitlines(), 1):
        quote = ""
        skip = False
        for column, sign in enumerate(line, 1):
            if skip:
                skip = False
            elif quote:
                skip = sign == "\\"
                quote = "" if sign == quote else quote
            elif sign in "\"'":
                quote = sign
            else:
                yield row, column, sign
                if sign == "#":
                    break
        if quote:  # never closed: what was meant to close it is full-width
            yield from ((row, column, sign) for column, sign in enumerate(line, 1) if sign in _PLAIN or sign in "“”‘’")


_LONG = re.compile(r'(""".*?"""|\'\'\'.*?\'\'\')', re.DOTALL)


def _without_long_strings(text: str) -> str:
    return _LONG.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
