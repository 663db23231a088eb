"""Rules in an agent: beside people's commands, with sensors that break, with and without the link."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.catalogue import Measure
from contract.errors import SensorError
from contract.line import Condition, Line, Output, Rule, Sensor, Station
from contract.reading import NS_PER_S, Series, Value
from contract.words import Words
from edge.agent import CUT_AFTER_S, Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.health import Health
from edge.outbox import Outbox
from edge.outputs import modules as outputs

pytestmark = pytest.mark.slow

START_NS = 1_795_000_000 * NS_PER_S
DIED = SensorError(Words("線が外れました。", "a wire came off."))
ANDON, RELAY = 23, 16
HOT = Condition(Series("washer", "air", "temperature"), ">", 10.0)


def rule(when: Condition = HOT, output: str = "andon", value: float | str = 1.0, **more: Any) -> Rule:
    return Rule(when.series, when.operator, when.limit, more.pop("for_s", 0.0), "washer", output, value, **more)


class Air:
    """A polled sensor under the test's hand."""

    every_s = 1.0

    def __init__(self) -> None:
        self.values: Mapping[str, Value] = {"temperature": 4.0}
        self.error: Exception | None = None
        self.on_close: Callable[[], None] = lambda: None

    def open(self, board: Any) -> "Air":
        return self

    def read(self) -> Mapping[str, Value]:
        if self.error:
            raise self.error
        return self.values

    def close(self) -> None:
        self.on_close()


class Kit:
    """An agent of one station: a thermometer, a lamp and a relay."""

    def __init__(
        self,
        directory: Path,
        *rules: Rule,
        relay: Mapping[str, Any] | None = None,
        taken: bool = False,
        error: Exception | None = None,
    ) -> None:
        measures = (Measure("temperature", Words("温度", "temperature")), Measure("n", Words("数", "n"), kind="total"))
        station = Station(
            "washer",
            "洗浄機",
            agent="pi-1",
            sensors={"air": Sensor("washer", "air", "air", {"every_s": 1.0}, measures)},
            outputs={
                "andon": Output("washer", "andon", "lamp", {"pin": ANDON}),
                "relay": Output("washer", "relay", "relay", {"pin": RELAY, **(relay or {"min_s": 0.0})}),
            },
        )
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.air = Air()
        self.air.error = error
        if taken:
            self.bench.hold(ANDON)
        self.outbox = Outbox(directory / "outbox.sqlite", "pi-1", self.clock)
        self.agent = Agent(
            Line("akita", "wash", stations={"washer": station}, rules=rules),
            "pi-1",
            self.bench,
            self.outbox,
            {"air": SimpleNamespace(STYLE="polled", Sensor=lambda **_: self.air)},
            outputs=outputs(),
        )
        self.delivery = Delivery(self.outbox, self.clock)
        self.agent.start()
        self.turn(0.5)

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds)

    def hot(self, celsius: float = 20.0, seconds: float = 1.0) -> None:
        self.air.values = {"temperature": celsius}
        self.turn(seconds)

    def say(self, payload: bytes, output: str = "andon") -> None:
        self.agent.command("washer", output, payload)
        self.turn(0.0)

    @property
    def is_lit(self) -> bool:
        return self.bench.level(ANDON)

    @property
    def told(self) -> dict[str, Any]:
        state: dict[str, Any] = self.agent.state()
        return state

    def states(self, output: str = "andon") -> list[Value]:
        """What it said since the last time it was asked."""
        found: list[Value] = []
        for batch in self.delivery.due():
            found += batch.v if (batch.series.sensor, batch.series.measure) == (output, "state") else ()
        return found


@pytest.fixture
def kits(tmp_path: Path) -> Iterator[Any]:
    made: list[Kit] = []

    def make(*rules: Rule, **more: Any) -> Kit:
        directory = tmp_path / str(len(made))
        directory.mkdir()
        made.append(Kit(directory, *rules, **more))
        return made[-1]

    yield make
    for kit in made:
        kit.agent.stop()
        kit.outbox.close()
        kit.bench.close()


