"""Settings that are right one by one and cannot be so together, with the kit's own types."""

from pathlib import Path

import pytest

from contract.errors import LineError
from contract.line import load
from edge.sensors import catalogue

CATALOGUE = catalogue()
HEAD = 'schema = 1\nsite = "a"\nline = "b"\n[stations.x]\nname = "x"\nagent = "pi-1"\n'
RELAY = 'type = "relay"\npin = 6\n'
PLC = 'type = "modbus_rtu"\nmeasures = { v = { register = 0 } }\nunit = '


def told(folder: Path, kind: str, *tables: str) -> list[str]:
    """What is said of a station with these sensors or outputs; nothing if all is well."""
    text = HEAD + "".join(f"[stations.x.{kind}.n{number}]\n{body}\n" for number, body in enumerate(tables))
    (folder / "line.toml").write_text(text, "utf-8")
    try:
        load(folder / "line.toml", CATALOGUE)
    except LineError as error:
        return [mistake.say("en") for mistake in error.mistakes]
    return []


# ---- outputs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "where"),
    [("min_s = 60.0\nlongest_s = 20.0", "longest_s"), ("longest_s = 0.5", "longest_s")],
)
def test_an_output_that_must_stay_for_longer_than_it_may_is_a_mistake(
    tmp_path: Path, settings: str, where: str
) -> None:
    (mistake,) = told(tmp_path, "outputs", RELAY + settings)
    assert f"n0.{where}: min_s (" in mistake


@pytest.mark.parametrize(
    "settings", ["", "min_s = 60.0", "min_s = 60.0\nlongest_s = 0.0", "min_s = 60.0\nlongest_s = 60.0"]
)
def test_an_output_without_an_end_or_with_time_enough_is_right(tmp_path: Path, settings: str) -> None:
    assert told(tmp_path, "outputs", RELAY + settings) == []


def test_a_stack_light_without_a_colour_is_a_mistake(tmp_path: Path) -> None:
    (mistake,) = told(tmp_path, "outputs", 'type = "signal_light"')
    assert "one of red, amber, green, blue is needed" in mistake
    assert told(tmp_path, "outputs", 'type = "signal_light"\nblue = 12') == []
    (mistake,) = told(tmp_path, "outputs", 'type = "signal_light"\nbleu = 12')
    assert "bleu" in mistake, "what is misspelt is told once"
    (mistake,) = told(tmp_path, "outputs", 'type = "lamp"')
    assert '"pin" is missing' in mistake


# ---- the header's one serial port ------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0"])
def test_the_headers_serial_port_is_one_whatever_it_is_called(tmp_path: Path, other: str) -> None:
    (mistake,) = told(
        tmp_path, "sensors", 'type = "mhz19"\nport = "/dev/serial0"', f'type = "pms5003"\nport = "{other}"'
    )
    assert f"serial port {other} is already used by stations.x.sensors.n0" in mistake
    assert ("are the header's one serial port" in mistake) == (other != "/dev/serial0")


def test_field_devices_share_the_headers_port_by_one_name_only(tmp_path: Path) -> None:
    both = [f'{PLC}1\nport = "/dev/serial0"', f'{PLC}2\nport = "/dev/serial0"']
    assert told(tmp_path, "sensors", *both) == []
    (mistake,) = told(tmp_path, "sensors", both[0], both[1].replace("serial0", "ttyS0"))
    assert "/dev/ttyS0 and /dev/serial0 are the header's one serial port" in mistake
    assert told(tmp_path, "sensors", both[0], both[1].replace("serial0", "ttyUSB0")) == []


@pytest.mark.parametrize("port", ["/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0"])
@pytest.mark.parametrize("pin", [14, 15])
def test_a_contact_on_a_pin_of_the_headers_port_is_a_mistake(tmp_path: Path, port: str, pin: int) -> None:
    (mistake,) = told(tmp_path, "sensors", f'type = "mhz19"\nport = "{port}"', f'type = "pulse"\npin = {pin}')
    assert f"GPIO{pin} is already used" in mistake


# ---- probes on one wire ----------------------------------------------------------------------------------------------


def test_two_sensors_of_one_probe_are_a_mistake(tmp_path: Path) -> None:
    probe = 'type = "ds18b20"\nprobe = "28-00000000000{}"'
    assert told(tmp_path, "sensors", probe.format(1), probe.format(2)) == []
    (mistake,) = told(tmp_path, "sensors", probe.format(1), probe.format(1))
    assert "n1.probe: probe 28-000000000001 is already used by stations.x.sensors.n0" in mistake


@pytest.mark.parametrize("probe", ["28-00000000000g", "28-0316a2795ad", "10-0316a2795ad1", "0316a2795ad1", ""])
def test_a_probe_that_no_probe_is_called_is_a_mistake(tmp_path: Path, probe: str) -> None:
    (mistake,) = told(tmp_path, "sensors", f'type = "ds18b20"\nprobe = "{probe}"')
    assert '"28-0316a2795ad1"' in mistake


def test_a_probe_in_capitals_is_told_how_it_is_written(tmp_path: Path) -> None:
    (mistake,) = told(tmp_path, "sensors", 'type = "ds18b20"\nprobe = "28-0316A2795AD1"')
    assert 'write "28-0316a2795ad1"' in mistake
