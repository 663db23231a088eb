"""Meters on RS-485: the kit's own slave, a slave of bytes, pymodbus's server, and what a wire does to frames."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from contract.line import load
from edge.bench import Bench, Settings
from edge.bench_clock import HandClock
from edge.bench_parts import place_all
from edge.modbus import RTU_HINT, registers_of
from edge.sensors import catalogue, modules
from edge.sensors.modbus_rtu import Sensor, place
from edge.system_clock import SystemClock
from tests.edge.said import said
from tests.edge.sensors.models.modbus import ByteSlave, Spoil, crc

START_NS = 1_795_000_000_000_000_000
PORT = "/dev/ttyUSB0"
SDM630 = {
    "power": {"register": 0x0034, "function": "input", "format": "float32", "unit": "W"},
    "energy": {"register": 0x0048, "function": "input", "format": "float32", "scale": 1000, "kind": "total"},
}
PZEM016 = {
    "volts": {"register": 0, "function": "input", "format": "uint16", "scale": 0.1},
    "power": {"register": 3, "function": "input", "format": "uint32", "word_order": "low_first", "scale": 0.1},
    "energy": {"register": 5, "function": "input", "format": "uint32", "word_order": "low_first", "kind": "total"},
}


class Wire:
    """A slave of bytes on the bench's line, and sensors that ask it."""

    def __init__(self, unit: int = 1) -> None:
        self.bench = Bench(HandClock(START_NS))
        self.slave = ByteSlave(unit)
        self.told: list[bytes] = []
        self.bench.plug(PORT, Settings(9600), self._hear)

    def _hear(self, told: bytes) -> bytes:
        self.told.append(told)
        return self.slave.rtu(told)

    def open(self, measures: dict[str, Any], **more: Any) -> Any:
        return Sensor(port=PORT, measures=measures, **({"unit": 1} | more)).open(self.bench)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.bench.close()


def test_the_crc_of_the_model_is_that_of_the_specification() -> None:
    assert crc(bytes([0x02, 0x07])) == 0x1241, "MODBUS over Serial Line V1.02, 6.2.2, the example"


def test_the_question_is_the_one_of_eastrons_manual(wire: Wire) -> None:
    """Its example: 01 04 00 00 00 02 71 CB asks for volts 1, and 01 04 04 43 66 33 34 1B 38 answers 230.2 V."""
    wire.slave.input |= {0: 0x4366, 1: 0x3334}
    meter = wire.open({"volts": {"register": 0, "function": "input", "format": "float32"}})
    assert wire.told == [bytes.fromhex("01 04 00 00 00 02 71 CB")]
    assert wire.slave.rtu(wire.told[0]) == bytes.fromhex("01 04 04 43 66 33 34 1B 38")
    assert meter.read() == {"volts": 230.2}


def test_a_meter_whose_low_word_is_first(wire: Wire) -> None:
    wire.slave.input |= {0: 2301, 1: 0, 2: 0, 3: 0x86A0, 4: 1, 5: 10, 6: 0}
    meter = wire.open(PZEM016)
    assert meter.read() == {"volts": 230.1, "power": 10_000.0}
    wire.slave.input[5] = 17
    assert meter.read()["energy"] == 7


def test_registers_side_by_side_are_asked_for_together_and_others_not(wire: Wire) -> None:
    wire.slave.input |= dict.fromkeys(range(0x34, 0x4A), 0)
    wire.slave.holding |= {7: 1, 8: 2}
    measures = SDM630 | {"a": {"register": 7}, "b": {"register": 8}, "c": {"register": 8, "bit": 1, "kind": "level"}}
    assert wire.open(measures).read() == {"power": 0.0, "a": 1, "b": 2, "c": 1}
    assert sorted(set(wire.slave.asked)) == [(3, 7, 2), (4, 0x34, 2), (4, 0x48, 2)]


def test_no_more_than_sixty_registers_are_asked_for_at_once(wire: Wire) -> None:
    wire.slave.most = 60
    wire.slave.holding |= dict.fromkeys(range(200), 5)
    meter = wire.open({f"r{i}": {"register": i, "format": "uint32"} for i in range(0, 130, 2)})
    assert len(meter.read()) == 65
    assert {count for _, _, count in wire.slave.asked} == {60, 10}


def test_coils_and_discrete_inputs_are_levels_and_events(wire: Wire) -> None:
    wire.slave.coils |= dict.fromkeys(range(20), 0)
    wire.slave.discrete[9] = 1
    meter = wire.open(
        {
            "run": {"register": 9, "function": "discrete", "kind": "level"},
            "done": {"register": 0, "function": "coil", "kind": "event"},
            "far": {"register": 19, "function": "coil"},
        }
    )
    assert meter.read() == {"run": 1, "far": 0}
    wire.slave.coils |= {0: 1, 19: 1}
    assert meter.read() == {"done": 1, "far": 1}
    assert meter.read() == {"far": 1}
    wire.slave.coils[0] = wire.slave.discrete[9] = 0
    assert meter.read() == {"run": 0, "far": 1}


