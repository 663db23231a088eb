"""Lessons A3 to A6 beyond their planted mistakes: odd answers, a second check, the figures of the texts, a browser."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from curriculum.checking import Work
from curriculum.judge import judge
from curriculum.lesson import LESSONS, Lesson, load
from edge.sensors.bme280 import BMP280, Chip

ANSWERED = {"A3": "debounce", "A4": "find", "A5": "append", "A6": "lamp"}


@pytest.fixture(params=ANSWERED)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return load(LESSONS / str(request.param))


@contextmanager
def started(lesson: Lesson, folder: Path, text: str = "") -> Iterator[Work]:
    with Work(text or lesson.solution, folder, lesson.file) as work:
        work.start(__file__=str(folder / lesson.file))
        yield work


def printed(lesson: Lesson, folder: Path) -> str:
    with started(lesson, folder) as work:
        return work.printed


@pytest.mark.parametrize("answer", ["None", "0", "'on'", "[]", "[None]", "{}", "(0x76,)", "(1, 2, 3)", "3.5"])
def test_an_answer_of_another_kind_is_a_miss_with_a_hint(lesson: Lesson, answer: str) -> None:
    name = ANSWERED[lesson.id]
    verdict = judge(lesson, f"{lesson.solution}\n\ndef {name}(*given, **named):\n    return {answer}\n")
    assert not verdict.green
    assert verdict.hint in lesson.hints


@pytest.mark.parametrize(
    "row", ["t, p = to_row", "GAP_MS = None", "GAP_MS = True", "GAP_MS = '50'", "GAP_MS = float('nan')"]
)
def test_a_name_that_holds_something_odd_is_a_miss(row: str) -> None:
    lesson = load(LESSONS / ("A3" if "GAP" in row else "A4"))
    assert not judge(lesson, f"{lesson.solution}\n{row}\n").green


@pytest.mark.parametrize(
    "row", ["None", "[1, 2, 3]", "{'temp_c': 25.1}", "{'temp_c': '25.1', 'press_hpa': '', 'hum_pct': 0}"]
)
def test_a_row_of_another_kind_is_a_miss_with_a_hint(row: str) -> None:
    lesson = load(LESSONS / "A4")
    verdict = judge(lesson, f"{lesson.solution}\n\ndef to_row(t, p, h):\n    return {row}\n")
    assert verdict.hint == "pa-or-hpa"


def test_a_file_of_another_shape_is_a_miss_with_a_hint(tmp_path: Path) -> None:
    lesson = load(LESSONS / "A5")
    for body in ("path.write_bytes(bytes(range(256)))", "path.write_text('\\n\\n')", "path.write_text('a,b\\n' * 3)"):
        verdict = judge(lesson, f"{lesson.solution}\n\ndef append(path, when, row):\n    {body}\n", tmp_path)
        assert verdict.hint in lesson.hints


def test_a_lesson_may_be_checked_twice_in_the_same_folder(lesson: Lesson, tmp_path: Path) -> None:
    assert judge(lesson, lesson.solution, tmp_path).green
    assert judge(lesson, lesson.solution, tmp_path).green


def test_the_record_of_a3_is_as_its_text_tells() -> None:
    lesson = load(LESSONS / "A3")
    pieces = [[*map(int, row.split(","))] for row in re.findall(r"times \+= \[(.*?)\]", lesson.solution)]
    assert len(pieces) == 8
    assert sum(map(len, pieces)) == 28
    assert max(piece[-1] - piece[0] for piece in pieces) == 19
    assert min(after[0] - piece[-1] for piece, after in pairwise(pieces)) == 400
    for lang in ("ja", "en"):
        assert "8" in lesson.page("intro", lang)
        assert "28" in lesson.page("intro", lang)
        assert {"19", "400", "2410", "2429", "2829"} <= {*re.findall(r"\d+", lesson.page("steps", lang))}


@pytest.mark.parametrize(("gap", "counted"), [(1, 28), (5, 21), (20, 8), (400, 8), (1000, 7)])
def test_what_a3_counts_with_another_bounce_time(gap: int, counted: int, tmp_path: Path) -> None:
    lesson = load(LESSONS / "A3")
    with started(lesson, tmp_path) as work:
        assert len(work.call(work.name("debounce"), work.name("times"), gap)) == counted


def test_a4_on_a_bmp280_measures_all_but_the_humidity(tmp_path: Path) -> None:
    lesson = load(LESSONS / "A4")
    with Work(lesson.solution, tmp_path, lesson.file) as work:
        chip = Chip(work.board.clock, chip=BMP280)
        chip.temperature, chip.pressure = -3.2, 1021.9
        work.board.put_i2c_chip(0x77, chip)
        work.start()
        assert "BMP280 が番地 0x77 にいました" in work.printed
        assert "{'temp_c': -3.2, 'press_hpa': 1021.9, 'hum_pct': None}" in work.printed


def test_a4_without_a_sensor_says_so_and_goes_on(tmp_path: Path) -> None:
    assert printed(load(LESSONS / "A4"), tmp_path).startswith("センサーの返事がありません")


def test_the_csv_of_a5_grows_and_keeps_one_heading(tmp_path: Path) -> None:
    lesson = load(LESSONS / "A5")
    printed(lesson, tmp_path)
    printed(lesson, tmp_path)
    rows = (tmp_path / "air.csv").read_text("utf-8-sig").splitlines()
    assert len(rows) == 7
    assert rows.count(rows[0]) == 1
    assert rows[2] == "2026-04-01T09:01:00+09:00,18.4,1006.5,"


def test_the_lights_of_a6_are_as_its_text_tells(tmp_path: Path) -> None:
    lesson = load(LESSONS / "A6")
    told = [line.rpartition(": ")[2] for line in printed(lesson, tmp_path).splitlines()]
    assert told == ["on", "off", "blink"]
    with started(lesson, tmp_path, lesson.solution.replace("HI = 600", "HI = 400")) as work:
        assert "夕日が当たっている): on" in work.printed
        lamp = work.name("lamp")
        assert [lamp([900, 590, 610, 590], 600, low) for low in (300, 599)] == ["on", "blink"]


@pytest.mark.slow
def test_these_lessons_need_nothing_that_a_browser_lacks() -> None:
    lacking = ["smbus2", "serial", "fcntl", "termios", "resource", "lgpio", "paho", "duckdb", "fastapi", "rich"]
    told = (
        f"import sys; sys.modules.update(dict.fromkeys({lacking}))\n"
        "from curriculum.judge import judge; from curriculum.lesson import LESSONS, load\n"
        f"for id in {[*ANSWERED]}:\n"
        "    lesson = load(LESSONS / id); assert judge(lesson, lesson.solution).green, id\n"
    )
    subprocess.run([sys.executable, "-c", told], check=True, timeout=60)
