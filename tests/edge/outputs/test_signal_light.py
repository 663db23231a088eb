"""A stack light: one colour at a time, steady or blinking, and dark where nobody says anything."""

import pytest

from contract.errors import PayloadError, SensorError
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.outputs import Driven
from edge.outputs.signal_light import Output

RED, AMBER, GREEN = 12, 13, 19


@pytest.fixture
def clock() -> HandClock:
    return HandClock(1_795_000_000_000_000_000)


@pytest.fixture
def bench(clock: HandClock) -> Bench:
    return Bench(clock)


@pytest.fixture
def light(bench: Bench) -> Driven:
    light: Driven = Output(red=RED, amber=AMBER, green=GREEN).open(bench)
    return light


def lit(bench: Bench) -> tuple[bool, bool, bool]:
    return bench.level(RED), bench.level(AMBER), bench.level(GREEN)


@pytest.mark.parametrize(
    ("word", "shown"),
    [("red", (True, False, False)), ("amber", (False, True, False)), ("green", (False, False, True))],
)
def test_one_colour_is_lit_at_a_time(bench: Bench, light: Driven, word: str, shown: tuple[bool, ...]) -> None:
    for before in ("red", "blink-amber", "green", "off"):
        light.set(before)
        light.set(word)
        assert (lit(bench), light.state()) == (shown, word)
    light.set("off")
    assert (lit(bench), light.state()) == ((False, False, False), "off")


def test_it_blinks_evenly_beginning_bright(clock: HandClock, bench: Bench, light: Driven) -> None:
    changes = bench.record(RED)
    light.set("blink-red")
    assert bench.level(RED)
    clock.turn(2.75)
    half = NS_PER_S // 2
    assert changes == [(index * half, index % 2 == 0) for index in range(6)]
    assert light.state() == "blink-red", "in the dark, too"
    light.set("red")
    clock.turn(5.0)
    assert bench.level(RED)
    assert clock.next_due_ns is None


def test_a_colour_that_begins_to_blink_does_not_flicker(clock: HandClock, bench: Bench, light: Driven) -> None:
    light.set("red")
    changes = bench.record(RED)
    light.set("blink-red")
    clock.turn(0.4)
    light.set("red")
    assert changes == []


def test_two_colours_are_never_lit_on_the_way_from_one_to_the_other(bench: Bench, light: Driven) -> None:
    light.set("red")
    red, green = bench.record(RED), bench.record(GREEN)
    both: list[bool] = []
    light.set("green")
    both.append(all(lit(bench)[:1]) and lit(bench)[2])
    assert (red, green, both) == ([(0, False)], [(0, True)], [False])


def test_closed_it_is_dark_and_its_pins_are_free(clock: HandClock, bench: Bench, light: Driven) -> None:
    light.set("blink-green")
    light.close()
    clock.turn(3.0)
    assert (lit(bench), light.state()) == ((False, False, False), "off")
    assert all(bench.pin(pin) for pin in (RED, AMBER, GREEN))


def test_a_colour_without_a_pin_is_refused_and_the_others_are_named(bench: Bench, light: Driven) -> None:
    light.set("red")
    for word in ("blue", "blink-blue", "blink-", "blink-off", "RED", 1):
        with pytest.raises(PayloadError) as refused:
            light.set(word)
        assert "off, red, amber, green, blink-red" in refused.value.say("en")
    assert light.state() == "red"


def test_a_light_without_any_colour_is_told(bench: Bench) -> None:
    with pytest.raises(SensorError, match="red = 12"):
        Output().open(bench)
