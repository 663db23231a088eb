"""The picture of the bench's page in docs/pictures, taken from a demo that runs."""

import json
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import ViewportSize, expect

from kpi.tokens import Tokens
from tests.browser import chromium

SIZE: ViewportSize = {"width": 1600, "height": 900}


def take(url: str, data: Path, out: Path) -> None:
    """``bench-ja.png``: a hand holds one contact of the demo at ``url``, whose directory is ``data``."""
    with urllib.request.urlopen(f"{url}/api/v1/demo", timeout=30) as answer:
        port = json.load(answer)["bench_port"]
    code = Tokens(data, time.time_ns).pair_code("operator")
    with chromium() as browser:
        page = browser.new_context(viewport=SIZE, reduced_motion="reduce").new_page()
        page.goto(f"http://127.0.0.1:{port}/pair?code={code}")
        held = page.locator('[data-device="washer/mode-setup"]')
        held.locator("[data-do=hold]").click()
        expect(held.locator(".contact")).to_have_attribute("data-on", "yes")
        page.screenshot(path=out / "bench-ja.png")
        held.locator("[data-do=hold]").click()
        expect(held.locator(".contact")).to_have_attribute("data-doing", "")
        page.context.close()
