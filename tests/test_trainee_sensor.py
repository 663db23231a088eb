"""A trainee's new sensor is one file in DIR/sensors: by that it is checked, rehearsed, documented, stored, drawn."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import chromium
from tests.rig import WITHIN_S, kojo, running, serving, until, written
from tests.servers import free_port

pytestmark = pytest.mark.slow

SOAP = Path(__file__).parent / "trainee" / "soap_level.py"

LINE = """\
schema = 1
site = "akita"
line = "wash"

[mqtt]
url = "embedded"

[stations.washer]
name = "洗浄機"
agent = "pi-1"

[stations.washer.sensors.soap]
type = "soap_level"
full_mm = 300
every_s = 0.2
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with the trainee's one file."""
    sensors = tmp_path / "data" / "sensors"
    sensors.mkdir(parents=True)
    shutil.copy(SOAP, sensors)
    return tmp_path / "data"


def test_a_line_that_uses_it_is_good_only_where_its_file_is(data: Path, tmp_path: Path) -> None:
    file = written(tmp_path, LINE)
    good = kojo("check", file, "--data", data)
    assert (good.returncode, good.stderr) == (0, "")
    assert "1 sensors" in good.stdout
    lacking = kojo("check", file, "--data", tmp_path / "elsewhere")
    assert lacking.returncode == 2
    assert "line.toml:13" in lacking.stderr
    assert "soap_level" in lacking.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("full_m = 300", 'line.toml:14: stations.washer.sensors.soap: unknown key "full_m". Did you mean "full_mm"?'),
        ("full_mm = 10", "line.toml:14: stations.washer.sensors.soap.full_mm: 10"),
        ('full_mm = "300"', "line.toml:14: stations.washer.sensors.soap.full_mm:"),
        ("address = 0x99", "line.toml:14: stations.washer.sensors.soap.address:"),
    ],
)
def test_wrong_settings_of_it_are_said_like_any_others(data: Path, tmp_path: Path, wrong: str, said: str) -> None:
    bad = kojo("check", written(tmp_path, LINE.replace("full_mm = 300", wrong)), "--data", data)
    assert bad.returncode == 2
    assert said in bad.stderr
    assert "1 mistake" in bad.stderr


def test_it_is_rehearsed_with_nothing_wired(data: Path) -> None:
    played = kojo("rehearse", "soap_level", "--data", data)
    assert played.returncode == 0, played.stderr
    assert "soap_level Soap level: passed (3 steps)" in played.stdout
    japanese = kojo("rehearse", "soap_level", "--data", data, lang="ja")
    assert "洗剤の残り: 合格" in japanese.stdout


@pytest.mark.slow
def test_a_rehearsal_that_goes_otherwise_fails_and_says_at_which_step(data: Path) -> None:
    file = data / "sensors" / "soap_level.py"
    file.write_text(file.read_text("utf-8").replace("high << 8 | low", "low << 8 | high"), "utf-8")
    played = kojo("rehearse", "soap_level", "--data", data)
    assert played.returncode == 1
    assert "1. three quarters: expected {'level': 75.0}" in played.stdout


@pytest.mark.slow
def test_a_broken_file_is_told_with_its_row_by_whoever_reads_it(data: Path, tmp_path: Path) -> None:
    file = data / "sensors" / "soap_level.py"
    file.write_text(file.read_text("utf-8").replace('STYLE = "polled"', 'STYLE = "asked"'), "utf-8")
    line = written(tmp_path, LINE)
    for command in (
        ("check", line),
        ("rehearse",),
        ("sensors",),
        ("serve", "--line", line, "--http", "127.0.0.1:0"),
        ("edge", "--line", line, "--agent", "pi-1"),
    ):
        told = kojo(*command, "--data", data)
        assert told.returncode == 2, told.stderr
        assert 'soap_level.py:26: STYLE: STYLE is "polled" or "event"' in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.slow
def test_it_is_listed_and_has_its_page(data: Path) -> None:
    listed = kojo("sensors", "--data", data)
    assert re.search("soap_level +Soap level", listed.stdout)
    page = kojo("sensors", "soap_level", "--data", data).stdout
    assert page.startswith("# Soap level `soap_level`")
    for part in ("3V3 (header pin 1, 17)", "GPIO2 (header pin 3)", "| `full_mm` | depth when full | mm | `300.0` |",
                 "| `level` | what is left | % | number | 0 – 100 |", 'type = "soap_level"'):  # fmt: skip
        assert part in page
    assert kojo("sensors", "soap_level", "--data", data, lang="ja").stdout.startswith("# 洗剤の残り `soap_level`")


@pytest.mark.slow
def test_what_it_reads_is_stored_with_its_unit_and_shown(data: Path, tmp_path: Path) -> None:
    line = written(tmp_path, LINE, f"embedded:{free_port()}")
    pi = tmp_path / "pi"
    shutil.copytree(data, pi)
    with (
        serving(line, data) as kit,
        running("edge", "--line", line, "--agent", "pi-1", "--data", pi, GPIOZERO_PIN_FACTORY="mock"),
    ):
        until(lambda: len(kit.readings("washer", "soap", "level")["v"]) >= 5, "five readings stored")
        shown = kit.readings("washer", "soap", "level")
        assert shown["unit"] == "%"
        assert set(shown["v"]) == {75.0}
        assert "flag" not in shown
        soap = kit.get("/line")["stations"]["washer"]["sensors"]["soap"]
        assert soap["type"] == "soap_level"
        assert soap["measures"]["level"] == {
            "title": {"ja": "残り", "en": "what is left"},
            "unit": "%",
            "kind": "number",
            "low": 0,
            "high": 100,
            "decimals": 1,
        }
        until(lambda: kit.get("/status")["agents"][0]["sensors"]["washer/soap"]["state"] == "ok", "reported as well")


@pytest.mark.slow
@pytest.mark.browser
def test_what_it_reads_is_drawn_by_the_page_as_it_comes(data: Path, tmp_path: Path) -> None:
    line = written(tmp_path, LINE, f"embedded:{free_port()}")
    pi = tmp_path / "pi"
    shutil.copytree(data, pi)
    with serving(line, data) as kit, chromium() as browser:
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        complaints, asked = list[str](), list[str]()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(kit.url)
        tile = page.locator('[data-measure="washer/soap/level"]')
        for shown in ("残り", "洗浄機・soap", "値がまだありません"):
            expect(tile).to_contain_text(shown, timeout=WITHIN_S * 1000)
        asked.clear()
        with running("edge", "--line", line, "--agent", "pi-1", "--data", pi, GPIOZERO_PIN_FACTORY="mock"):
            value = tile.locator('[data-figure="value"]')
            expect(value).to_have_attribute("data-value", "75", timeout=WITHIN_S * 1000)
            expect(value).to_have_text("75.0")
            expect(tile).to_contain_text("%")
            spark = tile.locator(".spark")
            until(lambda: int(spark.get_attribute("data-points") or 0) >= 5, "five readings drawn")
            assert "L" in (spark.locator(".spark-line").get_attribute("d") or "")
        assert not [url for url in asked if "/readings" in url]
        page.close()
        assert complaints == []