def test_a_rule_sets_an_output_which_says_so_in_a_reading(kits: Any) -> None:
    kit: Kit = kits(rule(for_s=5.0))
    kit.turn(10.0)
    assert kit.states() == [0]
    kit.hot(seconds=4.0)
    assert not kit.is_lit
    kit.turn(3.0)
    assert kit.is_lit
    kit.hot(4.0)
    assert not kit.is_lit
    kit.turn(1.0)
    assert kit.states() == [1, 0]


def test_the_state_tells_where_each_rule_stands_and_who_set_each_output(kits: Any) -> None:
    kit: Kit = kits(rule(for_s=5.0))
    kit.hot(seconds=2.0)
    (told,) = kit.told["rules"]
    assert (told["rule"], told["when"], told["set"], told["state"]) == (
        1, "washer/air/temperature > 10", "washer/andon", "waiting",
    )  # fmt: skip
    kit.turn(10.0)
    (told,) = kit.told["rules"]
    assert (told["state"], told["since"]) == ("holding", "2026-11-18T11:06:46.000+00:00")
    assert kit.told["outputs"]["washer/andon"] | {"since": ""} == {"state": "ok", "since": "", "v": 1.0, "by": "rule"}


def test_a_word_in_the_name_of_another_pis_rule_does_not_silence_this_pis_rule(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.hot()
    kit.say(b'{"v":0,"for_s":2,"rule":1}')
    kit.turn(3.0)
    assert kit.is_lit
    assert kit.told["outputs"]["washer/andon"]["by"] == "rule"


@pytest.mark.parametrize("wrong", [b'{"v":5}', b'{"v":"on"}', b'{"v":5,"for_s":60}', b'{"v":5,"for_s":60,"rule":7}'])
@pytest.mark.parametrize("good", [b'{"v":1}', b'{"v":1,"for_s":30}'])
def test_a_value_the_output_does_not_have_leaves_the_command_before_it_as_it_was(
    kits: Any, good: bytes, wrong: bytes
) -> None:
    kit: Kit = kits()
    kit.say(good)
    kit.say(wrong)
    kit.turn(1.0)
    assert kit.is_lit
    told = kit.told["outputs"]["washer/andon"]
    assert (told["by"], told["refused"]) == ("command", 1)
    kit.turn(30.0)
    assert kit.is_lit == (b"for_s" not in good), "neither cut short nor made longer"


def test_a_value_the_output_does_not_have_is_refused_at_once_where_it_may_not_switch_yet(kits: Any) -> None:
    kit: Kit = kits(relay={"min_s": 60.0, "longest_s": 100.0})
    kit.say(b'{"v":1}', "relay")
    kit.say(b'{"v":5}', "relay")
    assert kit.told["outputs"]["washer/relay"]["refused"] == 1
    kit.turn(60.0)
    assert kit.told["outputs"]["washer/relay"]["v"] == 1
    kit.turn(110.0)
    kit.say(b'{"v":5}', "relay")
    kit.turn(1.0)
    assert kit.told["outputs"]["washer/relay"]["v"] == 0, "and asks for nothing anew after longest_s"


def test_listeners_hear_when_a_rule_begins_and_ends(kits: Any) -> None:
    kit: Kit = kits(rule())
    heard: list[str] = []
    kit.agent.listen(lambda: heard.append(kit.told["rules"][0]["state"]))
    kit.hot(seconds=3.0)
    kit.hot(4.0, seconds=3.0)
    assert heard == ["holding", "idle"]


@pytest.mark.parametrize(("lost", "is_lit"), [(None, False), (1.0, True)])
def test_a_broken_sensor_ends_its_rule_or_sets_what_is_written_for_it(
    kits: Any, lost: float | None, is_lit: bool
) -> None:
    kit: Kit = kits(rule(lost=lost))
    kit.hot()
    assert kit.is_lit
    kit.air.error = DIED
    kit.turn(2.0)
    assert (kit.is_lit, kit.told["rules"][0]["state"]) == (is_lit, "lost")
    kit.air.error = None
    kit.turn(5.0)
    assert kit.is_lit


def test_a_sensor_that_is_broken_from_the_start_is_lost_from_the_start(kits: Any) -> None:
    kit: Kit = kits(rule(lost=1.0), error=DIED)
    assert kit.is_lit
    assert kits(rule(), error=DIED).told["rules"][0]["state"] == "lost"


def test_a_sensor_that_reads_nothing_any_more_is_lost(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.hot(seconds=3.0)
    kit.air.values = {}
    kit.turn(7.0)
    assert kit.is_lit, "three intervals and five seconds"
    kit.turn(2.0)
    assert (kit.is_lit, kit.told["rules"][0]["state"]) == (False, "lost")


def test_a_person_goes_before_a_rule(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.hot()
    kit.say(b'{"v":0,"for_s":60.0}')
    assert not kit.is_lit
    assert kit.told["outputs"]["washer/andon"]["by"] == "command"
    kit.turn(61.0)
    assert kit.is_lit, "the rule still holds"
    kit.say(b'{"v":0}')
    kit.turn(3600.0)
    assert not kit.is_lit, "silenced until the rule says something new"
    kit.hot(4.0)
    kit.hot(20.0)
    assert kit.is_lit


def test_each_command_is_answered_also_where_it_changes_nothing(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.hot()
    kit.turn(1.0)
    kit.states()
    kit.say(b'{"v":1}')
    kit.turn(1.0)
    assert kit.states() == [1]


def test_rules_know_no_network(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.agent.linked(True)
    kit.agent.linked(False)
    kit.turn(1000.0)
    kit.hot()
    assert kit.is_lit


def test_a_lost_link_ends_a_command_without_an_end_after_a_while(kits: Any) -> None:
    kit: Kit = kits()
    kit.agent.linked(True)
    kit.say(b'{"v":1}')
    kit.agent.linked(False)
    kit.turn(CUT_AFTER_S - 0.1)
    assert kit.is_lit, "a link may blink"
    kit.turn(0.2)
    assert not kit.is_lit
    kit.agent.linked(True)
    kit.say(b'{"v":1}')
    kit.agent.linked(False)
    kit.turn(5.0)
    kit.agent.linked(True)
    kit.turn(100.0)
    assert kit.is_lit


def test_an_outputs_own_time_between_switches_binds_everybody(kits: Any) -> None:
    kit: Kit = kits(rule(output="relay"), relay={"active": "high", "min_s": 180.0})
    changes = kit.bench.record(RELAY)
    kit.hot()
    assert not kit.bench.level(RELAY), "the start counts as a switch"
    kit.turn(180.0)
    assert kit.bench.level(RELAY)
    for _ in range(200):
        kit.hot(4.0, 3.0)
        kit.hot(20.0, 3.0)
        kit.say(b'{"v":0}', "relay")
        kit.say(b'{"v":1}', "relay")
    assert all(b - a >= 180 * NS_PER_S for (a, _), (b, _) in pairwise(changes))
    assert len(changes) >= 3


def test_a_sensor_that_works_again_and_has_not_spoken_is_not_lost(kits: Any) -> None:
    kit: Kit = kits(rule(lost=1.0))
    kit.air.error = DIED
    kit.turn(2.0)
    assert kit.is_lit
    kit.air.error, kit.air.values = None, {}
    kit.turn(5.0)
    assert (kit.is_lit, kit.told["rules"][0]["state"]) == (False, "unheard")


def test_a_sensor_that_breaks_again_and_again_is_lost_all_the_while(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.hot()
    assert kit.is_lit
    changes = kit.bench.record(ANDON)
    for _ in range(60):  # one reading, and it breaks again
        kit.air.error = DIED
        kit.turn(0.7)
        kit.air.error = None
        kit.turn(0.3)
    assert changes == [(changes[0][0], False)]
    kit.turn(60.0)
    assert kit.is_lit, "well for good"


def test_what_a_sensor_read_between_two_breaks_moves_nothing_later(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.air.error = DIED
    kit.turn(1.0)
    kit.air.error = None
    kit.hot()
    kit.air.error = DIED
    kit.turn(3.0)
    kit.air.error, kit.air.values = None, {}
    kit.turn(7.0)
    assert kit.told["sensors"]["washer/air"]["state"] == "ok"
    assert (kit.is_lit, kit.told["rules"][0]["state"]) == (False, "unheard")


def test_each_break_is_heard_of_also_where_nothing_was_well_between() -> None:
    heard: list[str] = []
    health = Health("washer/air", HandClock(START_NS), lambda: heard.append(health.state))
    for _ in range(3):
        health.broken(DIED)
    assert heard == ["broken"] * 3


def test_outputs_are_safe_before_any_sensor_is_closed(kits: Any) -> None:
    kit: Kit = kits(rule())
    kit.hot()
    seen: list[bool] = []
    kit.air.on_close = lambda: seen.append(kit.is_lit)
    kit.agent.stop()
    assert seen == [False]


def test_it_is_safe_at_the_end_at_once(kits: Any) -> None:
    kit: Kit = kits(rule(output="relay"), relay={"active": "high", "safe": "on", "min_s": 3600.0})
    assert kit.bench.level(RELAY)
    kit.agent.stop()
    assert kit.bench.level(RELAY), "where on is the safe side, on"
    assert not kit.is_lit


def test_a_rule_that_listens_to_its_own_output_does_not_hum(kits: Any) -> None:
    own = Condition(Series("washer", "andon", "state"), "==", 0.0)
    kit: Kit = kits(rule(own))
    changes = kit.bench.record(ANDON)
    kit.turn(10.0)
    assert len(changes) <= 101
    assert all(b - a >= NS_PER_S // 10 for (a, _), (b, _) in pairwise(changes))


def test_a_rule_may_look_at_a_total_since_the_start(kits: Any) -> None:
    kit: Kit = kits(rule(Condition(Series("washer", "air", "n"), ">=", 5.0)))
    kit.air.values = {"n": 2}
    kit.turn(2.0)
    assert not kit.is_lit
    kit.turn(1.0)
    assert kit.is_lit


def test_a_rule_may_look_at_how_long_the_agent_runs(kits: Any) -> None:
    kit: Kit = kits(rule(Condition(Series("washer", "_agent", "alive"), ">=", 60.0)))
    kit.turn(58.0)
    assert not kit.is_lit
    kit.turn(2.0)
    assert kit.is_lit


def test_an_output_that_was_taken_does_what_the_rules_say_when_it_is_free(kits: Any) -> None:
    kit: Kit = kits(rule(), taken=True)
    kit.hot(seconds=5.0)
    assert kit.told["outputs"]["washer/andon"]["state"] == "broken"
    kit.bench.let_go(ANDON)
    kit.turn(10.0)
    assert kit.is_lit


def test_a_rules_command_from_another_pi_is_a_rule_here(kits: Any) -> None:
    kit: Kit = kits()
    kit.say(b'{"v":1,"for_s":15.0,"id":"a","rule":7}')
    assert kit.is_lit
    assert kit.told["outputs"]["washer/andon"]["by"] == "rule"
    kit.say(b'{"v":0,"for_s":5.0}')
    assert not kit.is_lit, "people go before it"
    kit.turn(6.0)
    assert kit.is_lit
    kit.say(b'{"v":null,"for_s":15.0,"id":"b","rule":7}')
    assert not kit.is_lit
    kit.say(b'{"v":1,"for_s":15.0,"id":"c","rule":7}')
    kit.turn(15.1)
    assert not kit.is_lit


@pytest.mark.parametrize(
    "payload", [b'{"v":1,"rule":0,"for_s":5}', b'{"v":1,"rule":1}', b'{"v":1,"rule":true,"for_s":5}', b'{"v":null}',
                b'{"rule":1,"for_s":5}']
)  # fmt: skip
def test_a_rules_command_that_is_none_changes_nothing(kits: Any, payload: bytes) -> None:
    kit: Kit = kits()
    kit.say(payload)
    assert not kit.is_lit
