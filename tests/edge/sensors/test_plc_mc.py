"""Mitsubishi's PLCs by the MC protocol: the manual's examples, a CPU of bytes, and what a bad network brings."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import LineError, SensorError
from contract.line import load
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.field_line import FieldLine, connection
from edge.melsec import FORM, Device, Melsec, Route
from edge.outbox import Outbox
from edge.pi_board import Outside, PiBoard
from edge.sensors import catalogue, modules
from edge.sensors.plc_mc import Sensor, place, places_of
from edge.system_clock import SystemClock
from tests.edge.said import said
from tests.edge.sensors.models.plc_mc import DEVICES, ByteCpu, Spoil

START_NS = 1_795_000_000_000_000_000
PLC = ("192.168.3.39", 5007)
PRESS = {
    "count": {"device": "D100", "format": "uint16", "kind": "total"},
    "running": {"device": "M10", "kind": "level"},
    "product": {"device": "D200", "format": "text", "length": 4, "kind": "text"},
}


class Floor:
    """A CPU of bytes on the bench's network, and sensors that read it."""

    def __init__(self, ascii_code: bool = False) -> None:
        self.bench = Bench(HandClock(START_NS))
        self.cpu = ByteCpu(ascii_code)
        self.cpu.memory = {name: dict.fromkeys(range(300), 0) for name in DEVICES}
        self.told: list[bytes] = []
        self.bench.tcp_device(*PLC, self._hear)

    def _hear(self, told: bytes) -> bytes:
        self.told.append(told)
        return self.cpu(told)

    def open(self, measures: dict[str, Any], **more: Any) -> Any:
        code = "ascii" if self.cpu.ascii_code else "binary"
        given: dict[str, Any] = {"host": PLC[0], "tcp_port": PLC[1], "code": code} | more
        return Sensor(measures=measures, **given).open(self.bench)


@pytest.fixture(params=[False, True], ids=["binary", "ascii"])
def floor(request: pytest.FixtureRequest) -> Iterator[Floor]:
    floor = Floor(request.param)
    yield floor
    floor.bench.close()


@pytest.fixture
def binary() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.bench.close()


# ---- the manual ----


def asked_of(code: Any, device: str, count: int, answer: bytes) -> tuple[bytes, list[int]]:
    """The question for devices, and what an answer to it says."""
    bench = Bench(HandClock(START_NS))
    told = list[bytes]()

    def reply(question: bytes) -> bytes:
        told.append(question)
        return answer

    bench.tcp_device(*PLC, reply)
    line = connection(bench, *PLC, 1.0)
    line.join()
    values = list(Melsec(line, Route(), code, "PLC", 4.25).read(Device.of(device), count))
    bench.close()
    return told[0], values


def test_three_words_of_d_in_binary_as_the_manual_reads_them() -> None:
    """5.2 and 8.2: timer 0010H, command 0401H, subcommand 0000H, device number 64 00 00, device code A8, 3 points."""
    question, values = asked_of(
        "binary", "D100", 3, bytes.fromhex("D0 00 00 FF FF 03 00 08 00 00 00 34 12 02 00 00 80")
    )
    assert question == bytes.fromhex("50 00 00 FF FF 03 00 0C 00 10 00 01 04 00 00 64 00 00 A8 03 00")
    assert values == [0x1234, 2, 0x8000]


def test_a_question_in_ascii_as_the_manual_writes_it() -> None:
    """8.2: 0401, 0001, M*, 000100, 0008; one character for a point."""
    question, values = asked_of("ascii", "M100", 8, b"D00000FF03FF00" + b"000C" + b"0000" + b"00010011")
    assert question == b"500000FF03FF00" + b"0018" + b"0010" + b"0401" + b"0001" + b"M*" + b"000100" + b"0008"
    assert values == [0, 0, 0, 1, 0, 0, 1, 1]


