"""Before and after: numbers with their n and days, said carefully, and no claim of an effect."""

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards import scripted
from tests.dashboards.conftest import Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser


def number(page: Page, selector: str) -> float:
    """The raw number that stands behind a figure."""
    element = page.locator(selector)
    element.and_(page.locator("[data-value]:not([data-value=''])")).wait_for()
    return float(element.get_attribute("data-value") or "nan")


def test_seconds_pieces_and_days_of_both_sides_stand_beside_the_share(visit: Visit) -> None:
    page = visit()
    assert number(page, "#compare-before") == pytest.approx(20.1, abs=0.3)
    assert number(page, "#compare-after") == pytest.approx(3.0, abs=0.1)
    expect(page.locator("#compare-before-n")).to_contain_text("13 日・38,")
    expect(page.locator("#compare-after-n")).to_contain_text("14 日・59,")
    expect(page.locator("#compare-difference")).to_contain_text("秒短い")
    expect(page.locator("#compare-percent")).to_have_text("−85 %")
    expect(page.locator("#output-label")).to_have_text("ライン出来高(梱包)")
    expect(page.locator("#output-after")).to_have_text("193")
    assert page.locator("#compare-chart canvas").count() == 1


def test_no_effect_is_claimed_and_the_sentence_is_one_tap_away(visit: Visit) -> None:
    page = visit()
    expect(page.locator("#compare-difference")).to_contain_text("秒短い")
    page.locator("#compare-figures").click()
    said = page.locator("#basis")
    expect(said).to_contain_text("洗浄の1個当たり時間(日ごとの中央値の中央値)は")
    expect(said).to_contain_text("仮想の工場が作った値です")
    expect(said).to_contain_text("受注の増加はこの測定では説明しません")
    text = page.locator("body").inner_text()
    assert "効果の判定はしていません" in text
    assert "効果を確認しました" not in text


def test_few_days_are_for_reference_only(visit: Visit, service: FakeService) -> None:
    service.kpi = scripted.kpi(days=17)
    page = visit()
    expect(page.locator("#compare-note")).to_contain_text("参考: 日数が足りません(前 3 日・後 14 日。")


def test_the_day_of_the_change_a_badly_seen_day_and_today_do_not_count(visit: Visit, service: FakeService) -> None:
    change = scripted.IMPROVED_AT + scripted.DAY / 2
    service.events["events"][0]["at"] = scripted.text(change)
    page = visit()
    expect(page.locator("#compare-after-n")).to_contain_text("13 日・")
    expect(page.locator("#compare-note")).to_contain_text(
        "×の 3 日は除きました(取得率 95 % 未満 1、対策の当日 1、途中の日 1)"
    )


def test_a_change_of_today_shows_what_came_since_as_reference(visit: Visit, service: FakeService) -> None:
    service.events["events"][0]["at"] = scripted.text(scripted.NOW - scripted.DAY / 24)
    page = visit()
    assert number(page, "#compare-after") == pytest.approx(3.02)
    expect(page.locator("#compare-after-n")).to_have_text("途中・120 個")
    expect(page.locator("#compare-difference")).to_have_text("まだ比べられません")
    expect(page.locator("#compare-percent")).to_be_empty()
    expect(page.locator("#compare-pending")).to_contain_text("比べるには1日以上の記録が要ります")


def test_a_change_of_today_grows_with_its_pieces(visit: Visit, service: FakeService) -> None:
    service.events["events"][0]["at"] = scripted.text(scripted.NOW)
    service.kpi["stations"][0]["phases"]["wash"] = {"count": 0, "median": None}
    page = visit()
    expect(page.locator("#compare-after")).to_have_text("—")
    service.kpi["stations"][0]["phases"]["wash"] = {"count": 1, "median": 2.5}
    service.set_station(scripted.with_piece(service.station("washer"), scripted.NOW, wash_s=2.5))
    expect(page.locator("#compare-after-n")).to_have_text("途中・1 個")


def test_switched_off_again_the_last_true_comparison_stays(visit: Visit, service: FakeService) -> None:
    off = {**service.events["events"][0], "at": scripted.text(scripted.NOW), "text": "改善の前に戻した(仮想)"}
    service.events["events"].append(off)
    service.wall["demo"] = scripted.demo_state(improved=False)
    page = visit()
    expect(page.locator("#compare-pending")).to_have_text(
        "対策を外しています。比べるには1日以上の記録が要ります。下は前の対策の比較です。"
    )
    expect(page.locator("#compare-mark")).to_contain_text("洗浄手順を変更")
    expect(page.locator("#compare-percent")).to_have_text("−85 %")
    expect(page.locator("#compare-after-n")).to_contain_text("14 日・")


def test_before_the_first_answer_it_says_that_it_calculates(visit: Visit, service: FakeService) -> None:
    page = visit()
    expect(page.locator("#compare-body")).to_be_visible()
    page.route("**/api/v1/kpi*", lambda _: None)
    page.reload()
    expect(page.locator("#compare-note")).to_have_text("計算中です…")
    expect(page.locator("#compare-body")).to_be_hidden()


def test_days_beyond_a_neighbouring_change_belong_to_neither_side(visit: Visit, service: FakeService) -> None:
    first = {**service.events["events"][0], "at": scripted.text(scripted.IMPROVED_AT - 6 * scripted.DAY)}
    service.events["events"].insert(0, first)
    page = visit()
    expect(page.locator("#compare-before-n")).to_contain_text("5 日・")
    expect(page.locator("#compare-after-n")).to_contain_text("14 日・")


def test_a_change_at_another_station_is_not_compared_here(visit: Visit, service: FakeService) -> None:
    service.events["events"][0]["station"] = "packer"
    service.wall["demo"] = None
    expect(visit().locator("#compare-mark")).to_contain_text("対策の記録がまだありません")


def test_figures_stay_when_the_comparison_fails(visit: Visit, service: FakeService) -> None:
    visit.allowed.append("Failed to load resource: the server responded with a status of")
    service.problems |= {"/kpi": 500, "/cycles": 403}
    page = visit()
    expect(page.locator("#compare-note")).to_have_text("サーバーが値を返せません: 理由")
    expect(page.locator("#strip-empty")).to_contain_text("一人で作業する工程")
    expect(page.locator("body")).to_have_attribute("data-connection", "live")


def test_without_an_improvement_there_is_nothing_to_compare(visit: Visit, service: FakeService) -> None:
    service.events = {"events": []}
    service.wall["demo"] = None
    page = visit()
    expect(page.locator("#compare-mark")).to_contain_text("対策の記録がまだありません")
    expect(page.locator("#compare-after")).to_have_text("—")
    expect(page.locator("#compare-difference")).to_have_text("—")
