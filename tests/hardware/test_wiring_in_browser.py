"""The pictures as a browser draws them: no text lies on another, none leaves the sheet."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from contract.line import load
from contract.words import Words
from hardware.wiring import PiWiring
from hardware.wiring_doubts import doubts
from hardware.wiring_line import wirings
from hardware.wiring_picture import picture
from tests.browser import chromium
from tests.hardware.wired import kit_parts, types, wired

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINES = Path(__file__).parents[2] / "hardware" / "lines"

MANY = """\
[stations.press.sensors.air]
type = "bme280"
[stations.press.sensors.lux]
type = "bh1750"
[stations.press.sensors.motor]
type = "ct_clamp"
converter = "ads1115"
channel = 0
[stations.press.sensors.oil]
type = "thermistor"
channel = 1
[stations.press.sensors.tank]
type = "ds18b20"
[stations.press.sensors.heat]
type = "max31855"
[stations.press.sensors.card]
type = "rdm6300"
port = "/dev/serial0"
[stations.press.sensors.far]
type = "hcsr04"
trigger = 23
echo = 24
[stations.press.sensors.scale]
type = "scale_and"
port = "/dev/ttyUSB0"
[stations.press.sensors.run]
type = "level"
pin = 27
[stations.press.outputs.door]
type = "relay"
pin = 16
[stations.press.outputs.tower]
type = "signal_light"
red = 12
amber = 13
green = 19
"""
EVERY_PIN = "".join(
    f'[stations.press.sensors.b{pin}]\ntype = "{"level" if pin % 5 == 0 else "button"}"\npin = {pin}\n'
    for pin in (*range(4, 28), 0, 1)
)

BOXES = """() => [...document.querySelectorAll('text')].map(t => {
  const b = t.getBBox(); return [t.textContent, b.x, b.y + b.height * 0.22, b.width, b.height * 0.56] })"""
"""Text and box of each, the box without the room a font keeps above and below its letters."""


def pis() -> list[tuple[str, PiWiring]]:
    found = [("many", wired(MANY)), ("every-pin", wired(EVERY_PIN))]
    for file in sorted(LINES.glob("*.toml")):
        line = load(file, types())
        found += [(f"{file.stem}-{pi.agent}", pi) for pi in wirings(line, types(), kit_parts())]
    return found


def overlap(a: Sequence[Any], b: Sequence[Any]) -> float:
    """How deep two boxes lie in each other, in millimetres."""
    across: float = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    down: float = min(a[2] + a[4], b[2] + b[4]) - max(a[2], b[2])
    return min(across, down)


def test_no_text_lies_on_another_and_none_leaves_the_sheet(tmp_path: Path) -> None:
    wrong = []
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1123, "height": 794})
        for name, pi in pis():
            file = tmp_path / f"{name}.svg"
            file.write_text(picture(pi, doubts(pi), Words("ライン", "line")), "utf-8")
            page.goto(file.as_uri())
            texts = page.evaluate(BOXES)
            across, down = page.evaluate("() => { const v = document.documentElement.viewBox.baseVal; "
                                         "return [v.width, v.height] }")  # fmt: skip
            wrong += [(name, a[0], b[0]) for a, b in combinations(texts, 2) if overlap(a, b) > 0.3]
            wrong += [(name, t[0], "sheet") for t in texts if t[1] < 2 or t[1] + t[3] > across - 2 or t[2] > down - 4]
        page.close()
    assert not wrong, wrong
