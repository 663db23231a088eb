"""`kojo run`: an unmodified tutorial script on the bench, and what is said when it cannot go on."""

import atexit
import os
import pty
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from edge.script_wiring import wiring_of
from kojo.run import pi_5_advice, run

SCRIPT = """
import sys
import time
import RPi.GPIO as GPIO
import smbus

GPIO.setmode(GPIO.BCM)
GPIO.setup(17, GPIO.IN, pull_up_down=GPIO.PUD_UP)
GPIO.setup(18, GPIO.OUT)
GPIO.output(18, GPIO.HIGH)
print("seen", GPIO.input(17), GPIO.input(18), hex(smbus.SMBus(1).read_byte_data(0x76, 0xD0)), sys.argv[1:])
GPIO.cleanup()
sys.exit(int(sys.argv[1]))
"""
AIR = """schema = 1
site = "a"
line = "b"
[stations.s]
name = "x"
agent = "pi-1"
[stations.s.sensors.air]
type = "bme280"
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "tutorial.py"
    file.write_text(SCRIPT, "utf-8")
    (tmp_path / "line.toml").write_text(AIR, "utf-8")
    return file


def test_a_tutorial_runs_unchanged_with_what_a_line_puts_on_the_bench(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(script, ["3", "b"], line_file=script.parent / "line.toml", agent=None, page="off")
    assert code == 3
    assert capsys.readouterr().out == "seen 1 1 0x60 ['3', 'b']\n"


def test_a_sensor_that_is_not_there_is_said_in_words_with_the_scripts_row(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(script, ["0"], line_file=None, agent=None, page="off") == 1
    told = capsys.readouterr()
    assert "tutorial.py:11: センサーの返事がありません" in told.err or "tutorial.py:11: no sensor answers" in told.err
    assert "runpy" not in told.err


@pytest.mark.slow
def test_its_page_can_be_opened_and_a_press_reaches_the_script(tmp_path: Path) -> None:
    script = tmp_path / "wait.py"
    script.write_text(
        "from gpiozero import Button\nButton(17).wait_for_press()\nprint('pressed', flush=True)\n", "utf-8"
    )
    command = [sys.executable, "-m", "kojo", "--lang", "en", "run", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert running.stdout is not None
        address = next(row for row in running.stderr if "http://" in row).split()[-1]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address, timeout=30) as page:
            assert page.status == 200
        root = address.partition("/pair")[0]
        body = b'{"agent": "pi-1", "device": "script/gpio17", "do": "hold"}'
        asked = urllib.request.Request(f"{root}/api/v1/bench/do", body, {"Content-Type": "application/json"})
        with opener.open(asked, timeout=30) as answer:
            assert answer.status < 300
        assert running.stdout.readline() == "pressed\n"
        assert running.wait(timeout=30) == 0
        running.stderr.read()


@pytest.mark.parametrize(
    ("text", "row"), [("print('あ'", 1), ("x = 1\nif x:\nprint(x)\n", 3), ("print(\uff11)\u3000\uff1b", 1)]
)
def test_what_is_not_python_is_said_with_its_row(tmp_path: Path, text: str, row: int) -> None:
    script = tmp_path / "s.py"
    script.write_text(text, "utf-8")
    command = [sys.executable, "-m", "kojo", "--lang", "ja", "run", str(script)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert f"s.py:{row}: Python として読めません" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_pi_5_is_told_what_to_write_instead_row_by_row() -> None:
    told = [words.en for words in pi_5_advice(wiring_of(SCRIPT))]
    assert "Row 4: RPi.GPIO does not work on a Raspberry Pi 5" in told[0]
    assert "  row 10: output → led.on(), led.off()" in told


def played(folder: Path, text: str | bytes, *arguments: str) -> int:
    script = folder / "played.py"
    script.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run(script, arguments, line_file=None, agent=None, page="off")


@pytest.mark.parametrize(
    ("said", "code", "err"), [("'no scale'", 1, "no scale\n"), ("7", 7, ""), ("", 0, ""), ("None", 0, "")]
)
def test_what_a_script_says_as_it_exits_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str, code: int, err: str
) -> None:
    assert played(tmp_path, f"import sys\nsys.exit({said})\n") == code
    assert capsys.readouterr().err.partition("\n")[2] == err


def test_the_board_stays_until_threads_have_ended_and_exit_functions_ran(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
import atexit, threading, time
import RPi.GPIO as GPIO
from concurrent.futures import ThreadPoolExecutor
GPIO.setmode(GPIO.BCM)
GPIO.setup(18, GPIO.OUT)

def blink():
    time.sleep(0.05)
    import RPi.GPIO as again
    again.output(18, 1)
    import __main__
    print("thread", again.input(18), __main__.GPIO is GPIO)

def bye(word, end=""):
    print(word, GPIO.input(18), threading.active_count() == before, end)
    GPIO.cleanup()

def never():
    print("never")

atexit.register(bye, "bye", end="!")
atexit.register(lambda: 1 / 0)
atexit.register(never)
atexit.unregister(never)
before = threading.active_count()
threading.Thread(target=blink).start()
pool = ThreadPoolExecutor(1)
pool.submit(lambda: print("pool", flush=True))
"""
    registered = atexit.register
    assert played(tmp_path, text) == 0
    told = capsys.readouterr()
    assert sorted(told.out.splitlines()) == ["bye 1 True !", "pool", "thread 1 True"]
    assert told.out.endswith("bye 1 True !\n")
    assert "ZeroDivisionError" in told.err
    assert "script_ending" not in told.err
    assert sys.modules["atexit"] is atexit
    assert atexit.register is registered


