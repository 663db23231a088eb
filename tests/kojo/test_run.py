"""`kojo run`: an unmodified tutorial script on the bench, and what is said when it cannot go on."""

import subprocess
import sys
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
