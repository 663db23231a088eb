"""The pages of docs/sensors are what the sensors' own files say today."""

from pathlib import Path

import pytest

from contract.catalogue import Measure, SensorType, Setting, Trouble, Wire
from contract.words import Words
from edge.gone_wrong import told
from edge.sensors import catalogue
from hardware.sensor_page import BANNER, main, page, page_in, pages

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs" / "sensors"
OUTPUTS = DOCS.parent / "outputs"
TRAINEE = Path(__file__).parents[1] / "edge" / "sensors" / "trainee"


def test_the_pages_are_current() -> None:
    written = {path.name: path.read_text("utf-8") for path in DOCS.glob("*.md")}
    assert written == pages(catalogue().sensors.values(), told(catalogue().sensors)), (
        "run: python -m hardware.sensor_page docs/sensors"
    )


def test_the_pages_of_outputs_are_current() -> None:
    written = {path.name: path.read_text("utf-8") for path in OUTPUTS.glob("*.md")}
    kinds = catalogue().outputs.values()
    assert written == pages(kinds, told(catalogue().outputs)), (
        "run: python -m hardware.sensor_page --outputs docs/outputs"
    )


def test_an_outputs_page_names_its_values() -> None:
    text = page(catalogue().outputs["signal_light"])
    assert '`"off"` `"red"`' in text
    assert "信号灯" in text
    assert "規則" in text


def test_every_page_carries_the_banner() -> None:
    assert all(text.startswith(BANNER) for text in pages(catalogue().sensors.values(), {}).values())


def test_japanese_comes_first() -> None:
    text = page(catalogue().sensors["pulse"])
    assert text.index("つなぎ方") < text.index("Wiring")


def test_a_pin_is_shown_with_its_header_pin() -> None:
    text = page(catalogue().sensors["pulse"])
    assert "設定 `pin` のピン (例: GPIO17 = ヘッダー 11 番)" in text
    assert "the pin of `pin` (here GPIO17 = header pin 11)" in text


def test_bus_lines_are_shown_with_their_header_pins() -> None:
    assert "SDA = GPIO2 (ヘッダー 3 番)" in page(catalogue().sensors["bme280"])
    assert "MISO = GPIO9 (header pin 21)" in page(catalogue().sensors["mcp3008"])


def test_what_stands_in_the_manifest_stands_on_the_page() -> None:
    kind = SensorType(
        type="box",
        title=Words("箱", "Box"),
        style="polled",
        measures=(Measure("gap", Words("すき間", "gap"), "mm", low=0, high=9),),
        settings=(Setting("every_s", Words("間隔", "interval"), "number", "s", 1.0, low=0.5),),
        terminals=(Wire("OUT", "USB", through="hub", note=Words("長さ注意", "mind its length")),),
        doc='Wiring: so.\n\n    [stations.a.sensors.b]\n    type = "box"\n\nIt says ``gap``.\n\n    a | b',
    )
    text = page(kind)
    for said in (
        "| `gap` | すき間 | mm | 数 | 0 – 9 |",
        "| `every_s` | interval | s | `1.0` | 0.5 – |",
        "`hub` を通す 長さ注意",
        '```toml\n[stations.a.sensors.b]\ntype = "box"\n```',
        "It says `gap`.",
        "```text\na | b\n```",
    ):
        assert said in text


def test_what_counts_only_for_a_choice_says_for_which() -> None:
    shown = page(catalogue().sensors["ct_clamp"])
    assert '(`converter = "mcp3008"` のとき)' in shown
    assert '- `ads1115` x 1: four inputs, to share with others (with `converter = "ads1115"`)' in shown
    assert "| `CT 1` | the converter's input (`channel`) |" in shown


BOX = SensorType(
    "box",
    Words("箱", "Box"),
    "polled",
    (),
    (),
    doc='Wiring: so.\n\n    [stations.a.sensors.b]\n    type = "box"\n\nIt says more.',
    about_ja="箱の中を、\n見ます。\n\n気をつけること: ふた。",
)
SHUT = Trouble(
    Words("閉まった", "it shut"), Words("中が見えません。", "It is dark."), Words("開ける。", "Hint: open it.")
)


def test_what_goes_wrong_stands_there_in_both_languages() -> None:
    text = page(BOX, [SHUT])
    assert "## うまくいかないとき\n" in text
    assert "| 閉まった | 中が見えません。 | 開ける。 |" in text
    assert "## What goes wrong\n" in text
    assert "| it shut | It is dark. | open it. |" in text
    assert "うまくいかない" not in page(BOX)


def test_a_japanese_reader_is_told_what_it_is_for_below_the_title() -> None:
    assert "# 箱 `box`\n\n箱の中を、見ます。\n\n気をつけること: ふた。\n\n一定の間隔で" in page(BOX)
    assert "箱の中を" in page_in(BOX, "ja")
    assert "箱の中を" not in page_in(BOX, "en")
    assert "## くわしいこと(英語)\n\nIt says more." in page_in(BOX, "ja")
    assert "## In detail\n\nIt says more." in page_in(BOX, "en")


def test_a_trainees_sensor_gets_its_page_too(tmp_path: Path) -> None:
    assert main([str(tmp_path / "pages"), str(TRAINEE)]) == 0
    text = (tmp_path / "pages" / "distance_box.md").read_text("utf-8")
    assert "距離の箱" in text
    assert "a trainee's own sensor" in text
    assert "distance_box" in (tmp_path / "pages" / "README.md").read_text("utf-8")


def test_without_a_folder_it_says_how_it_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "docs/sensors" in capsys.readouterr().err
