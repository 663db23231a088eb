"""Pulse, level and button: what a bouncing contact makes them say, and when."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sensors import button, level, pulse
from tests.edge.sensors.stage import S, Stage


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), edges=st.integers(1, 11), within_ms=st.floats(0.01, 15), parts=st.integers(0, 20))
def test_every_part_is_counted_once_at_its_first_touch(seed: int, edges: int, within_ms: float, parts: int) -> None:
    stage = Stage(seed)
    stage.listen(pulse.Sensor(pin=17))
    touches = []
    for _ in range(parts):
        stage.clock.turn(0.5)
        touches.append(stage.clock.monotonic_ns())
        stage.bench.bounce(17, False, edges, within_ms)
        stage.clock.turn(0.5)
        stage.bench.bounce(17, True, edges, within_ms)
    stage.clock.turn(1)
    assert stage.told == [("count", 1, at_ns) for at_ns in touches]


def test_a_level_tells_how_long_it_lasted_to_the_nanosecond_of_its_edges() -> None:
    stage = Stage()
    stage.listen(level.Sensor(pin=27))
    stage.clock.turn(10)
    stage.bench.bounce(27, False)
    stage.clock.turn(20)
    stage.bench.bounce(27, True)
    stage.clock.turn(1)
    assert stage.told == [("state", 0, 0), ("state", 1, 10 * S), ("state", 0, 30 * S)]


def test_a_level_is_told_again_every_minute() -> None:
    stage = Stage()
    stage.listen(level.Sensor(pin=27))
    stage.clock.turn(181)
    assert stage.told == [("state", 0, minute * 60 * S) for minute in range(4)]


def test_a_repeat_that_falls_into_a_bounce_never_overtakes_the_change() -> None:
    """The change is dated before the repeat's time; told the other way round, time would run backwards."""
    stage = Stage()
    stage.listen(level.Sensor(pin=27))
    stage.clock.turn(59.995)
    stage.bench.drive(27, False)
    stage.clock.turn(1)
    times = [at_ns for _, _, at_ns in stage.told]
    assert times == sorted(times)
    assert stage.values("state") == [0, 1, 1]


def test_a_blinking_lamp_is_on_while_it_blinks() -> None:
    stage = Stage()
    stage.listen(level.Sensor(pin=27, release_ms=1500))
    stage.clock.turn(1)
    for _ in range(5):
        stage.bench.drive(27, False)
        stage.clock.turn(0.5)
        stage.bench.drive(27, True)
        stage.clock.turn(0.5)
    stage.clock.turn(5)
    assert stage.told == [("state", 0, 0), ("state", 1, 1 * S), ("state", 0, 5 * S + S // 2)]


def test_a_closed_level_repeats_nothing() -> None:
    stage = Stage()
    held = stage.listen(level.Sensor(pin=27))
    held.close()
    stage.clock.turn(300)
    assert stage.told == []


def test_a_button_counts_presses_and_tells_press_and_release() -> None:
    stage = Stage()
    stage.listen(button.Sensor(pin=5))
    stage.bench.bounce(5, False)
    stage.clock.turn(1)
    stage.bench.bounce(5, True)
    stage.clock.turn(1)
    assert stage.told == [("count", 1, 0), ("pressed", 1, 0), ("pressed", 0, S)]


def test_a_button_with_a_word_says_it_at_each_press() -> None:
    stage = Stage()
    stage.listen(button.Sensor(pin=5, says="段取り"))
    for _ in range(2):
        stage.bench.bounce(5, False)
        stage.clock.turn(1)
        stage.bench.bounce(5, True)
        stage.clock.turn(1)
    assert stage.values("pressed") == ["段取り", "段取り"]
    assert stage.values("count") == [1, 1]


def test_rejected_glitches_are_in_the_health_of_each() -> None:
    stage = Stage()
    for number, sensor in ((17, pulse), (27, level), (5, button)):
        held = stage.listen(sensor.Sensor(pin=number))
        stage.bench.bounce(number, True, edges=4, within_ms=1)
        stage.clock.turn(1)
        assert held.health()["glitches"] == 1
