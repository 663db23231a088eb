"""The process in which a learner's file is judged: sets its own limits, judges, writes the verdict down, ends.
Whatever the file has started ends with it (:mod:`curriculum.left_running`).

Its orders come as JSON on standard input (see :mod:`curriculum.judge_apart`).
"""

import faulthandler
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from curriculum.left_running import alone

MB = 1024 * 1024
GRACE_S = 3.0
"""So long after its own limit of time a file that has switched that off is ended."""


def main(_: Sequence[str] = ()) -> None:
    """Judge once. Ends at once when done, whatever threads and processes the learner's file has started."""
    asked: dict[str, Any] = json.load(sys.stdin)
    alone(lambda: _judge(asked), asked["within_s"] + GRACE_S)


def _judge(asked: dict[str, Any]) -> None:
    from curriculum.judge import judge
    from curriculum.lesson import load

    lesson = load(Path(asked["lesson"]))
    with open(asked["hung"], "w", encoding="utf-8") as hung:
        _limit(asked)
        faulthandler.dump_traceback_later(asked["within_s"], exit=True, file=hung)
        verdict = judge(lesson, asked["text"], Path.cwd())
        faulthandler.cancel_dump_traceback_later()
    told = Path(asked["told"])
    unfinished = told.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(verdict)), "utf-8")
    os.replace(unfinished, told)


def _limit(asked: dict[str, Any]) -> None:
    """Memory and the size of any one file; where there is no such limit (Windows), the limit of time remains."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, asked["memory_mb"]), (resource.RLIMIT_FSIZE, asked["file_mb"])):
        _, hard = resource.getrlimit(what)
        allowed = most * MB if hard == resource.RLIM_INFINITY else min(most * MB, hard)
        resource.setrlimit(what, (allowed, hard))
