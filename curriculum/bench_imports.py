"""What a learner's file finds when it imports and prints on the bench: the bench's time, its bus, a short page.

Only the learner's own rows see these; Python's modules stay as they are for everybody else.
"""

import builtins
import importlib
import io
import signal
import time
from types import ModuleType
from typing import Any, NoReturn

from contract.words import Words
from curriculum.bench_board import BenchBoard

MOST_PRINTED = 20_000
"""Characters; a lesson prints a few rows."""


class Refused(RuntimeError):
    """Something that has no place in a lesson's file; ``hint`` is the id of the hint, ``words`` what it did."""

    def __init__(self, hint: str, words: Words) -> None:
        super().__init__(words.en)
        self.hint, self.words = hint, words


def builtins_of(board: BenchBoard, page: io.StringIO) -> dict[str, Any]:
    """Python's built-in names for a file on ``board``: it prints to ``page``, and nobody is there to type."""
    instead = {"time": _time(board), "smbus2": _smbus2(board), "signal": _signal()}

    def find(name: str, *rest: Any, **more: Any) -> Any:
        return instead[name] if name in instead else builtins.__import__(name, *rest, **more)

    def write(*values: object, sep: str | None = None, end: str | None = None, file: Any = None, **_: Any) -> None:
        said = (" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end)
        if file is not None:
            file.write(said)
            return
        page.write(said[: max(0, MOST_PRINTED - page.tell())])
        if page.tell() >= MOST_PRINTED:
            raise Refused("too-much-printed", Words("画面に出す文字が多すぎます", "too much is printed"))

    return vars(builtins) | {"__import__": find, "print": write, "input": _nobody_types, "breakpoint": _nobody_types}


def _nobody_types(prompt: object = "") -> NoReturn:
    raise Refused("input", Words(f"input() で入力を待ちました({prompt})", f"it waits for somebody to type ({prompt})"))


def _module(name: str, like: ModuleType | None, **names: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update({} if like is None else {k: v for k, v in vars(like).items() if not k.startswith("__")})
    vars(module).update(names)
    return module


def _time(board: BenchBoard) -> ModuleType:
    clock = board.clock
    return _module(
        "time",
        time,
        sleep=board.sleep,
        time=lambda: clock.time_ns() / 1e9,
        time_ns=clock.time_ns,
        monotonic=lambda: clock.monotonic_ns() / 1e9,
        monotonic_ns=clock.monotonic_ns,
        perf_counter=lambda: clock.monotonic_ns() / 1e9,
    )


def _smbus2(board: BenchBoard) -> ModuleType:
    return _module("smbus2", _real("smbus2"), SMBus=lambda bus=1, force=False: board.bus())  # noqa: ARG005 - smbus2's


def _signal() -> ModuleType:
    return _module("signal", signal, pause=lambda: None)


def _real(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
