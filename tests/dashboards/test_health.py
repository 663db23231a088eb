"""The health of agents and sensors: a broken one is named."""

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
    expect(page.locator("#devices-list")).to_contain_text("端末 pi-1: 正常")


def test_a_broken_sensor_is_named_with_its_station_and_reason(visit: Visit, service: FakeService) -> None:
    health = {"state": "broken", "why_ja": "センサーの返事がありません", "why_en": "no answer", "troubles": 3}
    others = {"washer/done": {"state": "ok", "glitches": 4}, "washer/scrap": {"state": "starting"}}
    service.status["agents"][0]["sensors"] = {"washer/wash": health, **others}
    page = visit()
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).to_have_text("洗浄機のセンサー「wash」: センサーの返事がありません")
    expect(page.locator("#devices")).to_have_text("機器 要確認 1件")


def test_an_agent_that_went_away_is_told_at_once_by_the_live_feed(visit: Visit, service: FakeService) -> None:
    page = visit()
    gone = {**service.status["agents"][1], "state": "offline"}
    service.status["agents"][1] = gone
    service.push("state", {"agents": service.status["agents"]})
    expect(page.locator(".notice")).to_contain_text("端末 pi-2 と連絡が取れません(14:32 から)")


def test_a_lost_broker_is_said(visit: Visit, service: FakeService) -> None:
    service.status["broker"] = {"connected": False}
    expect(visit().locator(".notice")).to_contain_text("ブローカー(MQTT)につながりません")


def test_many_troubles_leave_room_for_the_numbers(visit: Visit, service: FakeService) -> None:
    sensors = {f"washer/s{n}": {"state": "hanging", "why_ja": "止まっています", "why_en": "It hangs"} for n in range(5)}
    service.status["agents"][0]["sensors"] = sensors
    page = visit()
    expect(page.locator(".notice")).to_have_count(3)
    expect(page.locator(".notice").last).to_contain_text("ほか 3 件")
