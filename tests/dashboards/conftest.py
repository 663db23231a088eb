"""A browser, a scripted service, and pages that may not complain: a console error or a broken content policy fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from tests.browser import chromium
from tests.dashboards.fake_service import FakeService

WATCH_POLICY = "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
WALL: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all page tests."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def service() -> Iterator[FakeService]:
    """A healthy scripted line; change what it says before or after opening a page."""
    with FakeService() as running:
        yield running


@dataclass
class Visit:
    """Opens pages of the service and collects what they complain about; ``allowed`` begins what a test expects."""

    browser: Browser
    service: FakeService
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def __call__(self, query: str = "", size: ViewportSize | None = None, live: bool = True, **options: Any) -> Page:
        """A page of its own (own storage), live unless ``live`` is False."""
        viewport = size or WALL
        context = self.browser.new_context(viewport=viewport, reduced_motion="reduce", **options)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.add_init_script(WATCH_POLICY)
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.service.url + query)
        self.pages.append(page)
        if live:
            page.locator("body[data-connection=live] .station").first.wait_for()
        return page

    def hear(self, said: ConsoleMessage) -> None:
        """Keep what the page complains about."""
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def close(self) -> None:
        """Close all pages; what they complained about fails the test."""
        for page in self.pages:
            page.context.close()
        unexpected = [said for said in self.complaints if not said.startswith(tuple(self.allowed))]
        assert unexpected == []


@pytest.fixture
def visit(browser: Browser, service: FakeService) -> Iterator[Visit]:
    """Open the page: ``page = visit()``, ``visit("?lang=en", PHONE)``."""
    visitor = Visit(browser, service)
    yield visitor
    visitor.close()
