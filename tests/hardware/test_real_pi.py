"""The same checks on the bench and on the header of a real Pi; there skipped, with the reason, where there is none.

Before it runs on a Pi, bridge with a jumper wire through a 1 kilo-ohm resistor:

    GPIO17 (header pin 11)  to  GPIO27 (header pin 13)

and leave everything else off these two. GPIO17 drives, GPIO27 listens:

    .venv/bin/python -m pytest tests/hardware/test_real_pi.py -rs
"""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from contract.errors import KojoError, SensorError
from edge import pins
from edge.bench import Bench
from edge.board import Board
from edge.outputs import lamp
from edge.sensors import level, pulse
from edge.system_clock import SystemClock

OUT, IN = 17, 27
PRESSES = 100
CLOSED_S = 0.03
WITHIN_S = 30.0
NEAR_S = 0.01
"""A busy Pi Zero 2 dates an edge within this."""


def _why_not() -> str | None:
    try:
        chip = pins.find_chip()
    except (KojoError, OSError) as error:
        return f"the header cannot be opened: {error}"
    return None if chip else "this machine has no 40-pin header (no GPIO chip with a Pi's label)"


WHY_NOT = _why_not()
on_a_pi = pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT))
pytestmark = pytest.mark.slow


@pytest.fixture(params=["bench", pytest.param("pi", marks=on_a_pi)])
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    clock = SystemClock()
    if request.param == "pi":
        opened: Any = pins.open_board(clock, bench=False)
    else:
        opened = Bench(clock)
        opened.attach(OUT, lambda _at_ns, high: opened.drive(IN, high))
    yield opened
    opened.close()
    clock.close()


class Heard:
    """What a listening sensor told, and a way to wait for it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any, int]] = []
        self._news = threading.Condition()

    def __call__(self, measure: str, value: Any, at_ns: int) -> None:
        with self._news:
            self.told.append((measure, value, at_ns))
            self._news.notify_all()

    def wait(self, count: int) -> None:
        with self._news:
            assert self._news.wait_for(lambda: len(self.told) >= count, WITHIN_S), f"{len(self.told)} of {count}"


@on_a_pi
def test_the_header_is_found_by_its_label() -> None:
    chip = pins.find_chip()
    assert chip is not None
    assert chip.label in pins.LABELS


def test_the_bridged_pins_are_bridged(board: Board) -> None:
    drive, listen = board.pin(OUT), board.pin(IN)
    listen.function, listen.pull = "input", "down"
    for state in (True, False, True):
        drive.output_with_state(state)
        assert bool(listen.state) is state, "bridge GPIO17 (pin 11) with GPIO27 (pin 13) through 1 kilo-ohm"
    drive.close()
    listen.close()


def test_every_press_is_counted_once_and_dated_when_it_was(board: Board) -> None:
    heard = Heard()
    output = lamp.Output(pin=OUT, active="low").open(board)
    sensor = pulse.Sensor(pin=IN, debounce_ms=5).listen(board, heard)
    pause, pressed = threading.Event(), []
    for press in range(PRESSES):
        pressed.append(board.clock.monotonic_ns())
        output.set(1)
        pause.wait(CLOSED_S)
        output.set(0)
        pause.wait(CLOSED_S)
        heard.wait(press + 1)
    sensor.close()
    output.close()
    assert [value for _, value, _ in heard.told] == [1] * PRESSES
    late = sorted(abs(at - asked) / 1e9 for (_, _, at), asked in zip(heard.told, pressed, strict=True))
    assert late[int(0.95 * PRESSES)] < NEAR_S, late


def test_a_level_is_told_at_once_and_when_it_changes(board: Board) -> None:
    heard = Heard()
    output = lamp.Output(pin=OUT, active="low").open(board)
    sensor = level.Sensor(pin=IN, debounce_ms=5).listen(board, heard)
    heard.wait(1)
    output.set(1)
    heard.wait(2)
    assert [value for _, value, _ in heard.told[:2]] == [0, 1]
    sensor.close()
    output.close()


def test_a_pin_is_refused_while_it_is_in_use_and_free_afterwards(board: Board) -> None:
    held = board.pin(IN)
    with pytest.raises(SensorError):
        board.pin(IN)
    held.close()
    board.pin(IN).close()
