"""RPi.GPIO as tutorials use it, with the bench's pins behind: levels, edges, refusals."""

import queue
from collections.abc import Iterator
from typing import Any

import pytest

from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_rpi_gpio import NO_MODE, NO_SETUP, NOT_INPUT, NOT_OUTPUT, RpiGpio

START_NS = 1_795_000_000_000_000_000
WITHIN_S = 30.0


class Desk:
    def __init__(self) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.gpio: Any = RpiGpio(self.bench)


@pytest.fixture
def desk() -> Iterator[Desk]:
    told = Desk()
    yield told
    told.gpio.close()
    told.bench.close()


def test_an_input_says_what_lies_on_the_pin(desk: Desk) -> None:
    gpio = desk.gpio
    gpio.setmode(gpio.BCM)
    gpio.setup(17, gpio.IN, pull_up_down=gpio.PUD_UP)
    assert gpio.input(17) == 1
    desk.bench.drive(17, False)
    assert gpio.input(17) == gpio.LOW
    assert gpio.gpio_function(17) == gpio.IN


def test_board_numbers_are_the_headers(desk: Desk) -> None:
    gpio = desk.gpio
    gpio.setmode(gpio.BOARD)
    gpio.setup([11, 12], gpio.OUT, initial=gpio.HIGH)
    assert desk.bench.level(17)
    assert desk.bench.level(18)
    gpio.output([11, 12], [0, 1])
    assert [desk.bench.level(17), desk.bench.level(18)] == [False, True]
    assert gpio.input(12) == 1


def test_a_pressed_button_calls_and_its_bouncing_is_swallowed(desk: Desk) -> None:
    gpio, calls = desk.gpio, queue.SimpleQueue[int]()
    gpio.setmode(gpio.BCM)
    gpio.setup(17, gpio.IN, pull_up_down=gpio.PUD_UP)
    gpio.add_event_detect(17, gpio.FALLING, callback=calls.put, bouncetime=200)
    for again in range(2):
        desk.bench.bounce(17, False)
        desk.clock.turn(1.0)
        assert calls.get(timeout=WITHIN_S) == 17, again
        desk.bench.drive(17, True)
        desk.clock.turn(1.0)
    assert gpio.event_detected(17)
    assert not gpio.event_detected(17)
    gpio.remove_event_detect(17)
    desk.bench.drive(17, False)
    assert not gpio.event_detected(17)
    assert calls.empty()


def test_without_bouncetime_every_edge_is_told_as_on_a_pi(desk: Desk) -> None:
    gpio, calls = desk.gpio, queue.SimpleQueue[int]()
    gpio.setmode(gpio.BCM)
    gpio.setup(17, gpio.IN, pull_up_down=gpio.PUD_UP)
    gpio.add_event_detect(17, gpio.BOTH, callback=calls.put)
    for level in (False, True, False):
        desk.bench.drive(17, level)
    assert [calls.get(timeout=WITHIN_S) for _ in range(3)] == [17] * 3


def test_a_callback_that_fails_is_told_and_the_next_edge_all_the_same(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    gpio, calls = desk.gpio, queue.SimpleQueue[int]()

    def wrong(channel: int) -> None:
        calls.put(channel)
        raise ZeroDivisionError("in the script")

    gpio.setmode(gpio.BCM)
    gpio.setup(17, gpio.IN, pull_up_down=gpio.PUD_UP)
    gpio.add_event_detect(17, gpio.FALLING, callback=wrong)
    for _ in range(2):
        desk.bench.drive(17, False)
        desk.bench.drive(17, True)
        assert calls.get(timeout=WITHIN_S) == 17
    gpio.close()
    assert "in the script" in capfd.readouterr().err


def test_waiting_for_an_edge_ends_by_itself(desk: Desk) -> None:
    gpio = desk.gpio
    gpio.setmode(gpio.BCM)
    gpio.setup(17, gpio.IN, pull_up_down=gpio.PUD_UP)
    assert gpio.wait_for_edge(17, gpio.FALLING, timeout=1) is None


def test_pulses_keep_their_duty_cycle(desk: Desk) -> None:
    gpio = desk.gpio
    gpio.setmode(gpio.BCM)
    gpio.setup(18, gpio.OUT)
    pulses = gpio.PWM(18, 50)
    pulses.start(30)
    assert (pulses.duty, desk.bench.level(18)) == (30.0, True)
    pulses.ChangeDutyCycle(0)
    assert not desk.bench.level(18)
    with pytest.raises(ValueError, match="dutycycle"):
        pulses.ChangeDutyCycle(101)


def test_what_the_real_one_refuses_is_refused_in_its_words(desk: Desk) -> None:
    gpio = desk.gpio
    with pytest.raises(RuntimeError, match=NO_MODE.replace("(", r"\(").replace(")", r"\)")):
        gpio.setup(17, gpio.IN)
    gpio.setmode(gpio.BCM)
    with pytest.raises(ValueError, match="different mode"):
        gpio.setmode(gpio.BOARD)
    with pytest.raises(ValueError, match="channel sent is invalid"):
        gpio.setup(99, gpio.IN)
    with pytest.raises(RuntimeError, match=NO_SETUP.replace("(", r"\(").replace(")", r"\)")):
        gpio.input(17)
    gpio.setup(17, gpio.IN)
    with pytest.raises(RuntimeError, match=NOT_OUTPUT):
        gpio.output(17, 1)
    gpio.setup(18, gpio.OUT)
    with pytest.raises(RuntimeError, match=NOT_INPUT.replace("(", r"\(").replace(")", r"\)")):
        gpio.add_event_detect(18, gpio.RISING)


def test_cleanup_gives_the_pins_back(desk: Desk) -> None:
    gpio = desk.gpio
    gpio.setmode(gpio.BCM)
    gpio.setup(18, gpio.OUT, initial=1)
    gpio.cleanup()
    assert gpio.getmode() is None
    desk.bench.pin(18).close()