def test_a_failed_scripts_threads_and_exit_functions_end_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
from atexit import register
import threading
register(print, "bye")
threading.Timer(0.03, print, ["timer"]).start()
class Halt(BaseException):
    pass
raise Halt
"""
    assert played(tmp_path, text) == 1
    told = capsys.readouterr()
    assert told.out == "timer\nbye\n"
    assert "Halt" in told.err.splitlines()[-1]
    assert "played.py:8" in told.err.splitlines()[-1]
    assert "kojo/" not in told.err
    assert threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfprint(ascii('\xe5\xb7\xa5'))\n",
        "# -*- coding: shift_jis -*-\nprint(ascii('工'))\n".encode("shift_jis"),
    ],
)
def test_a_byte_order_mark_or_another_encoding_is_read_as_python_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: bytes
) -> None:
    assert played(tmp_path, text) == 0
    assert capsys.readouterr().out == ascii("工") + "\n"


@pytest.mark.parametrize("name", ["pigpio", "picamera"])
def test_what_a_bench_cannot_have_is_not_advised_to_be_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert played(tmp_path, f"import {name}\n") == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert f"「{name}」は練習台にはありません" in told or f"{name} is not there on the bench" in told
    assert "pip" not in told.replace("pigpio", "")


def test_an_error_without_words_is_said_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert played(tmp_path, "raise ValueError\n") == 1
    assert "ValueError" in capsys.readouterr().err.splitlines()[-1]


def test_names_imported_by_a_star_are_wired(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "from RPi.GPIO import *\nsetmode(BOARD)\nsetup(12, OUT)\noutput(12, HIGH)\nprint(input(12))\ncleanup()\n"
    assert played(tmp_path, text) == 0
    assert capsys.readouterr().out == "1\n"
    wiring = wiring_of(text)
    assert [(use.pin, use.out) for use in wiring.pins] == [(18, True)]
    assert (4, "output") in wiring.calls
    several = wiring_of("from gpiozero import Motor, RGBLED\nMotor(21, backward=26)\nRGBLED(5, 6, 13)\n")
    assert [use.pin for use in several.pins] == [5, 6, 13, 21, 26]


def _started(folder: Path, text: str, stdin: int | None = None) -> "subprocess.Popen[str]":
    script = folder / "started.py"
    script.write_text(text, "utf-8")
    command = [sys.executable, "-m", "kojo", "--lang", "en", "run", str(script)]
    made = folder / "made"
    made.mkdir()
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"TMPDIR": str(made)},
        stdin=stdin,
    )


@pytest.mark.slow
def test_told_to_end_it_leaves_nothing_behind(tmp_path: Path) -> None:
    with _started(tmp_path, "import time\nprint('up', flush=True)\ntime.sleep(60)\n") as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "up\n"
        assert [found.name.startswith("kojo-run-") for found in (tmp_path / "made").iterdir()] == [True]
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=30) == -signal.SIGTERM
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_ends_a_script_whose_thread_goes_on_for_ever(tmp_path: Path) -> None:
    text = """
import atexit, threading, time
atexit.register(lambda: print("bye", flush=True))
def go_on():
    time.sleep(0.3)
    print("up", flush=True)
    time.sleep(60)
threading.Thread(target=go_on).start()
"""
    with _started(tmp_path, text) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "up\n"
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=20) == 0
        assert running.stdout.read() == "bye\n"
    assert list((tmp_path / "made").iterdir()) == []


@pytest.mark.slow
def test_what_is_typed_on_the_terminal_is_the_scripts(tmp_path: Path) -> None:
    ours, its = pty.openpty()
    try:
        with _started(tmp_path, "for _ in range(6):\n    print(input(), flush=True)\n", stdin=its) as running:
            assert running.stdout is not None
            for number in range(6):
                os.write(ours, f"row {number}\n".encode())
                assert running.stdout.readline() == f"row {number}\n"
            assert running.wait(timeout=30) == 0
    finally:
        os.close(its)
        os.close(ours)
