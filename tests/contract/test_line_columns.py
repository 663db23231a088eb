"""Measures with keys of their own (a register, a device of a PLC), texts of a form, and lines that several share."""

from pathlib import Path

import pytest

from contract.catalogue import Catalogue, Measure, SensorType, Setting, Wire
from contract.errors import LineError
from contract.line import Line, load
from contract.line_schema import schema
from contract.words import Words

NOTHING = Words("", "")
COLUMNS = (
    Setting("device", Words('デバイス("D100" の形)', 'a device (like "D100")'), "text", form="[DM][0-9]+"),
    Setting("scale", NOTHING, "number", default=1.0),
)
PORT = Setting("port", NOTHING, "shared_port")
BAUD = Setting("baud", NOTHING, "whole", default=9600)
CATALOGUE = Catalogue(
    {
        "plc": SensorType("plc", NOTHING, "polled", (), (Setting("measures", NOTHING, "measures", columns=COLUMNS),)),
        "meter": SensorType(
            "meter", NOTHING, "polled", (Measure("power", NOTHING),), (PORT, BAUD), terminals=(Wire("USB", "USB"),)
        ),
        "scale": SensorType("scale", NOTHING, "event", (Measure("g", NOTHING),), (Setting("port", NOTHING, "port"),)),
    }
)
HEAD = 'schema = 1\nsite = "a"\nline = "b"\n[stations.s]\nname = "x"\nagent = "pi-1"\n'


def line(tmp_path: Path, text: str) -> Line:
    (tmp_path / "line.toml").write_text(HEAD + text, "utf-8")
    return load(tmp_path / "line.toml", CATALOGUE)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(LineError) as wrong:
        line(tmp_path, text)
    return [f"{one.where}: {one.what.en} {one.hint.en if one.hint else ''}".strip() for one in wrong.value.mistakes]


def test_a_measure_carries_what_its_own_keys_say(tmp_path: Path) -> None:
    table = '[stations.s.sensors.p]\ntype = "plc"\nrole = "cycle"\n[stations.s.sensors.p.measures]\n'
    got = line(tmp_path, table + 'count = { device = "D100", kind = "total", unit = "pcs" }\n')
    (measure,) = got.stations["s"].sensors["p"].measures
    assert (measure.kind, measure.unit) == ("total", "pcs")
    assert measure.own == {"device": "D100", "scale": 1.0}
    assert hash(measure)


def test_a_form_that_does_not_fit_is_a_mistake_with_its_row(tmp_path: Path) -> None:
    table = '[stations.s.sensors.p]\ntype = "plc"\n[stations.s.sensors.p.measures]\n'
    where = "stations.s.sensors.p.measures.count"
    told = mistakes(tmp_path, table + 'count = { device = "d100", scal = 2 }\nother = { unit = "g" }\n')
    assert told[0].startswith(f'{where}: unknown key "scal". Hint: did you mean "scale"?'.replace("Hint: d", "D"))
    assert f'{where}.device: "d100" is not a device (like "D100"). Hint: write "D100".' in told
    assert any('other: "device" is missing' in one and 'device = "D100"' in one for one in told)


@pytest.mark.parametrize(("baud", "many"), [("", 0), ("baud = 19200\n", 1)])
def test_several_of_a_type_share_a_line_that_is_set_alike(tmp_path: Path, baud: str, many: int) -> None:
    text = '[stations.s.sensors.{}]\ntype = "meter"\nport = "/dev/ttyUSB0"\n'
    both = text.format("a") + text.format("b") + baud
    if not many:
        assert len(line(tmp_path, both).stations["s"].sensors) == 2
        return
    (told,) = mistakes(tmp_path, both)
    assert told.endswith("Hint: devices on one line have the same baud, parity, stop.")


def test_a_line_is_not_shared_with_another_type(tmp_path: Path) -> None:
    text = '[stations.s.sensors.{0}]\ntype = "{0}"\nport = "/dev/ttyUSB0"\n'
    (told,) = mistakes(tmp_path, text.format("meter") + text.format("scale"))
    assert "already used by stations.s.sensors.meter" in told


def test_the_schema_for_editors_knows_the_columns() -> None:
    assert "^(?:[DM][0-9]+)$" in str(schema(CATALOGUE))
