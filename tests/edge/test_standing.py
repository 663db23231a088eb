"""Who is listened to when several speak, and how soon an output may switch again."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.reading import NS_PER_S, Value
from edge.standing import RULES_GAP_S, Standing

pytestmark = pytest.mark.slow


class Stage:
    """One output that does what is due, and remembers each switch: (second, value, cause)."""

    def __init__(self, safe: Value = 0, **settings: float) -> None:
        self.standing = Standing(**settings)
        self.standing.opened(safe, 0)
        self.now_s = 0.0
        self.switches: list[tuple[float, Value, str]] = []

    @property
    def now_ns(self) -> int:
        return round(self.now_s * NS_PER_S)

    def settle(self) -> Value:
        while (wanted := self.standing.due(self.now_ns)) is not None:
            before = self.standing.by
            self.standing.done(self.now_ns)
            cause = "command" if "command" in (before, self.standing.by) else "rules"
            self.switches.append((self.now_s, wanted, cause))
        return self.standing.value

    def command(self, value: Value, for_s: float | None = None) -> Value:
        self.standing.command(value, for_s, self.now_ns)
        return self.settle()

    def rule(self, number: int, value: Value | None, for_s: float | None = None) -> Value:
        self.standing.rule(number, value, self.now_ns, for_s)
        return self.settle()

    def wait(self, seconds: float) -> Value:
        end_ns = round((self.now_s + seconds) * NS_PER_S)
        while (next_ns := self.standing.next_ns(self.now_ns)) is not None and next_ns <= end_ns:
            assert next_ns > self.now_ns
            self.now_s = next_ns / NS_PER_S
            self.settle()
        self.now_s = end_ns / NS_PER_S
        return self.settle()


def test_it_is_safe_until_somebody_speaks() -> None:
    assert Stage().wait(1000.0) == 0
    assert Stage("off").wait(1000.0) == "off"


def test_the_rule_that_stands_first_in_the_file_is_followed() -> None:
    stage = Stage("off")
    assert stage.rule(2, "green") == "green"
    stage.wait(1)
    assert stage.rule(1, "red") == "red"
    stage.wait(1)
    assert stage.rule(2, None) == "red"
    assert stage.rule(1, None) == "off"


def test_a_persons_word_goes_before_a_rule_for_the_time_it_names() -> None:
    stage = Stage()
    stage.rule(1, 1.0)
    stage.wait(1)
    assert stage.command(0, for_s=60.0) == 0
    stage.rule(1, None)
    stage.rule(1, 1.0)
    assert stage.wait(59.9) == 0, "silenced, whatever rules do meanwhile"
    assert stage.wait(0.2) == 1, "and then the rules count again"


def test_a_persons_word_without_an_end_lasts_until_the_rules_say_something_new() -> None:
    stage = Stage()
    stage.rule(1, 1.0)
    stage.wait(1)
    assert stage.command(0) == 0
    assert stage.wait(3600) == 0
    stage.rule(1, None)
    assert stage.wait(1) == 0
    assert stage.rule(1, 1.0) == 1


def test_without_rules_it_lasts_until_another_word() -> None:
    stage = Stage()
    stage.command(1)
    assert stage.wait(1e6) == 1
    assert stage.command(0, for_s=2.0) == 0
    assert stage.wait(2.0) == 1, "back to what was said before"


def test_a_lost_link_ends_words_without_an_end_and_nothing_else() -> None:
    stage = Stage()
    stage.command(1)
    stage.standing.cut()
    assert stage.settle() == 0
    stage.command(1, for_s=10.0)
    stage.standing.cut()
    assert stage.settle() == 1
    assert stage.wait(10.0) == 0
    stage.rule(1, 1.0)
    stage.standing.cut()
    assert stage.wait(1.0) == 1, "rules need no link"


def test_a_rule_of_another_pi_must_say_so_again() -> None:
    stage = Stage()
    assert stage.rule(3, 1.0, for_s=15.0) == 1
    stage.wait(10.0)
    assert stage.rule(3, 1.0, for_s=15.0) == 1
    assert stage.wait(14.9) == 1
    assert stage.wait(0.2) == 0, "that Pi, or the link, is gone"


def test_a_rule_of_another_pi_takes_no_own_rules_place() -> None:
    stage = Stage("off")
    assert stage.rule(1, "red") == "red"
    assert stage.rule(1, "green", for_s=2.0) == "red", "of two with one number the own goes first"
    assert stage.wait(3.0) == "red"
    stage.rule(1, "green", for_s=2.0)
    stage.rule(1, None, for_s=2.0)
    assert stage.wait(1.0) == "red", "what it takes back is its own word"
    stage.rule(1, None)
    stage.wait(1.0)
    stage.rule(2, "red")
    stage.wait(1.0)
    assert stage.rule(1, "green", for_s=2.0) == "green", "it stands before the second of the file"
    assert stage.wait(2.0) == "red"


def test_min_s_lies_between_any_two_switches_the_start_included() -> None:
    stage = Stage(min_s=3.0)
    assert stage.command(1) == 0
    assert stage.wait(2.9) == 0
    assert stage.wait(0.1) == 1
    assert stage.command(0) == 1
    assert stage.command(1) == 1, "the last word counts when it may switch again"
    assert stage.wait(10.0) == 1
    assert [at for at, _, _ in stage.switches] == [3.0]


def test_the_rules_own_time_binds_rules_and_not_people() -> None:
    stage = Stage(rules_min_s=10.0)
    stage.rule(1, 1.0)
    stage.wait(1)
    assert stage.command(0) == 0, "a person silences it at once"
    stage.wait(1)
    stage.rule(1, None)
    assert stage.rule(1, 1.0) == 0
    assert stage.wait(8.0) == 1


def test_it_does_not_stay_on_for_longer_than_longest_s() -> None:
    stage = Stage(longest_s=600.0)
    stage.rule(1, 1.0)
    assert stage.wait(599.9) == 1
    assert stage.wait(0.1) == 0
    assert stage.wait(10_000.0) == 0
    stage.rule(1, None)
    assert stage.rule(1, 1.0) == 1, "asked for anew"


def test_no_rules_own_time_keeps_it_on_for_longer_than_longest_s() -> None:
    stage = Stage(longest_s=20.0, rules_min_s=600.0)
    stage.rule(1, 1.0)
    assert stage.wait(19.9) == 1
    assert stage.wait(0.1) == 0
    stage.rule(1, None)
    stage.rule(1, 1.0)
    assert stage.wait(599.9) == 0, "and the rules wait as before"
    assert stage.wait(0.1) == 1


def test_somebody_who_asks_anew_before_the_end_gets_no_endless_output() -> None:
    stage = Stage(longest_s=60.0, min_s=1.0)
    stage.wait(10.0)
    stage.command(1)
    for _ in range(20):
        stage.wait(59.5)
        stage.command(1)
    stage.wait(60.0)
    assert stage.wait(60.0) == 0


def test_a_word_said_just_when_it_grew_too_long_does_not_make_it_endless() -> None:
    stage = Stage("off", longest_s=60.0, min_s=10.0)
    stage.wait(10.0)
    stage.command("red")
    stage.wait(55.0)
    assert stage.command("green") == "green"
    assert stage.wait(7.0) == "green", "too long, and not yet allowed to switch"
    stage.command("green")
    assert stage.wait(60.0) == "off"


def test_where_a_persons_word_ends_the_rules_count_at_once() -> None:
    stage = Stage(rules_min_s=10.0)
    stage.rule(1, 1.0)
    stage.wait(1.0)
    stage.command(0, for_s=1.0)
    assert stage.wait(1.0) == 1


def test_opened_again_rules_keep_their_distance() -> None:
    stage = Stage(rules_min_s=10.0)
    stage.rule(1, 1.0)
    stage.wait(20.0)
    stage.standing.closed(stage.now_ns)
    assert stage.wait(9.9) == 0
    assert stage.wait(0.1) == 1


def test_a_value_it_does_not_have_is_not_tried_again_and_again() -> None:
    standing = Standing()
    standing.opened(0, 0)
    standing.rule(1, "purple", 0)
    assert standing.due(0) == "purple"
    standing.refuse()
    assert standing.due(0) is None
    standing.command("pink", 5.0, 0)
    assert standing.due(0) == "pink"
    standing.refuse()
    assert standing.due(0) == "purple", "the rule still asks, and is refused once more"
    standing.refuse()
    assert standing.due(0) is None
    standing.command(1, None, 0)
    assert standing.due(0) == 1


def test_opened_again_it_follows_the_rules_and_forgets_commands() -> None:
    stage = Stage()
    stage.command(1)
    stage.rule(1, None)
    stage.standing.closed(0)
    assert stage.wait(10.0) == 0
    stage.rule(1, 1.0)
    stage.wait(1.0)
    stage.standing.closed(stage.now_ns)
    assert stage.standing.value == 0
    assert stage.wait(1.0) == 1


DEEDS = st.lists(
    st.tuples(
        st.floats(0.0, 20.0),
        st.one_of(
            st.tuples(st.just("command"), st.sampled_from([0, 1]), st.sampled_from([None, 0.5, 30.0])),
            st.tuples(st.just("rule"), st.integers(1, 3), st.sampled_from([None, 0, 1])),
            st.tuples(st.just("other"), st.integers(1, 3), st.sampled_from([0, 1])),
            st.just(("cut",)),
        ),
    ),
    max_size=40,
)


def play(stage: Stage, deeds: list[tuple[float, tuple[object, ...]]]) -> None:
    for pause_s, deed in deeds:
        stage.wait(pause_s)
        match deed:
            case ("command", int(value), for_s):
                stage.command(value, for_s)  # type: ignore[arg-type]
            case ("rule", int(number), value):
                stage.rule(number, value)  # type: ignore[arg-type]
            case ("other", int(number), int(value)):
                stage.rule(number, value, for_s=15.0)
            case _:
                stage.standing.cut()
                stage.settle()


GAPS = st.sampled_from([0.0, 0.5, 5.0])


@settings(max_examples=200, deadline=None)
@given(min_s=GAPS, rules_min_s=GAPS, longest_s=st.sampled_from([0.0, 60.0]), deeds=DEEDS)
def test_it_never_switches_more_often_than_it_may(
    min_s: float, rules_min_s: float, longest_s: float, deeds: list[tuple[float, tuple[object, ...]]]
) -> None:
    stage = Stage(min_s=min_s, rules_min_s=rules_min_s, longest_s=longest_s)
    play(stage, deeds)
    stage.wait(100.0)
    times = [0.0, *(at for at, _, _ in stage.switches)]
    ruled = [at for at, _, cause in stage.switches if cause == "rules"]
    assert all(b - a >= min_s - 1e-6 for a, b in pairwise(times))
    gap_s = max(rules_min_s, RULES_GAP_S)
    assert all(b - a >= gap_s - 1e-6 for a, b in pairwise(ruled))
    values = [0, *(value for _, value, _ in stage.switches)]
    assert all(a != b for a, b in pairwise(values)), "each switch switches"


@settings(max_examples=200, deadline=None)
@given(min_s=GAPS, rules_min_s=GAPS, safe=st.sampled_from([0, 1]), deeds=DEEDS)
def test_it_is_always_safe_soon_after_the_rules_are_done_and_the_link_is_lost(
    min_s: float, rules_min_s: float, safe: int, deeds: list[tuple[float, tuple[object, ...]]]
) -> None:
    stage = Stage(safe, min_s=min_s, rules_min_s=rules_min_s)
    play(stage, deeds)
    stage.standing.cut()
    for number in (1, 2, 3):
        stage.rule(number, None)
    assert stage.wait(30.0 + max(min_s, rules_min_s, RULES_GAP_S)) == safe


@settings(max_examples=100, deadline=None)
@given(longest_s=st.sampled_from([10.0, 60.0]), deeds=DEEDS)
def test_left_alone_it_is_safe_after_longest_s_whatever_was_asked(
    longest_s: float, deeds: list[tuple[float, tuple[object, ...]]]
) -> None:
    stage = Stage(longest_s=longest_s)
    play(stage, deeds)
    stage.wait(30.0)
    assert stage.wait(2 * longest_s + 31.0) == 0


@pytest.mark.parametrize("value", [0, 1, "red"])
def test_a_word_that_changes_nothing_switches_nothing(value: Value) -> None:
    stage = Stage(value)
    stage.command(value)
    stage.rule(1, value)
    stage.wait(10.0)
    assert stage.switches == []
