"""Everything a finger can do, the keyboard can; every figure's basis is one tap away."""

import pytest
from playwright.sync_api import expect

from tests.dashboards.conftest import PHONE, Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser


def test_tab_and_enter_reach_a_figures_basis_and_escape_returns(visit: Visit) -> None:
    page = visit()
    figure = page.locator('[data-station="washer"] [data-of="difference"]')
    for _ in range(20):
        page.keyboard.press("Tab")
        if figure.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    dialog = page.locator("#basis")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("計画との差 = 良品数 − いままでの計画")
    expect(dialog).to_contain_text("1,043 − 1,039 = +4")
    expect(dialog).to_contain_text("washer/done")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(figure).to_be_focused()


def test_every_figure_tells_its_formula_and_basis(visit: Visit) -> None:
    page = visit("", PHONE)
    dialog = page.locator("#basis")
    for name in ("produced_quantity", "last_cycle_s", "phase:wash", "scrap_quantity", "coverage"):
        page.locator(f'[data-station="washer"] [data-of="{name}"]').click()
        expect(dialog.locator(".formula")).not_to_be_empty()
        expect(dialog).to_contain_text("期間")
        expect(dialog).to_contain_text("速報: まだ終わっていない時間です。")
        assert ("a-100" in dialog.inner_text()) == (name != "coverage")
        assert ("基準サイクル" in dialog.inner_text()) == (name == "last_cycle_s")
        page.get_by_role("button", name="閉じる").click()
        expect(dialog).to_be_hidden()


def test_plans_so_far_that_differ_by_breaks_are_explained(visit: Visit, service: FakeService) -> None:
    service.line["shifts"] = [
        {"name": "昼勤", "start": "08:00", "end": "20:00", "breaks": ["10:00-10:10", "12:00-13:00"]}
    ]
    service.line["stations"] = {"washer": {"breaks": ["10:00-10:10", "22:00-22:10"]}, "packer": {"breaks": None}}
    page = visit()
    for station, breaks in (("washer", "10:00–10:10 です"), ("packer", "10:00–10:10、12:00–13:00 です")):
        page.locator(f'[data-station="{station}"] [data-of="difference"]').click()
        expect(page.locator("#basis")).to_contain_text(f"この工程の休憩は {breaks}")
        page.keyboard.press("Escape")


def test_a_tap_beside_a_dialog_closes_it(visit: Visit) -> None:
    page = visit("", PHONE)
    page.locator('[data-station="washer"] .state-said').click()
    expect(page.locator("#basis")).to_contain_text("チョコ停=設定より長く止まっている")
    page.mouse.click(5, 5)
    expect(page.locator("#basis")).to_be_hidden()


def test_w_turns_the_wall_view_on_and_off_and_the_address_keeps_it(visit: Visit) -> None:
    page = visit()
    page.keyboard.press("w")
    expect(page.locator("#near")).to_be_hidden()
    assert page.url.endswith("?view=wall")
    page.keyboard.press("Escape")
    expect(page.locator("#near")).to_be_visible()


def test_every_control_has_a_name(visit: Visit) -> None:
    page = visit()
    nameless = """() => [...document.querySelectorAll("button")].filter((b) => b.checkVisibility())
      .filter((b) => !(b.getAttribute("aria-label") || b.textContent.trim())).map((b) => b.outerHTML)"""
    assert page.evaluate(nameless) == []
