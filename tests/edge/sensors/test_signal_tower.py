"""The stack light: lamps that are on, off, blinking, flickering; the room's light; what is told when."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.sensors.signal_tower import BLINKING, OFF, ON, Change, Lamp, Sensor, place
from tests.edge.sensors.models.ads1115 import Ads1115, Input, steady
from tests.edge.sensors.models.mcp3008 import Mcp3008
from tests.edge.sensors.stage import S, Stage

MS = 1_000_000


def tower(**more: Any) -> Sensor:
    return Sensor(**{"red": 0, "amber": 1, "green": 2, "ambient": 3, **more})


def light(*phases: tuple[float, bool]) -> list[bool]:
    """Ten looks a second at a lamp that is lit or dark for so many seconds."""
    return [lit for seconds, lit in phases for _ in range(round(10 * seconds))]


def changes(looks: list[bool]) -> list[Change]:
    lamp = Lamp(1.0, 0.6, 1.5)
    heard = [lamp.seen(2.0 if lit else 0.1, i * 100 * MS) for i, lit in enumerate(looks)]
    return [change for change in heard if change is not None]


def blink(seconds: float, on_s: float = 0.5, off_s: float = 0.5) -> list[tuple[float, bool]]:
    return [(on_s, True), (off_s, False)] * round(seconds / (on_s + off_s))


def test_a_lamp_is_on_from_its_first_light() -> None:
    assert changes(light((3, False), (4, True))) == [Change(OFF, 0), Change(ON, 3 * S)]


def test_a_blinking_lamp_is_never_on() -> None:
    assert changes(light((3, False), *blink(10))) == [Change(OFF, 0), Change(BLINKING, 3 * S)]


def test_from_blinking_to_on_and_to_off_it_counts_from_the_last_change() -> None:
    after = light((2, False), *blink(4), (3, True), *blink(4, 0.3, 0.7), (3, False))
    assert changes(after) == [
        Change(OFF, 0),
        Change(BLINKING, 2 * S),
        Change(ON, 6 * S),
        Change(BLINKING, round(9.3 * S)),
        Change(OFF, round(12.3 * S)),
    ]


def test_a_single_flash_and_a_flicker_are_no_state() -> None:
    assert changes(light((3, False), (0.4, True), (3, False), (0.1, True), (3, False))) == [Change(OFF, 0)]
    assert changes(light((3, True), (0.2, False), (3, True))) == [Change(ON, 0)]


def test_flickers_are_counted() -> None:
    lamp = Lamp(1.0, 0.6, 1.5)
    for i, lit in enumerate(light((3, False), (0.4, True), (3, False), (0.1, True), (3, False))):
        lamp.seen(2.0 * lit, i * 100 * MS)
    assert lamp.flickers == 2


def test_between_the_two_limits_nothing_changes() -> None:
    lamp = Lamp(1.0, 0.6, 1.5)
    heard = [
        lamp.seen(v, i * 100 * MS) for i, v in enumerate([0.0] * 20 + [0.99, 0.7] * 20 + [1.0] + [0.61, 0.99] * 20)
    ]
    assert [c.state for c in heard if c] == [OFF, ON]


@given(st.lists(st.tuples(st.floats(0.1, 5), st.booleans()), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None)
def test_changes_never_go_back_in_time_and_each_is_another_state(phases: list[tuple[float, bool]]) -> None:
    found = changes(light(*phases))
    assert [c.at_ns for c in found] == sorted(c.at_ns for c in found)
    assert all(a.state != b.state for a, b in pairwise(found))


@given(st.sampled_from([0.5, 0.8, 1.0, 1.5, 2.0, 3.0]), st.floats(0.3, 0.7), st.sampled_from(["ads1115", "mcp3008"]))
@settings(max_examples=12, deadline=None)
def test_every_usual_blinking_is_seen_through_both_second_models(hz: float, lit: float, converter: str) -> None:
    """IEC 60073 names 0.4 to 0.8 Hz for slow, 1.4 to 2.8 Hz for normal flashing; makers' towers have 1 to 3."""

    def green(at: float) -> float:
        return 2.2 if at * hz % 1 < lit else 0.2

    stage = Stage()
    inputs: list[Input] = [steady(0.3), steady(0.2), green, steady(0.2)]
    stage.bench.i2c_chip(1, 0x48, Ads1115(stage.clock, *inputs))
    now = stage.clock.monotonic_ns
    stage.bench.spi_chip(0, 0, Mcp3008(*(lambda i=i: inputs[i](now() / S) for i in range(4))))
    stage.listen(tower(converter=converter))
    stage.clock.turn(12)
    assert stage.values("green") == [BLINKING]
    assert stage.values("running") == [0]
    assert stage.values("red") == [OFF]


