"""The bench's page in a real browser: what is done there comes out of the agent's outbox; outputs light."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from contract.line import load
from contract.reading import Series, Value
from edge.bench import Bench
from edge.outbox_file import LAST_ROW
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from kojo.bench_door import Door, address_of, open_bench
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from kpi.tokens import Tokens
from tests.browser import PATIENCE_MS, chromium
from tests.servers import free_port, wait_until

pytestmark = pytest.mark.browser

LINE = """\
schema = 1
site = "akita"
line = "bench"
name = "練習ライン"

[mqtt]
url = "mqtt://127.0.0.1:{port}"

[stations.washer]
name = "洗浄機"
agent = "pi-1"

[stations.washer.sensors.done]
type = "pulse"
pin = 17
role = "cycle"

[stations.washer.sensors.wash]
type = "level"
pin = 27
role = "phase:wash"

[stations.washer.sensors.call]
type = "button"
pin = 5

[stations.washer.sensors.air]
type = "bme280"
every_s = 1.0

[stations.washer.sensors.light]
type = "mcp3008"
channel = 2
every_s = 0.5

[stations.washer.outputs.andon]
type = "lamp"
pin = 23

[stations.packer]
name = "梱包"
agent = "pi-1"

[stations.packer.sensors.code]
type = "serial_line"
port = "/dev/ttyUSB1"
pattern = '^(?P<code>[0-9A-Z-]+)$'
measures = {{ code = {{ kind = "text" }} }}

[stations.packer.sensors.scale]
type = "scale_and"
port = "/dev/ttyUSB0"

[stations.packer.outputs.horn]
type = "buzzer"
pin = 26

