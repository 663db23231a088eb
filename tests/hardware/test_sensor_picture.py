"""The pictures of docs/sensors and docs/outputs are what the manifests' own examples are wired like today."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import pytest

from contract.catalogue import OutputType, SensorType, Wire
from contract.words import Words
from hardware.sensor_page import page, page_in
from hardware.sensor_picture import BANNER, example_wiring, pictures, write_pictures
from hardware.wiring_doubts import doubts
from tests.hardware.wired import kit_parts, types

DOCS = Path(__file__).parents[2] / "docs"
KINDS: list[SensorType | OutputType] = [*types().sensors.values(), *types().outputs.values()]


@pytest.mark.parametrize("of", ["sensors", "outputs"])
def test_the_pictures_are_current(of: str) -> None:
    kinds: Iterable[SensorType | OutputType] = (types().sensors if of == "sensors" else types().outputs).values()
    written = {path.name: path.read_text("utf-8") for path in (DOCS / of / "pictures").glob("*.svg")}
    drawn = pictures(kinds, kit_parts())
    stale = [name for name in {*written, *drawn} if written.get(name) != drawn.get(name)]
    assert not stale, "run: make derive"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_what_the_kit_shows_is_not_dangerous(kind: SensorType | OutputType) -> None:
    assert [doubt for doubt in doubts(example_wiring(kind, kit_parts())) if doubt.level == "danger"] == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_every_wire_of_the_kit_has_an_end(kind: SensorType | OutputType) -> None:
    for _, join in example_wiring(kind, kit_parts()).joins:
        assert join.goal.headers or join.goal.function in ("socket", "inside"), join


def test_the_picture_stands_on_the_page_and_not_in_the_terminal() -> None:
    kind = types().sensors["bme280"]
    assert "![温度・湿度・気圧(BME280) の配線図](pictures/bme280.svg)" in page(kind)
    assert "pictures/" not in page_in(kind, "ja")
    assert "pictures/" not in page(types().sensors["external"])


def test_a_picture_is_well_formed_and_carries_the_banner() -> None:
    for svg in pictures(KINDS, kit_parts()).values():
        assert BANNER in svg[:300]
        ET.fromstring(svg)


def test_a_type_without_an_example_is_drawn_too(tmp_path: Path) -> None:
    said = Words("箱", "Box")
    kind = SensorType("box", said, "polled", (), (), terminals=(Wire("VCC", "3V3"), Wire("GND", "GND")))
    (tmp_path / "gone.svg").write_text("<svg/>", "utf-8")
    write_pictures([kind], tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["box.svg"]
    assert "VCC" in (tmp_path / "box.svg").read_text("utf-8")
