"""The wall fits without scrolling, the phone without sideways scrolling, and nothing runs into its neighbour."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.dashboards import scripted
from tests.dashboards.conftest import PHONE, Visit
from tests.dashboards.fake_service import FakeService

pytestmark = pytest.mark.browser
OVERLAPS = """() => {
  const pen = document.createElement("canvas").getContext("2d");
  const ink = (e) => { // where the letters are, which is less than the line box
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const m = pen.measureText(e.textContent);
    const [up, down] = [m.fontBoundingBoxAscent, m.fontBoundingBoxDescent];
    const lines = box.height > 1.9 * (up + down);
    const baseline = box.top + (box.height - up - down) / 2 + up;
    const top = lines ? box.top : baseline - m.actualBoundingBoxAscent;
    const bottom = lines ? box.bottom : baseline + m.actualBoundingBoxDescent;
    return { left: box.left, right: box.right, top, bottom };
  };
  const texts = "h2, .state-word, .state-for, .station-note, .value, .unit, .label, .below, .plan-text, .bar";
  const out = [];
  for (const card of document.querySelectorAll(".station")) {
    const edge = card.getBoundingClientRect();
    const shown = [...card.querySelectorAll(texts)].filter((e) => e.checkVisibility());
    const boxes = shown.map((e) => [e.textContent || e.className, e.textContent ? ink(e) : e.getBoundingClientRect()]);
    for (const [i, [name, a]] of boxes.entries()) {
      if (a.left < edge.left || a.right > edge.right || a.bottom > edge.bottom) out.push(`${name} leaves its card`);
      for (const [other, b] of boxes.slice(i + 1)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 2) out.push(`"${name}" on "${other}" by ${Math.round(high)}`);
      }
    }
  }
  return out;
}"""

SPILLS = """() => [...document.querySelectorAll(".station *")].filter((e) => e.checkVisibility() && e.textContent
  && !e.childElementCount && !e.closest("svg")).flatMap((e) => {
  const range = document.createRange();
  range.selectNodeContents(e);
  const [text, card] = [range.getBoundingClientRect(), e.closest(".station").getBoundingClientRect()];
  const cut = getComputedStyle(e).textOverflow === "ellipsis" || e.matches(".below, .below *"); // a name may be long
  return !cut && (text.right > card.right || text.bottom > card.bottom + 1) ? [`${e.className}: ${e.textContent}`] : [];
})"""
"""Texts that run out of their card: a box may end there and its letters go on."""


def several(service: FakeService, count: int) -> None:
    """A line of two, three or four stations, with long names and large numbers."""
    now = scripted.NOW
    press = scripted.station(
        now,
        station="press",
        name="プレス 3号機",
        state={"key": "downtime", "since": scripted.text(now - timedelta(minutes=72))},
        difference=-1312.0,
    )
    inspect = scripted.station(
        now,
        station="inspect",
        name="外観検査",
        state={"key": "planned_stop", "since": scripted.text(now - timedelta(minutes=8))},
        produced_quantity=12043,
        coverage=0.62,
    )
    stations = [*service.wall["stations"], press, inspect][:count]
    service.wall = {**service.wall, "stations": stations}


def fits(page: Page) -> bool:
    """Whether nothing scrolls."""
    root = "document.documentElement"
    return bool(page.evaluate(f"{root}.scrollHeight <= innerHeight && {root}.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_on_the_wall_nothing_scrolls_or_overlaps(visit: Visit, service: FakeService, count: int, lang: str) -> None:
    several(service, count)
    page = visit(f"?lang={lang}")
    expect(page.locator(".station")).to_have_count(count)
    for width, height in ((1920, 1080), (1280, 720), (1366, 768), (1400, 900), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        for view in ("all", "wall"):
            page.locator(f"html[data-view={view}]").wait_for()
            assert fits(page), (width, view)
            assert page.evaluate(OVERLAPS) == [], (width, view)
            assert page.evaluate(SPILLS) == [], (width, view)
            page.keyboard.press("w")


def test_what_is_read_from_ten_metres_is_large(visit: Visit) -> None:
    page = visit()
    for figure, least_px in (("produced_quantity", 140), ("difference", 110), ("state", 80), ("state_for", 60)):
        shown = page.locator(f'[data-station="washer"] [data-figure="{figure}"]')
        assert float(shown.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= least_px, figure


def test_the_wall_view_shows_no_single_cycles(visit: Visit) -> None:
    page = visit("?view=wall")
    expect(page.locator('[data-figure="last_cycle_s"]').first).to_be_hidden()
    expect(page.locator("#near")).to_be_hidden()
    expect(page.locator('[data-station="washer"] [data-figure="produced_quantity"]')).to_be_visible()


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_phone_never_scrolls_sideways(visit: Visit, service: FakeService, lang: str) -> None:
    several(service, 4)
    page = visit(f"?lang={lang}", PHONE)
    for width in (320, 390, 768):
        page.set_viewport_size({**PHONE, "width": width})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(OVERLAPS) == [], width


def test_what_is_touched_is_large_enough_for_a_finger(visit: Visit) -> None:
    page = visit("", PHONE)
    small = """() => [...document.querySelectorAll("button")].filter((b) => b.checkVisibility())
      .map((b) => [b.id || b.className, b.getBoundingClientRect().height]).filter(([, height]) => height < 36)"""
    assert page.evaluate(small) == []


@pytest.mark.parametrize("count", [2, 4])
def test_a_lost_server_leaves_the_wall_without_scrolling(visit: Visit, service: FakeService, count: int) -> None:
    several(service, count)
    for station in service.wall["stations"]:
        station |= {"coverage": 0.7, "difference": 219.0}
    visit.allowed.append("Failed to load resource: net::ERR_")
    page = visit()
    service.stop()
    page.locator("#lost").wait_for()
    for width, height in ((1920, 1080), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        assert fits(page)
        assert page.evaluate(OVERLAPS) == []
        clock = page.locator("#clock").bounding_box()
        assert clock is not None
        assert clock["x"] + clock["width"] > width * 0.98
