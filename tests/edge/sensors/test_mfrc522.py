"""The MFRC522: published frames, presentations, and a second reader in which every bit goes through the air."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge import rehearsal, sensors
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.card_radio import Garbled, Radio, TwoCards, with_crc
from edge.sensors import Listening
from edge.sensors.mfrc522 import Card, Chip, Sensor, handles, place
from tests.edge.sensors.models.mfrc522 import Mfrc522, TypeA, bits_of, bytes_of, crc_a
from tests.edge.sensors.stage import START_NS, Stage

FOUR, SEVEN = [0x93, 0xD2, 0x11, 0xFF], [0x04, 0xA1, 0xB2, 0xC3, 0xD4, 0xE5, 0xF6]
TEN = [0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99]


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.bench.close()


def wired(stage: Stage, chip: Any, sensor: Sensor | None = None) -> Listening:
    stage.bench.spi_chip(0, 0, chip)
    return stage.listen(sensor or Sensor())


def radio(chip: Any) -> Radio:
    bench = Bench(HandClock(START_NS))
    bench.spi_chip(0, 0, chip)
    found = Radio(bench.spi(0, 0, 1_000_000), "SPI0 CE0")
    found.set_up()
    return found


def started(clock: HandClock, version: int = 0x92) -> Mfrc522:
    chip = Mfrc522(clock, version)
    clock.turn(0.01)
    return chip


# ---- published frames ----


@pytest.mark.parametrize(
    ("frame", "crc"), [("0000", "a01e"), ("1234", "26cf"), ("5000", "57cd"), ("20", "fc70")]
)  # fmt: skip
def test_the_check_is_that_of_the_published_frames(frame: str, crc: str) -> None:
    """ISO/IEC 14443-3, annex B (two examples); HLTA; the SAK of the CR95HF data sheet's anticollision example."""
    assert with_crc(bytes.fromhex(frame)).hex() == frame + crc
    assert bytes(bytes_of(crc_a(bits_of(bytes.fromhex(frame))))).hex() == crc


def test_the_anticollision_example_of_the_cr95hf_data_sheet() -> None:
    """93 20 is answered by 08 19 2D A2 9E, 93 70 08 19 2D A2 9E with its check by 20 FC 70: UID 08192DA2."""
    card = TypeA([0x08, 0x19, 0x2D, 0xA2], sak=0x20)
    card.field(True)
    card.hear(bits_of([0x52])[:7])
    assert bytes(bytes_of(card.hear(bits_of([0x93, 0x20])) or [])).hex() == "08192da29e"
    select = with_crc(bytes.fromhex("937008192da29e"))
    assert bytes(bytes_of(card.hear(bits_of(select)) or [])).hex() == "20fc70"
    own = Card("08192da2")
    own.hear(bytes([0x52]), 7)
    assert own.hear(bytes([0x93, 0x20]), 0) == bytes.fromhex("08192da29e")


# ---- the radio, on the second reader ----