def test_bits_in_binary_are_two_to_a_byte_the_first_in_the_high_half() -> None:
    _, values = asked_of("binary", "M100", 5, bytes.fromhex("D0 00 00 FF FF 03 00 05 00 00 00 00 01 10"))
    assert values == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("device", "binary", "ascii_code"),
    [
        ("M1234", "D2 04 00 90", b"M*001234"),  # 8.1, device number, the manual's own two examples
        ("X1234", "34 12 00 9C", b"X*001234"),
        ("Y1F", "1F 00 00 9D", b"Y*00001F"),
        ("B7FF", "FF 07 00 A0", b"B*0007FF"),
        ("W10", "10 00 00 B4", b"W*000010"),
        ("SM400", "90 01 00 91", b"SM000400"),
        ("CN12", "0C 00 00 C5", b"CN000012"),
        ("R32767", "FF 7F 00 AF", b"R*032767"),
        ("ZR65536", "00 00 01 B0", None),
    ],
)
def test_devices_are_numbered_as_in_the_manual(device: str, binary: str, ascii_code: bytes | None) -> None:
    zeros = {"binary": bytes.fromhex("D0 00 00 FF FF 03 00"), "ascii": b"D00000FF03FF00"}
    bit = Device.of(device).is_bit
    data = {"binary": b"\0" if bit else b"\0\0", "ascii": b"0" if bit else b"0000"}
    answers = {
        "binary": zeros["binary"] + (2 + len(data["binary"])).to_bytes(2, "little") + b"\0\0" + data["binary"],
        "ascii": zeros["ascii"] + f"{4 + len(data['ascii']):04X}0000".encode() + data["ascii"],
    }
    assert bytes.fromhex(binary) in asked_of("binary", device, 1, answers["binary"])[0]
    if ascii_code is not None:
        assert ascii_code in asked_of("ascii", device, 1, answers["ascii"])[0]


def test_the_x_and_y_of_an_fx5_are_octal() -> None:
    assert Device.of("X20", octal=True).number == 16
    assert str(Device.of("X20", octal=True)) == "X20"
    assert Device.of("D20", octal=True).number == 20
    with said("no device that can be read"):
        Device.of("Y8", octal=True)


@pytest.mark.parametrize("written", ["D", "D1G", "Q1", "M1F", "d100", "X", "D100.5", "", "K4M0", "D-1", "XG"])
def test_what_is_no_device_is_refused(written: str) -> None:
    with said("no device that can be read"):
        Device.of(written)


# ---- the CPU of bytes ----


def test_a_press_is_read_in_either_code(floor: Floor) -> None:
    floor.cpu.memory["D"] |= {100: 65_530, 200: 0x2D41, 201: 0x3031, 202: 0x0030}
    plc = floor.open(PRESS)
    assert plc.read() == {"running": 0, "product": "A-100"}
    floor.cpu.memory["D"][100], floor.cpu.memory["M"][10] = 2, 1
    assert plc.read() == {"count": 8, "running": 1}
    assert plc.read() == {}
    floor.cpu.memory["D"][100] = 0
    assert plc.read() == {}
    assert set(floor.cpu.commands) == {0x0401}


@pytest.mark.parametrize("device", ["D7", "W7", "R7", "SD7", "SW7", "TN7", "CN7"])
def test_every_kind_of_word_is_read(floor: Floor, device: str) -> None:
    symbol = device[:-1]
    floor.cpu.memory[symbol][7] = 0xFFFE
    assert floor.open({"x": {"device": device}, "y": {"device": device, "format": "uint16"}}).read() == {
        "x": -2,
        "y": 65_534,
    }


@pytest.mark.parametrize("symbol", ["X", "Y", "M", "L", "B", "F", "V", "SM", "SB", "TS", "TC", "CS", "CC"])
def test_every_kind_of_bit_is_read(floor: Floor, symbol: str) -> None:
    floor.cpu.memory[symbol][16] = 1
    sixteen = "10" if DEVICES[symbol][2] == 16 else "16"
    plc = floor.open({"on": {"device": f"{symbol}{sixteen}", "kind": "level"}, "off": {"device": f"{symbol}0"}})
    assert plc.read() == {"on": 1, "off": 0}
    assert floor.cpu.asked == [(symbol, 0, 17)] * 2


def test_devices_near_each_other_are_one_question_and_far_ones_two(floor: Floor) -> None:
    floor.cpu.memory["D"] |= dict.fromkeys(range(2000), 0)
    floor.open({"a": {"device": "D10"}, "b": {"device": "D60", "format": "float32"}, "c": {"device": "D1000"}})
    assert floor.cpu.asked == [("D", 10, 52), ("D", 1000, 1)]


