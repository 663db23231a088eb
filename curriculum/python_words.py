"""What Python says about a learner's file, in the words of somebody who stands beside: 気づき, never a traceback."""

import ast
import builtins
import difflib
import errno
import re
import traceback
import unicodedata
from collections.abc import Callable, Iterator

import gpiozero
from gpiozero.exc import BadEventHandler, GPIOZeroError

from contract.words import Words
from curriculum.bench_imports import Refused
from curriculum.bench_threads import NotOnTheBench

_QUOTED = re.compile(r"'([^']*)'")
_GPIO = re.compile(r"(?:GPIO|BCM)_?(\d+)", re.IGNORECASE)
_NO_ATTRIBUTE = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def said_by_python(error: BaseException, file: str, text: str) -> tuple[str, Words, int | None]:
    """The id of the hint, what was noticed, and the row of ``file`` it happened in (None: outside of it)."""
    row = row_of(error, file)
    if isinstance(error, Refused):
        return error.hint, error.words, row
    if isinstance(error, MemoryError):
        return "raised-memory", Words("メモリーを使い切りました", "it used up the memory"), row
    if isinstance(error, RecursionError):
        return "recursion", Words("関数が自分を呼び続けて止まりません", "a function calls itself without end"), row
    if isinstance(error, SystemExit):
        return "exit", Words("プログラムを途中で終わらせました", "it ended the program half way"), row
    if getattr(error, "errno", None) == errno.EFBIG:
        return "too-large", Words("ファイルが大きくなりすぎました", "the file it writes became too large"), row
    if isinstance(error, NameError):
        return _name(error, text, row)
    words = next((say(error) for kind, say in _SAYINGS if isinstance(error, kind)), None)
    return "raised", words or _plain(error), row


def row_of(error: BaseException, file: str) -> int | None:
    """The innermost row of ``file`` the error went through."""
    rows = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return rows[-1] if rows else None


def in_pythons_words(error: BaseException, file: str) -> str:
    """The traceback as Python would print it, of the learner's rows alone."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return "".join([*traceback.format_list(frames), *traceback.format_exception_only(error)]).rstrip()


def _name(error: NameError, text: str, row: int | None) -> tuple[str, Words, int | None]:
    name = error.name or _first(error)
    pin = _GPIO.fullmatch(name)
    if pin:
        return "raised", _number_alone(name, pin[1], text), row
    known = {*_given_names(text)} - {unicodedata.normalize("NFKC", name)} | {*dir(builtins)}
    near = difflib.get_close_matches(name, sorted(known), 1, cutoff=0.75)
    ja = f"{name} という名前は、まだ決まっていません" + (f"({near[0]} ではありませんか)" if near else "")
    en = f"nothing is called {name} yet" + (f" (did you mean {near[0]}?)" if near else "")
    return "raised", Words(ja, en), row


def _given_names(text: str) -> Iterator[str]:
    """What the program itself gives a name to; no words of its comments and texts."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield other or name


def _number_alone(name: str, number: str, text: str) -> Words:
    found = re.search(rf"(\w+)\(\s*{name}\b", text)
    right = f"{found[1]}({number})" if found else number
    return Words(f"{name} とは書けません。数字だけを書きます: {right}", f"not {name}: write the number alone, {right}")


def _first(error: BaseException) -> str:
    found = _QUOTED.search(str(error))
    return found[1] if found else str(error)


def _plain(error: BaseException) -> Words:
    kind, said = type(error).__name__, str(error)
    return Words(f"Python が知らせました: {kind}: {said}", f"Python said: {kind}: {said}")


def _os(error: BaseException) -> Words:
    number = getattr(error, "errno", None)
    if number == errno.EREMOTEIO:
        return Words("センサーの返事がありません(OSError 121)", "the sensor does not answer (OSError 121)")
    name = getattr(error, "filename", None)
    if isinstance(error, FileNotFoundError):
        return Words(f"ファイル {name} がありません", f"there is no file {name}")
    if isinstance(error, PermissionError):
        return Words(f"ファイル {name} を書く許しがありません", f"the file {name} may not be touched")
    return _plain(error)


