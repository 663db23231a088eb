"""The pages where people act, on the real service: a reason by a finger, the hour board, the paper beside the count."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize, expect

from tests.dashboards.acting import PAGES, Acting, monday
from tests.dashboards.conftest import PHONE, WALL, WATCH_POLICY
from tests.kpi.desks import Service
from tests.kpi.test_board_beside import two_days

pytestmark = pytest.mark.browser
DAY = "2026-11-16"
SHIFT = {"start": f"{DAY}T08:30:00+09:00", "end": f"{DAY}T17:15:00+09:00"}
WRITES = ".act:visible, .reason:visible, form:visible, button.shift-row:visible"


@dataclass
class Floor:
    """Services of that Monday and the devices that look at them; devices leave before their service ends."""

    browser: Browser
    directory: Path
    complaints: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)
    services: ExitStack = field(default_factory=ExitStack)
    devices: ExitStack = field(default_factory=ExitStack)

    def monday(self, **more: Any) -> Acting:
        """A service; ``more`` as of `monday`."""
        return self.services.enter_context(Acting(monday(self.directory, **more)))

    def device(self, acting: Acting, page: str, size: ViewportSize = WALL, may: bool = True) -> Page:
        """A page of a device that may operate, or only looks; what it complains about fails the test."""
        context = self.browser.new_context(viewport=size, reduced_motion="reduce", timezone_id="Asia/Tokyo")
        self.devices.callback(context.close)
        if may:
            context.add_cookies([acting.cookie()])
        tab = context.new_page()
        tab.set_default_timeout(30_000)
        tab.add_init_script(WATCH_POLICY)
        tab.on("console", self.hear)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        go(tab, acting, page)
        return tab

    def hear(self, said: ConsoleMessage) -> None:
        """Keep what a page complains about."""
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)


def go(tab: Page, acting: Acting, page: str) -> None:
    tab.goto(acting.url(page))
    tab.locator("body[data-connection=live]").wait_for()


@pytest.fixture
def floor(browser: Browser, tmp_path: Path) -> Iterator[Floor]:
    """Begin a service and open its pages: ``page = floor.device(floor.monday(), "board.html")``."""
    told = Floor(browser, tmp_path)
    with told.services, told.devices:
        yield told
    assert [said for said in told.complaints if not said.startswith(tuple(told.allowed or ["-"]))] == []


def hour(page: Page, clock: str) -> Locator:
    return page.locator(f'[data-hour^="{DAY}T{clock}"]')


def later(acting: Acting) -> None:
    """A minute passes, and something comes that is told to all."""
    acting.service.now += 60 * 10**9
    acting.write("/events", {"at": f"{DAY}T08:00:00+09:00", "kind": "note", "text": "点検", "station": "washer"})


def reasons(acting: Acting) -> list[Any]:
    """Of the ledger: when it stood, and why."""
    told = acting.get("/ledger", station="washer", **SHIFT)["intervals"]
    return [(one["start"][11:16], one["reason"]) for one in told if one["bucket"] in ("minor_stop", "downtime")]


def test_a_reason_given_on_a_phone_ends_up_in_the_ledger(floor: Floor) -> None:
    acting = floor.monday()
    page = floor.device(acting, "station.html?station=washer", PHONE)
    standing = page.locator("#standing")
    expect(standing.locator(".standing-time")).to_contain_text("停止 10:")
    buttons = standing.locator("[data-reason]")
    expect(buttons).to_have_text(["材料待ち", "故障", "詰まり", "段取り", "品質確認", "後工程つかえ"])
    assert all((box := button.bounding_box()) and box["height"] >= 44 for button in buttons.all())
    expect(page.locator("#stops-missing")).to_have_text("理由が未記入 2 件")

    page.get_by_role("button", name="あとで").click()
    expect(buttons).to_have_count(0)
    row = page.locator("#stops li", has_text="09:00–09:03")
    row.get_by_role("button", name="理由を入れる").click()
    row.locator("select").select_option(label="停電")
    expect(page.locator("#stops-missing")).to_have_text("理由が未記入 1 件")

    standing.get_by_role("button", name="理由を入れる").click()
    standing.get_by_role("button", name="故障").click()
    expect(standing).to_contain_text("理由: 故障")
    expect(page.locator("#done")).to_have_text("記録しました: 故障")
    assert reasons(acting) == [("09:00", "r7"), ("09:20", "r2")]


def test_maintenance_is_entered_shown_everywhere_while_it_lasts_and_set_back(floor: Floor) -> None:
    acting = floor.monday()
    phone = floor.device(acting, "station.html?station=washer", PHONE)
    wall = floor.device(acting, "?view=wall", may=False)
    badge = wall.locator('[data-station="washer"] .station-mode')
    expect(badge).to_be_hidden()
    phone.locator("[data-act=set_mode]").click()
    expect(phone.locator("#entry select option")).to_have_text(["保全", "段取り", "試し"])
    phone.locator("#entry .strong").click()
    expect(phone.locator("#done")).to_contain_text("運転モード 保全")
    later(acting)
    expect(badge).to_have_text("保全中 09:30〜")
    expect(phone.locator("#mode h2")).to_have_text("保全中 09:30〜")
    expect(phone.locator("#standing .reasons")).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    phone.locator("[data-act=back_to_production]").click()
    expect(phone.locator("#done")).to_contain_text("生産に戻す")
    later(acting)
    expect(badge).to_be_hidden()
    expect(phone.locator("#mode")).to_be_hidden()
    told = acting.get("/entries", kind="mode", **SHIFT)["entries"]
    assert [one["mode"] for one in told] == ["maintenance", "production"]
    only = floor.device(acting, "station.html?station=washer", may=False)
    acting.write("/modes", {"station": "washer", "mode": "setup"})
    later(acting)
    expect(only.locator("#mode h2")).to_contain_text("段取り中")
    expect(only.locator("#mode .act")).to_have_count(0)


def test_what_was_entered_wrongly_is_withdrawn_with_a_reason_and_stays_in_the_list(floor: Floor) -> None:
    acting = floor.monday()
    phone = floor.device(acting, "station.html?station=washer", PHONE)
    expect(phone.locator("#recent")).to_be_hidden()
    phone.locator("#standing [data-reason=r2]").click()
    entry = phone.locator("#recent [data-entry]")
    expect(entry).to_contain_text("停止理由・11/16 09:20")
    expect(entry).to_contain_text("故障")
    entry.locator("[data-act=withdraw]").click()
    expect(phone.locator("#entry")).to_contain_text("「停止理由 故障」を取り消します")
    phone.locator("#entry .strong").click()
    expect(phone.locator("#entry .problem")).to_contain_text("取り消す理由")
    phone.locator("#entry input").fill("となりの機械だった")
    phone.locator("#entry .strong").click()
    expect(phone.locator("#entry")).to_be_hidden()
    expect(entry).to_have_attribute("data-withdrawn", "yes")
    expect(entry).to_contain_text("取り消し: となりの機械だった")
    expect(entry.locator("[data-act=withdraw]")).to_have_count(0)
    expect(phone.locator("#stops-missing")).to_contain_text("2 件")
    assert not any(reason for _, reason in reasons(acting))
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    only = floor.device(acting, "station.html?station=washer", may=False)
    expect(only.locator("#stops li").first).to_be_visible()
    expect(only.locator("#recent")).to_be_hidden()


def test_a_reached_plan_proposes_no_order_and_a_count_is_put_right(floor: Floor) -> None:
    acting = floor.monday(plan=100)
    page = floor.device(acting, "station.html?station=washer", PHONE)
    buttons = page.locator("#standing [data-reason]")
    expect(buttons.first).to_contain_text("計画達成(注文なし)候補")
    expect(buttons).to_have_count(6)

    page.get_by_role("button", name="数の訂正").click()
    page.get_by_label("差(+ / −)").fill("三")
    page.get_by_role("button", name="記録する").click()
    expect(page.locator("#entry .problem")).to_have_text("「差(+ / −)」には整数を入れてください。")
    page.get_by_label("差(+ / −)").fill("−3")
    page.get_by_label("理由").fill("数えすぎ")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_have_text("記録しました: 生産数 −3 個")
    entry = acting.get("/entries", kind="correction")["entries"][0]
    assert (entry["quantity"], entry["delta"], entry["why"]) == ("produced", -3, "数えすぎ")


def test_a_slip_of_the_finger_is_asked_about_and_the_wall_says_what_a_correction_took_away(floor: Floor) -> None:
    acting = floor.monday()
    page = floor.device(acting, "station.html?station=washer", PHONE)
    page.get_by_role("button", name="数の訂正").click()
    page.get_by_label("対象").select_option("scrap")
    page.get_by_label("差(+ / −)").fill("-500")
    page.get_by_label("理由").fill("検査")
    page.get_by_role("button", name="記録する").click()
    expect(page.locator("#entry .problem")).to_contain_text("不良数が 0 個から -500 個になります")
    assert acting.get("/entries", kind="correction")["entries"] == []
    page.get_by_label("差(+ / −)").fill("-400")
    expect(page.get_by_role("button", name="それでも記録する")).to_have_count(0)
    page.get_by_role("button", name="記録する").click()
    page.get_by_role("button", name="それでも記録する").click()
    expect(page.locator("#done")).to_have_text("記録しました: 不良数 −400 個")
    assert [entry["delta"] for entry in acting.get("/entries", kind="correction")["entries"]] == [-400]
    acting.service.now += 60 * 10**9
    wall = floor.device(acting, "", may=False)
    expect(wall.get_by_text("不良数 -400 個").first).to_be_visible()


def test_the_board_shows_the_hours_and_what_was_entered_here_and_elsewhere(floor: Floor) -> None:
    acting = floor.monday()
    rows = acting.get("/board", station="washer")["rows"]
    page = floor.device(acting, "board.html?station=washer")
    expect(page.locator("[data-hour]")).to_have_count(len(rows))
    expect(hour(page, "08:30").locator('[data-col="actual"]')).to_have_text(str(rows[0]["actual"]))
    expect(hour(page, "09:").locator('[data-col="hour"]')).to_contain_text("停止")
    expect(page.locator(".board-alarm")).to_have_attribute("data-on", "yes")

    hour(page, "09:").get_by_role("button").click()
    page.get_by_label("処置・メモ").fill("コンベヤの詰まりを除去")
    page.keyboard.press("Enter")
    expect(hour(page, "09:").locator(".note-line")).to_contain_text("コンベヤの詰まりを除去")
    page.get_by_role("button", name="30 分黙らせる").click()
    expect(page.locator(".board-alarm")).to_contain_text("10:00 まで黙らせています。")
    page.get_by_role("button", name="計画を入れる").click()
    page.locator("#entry input").fill("1,240")
    page.keyboard.press("Enter")
    expect(page.locator('[data-of="plan"] strong')).to_have_text("1,240")

    acting.write("/stops/reason", {"station": "washer", "at": f"{DAY}T09:01:00+09:00", "reason": "r3"})
    expect(hour(page, "09:").locator('[data-col="main_reason"]')).to_contain_text("詰まり")


def test_the_board_stands_beside_the_last_shift_like_it(floor: Floor) -> None:
    two = two_days(floor.directory, "11:20")
    served = Service(two.line, two.directory, two.now, two.store, pages=PAGES, live=True)
    acting = floor.services.enter_context(Acting(served))
    page = floor.device(acting, "board.html?station=washer", PHONE)
    told = acting.get("/board", station="washer")
    beside = page.locator(".board-before")
    expect(beside).to_contain_text("前回の同じ勤務 11/16 日勤")
    expect(beside).to_contain_text(f"11:20 までに {told['before']['actual']} 個、 今回 −140 個")
    expect(beside).to_contain_text("停止 10.0 分(今回 −10.0 分)")
    ten = page.locator('[data-hour^="2026-11-17T10:00"] [data-col=last_like_it]')
    expect(ten).to_have_text("180 (−60)")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    go(page, acting, "board.html?station=washer&date=2026-11-16&shift=日勤")
    expect(beside).to_contain_text("前回との比較はありません。この14日に")


def test_a_total_is_one_tap_from_its_basis_in_both_languages(floor: Floor) -> None:
    page = floor.device(floor.monday(), "board.html?station=washer&lang=en")
    expect(page.locator('th[data-col="main_reason"]')).to_have_text("Main reason")
    page.get_by_role("button", name="日本語").click()
    page.locator('[data-of="actual"]').click()
    basis = page.locator("#basis")
    for said in ("期間", "負荷時間", "定時", "理由が未記入の停止", "数えたセンサー", "速報"):
        expect(basis).to_contain_text(said)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_hour_without_data_is_hatched(floor: Floor) -> None:
    page = floor.device(floor.monday(silence_after_s=120.0), "board.html?station=washer")
    row = hour(page, "09:")
    expect(row).to_have_attribute("data-unseen", "yes")
    expect(row).to_contain_text("欠測")
    hatched = row.locator("td").first.evaluate("cell => getComputedStyle(cell).backgroundImage")
    assert "repeating-linear-gradient" in hatched


def test_a_shift_is_reconciled_with_the_paper_and_put_right(floor: Floor) -> None:
    acting = floor.monday()
    page = floor.device(acting, "board.html?station=washer&show=reconcile", PHONE)
    row = page.locator(f'.shift-row[data-date="{DAY}"]')
    row.click()
    page.keyboard.type("144")
    page.keyboard.press("Enter")
    expect(page.locator(".answer strong")).to_have_text("日報 144 / 計数 141 / -3(2.1 %)")
    page.get_by_role("button", name="差を訂正として足す").click()
    expect(row).to_contain_text("計数 144 個")
    expect(page.locator(".kept li")).to_have_count(2)
    kept = acting.get("/reconciliations")["reconciliations"]
    assert sorted((each["tally"], each["difference"], each["correction"] is not None) for each in kept) == [
        (144, -3, False),
        (144, -3, True),
    ]


def test_the_pareto_shows_times_minutes_and_what_has_no_reason(floor: Floor) -> None:
    acting = floor.monday()
    acting.write("/stops/reason", {"station": "washer", "at": f"{DAY}T09:01:00+09:00", "reason": "r3"})
    page = floor.device(acting, "board.html?station=washer&show=pareto")
    rows = page.locator(".pareto-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("1 回・10.0 分")
    expect(rows.nth(1)).to_contain_text("詰まり")
    expect(page.locator(".without")).to_contain_text("理由が未記入: 1 件・10.0 分")
    expect(page.locator(".compared tbody tr")).to_have_count(3)


def test_who_only_looks_sees_no_buttons_and_how_to_pair(floor: Floor) -> None:
    acting = floor.monday()
    page = floor.device(acting, "station.html?station=washer", PHONE, may=False)
    expect(page.locator("#standing .standing-time")).to_be_visible()
    for address, shown in (
        ("station.html?station=washer", "#stops li"),
        ("board.html", ".hours"),
        ("board.html?show=reconcile", ".shift-row"),
    ):
        go(page, acting, address)
        expect(page.locator("#hint")).to_contain_text("kojo pair")
        expect(page.locator(shown).first).to_be_visible()
        expect(page.locator(WRITES)).to_have_count(0)


def test_where_one_person_works_a_viewer_is_told_that_it_is_not_told(floor: Floor) -> None:
    floor.allowed.append("Failed to load resource: the server responded with a status of 403")
    acting = floor.monday(privacy="person")
    page = floor.device(acting, "station.html?station=washer", PHONE, may=False)
    expect(page.locator("#stops")).to_contain_text("一人で作業する工程のため")
    expect(page.locator("#standing")).to_be_hidden()
    go(page, acting, "board.html?show=reconcile")
    expect(page.locator(".refused")).to_contain_text("一人で作業する工程のため")


def test_the_pages_lead_to_each_other_by_keyboard(floor: Floor) -> None:
    page = floor.device(floor.monday(), "board.html")
    for name, address in (("ライン", "/"), ("工程の記入", "station.html")):
        page.get_by_role("link", name=name, exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{address}")
        page.locator("body[data-connection=live]").wait_for()
