"""Key ``e``: a simple editor first, and whoever gets vi is told how to leave it."""

from pathlib import Path

import pytest

from contract.words import Words
from curriculum.learn.editor import found, open_in


def there(*names: str) -> dict[str, str]:
    return {name: f"/usr/bin/{name}" for name in names}


@pytest.mark.parametrize(
    ("names", "environ", "chosen"),
    [
        (("vi", "nano", "gedit"), {"DISPLAY": ":0"}, "nano"),
        (("vi", "micro"), {}, "micro"),
        (("vi", "mousepad"), {"DISPLAY": ":0"}, "mousepad"),
        (("vi", "mousepad"), {}, "vi"),
        (("vi", "gedit"), {"WAYLAND_DISPLAY": "wayland-0"}, "gedit"),
        (("nano",), {"EDITOR": "emacs -nw"}, "emacs -nw"),
        (("nano",), {"EDITOR": " "}, "nano"),
        ((), {}, None),
    ],
)
def test_a_simple_editor_comes_before_vi(names: tuple[str, ...], environ: dict[str, str], chosen: str | None) -> None:
    assert found(environ, there(*names).get, "linux") == chosen


def test_on_windows_it_is_the_notepad() -> None:
    assert found({}, there("notepad").get, "win32") == "notepad"


def test_how_to_leave_vi_is_said_and_read_before_it_opens(tmp_path: Path) -> None:
    (tmp_path / "vi").write_text('#!/bin/sh\necho opened > "$1"\n')
    (tmp_path / "vi").chmod(0o755)
    file, said, waited = tmp_path / "mine.py", list[Words](), list[bool]()
    open_in(str(tmp_path / "vi"), file, said.append, lambda: waited.append(file.exists()))
    assert "Esc :wq Enter" in said[0].ja
    assert waited == [False]
    assert file.read_text() == "opened\n"


def test_an_editor_that_is_not_there_is_told(tmp_path: Path) -> None:
    said = list[Words]()
    open_in(str(tmp_path / "none"), tmp_path / "mine.py", said.append)
    open_in('"half', tmp_path / "mine.py", said.append)
    assert ["開けません" in words.ja for words in said] == [True, True]
