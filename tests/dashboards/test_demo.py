"""The virtual factory: marked on every picture, its history's progress, the switch that asks back."""

import pytest
from playwright.sync_api import expect

from tests.dashboards import scripted
from tests.dashboards.conftest import PHONE, Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("view", ["all", "wall"])
def test_virtual_data_are_marked_on_every_picture(visit: Visit, view: str) -> None:
    page = visit(f"?view={view}")
    for part in (".head", *(f'[data-station="{name}"]' for name in ("washer", "packer"))):
        expect(page.locator(f"{part} .virtual-mark")).to_have_text("仮想データ")
        expect(page.locator(f"{part} .virtual-mark")).to_be_visible()
    if view == "all":
        expect(page.locator(".panel .virtual-mark:visible")).to_have_count(2)


def test_a_real_line_is_not_called_virtual_and_has_no_switch(visit: Visit, service: FakeService) -> None:
    service.wall["demo"] = None
    page = visit()
    expect(page.locator(".virtual-mark:visible")).to_have_count(0)
    expect(page.locator("#improve")).to_be_hidden()


def test_the_benches_that_the_floor_moves_are_one_press_away(visit: Visit, service: FakeService) -> None:
    service.wall["demo"] = scripted.demo_state()
    page = visit()
    expect(page.locator("#bench-page")).to_be_hidden()
    service.push("state", {"demo": scripted.demo_state() | {"bench_port": 41234}})
    expect(page.get_by_role("link", name="練習台をさわる")).to_have_attribute("href", "http://127.0.0.1:41234/")


def test_the_history_being_made_shows_how_far_it_is(visit: Visit, service: FakeService) -> None:
    service.wall["demo"] = scripted.demo_state(done=9)
    page = visit()
    expect(page.locator("#history")).to_contain_text("9 / 28 日")
    assert page.locator("#history-bar").evaluate("bar => bar.position") == pytest.approx(9 / 28)
    service.push("state", {"demo": scripted.demo_state(done=28)})
    expect(page.locator("#history")).to_be_hidden()


def test_the_switch_asks_back_and_leaving_it_changes_nothing(visit: Visit, service: FakeService) -> None:
    service.wall["demo"] = scripted.demo_state(improved=False)
    page = visit()
    switch = page.locator("#improve")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(page.locator("#ask")).to_contain_text("約20秒の手順から約3秒の手順に")
    expect(page.locator("#ask")).to_contain_text("変わるのは仮想の工場だけです")
    page.get_by_role("button", name="やめておく").click()
    expect(page.locator("#ask")).to_be_hidden()
    assert service.posted == []


def test_the_switch_brings_the_improvement_in(visit: Visit, service: FakeService) -> None:
    service.wall["demo"] = scripted.demo_state(improved=False)
    page = visit("", PHONE)
    page.locator("#improve").click()
    page.get_by_role("button", name="導入する").click()
    expect(page.locator("#improve")).to_have_attribute("aria-checked", "true")
    expect(page.locator("#ask")).to_be_hidden()
    switched, mark = service.posted
    assert switched == {"improved": True}
    assert (mark["kind"], mark["station"], mark["text"]) == ("improvement", "washer", "改善を導入(仮想)")
    expect(page.locator("#compare-pending")).to_contain_text("「改善を導入(仮想)」")
    expect(page.locator("#compare-pending")).to_contain_text("比べるには1日以上の記録が要ります")


def test_who_may_not_switch_is_told_what_to_do(visit: Visit, service: FakeService) -> None:
    service.problems["/demo/improve"] = 403
    visit.allowed.append("Failed to load resource: the server responded with a status of 403")
    page = visit()
    page.locator("#improve").click()
    page.get_by_role("button", name="元に戻す").click()
    expect(page.locator("#ask-problem")).to_contain_text("操作もするページ")
    expect(page.locator("#improve")).to_have_attribute("aria-checked", "true")