def test_of_two_words_the_low_one_is_first(floor: Floor) -> None:
    floor.cpu.memory["D"] |= {0: 0x86A0, 1: 1, 2: 0, 3: 0x4120, 4: 0x1234, 5: 0}
    measures = {
        "long": {"device": "D0", "format": "int32"},
        "real": {"device": "D2", "format": "float32", "scale": 0.1},
        "bcd": {"device": "D4", "format": "bcd32"},
        "bit": {"device": "D4", "bit": 2, "kind": "level"},
        "code": {"device": "D4", "format": "uint16", "kind": "text"},
    }
    assert floor.open(measures).read() == {"long": 100_000, "real": 1.0, "bcd": 1234, "bit": 1, "code": "4660"}


def test_a_text_in_shift_jis_and_an_empty_one(binary: Floor) -> None:
    words = "左ドア".encode("shift_jis")
    binary.cpu.memory["D"] |= {200 + i: words[2 * i] | words[2 * i + 1] << 8 for i in range(3)}
    plc = binary.open(PRESS)
    assert plc.read()["product"] == "左ドア"
    binary.cpu.memory["D"] |= dict.fromkeys(range(200, 204), 0)
    assert plc.read() == {}
    binary.cpu.memory["D"][200] = 0x0081
    assert plc.read() == {}, "half a character is no product"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (0xC056, r"beyond the range \(end code C056H\)"),
        (0xC05B, "cannot read such devices"),
        (0xC05F, "does not reach that CPU"),
        (0xC201, "locked by a remote password"),
        (0xC059, "does not know this command"),
        (0x4031, "beyond the range"),
        (0x4A00, r"an error of the CPU \(end code 4A00H\)"),
        (0xCFFF, r"the PLC refuses \(end code CFFFH\)"),
    ],
)
def test_an_end_code_is_told_in_plain_words(floor: Floor, end: int, words: str) -> None:
    floor.cpu.refuses = end
    with said(words) as error:
        floor.open(PRESS)
    assert "192.168.3.39:5007 の PLC の D100 から" in error[0].say("ja")


def test_a_device_that_the_cpu_has_not_is_named(floor: Floor) -> None:
    with said(r"1 from D9000 on: the device number is beyond the range") as error:
        floor.open({"x": {"device": "D9000"}})
    assert "16 進" in error[0].say("ja")


def test_another_station_is_another_cpu(floor: Floor) -> None:
    floor.cpu.network, floor.cpu.station = 1, 2
    with said("does not reach that CPU"):
        floor.open(PRESS)
    assert floor.open(PRESS, network=1, station=2).read() == {"running": 0}


def test_a_plc_that_is_set_to_the_other_code_is_silent_and_the_hint_says_so(floor: Floor) -> None:
    with said("no answer within 2 s.*binary or ASCII"):
        floor.open(PRESS, code="binary" if floor.cpu.ascii_code else "ascii")


@pytest.mark.parametrize(("ours", "theirs"), [("binary", True), ("ascii", False)])
def test_an_answer_in_the_other_code_is_said_to_be_so(ours: Any, theirs: bool) -> None:
    floor = Floor()
    floor.bench.tcp_device(*PLC, lambda told: b"D00000FF03FF0000040000" if theirs else bytes.fromhex("D00000FFFF0300"))
    with said(f"it answers in {'ascii' if theirs else 'binary'}"):
        floor.open(PRESS, code=ours)
    floor.bench.close()


def cut(answer: bytes) -> bytes:
    return answer[:-1]


def only_the_head(answer: bytes) -> bytes:
    return answer[:3]


def other_station(answer: bytes) -> bytes:
    return answer.replace(b"\xff\xff\x03", b"\x07\xff\x03", 1).replace(b"FF03FF", b"0703FF", 1)


def too_few(answer: bytes) -> bytes:
    """One word less, in good order: the length says so."""
    if answer[:1] == b"D":
        return answer[:14] + f"{int(answer[14:18], 16) - 4:04X}".encode() + answer[18:-4]
    return answer[:7] + (int.from_bytes(answer[7:9], "little") - 2).to_bytes(2, "little") + answer[9:-2]


def silent(answer: bytes) -> bytes:
    return b""


def hangs_up(answer: bytes) -> bytes:
    raise ConnectionResetError


