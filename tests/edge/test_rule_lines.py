"""The shipped examples of rules, end to end on the bench: fingers and degrees in, pins out, no network."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.line import Line, load
from contract.line_advice import advice
from contract.line_check import check
from contract.reading import NS_PER_S, Value
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.sensors import catalogue, ds18b20, modules

pytestmark = pytest.mark.slow

LINES = Path(__file__).parents[2] / "hardware" / "lines"
START_NS = 1_795_000_000 * NS_PER_S
ON, OFF = True, False


class Floor:
    """Every agent of a line on a bench of its own, all on one clock; none has a link."""

    def __init__(self, name: str, directory: Path) -> None:
        self.line: Line = load(LINES / f"{name}.toml", catalogue())
        self.clock = HandClock(START_NS)
        self.benches = {agent: Bench(self.clock) for agent in self.line.agents}
        self.outboxes = {agent: Outbox(directory / agent, agent, self.clock) for agent in self.line.agents}
        known = modules()
        self.agents = {
            agent: Agent(self.line, agent, bench, self.outboxes[agent], known, check_s=10.0)
            for agent, bench in self.benches.items()
        }
        self.deliveries = {agent: Delivery(outbox, self.clock) for agent, outbox in self.outboxes.items()}

    def start(self) -> None:
        for agent in self.agents.values():
            agent.start()
        self.turn(1.0)

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds)

    def close(self) -> None:
        for name, agent in self.agents.items():
            agent.stop()
            self.outboxes[name].close()
            self.benches[name].close()

    def press(self, pin: int, for_s: float = 0.3) -> None:
        """A finger, with the bounce of a real button."""
        self.benches["pi-1"].bounce(pin, False)
        self.turn(for_s)
        self.benches["pi-1"].bounce(pin, True)
        self.turn(0.2)

    def level(self, pin: int, agent: str = "pi-1") -> bool:
        return self.benches[agent].level(pin)

    def rule(self, number: int, agent: str = "pi-1") -> str:
        told: list[dict[str, Any]] = self.agents[agent].state()["rules"]
        return str(next(rule["state"] for rule in told if rule["rule"] == number))

    def read(self, series: str, agent: str = "pi-1") -> list[Value]:
        """What would be published of one series, in order, since the last time it was asked."""
        found: list[Value] = []
        for batch in self.deliveries[agent].due():
            found += batch.v if str(batch.series) == series else ()
        return found


@pytest.fixture
def floors(tmp_path: Path) -> Iterator[Any]:
    opened: list[Floor] = []

    def open_(name: str) -> Floor:
        opened.append(Floor(name, tmp_path))
        return opened[-1]

    yield open_
    for floor in opened:
        floor.close()


@pytest.mark.parametrize("name", ["cold-store", "hygiene-door", "andon-call"])
def test_there_is_nothing_to_say_against_the_file(name: str) -> None:
    assert advice(load(LINES / f"{name}.toml", catalogue())) == []


def test_the_rule_of_the_guide_is_the_shipped_one_in_both_languages() -> None:
    guide = (LINES.parents[1] / "docs" / "guide.md").read_text("utf-8")
    blocks = [block for block in re.findall(r"```toml\n(.*?)```", guide, re.DOTALL) if block.startswith("[[rules]]")]
    assert len(blocks) == 2
    stations = (LINES / "cold-store.toml").read_text("utf-8").partition("\n[[rules]]")[0] + "\n"
    shipped = load(LINES / "cold-store.toml", catalogue()).rules[0]
    for block in blocks:
        (rule,) = check(stations + block, catalogue()).rules
        assert replace(rule, row=0) == replace(shipped, row=0)


# ---- cold-store: the buzzer when it is warm for five minutes ----

PROBE = "28-000000000001"


@pytest.fixture
def cold(floors: Any) -> tuple[Floor, ds18b20.Chip]:
    floor: Floor = floors("cold-store")
    chip = ds18b20.Chip(4.0)
    bench = floor.benches["pi-1"]
    bench.one_wire_chip(PROBE, chip)
    bench.drive(27, OFF)  # the door is shut
    floor.start()
    return floor, chip


def sounds(floor: Floor, seconds: float = 2.0) -> bool:
    """Whether the buzzer is heard at all in that time."""
    changes = floor.benches["pi-1"].record(26)
    floor.turn(seconds)
    return bool(changes)


def test_the_buzzer_sounds_when_it_was_warm_for_five_minutes_and_not_before(cold: tuple[Floor, ds18b20.Chip]) -> None:
    floor, chip = cold
    floor.turn(3600)
    chip.temperature = 12.0
    assert not sounds(floor, 299.0)
    floor.turn(12.0)
    assert sounds(floor)
    chip.temperature = 6.0
    floor.turn(15.0)
    assert not sounds(floor, 60.0)
    assert floor.level(23), "the light stays until somebody has seen it"
    floor.press(5)
    assert not floor.level(23)
    assert floor.read("cold/buzzer/state") == [0, 1, 0]


def test_an_open_door_of_a_moment_sounds_nothing(cold: tuple[Floor, ds18b20.Chip]) -> None:
    floor, chip = cold
    for _ in range(10):
        chip.temperature = 12.0
        floor.turn(280.0)
        chip.temperature = 5.0
        floor.turn(20.0)
    assert floor.read("cold/buzzer/state") == [0]


def test_a_probe_that_is_pulled_out_is_heard_and_seen(cold: tuple[Floor, ds18b20.Chip]) -> None:
    floor, chip = cold
    floor.turn(60.0)
    floor.benches["pi-1"].one_wire_chip(PROBE, None)
    floor.turn(15.0)
    assert (floor.rule(1), floor.rule(2)) == ("lost", "lost")
    assert sounds(floor)
    assert floor.level(23)
    floor.benches["pi-1"].one_wire_chip(PROBE, chip)
    floor.turn(60.0)
    assert not sounds(floor)
    assert not floor.level(23)


def test_the_buzzer_is_still_after_ten_minutes_and_the_light_stays(cold: tuple[Floor, ds18b20.Chip]) -> None:
    floor, chip = cold
    chip.temperature = 15.0
    floor.turn(320.0 + 600.0)
    assert not sounds(floor, 3600.0)
    assert floor.level(23)


def test_a_door_that_stands_open_lights_the_lamp(cold: tuple[Floor, ds18b20.Chip]) -> None:
    floor, _ = cold
    floor.benches["pi-1"].drive(27, ON)
    floor.turn(119.0)
    assert not floor.level(23)
    floor.turn(2.0)
    assert floor.level(23)
    floor.benches["pi-1"].drive(27, OFF)
    floor.turn(1.0)
    assert not floor.level(23)


def test_at_the_end_everything_is_silent_and_dark(cold: tuple[Floor, ds18b20.Chip]) -> None:
    floor, chip = cold
    chip.temperature = 15.0
    floor.turn(400.0)
    floor.agents["pi-1"].stop()
    assert not floor.level(23)
    assert not sounds(floor, 60.0)


# ---- hygiene-door: it opens only after hands were cleaned ----

CLEANED, OPEN, DOOR = 22, 27, 6
SHUT, UNLOCKED = True, False
"""The relay's board switches on when its input is pulled to ground."""


