"""TCP connections as ports, over the real loopback and on the bench."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.system_clock import SystemClock
from edge.tcp_port import dial, no_connection
from tests.edge.said import said

START_NS = 1_795_000_000_000_000_000
HERE = "127.0.0.1"
PLC = ("192.168.3.39", 5007)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server((HERE, 0)) as server:
        yield server


def test_what_is_written_arrives_and_what_is_answered_is_read(listening: socket.socket) -> None:
    port = dial(HERE, listening.getsockname()[1], 5.0)
    device, _ = listening.accept()
    with device:
        assert port.write(b"ask") == 3
        assert device.recv(10) == b"ask"
        assert (port.read(1), port.in_waiting) == (b"", 0)
        device.sendall(b"answer")
        port.timeout = 5.0
        assert port.read(1) == b"a"
        assert port.in_waiting == 5
        assert port.read(0) == b""
        assert port.read(port.in_waiting) == b"nswer"
        assert port.fileno() >= 0
    with pytest.raises(ConnectionError, match="hung up"):
        port.read(1)
    port.close()
    port.close()


def test_nothing_comes_and_the_wait_ends(listening: socket.socket) -> None:
    port = dial(HERE, listening.getsockname()[1], 5.0)
    port.timeout = 0.01
    assert port.read(1) == b""
    port.close()


def test_a_closed_port_is_said_so(listening: socket.socket) -> None:
    number = listening.getsockname()[1]
    listening.close()
    with pytest.raises(SensorError) as refused:
        dial(HERE, number, 5.0)
    assert f"{HERE}:{number}" in refused.value.say("en")
    assert "does not listen on this port" in refused.value.say("en")
    assert "ポート番号の設定" in refused.value.say("ja")


@pytest.mark.parametrize("name", ["a" * 300, "no name."])
def test_a_name_that_is_none_is_said_so(name: str) -> None:
    with said("write the IP address"):
        dial(name, 502, 1.0)


def test_a_device_that_does_not_answer_is_looked_for() -> None:
    assert "ping 10.0.0.9" in no_connection("10.0.0.9", 502, TimeoutError("timed out")).say("ja")


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(HandClock(START_NS))
    yield bench
    bench.close()


def test_on_the_bench_a_device_answers_at_once(bench: Bench) -> None:
    bench.tcp_device(*PLC, lambda told: told.upper())
    port = bench.tcp(*PLC, 1.0)
    port.write(b"abc")
    port.timeout = 3600.0
    assert port.read(1) + port.read(port.in_waiting) == b"ABC"
    assert port.read(1) == b"", "by hand nobody waits an hour"


def test_on_the_bench_nobody_is_there_until_a_device_is(bench: Bench) -> None:
    with said("timed out"):
        bench.tcp(*PLC, 1.0)
    bench.tcp_device(*PLC, lambda told: told)
    port = bench.tcp(*PLC, 1.0)
    bench.tcp_device(*PLC, None)
    port.write(b"abc")
    assert port.in_waiting == 0


def test_on_the_bench_a_device_can_speak_unasked_and_hang_up(bench: Bench) -> None:
    bench.tcp_device(*PLC, lambda told: told)
    one, two = bench.tcp(*PLC, 1.0), bench.tcp(*PLC, 1.0)
    bench.tcp_type(*PLC, b"x")
    assert (one.read(1), two.read(1)) == (b"x", b"x")
    two.close()
    bench.tcp_type(*PLC, b"y")
    bench.tcp_hang_up(*PLC)
    assert one.read(1) == b"y"
    with pytest.raises(ConnectionError):
        one.read(1)
    with pytest.raises(ConnectionError):
        one.write(b"z")


def test_on_the_bench_a_device_can_hang_up_instead_of_answering(bench: Bench) -> None:
    def rude(told: bytes) -> bytes:
        raise ConnectionResetError

    bench.tcp_device(*PLC, rude)
    port = bench.tcp(*PLC, 1.0)
    port.write(b"abc")
    with pytest.raises(ConnectionError):
        port.read(1)


def test_on_a_running_clock_the_bench_lets_a_driver_wait() -> None:
    clock = SystemClock()
    bench = Bench(clock)
    try:
        bench.tcp_device(*PLC, lambda told: b"")
        port = bench.tcp(*PLC, 1.0)
        port.timeout = 5.0
        late = Thread(target=bench.tcp_type, args=(*PLC, b"late"))
        late.start()
        assert port.read(1) == b"l"
        late.join()
    finally:
        bench.close()
        clock.close()