def not_mc(answer: bytes) -> bytes:
    return b"HTTP/1.1 400 Bad Request\r\n\r\n"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (cut, "cut after"),
        (only_the_head, "cut after 3 bytes"),
        (other_station, "not of the MC protocol"),
        (too_few, "not as many points"),
        (silent, "no answer within 2 s"),
        (not_mc, "not of the MC protocol"),
    ],
)
def test_an_answer_that_is_wrong_is_told_and_the_next_one_is_right(floor: Floor, spoil: Spoil, words: str) -> None:
    floor.cpu.memory["D"][100] = 5
    measures = {"word": {"device": "D100"}, "next": {"device": "D101"}}
    plc = floor.open(measures)
    floor.cpu.spoil = [spoil]
    with said(words):
        plc.read()
    floor.bench.tcp_type(*PLC, b"\xd0\x00 late")
    assert plc.read() == {"word": 5, "next": 0}


def test_a_plc_that_hangs_up_on_every_question_is_broken_and_once_is_not(floor: Floor) -> None:
    plc = floor.open(PRESS)
    floor.cpu.spoil = [hangs_up]
    plc.read()
    floor.cpu.spoil = [hangs_up] * 2
    with said("the connection was lost"):
        plc.read()


def test_answers_that_come_in_pieces_are_put_together() -> None:
    cpu = ByteCpu()
    cpu.memory["D"] = {0: 1, 1: 2}
    port = Drip(cpu)
    line = FieldLine(HandClock(START_NS), lambda: port, hang_up=True)
    line.join()
    assert Melsec(line, Route(), "binary", "PLC", 1.0).read(Device.of("D0"), 2) == [1, 2]


class Drip:
    """A port whose bytes come one at a time."""

    timeout: float | None = 0

    def __init__(self, cpu: ByteCpu) -> None:
        self._cpu, self._left = cpu, b""

    @property
    def in_waiting(self) -> int:
        return 0

    def fileno(self) -> int:
        return -1

    def read(self, size: int = 1) -> bytes:
        data, self._left = self._left[:size], self._left[size:]
        return data

    def write(self, data: bytes) -> int:
        self._left = self._cpu(data)
        return len(data)

    def close(self) -> None:
        pass


# ---- beside others ----


def test_two_stations_share_the_one_connection_of_a_plc(binary: Floor) -> None:
    one = binary.open({"a": {"device": "D1"}})
    two = binary.open({"b": {"device": "D2"}})
    one.close()
    assert two.read() == {"b": 0}
    binary.bench.tcp_device(*PLC, None)
    with said("no answer"):
        two.read()
    two.close()


def test_what_was_counted_while_the_cable_was_out_is_counted(binary: Floor) -> None:
    plc = binary.open(PRESS)
    plc.read()
    binary.bench.tcp_device(*PLC, None)
    with said("no answer"):
        plc.read()
    plc.close()
    with said("timed out"):
        binary.open(PRESS)
    binary.cpu.memory["D"][100] = 4
    binary.bench.tcp_device(*PLC, binary.cpu)
    assert binary.open(PRESS).read()["count"] == 4


def test_the_kits_own_plc_and_the_cpu_of_bytes_say_the_same(floor: Floor) -> None:
    bench = Bench(HandClock(START_NS))
    code: Any = "ascii" if floor.cpu.ascii_code else "binary"
    sensor = Sensor(host=PLC[0], tcp_port=PLC[1], measures=PRESS, code=code)
    own = place(sensor, bench)
    shown: tuple[float | str, ...] = (77, 1, "A-100")
    for put, value in zip(places_of(sensor), shown, strict=True):
        own.put(put, value)
    for symbol, values in own.values.items():
        floor.cpu.memory[symbol] |= values
    assert sensor.open(bench).read() == floor.open(PRESS).read() == {"running": 1, "product": "A-100"}
    bench.close()


