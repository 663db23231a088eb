"""Lessons A7 to A11 beyond their planted mistakes: odd answers, the figures of the texts, a browser, the wall."""

import csv
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract.line_check import check
from curriculum.checking import Work
from curriculum.judge import Verdict, judge
from curriculum.lesson import LESSONS, Lesson, load
from edge.sensors import catalogue
from kojo.cli import parser
from kpi.figures import figures
from kpi.one_day import IDEAL_S, THE_DAY, WITH_OVERTIME, WITHOUT_DATA, Day
from tests.rig import around_now, running, serving, until
from tests.servers import free_port

DATA = Path(LESSONS).parent / "data"
ANSWERED = {"A7": "analyse", "A8": "rates", "A9": "r", "A10": "Alarm"}
FIGURES = ("availability", "effectiveness", "quality_ratio", "kadoritsu", "utilization")


@contextmanager
def started(lesson: str, folder: Path) -> Iterator[Work]:
    """A lesson's solution that has run."""
    told = load(LESSONS / lesson)
    with Work(told.solution, folder, told.file) as work:
        work.start()
        yield work


@pytest.mark.parametrize("lesson", ANSWERED)
@pytest.mark.parametrize("answer", ["None", "0", "'on'", "[]", "{}", "(1, 2, 3)", "3.5", "{'n': 9, 'median': 30}"])
def test_an_answer_of_another_kind_is_a_miss_with_a_hint(lesson: str, answer: str) -> None:
    told = load(LESSONS / lesson)
    verdict = judge(told, f"{told.solution}\n\ndef {ANSWERED[lesson]}(*given, **named):\n    return {answer}\n")
    assert not verdict.green
    assert verdict.hint in {*told.hints, "raised", "no-name"}


def test_the_record_of_a7_is_as_its_text_tells(tmp_path: Path) -> None:
    told = load(LESSONS / "A7")
    with started("A7", tmp_path) as work:
        analyse = work.name("analyse")
        assert analyse([0, 20, 41, 61, 121, 141], 20, 2.0, 600)["choko_loss"] == 40
        stops = analyse(work.name("events"), 20, 1.02, 600)
    assert (stops["choko"], stops["doka"]) == (3, 1)
    for lang in ("ja", "en"):
        assert "k=1.02" in told.page("steps", lang)


@pytest.mark.parametrize("day", [THE_DAY, WITH_OVERTIME, WITHOUT_DATA], ids=["the day", "overtime", "no data"])
def test_a8_gives_the_figures_that_the_kit_gives(day: Day, tmp_path: Path) -> None:
    facts = day.facts()
    known = figures(facts)
    planned_s = sum(facts.bucket_s[part] for part in ("run", "minor_stop", "downtime", "no_data"))
    seconds = (planned_s, day.silent_min * 60, facts.regular_s, day.long_min * 60, IDEAL_S)
    with started("A8", tmp_path) as work:
        told = work.call(work.name("rates"), *seconds, day.pieces - day.bad, day.bad, day.demand)
    assert {key: told[key] for key in FIGURES} == pytest.approx({key: known[key] for key in FIGURES})


def test_the_tables_of_a9_are_those_of_the_data(tmp_path: Path) -> None:
    people, days = columns("meti_correlation.csv"), columns("humidity_defects.csv")
    with started("A9", tmp_path) as work:
        held = [work.name(name) for name in ("ball", "throw", "chins", "humidity", "bad")]
        assert held == [people["球速"], people["遠投"], people["懸垂"], days["湿度"], days["不良"]]
        r = work.name("r")
        assert r(people["球速"], people["懸垂"]) == pytest.approx(0.2915, abs=5e-5)
        assert r(people["球速"], people["握力"]) == pytest.approx(0.3736, abs=5e-5)
        assert r(days["湿度"], days["不良"]) == pytest.approx(0.782, abs=5e-4)
        assert r(days["湿度"][:-1], days["不良"][:-1]) == pytest.approx(0.012, abs=5e-4)


def columns(file: str) -> dict[str, list[int]]:
    """A table of curriculum/data, by the name of the column."""
    rows = [*csv.DictReader((DATA / file).read_text("utf-8").splitlines())]
    return {name: [int(row[name]) for row in rows] for name in rows[0]}


def test_a10_tells_four_times_of_nine_temperatures() -> None:
    told = load(LESSONS / "A10")
    assert judge(told, told.solution).printed.split() == [
        word for state in ("high", "clear", "unknown", "clear") for word in ("知らせ:", state)
    ]


def own_line(*changes: tuple[str, str]) -> str:
    """The solved line.toml, changed as a learner might."""
    text = load(LESSONS / "A11").solution
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def judged(*changes: tuple[str, str]) -> Verdict:
    return judge(load(LESSONS / "A11"), own_line(*changes))


def test_a11_takes_any_name_shift_and_ideal() -> None:
    assert judged(("検査台", "Inspection"), ('end = "17:15"', 'end = "22:00"'), ("30.0", "7")).green
    assert judged(('start = "08:30"', 'start = "22:00"'), ('end = "17:15"', 'end = "06:00"')).green


