"""A station that counts no pieces, on the wall: its measures, their age and limits, how long it kept to them."""

from pathlib import Path
from typing import Any

import pytest

from contract.line import load
from edge.sensors import catalogue
from tests.kpi.desks import Service
from tests.kpi.lines import NS, at

FILE = Path(__file__).parents[2] / "hardware" / "lines" / "cold-store.toml"


def service(directory: Path, now: str = "10:00") -> Service:
    """Of a cold store that was too warm from 9:30 to 9:45, read every 10 s since midnight."""
    told = Service(load(FILE, catalogue()), directory, at(now))
    times = range(at("0:00"), at(now), 10 * NS)
    warm = [(t, 12.5 if at("9:30") <= t < at("9:45") else 4.25) for t in times]
    told.store.put("cold/air/temperature", warm)
    told.store.put("cold/door/state", [(t, 0) for t in range(at("0:00"), at(now), 60 * NS)])
    told.store.put("cold/light/state", [(at("0:00"), 0), (at("9:35"), 1)])
    return told


def wall(told: Service) -> dict[str, Any]:
    body: dict[str, Any] = told.get("/wall")["stations"][0]
    return body


def measure(told: Service, sensor: str) -> dict[str, Any]:
    return next(one for one in wall(told)["measures"] if one["sensor"] == sensor)


def test_every_number_level_and_output_is_there_and_no_button(tmp_path: Path) -> None:
    found = [one["sensor"] for one in wall(service(tmp_path))["measures"]]
    assert found == ["air", "by-door", "product", "door", "buzzer", "light"]


def test_a_value_has_its_unit_its_time_and_its_limit(tmp_path: Path) -> None:
    air = measure(service(tmp_path), "air")
    assert (air["v"], air["unit"], air["at"]) == (4.25, "°C", "2026-11-16T09:59:50+09:00")
    assert (air["limits"], air["beyond"]) == ([{"ja": "10 °C 以下", "en": "10 °C or less"}], False)
    assert (air["low"], air["high"]) == (4.25, 12.5)


def test_how_much_of_the_shift_was_within_the_limit(tmp_path: Path) -> None:
    within = measure(service(tmp_path), "air")["within"]
    assert within["beyond_s"] == pytest.approx(900)
    assert within["seen_s"] == pytest.approx(36000)
    assert within["share"] == pytest.approx(0.975)


def test_silence_counts_neither_as_within_nor_as_beyond(tmp_path: Path) -> None:
    told = service(tmp_path, "10:00")
    told.now = at("12:00")
    air = measure(told, "air")
    assert air["within"]["seen_s"] == pytest.approx(36000 - 10 + air["silent_s"])
    assert air["silent_s"] == 120.0


def test_a_level_and_an_output_are_said_in_words(tmp_path: Path) -> None:
    told = service(tmp_path)
    assert measure(told, "door")["said"] == {"ja": "オフ", "en": "off"}
    light = measure(told, "light")
    assert (light["said"], light["at"], light["silent_s"]) == (
        {"ja": "点灯", "en": "on"},
        "2026-11-16T09:35:00+09:00",
        None,
    )


def test_what_was_never_measured_is_not_zero(tmp_path: Path) -> None:
    product = measure(service(tmp_path), "product")
    assert (product["v"], product["at"], product["within"], product["beyond"]) == (None, None, None, None)


def test_what_stands_in_the_contract_is_as_it_was(tmp_path: Path) -> None:
    body = wall(service(tmp_path))
    assert body["state"]["key"] == "run"
    assert (body["produced_quantity"], body["oee"], body["plan"], body["signals"]) == (None, None, None, [])
