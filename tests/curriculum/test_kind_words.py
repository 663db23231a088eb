"""Slips of the pen in the first lessons: what is said names the thing to write."""

import pytest

from curriculum.judge import judge
from curriculum.lesson import LESSONS, load

LAMP, COUNTER, BOUNCE = load(LESSONS / "A1"), load(LESSONS / "A2"), load(LESSONS / "A3")


@pytest.mark.parametrize("name", ["GPIO27", "BCM27", "gpio27"])
def test_a_pin_with_its_letters_is_told_to_be_a_number_alone(name: str) -> None:
    verdict = judge(LAMP, LAMP.solution.replace("LED(27)", f"LED({name})"))
    assert f"{name} とは書けません。数字だけを書きます: LED(27)" in verdict.say(LAMP, lang="ja")
    assert "write the number alone, LED(27)" in verdict.say(LAMP, lang="en")


def test_a_misspelt_name_of_gpiozero_is_told_with_the_near_one() -> None:
    verdict = judge(COUNTER, COUNTER.solution.replace("when_pressed", "when_presed"))
    assert "Button に when_presed はありません(when_pressed ではありませんか)" in verdict.say(COUNTER, lang="ja")


def test_none_is_still_told_to_be_none() -> None:
    verdict = judge(COUNTER, COUNTER.solution + "None.count\n")
    assert "None(空)には count がありません" in verdict.say(COUNTER, lang="ja")


def test_two_pieces_at_a_press_are_accepted_and_two_events_are_not() -> None:
    verdict = judge(COUNTER, COUNTER.solution.replace("+ 1", "+ 2"))
    assert verdict.green
    assert verdict.printed.endswith("12 個\n")
    both = COUNTER.solution + "button.when_released = counter.add_one\n"
    assert judge(COUNTER, both).hint == "counts-twice"
    assert judge(COUNTER, both.replace("+ 1", "+ 2")).hint == "not-counting"
    assert judge(COUNTER, COUNTER.solution.replace("self.count + 1", "2")).hint == "not-counting"


def test_the_steps_say_what_the_screen_ends_with() -> None:
    last = judge(COUNTER, COUNTER.solution).printed.splitlines()[-1]
    assert f"画面の最後は「{last}」" in COUNTER.page("steps", "ja")
    assert f"“{last}”" in COUNTER.page("steps", "en")


@pytest.mark.parametrize("sign", ["≧", "≥"])
def test_a_sign_of_paper_is_told_as_the_two_to_type(sign: str) -> None:
    verdict = judge(BOUNCE, BOUNCE.solution.replace("last >= gap", f"last {sign} gap"))
    said = verdict.say(BOUNCE, 3, "ja")
    assert "期待: >= と書く(半角の2文字)" in said
    assert "≧ は >=" in said.splitlines()[-1]


def test_an_arrow_is_told_to_be_turned_round() -> None:
    verdict = judge(BOUNCE, BOUNCE.solution.replace("last >= gap", "last => gap"))
    assert "=> ではなく >= と書きます" in verdict.say(BOUNCE, lang="ja")


@pytest.mark.parametrize("unit", ["ミリ秒", " ミリ秒", "ms", " ms"])
def test_a_unit_behind_a_number_is_told_to_go(unit: str) -> None:
    verdict = judge(BOUNCE, BOUNCE.solution.replace("= 50\n", f"= 50{unit}\n"))
    assert "単位は書きません。数字だけにします: 50" in verdict.say(BOUNCE, lang="ja")


def test_a_name_that_begins_with_a_number_is_no_unit() -> None:
    assert "数の書き方が違います" in judge(LAMP, "2nd = 1\n").say(LAMP, lang="ja")
