"""A line to devices that are asked: one question at a time, and nothing of one answer in the next."""

from collections.abc import Iterator
from itertools import count
from threading import Event, Thread, current_thread

import pytest

from contract.errors import SensorError
from contract.words import Words
from edge.bench import Bench, Settings
from edge.bench_clock import HandClock
from edge.board import SerialPort
from edge.field_line import Asked, FieldLine, Unheard, connection, rs485
from edge.lane_board import LaneBoard, LaneClock
from edge.serial_lines import PortSettings
from tests.edge.said import said

START_NS = 1_795_000_000_000_000_000
PORT = "/dev/ttyUSB0"
PLC = ("192.168.3.39", 5007)
ASKED = Asked(Words("機器", "the device"), Words("線を確認", "Hint: look at the wire"))


def line_end(held: bytes, over: bool) -> bytes | None:
    """A line is an answer, "?" is garbled, "!" a refusal."""
    if held.startswith(b"?"):
        raise ASKED.trouble("化けた", "garbled")
    if held.startswith(b"!"):
        raise SensorError(Words("断られた", "refused"))
    return held[:-1] if held.endswith(b"\n") else None


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(HandClock(START_NS))
    yield bench
    bench.close()


def networked(bench: Bench, *answers: bytes | type[ConnectionError]) -> FieldLine:
    """A joined line to a device that gives these answers, then silence."""
    left = list(answers)

    def reply(told: bytes) -> bytes:
        answer = left.pop(0) if left else b""
        if isinstance(answer, type):
            raise answer
        return answer

    bench.tcp_device(*PLC, reply)
    line = connection(bench, *PLC, 1.0)
    line.join()
    return line


def test_an_answer_is_read_until_it_is_whole(bench: Bench) -> None:
    line = networked(bench, b"one\n", b"two\n")
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"one"
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"two"


def test_silence_and_half_an_answer_are_told_apart(bench: Bench) -> None:
    line = networked(bench, b"", b"ha")
    with said(r"no answer within 1 s\. Hint: look at the wire", Unheard):
        line.ask(b"q", line_end, ASKED, 1.0)
    with said("cut after 2 bytes", Unheard):
        line.ask(b"q", line_end, ASKED, 1.0)


def test_a_late_answer_is_not_taken_for_the_next_one(bench: Bench) -> None:
    line = networked(bench, b"", b"second\n")
    with pytest.raises(Unheard):
        line.ask(b"first?", line_end, ASKED, 1.0)
    bench.tcp_type(*PLC, b"first\n")
    assert line.ask(b"second?", line_end, ASKED, 1.0) == b"second"


def test_what_comes_unasked_is_dropped(bench: Bench) -> None:
    line = networked(bench, b"answer\n")
    bench.tcp_type(*PLC, b"hello\n")
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"answer"


def test_garbled_answers_are_asked_for_again_but_refusals_are_not(bench: Bench) -> None:
    assert networked(bench, b"?", b"", b"well\n").ask(b"q", line_end, ASKED, 1.0, tries=3) == b"well"
    line = networked(bench, b"!", b"well\n")
    with said("refused", SensorError) as refused:
        line.ask(b"q", line_end, ASKED, 1.0, tries=3)
    assert not isinstance(refused[0], Unheard)


def test_a_connection_that_was_ended_while_nobody_asked_is_made_anew(bench: Bench) -> None:
    line = networked(bench, b"one\n", b"two\n")
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"one"
    bench.tcp_hang_up(*PLC)
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"two"


def test_a_device_that_hangs_up_on_each_question_is_broken(bench: Bench) -> None:
    line = networked(bench, ConnectionResetError, ConnectionResetError)
    with said("connection was lost", SensorError):
        line.ask(b"q", line_end, ASKED, 1.0)


def test_a_device_that_never_ends_is_broken(bench: Bench) -> None:
    line = networked(bench, b"x" * 20_000)
    with said("does not end", Unheard):
        line.ask(b"q", line_end, ASKED, 1.0)


class Babbler:
    """A port that has always something to say."""

    timeout: float | None = 0
    in_waiting = 1
    closed = 0

    def fileno(self) -> int:
        return -1

    def read(self, size: int = 1) -> bytes:
        return b"x" * size

    def write(self, data: bytes) -> int:
        return len(data)

    def close(self) -> None:
        self.closed += 1


def test_a_line_that_is_never_quiet_is_said_so() -> None:
    port: SerialPort = Babbler()
    line = FieldLine(HandClock(START_NS), lambda: port, gap_s=0.004, hang_up=False)
    line.join()
    with said("never quiet", Unheard):
        line.ask(b"q", line_end, ASKED, 1.0)


def test_the_first_opens_the_port_and_the_last_closes_it(bench: Bench) -> None:
    settings = PortSettings(PORT, 9600)
    lanes = [LaneBoard(bench, LaneClock(bench.clock, str(i), lambda error: None)) for i in range(2)]
    first, second = (rs485(lane, settings) for lane in lanes)
    assert first is second
    first.join()
    second.join()
    first.leave()
    with said("busy", SensorError):
        bench.serial(PORT, 9600)
    second.leave()
    bench.serial(PORT, 9600).close()


def test_a_device_that_is_set_otherwise_hears_rubbish_too(bench: Bench) -> None:
    heard = list[bytes]()

    def reply(told: bytes) -> bytes:
        heard.append(told)
        return b"yes\n" if told == b"q" else b""

    bench.plug(PORT, Settings(9600), reply)
    well, ill = (rs485(bench, PortSettings(PORT, baud)) for baud in (9600, 19_200))
    well.join()
    assert well.ask(b"q", line_end, ASKED, 1.0) == b"yes"
    well.leave()
    ill.join()
    with said("no answer", Unheard):
        ill.ask(b"q", line_end, ASKED, 1.0)
    assert heard[1] != b"q"


def test_a_plug_that_was_pulled_is_a_lost_connection_and_back_when_it_is_in(bench: Bench) -> None:
    bench.plug(PORT, None, lambda told: b"yes\n")
    line = rs485(bench, PortSettings(PORT, 9600))
    line.join()
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"yes"
    bench.unplug(PORT)
    with said(PORT, SensorError):
        line.ask(b"q", line_end, ASKED, 1.0)
    bench.plug(PORT, None, lambda told: b"yes\n")
    assert line.ask(b"q", line_end, ASKED, 1.0) == b"yes"


class Ticking(HandClock):
    """A clock that moves on each time it is asked, and says when it was asked by another thread."""

    def __init__(self) -> None:
        super().__init__(START_NS)
        self.ticks = count(1)
        self.asked, self.main = Event(), current_thread()

    def monotonic_ns(self) -> int:
        now = next(self.ticks)
        if current_thread() is not self.main:
            self.asked.set()
        return now


def test_who_waited_while_another_one_found_the_line_dead_does_not_wait_again() -> None:
    clock = Ticking()
    calls, errors = list[int](), list[SensorError]()

    def dead() -> SerialPort:
        calls.append(1)
        second.start()
        assert clock.asked.wait(10)
        raise SensorError(Words("いない", "nobody there"))

    def join() -> None:
        try:
            line.join()
        except SensorError as error:
            errors.append(error)

    line = FieldLine(clock, dead, hang_up=True)
    second = Thread(target=join)
    join()
    second.join()
    assert len(errors) == 2
    assert len(calls) == 1
