"""Rules alone: readings in, settings out. No clock, no pin; every time is written."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.catalogue import Kind
from contract.line import Condition, Rule
from contract.reading import NS_PER_S, Series, Value
from edge.rules import SHORTEST_S, Rulebook

AIR = Series("cold", "air", "temperature")
CALL = Series("cold", "call", "pressed")
ANSWER = Series("cold", "answer", "pressed")
SCAN = Series("cold", "scan", "code")
DONE = Series("cold", "done", "count")
PRESSED = Condition(CALL, "==", 1.0)
ANSWERED = Condition(ANSWER, "==", 1.0)


def rule(when: Condition = PRESSED, value: float | str = 1.0, **more: Any) -> Rule:
    given = {"for_s": 0.0, "min_s": 0.0, **more}
    return Rule(when.series, when.operator, when.limit, given.pop("for_s"), "cold", "buzzer", value, **given)


class Desk:
    """One rule, and a clock of its own in seconds."""

    def __init__(self, rule: Rule, silent_s: float | None = None) -> None:
        self.book = Rulebook({1: rule}, 0, lambda _: silent_s)
        self.now_s = 0.0

    @property
    def now_ns(self) -> int:
        return round(self.now_s * NS_PER_S)

    def hear(self, series: Series, value: Value, at_s: float, kind: Kind = "number") -> Value | None:
        self.until(at_s)
        self.book.hear(series, value, self.now_ns, kind=kind)
        return self.asks

    def until(self, at_s: float) -> Value | None:
        """Let time pass, looking when the book wants to be looked at and at no other time."""
        end_ns = round(at_s * NS_PER_S)
        while (next_ns := self.book.next_ns(self.now_ns)) is not None and next_ns <= end_ns:
            assert next_ns > self.now_ns
            self.now_s = next_ns / NS_PER_S
            self.book.look(next_ns)
        self.now_s = at_s
        self.book.look(end_ns)
        return self.asks

    @property
    def asks(self) -> Value | None:
        return self.book.asks[1]

    @property
    def phase(self) -> str:
        return self.book.phases[1]


WARM = rule(Condition(AIR, ">", 10.0), for_s=300.0)


def test_nothing_is_asked_for_before_anything_was_heard() -> None:
    desk = Desk(WARM)
    assert (desk.until(10_000.0), desk.phase) == (None, "unheard")


def test_a_rule_begins_when_its_condition_has_held_for_so_long_and_ends_with_it() -> None:
    desk = Desk(WARM)
    assert desk.hear(AIR, 9.0, 0) is None
    assert desk.hear(AIR, 11.0, 10) is None
    assert desk.phase == "waiting"
    assert desk.hear(AIR, 12.0, 300) is None
    assert desk.until(309.9) is None
    assert (desk.until(310.0), desk.phase) == (1.0, "holding")
    assert desk.hear(AIR, 10.0, 320) is None
    assert desk.phase == "idle"


def test_a_moment_below_begins_the_wait_anew() -> None:
    desk = Desk(WARM)
    desk.hear(AIR, 11.0, 0)
    desk.hear(AIR, 9.9, 299)
    desk.hear(AIR, 11.0, 300)
    assert desk.until(599.0) is None
    assert desk.until(600.0) == 1.0


def test_the_wait_counts_from_the_moment_of_the_reading() -> None:
    desk = Desk(rule(for_s=1.0))
    desk.book.hear(CALL, 1, 500_000_000, at_ns=100_000_000)
    assert desk.book.next_ns(500_000_000) == 1_100_000_000


def test_a_condition_that_is_true_at_the_start_counts() -> None:
    assert Desk(rule()).hear(CALL, 1, 0) == 1.0


@pytest.mark.parametrize("key", ["min_s", "hold_s"])
def test_a_rule_lasts_at_least_so_long(key: str) -> None:
    more: dict[str, Any] = {key: 5.0}
    desk = Desk(rule(**more))
    assert desk.hear(CALL, 1, 1) == 1.0
    assert desk.hear(CALL, 0, 1.2) == 1.0
    assert desk.until(5.9) == 1.0
    assert desk.until(6.0) is None


def test_a_touch_is_seen_however_short_it_is() -> None:
    desk = Desk(rule())
    desk.hear(CALL, 1, 1)
    assert desk.hear(CALL, 0, 1.001) == 1.0
    assert desk.until(1 + SHORTEST_S) is None


def test_with_until_it_goes_on_until_it_is_answered() -> None:
    desk = Desk(rule(until=ANSWERED))
    desk.hear(ANSWER, 0, 0)
    desk.hear(CALL, 1, 1)
    desk.hear(CALL, 0, 2)
    assert desk.until(10_000) == 1.0
    assert desk.hear(ANSWER, 1, 10_001) is None
    desk.hear(ANSWER, 0, 10_002)
    assert desk.until(20_000) is None
    assert desk.hear(CALL, 1, 20_001) == 1.0, "the next call"


def test_an_answer_within_min_s_is_not_forgotten() -> None:
    desk = Desk(rule(until=ANSWERED, min_s=5.0))
    desk.hear(CALL, 1, 0)
    desk.hear(ANSWER, 1, 1)
    assert desk.hear(ANSWER, 0, 1.2) == 1.0
    assert desk.until(5.0) is None


def test_a_call_that_is_still_pressed_when_it_is_answered_calls_no_second_time() -> None:
    desk = Desk(rule(until=ANSWERED))
    desk.hear(CALL, 1, 0)
    desk.hear(CALL, 0, 1)
    desk.hear(CALL, 1, 2)
    desk.hear(ANSWER, 1, 3)
    desk.hear(ANSWER, 0, 4)
    assert desk.until(100) is None
    desk.hear(CALL, 0, 101)
    assert desk.hear(CALL, 1, 102) == 1.0


def test_nothing_begins_while_it_is_being_answered() -> None:
    desk = Desk(rule(until=ANSWERED))
    desk.hear(ANSWER, 1, 0)
    assert desk.hear(CALL, 1, 1) is None
    assert desk.hear(ANSWER, 0, 2) == 1.0


def test_until_gives_a_limit_of_its_own_for_the_way_back() -> None:
    desk = Desk(rule(Condition(AIR, ">", 10.0), until=Condition(AIR, "<", 8.0)))
    asked = [desk.hear(AIR, value, at) for at, value in enumerate((9, 10.5, 9.5, 8.1, 7.9, 9.5, 10.5))]
    assert asked == [None, 1.0, 1.0, 1.0, None, None, 1.0]


def test_a_door_opens_only_after_hands_were_cleaned_and_once_for_each_time() -> None:
    desk = Desk(rule(after=ANSWERED, after_s=30.0, min_s=3.0))
    assert desk.hear(CALL, 1, 1) is None, "no cleaning before"
    desk.hear(CALL, 0, 2)
    desk.hear(ANSWER, 1, 10)
    desk.hear(ANSWER, 0, 11)
    assert desk.hear(CALL, 1, 20) == 1.0
    desk.hear(CALL, 0, 20.5)
    assert desk.until(23.0) is None
    assert desk.hear(CALL, 1, 25) is None, "that cleaning was used"


def test_a_cleaning_counts_for_its_time_only() -> None:
    desk = Desk(rule(after=ANSWERED, after_s=30.0))
    desk.hear(ANSWER, 1, 0)
    assert desk.hear(CALL, 1, 31) is None
    desk.hear(ANSWER, 0, 32)
    assert desk.hear(ANSWER, 1, 33) == 1.0, "cleaned while the button is held"


@pytest.mark.parametrize(("kind", "value"), [("text", "A-100"), ("total", 1), ("event", 1)])
def test_each_reading_of_what_happens_counts_anew(kind: Kind, value: Value) -> None:
    limit = value if isinstance(value, str) else float(value)
    desk = Desk(rule(Condition(SCAN, "==", limit), until=ANSWERED))
    assert desk.hear(SCAN, value, 0, kind) == 1.0
    desk.hear(ANSWER, 1, 1)
    assert desk.hear(ANSWER, 0, 2) is None
    assert desk.hear(SCAN, value, 3, kind) == 1.0


def test_an_answer_in_words_answers_once() -> None:
    desk = Desk(rule(until=Condition(SCAN, "==", "ok")))
    desk.hear(SCAN, "ok", 0, "text")
    assert desk.hear(CALL, 1, 1) == 1.0, "the answer to an earlier call is none to this one"
    assert desk.hear(SCAN, "no", 2, "text") == 1.0
    assert desk.until(2.5) == 1.0
    assert desk.hear(SCAN, "ok", 3, "text") is None


def test_an_event_is_over_at_once() -> None:
    desk = Desk(rule(Condition(DONE, "==", 1.0), min_s=2.0))
    assert desk.hear(DONE, 1, 0, "event") == 1.0
    assert desk.until(2.0) is None


def test_text_and_numbers_are_never_equal() -> None:
    assert not Condition(SCAN, "==", 1.0).holds("1")
    assert Condition(SCAN, "!=", "A").holds(1)
    assert not Condition(SCAN, ">", 1.0).holds("2")
    assert str(Condition(SCAN, "==", "A")) == "cold/scan/code == 'A'"
    assert str(Condition(AIR, ">", 10.0)) == "cold/air/temperature > 10"


# ---- a sensor that is lost ----


@pytest.mark.parametrize("lost", [None, 0.0, 1.0])
def test_a_rule_whose_sensor_is_broken_ends_at_once(lost: float | None) -> None:
    desk = Desk(rule(min_s=60.0, lost=lost))
    assert desk.hear(CALL, 1, 1) == 1.0
    desk.book.lose("cold", "call", desk.now_ns)
    assert (desk.asks, desk.phase) == (lost, "lost")


def test_what_comes_back_begins_anew() -> None:
    desk = Desk(WARM)
    desk.hear(AIR, 11.0, 0)
    desk.until(290.0)
    desk.book.lose("cold", "air", desk.now_ns)
    desk.until(295.0)
    desk.book.find("cold", "air", desk.now_ns)
    assert desk.phase == "unheard"
    desk.hear(AIR, 11.0, 296.0)
    assert desk.until(595.0) is None
    assert desk.until(596.0) == 1.0


def test_what_a_broken_sensor_reads_counts_when_it_is_well_again() -> None:
    desk = Desk(rule())
    desk.book.lose("cold", "call", 0)
    assert desk.hear(CALL, 1, 1) is None
    desk.until(3)
    desk.book.find("cold", "call", desk.now_ns)
    assert desk.asks == 1.0


def test_what_it_read_before_it_broke_again_counts_no_more() -> None:
    desk = Desk(rule())
    desk.book.lose("cold", "call", 0)
    desk.hear(CALL, 1, 1)
    desk.book.lose("cold", "call", desk.now_ns)
    desk.book.find("cold", "call", desk.now_ns)
    assert (desk.asks, desk.phase) == (None, "unheard")


@pytest.mark.parametrize("sensor", ["call", "answer"])
def test_a_latch_forgets_when_any_of_its_sensors_is_lost(sensor: str) -> None:
    desk = Desk(rule(until=ANSWERED))
    desk.hear(CALL, 1, 0)
    desk.hear(CALL, 0, 1)
    desk.book.lose("cold", sensor, desk.now_ns)
    assert desk.asks is None
    desk.until(2)
    desk.book.find("cold", sensor, desk.now_ns)
    assert desk.until(10) is None, "nothing moves by itself when a sensor comes back"


def test_a_cleaning_is_forgotten_when_its_sensor_is_lost() -> None:
    desk = Desk(rule(after=ANSWERED))
    desk.hear(ANSWER, 1, 0)
    desk.book.lose("cold", "answer", desk.now_ns)
    desk.book.find("cold", "answer", desk.now_ns)
    assert desk.hear(CALL, 1, 1) is None


def test_a_sensor_that_falls_silent_is_lost_after_its_time() -> None:
    desk = Desk(WARM, silent_s=35.0)
    for second in range(0, 400, 10):
        desk.hear(AIR, 11.0, second)
    assert desk.asks == 1.0
    assert desk.until(424.9) == 1.0
    assert (desk.until(425.0), desk.phase) == (None, "lost")
    desk.hear(AIR, 11.0, 430.0)
    assert desk.phase == "waiting"


def test_silence_is_counted_from_when_a_broken_sensor_works_again() -> None:
    desk = Desk(rule(silent_s=5.0))
    desk.book.lose("cold", "call", 0)
    desk.until(100.0)
    desk.book.find("cold", "call", desk.now_ns)
    assert desk.phase == "unheard"
    desk.until(105.0)
    assert desk.phase == "lost"


def test_a_rule_may_say_itself_how_long_silence_may_last() -> None:
    desk = Desk(rule(silent_s=5.0, lost=1.0), silent_s=1000.0)
    assert desk.until(4.9) is None
    assert desk.until(5.0) == 1.0, "silent from the start"


def test_other_sensors_are_no_business_of_a_rule() -> None:
    book = Rulebook({1: rule(), 2: WARM}, 0)
    book.lose("cold", "air", 0)
    book.hear(CALL, 1, 0)
    assert book.asks == {1: 1.0, 2: None}
    assert book.phases == {1: "holding", 2: "lost"}
    assert book.series == {CALL, AIR}


# ---- whatever happens ----

READINGS = st.lists(
    st.tuples(
        st.floats(0.001, 40.0),
        st.sampled_from(["call on", "call off", "answer on", "answer off", "lose", "find", "wait"]),
    ),
    max_size=40,
)
RULES = st.builds(
    rule,
    for_s=st.sampled_from([0.0, 0.05, 3.0]),
    min_s=st.sampled_from([0.0, 1.0, 7.5]),
    hold_s=st.sampled_from([0.0, 2.0]),
    until=st.sampled_from([None, ANSWERED]),
    after=st.sampled_from([None, ANSWERED]),
    lost=st.sampled_from([None, 0.0]),
    silent_s=st.sampled_from([None, 30.0]),
)


def play(desk: Desk, deeds: list[tuple[float, str]]) -> list[tuple[float, Value | None]]:
    """Do them; what was asked for, each time it changed, looked at on a fine grid."""
    asked: list[tuple[float, Value | None]] = [(0.0, None)]
    at_s = 0.0

    def note() -> None:
        if desk.asks != asked[-1][1]:
            asked.append((desk.now_s, desk.asks))

    for pause_s, deed in deeds:
        at_s += pause_s
        while (next_ns := desk.book.next_ns(desk.now_ns)) is not None and next_ns <= at_s * NS_PER_S:
            desk.until(next_ns / NS_PER_S)
            note()
        desk.until(at_s)
        note()
        name, _, on = deed.partition(" ")
        if name == "lose":
            desk.book.lose("cold", "call", desk.now_ns)
        elif name == "find":
            desk.book.find("cold", "call", desk.now_ns)
        elif on:
            desk.hear(CALL if name == "call" else ANSWER, int(on == "on"), at_s)
        note()
    return asked


@settings(max_examples=150, deadline=None)
@given(RULES, READINGS)
def test_it_asks_only_for_what_is_written_and_never_holds_too_short(one: Rule, deeds: list[tuple[float, str]]) -> None:
    desk = Desk(one)
    asked = play(desk, deeds)
    assert {value for _, value in asked} <= {None, one.value, one.lost}
    for (began_s, value), (ended_s, following) in pairwise(asked):
        if value == one.value and following is None and one.lost is not None:
            assert ended_s - began_s >= max(one.min_s, one.hold_s, SHORTEST_S) - 1e-6


@settings(max_examples=150, deadline=None)
@given(RULES, READINGS)
def test_once_its_sensor_is_lost_it_asks_for_nothing_but_lost(one: Rule, deeds: list[tuple[float, str]]) -> None:
    desk = Desk(one)
    play(desk, deeds)
    desk.book.lose("cold", "call", desk.now_ns)
    assert desk.asks == one.lost
    assert desk.until(desk.now_s + 1000.0) == one.lost


@settings(max_examples=100, deadline=None)
@given(RULES, READINGS)
def test_looking_more_often_changes_nothing(one: Rule, deeds: list[tuple[float, str]]) -> None:
    seldom, often = Desk(one), Desk(one)
    at_s = 0.0
    for pause_s, deed in deeds:
        for fraction in (0.1, 0.5, 0.9):
            often.until(at_s + pause_s * fraction)
        at_s += pause_s
        name, _, on = deed.partition(" ")
        for desk in (seldom, often):
            if on:
                desk.hear(CALL if name == "call" else ANSWER, int(on == "on"), at_s)
            else:
                desk.until(at_s)
        assert seldom.asks == often.asks