def test_a11_tells_every_mistake_with_its_row_and_in_the_words_of_kojo_check() -> None:
    verdict = judged(("pin = 23", "pin = 99"), ('role = "cycle"', 'role = "cycles"'))
    assert verdict.hint == "pin-number"
    assert verdict.actual is not None
    assert [line.split(":")[1] for line in verdict.actual.ja.splitlines()] == ["36", "39"]
    assert "GPIO17 はヘッダーの 11 番ピンです" in verdict.actual.ja
    assert "「cycle」ではありませんか" in verdict.actual.ja


@pytest.mark.parametrize("text", ["", "print('hello')\n", "schema = 1\n", "\ufeff", "x" * 5000, "[[[", '"' * 999])
def test_a11_is_kind_to_a_file_that_is_something_else(text: str) -> None:
    verdict = judge(load(LESSONS / "A11"), text)
    assert not verdict.green
    assert verdict.hint in load(LESSONS / "A11").hints


def test_the_starter_of_a11_has_six_blanks_and_the_solution_fills_them_alone() -> None:
    lesson: Lesson = load(LESSONS / "A11")
    settings = [
        [row for row in text.splitlines() if "=" in row and row[0] != "#"] for text in (lesson.starter, lesson.solution)
    ]
    changed = [before for before, after in zip(*settings, strict=True) if before != after]
    assert len(changed) == 6
    assert all("___" in row for row in changed)
    assert check(lesson.solution, catalogue()).stations["mine"].sensors["done"].settings["pin"] == 23


@pytest.mark.slow
def test_the_commands_of_a11_put_ones_own_presses_on_the_wall(tmp_path: Path) -> None:
    line = tmp_path / "line.toml"
    line.write_text(own_line(("[[shifts]]", f'[mqtt]\nurl = "embedded:{free_port()}"\n\n[[shifts]]')), "utf-8")
    asked = ("edge", "--line", line, "--agent", "pi-1", "--data", tmp_path / "pi-data")
    with serving(line, tmp_path / "data") as kit, running(*asked, GPIOZERO_PIN_FACTORY="mock") as agent:
        press(agent.err.said(r"the bench's page").rpartition("  ")[2].strip(), {"pi-1": ("mine/done", 5)})

        def counted() -> Any:
            return kit.get("/kpi", **around_now())["stations"][0]

        until(lambda: counted()["produced_quantity"] == 5, "five presses are five pieces")
        assert counted()["name"] == "検査台"
        assert agent.end() == 0


def press(address: str, buttons: Mapping[str, tuple[str, int]]) -> None:
    """Press buttons on the bench's page, each so many times, and let them go, each time once it is at rest again.

    ``buttons``: by agent, the device and how often.

    Cleanly: on a busy machine the edges of a bounce come so late that they are presses of their own.
    """
    with httpx.Client(follow_redirects=True, timeout=15) as browser:
        root = str(browser.get(address, headers={"Accept": "text/html"}).url)

        def at_rest(agent: str, device: str, count: int) -> bool:
            state: Any = browser.get(f"{root}api/v1/bench").json()["state"][agent]
            resting = all(contact["doing"] is None for contact in state["devices"][device]["contacts"])
            return resting and state["said"].get(f"{device}/count", {"v": 0})["v"] == count

        for agent, (device, times) in buttons.items():
            for before in range(times):
                until(partial(at_rest, agent, device, before), f"{before} presses are counted, the contact is open")
                told = {"agent": agent, "device": device, "do": "bounce", "edges": 1}
                assert browser.post(f"{root}api/v1/bench/do", json=told).json() == {"done": True}


def test_what_the_texts_of_a11_tell_to_type_is_what_kojo_takes() -> None:
    for lang in ("ja", "en"):
        for page, wanted in (
            ("steps", ["serve", "edge", "edge", "demo"]),
            ("tutor", ["learn", "serve", "learn", "learn"]),
        ):
            text = load(LESSONS / "A11").page(page, lang)
            typed = re.findall(r"\.venv/bin/kojo ([^`\n]+)", text)
            assert [one.split()[0] for one in typed] == wanted
            for one in typed:
                parser().parse_args(one.split())


@pytest.mark.slow
def test_these_lessons_need_nothing_that_a_browser_lacks() -> None:
    lacking = [
        "smbus2",
        "serial",
        "fcntl",
        "termios",
        "resource",
        "lgpio",
        "paho",
        "duckdb",
        "fastapi",
        "rich",
        "numpy",
    ]
    told = (
        f"import sys; sys.modules.update(dict.fromkeys({lacking}))\n"
        "from curriculum.judge import judge; from curriculum.lesson import LESSONS, load\n"
        f"for id in {[*ANSWERED, 'A11']}:\n"
        "    lesson = load(LESSONS / id); assert judge(lesson, lesson.solution).green, id\n"
    )
    subprocess.run([sys.executable, "-c", told], check=True, timeout=60)
