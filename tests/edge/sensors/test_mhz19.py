"""The MH-Z19's nine bytes, its warming up, its self-calibration, and everything that can go wrong on its wires."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from contract.reading import Value
from edge import rehearsal
from edge.bench import Bench, Settings
from edge.bench_clock import HandClock
from edge.sensors import Polled, modules
from edge.sensors.mhz19 import Sensor, answer, command, is_good
from tests.edge.sensors.models.mhz19 import DAY_NS, Module

PORT = "/dev/serial0"
START_NS = 1_795_000_000_000_000_000


class Room:
    """A sensor on a bench, and the independent model at its port."""

    def __init__(self) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.module = Module(self.clock.monotonic_ns)
        self.bench.plug(PORT, reply=self.module.uart)

    def open(self, **settings: Any) -> Polled:
        held = Sensor(port=PORT, **settings).open(self.bench)
        assert held.read() == {}
        return held

    def after(self, seconds: float, held: Polled) -> Mapping[str, Value]:
        self.clock.turn(seconds)
        return held.read()


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.bench.close()


@pytest.mark.parametrize(
    ("said", "number", "ppm"),
    [
        ("FF 86 02 20 00 00 00 00 58", 0x86, 544),  # MH-Z19B manual 1.6, 0x86, "for example"
        ("FF 86 02 60 47 00 00 00 D1", 0x86, 608),  # MH-Z19 manual 1.0, the first model's table
        ("FF 86 01 C1 3C 04 3C C1 7B", 0x86, 449),  # a first model as it answered in 2016
        ("FF 86 02 7C 42 00 00 00 BA", 0x86, 636),  # a B, recorded for the tests of PyPMS
    ],
)
def test_answers_printed_in_the_manuals_and_recorded_are_right(said: str, number: int, ppm: int) -> None:
    frame = bytes.fromhex(said)
    assert is_good(frame)
    assert answer(number, ppm, frame[4:8]) == frame


@pytest.mark.parametrize(
    ("made", "printed"),
    [
        (command(0x86), "FF 01 86 00 00 00 00 00 79"),
        (command(0x79, 0xA0), "FF 01 79 A0 00 00 00 00 E6"),
        (command(0x79, 0x00), "FF 01 79 00 00 00 00 00 86"),
    ],
)
def test_the_commands_are_those_of_the_manual(made: bytes, printed: str) -> None:
    assert made == bytes.fromhex(printed)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 0xFFFF), st.integers(0, 63), st.integers(0, 7))
def test_a_single_wrong_bit_is_always_noticed(ppm: int, place: int, bit: int) -> None:
    frame = bytearray(answer(0x86, ppm))
    frame[1 + place % 8] ^= 1 << bit
    assert not is_good(bytes(frame))


def test_nothing_is_told_while_it_warms_up(room: Room) -> None:
    room.module.air = 900
    held = room.open()
    assert [dict(room.after(10, held)) for _ in range(18)] == [{}] * 18
    assert room.after(10, held) == {"co2": 900}


def test_a_reading_is_at_most_three_seconds_old_and_asked_for_once(room: Room) -> None:
    held = room.open(warm_up_s=0, every_s=600)
    room.clock.turn(597)
    room.module.air = 5000  # too late: it was asked 3 s before the reading
    assert room.after(3, held) == {"co2": 400}
    assert room.module.asked == 1
    room.clock.turn(596)
    room.module.air = 1234
    assert room.after(4, held) == {"co2": 1234}
    assert room.module.asked == 2


@pytest.mark.parametrize(("abc", "stays"), [(None, True), (True, True), (False, False)])
def test_self_calibration_is_set_as_the_line_says_and_else_left_alone(
    room: Room, abc: bool | None, stays: bool
) -> None:
    room.open(abc=abc).close()
    room.clock.turn(0)
    assert room.module.self_calibrates is stays


@pytest.mark.parametrize(("abc", "told"), [(True, 400), (False, 800)])
def test_where_the_air_is_never_fresh_self_calibration_would_hide_it(room: Room, abc: bool, told: int) -> None:
    room.module.air = 800
    held = room.open(abc=abc, every_s=3600)
    for _ in range(DAY_NS // 3_600_000_000_000 + 1):
        value = room.after(3600, held)
    assert value == {"co2": told}


def test_one_disturbed_answer_is_asked_for_again(room: Room) -> None:
    answers: list[Callable[[bytes], bytes]] = [lambda said: said[:5], lambda said: said[:3] + b"\x7f" + said[4:]]
    room.bench.plug(PORT, reply=lambda data: (answers.pop(0) if answers else bytes)(room.module.uart(data)))
    held = room.open(warm_up_s=0)
    assert room.after(10, held) == {"co2": 410}
    assert room.module.asked == 3


@pytest.mark.parametrize("spoilt", [lambda said: said[:7], lambda said: bytes(9), lambda said: said[1:] + b"\xff"])
def test_answers_that_stay_bad_are_an_error_and_no_value(room: Room, spoilt: Callable[[bytes], bytes]) -> None:
    room.bench.plug(PORT, reply=lambda data: spoilt(room.module.uart(data)))
    held = room.open(warm_up_s=0)
    with pytest.raises(SensorError) as error:
        room.after(10, held)
    assert PORT in error.value.say("ja")
    held.close()


def test_a_cut_answer_does_not_spoil_the_next_one(room: Room) -> None:
    held = room.open(warm_up_s=0)
    room.clock.turn(6)
    room.bench.type(PORT, answer(0x86, 4000)[:6])
    assert room.after(4, held) == {"co2": 410}


@pytest.mark.parametrize(("reply", "why"), [(b"", "does not answer"), (bytes(9), "checksum")])
def test_it_says_whether_the_answer_is_missing_or_damaged(room: Room, reply: bytes, why: str) -> None:
    room.bench.plug(PORT, reply=lambda data: reply)
    with pytest.raises(SensorError) as error:
        room.after(10, room.open())
    assert why in error.value.say("en")


def test_another_device_on_the_port_is_no_co2_sensor(room: Room) -> None:
    room.bench.plug(PORT, reply=lambda data: b"$GPRMC,,V,,,,,,,,,,N*53\r\n")
    held = room.open(warm_up_s=0)
    with pytest.raises(SensorError):
        room.after(10, held)


def test_at_another_speed_nothing_is_believed(room: Room) -> None:
    room.bench.plug(PORT, Settings(19200), reply=room.module.uart)
    held = room.open(warm_up_s=0)
    with pytest.raises(SensorError):
        room.after(10, held)


def test_a_value_it_cannot_measure_is_an_error(room: Room) -> None:
    room.bench.plug(PORT, reply=lambda data: answer(0x86, 0xFFFF))
    held = room.open(warm_up_s=0)
    with pytest.raises(SensorError, match="65535"):
        room.after(10, held)


def test_a_pulled_adapter_is_an_error_while_asking_or_reading(room: Room) -> None:
    held = room.open()
    room.bench.unplug(PORT)
    with pytest.raises(SensorError, match=PORT):
        held.read()
    held.close()
    room.bench.plug(PORT, reply=room.module.uart)
    held = room.open(every_s=4)
    room.bench.unplug(PORT)
    with pytest.raises(SensorError, match=PORT):
        room.clock.turn(4)
    held.close()


@pytest.mark.parametrize("settings", [{"warm_up_s": 0}, {"warm_up_s": 3600, "every_s": 4}, {"every_s": 3600}])
def test_it_rehearses_with_other_settings_too(settings: dict[str, Any]) -> None:
    result = rehearsal.rehearse("mhz19", modules()["mhz19"], {"port": PORT, **settings})
    assert result.passed, result.say("en")
