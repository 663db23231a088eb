"""Lines come out whole, whatever portions and rubbish go in."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.serial_lines import LONGEST, PortSettings, SerialFrames, SerialLines

START_NS = 1_795_000_000_000_000_000
PORT = "/dev/ttyUSB0"
S = 1_000_000_000


class Heard:
    def __init__(self, end: bytes | None = b"\n", quiet_ns: int = 0, stale_ns: int = 0) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.lines: list[tuple[bytes, int]] = []
        self.port = SerialLines(
            self.bench,
            PortSettings(PORT, 9600),
            lambda line, at_ns: self.lines.append((line, at_ns)),
            end=end,
            quiet_ns=quiet_ns,
            stale_ns=stale_ns,
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


def test_either_end_ends_a_line_where_none_is_given() -> None:
    heard = Heard(end=None)
    heard.bench.type(PORT, b"1\r2\n3\r\n4")
    heard.bench.type(PORT, b"5\r")
    heard.bench.close()
    assert [line for line in heard.texts if line] == [b"1", b"2", b"3", b"45"]


def test_a_line_that_stops_halfway_is_not_joined_to_the_next() -> None:
    heard = Heard(stale_ns=S)
    heard.bench.type(PORT, b"49012")
    heard.clock.turn(0.9)
    heard.bench.type(PORT, b"34")
    heard.clock.turn(1.1)
    heard.bench.type(PORT, b"A-100\n")
    heard.bench.type(PORT, b"x" * (2 * LONGEST))
    heard.clock.turn(1.1)
    heard.bench.type(PORT, b"A-200\n")
    heard.bench.close()
    assert heard.texts == [b"A-100", b"A-200"]
    assert (heard.port.unfinished, heard.port.too_long) == (1, 1)


class Framed:
    """Frames of ``AB``, two bytes and their XOR."""

    def __init__(self) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.frames: list[tuple[bytes, int]] = []
        self.port = SerialFrames(
            self.bench,
            PortSettings(PORT, 9600),
            lambda frame, at_ns: self.frames.append((frame, at_ns)),
            start=b"AB",
            length=5,
            good=lambda frame: frame[2] ^ frame[3] == frame[4],
        )

    def heard(self, *portions: bytes) -> list[bytes]:
        for portion in portions:
            self.bench.type(PORT, portion)
        return [frame for frame, _ in self.frames]


@pytest.fixture
def framed() -> Iterator[Framed]:
    framed = Framed()
    yield framed
    framed.bench.close()


def test_a_frame_comes_out_whole_and_dated_when_its_end_arrives(framed: Framed) -> None:
    framed.bench.type(PORT, b"noise AAB\x01")
    framed.clock.turn(2)
    framed.bench.type(PORT, b"\x02\x03AB")
    assert framed.frames == [(b"AB\x01\x02\x03", 2 * S)]
    assert (framed.port.garbage, framed.port.stray) == (0, 7)


def test_a_frame_inside_a_cut_one_is_found(framed: Framed) -> None:
    assert framed.heard(b"AB\x01AB\x01\x02\x03") == [b"AB\x01\x02\x03"]
    assert framed.port.garbage == 1


def test_a_frame_whose_check_is_wrong_is_counted_and_dropped(framed: Framed) -> None:
    assert framed.heard(b"AB\x01\x02\x04", b"AB\x04\x01\x05") == [b"AB\x04\x01\x05"]
    assert framed.port.garbage == 1


def test_what_was_begun_before_a_question_can_be_forgotten(framed: Framed) -> None:
    framed.heard(b"AB\x01\x02")
    framed.port.forget()
    assert framed.heard(b"\x03") == []


@settings(max_examples=30, deadline=None)
@given(
    frames=st.lists(st.tuples(st.integers(0, 64), st.integers(0, 64)), max_size=6),
    noise=st.binary(max_size=9).map(lambda data: data.replace(b"A", b"")),
    cuts=st.lists(st.integers(0, 40), max_size=6),
)
def test_frames_do_not_depend_on_the_portions_or_on_the_noise_between(
    frames: list[tuple[int, int]], noise: bytes, cuts: list[int]
) -> None:
    framed = Framed()
    whole = [b"AB" + bytes((a, b, a ^ b)) for a, b in frames]
    data = b"".join(noise + frame for frame in whole)
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    got = framed.heard(*(data[start:stop] for start, stop in pairwise(places)))
    framed.bench.close()
    assert got == whole