@pytest.fixture
def entry(floors: Any) -> Floor:
    floor: Floor = floors("hygiene-door")
    for pin in (CLEANED, OPEN):
        floor.benches["pi-1"].drive(pin, ON)
    floor.start()
    return floor


def test_the_door_stays_shut_without_clean_hands(entry: Floor) -> None:
    entry.press(OPEN)
    assert entry.level(DOOR) is SHUT
    assert entry.read("entry/light/state")[-1] == "blink-red"
    entry.turn(10.0)
    assert entry.read("entry/light/state") == ["off"]


def test_the_door_opens_for_five_seconds_after_hands_were_cleaned(entry: Floor) -> None:
    entry.press(CLEANED)
    assert entry.level(19), "green: press now"
    entry.turn(10.0)
    entry.press(OPEN)
    assert entry.level(DOOR) is UNLOCKED
    entry.turn(4.4)
    assert entry.level(DOOR) is UNLOCKED
    entry.turn(0.3)
    assert entry.level(DOOR) is SHUT
    assert entry.read("entry/door/state") == [0, 1, 0]


def test_one_cleaning_opens_once(entry: Floor) -> None:
    entry.press(CLEANED)
    entry.press(OPEN)
    entry.turn(8.0)
    entry.press(OPEN)
    assert entry.level(DOOR) is SHUT


