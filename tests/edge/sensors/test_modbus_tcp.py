"""Meters on the network: a slave of bytes, transactions that do not fit, and pymodbus's own server over real wires."""

import asyncio
import os
import select
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
import serial
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_pin import BenchFactory
from edge.modbus import MAP_HINT, registers_of
from edge.modbus_device import line_at
from edge.pi_board import Outside, PiBoard
from edge.sensors import modbus_rtu
from edge.sensors.modbus_tcp import Sensor, handles, place
from edge.system_clock import SystemClock
from tests.edge.said import said
from tests.edge.sensors.models.modbus import ByteSlave, Spoil

START_NS = 1_795_000_000_000_000_000
HOST, PORT = "192.168.3.20", 502
METER = {
    "power": {"register": 0x34, "function": "input", "format": "float32"},
    "running": {"register": 5, "function": "discrete", "kind": "level"},
    "pieces": {"register": 100, "kind": "total"},
}


class Network:
    """A slave of bytes on the bench's network."""

    def __init__(self) -> None:
        self.bench = Bench(HandClock(START_NS))
        self.slave = ByteSlave(1)
        self.slave.input |= {0x34: 0x4366, 0x35: 0x3334}
        self.slave.discrete[5] = 1
        self.slave.holding[100] = 7
        self.told: list[bytes] = []
        self.bench.tcp_device(HOST, PORT, self._hear)

    def _hear(self, told: bytes) -> bytes:
        self.told.append(told)
        return self.slave.tcp(told)

    def open(self, **more: Any) -> Any:
        return Sensor(**({"host": HOST, "measures": METER} | more)).open(self.bench)


@pytest.fixture
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.bench.close()


def test_a_question_has_the_header_of_the_specification(network: Network) -> None:
    """3.1.3: transaction, protocol 0, bytes that follow, unit; then function, address and count."""
    network.open()
    assert network.told[0] == bytes.fromhex("0001 0000 0006 01 04 0034 0002")
    assert [told[:2] for told in network.told] == [b"\0\1", b"\0\2", b"\0\3"]


def test_a_meter_is_read(network: Network) -> None:
    meter = network.open()
    assert meter.read() == {"power": 230.2, "running": 1}
    network.slave.holding[100] = 9
    assert meter.read() == {"power": 230.2, "pieces": 2}


def other_transaction(frame: bytearray) -> bytes:
    frame[1] ^= 0x40
    return bytes(frame)


def other_unit(frame: bytearray) -> bytes:
    frame[6] = 7
    return bytes(frame)


def cut(frame: bytearray) -> bytes:
    return bytes(frame[:-1])


def no_modbus(frame: bytearray) -> bytes:
    return b"HTTP/1.1 400 Bad Request\r\n"


def too_long(frame: bytearray) -> bytes:
    frame[4:6] = b"\xff\xff"
    return bytes(frame)


def fewer(frame: bytearray) -> bytes:
    """One register less, in good order."""
    frame[5] -= 2
    frame[8] -= 2
    return bytes(frame[:-2])


def silent(frame: bytearray) -> bytes:
    return b""


def hangs_up(frame: bytearray) -> bytes:
    raise ConnectionResetError


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (other_transaction, "only an answer to another question came .*transaction 68"),
        (other_unit, "only an answer to another question came .unit 7"),
        (cut, "cut after 12 bytes"),
        (no_modbus, "not Modbus"),
        (too_long, "cut after"),
        (fewer, r"does not fit \(function 4, 1 values"),
        (silent, "no answer within 2 s"),
    ],
)
def test_an_answer_that_is_wrong_is_told_and_the_next_one_is_right(network: Network, spoil: Spoil, words: str) -> None:
    meter = network.open()
    network.slave.spoil = [spoil]
    with said(words) as error:
        meter.read()
    assert "192.168.3.20:502 ユニット 1" in error[0].say("ja")
    assert meter.read() == {"power": 230.2, "running": 1}


def test_an_answer_to_an_earlier_question_is_passed_over(network: Network) -> None:
    meter = network.open()
    network.slave.spoil = [lambda frame: other_transaction(bytearray(frame)) + bytes(frame)]
    assert meter.read() == {"power": 230.2, "running": 1}


def test_a_device_that_ends_the_connection_is_called_again_once(network: Network) -> None:
    meter = network.open()
    network.bench.tcp_hang_up(HOST, PORT)
    assert meter.read()["power"] == 230.2
    network.slave.spoil = [hangs_up] * 2
    with said("the connection was lost"):
        meter.read()


def test_nobody_there(network: Network) -> None:
    with said("No connection to 192.168.3.21:502.*ping 192.168.3.21"):
        network.open(host="192.168.3.21")


def test_a_register_it_has_not_is_told_with_what_to_compare(network: Network) -> None:
    with said(r"2 of holding from 100: it has no such register \(exception 2\)") as error:
        network.open(measures={"x": {"register": 100, "format": "uint32"}})
    assert error[0].hint == MAP_HINT