@contextmanager
def served(cpu: Callable[[bytes], bytes]) -> Iterator[int]:
    """A CPU on the kernel's loopback; gives its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while told := self.request.recv(4096):
                self.request.sendall(cpu(told))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(10)


def test_over_the_kernels_loopback_one_that_never_answers_holds_up_no_other(floor: Floor) -> None:
    clock = SystemClock()
    board = PiBoard(clock, Outside(None, None, None, None))  # type: ignore[arg-type]
    more: dict[str, Any] = {"host": "127.0.0.1", "measures": PRESS, "timeout_s": 0.1}
    with served(floor.cpu) as well, served(lambda told: b"") as ill:
        code: Any = "ascii" if floor.cpu.ascii_code else "binary"
        plc = Sensor(tcp_port=well, code=code, **more).open(board)
        with said("no answer within 0.1 s"):
            Sensor(tcp_port=ill, **more).open(board)
        assert plc.read() == {"running": 0}
        plc.close()
    clock.close()


LINE = """
schema = 1
site = "a"
line = "b"
[[reasons]]
id = "changeover"
name = "段取り"
[stations.press]
name = "プレス"
agent = "pi-1"
[stations.press.sensors.{id}]
type = "plc_mc"
host = "192.168.3.39"
tcp_port = 5007
role = "{role}"
[stations.press.sensors.{id}.measures]
{measure}
[stations.press.sensors.dead]
type = "plc_mc"
host = "192.168.3.40"
tcp_port = 5007
measures = {{ x = {{ device = "D0" }} }}
"""


@pytest.mark.parametrize(
    ("role", "measure", "told"),
    [
        ("cycle", 'n = { device = "D100", format = "uint16", kind = "total" }', [3]),
        ("running", 'run = { device = "M10", kind = "level" }', [0, 1]),
        ("phase:wash", 'run = { device = "M10", kind = "level" }', [0, 1]),
        ("product", 'p = { device = "D200", format = "uint16" }', ["0", "12"]),
    ],
)
def test_roles_work_and_a_dead_plc_holds_up_no_other(tmp_path: Path, role: str, measure: str, told: list[Any]) -> None:
    (tmp_path / "line.toml").write_text(LINE.format(id="plc", role=role, measure=measure), "utf-8")
    line = load(tmp_path / "line.toml", catalogue())
    floor = Floor()
    clock: Any = floor.bench.clock
    outbox = Outbox(tmp_path / "outbox.sqlite", "pi-1", clock)
    agent = Agent(line, "pi-1", floor.bench, outbox, modules())
    agent.start()
    clock.turn(2.0)
    floor.cpu.memory["D"] |= {100: 3, 200: 12}
    floor.cpu.memory["M"][10] = 1
    clock.turn(2.0)
    states = agent.state()["sensors"]
    agent.stop()
    delivered = Delivery(outbox, clock).due()
    assert states["press/plc"]["state"] == "ok"
    assert states["press/dead"]["state"] == "broken"
    assert "192.168.3.40" in states["press/dead"]["why_en"]
    assert [v for batch in delivered if batch.series.sensor == "plc" for v in batch.v] == told
    outbox.close()
    floor.bench.close()


def test_kojo_check_knows_a_device_from_what_is_none(tmp_path: Path) -> None:
    text = LINE.format(id="plc", role="running", measure='run = { device = "m10", kind = "level" }')
    (tmp_path / "line.toml").write_text(text, "utf-8")
    with pytest.raises(LineError) as wrong:
        load(tmp_path / "line.toml", catalogue())
    (mistake,) = wrong.value.mistakes
    assert mistake.what.en == '"m10" is not a device (like "D100").'
    assert mistake.hint is not None
    assert mistake.hint.en == 'Hint: write "M10".'


# ---- whatever comes ----


@settings(max_examples=25, deadline=None)
@given(symbol=st.sampled_from(sorted(DEVICES)), number=st.integers(0, 0xFFFFF), octal=st.booleans())
def test_a_device_is_written_as_it_was_read(symbol: str, number: int, octal: bool) -> None:
    radix = 8 if octal and symbol in ("X", "Y") else DEVICES[symbol][2] if symbol != "ZR" else 10
    device = Device(symbol, number % 0x8000, radix)
    assert re.fullmatch(FORM, str(device))
    assert Device.of(str(device), octal) == device


@settings(max_examples=25, deadline=None)
@given(rubbish=st.binary(max_size=40), code=st.sampled_from(["binary", "ascii"]), right=st.booleans())
def test_whatever_comes_back_is_a_sensor_error(rubbish: bytes, code: Any, right: bool) -> None:
    bench = Bench(HandClock(START_NS))
    head = {"binary": bytes.fromhex("D00000FFFF0300"), "ascii": b"D00000FF03FF00"}[code] if right else b""
    bench.tcp_device(*PLC, lambda told: head + rubbish)
    try:
        with pytest.raises(SensorError):
            Sensor(host=PLC[0], tcp_port=PLC[1], measures=PRESS, code=code).open(bench)
    finally:
        bench.close()
