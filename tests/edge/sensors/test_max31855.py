"""The MAX31855: the data sheet's tables, and a second chip that is a shift register."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.max31855 import OPEN, TO_GROUND, TO_SUPPLY, Chip, Sensor, handles, place, signed, temperatures
from tests.edge.sensors.models.max31855 import Max31855
from tests.edge.sensors.stage import START_NS


def word(tip: int, chip: int, low: int = 0) -> bytes:
    return (tip << 18 | chip << 4 | low).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("bits", "celsius"),
    [
        ("0110 0100 0000 00", 1600.0),
        ("0011 1110 1000 00", 1000.0),
        ("0000 0110 0100 11", 100.75),
        ("0000 0001 1001 00", 25.0),
        ("1111 1111 1111 11", -0.25),
        ("1111 1111 1111 00", -1.0),
        ("1111 0000 0110 00", -250.0),
    ],
)
def test_the_thermocouples_examples_of_the_data_sheet(bits: str, celsius: float) -> None:
    """19-5793, table 4."""
    assert temperatures(word(int(bits.replace(" ", ""), 2), 0x190), "x")["temperature"] == celsius


@pytest.mark.parametrize(
    ("bits", "celsius"),
    [
        ("0111 1111 0000", 127.0),
        ("0110 0100 1001", 100.5625),
        ("0001 1001 0000", 25.0),
        ("0000 0000 0000", 0.0),
        ("1111 1111 1111", -0.0625),
        ("1111 1111 0000", -1.0),
        ("1110 1100 0000", -20.0),
        ("1100 1001 0000", -55.0),
    ],
)
def test_the_chips_own_temperature_is_that_of_the_data_sheets_examples(bits: str, celsius: float) -> None:
    """19-5793, table 5."""
    assert temperatures(word(100, int(bits.replace(" ", ""), 2)), "x")["cold_junction"] == celsius


@settings(max_examples=25)
@given(st.integers(-(2**13), 2**13 - 1))
def test_every_number_comes_back_from_its_twos_complement(number: int) -> None:
    assert signed(number & 0x3FFF, 14) == number


@pytest.mark.parametrize(
    ("low", "ja", "en"),
    [(OPEN, "断線", "is open"), (TO_GROUND, "GND に触れ", "touches ground"), (TO_SUPPLY, "電源", "touches the supply")],
)
def test_each_fault_has_its_own_words(low: int, ja: str, en: str) -> None:
    with pytest.raises(SensorError) as fault:
        temperatures(word(0, 0x190, 1 << 16 | low), "SPI0 CE0")
    assert ja in fault.value.say("ja")
    assert en in fault.value.say("en")


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff\xff\xff\xff",
        word(100, 0x190, 1 << 17),  # reserved bit
        word(100, 0x190, 1 << 3),  # the other one
        word(100, 0x190, 1 << 16),  # a fault, and none of the three
        word(100, 0x190, OPEN),  # one of the three, and no fault
        word(100, 0x190)[:3],  # cut short
    ],
)
def test_what_the_chip_can_never_say_is_refused(answer: bytes) -> None:
    with pytest.raises(SensorError) as refused:
        temperatures(answer, "SPI0 CE0")
    assert "nonsense" in refused.value.say("en")


def test_nothing_but_zeros_is_no_chip() -> None:
    bench = Bench(HandClock(START_NS))
    with pytest.raises(SensorError) as silent:
        Sensor(chip=1).open(bench).read()
    assert "CE1" in silent.value.say("ja")


def test_a_closed_chip_is_a_sensor_error() -> None:
    bench = Bench(HandClock(START_NS))
    bench.spi_chip(0, 0, Chip())
    sensor = Sensor().open(bench)
    sensor.close()
    with pytest.raises(SensorError, match="closed"):
        sensor.read()


# ---- the second model ----


@settings(max_examples=25)
@given(st.integers(-1080, 7200), st.integers(-640, 2000).filter(bool))
def test_what_the_shift_register_holds_is_what_is_read(quarters: int, sixteenths: int) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    chip = Max31855(clock)
    bench.spi_chip(0, 0, chip)
    chip.quarters, chip.sixteenths = quarters, sixteenths
    expected = {"temperature": quarters / 4, "cold_junction": sixteenths / 16}
    assert Sensor().open(bench).read() == expected


def test_a_fault_is_seen_with_the_next_conversion_and_goes_with_it() -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    chip = Max31855(clock)
    chip.quarters, chip.sixteenths = 100, 350
    bench.spi_chip(0, 0, chip)
    sensor = Sensor().open(bench)
    sensor.read()
    chip.broken.add("ground")
    sensor.read()
    clock.turn(0.1)
    with pytest.raises(SensorError) as fault:
        sensor.read()
    assert "touches ground" in fault.value.say("en")
    chip.broken.clear()
    clock.turn(0.1)
    assert sensor.read() == {"temperature": 25.0, "cold_junction": 21.875}


@settings(max_examples=25)
@given(st.integers(-1000, 7000), st.integers(-600, 2000).filter(bool), st.sampled_from([0, OPEN, TO_GROUND, TO_SUPPLY]))
def test_the_two_models_say_the_same(quarters: int, sixteenths: int, fault: int) -> None:
    one, two = Chip(), Max31855(HandClock(START_NS))
    one.temperature, one.cold_junction, one.fault = quarters / 4, sixteenths / 16, fault
    two.quarters, two.sixteenths = (0 if fault else quarters), sixteenths
    two.broken = {name for name, bit in (("open", OPEN), ("ground", TO_GROUND), ("supply", TO_SUPPLY)) if fault == bit}
    assert one.transfer(bytes(6)) == two.transfer(bytes(6))


def test_what_a_hand_turns_is_what_is_read() -> None:
    bench = Bench(HandClock(START_NS))
    part = place(Sensor(), bench)
    sensor = Sensor().open(bench)
    by_key = {handle.key: handle for handle in handles(Sensor(), bench, part)}
    by_key["temperature"].turn(500.25)  # type: ignore[union-attr]
    assert by_key["temperature"].now() == sensor.read()["temperature"] == 500.25  # type: ignore[union-attr]
    by_key["open"].push()  # type: ignore[union-attr]
    with pytest.raises(SensorError):
        sensor.read()
    by_key["well"].push()  # type: ignore[union-attr]
    assert sensor.read()["cold_junction"] == 22.0
