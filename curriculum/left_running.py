"""Does a piece of work in a child and ends every process that is left of it.

On Linux that is also what made a session of its own (``os.setsid``, a double fork, ``nohup … &``) and belongs to no
group of ours any more.

    def judge_it() -> None: ...
    alone(judge_it, within_s=15)        # never returns: ends with the work's own exit code, 1 for a signal

On Linux this process becomes the one that orphans below it are given to (PR_SET_CHILD_SUBREAPER), so nothing gets out
from under it. Elsewhere the work is done in this very process, and whoever started it ends its group.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

PR_SET_CHILD_SUBREAPER = 36
"""From ``<linux/prctl.h>``."""
GIVES_UP_S = 5.0
"""A program that forks for ever is chased for so long; the group is ended by whoever started us in any case."""
PROC = Path("/proc")


class _Late(BaseException):
    """The work took too long, or somebody wants it ended."""


def alone(work: Callable[[], object], within_s: float) -> NoReturn:
    """Do the work, for ``within_s`` seconds at most, and end without anything left of it."""
    if not _keeps_orphans():
        work()
        os._exit(0)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    os._exit(_awaited(child, within_s))


def end_all_below(within_s: float = GIVES_UP_S) -> bool:
    """Kill whatever this process has started, and what that has; whether nothing is left."""
    end = time.monotonic() + within_s
    while _has_children():
        for number in below(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def _has_children() -> bool:
    """Whether a child is left, once the dead ones are buried. Orphans come to us, so without one there is nobody."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        return False
    return True


def below(parent: int) -> set[int]:
    """Every process that descends from ``parent``, dead ones that nobody buried yet among them (Linux)."""
    parents: dict[int, int] = {}
    for place in PROC.iterdir():
        if place.name.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended meanwhile
                after_the_name = (place / "stat").read_text("utf-8", "replace").rpartition(")")[2]
                parents[int(place.name)] = int(after_the_name.split()[1])
    found: set[int] = set()
    newest = {parent}
    while newest:
        newest = {number for number, its in parents.items() if its in newest} - found
        found |= newest
    return found


def _keeps_orphans() -> bool:
    if sys.platform != "linux" or not (PROC / "self" / "stat").exists():
        return False
    import ctypes

    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def _awaited(child: int, within_s: float) -> int:
    """0 if the child came to its own good end in time, else 1; nothing is left of it."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise _Late

    code = 1
    try:
        signal.signal(signal.SIGALRM, late)
        signal.signal(signal.SIGTERM, late)
        signal.setitimer(signal.ITIMER_REAL, within_s)
        code = 0 if os.waitpid(child, 0)[1] == 0 else 1
    except _Late:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_all_below()
    return code
