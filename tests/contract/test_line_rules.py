"""What is said about [[rules]]: conditions of one Pi, outputs that have the value, keys that belong together."""

import pytest

from contract.catalogue import Catalogue, OutputType, Setting
from contract.errors import LineError
from contract.line import Condition, Line
from contract.line_advice import advice
from contract.line_check import check
from contract.reading import Series
from contract.words import Language
from tests.contract.catalogue import CATALOGUE, NOTHING
from tests.contract.good_line import GOOD

LIGHT = OutputType(
    "light",
    NOTHING,
    (Setting("red", NOTHING, "pin", default=None), Setting("blue", NOTHING, "pin", default=None)),
    state="text",
    values=("off", "red", "blink-red", "blue"),
)
LAMP = OutputType("lamp", NOTHING, CATALOGUE.outputs["lamp"].settings, values=(0, 1))
KINDS = Catalogue(CATALOGUE.sensors, {"lamp": LAMP, "light": LIGHT})
MORE = """
[stations.washer.outputs.tower]
type = "light"
red = 24
[stations.dryer]
name = "乾燥"
agent = "pi-2"
[stations.dryer.sensors.go]
type = "button"
pin = 5
[stations.dryer.outputs.lamp]
type = "lamp"
pin = 23
[[rules]]
when = "dryer/go/pressed == 1"
set = "dryer/lamp"
"""


def line(rule: str) -> Line:
    return check(GOOD + MORE + rule, KINDS)


def said(rule: str, lang: Language = "en") -> list[str]:
    try:
        line(rule)
    except LineError as error:
        return error.say(lang).split("\n")
    return []


def test_a_rule_may_say_all_that_the_guide_names() -> None:
    rule = line(
        'for_s = 1.0\nvalue = 1\nmin_s = 2.0\nhold_s = 3.0\nuntil = "dryer/lamp/state == 0"\n'
        'after = "dryer/go/count > 5"\nafter_s = 4.0\nlost = 1\nsilent_s = 5.0\n'
    ).rules[-1]
    assert rule.when == Condition(Series("dryer", "go", "pressed"), "==", 1.0)
    assert rule.until == Condition(Series("dryer", "lamp", "state"), "==", 0.0)
    assert rule.after == Condition(Series("dryer", "go", "count"), ">", 5.0)
    assert rule.conditions == (rule.when, rule.until, rule.after)
    assert (rule.for_s, rule.min_s, rule.hold_s, rule.after_s, rule.silent_s) == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert rule.lost == 1.0


def test_what_is_left_out_means_little() -> None:
    rule = line("").rules[-1]
    assert (rule.until, rule.after, rule.lost, rule.silent_s) == (None, None, None, None)
    assert (rule.after_s, rule.hold_s) == (60.0, 0.0)


@pytest.mark.parametrize(
    ("rule", "ja", "en"),
    [
        ("value = 2", "lamp に 2 という値はありません", "a lamp is never 2. Hint: the values are 0, 1"),
        ('value = "on"', 'lamp に "on" という値はありません', 'a lamp is never "on"'),
        ("lost = 0.5", "lamp に 0.5 という値はありません", "a lamp is never 0.5"),
        ('until = "dryer/go/presed == 1"', "はありません", 'no measure "presed". Did you mean "pressed"?'),
        ('until = "dryer/stop/pressed == 1"', "はありません", 'no sensor "stop"'),
        ('after = "washer/done/count > 1"', "別の Raspberry Pi", "are read by different Pis"),
        ('until = "washer/done/count > 1"', "別の Raspberry Pi", "are read by different Pis"),
        ("after_s = 5", '"after" がありません', '"after" is missing'),
        ('until = "dryer/go/pressed = 1"', "ではありませんか", 'Did you mean "dryer/go/pressed == 1"?'),
        ("silent_s = 0", "0 より大きい", "above 0"),
        ("hold_s = -1", "0 以上", "from 0"),
        ("untl = 1", "until", 'Did you mean "until"?'),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(rule: str, ja: str, en: str) -> None:
    assert len(said(rule)) == 1, said(rule)
    assert en in said(rule)[0]
    assert ja in said(rule, "ja")[0]
    row = int(said(rule)[0].split(":")[1])
    assert (GOOD + MORE + rule).splitlines()[row - 1] in (rule, "[[rules]]")


TOWER = '\n[[rules]]\nwhen = "washer/air/temperature > 10"\nset = "washer/tower"\n'


@pytest.mark.parametrize(
    ("value", "en"),
    [
        ('"blink-red"', ""),
        ('"green"', 'a light is never "green"'),
        ('"blnk-red"', 'Did you mean "blink-red"?'),
        ('"blue"', "has no pin for blue. Hint: add a line like blue = 24"),
        ("1", "a light is never 1"),
    ],
)
def test_a_colour_needs_its_pin(value: str, en: str) -> None:
    found = said(TOWER + f"value = {value}\n")
    assert en in "".join(found)
    assert bool(found) == bool(en)


def test_an_output_of_words_is_compared_with_words() -> None:
    rule = '\n[[rules]]\nset = "washer/andon"\nwhen = "washer/tower/state == '
    assert said(rule + "'red'\"") == []
    assert "state is text" in said(rule + '1"')[0]
    known = line("").measure(Series("washer", "tower", "state"))
    assert known is not None
    assert known.kind == "text"


@pytest.mark.parametrize("key", ["when", "until", "after"])
def test_a_rule_on_what_another_device_sends_is_followed_by_nobody_and_kojo_check_says_so(key: str) -> None:
    external = GOOD.replace('[stations.packer]\nname = "梱包"', '[stations.packer]\nname = "梱包"\nagent = "pi-3"')
    button = '[stations.packer.sensors.go]\ntype = "button"\npin = 5\n'
    when = "" if key == "when" else 'when = "packer/go/pressed == 1"\n'
    rule = f'{button}[[rules]]\n{when}{key} = "packer/done/count > 5"\nset = "washer/andon"\n'
    told = [word.say() for word in advice(check(external + "\n" + rule, KINDS))]
    assert len(told) == 1
    assert f"rules[2].{key}" in told[0]
