"""What people call a sensor or output stands beside its id: in the pin table, the picture and what doctor says."""

from contract.words import Words
from hardware.pin_table import rows
from hardware.wiring_picture import picture
from kojo.doctor_devices import of_devices
from tests.hardware.wired import line_of, wired

DOOR = '[stations.press.sensors.door]\ntype = "level"\npin = 27\n'
NAMED = DOOR + 'name = "安全扉"\n'


def test_the_pin_table_has_the_name_beside_the_id() -> None:
    assert {row.device for row in rows(wired(NAMED))} == {"press/door (安全扉)"}
    assert {row.device for row in rows(wired(DOOR))} == {"press/door"}


def test_the_picture_has_the_name_before_what_it_is() -> None:
    assert "安全扉 · レベル" in drawn(NAMED)
    assert " · レベル" not in drawn(DOOR)


def drawn(text: str) -> str:
    return picture(wired(text), (), Words("試し", "test"))


def test_doctor_calls_a_broken_sensor_by_its_name() -> None:
    said = {"agent": "pi-1", "state": "online", "sensors": {"press/door": {"state": "broken"}}}
    (found,) = of_devices([said], line_of(NAMED))
    assert "press/door (安全扉)" in found.what.ja
    (found,) = of_devices([said])
    assert "press/door(" in found.what.ja
