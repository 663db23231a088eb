"""The strip chart of the wash time moves as pieces pass."""

import pytest
from playwright.sync_api import expect

from tests.dashboards import scripted
from tests.dashboards.conftest import Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser


def test_each_measured_wash_adds_one_bar(visit: Visit, service: FakeService) -> None:
    service.cycles = scripted.cycles(n=20)
    page = visit()
    chart = page.locator("#strip-chart")
    expect(chart).to_have_attribute("data-pieces", "20")
    now = scripted.NOW
    service.set_station(scripted.with_piece(service.station("washer"), now, wash_s=4.4))
    expect(chart).to_have_attribute("data-pieces", "21")
    expect(page.locator("#strip-last")).to_have_text("4.4")
    service.set_station(scripted.with_piece(service.station("washer"), now))  # a piece whose wash had been told before
    expect(page.locator('[data-station="washer"] [data-figure="produced_quantity"]')).to_have_text("1,048")
    expect(chart).to_have_attribute("data-pieces", "21")


def test_the_newest_sixty_are_shown(visit: Visit, service: FakeService) -> None:
    service.cycles = scripted.cycles(n=200)
    page = visit()
    expect(page.locator("#strip-chart")).to_have_attribute("data-pieces", "60")
    expect(page.locator("#strip-note")).to_have_text("直近 60 個、1個ごと")
    assert page.locator("#strip-chart canvas").count() == 1


def test_without_pieces_it_says_so(visit: Visit, service: FakeService) -> None:
    service.cycles = {"cycles": []}
    page = visit()
    expect(page.locator("#strip-empty")).to_be_visible()
    expect(page.locator("#strip-last")).to_have_text("—")


def test_a_line_without_phases_shows_its_stations_alone(visit: Visit, service: FakeService) -> None:
    service.set_station(service.station("washer") | {"phases": {}})
    page = visit()
    expect(page.locator("#near")).to_be_hidden()
    expect(page.locator(".station")).to_have_count(2)
