"""The PMS5003's 32 bytes, asked for or sent by themselves, and everything that can go wrong on its wires."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from contract.reading import Value
from edge import rehearsal
from edge.bench import Bench, Settings
from edge.bench_clock import HandClock
from edge.handles import Knob, Push
from edge.sensors import Polled, modules
from edge.sensors.pms5003 import Sensor, command, frame_of, handles, is_good, numbers, place
from tests.edge.sensors.models.pms5003 import Module

PORT = "/dev/serial0"
START_NS = 1_795_000_000_000_000_000
RECORDED = bytes.fromhex("424d001c0005000d00160005000d001602fd00fc001d000f00060006970003c5")
"""A frame of a PMS7003, recorded for the tests of PyPMS."""


class Room:
    """A sensor on a bench, and the independent model at its port."""

    def __init__(self) -> None:
        self.clock = HandClock(START_NS)
        self.bench = Bench(self.clock)
        self.module = Module(self.clock, lambda data: self.bench.type(PORT, data))
        self.bench.plug(PORT, reply=self.module.receive)

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
    room.module.off()
    room.bench.close()


def test_a_recorded_frame_is_understood_as_the_manual_says() -> None:
    assert is_good(RECORDED)
    assert numbers(RECORDED)[:6] == (5, 13, 22, 5, 13, 22)
    assert numbers(RECORDED)[6:12] == (765, 252, 29, 15, 6, 6)
    assert frame_of(numbers(RECORDED)) == RECORDED


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (command(0xE2), "42 4D E2 00 00 01 71"),  # read in passive mode
        (command(0xE1, 0), "42 4D E1 00 00 01 70"),  # to passive mode
        (command(0xE1, 1), "42 4D E1 00 01 01 71"),  # to active mode
        (command(0xE4, 1), "42 4D E4 00 01 01 74"),  # wake up
    ],
)
def test_the_commands_are_those_that_are_used_everywhere(made: bytes, known: str) -> None:
    assert made == bytes.fromhex(known)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 0xFFFF), min_size=13, max_size=13), st.integers(0, 255), st.integers(0, 7))
def test_a_single_wrong_bit_is_always_noticed(values: list[int], place: int, bit: int) -> None:
    frame = bytearray(frame_of(values))
    assert numbers(bytes(frame)) == tuple(values)
    frame[place % len(frame)] ^= 1 << bit
    assert not is_good(bytes(frame))


def test_in_passive_mode_it_is_asked_once_for_each_reading(room: Room) -> None:
    held = room.open(every_s=60)
    room.module.air = (7, 19, 33)
    assert room.after(60, held) == {"pm1": 7, "pm2_5": 19, "pm10": 33}
    assert room.after(60, held) == {"pm1": 7, "pm2_5": 19, "pm10": 33}
    assert (room.module.asked, room.module.sent) == (2, 0)


def test_in_active_mode_it_sends_and_the_mean_is_told(room: Room) -> None:
    room.module.active = False  # a program before us left it so
    held = room.open(mode="active", warm_up_s=0, every_s=60)
    room.clock.turn(30)
    held.read()
    room.module.air = (10, 20, 30)
    room.clock.turn(30)
    room.module.air = (20, 40, 60)
    said = room.after(30, held)
    assert room.module.asked == 0
    assert room.module.sent > 20
    assert said["pm1"] == pytest.approx(15, abs=1)
    assert said["pm10"] == pytest.approx(45, abs=3)


@pytest.mark.parametrize("mode", ["passive", "active"])
def test_one_that_was_left_asleep_is_woken(room: Room, mode: str) -> None:
    room.module.awake = room.module.active = False
    held = room.open(mode=mode)
    room.module.air = (40, 80, 120)
    room.clock.turn(50)
    held.read()
    assert room.after(10, held) == {"pm1": 40, "pm2_5": 80, "pm10": 120}


def test_nothing_is_told_until_the_fan_runs_evenly(room: Room) -> None:
    room.module.air = (40, 80, 120)
    held = room.open()
    assert [dict(room.after(10, held)) for _ in range(3)] == [{}, {}, {}]
    assert room.after(10, held) == {"pm1": 40, "pm2_5": 80, "pm10": 120}


def test_in_active_mode_the_first_frames_do_not_enter_the_mean(room: Room) -> None:
    room.module.air = (40, 80, 120)
    held = room.open(mode="active", every_s=40)
    assert room.after(40, held) == {"pm1": 40, "pm2_5": 80, "pm10": 120}


def test_the_conversion_with_cf_1_can_be_chosen(room: Room) -> None:
    room.module.air = (40, 80, 120)
    held = room.open(particles="standard", every_s=60)
    assert room.after(60, held) == {"pm1": 60, "pm2_5": 120, "pm10": 180}


def test_clean_air_whose_check_code_ends_like_a_head_is_read() -> None:
    room = Room()
    room.module.off()
    held = Sensor(port=PORT, mode="active", warm_up_s=0).open(room.bench)
    clean = frame_of([0] * 12 + [0x9700])
    assert clean.endswith(b"\x01\x42")
    room.bench.type(PORT, clean * 3)
    assert held.read() == {"pm1": 0, "pm2_5": 0, "pm10": 0}
    room.bench.close()


def test_a_frame_that_lost_two_bytes_is_no_measurement_and_the_next_one_is_whole() -> None:
    # As a microcontroller that swallowed two bytes showed it to its owner (forum of a maker, 2020).
    cut = [66, 77, 0, 28, 0, 4, 0, 5, 0, 5, 0, 4, 0, 5, 0, 3, 126, 0, 226, 0, 23, 0, 2, 0, 0, 0, 0, 151, 0, 2]
    room = Room()
    room.module.off()
    held = Sensor(port=PORT, mode="active", warm_up_s=0).open(room.bench)
    room.bench.type(PORT, bytes(cut) + RECORDED)
    assert held.read() == {"pm1": 5, "pm2_5": 13, "pm10": 22}
    room.bench.close()


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"\x42\x4d\x00\x14" + bytes(18) + b"\x00\xa3",  # a PMS3003: 24 bytes
        b"\x42\x4d\x00\x24" + bytes(34) + b"\x00\xb3",  # a PMS5003ST: 40 bytes
        b"\xff\x86\x02\x20\x00\x00\x00\x00\x58",  # an MH-Z19
        RECORDED[:-1] + b"\x00",
        RECORDED[:20],
        bytes(64),
    ],
)
@pytest.mark.parametrize("mode", ["passive", "active"])
def test_what_is_no_frame_is_an_error_and_no_value(other: bytes, mode: str) -> None:
    room = Room()
    room.module.off()
    room.bench.plug(PORT, reply=lambda data: other)
    held = room.open(mode=mode, warm_up_s=0)
    room.bench.type(PORT, other)
    with pytest.raises(SensorError) as error:
        room.after(10, held)
    assert PORT in error.value.say("ja")
    assert ("nothing" in error.value.say("en")) == (other == b"")
    held.close()
    room.bench.close()


def test_at_another_speed_nothing_is_believed(room: Room) -> None:
    room.bench.plug(PORT, Settings(115_200), reply=room.module.receive)
    held = room.open(mode="active", warm_up_s=0)
    with pytest.raises(SensorError):
        room.after(10, held)


def test_a_pulled_adapter_is_an_error(room: Room) -> None:
    held = room.open(mode="active")
    room.bench.unplug(PORT)
    with pytest.raises(SensorError, match=PORT):
        room.after(10, held)
    held.close()
    held.close()


def test_an_hour_of_sending_is_told_as_one_mean(room: Room) -> None:
    held = room.open(mode="active", every_s=3600)
    room.clock.turn(600)
    room.module.air = (1, 2, 3)
    assert room.after(3000, held)["pm10"] == pytest.approx(2.5, abs=0.1)


@pytest.mark.parametrize("mode", ["passive", "active"])
def test_on_the_bench_the_air_is_turned(mode: str) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    sensor = Sensor(port=PORT, mode=mode, warm_up_s=0)
    hands = {handle.key: handle for handle in handles(sensor, bench, place(sensor, bench))}
    held = sensor.open(bench)
    held.read()
    knob = hands["pm2_5"]
    assert isinstance(knob, Knob)
    knob.turn(77)
    if mode == "active":
        push = hands["sends"]
        assert isinstance(push, Push)
        push.push()
    clock.turn(10)
    assert held.read()["pm2_5"] == 77
    bench.close()


@pytest.mark.parametrize(
    "settings", [{"mode": "active"}, {"particles": "standard", "every_s": 60}, {"mode": "active", "warm_up_s": 0}]
)
def test_it_rehearses_with_other_settings_too(settings: dict[str, Any]) -> None:
    result = rehearsal.rehearse("pms5003", modules()["pms5003"], {"port": PORT, **settings})
    assert result.passed, result.say("en")
