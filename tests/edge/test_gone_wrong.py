"""What a page says goes wrong is what the sensor says when it is done to it."""

import logging
from pathlib import Path

import pytest

from contract.words import Words
from edge.gone_wrong import NOT_WIRED, PIN_IN_USE, PULLED_OUT, SWITCHED_OFF, not_there, told
from edge.outputs import modules as outputs
from edge.sensors import modules as sensors

CRASHES = '''"""Wiring: none.

    [stations.a.sensors.b]
    type = "crashes"
"""
from dataclasses import dataclass
from contract.catalogue import setting
from contract.words import Words

TITLE, STYLE, MEASURES, PARTS, TERMINALS = Words("箱", "box"), "polled", (), (), ()

@dataclass(frozen=True, kw_only=True)
class Sensor:
    every_s: float = setting(Words("間隔", "interval"), "number", default=1.0, unit="s")

    def open(self, board):
        raise ZeroDivisionError

def rehearse(sensor, bench):
    yield
'''


def happened(name: str) -> list[Words]:
    return [trouble.happened for trouble in told([name])[name]]


def test_a_chip_tells_of_its_wires_its_bus_and_what_its_rehearsal_does_to_it() -> None:
    assert happened("bme280")[:2] == [NOT_WIRED, SWITCHED_OFF]
    assert any("0x61" in trouble.what.ja for trouble in told(["bme280"])["bme280"])


def test_the_same_is_told_once() -> None:
    for said in told(sensors()).values():
        assert len({trouble.what for trouble in said}) == len(said)


def test_a_contact_tells_of_its_pin_alone_for_an_open_one_looks_the_same_as_none() -> None:
    assert happened("pulse") == [PIN_IN_USE]


def test_a_serial_device_tells_of_its_cable() -> None:
    assert happened("scale_and")[0] == PULLED_OUT


def test_one_wire_that_is_switched_off_is_told_as_a_pi_tells_it() -> None:
    off = next(trouble for trouble in not_there(sensors()["ds18b20"]) if trouble.happened == SWITCHED_OFF)
    assert "w1_bus_master1" in off.what.en


def test_an_output_tells_of_its_pin() -> None:
    assert [trouble.happened for trouble in not_there(outputs()["buzzer"])] == [PIN_IN_USE]


def test_what_no_agent_opens_tells_nothing() -> None:
    assert told(["external"]) == {"external": ()}


def test_a_file_that_crashes_tells_nothing_and_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "crashes.py").write_text(CRASHES)
    said = told(["crashes", "button"], tmp_path)
    assert said["crashes"] == ()
    assert said["button"]


def test_playing_for_a_page_leaves_nothing_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    told(["bme280"])
    assert caplog.records == []
    logging.getLogger("edge").warning("as before")
    assert [record.message for record in caplog.records] == ["as before"]