def flipped(frame: bytearray) -> bytes:
    frame[3] ^= 0x04
    return bytes(frame)


def cut(frame: bytearray) -> bytes:
    return bytes(frame[:-3])


def elsewhere(frame: bytearray) -> bytes:
    """As if unit 9 had answered, in good order."""
    frame[0] = 9
    check = crc(bytes(frame[:-2]))
    frame[-2:] = bytes([check & 0xFF, check >> 8])
    return bytes(frame)


def other_function(frame: bytearray) -> bytes:
    frame[1] = 3
    check = crc(bytes(frame[:-2]))
    frame[-2:] = bytes([check & 0xFF, check >> 8])
    return bytes(frame)


def silent(frame: bytearray) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (flipped, "its answer is garbled"),
        (cut, "its answer is cut after 6 bytes"),
        (elsewhere, r"only an answer to another question came \(unit 9"),
        (other_function, r"its answer does not fit \(function 3"),
        (silent, "no answer within 0.5 s"),
    ],
)
def test_an_answer_that_is_wrong_once_or_twice_is_asked_for_again_and_then_told(
    wire: Wire, spoil: Spoil, words: str
) -> None:
    wire.slave.input |= dict.fromkeys(range(0x34, 0x4A), 0)
    meter = wire.open(SDM630)
    wire.slave.spoil = [spoil] * 2
    assert meter.read() == {"power": 0.0}
    wire.slave.spoil = [spoil] * 3
    with said(words) as error:
        meter.read()
    assert f"unit 1 at {PORT}, 2 of input from 52" in error[0].say("en")
    assert error[0].hint == RTU_HINT
    assert "終端抵抗" in error[0].say("ja")


def test_an_adapter_that_hears_itself_is_no_trouble(wire: Wire) -> None:
    wire.slave.input |= dict.fromkeys(range(0x34, 0x4A), 0)
    wire.bench.plug(PORT, Settings(9600), lambda told: told + wire.slave.rtu(told))
    assert wire.open(SDM630).read() == {"power": 0.0}
    wire.bench.plug(PORT, Settings(9600), lambda told: told)
    with said("no answer within|cut after"):
        wire.open(SDM630)


def test_an_answer_that_begins_as_the_question_did_is_an_answer(wire: Wire) -> None:
    wire.slave.holding |= dict.fromkeys(range(0x0400, 0x0410), 0x00FF)
    assert wire.open({"x": {"register": 0x0400, "format": "uint32"}}).read() == {"x": 0x00FF00FF}


LINE = """
schema = 1
site = "a"
line = "b"
[stations.s]
name = "x"
agent = "pi-1"
"""
METER = """
[stations.s.sensors.m{unit}]
type = "modbus_rtu"
port = "/dev/ttyUSB0"
unit = {unit}
[stations.s.sensors.m{unit}.measures]
x = {{ register = 1 }}
"""


def test_a_line_with_two_meters_on_one_port_runs_with_nothing_wired(tmp_path: Path) -> None:
    (tmp_path / "line.toml").write_text(LINE + METER.format(unit=1) + METER.format(unit=2), "utf-8")
    line = load(tmp_path / "line.toml", catalogue())
    clock = SystemClock()
    bench = Bench(clock)
    try:
        placed = place_all(line, "pi-1", bench, modules())
        assert placed["s/m1"].part is not placed["s/m2"].part
        for unit in (1, 2):
            sensor = Sensor(**line.stations["s"].sensors[f"m{unit}"].settings)
            placed[f"s/m{unit}"].part.put(registers_of(sensor.measures)[0], unit)
            assert sensor.open(bench).read() == {"x": unit}
    finally:
        bench.close()
        clock.close()


def test_a_late_answer_of_another_unit_is_passed_over(wire: Wire) -> None:
    wire.slave.input |= dict.fromkeys(range(0x34, 0x4A), 0)
    meter = wire.open(SDM630)
    wire.bench.type(PORT, bytes.fromhex("09 04 04 43 66 33 34 00 00"))
    assert meter.read() == {"power": 0.0}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "does not know this function"),
        (2, "no such register"),
        (3, "does not give so many"),
        (4, "failed inside"),
        (6, "busy"),
        (11, "behind the gateway"),
        (99, "not known"),
    ],
)
def test_an_exception_is_told_in_plain_words_and_not_asked_for_again(wire: Wire, code: int, words: str) -> None:
    wire.slave.busy = code
    with said(rf"{words}.*\(exception {code}\)"):
        wire.open(SDM630)
    assert len(wire.slave.asked) == 1


