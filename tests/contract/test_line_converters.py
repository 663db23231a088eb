"""Sensors share an analogue converter by its channels, whatever their types; and what counts only for a choice."""

from pathlib import Path

import pytest

from contract.catalogue import Part, Wire, counts
from contract.errors import LineError
from contract.line import load
from edge.sensors import catalogue

CATALOGUE = catalogue()
HEAD = 'schema = 1\nsite = "a"\nline = "b"\n[stations.x]\nname = "x"\nagent = "pi-1"\n'


def line(tmp_path: Path, **sensors: str) -> list[str]:
    """What is said of a station with these sensors; nothing if all is well."""
    text = HEAD + "".join(f"[stations.x.sensors.{name}]\n{body}\n" for name, body in sensors.items())
    (tmp_path / "line.toml").write_text(text, "utf-8")
    try:
        load(tmp_path / "line.toml", CATALOGUE)
    except LineError as error:
        return [mistake.say("en") for mistake in error.mistakes]
    return []


CT = 'type = "ct_clamp"\nchannel = '
NTC = 'type = "thermistor"\nchannel = '
ADS = 'type = "ads1115"\nchannel = '
TOWER = 'type = "signal_tower"\nred = 0\namber = 1\ngreen = 2\nambient = 3'


def test_sensors_of_several_types_share_a_chip_by_its_channels(tmp_path: Path) -> None:
    assert line(tmp_path, a=f"{CT}0", b=f"{NTC}1", c=f"{ADS}2", d=f"{NTC}3") == []
    on_spi = '\nconverter = "mcp3008"'
    assert line(tmp_path, a=f"{CT}0{on_spi}", b=f"{NTC}7{on_spi}", c='type = "mcp3008"\nchannel = 1') == []


@pytest.mark.parametrize("other", [f"{CT}1", f"{NTC}1", f"{ADS}1", 'type = "ct_clamp"\nchannel = 2'])
def test_a_channel_that_two_want_is_a_mistake(tmp_path: Path, other: str) -> None:
    (mistake,) = line(tmp_path, a=TOWER, b=other)
    assert "0x48" in mistake
    assert "stations.x.sensors.a" in mistake


def test_two_chips_keep_them_apart(tmp_path: Path) -> None:
    assert line(tmp_path, a=TOWER, b=f"{CT}1\naddress = 0x49") == []
    assert line(tmp_path, a=TOWER, b=f'{CT}1\nconverter = "mcp3008"') == []


def test_another_part_at_the_converters_address_is_a_mistake_only_if_it_is_used(tmp_path: Path) -> None:
    other = 'type = "ina219"\naddress = 0x48'
    assert len(line(tmp_path, a=f"{CT}0", b=other)) == 1
    assert line(tmp_path, a=f'{CT}0\nconverter = "mcp3008"', b=other) == []


def test_the_buss_pins_are_those_of_the_converter_that_is_chosen(tmp_path: Path) -> None:
    pin_of_spi = 'type = "pulse"\npin = 11'
    assert line(tmp_path, a=f"{CT}0", b=pin_of_spi) == []
    assert "SPI" in line(tmp_path, a=f'{CT}0\nconverter = "mcp3008"', b=pin_of_spi)[0]
    pin_of_i2c = 'type = "pulse"\npin = 3'
    assert "I2C" in line(tmp_path, a=f"{CT}0", b=pin_of_i2c)[0]
    assert line(tmp_path, a=f'{CT}0\nconverter = "mcp3008"', b=pin_of_i2c) == []


def test_a_part_and_a_wire_count_for_their_choice_alone() -> None:
    for thing in (Part("x", when=("converter", "ads1115")), Wire("A", "SDA", when=("converter", "ads1115"))):
        assert counts(thing, {"converter": "ads1115"})
        assert not counts(thing, {"converter": "mcp3008"})
        assert not counts(thing, {})
    assert counts(Part("x"), {})


def test_a_number_where_a_word_is_wanted_is_told_its_quotes(tmp_path: Path) -> None:
    (mistake,) = line(tmp_path, a=f"{ADS}0\nrate = 250")
    assert '"250"' in mistake
