"""The checker checks itself: over all lessons, and on spoilt copies, so that it would notice."""

import re
import shutil
from pathlib import Path

import pytest

from curriculum.lesson import LESSONS, load
from curriculum.lesson_wiring import drawn, ends, pins, said, wired, wiring
from curriculum.self_check import Count, faults, faults_together, go_over
from hardware.parts import load as load_parts
from hardware.wiring_pen import COLOURS, LAMPS


def test_every_lesson_is_what_it_says_and_every_planted_mistake_is_caught() -> None:
    count = go_over()
    assert count.wrong == []
    assert count.lessons == len([*LESSONS.glob("*/lesson.toml")]) >= 3
    assert count.caught == count.planted >= 20
    assert not any(address.startswith("http://") for address in count.addresses)


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """A folder of lessons with A2 alone in it, to be spoilt."""
    shutil.copytree(LESSONS / "A2", tmp_path / "A2")
    return tmp_path


def spoil(lessons: Path, file: str, old: str, new: str) -> list[str]:
    """What is found wrong with A2 once ``old`` has become ``new`` in a file of it."""
    place = lessons / "A2" / file
    text = place.read_text("utf-8")
    assert old in text
    place.write_text(text.replace(old, new, 1), "utf-8")
    return [fault for fault in go_over(lessons).wrong if fault.startswith("A2: ") and "needs A1" not in fault]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("starter.py", "= ___", "= counter.add_one", "starter: hint None, wanted blank"),
        ("starter.py", "Button(23)", "Button(___, ___, ___)", "starter has 4 blanks"),
        ("solution.py", "counter.add_one\n", "counter.add_one()\n", "solution: hint called-at-once, wanted None"),
        (
            "mistakes/with_brackets.py",
            "hint: called-at-once",
            "hint: wrong-pin",
            "hint called-at-once, wanted wrong-pin",
        ),
        ("mistakes/with_brackets.py", "hint: called-at-once", "hint: unheard", "nobody knows the hint 'unheard'"),
        ("mistakes/pull_down.py", ", pull_up=False", "", "hint None, wanted no-pull-up"),
        (
            "mistakes/only_released.py",
            "# hint: on-release",
            "# hint: wrong-pin",
            "hint 'on-release': no planted mistake",
        ),
        ("starter.py", " / skip class", " skip class", "starter: not said in en: class Counter"),
        ("check.py", "work.start()", "work.strat()", "solution: hint unexpected, wanted None"),
        ("check.py", "work.saw =", "saw =", "solution: green without a word of what was seen"),
        ("lesson.toml", '"tact-switch"', '"tact-swich"', "no part 'tact-swich'"),
        ("lesson.toml", '"tact-switch", ', "", "not among the lesson's parts: tact-switch"),
        ("lesson.toml", 'id = "wrong-pin"', 'id = "blank"', "hint 'blank': every lesson has one of that name"),
        ("lesson.toml", '"P:PC"', '"P:XX"', "no skill 'P:XX'"),
        ("ja/intro.md", "班長に", "今日は", "ja/intro.md: does not begin with the sentence from the floor"),
        ("lesson.toml", "minutes = 40", "minutes = 41", "takes 41 minutes, the day has 40"),
        ("lesson.toml", "wired = true", "wired = false", "there is a wiring.toml"),
        ("wiring.toml", "pin = 23", "pin = 24", "wiring.toml has GPIO 24, the solution 23"),
        ("wiring.toml", "足 A", "足 1", "wiring.svg is out of date"),
        ("wiring.toml", 'to = "GND"', 'to = "earth"', "to must be one of"),
        ("wiring.toml", 'part = "tact', 'colour = "pink"\npart = "tact', "colour must be one of green"),
        ("ja/steps.md", "## 5.", "### 5.", "steps.md: headings differ"),
        ("ja/intro.md", "班長", "[班長](nowhere.md)", "ja/intro.md: no nowhere.md"),
        ("ja/tutor.md", "かっこ", "コールバック", "say 押されたら呼ばれる名前"),
        ("quiz.toml", "right = 2", "right = 3", "right = 3 of 3 choices"),
    ],
)
def test_a_spoilt_lesson_is_noticed(lessons: Path, file: str, old: str, new: str, said: str) -> None:
    found = spoil(lessons, file, old, new)
    assert any(said in fault for fault in found), found


@pytest.mark.slow
def test_a_lesson_that_cannot_be_read_does_not_hide_the_others(lessons: Path) -> None:
    shutil.copytree(LESSONS / "A1", lessons / "A1")
    (lessons / "A1" / "check.py").unlink()
    count = go_over(lessons)
    assert count.lessons == 1
    assert "A1: check.py is missing" in count.wrong


def test_two_lessons_may_not_share_the_learners_file(lessons: Path) -> None:
    lesson = load(lessons / "A2")
    assert any("the learner's file is called" in fault for fault in faults_together([lesson, lesson]))


def test_the_count_is_said_in_one_line() -> None:
    assert Count(3, 20, 19, ["x"]).words.ja == "課題 3、仕込んだ間違い 20、見つけた間違い 19、直すところ 1"


def test_the_wiring_is_told_in_words_as_well_as_drawn() -> None:
    parts = load_parts()
    pi = wiring(LESSONS / "A1", parts)
    assert pins(pi) == {17, 22, 27}
    told = said(LESSONS / "A1", parts)
    assert "LED 緑(運転) の + 長い足 → GPIO17(位置 11)(間に 抵抗 330 Ω(LED 用))" in [line.ja for line in told]
    assert "green LED, running, + long leg → GPIO17 (position 11) (through: resistor 330 ohm (for an LED))" in [
        line.en for line in told
    ]
    every = [line for folder in wired() for line in said(folder, parts)]
    assert not [line.en for line in every if re.search("[\u3040-\u30ff\u3400-\u9fff]", line.en)]
    colours = {end.net: end.colour for end in ends(LESSONS / "A1", parts)}
    assert colours == {
        "GPIO17": LAMPS["green"],
        "GPIO27": LAMPS["yellow"],
        "GPIO22": LAMPS["red"],
        "GND": COLOURS["GND"],
    }
    beside_3v3 = {end.net: end.colour for end in ends(LESSONS / "A10", parts)}
    assert beside_3v3["GPIO22"] not in (LAMPS["red"], beside_3v3["GPIO18"])
    assert {end.net for end in ends(LESSONS / "A10", parts) if end.is_one_of} == {"3V3", "GND"}
    assert drawn(LESSONS / "A1", parts) == (LESSONS / "A1" / "wiring.svg").read_text("utf-8")
    assert not [*faults(load(LESSONS / "A1"), parts)]