def _attribute(error: BaseException) -> Words:
    name, holder = getattr(error, "name", None), getattr(error, "obj", None)
    told = _NO_ATTRIBUTE.search(str(error))
    if name is None and told:  # raised by a library: gpiozero says it in words alone
        kind, name = told[1], told[2]
        known = dir(getattr(gpiozero, kind, None))
    elif name is None:
        return _plain(error)
    elif holder is None:
        return Words(f"None(空)には {name} がありません", f"None has no {name}")
    else:
        kind, known = type(holder).__name__, dir(holder)
    near = difflib.get_close_matches(name, known, 1, cutoff=0.75)
    return Words(
        f"{kind} に {name} はありません" + (f"({near[0]} ではありませんか)" if near else ""),
        f"a {kind} has no {name}" + (f" (did you mean {near[0]}?)" if near else ""),
    )


def _type(error: BaseException) -> Words:
    said = str(error)
    if "not callable" in said:
        return Words(
            f"{_first(error)} は呼べません。() が余っています",
            f"a {_first(error)} cannot be called: there is a () too many",
        )
    if "positional argument" in said or "unexpected keyword" in said:
        return Words(f"関数に渡す値の数が合いません({said})", f"the function gets the wrong number of values ({said})")
    if "can only concatenate str" in said:
        return Words("文字と、文字でないものは + でつなげません", "a text and what is none cannot be joined by +")
    if "unsupported operand" in said or "not supported between" in said:
        kinds = _QUOTED.findall(said)
        together = "と".join(kinds[-2:])
        return Words(f"計算できない組み合わせです({together})", f"these cannot be reckoned together ({said})")
    return Words(f"値の種類が合いません({said})", f"a value of the wrong kind ({said})")


def _value(error: BaseException) -> Words:
    said = str(error)
    if "could not convert" in said or "invalid literal" in said:
        return Words(f"{said.rpartition(': ')[2]} は数として読めません", f"{said.rpartition(': ')[2]} is no number")
    return Words(f"値の中身が合いません({said})", f"a value that cannot be used ({said})")


def _key(error: BaseException) -> Words:
    key = error.args[0] if error.args else ""
    return Words(f"表に {key!r} という見出しがありません", f"there is no {key!r} in the table")


def _division(_: BaseException) -> Words:
    return Words("0 で割りました", "it divided by 0")


def _index(_: BaseException) -> Words:
    return Words(
        "並びの外を見ました(空か、番号が大きすぎます)", "it looked past the end of a list (empty, or too short)"
    )


def _module(error: BaseException) -> Words:
    name = getattr(error, "name", None) or _first(error)
    if "cannot import name" in str(error):
        what = _first(error)
        return Words(f"{name} の中に {what} がありません", f"there is no {what} in {name}")
    return Words(f"{name} という部品(import)が見つかりません", f"there is nothing called {name} to import")


def _pin(error: BaseException) -> Words:
    said = str(error)
    if isinstance(error, BadEventHandler):
        return Words(
            "右に書いたものは、呼べる名前ではありません", "what stands on the right is not a name that can be called"
        )
    if "in use" in said:
        pin = said.removeprefix("pin ").partition(" ")[0]
        return Words(f"{pin} を2回使っています", f"{pin} is used twice")
    return Words(f"ピンの使い方が違います({said})", f"a pin cannot be used so ({said})")


def _not_on_the_bench(error: BaseException) -> Words:
    return Words(f"実物なし(練習台)ではできません({error})", f"the bench cannot do this ({error})")


_SAYINGS: list[tuple[type[BaseException], Callable[[BaseException], Words]]] = [
    (GPIOZeroError, _pin),
    (NotOnTheBench, _not_on_the_bench),
    (AttributeError, _attribute),
    (KeyError, _key),
    (IndexError, _index),
    (ZeroDivisionError, _division),
    (ImportError, _module),
    (OSError, _os),
    (TypeError, _type),
    (ValueError, _value),
]
