"""A scanner that types: its keys become lines, dated when Enter was pressed; no code is guessed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.keyboard import EVENT, EVIOCGRAB, EVIOCSCLOCKID, LAYOUTS, InputDevice, KeyLines, typed
from edge.pi_board import PiBoard

START_NS = 1_795_000_000_000_000_000
PATH = "/dev/input/by-id/usb-scanner-event-kbd"
S = 1_000_000_000
KEY, SYN = 1, 0
SHIFT, CAPS, CTRL, ALT, ENTER, KP_ENTER, TAB, A, F1 = 42, 58, 29, 56, 28, 96, 15, 30, 59


class Scanner:
    def __init__(self, layout: str = "us") -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.lines: list[tuple[bytes, int]] = []
        self.keys = KeyLines(self.bench, PATH, lambda t, at: self.lines.append((t, at)), layout=layout, stale_ns=S)

    def press(self, *events: tuple[int, int, int]) -> None:
        now_ns = self.clock.monotonic_ns()
        self.bench.type(PATH, b"".join(EVENT.pack(now_ns // S, now_ns % S // 1000, *event) for event in events))

    def tap(self, *codes: int) -> None:
        for code in codes:
            self.press((KEY, code, 1), (SYN, 0, 0), (KEY, code, 0), (SYN, 0, 0))

    def types(self, text: str, layout: str = "us") -> None:
        self.bench.type(PATH, typed(text, self.clock.monotonic_ns(), layout))

    @property
    def texts(self) -> list[bytes]:
        return [text for text, _ in self.lines]


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    scanner = Scanner()
    yield scanner
    scanner.bench.close()


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(LAYOUTS)), st.text("".join(map(chr, range(0x20, 0x7F))), min_size=1, max_size=60))
def test_every_character_of_a_layout_is_read_as_it_was_typed(layout: str, text: str) -> None:
    scanner = Scanner(layout)
    scanner.types(text + "\r", layout)
    scanner.bench.close()
    assert scanner.texts == [text.encode()]


def test_the_layouts_differ_where_the_keyboards_do(scanner: Scanner) -> None:
    scanner.types('a@b:c"d_e\r', "jp")
    assert scanner.texts != [b'a@b:c"d_e']
    scanner.types("A-100/4901\r", "jp")
    assert scanner.texts[-1] == b"A-100/4901", "letters, digits, - and / are the same on both"


def test_a_line_is_dated_by_the_kernel_when_its_end_was_pressed(scanner: Scanner) -> None:
    scanner.clock.turn(5)
    events = typed("12\r", 3 * S + 250_000_000)
    scanner.bench.type(PATH, events)
    assert scanner.lines == [(b"12", 3_250_000_000)]


@pytest.mark.parametrize("end", [ENTER, KP_ENTER, TAB])
def test_enter_and_tab_end_a_line(scanner: Scanner, end: int) -> None:
    scanner.tap(2, 3, end)
    assert scanner.texts == [b"12"]


def test_shift_and_caps_lock_are_obeyed_and_a_held_key_is_one_key(scanner: Scanner) -> None:
    scanner.press((KEY, SHIFT, 1), (KEY, A, 1), (KEY, A, 2), (KEY, A, 2), (KEY, A, 0), (KEY, SHIFT, 0))
    scanner.tap(A, CAPS, A, 2, CAPS, A, ENTER)
    assert scanner.texts == [b"AaA1a"]


def test_ctrl_and_a_key_is_the_control_character_of_a_gs1_code(scanner: Scanner) -> None:
    scanner.types("0104901\x1d21A\r")
    assert scanner.texts == [b"0104901\x1d21A"]


@pytest.mark.parametrize("spoilt", [[(KEY, F1, 1)], [(KEY, ALT, 1), (KEY, A, 1), (KEY, ALT, 0)], [(SYN, 3, 0)]])
def test_a_line_with_what_is_no_character_is_dropped_and_counted(
    scanner: Scanner, spoilt: list[tuple[int, int, int]]
) -> None:
    scanner.tap(2)
    scanner.press(*spoilt)
    scanner.tap(3, ENTER)
    scanner.types("A-100\r")
    assert scanner.texts == [b"A-100"]
    assert scanner.keys.unreadable == 1


def test_a_line_that_stops_halfway_is_not_joined_to_the_next(scanner: Scanner) -> None:
    scanner.types("49012")
    scanner.clock.turn(1.5)
    scanner.types("A-100\r")
    assert scanner.texts == [b"A-100"]
    assert scanner.keys.unfinished == 1


def test_keys_that_are_read_late_are_one_line_all_the_same(scanner: Scanner) -> None:
    events = typed("4901234\r", 0)
    scanner.bench.type(PATH, events[: 10 * EVENT.size])
    scanner.clock.turn(5)  # this machine was busy, the scanner was not
    scanner.bench.type(PATH, events[10 * EVENT.size :])
    assert scanner.texts == [b"4901234"]


def test_a_flood_without_an_end_is_bounded_and_counted(scanner: Scanner) -> None:
    for _ in range(20):
        scanner.types("0" * 100)
    scanner.types("\rA-100\r")
    assert scanner.texts == [b"A-100"]
    assert scanner.keys.too_long == 1


def test_events_may_come_in_any_portions(scanner: Scanner) -> None:
    events = typed("A-100\r", 0)
    for start in range(0, len(events), 7):
        scanner.bench.type(PATH, events[start : start + 7])
    assert scanner.texts == [b"A-100"]


def test_a_scanner_that_is_pulled_out_is_told_by_check(scanner: Scanner) -> None:
    scanner.keys.check()
    scanner.bench.unplug(PATH)
    with pytest.raises(SensorError, match="by-id"):
        scanner.keys.check()
    scanner.keys.close()
    scanner.keys.close()


# ---- the real device, as far as it can be had without one ----


def kernel(asked: list[tuple[int, Any]], refuses: int = 0) -> Any:
    def ioctl(number: int, request: int, argument: Any) -> None:
        if request == refuses:
            raise OSError(16, "Device or resource busy")
        asked.append((request, argument))

    return ioctl


def test_a_device_is_grabbed_dated_by_the_monotonic_clock_and_read_without_waiting(tmp_path: Path) -> None:
    pipe, asked = tmp_path / "event0", list[tuple[int, Any]]()
    os.mkfifo(pipe)
    device = InputDevice(str(pipe), kernel(asked))
    writer = os.open(pipe, os.O_WRONLY)
    assert device.read(device.in_waiting) == b""
    os.write(writer, typed("1", 0))
    assert device.read(device.in_waiting) == typed("1", 0)
    assert device.in_waiting % EVENT.size == 0
    assert asked == [(EVIOCGRAB, 1), (EVIOCSCLOCKID, b"\x01\0\0\0")]
    os.close(writer)
    device.close()
    device.close()
    with pytest.raises(OSError, match="only types"):
        device.write(b"x")


def test_a_real_board_hands_out_input_devices(tmp_path: Path) -> None:
    libraries: Any = None
    with pytest.raises(SensorError, match="event7"):
        PiBoard(HandClock(START_NS), libraries).keys(str(tmp_path / "event7"))


def test_a_device_that_is_not_there_or_is_none_or_is_taken_is_said_with_what_to_do(tmp_path: Path) -> None:
    plain = tmp_path / "event1"
    plain.write_bytes(b"")
    for path, ioctl in ((tmp_path / "event0", None), (plain, None), (plain, kernel([], EVIOCGRAB))):
        with pytest.raises(SensorError) as error:
            InputDevice(str(path), ioctl)
        assert str(path) in error.value.say("ja")
        assert "usermod -aG input" in error.value.say("en")
