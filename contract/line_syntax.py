"""What is said when line.toml is not TOML at all: the row, the line itself, and the beginner's usual cause of it."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contract.errors import LineError, Mistake
from contract.line_places import Places, places
from contract.line_report import hidden, hint, one_line
from contract.words import Words

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
_KEY = re.compile(r"""\s*([A-Za-z0-9_.-]+|"[^"]*"|'[^']*')\s*=""")
_HEADER = re.compile(r"\s*(\[\[?[^\]]+\]\]?)")
_FULL_WIDTH = "　＝［］｛｝，．：；＃＂＇”“’‘「」『』、。－＿"
_BARE_LIST = re.compile(r"\[\s*([^\W\d][\w-]*(?:\s*,\s*[^\W\d][\w-]*)*)\s*,?\s*\]")
_LONGEST = 100
_DEEPEST = 32
_PLAIN_OF = {"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "『": '"', "』": '"', "、": ",", "。": "."}

Cause = tuple[Words, Words | None]


@dataclass(frozen=True, slots=True)
class Broken:
    """The line that is not TOML, what `tomllib` says of it, and the lines above."""

    error: str
    line: str
    above: Sequence[str]

    @property
    def unquoted(self) -> str:
        """The line without what stands in quotes and without its comment."""
        return _unquoted(self.line)


def parse(text: str, file: str) -> tuple[dict[str, Any], Places]:
    """The tables of a TOML text, and where they stand. Raises LineError with one mistake if it is not TOML."""
    try:
        raw, where = tomllib.loads(text), places(text)
    except RecursionError:
        raise _too_deep(file, 1) from None
    except ValueError as error:
        raise LineError([_mistake(str(error), text, file)]) from None
    deep = next((row for path, row in where.rows.items() if len(path) > _DEEPEST), None)
    if deep is not None:
        raise _too_deep(file, deep)
    return raw, where


def _too_deep(file: str, row: int) -> LineError:
    return LineError([Mistake(file, row, "", Words("入れ子が深すぎます。", "it is nested too deep."))])


def _mistake(error: str, text: str, file: str) -> Mistake:
    lines = text.split("\n")
    match = _PLACE.search(error)
    row = int(match[1]) if match and match[1] else _row_without_place(error, lines)
    broken = Broken(error, lines[row - 1].rstrip("\r") if row <= len(lines) else "", lines[: row - 1])
    what, tip = next(filter(None, (cause(broken) for cause in _CAUSES)), None) or _unknown(broken)
    said = hidden(broken.line.strip())
    said = said if len(said) <= _LONGEST else said[:_LONGEST] + "…"
    shown = Words(f"{what.ja} → {said}", f"{what.en} -> {said}")
    return Mistake(file, row, "", one_line(shown), one_line(tip) if tip else None)


def _unknown(broken: Broken) -> Cause:
    said = _PLACE.sub("", broken.error)
    return (
        Words(f"TOML として読めません({said})。", f"this is not TOML ({said})."),
        hint('1行は「キー = 値」で、文字は " " で囲みます。', 'a line is "key = value", and text stands in quotes.'),
    )


def _unquoted(line: str) -> str:
    return _QUOTED.sub(lambda found: " " * len(found[0]), line).partition("#")[0]


def _row_without_place(error: str, lines: Sequence[str]) -> int:
    """Where what is still open at the end of the file was probably opened; else the last row."""
    opening = r"=\s*[\[{]" if "array" in error else "[0-9]{4000}" if "digits" in error else r"\"\"\"|'''"
    written = [row for row, line in enumerate(lines, 1) if line.strip()]
    opened = [row for row in written if re.search(opening, lines[row - 1])]
    return (opened or written or [1])[-1]


def _twice(broken: Broken) -> Cause | None:
    if not re.search(r"overwrite|twice|mutate", broken.error):
        return None
    header, key = _HEADER.match(broken.line), _KEY.match(broken.line)
    what = header[1] if header else key[1] if key else broken.line.strip()
    first = _first_header(what, broken.above) if header else _first_key(what, broken.above)
    ja, en = (f"({first} 行目にもあります)", f" (it also stands in line {first})") if first else ("", "")
    tip = hint("どちらか一つを消します。", "take one of the two out.")
    if header:
        tip = hint(
            "一つの見出しの下にまとめて書きます。いくつも並べる表は [[ ]] とかっこ二つです。",
            "write all of it below one header; several of a kind have [[ ]].",
        )
    return Words(f"{what} が2回あります{ja}。", f"{what} stands here twice{en}."), tip


def _first_header(header: str, above: Sequence[str]) -> int | None:
    for row, line in enumerate(above, 1):
        match = _HEADER.match(line)
        if match and match[1].strip("[]").replace(" ", "") == header.strip("[]").replace(" ", ""):
            return row
    return None


def _first_key(key: str, above: Sequence[str]) -> int | None:
    """The row above, in the same table, where the key stands."""
    for row in range(len(above), 0, -1):
        if _HEADER.match(above[row - 1]):
            return None
        match = _KEY.match(above[row - 1])
        if match and match[1] == key:
            return row
    return None


def _full_width(broken: Broken) -> Cause | None:
    wide = (sign for sign in broken.unquoted if sign in _FULL_WIDTH or unicodedata.east_asian_width(sign) == "F")
    sign = next(wide, None)
    if sign is None:
        return None
    plain = _PLAIN_OF.get(sign) or unicodedata.normalize("NFKC", sign)
    if sign == "　":
        return Words("全角の空白があります。", "there is a full-width blank."), hint(
            "半角の空白に直します。", "write a plain blank."
        )
    return (
        Words(f"全角の「{sign}」があります。", f"there is the full-width sign {sign}."),
        hint(f"日本語入力を切って、半角の {plain} に直します。", f"write the plain {plain} (Japanese input off)."),
    )


def _string(broken: Broken) -> Cause | None:
    if "Unescaped" in broken.error:
        return Words("\\ はこのままでは書けません。", "\\ cannot stand in double quotes."), hint(
            "文字を ' ' で囲むか、\\\\ と書きます。", "put the text in ' ' quotes, or write \\\\."
        )
    rest = broken.unquoted
    if rest.count('"') % 2 or rest.count("'") % 2 or "Unterminated" in broken.error or 'Expected "' in broken.error:
        return Words("引用符が閉じていません。", "a quote is not closed."), hint(
            '文字の両側を " で囲みます。', 'put " on both sides of the text.'
        )
    return None


def _no_equals(broken: Broken) -> Cause | None:
    plain = broken.unquoted
    key, equals, _ = plain.partition("=")
    if re.search(r"^\s*(?://|;|/\*|--)|\s(?://|;)", plain):
        return Words("説明は # で始めます。", "a comment begins with #."), None
    if equals and plain.rstrip().endswith((",", ";")) and "newline" in broken.error:
        return Words("行の終わりの , や ; は要りません。", "nothing stands at the end of a line: no , and no ;."), None
    if "Expected '='" in broken.error or ("Invalid statement" in broken.error and not equals):
        if re.match(r"\s*[\w.-]+\s*:", plain):
            return Words("「:」ではなく「=」です。", 'it is "=", not ":".'), None
        tip = hint("「キー = 値」と書きます。", 'write "key = value".')
        return Words("「=」がありません。", 'there is no "=".'), tip
    if equals and not key.isascii():
        return Words("キーが半角の英字ではありません。", "the key is not in plain letters."), hint(
            'キーは英字です(日本語は name = "…" に)。', 'keys are plain letters (other names go into name = "…").'
        )
    return None


def _header_open(broken: Broken) -> Cause | None:
    if broken.line.lstrip().startswith("[") and not broken.unquoted.isascii():
        return Words("見出しが半角の英字ではありません。", "the header is not in plain letters."), hint(
            '見出しは英字の id です(日本語は name = "…" に)。', 'it is made of ids (other names go into name = "…").'
        )
    if broken.line.lstrip().startswith("[") and re.search(r"\]|key part|newline", broken.error):
        return Words("見出しのかっこが合いません。", "the brackets of the header do not match."), hint(
            "[ ] か [[ ]] で、点で区切って書きます: [stations.washer]",
            "write [ ] or [[ ]], with dots between: [stations.washer]",
        )
    return None


def _brackets(broken: Broken) -> Cause | None:
    if "{" in broken.line and re.search(r"key part|inline", broken.error):
        return (
            Words("{ } が閉じていないか、最後にカンマがあります。", "{ } is not closed, or ends with a comma."),
            hint("{ } は1行の中に書き、最後のカンマは消します。", "write { } in one line, no comma before the }."),
        )
    if "Unclosed array" in broken.error or ("Invalid value" in broken.error and _in_array(broken.above)):
        return (
            Words("並び [ ] が閉じていないか、カンマが足りません。", "a list [ ] is not closed, or lacks a comma."),
            hint('["a", "b"] のように書きます。', 'write it like ["a", "b"].'),
        )
    return None


def _in_array(above: Sequence[str]) -> bool:
    before = " ".join(_unquoted(line) for line in above[-3:] if not _HEADER.match(line))
    return before.count("[") > before.count("]")


_VALUES: tuple[tuple[str, str, str, str], ...] = (
    ("(?i)(?:true|yes|on)", "true", "真偽の書き方が違います。", "this is not how yes and no are written."),
    ("(?i)(?:false|no|off)", "false", "真偽の書き方が違います。", "this is not how yes and no are written."),
    (r"([0-9]{1,2}:[0-9]{2}(?:-[0-9]{1,2}:[0-9]{2})?|[0-9]{4}-[0-9]+-[0-9]+)", r'"\1"',
     "時刻や日付が引用符で囲まれていません。", "a time or date needs quotes."),
    (r"([0-9]{4})/([0-9]+)/([0-9]+)", r'"\1-\2-\3"', "日付は - で区切り、引用符で囲みます。",
     "a date has - between its parts, and needs quotes."),
    (r"\+?0+([0-9]+)", r"\1", "数を 0 で始めてはいけません。", "a number does not begin with 0."),
    (r"\.([0-9]+)", r"0.\1", "小数点の前にも数字が要ります。", "a digit stands before the decimal point."),
    (r"([0-9]+)\.", r"\1.0", "小数点の後にも数字が要ります。", "a digit stands behind the decimal point."),
    (r"([0-9]+),([0-9]+)", r"\1.\2", "小数点は「.」です。", 'the decimal sign is ".".'),
    (r"([+-]?[0-9]+(?:\.[0-9]+)?)\s*[^\W\d_]+", r"\1", "数の後に単位は書きません(キーの名前にあります)。",
     "a number has no unit behind it (it is in the key)."),
    (r"(?i)(?:gpio|bcm)[ _-]?([0-9]+)", r"\1", "ピンは番号だけを書きます。", "a pin is only its number."),
    (r"([^\W\d][^\[\]{}\"']*)", r'"\1"', "文字が引用符で囲まれていません。", "text is not in quotes."),
)  # fmt: skip
"""What beginners write behind the =, how it is written right, and what is said about it."""


def _value(broken: Broken) -> Cause | None:
    key, equals, value = (part.strip() for part in broken.unquoted.partition("="))
    if not equals:
        return None
    if not value and '"' not in broken.line:
        return Words("値がありません。", "the value is missing."), hint(f"{key} = … と書きます。", f"write {key} = …")
    if "digits" in broken.error:
        return Words("数が長すぎます。", "the number is too long."), None
    if words := _BARE_LIST.fullmatch(value):
        good = f"{key} = [{', '.join(f'{chr(34)}{word.strip()}{chr(34)}' for word in words[1].split(','))}]"
        return Words("文字が引用符で囲まれていません。", "text is not in quotes."), hint(
            f"{good} と書きます。", f"write {good}"
        )
    for pattern, right, ja, en in _VALUES:
        match = re.fullmatch(pattern, value)
        if match:
            good = f"{key} = {match.expand(right)}"
            return Words(ja, en), hint(f"{good} と書きます。", f"write {good}")
    if "Expected newline" in broken.error:
        return Words("1行に二つのものがあります。", "there are two things in one line."), hint(
            "1行に「キー = 値」を一つだけ書きます。", 'write one "key = value" in a line.'
        )
    return None


_CAUSES: tuple[Callable[[Broken], Cause | None], ...] = (
    _twice, _full_width, _string, _no_equals, _header_open, _brackets, _value,
)  # fmt: skip


def not_utf8(data: bytes, at: int, file: str) -> LineError:
    """A file that was saved in another encoding (Shift JIS …)."""
    row = data.count(b"\n", 0, at) + 1
    return LineError([
        Mistake(
            file, row, "", Words("UTF-8 の文字ではありません。", "this is not UTF-8."),
            hint("メモ帳なら「名前を付けて保存」で文字コードを UTF-8 にします。",
                 "save the file as UTF-8 (in Notepad: Save as, Encoding)."),
        )
    ])  # fmt: skip
