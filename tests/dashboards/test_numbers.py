"""The figures of a station: they change in place, and say honestly what is not known."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.dashboards import scripted
from tests.dashboards.conftest import Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser
STATES = {
    "run": "稼働",
    "minor_stop": "チョコ停",
    "downtime": "停止",
    "planned_stop": "計画停止",
    "no_shift": "時間外",
    "no_data": "欠測",
}
WASHER = '[data-station="washer"]'


def test_a_finished_piece_changes_the_count_in_place_and_nothing_is_asked_for(
    visit: Visit, service: FakeService
) -> None:
    page = visit()
    count = page.locator(f'{WASHER} [data-figure="produced_quantity"]')
    expect(count).to_have_text("1,046")
    page.evaluate(f"window.theCount = document.querySelector('{WASHER} [data-figure=produced_quantity]')")
    service.asked.clear()
    for _ in range(3):
        service.set_station(scripted.with_piece(service.station("washer"), scripted.NOW))
    expect(count).to_have_text("1,049")
    expect(count).to_have_attribute("data-value", "1049")
    assert page.evaluate("window.theCount.isConnected")
    assert "/api/v1/wall" not in service.asked
    assert "/api/v1/kpi" not in service.asked


def test_the_wall_tells_which_number_is_compared_with_the_plan(visit: Visit, service: FakeService) -> None:
    """1,831 were produced, 1,822 of them good, 1,700 wanted so far: +122 are good pieces."""
    made = {"produced_quantity": 1831, "good_quantity": 1822, "scrap_quantity": 9}
    service.set_station(service.station("washer") | made | {"plan": 3200, "plan_so_far": 1700.0, "difference": 122.0})
    page = visit()
    figure = page.locator(f'{WASHER} [data-of="difference"]')
    expect(figure.locator(".label")).to_have_text("計画との差(良品)")
    expect(figure.locator(".value")).to_have_text("+122")
    expect(page.locator(f"{WASHER} .plan-text")).to_have_text("良品 1,822 / いままでの計画 1,700 / 計画 3,200")
    unknown = {"good_quantity": None, "difference": None}
    service.set_station(service.station("washer") | unknown)
    page.reload()
    expect(page.locator(f"{WASHER} .plan-text")).to_have_text("いままでの計画 1,700 / 計画 3,200")


def test_what_was_overtaken_on_its_way_is_not_shown(visit: Visit, service: FakeService) -> None:
    page = visit()
    old = service.station("washer")
    new = {**scripted.with_piece(old, scripted.NOW), "basis": scripted.basis(scripted.NOW + timedelta(seconds=1))}
    for station in (new, old, scripted.with_piece(service.station("packer"), scripted.NOW)):
        service.push("kpi", station)
    expect(page.locator('[data-station="packer"] [data-figure="produced_quantity"]')).to_have_text("969")
    expect(page.locator(f'{WASHER} [data-figure="produced_quantity"]')).to_have_text("1,047")


def test_every_documented_figure_has_its_selector(visit: Visit) -> None:
    page = visit()
    for name in ("produced_quantity", "difference", "last_cycle_s", "phase:wash", "scrap_quantity", "coverage"):
        expect(page.locator(f'{WASHER} [data-figure="{name}"]')).to_have_attribute("data-value", any_number())
    expect(page.locator(f'{WASHER} [data-figure="state"]')).to_have_attribute("data-value", "run")
    expect(page.locator(f'{WASHER} [data-figure="state_for"]')).to_have_text("18分")


def any_number() -> "re.Pattern[str]":
    return re.compile(r"^-?\d+(\.\d+)?$")


def test_what_is_not_known_is_a_dash_and_never_zero(visit: Visit, service: FakeService) -> None:
    blank = dict.fromkeys(("last_cycle_s", "plan", "plan_so_far", "difference", "coverage", "scrap_quantity"))
    service.set_station(service.station("washer") | blank)
    page = visit()
    for name in ("last_cycle_s", "difference", "coverage", "scrap_quantity"):
        expect(page.locator(f'{WASHER} [data-figure="{name}"]')).to_have_text("—")
    expect(page.locator(f"{WASHER} .plan-text")).to_have_text("計画は未入力です")
    expect(page.locator(f"{WASHER} .bar")).to_be_hidden()


def test_a_state_is_a_word_a_shape_and_a_colour_not_a_colour_alone(visit: Visit, service: FakeService) -> None:
    page = visit()
    shapes, colours = set(), set()
    for key, word in STATES.items():
        state = {"key": key, "since": scripted.text(scripted.NOW)}
        service.set_station(service.station("washer") | {"state": state})
        page.locator(f'{WASHER}[data-state="{key}"]').wait_for()
        expect(page.locator(f'{WASHER} [data-figure="state"]')).to_have_text(word)
        shapes.add(page.locator(f"{WASHER} .shape").inner_html())
        colours.add(page.locator(f"{WASHER} .shape-box").evaluate("e => getComputedStyle(e).backgroundColor"))
    assert len(shapes) == len(colours) == len(STATES)


def test_a_state_this_page_does_not_know_is_not_shown_as_running(visit: Visit, service: FakeService) -> None:
    page = visit()
    service.set_station(service.station("washer") | {"state": {"key": "of a later version", "since": None}})
    expect(page.locator(f'{WASHER} [data-figure="state"]')).to_have_text("欠測")


def test_no_data_is_hatched(visit: Visit, service: FakeService) -> None:
    state = {"key": "no_data", "since": scripted.text(scripted.NOW - timedelta(minutes=41))}
    service.set_station(service.station("washer") | {"state": state})
    page = visit()
    head = page.locator(f"{WASHER} .state")
    assert "repeating-linear-gradient" in str(head.evaluate("e => getComputedStyle(e).backgroundImage"))
    expect(page.locator(f'{WASHER} [data-figure="state_for"]')).to_have_text("41分")


def test_how_long_it_stands_is_told_by_the_servers_clock(visit: Visit) -> None:
    page = visit()
    expect(page.locator('[data-station="packer"] [data-figure="state_for"]')).to_have_text(re.compile(r"1分4\d秒"))
    expect(page.locator("#clock")).to_have_text("14:32")


def test_behind_by_five_percent_is_an_alarm_and_a_little_behind_is_not(visit: Visit, service: FakeService) -> None:
    page = visit()
    figure = page.locator(f'{WASHER} [data-of="difference"]')
    for difference, side, shown in (
        (-71.0, "late", "−71"),
        (-20.0, "behind", "−20"),
        (4.0, "ahead", "+4"),
        (0.0, "ahead", "±0"),
        (103.0, "ahead", "+103"),
        (219.0, "over", "+219"),
    ):
        service.set_station(service.station("washer") | {"difference": difference})
        expect(figure).to_have_attribute("data-side", side)
        expect(figure.locator(".value")).to_have_text(shown)


def test_far_ahead_of_plan_is_said_in_words_and_is_not_green(visit: Visit, service: FakeService) -> None:
    service.set_station(service.station("washer") | {"difference": 219.0})
    page = visit()
    figure = page.locator(f'{WASHER} [data-of="difference"]')
    expect(figure.locator(".below")).to_have_text("計画より先行")
    expect(figure.locator(".below")).to_be_visible()
    colour = "e => getComputedStyle(e).color"
    assert figure.locator(".value").evaluate(colour) == page.locator("#compare-after").evaluate(colour)
    few = {"plan_so_far": 4.0, "difference": 9.0}
    service.set_station(service.station("washer") | few)
    expect(figure).to_have_attribute("data-side", "ahead")


def test_a_product_is_shown_by_its_name(visit: Visit, service: FakeService) -> None:
    service.line["products"] = [{"id": "a-100", "name": "ブラケットA"}]
    below = visit().locator(f'{WASHER} [data-of="produced_quantity"] .below')
    expect(below).to_have_text("ブラケットA")
    expect(below).to_be_visible()


def test_little_coverage_greys_the_figures_and_says_reference(visit: Visit, service: FakeService) -> None:
    service.set_station(service.station("washer") | {"coverage": 0.9499})
    page = visit()
    expect(page.locator(f"{WASHER} .station-note")).to_contain_text("参考値")
    expect(page.locator(f'{WASHER} [data-figure="coverage"]')).to_have_text("94")
    expect(page.locator('[data-station="packer"] .station-note')).to_be_hidden()


def test_a_difference_of_a_day_hardly_seen_is_no_alarm(visit: Visit, service: FakeService) -> None:
    little = {"coverage": 0.03, "difference": -716.0, "plan_so_far": 716.0}
    none_yet = {"produced_quantity": 0, "good_quantity": 0, "last_piece_at": None, "last_cycle_s": None}
    service.set_station(service.station("packer") | little | none_yet)
    page = visit()
    figure = page.locator('[data-station="packer"] [data-of="difference"]')
    expect(figure).to_have_attribute("data-side", "unsure")
    expect(figure.locator(".below")).to_be_empty()
    colour = "e => getComputedStyle(e).color"
    assert figure.locator(".value").evaluate(colour) == figure.locator(".label").evaluate(colour)
    expect(page.locator('[data-station="packer"] .station-note')).to_have_text(
        "まだ1個もありません。 データ取得率 3 %(参考)"
    )
    expect(page.locator(f"{WASHER} .station-note")).to_be_hidden()


def test_a_change_of_state_is_announced_and_a_piece_is_not(visit: Visit, service: FakeService) -> None:
    page = visit()
    spoken = page.locator("#spoken")
    service.set_station(scripted.with_piece(service.station("washer"), scripted.NOW))
    expect(page.locator(f'{WASHER} [data-figure="produced_quantity"]')).to_have_text("1,047")
    expect(spoken).to_be_empty()
    state = {"key": "downtime", "since": scripted.text(scripted.NOW)}
    service.set_station(service.station("washer") | {"state": state})
    expect(spoken).to_have_text("洗浄機: 停止")
    expect(spoken).to_have_attribute("aria-live", "polite")


def test_a_name_is_text_whatever_it_holds(visit: Visit, service: FakeService) -> None:
    service.set_station(service.station("washer") | {"name": "<img src=x onerror=alert(1)>"})
    page = visit()
    expect(page.locator(f"{WASHER} h2")).to_have_text("<img src=x onerror=alert(1)>")
