"""What a lesson's check.py may use: the learner's file on the bench (:class:`Work`) and how to say what is amiss.

    def check(work: Work) -> None:
        work.start()
        if not work.board.used(23):
            raise Miss("wrong-pin", expected=Words("GPIO23 を使う", "GPIO23 is used"), actual=...)

Imports only the standard library, ``contract.words`` and the bench, so that it also runs in a browser's Python; starts
no thread, opens no socket.
"""

import io
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from contract.words import Words
from curriculum.bench_board import BenchBoard
from curriculum.bench_imports import builtins_of
from curriculum.python_words import in_pythons_words, said_by_python
from curriculum.step_limit import StepLimit, TooManySteps, loop_head

__all__ = ["MODULE", "Miss", "Work"]

MODULE = "__main__"
"""The name a learner's file runs under, as when it is started on a Pi."""


class Miss(Exception):
    """The learner's file does not do what the lesson asks: which hint helps, what was expected, what happened instead.

    ``row``: the row of the learner's file it is about, where there is one. ``column``: counted from 1. ``technical``:
    Python's own words, for who asks for them.
    """

    technical = ""

    def __init__(
        self, hint: str, expected: Words, actual: Words, row: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(f"{hint}: expected {expected.en}; was {actual.en}")
        self.hint, self.expected, self.actual, self.row, self.column = hint, expected, actual, row, column


class Work:
    """A learner's file, and the bench it runs on.

    ``text`` is the file, ``file`` its name, ``folder`` where it may write. Use it as a context manager: the bench's
    pins are gpiozero's meanwhile. A check puts into ``saw`` what it saw, to be told where it is green.
    """

    def __init__(self, text: str, folder: Path, file: str = "lesson.py") -> None:
        self.text, self.folder, self.file = text, folder, file
        self.board = BenchBoard()
        self.saw: Words | None = None
        self._names: dict[str, Any] = {}
        self._printed = io.StringIO()
        self.limit = StepLimit(file)
        self._open = ExitStack()

    def __enter__(self) -> "Work":
        self._open.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # the checks say it themselves, and kindly
        self._open.enter_context(self.board.plugged_in())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._names.clear()
        self.board.close()
        self._open.close()

    @property
    def printed(self) -> str:
        """What the learner's file has printed so far."""
        return self._printed.getvalue()

    def start(self, **given: Any) -> None:
        """Run the learner's file from top to bottom on the bench; ``given``: names it finds already there.

        Raises Miss for what Python says about it.
        """
        self._names = {
            "__name__": MODULE,
            "__file__": self.file,
            "__builtins__": builtins_of(self.board, self._printed),
        }
        self._names |= given
        code = compile(self.text, self.file, "exec", dont_inherit=True)
        self.call(self._run, code)

    def name(self, name: str) -> Any:
        """What the learner's file calls ``name``. Raises Miss("no-name") if nothing is called so."""
        try:
            return self._names[name]
        except KeyError:
            raise Miss(
                "no-name",
                expected=Words(f"{name} という名前がある", f"there is something called {name}"),
                actual=Words(f"{name} が見つかりません", f"nothing is called {name}"),
            ) from None

    def call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function of the learner's, on the bench and with a limit. Raises Miss for whatever it raises."""
        try:
            with self.limit:
                return function(*args, **kwargs)
        except Miss:
            raise
        except TooManySteps as stop:
            raise self.endless(stop) from None
        except (Exception, SystemExit) as error:
            raise self.raised(error) from error

    def endless(self, stop: TooManySteps) -> Miss:
        """The miss of a file that never comes to its end."""
        row = loop_head(self.text, stop.row)
        return Miss("endless", *never_ends(row), row)

    def raised(self, error: BaseException) -> Miss:
        """The miss of a file in which Python noticed something (気づき)."""
        hint, actual, row = said_by_python(error, self.file, self.text)
        expected = Words("止まらずに最後まで動く", "it runs to the end without a halt")
        miss = Miss(hint, expected, actual, row)
        miss.technical = in_pythons_words(error, self.file)
        return miss

    def _run(self, code: CodeType) -> None:
        exec(code, self._names)


def never_ends(row: int | None) -> tuple[Words, Words]:
    """What is expected of a file that goes round and round at ``row``, and what it does."""
    return (
        Words("プログラムが最後まで進む", "the program comes to its end"),
        Words(
            f"{row}行目で回り続けています" if row else "同じところで回り続けています",
            f"it goes round and round at row {row}" if row else "it goes round and round",
        ),
    )