def test_the_rooms_light_is_taken_off_whatever_it_does() -> None:
    stage = Stage()
    lights = place(tower(), stage.bench)
    stage.listen(tower())
    lights.green = ON
    for room in (0.0, 0.9, 0.2, 1.1, 1.2, 0.05):
        lights.room = room
        stage.clock.turn(7)
    assert stage.values("green") == [ON]
    assert stage.values("amber") == [OFF]


def test_without_a_sensor_for_the_room_its_light_is_taken_for_a_lamp() -> None:
    """So it says on its page, and the limits have to be above it."""
    stage = Stage()
    lights = place(tower(ambient=None), stage.bench)
    stage.listen(tower(ambient=None))
    lights.room = 1.2
    stage.clock.turn(5)
    assert stage.values("red") == [ON]


def test_light_that_is_too_strong_is_borne_for_half_a_minute_and_then_reported() -> None:
    stage = Stage()
    lights = place(tower(), stage.bench)
    stage.listen(tower())
    stage.clock.turn(5)
    for _ in range(3):
        lights.room = 3.0
        stage.clock.turn(20)
        lights.room = 0.3
        stage.clock.turn(5)
    before = list(stage.told)
    lights.room = 3.0
    with pytest.raises(SensorError, match="強すぎ"):
        stage.clock.turn(40)
    assert [value for _, value, _ in stage.told] == [value for _, value, _ in before]


def test_all_is_told_again_every_minute_dated_when_it_is_certain() -> None:
    stage = Stage()
    lights = place(tower(), stage.bench)
    lights.green, lights.red = ON, BLINKING
    listening = stage.listen(tower())
    stage.clock.turn(185)
    assert stage.values("green") == [ON] * 4
    assert stage.values("running") == [1] * 4
    assert stage.values("red") == [BLINKING] * 4
    lights.green, lights.red = OFF, ON
    stage.clock.turn(70)
    for measure in ("red", "green", "running"):
        times = [at_ns for name, _, at_ns in stage.told if name == measure]
        assert times == sorted(set(times))
    health = listening.health()
    assert 2200 <= health["red_mv"] <= 2400
    assert 200 <= health["ambient_mv"] <= 400
    assert health["flickers"] == 0


def test_another_lamp_may_mean_running_or_none() -> None:
    stage = Stage()
    lights = place(tower(), stage.bench)
    lights.red, lights.green = ON, OFF
    stage.listen(tower(running_lamp="red"))
    stage.clock.turn(5)
    assert stage.values("running") == [1]
    stage.told.clear()
    stage.listen(tower(running_lamp="none"))
    stage.clock.turn(5)
    assert {name for name, _, _ in stage.told} == {"red", "amber", "green"}


def test_only_the_colours_that_are_wired_are_told() -> None:
    stage = Stage()
    place(tower(amber=None), stage.bench)
    stage.listen(tower(amber=None))
    stage.clock.turn(5)
    assert stage.values("amber") == []
    assert stage.values("red") == [OFF]


@pytest.mark.parametrize(
    "wrong",
    [{"green": None}, {"on_v": 0.5, "off_v": 0.5}, {"green": 4}, {"running_lamp": "amber", "amber": None}],
)
def test_settings_that_cannot_be_are_refused_with_what_to_write(wrong: dict[str, Any]) -> None:
    with pytest.raises(SensorError) as refused:
        tower(**wrong).listen(Stage().bench, lambda *_: None)
    assert refused.value.hint is not None


def test_a_chip_that_is_pulled_out_is_a_sensor_error() -> None:
    stage = Stage()
    place(tower(), stage.bench)
    stage.listen(tower())
    stage.clock.turn(5)
    stage.bench.i2c_chip(1, 0x48, None)
    with pytest.raises(SensorError, match="0x48"):
        stage.clock.turn(1)
