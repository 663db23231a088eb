"""Cards on an RDM6300: told once for each time they are laid down, whatever the reader repeats."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge import rehearsal
from edge.bench import Settings
from edge.handles import Push, Typed
from edge.sensors import Listening, modules
from edge.sensors.rdm6300 import Sensor, frame_of, handles, is_good, printed
from tests.edge.sensors.models.rdm6300 import Reader, tag_bits
from tests.edge.sensors.stage import Stage

PORT = "/dev/serial0"
DIE, BOX = 0x6F007B3972, 0x62E3086CED


class Desk:
    """A sensor on a bench, and the independent model of the reader at its port."""

    def __init__(self, **settings: Any) -> None:
        self.stage = Stage()
        self.clock, self.bench = self.stage.clock, self.stage.bench
        self.held: Listening = self.stage.listen(Sensor(port=PORT, **settings))
        self.reader = Reader(self.clock, lambda data: self.bench.type(PORT, data))

    @property
    def cards(self) -> list[Any]:
        return self.stage.values("card")


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.bench.close()


@pytest.mark.parametrize(
    ("frame", "number"),
    [
        (b"\x0262E3086CED08\x03", "3808980205"),  # the specification's example: 62 ^ E3 ^ 08 ^ 6C ^ ED = 08
        (b"\x026F007B39725F\x03", "0008075634"),  # a card that bears this number (eevblog, 2020)
        (b"\x02010063E9AE25\x03", "0006547886"),  # another one (forum.arduino.cc 251993)
    ],
)
def test_published_frames_are_the_numbers_printed_on_the_cards(frame: bytes, number: str) -> None:
    assert is_good(frame)
    assert printed(frame[1:11]) == number
    assert frame_of(frame[1:11].decode()) == frame


def test_a_card_that_lies_there_is_told_once(desk: Desk) -> None:
    desk.reader.lay(DIE)
    desk.clock.turn(60)
    assert desk.reader.sent > 900
    assert desk.stage.told == [("card", "0008075634", 0)]
    assert desk.held.health() == {"cards": 1, "garbage": 0}


def test_it_is_told_again_when_it_was_taken_away_in_between(desk: Desk) -> None:
    for away_s in (0.5, 1.5, 600):
        desk.reader.lay(DIE)
        desk.clock.turn(2)
        desk.reader.take(DIE)
        desk.clock.turn(away_s)
    desk.reader.lay(DIE)
    assert len(desk.cards) == 3, "half a second is a hand that trembles"


def test_another_card_is_told_at_once(desk: Desk) -> None:
    for card in (DIE, BOX, DIE):
        desk.reader.lay(card)
        desk.clock.turn(0.3)
        desk.reader.take(card)
    assert desk.cards == ["0008075634", "3808980205", "0008075634"]


def test_two_cards_at_once_are_none(desk: Desk) -> None:
    desk.reader.lay(DIE)
    desk.reader.lay(BOX)
    desk.clock.turn(5)
    desk.reader.take(DIE)
    desk.clock.turn(1)
    assert desk.cards == ["0008075634", "3808980205"], "the first before the second came, the second when it was alone"


def test_all_of_the_number_can_be_told() -> None:
    desk = Desk(number="hex")
    desk.reader.lay(DIE)
    desk.bench.close()
    assert desk.cards == ["6F007B3972"]


def test_a_card_can_mean_a_mode_or_a_reason() -> None:
    desk = Desk(names="0008075634 = setup")
    desk.reader.lay(DIE)
    desk.reader.take(DIE)
    desk.clock.turn(0.3)
    desk.reader.lay(BOX)
    desk.bench.close()
    assert desk.cards == ["setup", "3808980205"]


def test_names_that_cannot_be_read_are_said_before_the_port_is_taken() -> None:
    with pytest.raises(SensorError, match="0008075634"):
        Desk(names="0008075634")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**40 - 1))
def test_every_card_is_told_as_it_is(number: int) -> None:
    desk = Desk(number="hex")
    desk.reader.lay(number)
    desk.bench.close()
    assert desk.cards == [f"{number:010X}"]
    assert len(tag_bits(number)) == 64


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**40 - 1), st.integers(0, 13), st.integers(0, 7))
def test_a_single_wrong_bit_is_never_another_card(number: int, place: int, bit: int) -> None:
    frame = bytearray(frame_of(f"{number:010X}"))
    frame[place] ^= 1 << bit
    assert frame[0] != 2 or not is_good(bytes(frame))


@pytest.mark.parametrize("lost", range(14))
def test_a_frame_that_lost_any_byte_is_no_card_and_the_next_one_is_read(desk: Desk, lost: int) -> None:
    frame = frame_of("6F007B3972")
    desk.bench.type(PORT, frame[:lost] + frame[lost + 1 :])
    assert desk.cards == []
    desk.bench.type(PORT, frame)
    assert desk.cards == ["0008075634"]


@pytest.mark.parametrize(
    "noise",
    [b"\x02" * 40, b"\x026f007b39725f\x03", b"\x02ZZZZZZZZZZZZ\x03", b"$GPGGA,,*00\r\n", b"\x02 6F007B3972 5\x03"],
)
def test_noise_is_no_card(desk: Desk, noise: bytes) -> None:
    desk.bench.type(PORT, noise)
    assert desk.cards == []


def test_at_the_wrong_speed_nothing_is_believed() -> None:
    desk = Desk()
    desk.bench.plug(PORT, Settings(115_200))
    desk.reader.lay(DIE)
    desk.clock.turn(5)
    assert desk.cards == []
    desk.bench.close()


def test_a_pulled_adapter_is_told_by_check(desk: Desk) -> None:
    desk.held.check()
    desk.bench.unplug(PORT)
    with pytest.raises(SensorError, match=PORT):
        desk.held.check()


def test_on_the_bench_cards_are_held_to_it(desk: Desk) -> None:
    first, second, any_card = handles(Sensor(port=PORT), desk.bench, None)
    assert isinstance(first, Push)
    assert isinstance(second, Push)
    assert isinstance(any_card, Typed)
    for push in (first.push, second.push, lambda: any_card.send("0102030405")):
        push()
        desk.clock.turn(1)
    assert desk.cards == ["0008075634", "3808980205", "0033752069"]
    for wrong in ("6f007b3972", "123"):
        with pytest.raises(ValueError, match=wrong):
            any_card.send(wrong)


@pytest.mark.parametrize("settings", [{"number": "hex"}, {"names": "0008075634 = setup", "gone_s": 5.0}])
def test_it_rehearses_with_other_settings_too(settings: dict[str, Any]) -> None:
    result = rehearsal.rehearse("rdm6300", modules()["rdm6300"], {"port": PORT, **settings})
    assert result.passed, result.say("en")
