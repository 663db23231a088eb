"""Calls, alarms and lost outputs on a station's tile, and the tile of a station that counts no pieces."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.dashboards import scripted
from tests.dashboards.acting import PAGES, Acting
from tests.dashboards.conftest import PHONE, Visit
from tests.dashboards.fake_service import FakeService
from tests.dashboards.test_layout import OVERLAPS, SPILLS, fits
from tests.kpi.test_measures_told import service as cold_store
from tests.kpi.test_signals import agent

pytestmark = pytest.mark.browser
CUT = """() => [...document.querySelectorAll(".signal:first-child *, .cell *")].filter((e) => e.checkVisibility()
  && e.textContent && e.scrollWidth > e.clientWidth + 1
  && getComputedStyle(e).display !== "inline").map((e) => e.className + ": " + e.textContent)"""
BELOW = """() => [...document.querySelectorAll(":is(.cell, .signal)")]
  .filter((e) => e.getBoundingClientRect().bottom > e.closest(".station").getBoundingClientRect().bottom + 1)
  .map((e) => e.textContent)"""


def card(page: Page, station: str) -> Locator:
    return page.locator(f'.station[data-station="{station}"]')


def cold_only(service: FakeService, **more: Any) -> None:
    service.wall = {**service.wall, "stations": [scripted.cold_store(**more)]}


def test_an_alarm_says_since_when_why_and_what_to_do_and_goes_when_it_is_over(
    visit: Visit, service: FakeService
) -> None:
    page = visit()
    band = card(page, "washer").locator(".signals")
    expect(band).to_be_hidden()
    well = service.station("washer")
    service.set_station({**well, "signals": [scripted.signal()]})
    expect(band).to_contain_text("警報")
    expect(band).to_contain_text("「庫内の温度」が 10 °C を超えています")
    expect(band).to_contain_text("14:19から 13分")
    expect(band).to_contain_text("5 分以上続きました。")
    expect(band).to_contain_text("「確認」を押してください")
    expect(card(page, "washer").locator('[data-figure="produced_quantity"]')).to_have_text("1,046")
    service.set_station(well)
    expect(band).to_be_hidden()


def test_a_call_and_a_lost_output_have_their_own_word_and_shape(visit: Visit, service: FakeService) -> None:
    kinds = ["call", "blind", "failsafe"]
    signals = [scripted.signal(kind, title={"ja": kind, "en": kind}) for kind in kinds]
    service.set_station({**service.station("washer"), "signals": signals})
    page = visit()
    rows = card(page, "washer").locator(".signal")
    expect(rows).to_have_count(3)
    for row, word in zip(rows.all(), ("呼び出し", "見張れません", "安全側"), strict=True):
        expect(row).to_contain_text(word)
    shapes = rows.locator("path").evaluate_all("all => all.map((e) => e.getAttribute('d'))")
    assert len(set(shapes)) == 3
    page.locator("#language").click()
    expect(rows.first).to_contain_text("Call")


def test_of_many_only_the_loudest_stand_there_and_the_rest_is_counted(visit: Visit, service: FakeService) -> None:
    service.set_station({**service.station("washer"), "signals": [scripted.signal() for _ in range(7)]})
    band = card(visit(), "washer").locator(".signals")
    expect(band.locator(".signal")).to_have_count(3)
    expect(band).to_contain_text("ほかに 4 件")


def test_a_station_without_pieces_shows_its_values_limits_and_share_and_no_pieces(
    visit: Visit, service: FakeService
) -> None:
    cold_only(service)
    page = visit()
    cold = card(page, "cold")
    expect(cold).to_have_attribute("data-state", "within")
    expect(cold.locator(".state-word")).to_have_text("基準内")
    air = cold.locator('[data-cell="庫内の温度/temperature"]')
    expect(air.locator(".value")).to_have_text("4.2")
    expect(air).to_contain_text("°C")
    expect(air).to_contain_text("基準 10 °C 以下")
    expect(air).to_contain_text("この直の 97.5 % が基準内(外れ 15分)")
    expect(air).to_contain_text("秒前")
    expect(cold.locator('[data-cell="扉/state"] .value')).to_have_text("オフ")
    for figure in ("produced_quantity", "difference", "last_cycle_s", "coverage"):
        expect(cold.locator(f'[data-figure="{figure}"]')).to_have_count(0)
    expect(cold).not_to_contain_text("稼働")
    expect(cold).not_to_contain_text("計画")


def test_its_state_is_that_of_its_values_and_rules(visit: Visit, service: FakeService) -> None:
    cold_only(service)
    page = visit()
    cold = card(page, "cold")
    told = service.station("cold")
    warm = told["measures"][0] | {"v": 11.4, "beyond": True}
    service.set_station({**told, "measures": [warm, *told["measures"][1:]]})
    expect(cold).to_have_attribute("data-state", "beyond")
    expect(cold.locator(".state-word")).to_have_text("基準外")
    service.set_station({**told, "measures": [warm], "signals": [scripted.signal()]})
    expect(cold).to_have_attribute("data-state", "alarm")
    expect(cold.locator('[data-figure="state_for"]')).to_have_text("13分")
    expect(cold.locator(".cell")).to_have_count(1)
    service.set_station({**told, "measures": told["measures"][1:]})
    expect(cold.locator(".state-word")).to_have_text("測定中")


def test_a_silent_sensor_shows_no_value_but_when_there_was_one(visit: Visit, service: FakeService) -> None:
    cold_only(service)
    told = service.station("cold")
    old = {"at": scripted.text(scripted.NOW - timedelta(minutes=20))}
    silent = [each | ({} if each["output"] else old) for each in told["measures"]]
    service.set_station({**told, "measures": silent})
    cold = card(visit(), "cold")
    air = cold.locator('[data-cell="庫内の温度/temperature"]')
    expect(air.locator(".value")).to_have_text("測定値なし")
    expect(air.locator(".value")).to_have_attribute("data-value", "")
    expect(air).to_contain_text("最後は 14:12 の 4.2 °C")
    expect(cold.locator(".state-word")).to_have_text("測定値なし")


def test_what_an_output_is_that_cannot_be_reached_nobody_knows(visit: Visit, service: FakeService) -> None:
    cold_only(service)
    told = service.station("cold")
    cold = card(visit(), "cold")
    expect(cold.locator('[data-cell="灯り/state"] .value')).to_have_text("消灯")
    service.set_station({**told, "signals": [scripted.signal("failsafe", outputs=["cold/灯り"])]})
    expect(cold.locator('[data-cell="灯り/state"] .value')).to_have_text("不明")


def test_what_is_read_from_ten_metres_is_large(visit: Visit, service: FakeService) -> None:
    cold_only(service, signals=[scripted.signal()])
    service.wall["stations"].insert(0, {**service.station("cold"), "station": "other"})
    page = visit("?view=wall")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    for selector, least_px in ((".state-word", 80), (".signal-title", 34), (".cells-limited .value", 110)):
        assert card(page, "cold").locator(selector).first.evaluate(size) >= least_px, selector


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_on_the_wall_nothing_scrolls_overlaps_or_is_cut(
    visit: Visit, service: FakeService, count: int, lang: str
) -> None:
    cold = scripted.cold_store(signals=[scripted.signal(), scripted.signal("failsafe", None)])
    washer = service.station("washer") | {"signals": [scripted.signal("call")]}
    stations = [cold, washer, scripted.cold_store(station="calm"), service.station("packer")]
    service.wall = {**service.wall, "stations": stations[:count]}
    page = visit(f"?lang={lang}")
    for width, height in ((1920, 1080), (1280, 720), (1400, 900)):
        page.set_viewport_size({"width": width, "height": height})
        for view in ("all", "wall"):
            page.locator(f"html[data-view={view}]").wait_for()
            assert fits(page), (width, view)
            assert page.evaluate(OVERLAPS) == [], (width, view)
            assert page.evaluate(BELOW) == [], (width, view)
            assert page.evaluate(SPILLS) == [], (width, view)
            page.keyboard.press("w")


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_phone_never_scrolls_sideways(visit: Visit, service: FakeService, lang: str) -> None:
    cold_only(service, signals=[scripted.signal(kind) for kind in ("call", "alarm", "blind", "failsafe")])
    page = visit(f"?lang={lang}", PHONE)
    for width in (320, 390):
        page.set_viewport_size({**PHONE, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(CUT) == []


def test_the_leaders_page_says_that_nothing_is_counted_there(visit: Visit, service: FakeService) -> None:
    cold_only(service)
    page = visit("board.html?station=cold", live=False)
    expect(page.locator(".no-pieces")).to_contain_text("個数を数えていないので")
    page.locator("#language").click()
    expect(page.locator(".no-pieces")).to_contain_text("No pieces are counted")
    expect(page.locator(".no-pieces a")).to_have_attribute("href", "station.html?station=cold")


def test_on_its_own_page_a_station_without_pieces_has_no_stops_and_no_count_to_put_right(
    browser: Browser, tmp_path: Path
) -> None:
    told = cold_store(tmp_path)
    told.pages, told.live = PAGES, True
    told.__post_init__()
    told.ingest.agents = [agent(told.line, holding=(1, 2))]
    with Acting(told) as acting:
        context = browser.new_context(viewport=PHONE)
        context.add_cookies([acting.cookie()])
        page = context.new_page()
        page.goto(acting.url("station.html?station=cold"))
        expect(page.locator('[data-cell="air/temperature"] .value')).to_have_text("4.25")
        expect(page.locator(".signal")).to_contain_text("「確認ボタン」を押してください")
        expect(page.locator('[data-act="note"]')).to_be_visible()
        expect(page.locator('[data-act="correct_count"]')).to_have_count(0)
        expect(page.locator("#stops-panel")).to_be_hidden()
        context.close()
