"""The bench's serial ports: real pseudo-terminals under real pyserial."""

from collections.abc import Iterator
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench, Settings
from edge.bench_clock import HandClock
from edge.board import SerialPort
from edge.clock import Clock
from edge.system_clock import SystemClock

START_NS = 1_795_000_000_000_000_000
PORT = "/dev/ttyUSB0"


class Reader:
    """Reads a port whenever the clock says so."""

    def __init__(self, clock: Clock, port: SerialPort, enough: int = 0) -> None:
        self.port, self.heard, self.error = port, bytearray(), list[OSError]()
        self.enough, self.done = enough, Event()
        self.watch = clock.watch(port, self.read, "reader")

    def read(self) -> None:
        try:
            self.heard += self.port.read(self.port.in_waiting or 1)
        except OSError as error:
            self.error.append(error)
            self.watch.cancel()
            self.done.set()
        if self.enough and len(self.heard) >= self.enough:
            self.done.set()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(HandClock(START_NS))
    yield bench
    bench.close()


@settings(max_examples=20, deadline=None)
@given(data=st.binary(max_size=20_000))
def test_by_hand_all_that_was_typed_was_read_when_type_returns(data: bytes) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    reader = Reader(clock, bench.serial(PORT, 9600))
    bench.type(PORT, data)
    bench.close()
    assert bytes(reader.heard) == data


def test_without_a_watcher_the_bytes_wait(bench: Bench) -> None:
    port = bench.serial(PORT, 9600)
    bench.type(PORT, b"12345")
    assert port.in_waiting == 5
    assert port.read(3) == b"123"
    bench.type(PORT, b"6")
    assert port.read(10) == b"456"


def test_what_is_typed_while_nobody_listens_is_lost(bench: Bench) -> None:
    bench.type(PORT, b"lost")
    port = bench.serial(PORT, 9600)
    bench.type(PORT, b"heard")
    assert port.read(100) == b"heard"
    port.close()
    bench.type(PORT, b"lost")
    assert bench.serial(PORT, 9600).in_waiting == 0


def test_a_port_has_one_user_at_a_time(bench: Bench) -> None:
    port = bench.serial(PORT, 9600)
    with pytest.raises(SensorError, match="busy"):
        bench.serial(PORT, 9600)
    port.close()
    bench.serial(PORT, 9600)


def test_a_pulled_plug_hangs_the_port_up_and_its_watcher_meets_it(bench: Bench) -> None:
    reader = Reader(bench.clock, bench.serial(PORT, 9600))
    bench.unplug(PORT)
    assert reader.error


def test_an_unplugged_port_is_not_there_until_it_is_plugged_in(bench: Bench) -> None:
    bench.unplug(PORT)
    with pytest.raises(SensorError) as missing:
        bench.serial(PORT, 9600)
    assert PORT in missing.value.say("ja")
    assert "No such file" in missing.value.say("en")
    bench.plug(PORT)
    port = bench.serial(PORT, 9600)
    bench.type(PORT, b"back")
    assert port.read(10) == b"back"


def test_a_driver_with_other_settings_hears_rubbish(bench: Bench) -> None:
    bench.plug(PORT, Settings(2400, 7, "E"))
    wrong = bench.serial(PORT, 9600)
    bench.type(PORT, b"ST,+00123.45  g\r\n")
    assert wrong.read(100) not in (b"", b"ST,+00123.45  g\r\n")
    wrong.close()
    right = bench.serial(PORT, 2400, bits=7, parity="E")
    bench.type(PORT, b"ST,+00123.45  g\r\n")
    assert right.read(100) == b"ST,+00123.45  g\r\n"


def test_a_device_may_answer_what_it_is_told(bench: Bench) -> None:
    bench.plug(PORT, reply=lambda told: b"ST,+00001.00  g\r\n" if told == b"Q\r\n" else b"")
    clock = bench.clock
    assert isinstance(clock, HandClock)
    port = bench.serial(PORT, 2400)
    port.write(b"Q\r\n")
    clock.turn(0)
    assert port.read(100) == b"ST,+00001.00  g\r\n"


def test_two_ports_are_two_devices(bench: Bench) -> None:
    one, two = bench.serial(PORT, 9600), bench.serial("/dev/ttyUSB1", 9600)
    bench.type(PORT, b"one")
    bench.type("/dev/ttyUSB1", b"two")
    assert (one.read(10), two.read(10)) == (b"one", b"two")


def test_on_a_real_clock_the_same_reader_reads_and_meets_the_pulled_plug() -> None:
    clock = SystemClock()
    bench = Bench(clock)
    data = bytes(range(256)) * 40
    reader = Reader(clock, bench.serial(PORT, 9600), enough=len(data))
    try:
        bench.type(PORT, data)
        assert reader.done.wait(10)
        assert bytes(reader.heard) == data
        reader.done.clear()
        bench.unplug(PORT)
        assert reader.done.wait(10)
        assert reader.error
    finally:
        bench.close()
        clock.close()
