"""The DS18B20: the data sheet's table, the kernel's two lines, and a second probe in silicon."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import SensorError
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors.ds18b20 import LINES, Chip, Sensor, crc, handles, place, scratchpad, temperature, which
from tests.edge.sensors.models.ds18b20 import KernelFile, Silicon
from tests.edge.sensors.stage import START_NS

ONE, TWO = "28-0316a2795ad1", "28-000000000002"


def nine(raw: int, count: int = 0x10) -> bytes:
    eight = (raw & 0xFFFF).to_bytes(2, "little") + bytes([0x4B, 0x46, 0x7F, 0xFF, count, 0x10])
    return eight + bytes([crc(eight)])


def lines(heard: bytes, verdict: str = "YES") -> str:
    return f"{heard.hex(' ')} : crc={heard[8]:02x} {verdict}\n{heard.hex(' ')} t=0\n"


@pytest.mark.parametrize(
    ("raw", "celsius"),
    [
        (0x07D0, 125.0), (0x0191, 25.0625), (0x00A2, 10.125), (0x0008, 0.5), (0x0000, 0.0),
        (0xFFF8, -0.5), (0xFF5E, -10.125), (0xFE6F, -25.0625), (0xFC90, -55.0),
    ],
)  # fmt: skip
def test_the_temperatures_of_the_data_sheet(raw: int, celsius: float) -> None:
    """19-7487, table 1 (85 °C has tests of its own)."""
    assert temperature(nine(raw), ONE, None) == celsius


def test_the_lines_that_a_kernel_really_wrote() -> None:
    """Linux, as quoted in many an introduction: 23.125 °C and its check."""
    told = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125\n"
    assert temperature(scratchpad(told, ONE), ONE, None) == 23.125


def test_the_check_is_that_of_the_application_notes_example() -> None:
    """Maxim application note 27, example of a ROM: 02 1C B8 01 00 00 00 has the check A2."""
    assert crc(bytes.fromhex("021CB801000000")) == 0xA2
    assert crc(bytes.fromhex("021CB801000000A2")) == 0


def refused(told: str, *said: str, before: float | None = None) -> None:
    with pytest.raises(SensorError) as error:
        temperature(scratchpad(told, ONE), ONE, before)
    for words in said:
        assert words in error.value.say("en")
    assert ONE in error.value.say("ja")


def test_a_checksum_the_kernel_found_wrong_is_refused() -> None:
    refused(lines(nine(400), "NO"), "nonsense", "4.7")


@settings(max_examples=25)
@given(st.integers(0, 71), st.integers(-880, 2000))
def test_a_bit_spoilt_on_the_wire_is_refused_even_if_the_kernel_said_yes(bit: int, raw: int) -> None:
    heard = bytearray(nine(raw))
    heard[bit // 8] ^= 1 << bit % 8
    refused(lines(bytes(heard)), "nonsense")


def test_the_power_up_value_is_refused() -> None:
    refused(lines(nine(0x0550, 0x0C)), "85 °C", "red wire")
    refused(lines(nine(0x0550, 0x0C)), "85 °C", before=84.9)


def test_85_degrees_out_of_the_blue_are_refused_and_beside_84_are_not() -> None:
    refused(lines(nine(0x0550)), "85 °C")
    refused(lines(nine(0x0550)), "85 °C", before=60.0)
    assert temperature(nine(0x0550), ONE, 84.0) == 85.0
    assert temperature(nine(0x0551), ONE, None) == 85.0625


def test_too_little_supply_is_refused() -> None:
    refused(lines(nine(0x07FF)), "127.94 °C")


def test_zeros_whose_check_is_right_by_chance_are_refused() -> None:
    assert crc(bytes(8)) == 0
    refused(lines(bytes(9)), "nonsense")


@pytest.mark.parametrize(
    "told", ["", "\n", "72 01 4b 46 7f ff 0e 10 : crc=57 YES\n", lines(nine(400))[:-60], "85000\n"]
)
def test_what_is_not_the_kernels_two_lines_is_refused(told: str) -> None:
    refused(told)


@settings(max_examples=25)
@given(st.text(max_size=120))
def test_no_text_at_all_breaks_it(told: str) -> None:
    if LINES.fullmatch(told) is None:
        refused(told)


def test_beyond_its_range_is_refused() -> None:
    refused(lines(nine(126 * 16)), "126 °C")
    refused(lines(nine(-56 * 16)), "-56 °C")


# ---- which probe ----


def test_the_only_probe_needs_no_name() -> None:
    assert which(None, [ONE, "10-000000000001"]) == ONE


def test_of_several_one_is_named() -> None:
    assert which(TWO, [TWO, ONE]) == TWO
    with pytest.raises(SensorError) as several:
        which(None, [TWO, ONE])
    assert TWO in several.value.say("ja")
    assert f'probe = "{TWO}"' in several.value.say("en")


def test_one_that_is_not_there_says_which_are() -> None:
    with pytest.raises(SensorError) as missing:
        which("28-ffffffffffff", [ONE])
    assert ONE in missing.value.say("ja")
    with pytest.raises(SensorError) as none:
        which("28-ffffffffffff", [])
    assert "none" in none.value.say("en")


def test_a_wire_that_nothing_pulls_up_is_told_by_its_ghosts() -> None:
    with pytest.raises(SensorError) as floating:
        which(None, ["00-400000000000", "00-c00000000000"])
    assert "resistor" in floating.value.say("en")
    assert "抵抗がありません" in floating.value.say("ja")


# ---- the second model, behind the sensor ----


def wired(probe: Silicon) -> tuple[Bench, KernelFile]:
    bench = Bench(HandClock(START_NS))
    kernel = KernelFile(probe)
    bench.one_wire_chip(ONE, kernel)
    return bench, kernel


@settings(max_examples=25)
@given(st.integers(-55 * 16, 125 * 16).filter(lambda s: s != 0x0550))
def test_what_the_silicon_holds_is_what_is_read(sixteenths: int) -> None:
    bench, _ = wired(Silicon(sixteenths))
    assert Sensor().open(bench).read() == {"temperature": sixteenths / 16}


def test_a_supply_that_fails_during_a_conversion_is_no_temperature() -> None:
    probe = Silicon(400)
    bench, _ = wired(probe)
    sensor = Sensor().open(bench)
    assert sensor.read() == {"temperature": 25.0}
    probe.supplied = False
    with pytest.raises(SensorError) as failed:
        sensor.read()
    assert "85 °C" in failed.value.say("ja")
    probe.supplied = True
    assert sensor.read() == {"temperature": 25.0}


def test_a_data_wire_shorted_to_ground_is_no_zero_degrees() -> None:
    probe = Silicon(400)
    bench, _ = wired(probe)
    probe.held_low = True
    with pytest.raises(SensorError):
        Sensor().open(bench).read()


def test_a_tank_that_is_heated_through_85_degrees_is_read_all_the_way() -> None:
    probe = Silicon()
    bench, _ = wired(probe)
    sensor = Sensor().open(bench)
    for probe.sixteenths in range(82 * 16, 88 * 16, 8):
        assert sensor.read() == {"temperature": probe.sixteenths / 16}


def test_a_wire_that_answers_nothing_and_one_that_spoils_a_byte() -> None:
    bench, kernel = wired(Silicon(400))
    sensor = Sensor(probe=ONE).open(bench)
    kernel.wire = lambda heard: [heard[0] ^ 0x10, *heard[1:]]
    with pytest.raises(SensorError) as noise:
        sensor.read()
    assert "nonsense" in noise.value.say("en")
    kernel.cut = True
    with pytest.raises(SensorError) as cut:
        sensor.read()
    assert "does not answer" in cut.value.say("en")


@settings(max_examples=25)
@given(st.integers(-55 * 16, 125 * 16))
def test_the_two_models_say_the_same(sixteenths: int) -> None:
    one, two = Chip(sixteenths / 16), KernelFile(Silicon(sixteenths))
    assert one.file("w1_slave").split(" t=")[0] == two.file("w1_slave").split(" t=")[0]
    one.powered = False
    two = KernelFile(off := Silicon())
    off.supplied = False
    assert one.file("w1_slave") == two.file("w1_slave")


def test_another_file_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        Chip().file("temperature")


def test_what_a_hand_turns_is_what_is_read() -> None:
    bench = Bench(HandClock(START_NS))
    part = place(Sensor(), bench)
    sensor = Sensor().open(bench)
    by_key = {handle.key: handle for handle in handles(Sensor(), bench, part)}
    by_key["temperature"].turn(-18.5)  # type: ignore[union-attr]
    assert by_key["temperature"].now() == sensor.read()["temperature"] == -18.5  # type: ignore[union-attr]
    by_key["off"].push()  # type: ignore[union-attr]
    with pytest.raises(SensorError):
        sensor.read()
    by_key["on"].push()  # type: ignore[union-attr]
    assert sensor.read() == {"temperature": -18.5}
