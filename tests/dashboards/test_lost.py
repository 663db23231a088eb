"""A page that lost its server says so at once and loudly; it comes back by itself."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.dashboards import scripted
from tests.dashboards.conftest import PHONE, Visit
from tests.dashboards.fake_service import FakeService
from tests.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.faults]
REFUSED = "Failed to load resource: net::ERR_"
UNAVAILABLE = "Failed to load resource: the server responded with a status of"


def grey(page: Page) -> bool:
    """Whether the figures are greyed."""
    return "grayscale" in str(page.locator("main").evaluate("e => getComputedStyle(e).filter"))


@pytest.mark.parametrize("size", [None, PHONE])
def test_a_lost_server_greys_everything_and_says_so(
    visit: Visit, service: FakeService, size: ViewportSize | None
) -> None:
    visit.allowed.append(REFUSED)
    page = visit("", size)
    assert not grey(page)
    service.stop()
    expect(page.locator("#lost-word")).to_have_text("更新が止まっています")
    expect(page.locator("#lost-detail")).to_have_text(re.compile("表示は 14:3.*の値です"))
    expect(page.locator("#lost")).to_have_attribute("role", "alert")
    expect(page.locator("#lost")).to_be_in_viewport()
    assert grey(page)


def test_when_the_server_is_back_the_page_is_true_again_by_itself(visit: Visit, service: FakeService) -> None:
    visit.allowed.append(REFUSED)
    page = visit()
    service.stop()
    page.locator("#lost").wait_for()
    with FakeService(service.port) as again:
        again.set_station(scripted.with_piece(again.station("washer"), scripted.NOW))
        expect(page.locator("#lost")).to_be_hidden()
        expect(page.locator('[data-station="washer"] [data-figure="produced_quantity"]')).to_have_text("1,047")
        assert not grey(page)


def test_a_stop_is_not_counted_on_while_nobody_knows(visit: Visit, service: FakeService) -> None:
    visit.allowed.append(REFUSED)
    page = visit()
    service.stop()
    page.locator("#lost").wait_for()
    stands = page.locator('[data-station="packer"] [data-figure="state_for"]')
    before = stands.inner_text()
    expect(page.locator("#lost-detail")).to_contain_text("2秒前")
    assert stands.inner_text() == before


def test_a_server_that_cannot_answer_is_as_good_as_lost(visit: Visit, service: FakeService) -> None:
    visit.allowed.append(UNAVAILABLE)
    service.problems["/wall"] = 503
    page = visit(live=False)
    expect(page.locator("#lost-detail")).to_contain_text("サーバーが値を返せません: 理由")
    del service.problems["/wall"]
    expect(page.locator("#lost")).to_be_hidden()


def test_a_screen_without_permission_says_how_to_get_it(visit: Visit, service: FakeService) -> None:
    visit.allowed.append(UNAVAILABLE)
    service.problems |= dict.fromkeys(("/wall", "/line", "/status", "/live"), 401)
    page = visit(live=False)
    expect(page.locator("#lost-word")).to_have_text("この画面にはまだ許可がありません")
    expect(page.locator("#lost-detail")).to_contain_text("kojo pair")
    tried = service.asked.count("/api/v1/live")
    wait_until(lambda: service.asked.count("/api/v1/live") >= tried + 2, what="it goes on trying")
    expect(page.locator("#lost-word")).to_have_text("この画面にはまだ許可がありません")


@pytest.mark.slow
@pytest.mark.parametrize("cut", ["/js/main.js", "/js/station.js", "/js/"])
def test_a_page_whose_scripts_did_not_come_says_so_and_loads_itself_anew(
    visit: Visit, service: FakeService, cut: str
) -> None:
    visit.allowed.append(REFUSED)
    service.cut = (cut,)
    page = visit(live=False)
    expect(page.locator("#boot")).to_contain_text("読み込んでいます…")
    expect(page.locator("#boot")).to_be_visible()
    service.cut = ()
    page.locator("body[data-connection=live] .station").first.wait_for(timeout=60_000)
    expect(page.locator("#boot")).to_have_count(0)


def test_a_page_that_came_is_not_loaded_anew(visit: Visit) -> None:
    page = visit()
    expect(page.locator("#boot")).to_have_count(0)
    expect(page.locator("meta[http-equiv=refresh]")).to_have_count(0)


def test_who_joined_to_operate_is_told_so_and_later_only_by_a_chip(visit: Visit, service: FakeService) -> None:
    service.line["role"] = "viewer"
    page = visit()
    expect(page.locator("#role")).to_be_hidden()
    service.line["role"] = "operator"
    page.reload()
    expect(page.locator("#role")).to_have_text("操作できます")
    expect(page.locator("#joined")).to_have_text("登録できました。この端末から操作できます。")
    page.reload()
    expect(page.locator("#role")).to_be_visible()
    expect(page.locator("#joined")).to_be_hidden()
