"""An end for endless loops, the same on every machine: so many rows of the learner's file, not so many seconds.

Counts rows by Python's own trace, so it works in a browser too. What loops inside one single row (``10 ** 10 ** 10``)
is not seen here: whoever runs the file sets a limit of time as well.
"""

import ast
import sys
from types import FrameType, TracebackType
from typing import Any

MOST_ROWS = 200_000
"""A lesson's file runs a few hundred rows."""


class TooManySteps(BaseException):
    """A learner's file has run too many rows; ``row`` is where it goes round. No ``except Exception`` catches it."""

    def __init__(self, row: int | None) -> None:
        super().__init__(f"row {row}")
        self.row = row


class StepLimit:
    """Within ``with`` the rows of ``file`` are counted; TooManySteps is raised in the one after the last allowed.

    Blocks may lie inside one another; the outermost counts.
    """

    def __init__(self, file: str, most: int = MOST_ROWS) -> None:
        self._file, self._most = file, most
        self._rows = self._depth = 0
        self._before: Any = None

    def __enter__(self) -> None:
        if not self._depth:
            self._rows, self._before = 0, sys.gettrace()
            sys.settrace(self._called)
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._depth -= 1
        if not self._depth:
            sys.settrace(self._before)

    def _called(self, frame: FrameType, event: str, arg: object) -> Any:  # noqa: ARG002 - Python's own
        return self._row if frame.f_code.co_filename == self._file else None

    def _row(self, frame: FrameType, event: str, arg: object) -> Any:  # noqa: ARG002 - Python's own
        self._rows += event == "line"
        if self._rows > self._most:
            raise TooManySteps(frame.f_lineno)
        return self._row


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