def test_a_cleaning_of_long_ago_opens_nothing(entry: Floor) -> None:
    entry.press(CLEANED)
    entry.turn(30.0)
    entry.press(OPEN)
    assert entry.level(DOOR) is SHUT


def test_a_button_that_is_stuck_does_not_keep_the_door_open(entry: Floor) -> None:
    entry.press(CLEANED)
    entry.benches["pi-1"].bounce(OPEN, False)
    entry.turn(10.0)
    assert entry.level(DOOR) is UNLOCKED
    entry.turn(11.0)
    assert entry.level(DOOR) is SHUT
    entry.turn(3600.0)
    assert entry.level(DOOR) is SHUT


def test_the_door_is_shut_when_the_agent_ends_while_it_is_open(entry: Floor) -> None:
    entry.press(CLEANED)
    entry.press(OPEN)
    entry.agents["pi-1"].stop()
    assert entry.level(DOOR) is SHUT


# ---- andon-call: lit until it is answered ----

CALL, ANSWER, RED, AMBER, LAMP = 5, 6, 12, 13, 23


@pytest.fixture
def line(floors: Any) -> Floor:
    floor: Floor = floors("andon-call")
    for pin in (CALL, ANSWER):
        floor.benches["pi-1"].drive(pin, ON)
    floor.start()
    return floor


def test_a_call_lights_the_andon_until_it_is_answered(line: Floor) -> None:
    assert not line.level(AMBER)
    line.press(CALL)
    line.turn(200.0)
    assert line.level(AMBER)
    line.press(ANSWER)
    assert not line.level(AMBER)
    assert line.read("assembly/tower/state") == ["off", "amber", "off"]
    line.turn(600.0)
    line.press(CALL)
    assert line.level(AMBER), "and the next call"


def test_a_call_that_nobody_answers_blinks_red(line: Floor) -> None:
    line.press(CALL)
    changes = line.benches["pi-1"].record(RED)
    line.turn(299.0)
    assert changes == []
    line.turn(11.0)
    assert len(changes) >= 18, "once a second, on and off"
    line.press(ANSWER)
    assert not line.level(RED)
    assert not line.level(AMBER)
    assert line.read("assembly/tower/state") == ["off", "amber", "blink-red", "off"]


def test_the_chime_ends_by_itself_and_the_light_does_not(line: Floor) -> None:
    line.press(CALL)
    line.turn(60.0)
    changes = line.benches["pi-1"].record(26)
    line.turn(10.0)
    assert changes == []
    assert line.level(AMBER)


def test_the_desks_lamp_on_another_pi_follows_over_the_link_and_goes_out_without_it(line: Floor) -> None:
    cable: list[bytes] = []
    is_up = [True]

    def send(station: str, output: str, payload: bytes) -> None:
        if is_up[0]:
            cable.append(payload)
            line.agents["pi-2"].command(station, output, payload)

    line.agents["pi-1"].to_others(send)
    line.press(CALL)
    line.turn(100.0)
    assert line.level(LAMP, "pi-2")
    told = json.loads(cable[0])
    assert {key: told[key] for key in ("v", "for_s", "rule")} == {"v": 1.0, "for_s": 15.0, "rule": 4}
    assert len({json.loads(payload)["id"] for payload in cable}) == len(cable) > 19
    line.press(ANSWER)
    assert not line.level(LAMP, "pi-2"), "at once, not after 15 s"
    line.press(CALL)
    assert line.level(LAMP, "pi-2")
    is_up[0] = False
    line.turn(16.0)
    assert not line.level(LAMP, "pi-2"), "nobody could take it back any more"
    assert line.level(AMBER), "what is wired to the same Pi knows no network"
    is_up[0] = True
    line.turn(5.0)
    assert line.level(LAMP, "pi-2"), "the link is back, and the call still unanswered"
    line.agents["pi-1"].stop()
    line.turn(0.0)
    assert not line.level(LAMP, "pi-2"), "whoever ends lets go"
    assert line.read("desk/lamp/state", "pi-2") == [0, 1, 0, 1, 0, 1, 0]
