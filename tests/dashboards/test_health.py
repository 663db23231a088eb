"""The health of agents and sensors: a broken one is named."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.dashboards.conftest import Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser


def test_healthy_devices_are_said_quietly(visit: Visit) -> None:
    page = visit()
    expect(page.locator("#devices")).to_have_text("機器 正常")
    expect(page.locator(".notice")).to_have_count(0)
    page.locator("#devices").click()
    expect(page.locator("#devices-list")).to_contain_text("異常は見つかっていません。")
    expect(page.locator("#devices-list")).to_contain_text("エージェント pi-1: 正常")


def test_a_broken_sensor_is_named_with_its_station_and_reason(visit: Visit, service: FakeService) -> None:
    health = {"state": "broken", "why_ja": "センサーの返事がありません", "why_en": "no answer", "troubles": 3}
    others = {"washer/done": {"state": "ok", "glitches": 4}, "washer/scrap": {"state": "starting"}}
    service.status["agents"][0]["sensors"] = {"washer/wash": health, **others}
    page = visit()
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).to_have_text("洗浄機のセンサー「wash」: センサーの返事がありません")
    expect(page.locator("#devices")).to_have_text("機器 要確認 1件")


def test_a_store_that_broke_is_said_until_somebody_has_seen_to_it(visit: Visit, service: FakeService) -> None:
    broken = {"at": 1, "ja": "壊れていたので残しました", "en": "kept"}
    service.status["store"]["care"] = [broken]
    expect(visit().locator(".notice")).to_have_count(0)
    service.status["store"]["care"] = [broken | {"open": True}]
    page = visit()
    expect(page.locator(".notice")).to_contain_text("保存ファイルが壊れました。控えがあれば戻してください。")
    expect(page.locator("#devices")).to_have_attribute("data-well", "no")


def test_what_was_never_heard_is_missing_or_unreadable_is_to_be_checked(visit: Visit, service: FakeService) -> None:
    service.line["stations"] = {"washer": {"agent": "pi-1"}, "packer": {"agent": "pi-3"}}
    service.status["ingest"] |= {"missing": 7, "in_quarantine": 1}
    page = visit("?lang=en")
    expect(page.locator("#devices")).to_have_text("Devices: 3 to check")
    expect(page.locator("#devices")).to_have_attribute("data-well", "no")
    page.locator("#devices").click()
    said = page.locator("#devices-list")
    expect(said.locator("p").first).to_have_text("3 things to check.")
    for text in ("Agent pi-3 was not heard yet", "1 unreadable message is in quarantine", "7 readings never arrived"):
        expect(said).to_contain_text(text)


def test_an_agent_not_heard_yet_is_not_called_normal(visit: Visit, service: FakeService) -> None:
    service.status["agents"][1] = {"agent": "pi-2", "state": "unknown"}
    page = visit()
    expect(page.locator("#devices")).to_have_text("機器 要確認 1件")
    page.locator("#devices").click()
    expect(page.locator("#devices-list p").first).to_have_text("確かめることが 1 件あります。")


def test_an_agent_that_went_away_is_told_at_once_by_the_live_feed(visit: Visit, service: FakeService) -> None:
    page = visit()
    gone = {**service.status["agents"][1], "state": "offline"}
    service.status["agents"][1] = gone
    service.push("state", {"agents": service.status["agents"]})
    expect(page.locator(".notice")).to_contain_text("エージェント pi-2 と連絡が取れません(14:32 から)")
    service.push("state", {"agents": [service.status["agents"][0], {**gone, "well_until": "2026-11-18T05:31:00Z"}]})
    expect(page.locator(".notice")).to_contain_text("エージェント pi-2 と連絡が取れません(14:31 から)")
    service.push("state", {"agents": [service.status["agents"][0], {**gone, "well_until": None}]})
    expect(page.locator(".notice")).to_contain_text("エージェント pi-2 と連絡が取れません。")


def test_a_lost_broker_is_said_and_nothing_looks_well_beside_it(visit: Visit, service: FakeService) -> None:
    page = visit()
    expect(page.locator("#link-word")).to_have_text("更新中")
    service.status["broker"] = {"connected": False}
    service.push("state", service.status)
    expect(page.locator(".notice")).to_contain_text("ブローカー(MQTT)につながりません")
    expect(page.locator("#link-word")).to_have_text("データ待ち")
    grey = page.locator("#stations").evaluate("e => getComputedStyle(e).filter")
    assert "grayscale" in str(grey)
    page.locator("#devices").click()
    expect(page.locator("#devices-list")).to_contain_text("エージェント pi-1: 不明(14:32 まで正常)")
    expect(page.locator("#devices-list")).not_to_contain_text("エージェント pi-1: 正常")
    service.status["broker"] = {"connected": True}
    service.push("state", service.status)
    expect(page.locator("#link-word")).to_have_text("更新中")
    assert page.locator("#stations").evaluate("e => getComputedStyle(e).filter") == "none"


def test_many_troubles_leave_room_for_the_numbers(visit: Visit, service: FakeService) -> None:
    sensors = {f"washer/s{n}": {"state": "hanging", "why_ja": "止まっています", "why_en": "It hangs"} for n in range(5)}
    service.status["agents"][0]["sensors"] = sensors
    page = visit()
    expect(page.locator(".notice")).to_have_count(3)
    expect(page.locator(".notice").last).to_contain_text("ほか 3 件")


def refused(*those: tuple[str, str]) -> dict[str, Any]:
    """What /quarantine says of messages, each of a topic and a reason."""
    words = {"why_en": "why", "do_ja": "こうします。", "do_en": "Do this."}
    return {
        "messages": [
            {"id": str(n), "topic": topic, "reason": reason, "why_ja": f"{reason} のわけ"} | words
            for n, (topic, reason) in enumerate(those)
        ]
    }


def test_of_many_kinds_the_rest_is_counted_and_a_viewer_is_offered_no_button(
    visit: Visit, service: FakeService
) -> None:
    service.quarantine = refused(*((f"topic/{n % 5}", "not_json") for n in range(12)))
    service.status["ingest"]["in_quarantine"] = 12
    service.line["role"] = "viewer"
    page = visit()
    page.locator("#devices").click()
    rows = page.locator(".quarantine li")
    expect(rows).to_have_count(4)
    expect(rows.last).to_have_text("ほか 2 種類、4 件")
    expect(page.locator(".quarantine button")).to_have_count(0)
    expect(page.locator(".quarantine")).to_contain_text("操作できる端末")


def test_throwing_away_takes_two_presses(visit: Visit, service: FakeService) -> None:
    service.quarantine = refused(("a", "not_json"), ("b", "too_old"))
    service.status["ingest"]["in_quarantine"] = 2
    service.line["role"] = "operator"
    page = visit()
    page.locator("#devices").click()
    page.get_by_role("button", name="捨てる").click()
    assert service.posted == []
    page.get_by_role("button", name="2 件を捨てます(元に戻せません)").click()
    expect(page.locator(".quarantine [role=status]")).to_contain_text("2 件を捨てました。")
    assert service.posted[-1] == {"ids": ["0", "1"]}


def test_what_lies_in_quarantine_is_told_with_what_to_do_and_judged_again(visit: Visit, service: FakeService) -> None:
    topic = "kojo/v1/akita/wash/washer/donne/count"
    reasons = ("not_json", "unknown_sensor", "unknown_sensor")
    service.quarantine = refused(*((topic, reason) for reason in reasons))
    service.status["ingest"]["in_quarantine"] = 3
    service.replayed = {"stored": 1, "still": 2}
    service.line["role"] = "operator"
    page = visit()
    page.locator("#devices").click()
    rows = page.locator(".quarantine li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("unknown_sensor のわけ(2 件、")
    expect(rows.first).to_contain_text(f"{topic})。こうします。")
    page.get_by_role("button", name="もう一度判定する").click()
    expect(page.locator(".quarantine [role=status]")).to_contain_text("1 件を取り込み、2 件は残りました。")
    assert service.posted[-1] == {"ids": ["0", "1", "2"]}
