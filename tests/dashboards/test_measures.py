"""Plain measurements: a sensor without a role is drawn by what /line says of it, and by nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dashboards import scripted
from tests.dashboards.conftest import PHONE, Visit
from tests.dashboards.fake_service import FakeService
from tests.dashboards.test_layout import OVERLAPS, fits

pytestmark = pytest.mark.browser
TEMPERATURE = '[data-measure="washer/esp/temperature"]'


@pytest.fixture
def warm(service: FakeService) -> FakeService:
    """The washer has an external sensor of one measure, and an hour of readings of it."""
    service.line = scripted.line() | {"stations": scripted.measured()}
    service.readings = scripted.readings()
    return service


def tile(page: Page) -> Locator:
    return page.locator(TEMPERATURE)


def value(page: Page) -> Locator:
    return page.locator(f'{TEMPERATURE} [data-figure="value"]')


def said(v: Any, after_s: float = 1.0, measure: str = "temperature") -> list[dict[str, Any]]:
    """A reading event of the live feed."""
    t = scripted.nanoseconds(scripted.NOW + timedelta(seconds=after_s))
    return [{"station": "washer", "sensor": "esp", "measure": measure, "t": t, "v": v, "stored": True}]


def test_a_line_without_plain_measures_shows_no_panel(visit: Visit) -> None:
    expect(visit().locator("#measures")).to_be_hidden()


def test_a_measure_has_title_place_value_unit_time_and_mark(visit: Visit, warm: FakeService) -> None:
    page = visit()
    expect(value(page)).to_have_text("23.5")
    expect(value(page)).to_have_attribute("data-value", "23.5")
    for shown in ("温度", "洗浄機・esp", "℃", "14:32:00", "21.5 〜 23.5"):
        expect(tile(page)).to_contain_text(shown)
    expect(page.locator("#measures .virtual-mark")).to_have_text("仮想データ")
    page.locator("#language").click()
    expect(tile(page).locator("h3")).to_have_text("Temperature")
    expect(page.locator("#measures h2")).to_have_text("Measurements")


def test_what_has_a_role_or_is_text_has_no_tile(visit: Visit, warm: FakeService) -> None:
    washer = warm.line["stations"]["washer"]
    plain = washer["sensors"]["esp"]["measures"]["temperature"]
    washer["sensors"]["done"] = {"type": "pulse", "role": "cycle", "measures": {"count": plain | {"kind": "total"}}}
    washer["sensors"]["card"] = {"type": "card", "role": None, "measures": {"code": plain | {"kind": "text"}}}
    washer["sensors"]["door"] = {"type": "level", "role": None, "measures": {"state": plain | {"kind": "level"}}}
    page = visit()
    keys = page.locator("[data-measure]").evaluate_all("tiles => tiles.map((e) => e.dataset.measure)")
    assert keys == ["washer/esp/temperature", "washer/door/state"]


def test_a_live_reading_changes_the_value_in_place_and_nothing_is_asked_for(visit: Visit, warm: FakeService) -> None:
    page = visit()
    expect(value(page)).to_have_text("23.5")
    page.evaluate(f"window.theValue = document.querySelector('{TEMPERATURE} [data-figure=value]')")
    spark = tile(page).locator(".spark")
    expect(spark).to_have_attribute("data-points", re.compile("[1-9]"))
    before = spark.get_attribute("data-points")
    warm.asked.clear()
    warm.push("reading", said(-4.25))
    expect(value(page)).to_have_attribute("data-value", "-4.25")
    expect(value(page)).to_have_text("−4.3")
    expect(tile(page).locator(".spark")).to_have_attribute("data-points", str(int(before or 0) + 1))
    assert page.evaluate("window.theValue.isConnected")
    assert "/api/v1/readings" not in warm.asked


def test_a_reading_that_comes_late_does_not_replace_the_newest(visit: Visit, warm: FakeService) -> None:
    page = visit()
    expect(value(page)).to_have_text("23.5")
    for reading in (said(22.0, after_s=-600), said("no number", 1.5), said(19.0, 1.6, "other"), said(24.0, 2.0)):
        warm.push("reading", reading)
        expect(page.locator("body")).to_have_attribute("data-connection", "live")
    expect(value(page)).to_have_text("24.0")
    warm.push("reading", said(22.0, after_s=-600) + said(24.5, 1.9))
    warm.push("kpi", scripted.with_piece(warm.station("washer"), scripted.NOW))
    expect(page.locator('[data-station="washer"] [data-figure="produced_quantity"]')).to_have_text("1,047")
    expect(value(page)).to_have_text("24.0")


def test_a_pause_longer_than_the_silence_is_a_gap_in_the_line(visit: Visit, warm: FakeService) -> None:
    page = visit()
    spark = tile(page).locator(".spark")
    expect(spark).to_have_attribute("data-parts", "1")
    body = scripted.readings()
    keep = [i for i in range(len(body["t"])) if not 20 <= i < 30]
    warm.readings = body | {key: [body[key][i] for i in keep] for key in ("t", "v")}
    page.reload()
    expect(spark).to_have_attribute("data-parts", "2")
    assert (tile(page).locator(".spark-line").get_attribute("d") or "").count("M") == 2


def test_a_value_out_of_range_is_marked_with_a_word(visit: Visit, warm: FakeService) -> None:
    page = visit()
    expect(tile(page)).to_have_attribute("data-flagged", "no")
    warm.push("reading", said(61.0))
    expect(tile(page)).to_contain_text("範囲外")
    expect(value(page)).to_have_text("61.0")
    warm.push("reading", said(24.0, 2.0))
    expect(tile(page)).not_to_contain_text("範囲外")
    expect(tile(page).locator(".spark-flagged")).to_have_attribute("d", re.compile("M"))


def test_where_nothing_was_measured_it_says_so_and_shows_no_zero(visit: Visit, warm: FakeService) -> None:
    warm.readings = {"unit": "℃", "t": [], "v": []}
    page = visit()
    expect(tile(page)).to_contain_text("値がまだありません")
    expect(value(page)).to_have_attribute("data-value", "")
    expect(value(page)).to_be_hidden()
    warm.push("reading", said(24.0))
    expect(value(page)).to_have_text("24.0")
    expect(tile(page)).not_to_contain_text("値がまだありません")


def test_an_old_value_says_how_old_it_is(visit: Visit, warm: FakeService) -> None:
    body = scripted.readings()
    warm.readings = body | {key: body[key][:-20] for key in ("t", "v")}
    expect(tile(visit())).to_contain_text("14:12(20分前)の値")


def test_a_level_is_a_step_and_a_total_its_number(visit: Visit, warm: FakeService) -> None:
    told = warm.line["stations"]["washer"]["sensors"]["esp"]["measures"]["temperature"]
    told.update(kind="level", unit="", low=0, high=1, decimals=0)
    body = scripted.readings()
    warm.readings = body | {"v": [float(i // 10 % 2) for i in range(len(body["t"]))]}
    page = visit()
    expect(value(page)).to_have_text("1")
    line = tile(page).locator(".spark-line")
    expect(line).to_have_attribute("d", lasting_steps())
    told.update(kind="total", high=None)
    warm.readings = body | {"v": [float(i) + 1000 for i in range(len(body["t"]))]}
    page.reload()
    expect(value(page)).to_have_text("1,059")


def lasting_steps() -> "re.Pattern[str]":
    return re.compile(r"^M[\d. ]+(H[\d.]+V[\d.]+)+M[\d. ]+H1000$")


def test_a_lost_server_greys_the_values_and_a_found_one_brings_them_up_to_date(visit: Visit, warm: FakeService) -> None:
    visit.allowed.append("Failed to load resource: net::ERR_")
    page = visit()
    expect(value(page)).to_have_text("23.5")
    port = warm.port
    warm.stop()
    page.locator("body[data-connection=lost]").wait_for()
    assert page.locator("main").evaluate("e => getComputedStyle(e).filter") == "grayscale(1)"
    expect(page.locator("#lost")).to_be_visible()
    with FakeService(port) as again:
        again.line, again.readings = warm.line, warm.readings | {"v": [18.0 for _ in warm.readings["v"]]}
        expect(value(page)).to_have_text("18.0")


def test_a_changed_line_shows_its_new_measures_after_a_reload(visit: Visit, warm: FakeService) -> None:
    page = visit()
    expect(page.locator("[data-measure]")).to_have_count(1)
    warm.line = scripted.line() | {"stations": scripted.measured(3)}
    page.reload()
    expect(page.locator("[data-measure]")).to_have_count(3)


def test_readings_that_cannot_be_had_are_said_on_their_tile_alone(visit: Visit, warm: FakeService) -> None:
    visit.allowed.append("Failed to load resource: the server responded with a status of 500")
    warm.problems["/readings"] = 500
    page = visit()
    expect(tile(page)).to_contain_text("サーバーが値を返せません: 理由")
    warm.push("reading", said(24.0))
    expect(value(page)).to_have_text("24.0")


@pytest.mark.parametrize("count", [1, 3, 6, 9])
def test_on_the_big_screen_one_row_of_tiles_fits(visit: Visit, warm: FakeService, count: int) -> None:
    warm.line = scripted.line() | {"stations": scripted.measured(count)}
    page = visit()
    expect(page.locator("[data-measure]")).to_have_count(count)
    for width, height in ((1920, 1080), (1280, 720), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        assert fits(page), width
        assert page.evaluate(OVERLAPS) == [], width
        tops = page.locator("[data-measure]").evaluate_all("tiles => tiles.map((e) => e.getBoundingClientRect().top)")
        assert len(set(tops)) == 1
        inside = "e => e.scrollWidth > e.clientWidth"
        assert page.locator("#measure-tiles").evaluate(inside) is (count > 6)
        assert page.locator("#measures").evaluate("e => e.offsetHeight / innerHeight") < 0.15
    page.keyboard.press("w")
    expect(page.locator("#measures")).to_be_hidden()
    assert fits(page)


def test_on_a_phone_tiles_stand_below_each_other(visit: Visit, warm: FakeService) -> None:
    warm.line = scripted.line() | {"stations": scripted.measured(4)}
    page = visit("?lang=en", PHONE)
    expect(page.locator("[data-measure]")).to_have_count(4)
    for width in (320, 390):
        page.set_viewport_size({**PHONE, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        lefts = page.locator("[data-measure]").evaluate_all("all => all.map((e) => e.getBoundingClientRect().left)")
        assert len(set(lefts)) == 1