@pytest.mark.parametrize("wrong", [{"baud": 19_200}, {"parity": "E"}, {"unit": 2}])
def test_a_line_that_is_set_otherwise_or_another_unit_is_silence(wire: Wire, wrong: dict[str, Any]) -> None:
    wire.slave.input |= dict.fromkeys(range(0x34, 0x4A), 0)
    with said("no answer within"):
        wire.open(SDM630, **wrong)
    assert not wire.slave.asked


def test_two_meters_on_one_pair_of_wires_and_one_of_them_dead() -> None:
    wire, other = Wire(), ByteSlave(2)
    for slave in (wire.slave, other):
        slave.input |= dict.fromkeys(range(0x34, 0x4A), 0)
    wire.bench.plug(PORT, Settings(9600), lambda told: wire.slave.rtu(told) + other.rtu(told))
    one, two = wire.open(SDM630), wire.open(SDM630, unit=2)
    other.unit = 0
    with said("unit 2"):
        two.read()
    two.close()
    assert one.read() == {"power": 0.0}
    with said("unit 2"):
        wire.open(SDM630, unit=2)
    other.unit = 2
    assert wire.open(SDM630, unit=2).read() == {"power": 0.0}
    wire.bench.close()


def test_the_kits_own_slave_and_the_slave_of_bytes_say_the_same(wire: Wire) -> None:
    bench = Bench(HandClock(START_NS))
    sensor = Sensor(port=PORT, measures=SDM630)
    own = place(sensor, bench)
    for register, value in zip(registers_of(SDM630), (1234.5, 77_000), strict=True):
        own.put(register, value)
    wire.slave.input |= own.tables["input"]
    ours, theirs = sensor.open(bench), wire.open(SDM630)
    assert ours.read() == theirs.read() == {"power": 1234.5}
    bench.close()


MEASURE = st.fixed_dictionaries(
    {
        "register": st.integers(0, 200),
        "function": st.sampled_from(["holding", "input"]),
        "format": st.sampled_from(["uint16", "int16", "uint32", "int32", "float32", "int64", "bcd16", "bcd32"]),
        "word_order": st.sampled_from(["high_first", "low_first"]),
    }
)


@settings(max_examples=15, deadline=None)
@given(measure=MEASURE, value=st.integers(0, 9999))
def test_whatever_stands_in_the_registers_is_read_as_it_was_put(measure: dict[str, Any], value: int) -> None:
    bench = Bench(HandClock(START_NS))
    sensor = Sensor(port=PORT, measures={"x": measure})
    place(sensor, bench).put(registers_of(sensor.measures)[0], value)
    assert sensor.open(bench).read() == {"x": value}
    bench.close()


@settings(max_examples=25, deadline=None)
@given(rubbish=st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_whatever_comes_back_is_a_value_or_a_sensor_error(rubbish: list[bytes]) -> None:
    bench = Bench(HandClock(START_NS))
    left = list(rubbish)
    bench.plug(PORT, None, lambda told: left.pop(0) if left else b"")
    try:
        with pytest.raises(SensorError):
            Sensor(port=PORT, measures=SDM630).open(bench)
    finally:
        bench.close()


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ({"register": 65_535, "format": "uint32"}, "does not fit below 65536"),
        ({"format": "uint16"}, "has no register"),
        ({"register": 1, "format": "text"}, 'needs kind = "text"'),
        ({"register": 1, "bit": 3, "kind": "total"}, "one bit is no total"),
        ({"register": 1, "scale": 0, "kind": "total"}, "above 0"),
    ],
)
def test_a_table_that_makes_no_sense_is_said_so(wire: Wire, measure: dict[str, Any], words: str) -> None:
    with said(words):
        wire.open({"x": measure})


def test_without_the_field_extra_it_says_which_to_install() -> None:
    program = f"""
import sys
sys.modules["pymodbus"] = None
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.modbus_rtu import Sensor
try:
    Sensor(port={PORT!r}, measures={SDM630!r}).open(Bench(HandClock(0)))
except ImportError as error:
    print(error.say("ja"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'kojohack[field]'" in done.stdout


def test_nothing_is_ever_written(wire: Wire) -> None:
    wire.slave.coils[0] = wire.slave.discrete[0] = wire.slave.holding[0] = wire.slave.input[0] = 0
    functions: list[Callable[[], Any]] = [
        lambda f=f: wire.open({"x": {"register": 0, "function": f}}).read()  # type: ignore[misc]
        for f in ("coil", "discrete", "holding", "input")
    ]
    for ask in functions:
        ask()
    assert {told[1] for told in wire.told} == {1, 2, 3, 4}
