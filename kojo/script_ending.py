"""The end of a script as Python has it: its threads have ended, then what it registered with atexit has run.

    with ExitFunctions() as registered:
        …                       # the script
        join(left_behind(before))
        registered.run()

Python would do both at its own end, when the bench under the script would be gone.
"""

import concurrent.futures.thread as pools
import contextlib
import shutil
import signal
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType, ModuleType, TracebackType
from typing import Any

Registered = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
ENDS = (signal.SIGTERM, signal.SIGHUP)
HEARS_WITHIN_S = 0.5
"""A Ctrl-C that comes just before a wait begins is heard only when the wait ends."""


class ExitFunctions:
    """Stands in the place of the module ``atexit`` for whoever imports it meanwhile."""

    def __init__(self) -> None:
        self._functions: list[Registered] = []
        self._real: ModuleType | None = None

    def __enter__(self) -> "ExitFunctions":
        weakref.finalize(self, int)  # weakref registers its own with the first one made: let that be the real atexit
        self._real = sys.modules.get("atexit")
        module: Any = ModuleType("atexit")
        module.register, module.unregister = self._register, self._unregister
        module._run_exitfuncs, module._clear = self.run, self._functions.clear
        module._ncallbacks = lambda: len(self._functions)
        sys.modules["atexit"] = module
        return self

    def __exit__(self, *_: object) -> None:
        if self._real is not None:
            sys.modules["atexit"] = self._real
        else:
            sys.modules.pop("atexit", None)

    def run(self) -> None:
        """All of them, the last first; one that fails is told and the others run."""
        while self._functions:
            function, arguments, named = self._functions.pop()
            try:
                function(*arguments, **named)
            except SystemExit:
                pass
            except BaseException as error:  # noqa: BLE001 - a script's function may raise anything
                traceback.print_exception(type(error), error, _after_ours(error.__traceback__))

    def _register(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Callable[..., Any]:
        if not callable(function):
            raise TypeError("the first argument must be callable")
        self._functions.append((function, arguments, named))
        return function

    def _unregister(self, function: Callable[..., Any]) -> None:
        self._functions[:] = [kept for kept in self._functions if kept[0] != function]


def _after_ours(rows: TracebackType | None) -> TracebackType | None:
    return rows.tb_next if rows is not None else None


def left_behind(before: Iterable[threading.Thread]) -> list[threading.Thread]:
    """The threads that Python would wait for at its end, without those that were there ``before``."""
    ours = {*before, threading.current_thread()}
    return [thread for thread in threading.enumerate() if not thread.daemon and thread not in ours]


def wait_for_threads(before: Iterable[threading.Thread]) -> None:
    """Until the script's threads have ended, and those they start. Ctrl-C interrupts it."""
    known = list(before)
    with _pools_let_go(known):
        while threads := left_behind(known):
            for thread in threads:
                while thread.is_alive():
                    thread.join(HEARS_WITHIN_S)


@contextlib.contextmanager
def _pools_let_go(before: list[threading.Thread]) -> Iterator[None]:
    """Let the threads of pools nobody shut down end after their last piece of work, as Python does at its end."""
    of_pools: Any = getattr(pools, "_threads_queues", {})
    idle = [of_pools[thread] for thread in left_behind(before) if thread in of_pools]
    if not idle:
        yield
        return
    was, pools._shutdown = pools._shutdown, True
    try:
        for work in idle:
            work.put(None)
        yield
    finally:
        pools._shutdown = was


@contextlib.contextmanager
def gone_when_ended(folder: Path) -> Iterator[None]:
    """Remove the folder when the program is told to end (SIGTERM, SIGHUP), and let it end by that as ever."""

    def end(number: int, _frame: FrameType | None) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    changed = [number for number in ENDS if signal.getsignal(number) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
