"""Lines come out whole, whatever portions and rubbish go in."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.serial_lines import LONGEST, PortSettings, SerialLines

START_NS = 1_795_000_000_000_000_000
PORT = "/dev/ttyUSB0"
S = 1_000_000_000


class Heard:
    def __init__(self, end: bytes = b"\n", quiet_ns: int = 0) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.lines: list[tuple[bytes, int]] = []
        self.port = SerialLines(
            self.bench,
            PortSettings(PORT, 9600),
            lambda line, at_ns: self.lines.append((line, at_ns)),
            end=end,
            quiet_ns=quiet_ns,
        )

    @property
    def texts(self) -> list[bytes]:
        return [line for line, _ in self.lines]


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    yield heard
    heard.bench.close()


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\r\n", b"").replace(b"\r", b""))),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_lines_do_not_depend_on_the_portions_they_come_in(lines: list[bytes], cuts: list[int]) -> None:
    heard = Heard(end=b"\r\n")
    data = b"".join(line + b"\r\n" for line in lines)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    for start, stop in pairwise(places):
        heard.bench.type(PORT, data[start:stop])
    heard.bench.close()
    assert heard.texts == lines


def test_a_line_is_dated_when_its_end_arrives(heard: Heard) -> None:
    heard.bench.type(PORT, b"12")
    heard.clock.turn(1)
    heard.bench.type(PORT, b"3\n")
    assert heard.lines == [(b"123", S)]


def test_a_line_without_an_end_is_dropped_and_the_next_one_is_whole(heard: Heard) -> None:
    heard.bench.type(PORT, b"x" * (3 * LONGEST))
    heard.bench.type(PORT, b"the rest of it\n123\n")
    assert heard.texts == [b"123"]
    assert heard.port.too_long == 1


def test_a_long_line_that_comes_at_once_is_dropped_too(heard: Heard) -> None:
    heard.bench.type(PORT, b"x" * (LONGEST + 1) + b"\n" + b"y" * LONGEST + b"\n")
    assert heard.texts == [b"y" * LONGEST]
    assert heard.port.too_long == 1


def test_what_comes_right_after_opening_may_be_half_a_line() -> None:
    heard = Heard(quiet_ns=50_000_000)
    heard.bench.type(PORT, b"23.4\n123.4\n")
    assert heard.texts == [b"123.4"]
    heard.bench.close()


def test_after_a_silence_the_first_line_is_a_whole_one() -> None:
    heard = Heard(quiet_ns=50_000_000)
    heard.clock.turn(0.05)
    heard.bench.type(PORT, b"123.4\n")
    assert heard.texts == [b"123.4"]
    heard.bench.close()


def test_a_pulled_plug_is_told_by_check(heard: Heard) -> None:
    heard.port.check()
    heard.bench.unplug(PORT)
    with pytest.raises(SensorError) as gone:
        heard.port.check()
    assert PORT in gone.value.say("ja")
    assert "has gone" in gone.value.say("en")
    with pytest.raises(SensorError):
        heard.port.write(b"Q\r\n")
    heard.port.close()
    heard.port.close()


def test_a_device_can_be_asked(heard: Heard) -> None:
    heard.bench.plug(PORT, reply=lambda told: told.upper())
    heard.port.write(b"q\n")
    heard.clock.turn(0)
    assert heard.texts == [b"Q"]