[[rules]]
when = "washer/air/temperature > 40"
set = "washer/andon"
value = 1
"""
WATCH_POLICY = "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"
WALL: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 390, "height": 844}


class Bed:
    """An agent on the bench with its page, in this process; nobody is at its broker."""

    def __init__(self, data: Path) -> None:
        file = data / "line.toml"
        file.write_text(LINE.format(port=free_port()), "utf-8")
        self.clock = SystemClock()
        self.bench = Bench(self.clock)
        self.home = DataDirectory(data / "pi-1", "edge-pi-1")
        self.agent = EdgeAgent(load(file, catalogue()), "pi-1", self.bench, self.home)
        self.agent.start()
        self.tokens = Tokens(data, time.time_ns)
        table = self.agent.table()
        assert table is not None
        self.page = open_bench([table], "127.0.0.1:0", Door(self.tokens), {"name": "練習ライン", "virtual": True})

    def read(self, series: str) -> list[Value]:
        """All that the outbox holds of a series, as it was written to the disk."""
        outbox, wanted = self.agent.outbox, Series(*series.split("/"))
        rows = outbox.rows(0, LAST_ROW, 100_000)
        return [value for _, run, _, _, value in rows if (found := outbox.run(run)) and found.series == wanted]

    def comes(self, series: str, *values: Any) -> None:
        """Wait until these are the last readings of a series."""
        self.until(lambda read: read[len(read) - len(values) :] == list(values), series)

    def until(self, wanted: Any, series: str) -> None:
        """Wait until what the outbox holds of a series is as wanted."""
        news = threading.Event()
        self.agent.outbox.listen(news.set)
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not wanted(self.read(series)):
            assert time.monotonic() < deadline, f"{series}: {self.read(series)}"
            news.wait(0.5)
            news.clear()

    def close(self) -> None:
        self.page.stop()
        self.agent.stop()
        self.clock.close()
        self.bench.close()
        self.home.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def bed(tmp_path: Path) -> Iterator[Bed]:
    made = Bed(tmp_path)
    yield made
    made.close()


class Visitor:
    """Opens the page, and lets nothing it complains about pass."""

    def __init__(self, browser: Browser, bed: Bed) -> None:
        self._browser, self._bed = browser, bed
        self.complaints: list[str] = []
        self._pages: list[Page] = []

    def __call__(self, size: ViewportSize = WALL, operator: bool = True, query: str = "", **options: Any) -> Page:
        page = self._browser.new_context(viewport=size, reduced_motion="reduce", **options).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH_POLICY)
        page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self._pages.append(page)
        page.goto(
            address_of(self._bed.page, self._bed.tokens) if operator else f"http://127.0.0.1:{self._bed.page.port}/"
        )
        if query:
            page.goto(f"http://127.0.0.1:{self._bed.page.port}/{query}")
        page.locator("body[data-connection=live] .device").first.wait_for()
        return page

    def close(self) -> None:
        for page in self._pages:
            page.context.close()
        assert self.complaints == []


@pytest.fixture
def visit(browser: Browser, bed: Bed) -> Iterator[Visitor]:
    visitor = Visitor(browser, bed)
    yield visitor
    visitor.close()


def device(page: Page, name: str) -> Any:
    return page.locator(f'[data-device="{name}"]')


def pin(page: Page, bcm: int) -> Any:
    return page.locator(f'.pin[data-bcm="{bcm}"]')


def test_a_pressed_button_is_read_by_the_agent_and_seen_on_the_header(bed: Bed, visit: Visitor) -> None:
    page = visit()
    press = device(page, "washer/call").locator("[data-do=press]")
    press.hover()
    page.mouse.down()
    bed.comes("washer/call/pressed", 1)
    expect(pin(page, 5)).to_have_attribute("data-level", "low")
    expect(pin(page, 5)).to_have_attribute("data-hand", "yes")
    page.mouse.up()
    bed.comes("washer/call/pressed", 1, 0)
    expect(pin(page, 5)).to_have_attribute("data-level", "high")
    expect(page.locator('[data-reading="washer/call/count"]')).to_have_attribute("data-value", "1")


def test_the_keyboard_presses_too_and_a_key_that_repeats_is_one_press(bed: Bed, visit: Visitor) -> None:
    page = visit()
    device(page, "washer/call").locator("[data-do=press]").focus()
    for key in (" ", "Enter"):
        for _ in range(3):
            page.keyboard.down(key)
        bed.until(lambda read: read[-1:] == [1], "washer/call/pressed")
        page.keyboard.up(key)
        bed.until(lambda read: read[-1:] == [0], "washer/call/pressed")
    assert bed.read("washer/call/count")[-1] == 2


def test_a_press_whose_finger_slips_off_the_window_ends(bed: Bed, visit: Visitor) -> None:
    page = visit()
    device(page, "washer/call").locator("[data-do=press]").focus()
    page.keyboard.down(" ")
    bed.comes("washer/call/pressed", 1)
    device(page, "washer/done").locator("[data-do=press]").focus()
    bed.comes("washer/call/pressed", 1, 0)


def test_a_level_is_held_and_let_go(bed: Bed, visit: Visitor) -> None:
    page = visit()
    bed.comes("washer/wash/state", 0)
    hold = device(page, "washer/wash").locator("[data-do=hold]")
    hold.click()
    bed.comes("washer/wash/state", 0, 1)
    expect(hold).to_have_attribute("aria-pressed", "true")
    expect(device(page, "washer/wash")).to_contain_text("入れたままです")
    hold.click()
    bed.comes("washer/wash/state", 0, 1, 0)
    expect(hold).to_have_attribute("aria-pressed", "false")


def test_a_contact_that_bounces_is_one_piece(bed: Bed, visit: Visitor) -> None:
    page = visit()
    done = device(page, "washer/done")
    done.locator("summary").click()
    done.get_by_label("変化の回数").fill("9")
    done.get_by_label("収まるまで(ミリ秒)").fill("12")
    before = bed.bench.changes(17)
    done.locator("[data-do=bounce]").click()
    bed.comes("washer/done/count", 1)
    wait_until(lambda: bed.bench.changes(17) - before >= 18, what="it has bounced back, too")
    wait_until(lambda: not bed.bench.in_hand(17), what="the hand has let go")
    done.locator("[data-do=glitch]").click()
    device(page, "washer/call").locator("[data-do=press]").click()
    bed.comes("washer/call/count", 1)
    assert bed.read("washer/done/count") == [1]


def test_a_press_repeated_by_itself_makes_pieces_until_it_is_stopped(bed: Bed, visit: Visitor) -> None:
    page = visit()
    done = device(page, "washer/done")
    done.locator("summary").click()
    done.get_by_label("間隔(秒)").fill("0.3")
    repeat = done.locator("[data-do=repeat]")
    repeat.click()
    bed.until(lambda read: read[-1:] >= [3], "washer/done/count")
    repeat.click()
    expect(repeat).to_have_attribute("aria-pressed", "false")
    expect(done.locator(".contact")).to_have_attribute("data-on", "no")


def test_a_temperature_is_turned_by_slider_and_by_number_and_a_rule_lights_the_lamp(bed: Bed, visit: Visitor) -> None:
    page = visit()
    knob = device(page, "washer/air").locator("[data-handle=temperature]")
    lamp = device(page, "washer/andon").locator("[data-lamp='23']")
    expect(lamp).to_have_attribute("data-on", "no")
    knob.locator("input[type=number]").fill("45.5")
    knob.locator("input[type=number]").press("Enter")
    bed.until(lambda read: bool(read) and abs(read[-1] - 45.5) < 0.02, "washer/air/temperature")
    expect(lamp).to_have_attribute("data-on", "yes")
    expect(pin(page, 23)).to_have_attribute("data-out", "yes")
    expect(page.locator('[data-reading="washer/air/temperature"]')).to_contain_text("45.50 °C")
    slider = knob.locator("input[type=range]")
    slider.focus()
    slider.press("Home")
    bed.until(lambda read: abs(read[-1] + 40) < 0.02, "washer/air/temperature")
    expect(lamp).to_have_attribute("data-on", "no")


def test_a_buzzer_is_said_to_sound_while_it_sounds_whatever_its_pin_does(bed: Bed, visit: Visitor) -> None:
    horn = device(visit(), "packer/horn").locator("[data-lamp='26']")
    expect(horn).to_have_text("止まっています")
    bed.agent.agent.command("packer", "horn", b'{"v":1}')
    expect(horn).to_have_text("鳴っています")
    bed.agent.agent.command("packer", "horn", b'{"v":0}')
    expect(horn).to_have_text("止まっています")


def test_a_knob_is_held_against_the_floor_until_the_hand_lets_go(bed: Bed, visit: Visitor) -> None:
    page = visit()
    card = device(page, "washer/air")
    release = card.locator("[data-do=let_go]")
    expect(release).to_be_hidden()
    card.locator("[data-handle=humidity] input[type=number]").fill("80")
    card.locator("[data-handle=humidity] input[type=number]").press("Enter")
    bed.until(lambda read: bool(read) and abs(read[-1] - 80) < 0.1, "washer/air/humidity")
    bed.agent.placed["washer/air"].turn("humidity", 40.0)
    expect(card.locator("[data-handle=humidity]")).to_have_attribute("data-value", "80")
    release.click()
    bed.until(lambda read: abs(read[-1] - 40) < 0.1, "washer/air/humidity")
    expect(release).to_be_hidden()


def test_the_voltage_of_an_analogue_channel_is_turned(bed: Bed, visit: Visitor) -> None:
    page = visit()
    exact = device(page, "washer/light").locator("[data-handle=voltage] input[type=number]")
    exact.fill("1.65")
    exact.press("Enter")
    bed.until(lambda read: bool(read) and abs(read[-1] - 1.65) < 0.004, "washer/light/voltage")


def test_a_line_is_typed_and_a_weight_is_put_on(bed: Bed, visit: Visitor) -> None:
    page = visit()
    code = device(page, "packer/code").locator("[data-handle=line] input")
    code.fill("4901234567894")
    code.press("Enter")
    bed.comes("packer/code/code", "4901234567894")
    weight = device(page, "packer/scale").locator("[data-handle=weight] input[type=number]")
    weight.fill("123.45")
    weight.press("Enter")
    bed.comes("packer/scale/weight", 123.45)
    device(page, "packer/scale").locator("[data-handle=overload]").click()
    bed.comes("packer/scale/overload", 0, 1)


@pytest.mark.slow
def test_a_wire_is_pulled_out_and_the_agent_says_what_is_wrong_until_it_is_in_again(bed: Bed, visit: Visitor) -> None:
    page = visit()
    for name, said in (("packer/scale", "/dev/ttyUSB0"), ("washer/air", "BME280|I2C")):
        card = device(page, name)
        expect(card.locator(".health")).to_have_attribute("data-state", "ok")
        card.locator("[data-do=wire]").click()
        expect(card.locator(".health")).to_have_attribute("data-state", "broken")
        expect(card.locator(".why")).to_contain_text(re.compile(said))
        card.locator("[data-do=wire]").click()
        expect(card.locator(".health")).to_have_attribute("data-state", "ok")
    call = device(page, "washer/call")
    call.locator("[data-do=wire]").click()
    expect(call).to_have_attribute("data-wired", "no")
    call.locator("[data-do=hold]").click()
    expect(call).to_contain_text("線が抜けています")
    assert bed.read("washer/call/count") == []
    call.locator("[data-do=wire]").click()
    bed.comes("washer/call/count", 1)


@pytest.mark.slow
def test_a_lamp_whose_wire_is_pulled_out_is_dark_and_says_why(bed: Bed, visit: Visitor) -> None:
    page = visit()
    andon = device(page, "washer/andon")
    lamp = andon.locator("[data-lamp='23']")
    expect(lamp).to_contain_text("消灯")
    andon.locator("[data-do=wire]").click()
    expect(lamp).to_contain_text("線が抜けています")
    hot = device(page, "washer/air").locator("[data-handle=temperature] input[type=number]")
    hot.fill("45.5")
    hot.press("Enter")
    expect(pin(page, 23)).to_have_attribute("data-level", "high")
    expect(lamp).to_have_attribute("data-on", "no")
    andon.locator("[data-do=wire]").click()
    expect(lamp).to_have_attribute("data-on", "yes")
    expect(lamp).to_contain_text("点灯")


def test_who_has_not_joined_sees_everything_and_can_touch_nothing(bed: Bed, visit: Visitor) -> None:
    page = visit(operator=False)
    expect(page.locator("#hint")).to_contain_text("見るだけの画面です")
    controls = page.locator("#devices :is(button, input)")
    assert controls.count() > 20
    assert all(controls.nth(at).is_disabled() for at in range(controls.count()))
    bed.bench.drive(5, False)
    expect(pin(page, 5)).to_have_attribute("data-level", "low")
    page.goto(f"http://127.0.0.1:{bed.page.port}/pair?code=old")
    expect(page.locator("#hint")).to_contain_text("もう使われたか")


def test_what_another_screen_does_is_seen_on_this_one(bed: Bed, visit: Visitor) -> None:
    ours, theirs = visit(), visit(PHONE, operator=False)
    device(ours, "washer/wash").locator("[data-do=hold]").click()
    expect(device(theirs, "washer/wash").locator(".contact")).to_have_attribute("data-on", "yes")


def test_the_other_language_is_one_press_away(bed: Bed, visit: Visitor) -> None:
    page = visit()
    expect(page.locator("h1")).to_contain_text("練習台")
    page.locator("#language").click()
    expect(page.locator("h1")).to_contain_text("Bench")
    expect(device(page, "washer/call").locator("[data-do=press]")).to_have_text("Press")
    expect(page).to_have_title("kojohack bench")
    japanese = re.compile("[ぁ-んァ-ヶ一-龠]")
    names = ("練習ライン", "洗浄機", "梱包", "日本語")
    said = [line for line in page.locator("body").inner_text().splitlines() if japanese.search(line)]
    assert [line for line in said if not any(name in line for name in names)] == []


@pytest.mark.parametrize("size", [WALL, PHONE, {"width": 1280, "height": 720}])
def test_nothing_is_wider_than_the_screen_and_what_is_touched_is_big_enough(
    bed: Bed, visit: Visitor, size: ViewportSize
) -> None:
    page = visit(size)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        "[...document.querySelectorAll('#devices button:not([hidden])')]"
        ".filter((b) => b.offsetHeight < 28).map((b) => b.textContent)"
    )
    assert small == []


@pytest.mark.slow
def test_a_lost_bench_is_said_and_found_again(bed: Bed, visit: Visitor) -> None:
    page = visit()
    before = bed.page
    bed.page.stop()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text("切れました")
    table = bed.agent.table()
    assert table is not None
    bed.page = open_bench([table], f"127.0.0.1:{before.port}", Door(bed.tokens))
    expect(page.locator("#lost")).to_be_hidden()
    expected = ("Failed to load resource",)
    visit.complaints[:] = [said for said in visit.complaints if not said.startswith(expected)]


def test_the_header_leads_to_the_device(bed: Bed, visit: Visitor) -> None:
    page = visit()
    pin(page, 23).locator("button").click()
    expect(device(page, "washer/andon")).to_be_focused()
