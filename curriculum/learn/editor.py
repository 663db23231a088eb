"""Which editor key ``e`` opens, and how: a simple one first, and nobody is left alone in vi.

editor = found(os.environ, shutil.which)
open_in(editor, file, print)
"""

import contextlib
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from contract.words import Words
from curriculum.learn.keyboard import as_it_was

IN_THE_TERMINAL = ("nano", "micro")
WINDOWED = ("mousepad", "gedit", "gnome-text-editor", "geany", "xed", "pluma", "kate", "notepad")
"""They have a window of their own, so the lesson goes on answering saves beside it."""
LAST_OF_ALL = ("vi",)
VI = ("vi", "vim", "nvim", "view", "vim.tiny")


def found(environ: Mapping[str, str], which: Callable[[str], str | None], platform: str = sys.platform) -> str | None:
    """What $VISUAL or $EDITOR names, else the simplest editor that is there; None: there is none."""
    asked = environ.get("VISUAL") or environ.get("EDITOR")
    if asked and asked.strip():
        return asked
    has_windows = platform in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    names = (*IN_THE_TERMINAL, *(WINDOWED if has_windows else ()), *LAST_OF_ALL)
    return next((name for name in names if which(name)), None)


def open_in(editor: str, file: Path, say: Callable[[Words], object], wait: Callable[[], object] = input) -> None:
    """Open it. Where it is vi, how to leave is said first, and ``wait`` lets it be read."""
    try:
        command = [*shlex.split(editor, posix=sys.platform != "win32"), str(file)]
        name = _name(command[0])
        if name in WINDOWED:
            _beside(command)
            return
        with as_it_was():
            if name in VI:
                say(_leave_vi())
                with contextlib.suppress(EOFError):
                    wait()
            subprocess.call(command)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        say(
            Words(
                f"エディター {editor} を開けません({why})。別の窓で {file} を開いてください。",
                f"The editor {editor} cannot be started: {why}. Open {file} in another window.",
            )
        )


_windows: list[subprocess.Popen[bytes]] = []
"""Editors open beside the lesson; they outlive it, so that nothing unsaved is lost."""


def _beside(command: list[str]) -> None:
    _windows[:] = [window for window in _windows if window.poll() is None]
    quiet = subprocess.DEVNULL
    _windows.append(subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True))


def _name(program: str) -> str:
    return Path(program.strip('"')).name.lower().removesuffix(".exe")


def _leave_vi() -> Words:
    return Words(
        "vi を開きます。i で書き始め、終わりは Esc :wq Enter(保存しないなら Esc :q! Enter)。Enter で開きます。",
        "This is vi: i to type, Esc :wq Enter to save and leave (Esc :q! Enter: leave only). Press Enter to open it.",
    )
