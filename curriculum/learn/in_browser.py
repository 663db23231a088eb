"""What runs in the browser: the lesson's judge, in the browser's own Python (Pyodide), called by ``web/worker.js``.

No process can be started there and no signal comes; a row that hangs for ever ends with the worker it runs in. So that
the page can still say which row that was, each row is told once, when it is first reached.
"""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from contract.words import Words
from curriculum.judge import Verdict, judge
from curriculum.lesson import LESSONS, Lesson, load

_TOOL = 0
"""`sys.monitoring`'s number for a debugger."""


def check(lesson: str, text: str, reached: Callable[[int], Any]) -> str:
    """The verdict on ``text`` as JSON, both languages in it. ``reached``: told each row when it is first run.

    Keys: green, hint, expected, actual, row, column, printed, technical, saw.
    """
    told = _lesson(lesson)
    with _telling(told.file, reached):
        return json.dumps(as_told(judge(told, text)), ensure_ascii=False)


def as_told(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data."""
    words = {"expected": _both(verdict.expected), "actual": _both(verdict.actual), "saw": _both(verdict.saw)}
    kept = ("green", "hint", "row", "column", "printed", "technical")
    return {name: getattr(verdict, name) for name in kept} | words


@cache
def _lesson(id: str, lessons: Path = LESSONS) -> Lesson:
    return load(lessons / id)


def _both(words: Words | None) -> dict[str, str] | None:
    return None if words is None else {"ja": words.ja, "en": words.en}


@contextlib.contextmanager
def _telling(file: str, reached: Callable[[int], Any]) -> Iterator[None]:
    """Within the block each row of ``file`` is told once. A Python before 3.12 tells none."""
    watching = getattr(sys, "monitoring", None)
    if watching is None:
        yield
        return

    def row(code: CodeType, number: int) -> Any:
        if code.co_filename == file:
            reached(number)
        return watching.DISABLE

    watching.use_tool_id(_TOOL, "kojo")
    watching.register_callback(_TOOL, watching.events.LINE, row)
    watching.set_events(_TOOL, watching.events.LINE)
    watching.restart_events()
    try:
        yield
    finally:
        watching.set_events(_TOOL, 0)
        watching.free_tool_id(_TOOL)
