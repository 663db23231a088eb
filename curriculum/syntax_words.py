"""What Python says about a file it cannot read, as a 気づき."""

import re

from contract.words import Words

_SAYINGS: tuple[tuple[str, Words], ...] = (
    (r"was never closed", Words("開いたかっこが閉じていません", "a bracket is never closed")),
    (r"unmatched|does not match", Words("かっこの組が合いません", "the brackets do not match")),
    (r"unterminated .*string", Words('文字の終わりの " がありません', 'the text is not closed with "')),
    (r"expected ':'", Words("行の終わりに : がありません", "there is no : at the end of the row")),
    (r"expected an indented block", Words("次の行の頭を4文字下げます", "the next row must be set in by four spaces")),
    (r"unexpected indent", Words("行の頭の空白が多すぎます", "the row begins with too many spaces")),
    (r"unindent does not|inconsistent use", Words("行の頭の空白が不ぞろいです", "the spaces before rows differ")),
    (r"Maybe you meant '=='", Words("比べるときは == です", "to compare, write ==")),
    (r"cannot assign to", Words("= の左に置けないものがあります", "what stands left of = takes no value")),
    (r"forgot a comma", Words("間の , が抜けています", "a , is missing in between")),
    (r"'return' outside function", Words("return が関数の外にあります", "a return outside of a function")),
    (r"outside loop|not properly in loop", Words("繰り返しの外に break があります", "a break outside of a loop")),
    (r"invalid decimal literal|leading zeros", Words("数の書き方が違います", "a number is not written like this")),
)  # fmt: skip

_SIGNS = {"=>": ">=", "=<": "<="}
_WITH_UNIT = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?) *(?:[ぁ-んァ-ヶー一-龥々]+|(?:ms|s|sec|min|mm|cm|m|V|mA|A|W|Hz|C)\b)"
)


def said_of_syntax(error: SyntaxError) -> Words:
    """Python's words in a learner's."""
    said = error.msg or ""
    if (place := _at(error)) is not None:
        return place
    for pattern, words in _SAYINGS:
        if re.search(pattern, said):
            return words
    return Words("Python が読めない書き方です", f"Python cannot read this ({said})")


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
