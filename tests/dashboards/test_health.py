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
    health = {"ok": False, "ja": "センサーの返事がありません", "en": "no answer"}
    service.status["agents"][0]["sensors"] = {"washer/wash": health, "washer/done": {"ok": True}}
    page = visit()
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).to_have_text("洗浄機 のセンサー「wash」: センサーの返事がありません")
    expect(page.locator("#devices")).to_have_text("機器 要確認 1件")


def test_an_agent_that_went_away_is_told_at_once_by_the_live_feed(visit: Visit, service: FakeService) -> None:
    page = visit()
    gone = {**service.status["agents"][1], "state": "offline"}
    service.status["agents"][1] = gone
    service.push("state", gone)
    expect(page.locator(".notice")).to_contain_text("端末 pi-2 と連絡が取れません(14:32 から)")


def test_a_lost_broker_is_said(visit: Visit, service: FakeService) -> None:
    service.status["broker"] = {"connected": False}
    expect(visit().locator(".notice")).to_contain_text("ブローカー(MQTT)につながりません")


def test_many_troubles_leave_room_for_the_numbers(visit: Visit, service: FakeService) -> None:
    sensors = {f"washer/s{n}": {"ok": False, "ja": "返事がありません", "en": "no answer"} for n in range(5)}
    service.status["agents"][0]["sensors"] = sensors
    page = visit()
    expect(page.locator(".notice")).to_have_count(3)
    expect(page.locator(".notice").last).to_contain_text("ほか 3 件")
