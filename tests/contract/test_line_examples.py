"""The example lines of the kit have no mistake, with the sensors the kit really has."""

from pathlib import Path

import pytest

from contract.line import load
from contract.line_schema import schema
from contract.reading import Series
from edge.sensors import catalogue

LINES = sorted((Path(__file__).parents[2] / "hardware" / "lines").glob("*.toml"))


@pytest.mark.parametrize("file", LINES, ids=lambda file: file.name)
def test_an_example_line_has_no_mistake(file: Path) -> None:
    assert load(file, catalogue()).stations


def test_the_demo_line_is_the_washing_line_of_the_curriculum() -> None:
    line = load(Path(__file__).parents[2] / "hardware" / "lines" / "washing.toml", catalogue())
    washer, packer = line.stations["washer"], line.stations["packer"]
    assert (washer.ideal_cycle_s, washer.stop_after_s, packer.ideal_cycle_s) == (27.0, 60.0, 18.0)
    assert [shift.name for shift in line.shifts] == ["昼勤", "夜勤"]
    assert all(len(shift.days) == 7 and len(shift.breaks) == 4 for shift in line.shifts)
    assert line.agents == ("pi-1", "pi-2")
    assert len(line.products) == 2
    assert {str(sensor.role) for sensor in washer.sensors.values()} >= {"cycle", "phase:wash", "scrap", "reason"}
    assert line.measure(Series("packer", "scale", "weight"))


def test_the_washer_of_the_demo_line_is_relieved_through_lunch_only() -> None:
    line = load(Path(__file__).parents[2] / "hardware" / "lines" / "washing.toml", catalogue())
    breaks = {pause for shift in line.shifts for pause in shift.breaks}
    own = set(line.stations["washer"].breaks or ())
    assert own < breaks
    assert sorted(pause.start.hour for pause in breaks - own) == [0, 12]
    assert line.stations["packer"].breaks is None


def test_the_schema_knows_every_sensor_and_output_of_the_kit() -> None:
    known = catalogue()
    station = schema(known)["properties"]["stations"]["additionalProperties"]["properties"]
    types = station["sensors"]["additionalProperties"]["properties"]["type"]["enum"]
    assert set(types) == set(known.sensors)
    assert "external" in types
