"""Chromium for tests, driven by Playwright; where it is missing a test is skipped (with KOJO_REQUIRE=all it fails).

Debian's ``chromium-headless-shell`` is the same engine without the windows, menus and toolbars that nobody looks at
here: it opens a page with a third of the processor time, and is taken where it is there.
"""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, expect, sync_playwright

from tests.servers import need

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
)
PATIENCE_MS = 30_000
"""How long an expectation may take to come true: a busy machine is no failure."""

_open: list[Browser] = []


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium of this machine, closed at the end. Inside another it is that one: Playwright runs once."""
    if _open:
        yield _open[0]
        return
    path = shutil.which("chromium-headless-shell") or need("chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        _open.append(browser)
        try:
            yield browser
        finally:
            _open.remove(browser)
            browser.close()
