"""The wiring pictures of docs/pictures, part of ``make pictures``: `python -m tests.hardware.wiring_pictures`."""

import tempfile
from pathlib import Path

from contract.line import load
from edge.sensors import catalogue
from hardware.wiring_derive import plan
from hardware.wiring_picture import picture
from tests.browser import chromium

ROOT = Path(__file__).parents[2]
SHOWN = ("washing", "cold-store")
"""Lines of hardware/lines; the first Pi of each is shown."""


def take(out: Path) -> None:
    """Each picture as a browser draws it, larger than a screen."""
    types = catalogue()
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        page = browser.new_page(viewport={"width": 1123, "height": 794}, device_scale_factor=1.6)
        for name in SHOWN:
            told = plan(load(ROOT / "hardware" / "lines" / f"{name}.toml", types), types)
            file = Path(folder) / f"{name}.svg"
            file.write_text(picture(told.pis[0], told.found[told.pis[0].agent], told.title), "utf-8")
            page.goto(file.as_uri())
            page.screenshot(path=out / f"wiring-{name}.png")
        page.close()


if __name__ == "__main__":
    take(ROOT / "docs" / "pictures")
