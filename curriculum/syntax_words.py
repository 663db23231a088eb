"""What Python says about a file it cannot read, as a 気づき."""

import re

from contract.words import Words

_SAYINGS: tuple[tuple[str, Words], ...] = (
    (r"was never closed", Words("開いたかっこが閉じていません", "a bracket is never closed")),
    (r"unmatched|does not match", Words("かっこの組が合いません", "the brackets do not match")),
    (r"unterminated .*string", Words('文字の終わりの " がありません', 'the text is not closed with "')),
    (r"expected ':'", Words("行の終わりに : がありません", "there is no : at the end of the row")),
    (r"unexpected indent", Words("行の頭の空白が多すぎます", "the row begins with too many spaces")),
    (r"unindent does not|inconsistent use", Words("行の頭の空白が不ぞろいです", "the spaces before rows differ")),
    (r"Maybe you meant '=='", Words("比べるときは == です", "to compare, write ==")),
    (r"cannot assign to", Words("= の左に置けないものがあります", "what stands left of = takes no value")),
    (r"'return' outside function", Words("return が関数の外にあります", "a return outside of a function")),
    (r"outside loop|not properly in loop", Words("繰り返しの外に break があります", "a break outside of a loop")),
    (r"invalid decimal literal|leading zeros", Words("数の書き方が違います", "a number is not written like this")),
)  # fmt: skip

_FORGOT_COMMA = "forgot a comma"
_NOT_SET_IN = re.compile(
    r"expected an indented block after (?:'(?P<word>\w+)' statement|(?P<kind>\w+) definition).* on line (?P<row>\d+)"
)
_OPENED = re.compile(r"does not match opening parenthesis '(?P<sign>.)' on line (?P<row>\d+)")
_HEADS = {"function": "def", "class": "class"}
_SIGNS = {"=>": ">=", "=<": "<="}
_WITH_UNIT = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?) *(?:[ぁ-んァ-ヶー一-龥々]+|(?:ms|s|sec|min|mm|cm|m|V|mA|A|W|Hz|C)\b)"
)


def said_of_syntax(error: SyntaxError) -> Words:
    """Python's words in a learner's."""
    said = error.msg or ""
    if (place := _at(error) or _not_set_in(error) or _no_comma(error) or _left_open(error)) is not None:
        return place
    for pattern, words in _SAYINGS:
        if re.search(pattern, said):
            return words
    return Words("Python が読めない書き方です", f"Python cannot read this ({said})")


def column_of(error: SyntaxError) -> int | None:
    """The character to look at, from 1; None where what Python names is not where something is to be mended."""
    return None if _FORGOT_COMMA in (error.msg or "") else error.offset


def _not_set_in(error: SyntaxError) -> Words | None:
    """Below a row that ends in ``:`` nothing is set in; Python names the row to be moved, or the head if it is last."""
    found = _NOT_SET_IN.search(error.msg or "")
    if found is None:
        return None
    head = found["word"] or _HEADS[found["kind"]]
    if error.lineno == int(found["row"]):
        return Words(f"この {head} の行の下に、中の行がありません", f"below this row ({head}) its own rows are missing")
    return Words(
        f"この行の頭を、上の {head} の行({found['row']}行目)より4文字右へ動かします",
        f"this row must begin four spaces further right than the {head} above it (row {found['row']})",
    )


def _left_open(error: SyntaxError) -> Words | None:
    """Python names the bracket that does not fit; what is to be mended is most often the one opened further up."""
    found = _OPENED.search(error.msg or "")
    if found is None:
        return None
    return Words(
        f"{found['row']}行目の {found['sign']} が閉じていません(かっこの組が合いません)",
        f"the {found['sign']} of row {found['row']} is not closed: the brackets do not match",
    )


def _no_comma(error: SyntaxError) -> Words | None:
    if _FORGOT_COMMA not in (error.msg or ""):
        return None
    if (error.end_lineno or 0) > (error.lineno or 0):
        return Words("この行の終わりに、半角のコンマ , がありません", "there is no comma , at the end of this row")
    return Words("値と値の間に、半角のコンマ , がありません", "there is no comma , between two values")


def _at(error: SyntaxError) -> Words | None:
    """What is read off the row itself, at the place Python stopped; None: nothing that is known."""
    row, place = error.text or "", (error.offset or 0) - 1
    for wrong, right in _SIGNS.items():
        if wrong in (row[place : place + 2], row[max(place - 1, 0) : place + 1]):
            return Words(f"{wrong} ではなく {right} と書きます(= は後)", f"not {wrong} but {right}: the = comes last")
    for found in _WITH_UNIT.finditer(row):
        if found.start() <= place <= found.end():
            return Words(
                f"単位は書きません。数字だけにします: {found[1]}", f"no unit: write the number alone, {found[1]}"
            )
    return None
