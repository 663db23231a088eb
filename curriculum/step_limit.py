"""An end for endless loops, the same on every machine: so many steps of the learner's file, not so many seconds.

Counts the steps of Python's own machine and its rows by its trace, so it works in a browser too. (Rows alone would not
do: a loop on one row, ``while 1: pass``, reports none in Python 3.11; nor steps: 3.14 reports none to such a trace.)
What takes for ever in one single step (``10 ** 10 ** 10``) is not seen here: whoever runs the
file sets a limit of time as well.
"""

import ast
import sys
from types import FrameType, TracebackType
from typing import Any

MOST_STEPS = 400_000
"""In one check. A lesson's file takes a few thousand; so many take half a second on a laptop, some seconds on a Pi."""


class TooManySteps(BaseException):
    """A learner's file has taken too many steps; ``row`` is where it goes round. No ``except Exception`` catches it."""

    def __init__(self, row: int | None) -> None:
        super().__init__(f"row {row}")
        self.row = row


class StepLimit:
    """Within ``with`` the steps of ``file`` are counted; TooManySteps is raised in the one after the last allowed.

    Blocks may lie inside one another; the outermost counts.
    """

    def __init__(self, file: str, most: int = MOST_STEPS) -> None:
        self._file, self._most = file, most
        self._steps = self._depth = 0
        self._before: Any = None

    def __enter__(self) -> None:
        if not self._depth:
            self._steps, self._before = 0, sys.gettrace()
            sys.settrace(self._called)
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._depth -= 1
        if not self._depth:
            sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, arg: object) -> Any:  # noqa: ARG002 - Python's own
        if frame.f_code.co_filename != self._file:
            return None
        frame.f_trace_opcodes = True
        return self._step

    def _step(self, frame: FrameType, event: str, arg: object) -> Any:  # noqa: ARG002 - Python's own
        self._steps += 1
        if self._steps > self._most:
            raise TooManySteps(frame.f_lineno)
        return self._step


def loop_head(text: str, row: int | None) -> int | None:
    """The row where the innermost loop around ``row`` begins; ``row`` itself if there is none."""
    if row is None:
        return None
    try:
        loops = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.While | ast.For)]
    except (SyntaxError, ValueError, RecursionError):
        return row
    around = [node.lineno for node in loops if node.lineno <= row <= (node.end_lineno or node.lineno)]
    return max(around, default=row)
