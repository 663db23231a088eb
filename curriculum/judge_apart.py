"""Judges a learner's file in a process of its own: whatever it does, the one who asked lives on and gets a verdict.

    verdict = judge_apart(lesson, Path("kojo-learn/A2_counter.py"))

Time, memory and the size of files are limited; the file's own folder is not among the places Python imports from, and
what it writes goes into a folder that is removed afterwards. No guard against malice: a learner's file runs with the
learner's own rights, as it would on the Pi.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.words import Words
from curriculum.checking import Miss, never_ends
from curriculum.judge import Verdict, missed
from curriculum.judge_child import GRACE_S
from curriculum.left_running import GIVES_UP_S
from curriculum.lesson import Lesson
from curriculum.step_limit import loop_head

WITHIN_S = 10.0
"""A lesson's file is judged in well under a second on a laptop, in about two on a Pi Zero 2 (estimate)."""
MEMORY_MB = 512
FILE_MB = 4
LONGEST_BYTES = 200_000
ROOT = Path(__file__).parent.parent
_THIRD_PARTY = frozenset(("gpiozero", "smbus2", "contract", "edge", "curriculum", "kojo"))
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from curriculum.judge_child import main; main(sys.argv[2:])"


def judge_apart(lesson: Lesson, file: Path, within_s: float = WITHIN_S) -> Verdict:
    """The verdict on ``file`` as it is on disk now. Never raises for anything the learner did."""
    try:
        text = read(file)
        _nothing_in_the_way(file)
    except Miss as miss:
        return missed(miss)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as apart:
        return _judged(lesson, text, Path(apart), within_s)


def read(file: Path) -> str | None:
    """The learner's file; None if there is none.

    Raises Miss: "not-utf8" for one that is no text, "too-long", "missing-file" for what is there and no file.
    """
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise _no_file(file)
        with file.open("rb") as opened:
            content = opened.read(LONGEST_BYTES + 1)
    except OSError:
        return None
    if len(content) > LONGEST_BYTES:
        most = f"{LONGEST_BYTES // 1000} KB"
        raise Miss(
            "too-long",
            expected=Words(f"{most} までのファイル", f"a file of {most} at most"),
            actual=Words(f"{file.name} はもっと長いです", f"{file.name} is longer"),
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        miss = Miss(
            "not-utf8",
            expected=Words("UTF-8 で保存されている", "saved as UTF-8"),
            actual=Words(f"{row}行目の文字が読めません", f"row {row} cannot be read"),
            row=row,
        )
        miss.technical = str(error)
        raise miss from None


def _no_file(file: Path) -> Miss:
    folder = file.is_dir()
    return Miss(
        "missing-file",
        expected=Words(f"{file.name} というファイルがある", f"there is a file {file.name}"),
        actual=Words(
            f"{file.name} は{'フォルダー' if folder else '特別なもの'}で、ファイルではありません",
            f"{file.name} is {'a folder' if folder else 'something special'}, not a file",
        ),
    )


def _nothing_in_the_way(file: Path) -> None:
    """A file beside the learner's that is named like a part of Python's would be imported instead of it on a Pi."""
    taken = sys.stdlib_module_names | _THIRD_PARTY
    in_the_way = sorted(one.name for one in file.parent.glob("*.py") if one.stem in taken)
    if in_the_way:
        many = "、".join(in_the_way)
        raise Miss(
            "name-taken",
            expected=Words("Python の部品と同じ名前のファイルがない", "no file is named like one of Python's parts"),
            actual=Words(f"{file.parent.name} に {many} があります", f"in {file.parent.name} there is {many}"),
        )


def _judged(lesson: Lesson, text: str | None, apart: Path, within_s: float) -> Verdict:
    work, told, hung = apart / "work", apart / "verdict.json", apart / "hung.txt"
    work.mkdir()
    asked = {
        "lesson": str(lesson.folder.resolve()),
        "text": text,
        "told": str(told),
        "hung": str(hung),
        "within_s": within_s,
        "memory_mb": MEMORY_MB,
        "file_mb": FILE_MB,
    }
    child = subprocess.Popen(
        [sys.executable, "-I", "-c", _CHILD, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=work,
        start_new_session=True,  # Ctrl-C is for whoever asked
    )
    try:
        child.communicate(json.dumps(asked).encode(), timeout=within_s + GRACE_S + GIVES_UP_S + 2)
    except subprocess.TimeoutExpired:
        return _endless(lesson, text, hung)
    finally:
        _end(child)
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):  # it may write there, too
        return _verdict(json.loads(told.read_text("utf-8")))
    return _endless(lesson, text, hung) if hung.exists() and hung.stat().st_size else _ended(child.returncode)


def _end(child: subprocess.Popen[bytes]) -> None:
    """The child and whatever is left in its session. What left that was ended by the child itself, where it can."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # none is left; macOS: only dead ones are
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.wait()


def _verdict(told: Mapping[str, Any]) -> Verdict:
    words = {key: Words(**told[key]) for key in ("expected", "actual", "saw") if told[key] is not None}
    return Verdict(**{**told, **words})


def _endless(lesson: Lesson, text: str | None, hung: Path) -> Verdict:
    said = hung.read_text("utf-8", "replace") if hung.exists() else ""
    rows = re.findall(rf'File "{re.escape(lesson.file)}", line (\d+)', said)
    row = loop_head(text or "", int(rows[0]) if rows else None)
    return missed(Miss("endless", *never_ends(row), row))


def _ended(code: int) -> Verdict:
    """It ended without a word: by its own ``os._exit``, or killed, mostly for its memory."""
    expected = Words("プログラムが最後まで進む", "the program comes to its end")
    if code == 0:
        return missed(
            Miss("exit", expected, Words("プログラムを途中で終わらせました", "it ended the program half way"))
        )
    return missed(Miss("raised-memory", expected, Words("プログラムが突然止まりました", "it stopped all at once")))