def test_units_behind_one_gateway_share_its_connection_and_are_told_apart() -> None:
    bench = Bench(HandClock(START_NS))
    one, two = (Sensor(host=HOST, unit=unit, measures={"x": {"register": 1}}) for unit in (1, 2))
    for sensor, value in ((one, 11), (two, 22)):
        place(sensor, bench).put(registers_of(sensor.measures)[0], value)
    first, second = one.open(bench), two.open(bench)
    assert (first.read(), second.read()) == ({"x": 11}, {"x": 22})
    line_at(bench, f"{HOST}:{PORT}", rtu=False).units.pop(2)
    with said("unit 2"):
        second.read()
    assert first.read() == {"x": 11}
    bench.close()


def test_everything_can_be_taken_in_hand() -> None:
    bench = Bench(HandClock(START_NS))
    measures = METER | {"name": {"register": 200, "format": "text", "kind": "text"}}
    sensor = Sensor(host=HOST, measures=measures)
    part = place(sensor, bench)
    by_key: dict[str, Any] = {handle.key: handle for handle in handles(sensor, bench, part)}
    by_key["running"].push()
    by_key["pieces"].push()
    by_key["name"].send("A-100")
    meter = sensor.open(bench)
    assert meter.read() == {"power": 0.0, "running": 1, "name": "A-100"}
    by_key["running"].push()
    by_key["pieces"].push()
    assert meter.read() == {"power": 0.0, "running": 0, "pieces": 1}
    bench.close()


@settings(max_examples=25, deadline=None)
@given(rubbish=st.binary(max_size=40), right=st.booleans())
def test_whatever_comes_back_is_a_sensor_error(rubbish: bytes, right: bool) -> None:
    bench = Bench(HandClock(START_NS))
    bench.tcp_device(HOST, PORT, lambda told: (told[:5] + bytes([len(rubbish)]) if right else b"") + rubbish)
    measures = {f"x{i}": {"register": i} for i in range(60)}
    try:
        with pytest.raises(SensorError):
            Sensor(host=HOST, measures=measures).open(bench)
    finally:
        bench.close()


# ---- pymodbus's own server, over the kernel's loopback and pseudo-terminals ----


@contextmanager
def pymodbus_server(make: Callable[[Any], Any]) -> Iterator[Any]:
    """A server in a thread of its own; ``make`` is given the device and makes it."""
    from pymodbus.simulator import DataType, SimData, SimDevice

    words = [0] * 52 + [0x4366, 0x3334] + [0] * 46 + [7]
    device = SimDevice(1, simdata=[SimData(0, values=words, datatype=DataType.REGISTERS)])
    loop, ready, kept = asyncio.new_event_loop(), threading.Event(), SimpleNamespace()

    async def begin() -> None:
        kept.server = make(device)
        assert await kept.server.listen()
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(begin())
        loop.run_forever()
        loop.run_until_complete(kept.server.shutdown())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(10)
        yield kept.server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@contextmanager
def real_board() -> Iterator[PiBoard]:
    clock = SystemClock()
    try:
        yield PiBoard(clock, Outside(BenchFactory(clock), None, lambda bus: None, serial.Serial))  # type: ignore[arg-type,return-value]
    finally:
        clock.close()


REAL = {
    "power": {"register": 52, "format": "float32"},
    "pieces": {"register": 100, "kind": "number"},
}


def test_pymodbuss_own_server_is_read_over_the_loopback() -> None:
    from pymodbus.server import ModbusTcpServer

    def make(device: Any) -> Any:
        return ModbusTcpServer(device, address=("127.0.0.1", 0))

    with pymodbus_server(make) as server, real_board() as board:
        port = server.transport.sockets[0].getsockname()[1]
        meter = Sensor(host="127.0.0.1", tcp_port=port, measures=REAL).open(board)
        assert meter.read() == {"power": 230.2, "pieces": 7}
        with said("no such register"):
            Sensor(host="127.0.0.1", tcp_port=port, measures={"x": {"register": 9999}}).open(board)
        meter.close()


@contextmanager
def null_modem() -> Iterator[tuple[str, str]]:
    """Two serial ports of the kernel that hear each other."""
    pairs = [os.openpty() for _ in range(2)]
    masters = [master for master, _ in pairs]
    ended, done = os.pipe()

    def carry() -> None:
        while True:
            ready, _, _ = select.select([*masters, ended], [], [])
            if ended in ready:
                return
            for master in ready:
                os.write(masters[1 - masters.index(master)], os.read(master, 512))

    thread = threading.Thread(target=carry)
    thread.start()
    try:
        yield os.ttyname(pairs[0][1]), os.ttyname(pairs[1][1])
    finally:
        os.write(done, b".")
        thread.join(10)
        for number in (*(n for pair in pairs for n in pair), ended, done):
            os.close(number)


def test_pymodbuss_own_server_is_read_over_a_pseudo_terminal() -> None:
    from pymodbus.framer import FramerType
    from pymodbus.server import ModbusSerialServer

    with null_modem() as (ours, theirs):

        def make(device: Any) -> Any:
            return ModbusSerialServer(device, framer=FramerType.RTU, port=theirs, baudrate=19_200)

        with pymodbus_server(make), real_board() as board:
            meter = modbus_rtu.Sensor(port=ours, baud=19_200, timeout_s=1.0, measures=REAL).open(board)
            assert meter.read() == {"power": 230.2, "pieces": 7}
            meter.close()
