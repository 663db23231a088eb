"""Every example line can be built: no mistake, no advice, no two things on one pin or address, no danger in its papers.

What uses which pin is read here from the file by itself, apart from `contract.line` and `hardware.wiring`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.line import load
from contract.line_advice import advice
from edge.sensors import catalogue
from hardware.wiring_derive import plan
from tests.rig import LINES

FILES = sorted(LINES.glob("*.toml"))
PIN_KEYS = ("pin", "trigger", "echo", "red", "amber", "green", "dout", "sck")
CONVERTED = ("signal_tower", "ct_clamp", "thermistor")
"""Their red, amber, green and channel are inputs of a converter, no pins."""
I2C = {
    "bme280": 0x76, "sht31": 0x44, "aht20": 0x38, "bh1750": 0x23, "adxl345": 0x53, "ina219": 0x40, "vl53l0x": 0x29,
    "ads1115": 0x48,
}  # fmt: skip
SPI = ("mcp3008", "max31855", "mfrc522")
I2C_PINS, SPI_PINS, ONE_WIRE_PIN = {2, 3}, {7, 8, 9, 10, 11}, 4
KNOWN_DOUBTS = {"no_own_supply"}
"""A lamp's relay board fed by the Pi may stay so for a trial, and the paper says so."""

Thing = tuple[str, str, dict[str, Any]]


def things(file: Path) -> Iterator[Thing]:
    """(agent, name, settings) of every sensor and output that a Pi reads or drives."""
    for station, told in tomllib.loads(file.read_text("utf-8"))["stations"].items():
        for group in ("sensors", "outputs"):
            for name, settings in told.get(group, {}).items():
                if settings["type"] != "external":
                    yield told["agent"], f"{station}/{name}", settings


def takes(settings: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a thing takes for itself (``own``), and what it may share (``shared``)."""
    kind = settings["type"]
    converted = kind in CONVERTED
    if not converted:
        yield from (("own", f"GPIO{settings[key]}") for key in PIN_KEYS if key in settings)
    converter = settings.get("converter", "ads1115") if converted else kind
    shown_as = "shared" if converted else "own"
    if converter in I2C:
        yield shown_as, f"I2C 0x{settings.get('address', I2C[converter]):02x}"
        yield from (("shared", f"GPIO{pin}") for pin in I2C_PINS)
    if converter in SPI:
        yield shown_as, f"SPI CE{settings.get('chip', 0)}"
        yield from (("shared", f"GPIO{pin}") for pin in SPI_PINS)
    if converted:
        inputs = [settings[key] for key in ("red", "amber", "green", "ambient", "channel") if key in settings]
        yield from (("own", f"{converter} input {one}") for one in inputs)
    if kind == "ds18b20":
        yield "shared", f"GPIO{settings.get('data_pin', ONE_WIRE_PIN)}"
        yield "own", f"probe {settings.get('probe', '')}"
    if "port" in settings:
        yield "own", str(settings["port"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_line_has_no_mistake_and_nothing_to_be_said_against_it(file: Path) -> None:
    assert advice(load(file, catalogue())) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_two_things_share_what_is_one_things_own(file: Path) -> None:
    own: dict[tuple[str, str], list[str]] = defaultdict(list)
    shared: set[tuple[str, str]] = set()
    for agent, name, settings in things(file):
        for whose, what in takes(settings):
            if whose == "own":
                own[agent, what].append(name)
            else:
                shared.add((agent, what))
    assert {what: names for what, names in own.items() if len(names) > 1} == {}
    assert {what: names for what, names in own.items() if what in shared} == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_several_probes_on_one_wire_are_named(file: Path) -> None:
    probes = [settings.get("probe") for _, _, settings in things(file) if settings["type"] == "ds18b20"]
    assert len(probes) < 2 or None not in probes


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_wiring_has_no_danger_and_every_part_a_price_within_the_budget(file: Path) -> None:
    types = catalogue()
    told = plan(load(file, types), types)
    found = [doubt for doubts in told.found.values() for doubt in doubts]
    assert {doubt.code for doubt in found} <= KNOWN_DOUBTS
    assert not [doubt for doubt in found if doubt.level == "danger"]
    for team in told.lists:
        assert team.unpriced == ()
        assert team.over == 0


def test_the_lines_that_the_kit_promises_are_there() -> None:
    promised = {"washing", "press", "cold-store", "hand-assembly", "packing", "lathe", "hygiene-door", "andon-call"}
    assert promised <= {file.stem for file in FILES}


def test_a_clash_would_be_seen_here() -> None:
    done = {"type": "pulse", "pin": 17}
    tower = {"type": "signal_tower", "green": 2}
    assert ("own", "GPIO17") in set(takes(done))
    assert ("own", "ads1115 input 2") in set(takes(tower))
    assert ("shared", "GPIO2") in set(takes(tower))


def test_the_page_of_lines_names_each_with_about_what_its_parts_cost() -> None:
    page = (LINES.parent.parent / "docs" / "lines.md").read_text("utf-8")
    types = catalogue()
    for file in FILES:
        assert f"[{file.name}]" in page
        told = re.findall(rf"^\| \[{file.name}\].*\| (?:約 )?([\d,]+) (?:円|yen) \|$", page, re.MULTILINE)
        yen = sum(team.yen for team in plan(load(file, types), types).lists)
        for written in told:
            assert int(written.replace(",", "")) == pytest.approx(yen, rel=0.1)
        assert len(told) == (0 if file.stem == "contract" else 2)
