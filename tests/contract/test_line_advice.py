"""Thresholds that can see nothing: each is told with its file and row, in both languages, and is no mistake."""

from dataclasses import replace

import pytest

from contract.line import Role
from contract.line_advice import advice
from contract.line_check import check
from edge.sensors import catalogue
from tests.contract.good_line import GOOD, changed, load_text

STOP = "stop_after_s = 60.0"


def said(text: str, lang: str = "en") -> list[str]:
    return [word.say("ja" if lang == "ja" else "en") for word in advice(load_text(text))]


def test_the_good_line_needs_no_advice() -> None:
    assert said(GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "where", "ja", "en"),
    [
        (STOP, "stop_after_s = 600.0", "stations.washer.stop_after_s", "チョコ停は一つも出ません", "no short stop"),
        (
            STOP, "downtime_after_s = 40.0\nstop_after_s = 40.0", "stations.washer.stop_after_s",
            "チョコ停は一つも出ません", "no short stop",
        ),
        (STOP, "stop_after_s = 30.0", "stations.washer.stop_after_s", "普通の1個まで停止", "ordinary pieces"),
        (
            STOP + "\n", "stop_after_s = 60.0\ndowntime_after_s = 36000.0\n", "stations.washer.downtime_after_s",
            "長い停止は一つも出ません", "no long stop",
        ),
        (
            'name = "梱包"', 'name = "梱包"\nideal_cycle_s = 60.0\nsilence_after_s = 90.0',
            "stations.packer.silence_after_s", "停止がすべて「データなし」", "every stop is no data",
        ),
        (
            "pin = 17\n", "pin = 17\ndebounce_ms = 10000\nrelease_ms = 10000\n",
            "stations.washer.sensors.done.debounce_ms", "数え落とします", "fast pieces are missed",
        ),
        (
            'when = "washer/air/temperature > 10"', 'when = "washer/meter/temp > 100"', "rules[1].when",
            "決して成り立ちません", "never comes true",
        ),
        (
            'when = "washer/air/temperature > 10"', 'when = "washer/meter/temp < 0"', "rules[1].when",
            "決して成り立ちません", "never comes true",
        ),
        (
            'set = "washer/andon"', 'set = "washer/andon"\nfor_s = 5.0', "rules[1].for_s",
            "for_s = 5 は 0 と同じ", "as good as 0",
        ),
        (
            'end = "05:00"', 'end = "12:30"', "shifts[2].end",
            "20:00 から 12:30 までは 16.5 時間の勤務です", "a shift of 16.5 hours",
        ),
    ],
)  # fmt: skip
def test_a_threshold_that_can_see_nothing_is_told_in_both_languages(
    old: str, new: str, where: str, ja: str, en: str
) -> None:
    text = changed(old, new)
    told = [word for word in said(text) if f": {where}: " in word]
    assert len(told) == 1, said(text)
    assert en in told[0]
    assert "Hint: " in told[0]
    row = int(told[0].split(":")[1])
    key = where.rsplit(".", 1)[-1]
    assert key in text.splitlines()[row - 1]
    assert any(ja in word for word in said(text, "ja"))


def test_a_date_that_brings_such_a_threshold_is_named_itself() -> None:
    text = changed("ideal_cycle_s = 10.0\n[stations.washer.sensors.done]",
                   "ideal_cycle_s = 10.0\nstop_after_s = 700.0\n[stations.washer.sensors.done]")  # fmt: skip
    assert [word for word in said(text) if "stations.washer.since[1].stop_after_s" in word]


def test_a_default_threshold_beyond_the_long_stop_is_told_on_the_stations_row() -> None:
    text = changed('name = "梱包"', 'name = "梱包"\nideal_cycle_s = 400.0')
    [told] = said(text)
    assert "stations.packer.stop_after_s" in told
    assert "800 s" in told
    assert text.splitlines()[int(told.split(":")[1]) - 1] == "[stations.packer]"


@pytest.mark.parametrize(
    ("role", "every_s", "ja", "en"),
    [
        (Role("running"), 60.0, "停止を見分けられません", "cannot tell a stop"),
        (Role("phase", "wash"), 30.0, "要素時間は見えません", "cannot see the phase"),
        (Role("running"), 130.0, "断に気づけません", "nothing silence_after_s"),
    ],
)
def test_a_sensor_that_is_read_too_seldom_for_its_role_is_told(role: Role, every_s: float, ja: str, en: str) -> None:
    line = load_text(GOOD)
    washer = line.stations["washer"]
    polled = replace(washer.sensors["wash"], role=role, settings={"every_s": every_s})
    alone = replace(washer, sensors={"wash": polled}, since=())
    words = advice(replace(line, stations={**line.stations, "washer": alone}))
    assert any(ja in word.say("ja") and en in word.say("en") for word in words)
    assert {word.where for word in words} == {"stations.washer.sensors.wash.every_s"}


def test_a_contact_that_must_hold_still_longer_than_a_stop_is_told() -> None:
    text = changed("ideal_cycle_s = 27.0\nstop_after_s = 60.0", "ideal_cycle_s = 9.0\nstop_after_s = 18.0",
                   "ideal_cycle_s = 10.0\n[stations.washer.sensors.done]",
                   "ideal_cycle_s = 8.0\n[stations.washer.sensors.done]",
                   "ideal_cycle_s = 27.0\npieces_per_count = 1\n[[products.a-100.stations.washer.since]]\n"
                   'from = "2026-10-01"\nideal_cycle_s = 10.0', "ideal_cycle_s = 9.0",
                   "pin = 17\n", "pin = 17\ndebounce_ms = 9500\n")  # fmt: skip
    [told] = {word for word in said(text) if "debounce_ms" in word}
    assert "each piece is a stop, or none is counted" in told


@pytest.mark.parametrize(("run_a", "many"), [("0.4", 1), ("0.5", 1), ("4.0", 0)])
def test_limits_of_a_clamp_in_the_wrong_order_are_told(run_a: str, many: int) -> None:
    clamp = f'[stations.washer.sensors.motor]\ntype = "ct_clamp"\nchannel = 1\nidle_a = 0.5\nrun_a = {run_a}\n'
    line = check(GOOD + "\n" + clamp, catalogue())
    told = [word for word in advice(line) if word.where == "stations.washer.sensors.motor.run_a"]
    assert len(told) == many
    for word in told:
        assert "is not below run_a" in word.say("en")
        assert "このセンサーは動きません" in word.say("ja")


def probes(*numbers: str) -> list[str]:
    """What is said of so many probes on one Pi."""
    parts = [f'[stations.washer.sensors.p{n}]\ntype = "ds18b20"\n{number}\n' for n, number in enumerate(numbers, 1)]
    return [w.say("ja") for w in advice(check(GOOD + "\n" + "".join(parts), catalogue())) if ".sensors.p" in w.where]


def test_of_several_probes_on_one_pi_each_needs_its_number() -> None:
    first, second = 'probe = "28-000000000001"', 'probe = "28-000000000002"'
    assert probes("") == probes(first, second) == []
    assert len(probes(first, "")) == 1
    assert len(probes("", "")) == 2
    assert "stations.washer.sensors.p2: pi-1 には ds18b20 が 2 本ある" in probes(first, "")[0]
