"""``kojo learn`` as it is typed: once with --check, at a terminal, on the pins, and what goes wrong."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curriculum.learn.one_language import in_language
from curriculum.lesson import LESSONS, load
from kojo.cli import main, parser
from kojo.learn import in_order

WITHIN_S = 60.0
A1, A2 = load(LESSONS / "A1"), load(LESSONS / "A2")
KOJO = [sys.executable, "-m", "kojo", "learn", "--lang", "en"]


def learn(*words: str, folder: Path) -> int:
    return main(["learn", *words, "--folder", str(folder), "--lang", "ja"])


def test_one_check_is_red_with_a_hint_and_then_green(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn("a2", "--check", folder=tmp_path) == 1
    assert "ヒント(1/3): 空欄 ___" in capsys.readouterr().out
    (tmp_path / A2.file).write_text(A2.solution, "utf-8")
    assert learn("--check", folder=tmp_path) == 0
    assert "A2 生産カウンタ" in capsys.readouterr().out


def test_the_verdict_is_told_before_a_progress_that_is_spoilt_or_cannot_be_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / A2.file).write_text(A2.solution, "utf-8")
    (tmp_path / "progress.json").write_text('{"last": "A2", "lessons": {"A2": {"tries": "x"}}}', "utf-8")
    assert learn("A2", "--check", folder=tmp_path) == 0
    said = capsys.readouterr().out
    assert 0 < said.index("答え合わせは緑") < said.index("読めなかった")
    assert said.count("読めなかった") == 1


def test_a_lesson_there_is_not_is_told_with_those_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn("A99", "--check", folder=tmp_path) == 2
    said = capsys.readouterr().err
    assert "課題 A99 はありません" in said
    assert "A0, A1, A2" in said


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert learn("A0", "--check", folder=tmp_path / "file" / "inside") == 2
    assert "--folder" in capsys.readouterr().err


def test_the_list_is_in_the_order_of_the_day(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert learn("--list", folder=tmp_path / "not-made") == 0
    said = capsys.readouterr().out
    assert "【必修】は" in said
    assert "A3  チャタリング(25 分)\n" in said
    ids = [line.split()[0] for line in said.splitlines()]
    assert ids[:4] == ["A0", "A1", "A2", "A4"]
    assert not (tmp_path / "not-made").exists()
    assert [lesson.id for lesson in in_order((A2, A1))] == ["A1", "A2"]


def test_check_pi_list_and_http_are_four_different_wishes() -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["learn", "A1", "--check", "--pi"])


@pytest.mark.slow
def test_what_is_not_green_does_not_go_on_the_pins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn("A1", "--pi", folder=tmp_path) == 1
    assert "練習台で緑になってから" in capsys.readouterr().out


def _until(read: int, wanted: str, said: str = "") -> str:
    """What a program writes, until ``wanted`` is there."""
    end = time.monotonic() + WITHIN_S
    while wanted not in said and time.monotonic() < end:
        if select.select([read], [], [], 1.0)[0]:
            said += os.read(read, 65536).decode("utf-8", "replace")
    assert wanted in said
    return said


@pytest.mark.slow
def test_at_a_terminal_keys_need_no_enter_and_a_save_is_answered(tmp_path: Path) -> None:
    person, terminal = pty.openpty()
    program = subprocess.Popen(
        [*KOJO, "A2", "--folder", str(tmp_path)],
        stdin=terminal, stdout=terminal, stderr=terminal, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )  # fmt: skip
    try:
        _until(person, "Enter: go on")
        os.write(person, b"\n")
        _until(person, "Q1.")
        os.write(person, b"n")
        _until(person, "Enter: go on")
        os.write(person, b"\n")
        _until(person, "q:quit")
        (tmp_path / A2.file).write_text(A2.solution.replace("add_one\n", "add_one()\n"), "utf-8")
        assert "already 1" in _until(person, "Hint (1/3)")
        os.write(person, b"h")
        _until(person, "Hint (2/3)")
        (tmp_path / A2.file).write_text(A2.solution, "utf-8")
        _until(person, "the check is green")
        os.write(person, b"q")
        assert program.wait(WITHIN_S) == 0
    finally:
        program.kill()
        program.wait()
        os.close(person)
        os.close(terminal)


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_ended_or_killed_it_goes_on_where_it_was(tmp_path: Path, how: signal.Signals) -> None:
    program = subprocess.Popen(
        [*KOJO, "A2", "--folder", str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdin is not None
    program.stdin.write("n")
    program.stdin.flush()
    _until(program.stdout.fileno(), "q:quit")
    program.send_signal(how)
    said = program.communicate(timeout=WITHIN_S)[0]
    assert "Traceback" not in said
    assert program.returncode == (0 if how is signal.SIGINT else -9)
    assert (tmp_path / A2.file).read_text("utf-8") == in_language(A2.starter, "en")
    again = subprocess.run([*KOJO, "--folder", str(tmp_path)], input="q", capture_output=True, text=True, check=False)
    assert "A2 A production counter" in again.stdout


@pytest.mark.slow
def test_a_green_file_runs_on_the_pins_until_ctrl_c(tmp_path: Path) -> None:
    (tmp_path / A1.file).write_text(A1.solution, "utf-8")
    program = subprocess.Popen(
        [*KOJO, "A1", "--pi", "--folder", str(tmp_path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=os.environ | {"GPIOZERO_PIN_FACTORY": "mock", "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert program.stdout is not None
    said = _until(program.stdout.fileno(), "It runs on the real pins")
    assert "GPIO17 (position 11)" in said
    os.killpg(program.pid, signal.SIGINT)
    _, wrong = program.communicate(timeout=WITHIN_S)
    assert program.returncode == 0
    assert "Traceback" not in wrong


@pytest.mark.slow
def test_without_a_pi_the_pins_are_told_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / A1.file).write_text(A1.solution, "utf-8")
    env = {name: value for name, value in os.environ.items() if name != "GPIOZERO_PIN_FACTORY"}
    done = subprocess.run(
        [*KOJO, "A1", "--pi", "--folder", str(tmp_path)],
        stdin=subprocess.DEVNULL, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no pins of a Raspberry Pi" in done.stderr


@pytest.mark.slow
def test_what_python_notices_on_the_pins_is_told_with_its_row(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("from gpiozero import LED\nlamp = LED(17)\nlamp.of()\n")
    done = subprocess.run(
        [sys.executable, "-m", "curriculum.learn.on_pins", str(file)],
        env=os.environ | {"GPIOZERO_PIN_FACTORY": "mock", "KOJO_LANG": "ja"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "mine.py の 3行目: LED に of はありません(off ではありませんか)" in done.stdout
    assert "Traceback" not in done.stderr