@settings(max_examples=25)
@given(st.sampled_from([4, 7, 10]).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_every_number_of_every_length_is_read(uid: bytes) -> None:
    if uid[0] == 0x88 or (len(uid) > 7 and uid[3] == 0x88):
        return  # the standard forbids them
    chip = started(HandClock(START_NS))
    found = radio(chip)
    chip.near = [TypeA(uid)]
    assert found.card() == uid.hex()
    assert chip.near[0].state == "halt"
    assert found.card() == uid.hex()


def test_nothing_in_front_of_it_is_none() -> None:
    assert radio(started(HandClock(START_NS))).card() is None


def test_a_wrong_bcc_is_no_number() -> None:
    chip = started(HandClock(START_NS))
    chip.near = [TypeA(FOUR, bcc_error=0x10)]
    with pytest.raises(Garbled):
        radio(chip).card()


@settings(max_examples=25)
@given(st.integers(0, 39), st.integers(0, 23), st.booleans())
def test_a_bit_turned_in_the_air_is_never_another_number(in_number: int, in_sak: int, number: bool) -> None:
    chip = started(HandClock(START_NS))

    def noise(bits: list[int]) -> list[int]:
        place = {40: in_number if number else None, 24: None if number else in_sak}.get(len(bits))
        return bits if place is None else [*bits[:place], 1 - bits[place], *bits[place + 1 :]]

    chip.noise = noise
    chip.near = [TypeA(FOUR)]
    with pytest.raises(Garbled):
        radio(chip).card()


def test_a_card_that_leaves_in_the_middle_is_no_number() -> None:
    chip = started(HandClock(START_NS))
    card = TypeA(SEVEN)

    def noise(bits: list[int]) -> list[int]:
        if len(bits) == 24:
            card.state = "off"
            chip.near = []
        return bits

    chip.noise = noise
    chip.near = [card]
    with pytest.raises(Garbled):
        radio(chip).card()


def test_an_answer_cut_short_is_no_number() -> None:
    chip = started(HandClock(START_NS))
    chip.noise = lambda bits: bits[:33] if len(bits) == 40 else bits
    chip.near = [TypeA(FOUR)]
    with pytest.raises(Garbled):
        radio(chip).card()


@pytest.mark.parametrize("others", [[[*FOUR[:3], 0xFE]], [SEVEN], [[*FOUR[:3], 0xFE], SEVEN]])
def test_two_cards_collide_and_none_is_told(others: list[list[int]]) -> None:
    chip = started(HandClock(START_NS))
    chip.near = [TypeA(FOUR), *map(TypeA, others)]
    with pytest.raises(TwoCards):
        radio(chip).card()


# ---- presentations ----


def test_a_card_is_told_once_however_long_it_lies_there(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    listening = wired(stage, chip)
    stage.clock.turn(1.0)
    chip.near = [TypeA(SEVEN)]
    stage.clock.turn(12)
    listening.check()
    assert stage.values("card") == ["04a1b2c3d4e5f6"]
    at_ns = stage.told[0][2]
    assert 1.0 <= at_ns / 1e9 <= 1.2
    chip.near = []
    stage.clock.turn(2.0)
    chip.near = [TypeA(SEVEN)]
    stage.clock.turn(2.0)
    assert stage.values("card") == ["04a1b2c3d4e5f6"] * 2


def test_a_hand_that_shakes_is_one_presentation(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    wired(stage, chip)
    for _ in range(10):
        chip.near = [TypeA(FOUR)]
        stage.clock.turn(0.4)
        chip.near = []
        stage.clock.turn(0.6)
    assert stage.values("card") == ["93d211ff"]


def test_another_card_is_told_at_once_without_a_gap(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    wired(stage, chip)
    chip.near = [TypeA(FOUR)]
    stage.clock.turn(1.0)
    chip.near = [TypeA(SEVEN)]
    stage.clock.turn(0.3)
    chip.near = [TypeA(TEN)]
    stage.clock.turn(0.3)
    assert stage.values("card") == ["93d211ff", "04a1b2c3d4e5f6", "04112233445566778899"]


def test_two_cards_and_phones_are_counted_and_not_told(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    listening = wired(stage, chip)
    chip.near = [TypeA(FOUR), TypeA(SEVEN)]
    stage.clock.turn(3.0)
    chip.near = [TypeA([0x08, 1, 2, 3])]
    stage.clock.turn(3.0)
    chip.near = [TypeA(FOUR, bcc_error=1)]
    stage.clock.turn(3.0)
    assert not stage.told
    assert listening.health() == {"cards": 0, "garbled": 1, "two_cards": 1, "random": 1}


def test_cards_may_have_names_and_others_are_told_by_number(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    wired(stage, chip, Sensor(names="93D211FF = setup, 04a1b2c3d4e5f6=production"))
    for uid in (FOUR, SEVEN, TEN):
        chip.near = [TypeA(uid)]
        stage.clock.turn(1.0)
    assert stage.values("card") == ["setup", "production", bytes(TEN).hex()]


def test_named_cards_rehearse() -> None:
    result = rehearsal.rehearse("mfrc522", sensors.modules()["mfrc522"], {"names": "93d211ff = setup"})
    assert result.passed, result.say("en")


def test_names_that_cannot_be_read_are_a_mistake(stage: Stage) -> None:
    stage.bench.spi_chip(0, 0, Chip())
    with pytest.raises(SensorError):
        stage.listen(Sensor(names="93d211ff"))


# ---- what goes wrong ----


@pytest.mark.parametrize("version", [0x00, 0xFF])
def test_a_reader_that_is_not_there_is_refused(stage: Stage, version: int) -> None:
    with pytest.raises(SensorError) as silent:
        wired(stage, Mfrc522(stage.clock, version))
    assert "RST" in silent.value.say("ja")
    assert "CE0" in silent.value.say("en")


@pytest.mark.parametrize("version", [0x80, 0x82, 0x88, 0x90, 0x91, 0xB2])
def test_chips_that_say_another_version_work(stage: Stage, version: int) -> None:
    chip = Mfrc522(stage.clock, version)
    wired(stage, chip).check()
    chip.near = [TypeA(FOUR)]
    stage.clock.turn(1.0)
    assert stage.values("card") == ["93d211ff"]


def test_a_reader_that_hears_nothing_is_noticed_when_it_is_set_up(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    chip.deaf = True
    listening = wired(stage, chip)
    stage.clock.turn(0.1)
    with pytest.raises(SensorError) as loose:
        listening.check()
    assert "MOSI" in loose.value.say("ja")


def test_a_supply_that_fails_for_a_moment_is_reported_and_put_right_by_opening(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    listening = wired(stage, chip)
    stage.clock.turn(1.0)
    listening.check()
    chip.power_up()
    with pytest.raises(SensorError) as forgot:
        listening.check()
    assert "supply" in forgot.value.say("en")
    listening.close()
    listening.close()
    stage.listen(Sensor())
    chip.near = [TypeA(FOUR)]
    stage.clock.turn(1.0)
    assert stage.values("card") == ["93d211ff"]


def test_a_reader_that_never_ends_a_frame_is_reported(stage: Stage) -> None:
    chip = Mfrc522(stage.clock)
    listening = wired(stage, chip)
    stage.clock.turn(0.1)
    chip._registers[0x2A] = 0  # the timer's bit is lost
    stage.clock.turn(0.5)
    with pytest.raises(SensorError) as stuck:
        listening.check()
    assert "ComIrqReg" in stuck.value.say("en")


def test_a_bus_that_fails_is_reported(stage: Stage) -> None:
    class Broken(Chip):
        fails = False

        def transfer(self, data: bytes) -> bytes:
            if self.fails:
                raise OSError("Input/output error")
            return super().transfer(data)

    chip = Broken()
    listening = wired(stage, chip)
    stage.clock.turn(1.0)
    chip.fails = True
    stage.clock.turn(1.0)
    with pytest.raises(SensorError) as failed:
        listening.check()
    assert "Input/output error" in failed.value.say("en")


def test_a_closed_reader_leaves_nothing_behind(stage: Stage) -> None:
    listening = wired(stage, Mfrc522(stage.clock))
    stage.clock.turn(1.0)
    listening.close()
    assert stage.clock.next_due_ns is None


@settings(max_examples=10)
@given(st.sampled_from([FOUR, SEVEN, TEN]), st.integers(0, 39))
def test_the_two_readers_say_the_same(uid: list[int], bit: int) -> None:
    one, two = Chip(), started(HandClock(START_NS))
    first, second = radio(one), radio(two)
    one.hold(bytes(uid).hex())
    two.near = [TypeA(uid)]
    assert first.card() == second.card() == bytes(uid).hex()
    one.spoils = bit
    with pytest.raises(Garbled):
        first.card()


def test_what_a_hand_can_do_is_seen_by_the_sensor(stage: Stage) -> None:
    sensor = Sensor()
    part = place(sensor, stage.bench)
    listening = stage.listen(sensor)
    by_key = {handle.key: handle for handle in handles(sensor, stage.bench, part)}
    for key in ("93d211ff", "two"):
        by_key[key].push()  # type: ignore[union-attr]
        stage.clock.turn(3.0)
    by_key["card"].send("04112233")  # type: ignore[union-attr]
    stage.clock.turn(3.0)
    assert stage.values("card") == ["93d211ff", "04112233"]
    assert listening.health()["two_cards"] == 1
    for wrong in ("xyz", "041122"):
        with pytest.raises(ValueError, match=wrong if wrong == "041122" else "hex"):
            by_key["card"].send(wrong)  # type: ignore[union-attr]
    by_key["supply"].push()  # type: ignore[union-attr]
    with pytest.raises(SensorError):
        listening.check()
