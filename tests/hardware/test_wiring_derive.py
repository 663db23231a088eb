"""The papers of `kojo derive`: what is in them, in what order, for whom, and that old ones go."""

import csv as csv_reader
import io
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import pytest

from contract.line import Line, load
from contract.words import Words, speaking
from hardware.checklist import checklist
from hardware.paper import csv, table
from hardware.parts import load as load_parts
from hardware.parts_list import PI_SET
from hardware.pin_table import rows
from hardware.wiring import Function
from hardware.wiring_derive import (
    Plan,
    plan,
    said_of_parts,
    write_checklists,
    write_parts,
    write_pictures,
    write_pins,
)
from hardware.wiring_layout import A4, NARROW, layout
from hardware.wiring_pen import COLOURS, DASHES, SIGNALS
from hardware.wiring_picture import detail, picture, signal_colours
from hardware.wiring_text import fitted, width
from tests.hardware.wired import types, wired

pytestmark = pytest.mark.slow

LINES = Path(__file__).parents[2] / "hardware" / "lines"
SVG = "{http://www.w3.org/2000/svg}"

TEXT = """\
schema = 1
site = "akita"
line = "wash"
name = "洗浄 <ライン>"
[[teams]]
id = "team-a"
name = "=A班"
stations = ["washer"]
budget_yen = 25000
[[teams]]
id = "team-b"
name = "B班"
stations = ["packer"]
budget_yen = 5000
[stations.washer]
name = "洗浄機"
agent = "pi-1"
[stations.washer.sensors.run]
type = "level"
pin = 27
[stations.washer.sensors.air]
type = "bme280"
[stations.washer.outputs.andon]
type = "lamp"
pin = 23
[stations.packer]
name = "梱包"
agent = "pi-2"
[stations.packer.sensors.a]
type = "modbus_rtu"
port = "/dev/ttyUSB0"
unit = 1
measures = { power = { register = 52 } }
[stations.packer.sensors.b]
type = "modbus_rtu"
port = "/dev/ttyUSB0"
unit = 2
measures = { power = { register = 52 } }
[stations.hand]
name = "手作業"
agent = "pi-2"
[stations.hand.sensors.done]
type = "button"
pin = 17
"""


def line_in(folder: Path, text: str = TEXT) -> Line:
    file = folder / "line.toml"
    file.write_text(text, "utf-8")
    return load(file, types())


@pytest.fixture
def told(tmp_path: Path) -> Plan:
    return plan(line_in(tmp_path), types())


def names(folder: Path) -> set[str]:
    return {file.name for file in (folder / "hardware").iterdir()}


def write_all(told: Plan, out: Path) -> None:
    for write in (write_pictures, write_pins, write_checklists, write_parts):
        write(told, out)


def test_every_pi_gets_its_papers_and_the_folder_says_what_is_what(told: Plan, tmp_path: Path) -> None:
    write_all(told, tmp_path)
    each = {f"{name}-pi-{n}{end}" for n in (1, 2) for name, end in (
        ("wiring", ".svg"), ("pins", ".md"), ("pins", ".csv"), ("checklist", ".html"))}  # fmt: skip
    assert names(tmp_path) == {*each, "parts.html", "parts.csv", "README.txt"}
    readme = (tmp_path / "hardware" / "README.txt").read_text("utf-8")
    assert readme.index("配線図") < readme.index("the wiring picture")


def test_generated_papers_say_so(told: Plan, tmp_path: Path) -> None:
    write_all(told, tmp_path)
    for file in (tmp_path / "hardware").iterdir():
        if file.suffix != ".csv":
            assert "kojo derive" in file.read_text("utf-8")[:400], file.name


def test_papers_of_a_pi_that_left_the_line_go_and_others_files_stay(told: Plan, tmp_path: Path) -> None:
    write_all(told, tmp_path)
    (tmp_path / "hardware" / "notes.txt").write_text("ours", "utf-8")
    fewer = plan(line_in(tmp_path, TEXT.replace("pi-2", "pi-1")), types())
    write_all(fewer, tmp_path)
    assert not {name for name in names(tmp_path) if "pi-2" in name}
    assert "notes.txt" in names(tmp_path)


def test_what_a_person_put_there_under_a_name_like_ours_stays(told: Plan, tmp_path: Path) -> None:
    write_all(told, tmp_path)
    folder = tmp_path / "hardware"
    table = (folder / "pins-pi-1.csv").read_bytes()
    mine = {
        "wiring-notes.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "pins-shop.csv": "\ufeff品名,値段\r\n".encode(),
        "pins-mine.csv": table,
        "pins-notes.md": "# メモ\n".encode(),
        "checklist-own.html": b"<!doctype html>",
        "pins-empty.csv": b"",
    }
    for name, content in mine.items():
        (folder / name).write_bytes(content)
    (folder / "wiring-old.svg").mkdir()
    write_all(plan(line_in(tmp_path, TEXT.replace("pi-2", "pi-1")), types()), tmp_path)
    assert {name: (folder / name).read_bytes() for name in mine} == mine
    assert (folder / "wiring-old.svg").is_dir()
    assert not {name for name in names(tmp_path) if "pi-2" in name}


def test_the_same_line_gives_the_same_papers(told: Plan, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        write_all(told, tmp_path / folder)
    for name in names(tmp_path / "a"):
        assert (tmp_path / "a/hardware" / name).read_bytes() == (tmp_path / "b/hardware" / name).read_bytes()


# ---- the picture ---------------------------------------------------------------------------------------------------


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("file", sorted(LINES.glob("*.toml")), ids=lambda file: file.stem)
def test_every_example_line_is_drawn_without_a_danger_and_all_its_parts_have_a_price(
    file: Path, tmp_path: Path
) -> None:
    drawn = plan(load(file, types()), types())
    assert [doubt for found in drawn.found.values() for doubt in found if doubt.level == "danger"] == []
    assert all(not one.unpriced for one in drawn.lists)
    write_all(drawn, tmp_path)
    assert {f"wiring-{pi.agent}.svg" for pi in drawn.pis} <= names(tmp_path)


@pytest.mark.parametrize("file", sorted(LINES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_picture_shows_both_numbers_of_every_used_pin(file: Path) -> None:
    drawn = plan(load(file, types()), types())
    for pi in drawn.pis:
        said = texts(picture(pi, drawn.found[pi.agent], drawn.title))
        assert {str(pin) for pin in range(1, 41)} <= set(said)
        for _, join in pi.joins:
            if join.goal.bcm is not None:
                assert any(f"GPIO{join.goal.bcm}" in one and f"({join.goal.headers[0]}番)" in one for one in said)


def test_the_picture_is_a_sheet_of_a4_in_both_languages(told: Plan) -> None:
    svg = picture(told.pis[0], told.found["pi-1"], told.title)
    root = ET.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("297mm", "210mm")
    said = " ".join(texts(svg))
    assert "洗浄 <ライン>" in said
    assert "電源を切ってからつなぐ" in said
    assert "Power off first" in said
    assert "機械の信号 24 V" in said


def test_functions_differ_in_colour_and_without_colour_too() -> None:
    functions: tuple[Function, ...] = ("3V3", "5V", "GND", "signal", "SDA", "SCL", "SPI", "UART")
    assert len({COLOURS[one] for one in functions}) == len(functions)
    assert len({DASHES.get(one, one if one == "GND" else "") for one in functions}) == len(functions)


def test_signals_side_by_side_differ_and_none_looks_like_a_supply(told: Plan) -> None:
    supplies = {COLOURS["3V3"], COLOURS["5V"], COLOURS["GND"]}
    assert not supplies & set(SIGNALS)
    for pi in told.pis:
        found = [*signal_colours(layout(pi)).values()]
        assert all(a != b for a, b in pairwise(found))


def test_beside_a_text_the_picture_is_narrow_and_shows_no_more_of_the_header_than_is_used(told: Plan) -> None:
    pi = told.pis[0]
    whole, cut = (
        ET.fromstring(detail(pi, told.title, "", widths, plain=plain))
        for widths, plain in ((A4, False), (NARROW, True))
    )
    assert float(cut.attrib["width"].removesuffix("mm")) < float(whole.attrib["width"].removesuffix("mm"))
    shown = " ".join(texts(ET.tostring(cut, "unicode")))
    used = [join.goal for _, join in pi.joins if join.goal.function == "signal"]
    assert all(goal.net in shown for goal in used)


def test_the_picture_takes_nothing_from_outside(told: Plan) -> None:
    for pi in told.pis:
        svg = picture(pi, told.found[pi.agent], told.title)
        addresses = set(re.findall(r'https?://[^"\s<]+', svg))
        assert addresses == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert "<script" not in svg


def test_a_text_is_made_to_fit_its_place() -> None:
    assert fitted("短い", 2.0, 10) == ("短い", 2.0)
    for text in ("とても長い日本語の見出しです", "A long heading in English", "mixed 混ざった text"):
        said, size = fitted(text, 3.0, 20.0)
        assert width(said, size) <= 20.0
        assert size >= 1.9


def test_a_name_that_is_too_long_keeps_the_end_that_tells_it_from_others() -> None:
    collector, emitter = (fitted(f"tower ambient {pin}", 2.4, 13.0, 1.7, cut="front")[0] for pin in "CE")
    assert collector != emitter
    assert collector.startswith("…")


def test_every_terminal_of_a_shared_converter_has_a_name_of_its_own() -> None:
    drawn = plan(load(LINES / "press.toml", types()), types())
    text = (
        '[stations.press.sensors.tower]\ntype = "signal_tower"\nred = 0\namber = 1\nambient = 2\n'
        '[stations.press.sensors.heat]\ntype = "thermistor"\nchannel = 3\nconverter = "ads1115"\n'
    )
    said = texts(picture(wired(text), (), drawn.title))
    for colour in ("red", "amber", "ambient"):
        for pin in "CE":
            assert any(one.endswith(f"{colour} {pin}") for one in said), (colour, pin)


# ---- pins and checklist --------------------------------------------------------------------------------------------


def test_the_pin_table_counts_both_ways_and_names_what_is_between(told: Plan, tmp_path: Path) -> None:
    write_pins(told, tmp_path)
    text = (tmp_path / "hardware" / "pins-pi-1.md").read_text("utf-8")
    assert "| 13 | GPIO27 | signal | washer/run |" in text
    assert "| 3 | GPIO2 | SDA | washer/air |" in text
    assert "| IN+ |  | 機械の信号 24 V" in text
    rows = list(csv_reader.reader(io.StringIO((tmp_path / "hardware" / "pins-pi-2.csv").read_text("utf-8-sig"))))
    assert any("RS-485" in row[6] for row in rows)
    assert len({len(row) for row in rows}) == 1


def test_a_name_with_marks_in_it_stands_in_the_pin_tables_heading_as_it_is(tmp_path: Path) -> None:
    name = r"A|B <b>1</b> *x* _y_ [z](javascript:1) & a_b ## 1"
    told = plan(line_in(tmp_path, TEXT.replace("洗浄 <ライン>", name)), types())
    write_pins(told, tmp_path)
    text = (tmp_path / "hardware" / "pins-pi-1.md").read_text("utf-8")
    (heading,) = [row for row in text.splitlines() if row.startswith("#")]
    marked = r"A\|B \<b\>1\</b\> \*x\* \_y\_ \[z\](javascript:1) &amp; a_b \#\# 1"
    assert heading == f"# ピン表 {marked} pi-1 / Pins of pi-1"


def test_the_checklist_begins_with_the_warnings_and_says_what_to_switch_on(told: Plan, tmp_path: Path) -> None:
    write_checklists(told, tmp_path)
    page = (tmp_path / "hardware" / "checklist-pi-1.html").read_text("utf-8")
    assert page.index("washer/andon") < page.index("電源を入れる前に")
    assert "i2cdetect" in page
    assert "dtparam=strict_gpiod" in page, "pi-1 has an output"
    assert "0x76" in page
    assert "機械の 0 V" in page
    assert "洗浄 &lt;ライン&gt;" in page
    plain = (tmp_path / "hardware" / "checklist-pi-2.html").read_text("utf-8")
    assert "raspi-config" not in plain
    assert "strict_gpiod" not in plain


def test_what_sits_between_two_terminals_has_a_row_of_its_own_and_is_drawn() -> None:
    pi = wired('[stations.press.sensors.motor]\ntype = "ct_clamp"\nchannel = 0\nconverter = "mcp3008"')
    burden, quiet = (row for row in rows(pi) if row.function == "端子どうしの間")
    assert (burden.terminal, quiet.terminal) == ("CT 1–2", "CT 2–GND")
    assert "33 Ω" in burden.through.ja
    assert "外したまま電流を流さない" in burden.note.ja
    title = Words("プレス", "press")
    page = checklist(pi, (), title)
    assert "33 Ω を CT の 1 と 2 の間に" in page
    said = texts(picture(pi, (), title))
    assert {"33Ω", "10µF", "CT 1–2", "CT 2–GND"} <= set(said)


# ---- parts ---------------------------------------------------------------------------------------------------------


def test_each_team_pays_for_its_stations_and_is_held_to_its_budget(told: Plan) -> None:
    lists = {one.team.id: one for one in told.lists}
    assert set(lists) == {"team-a", "team-b", ""}
    ids = {id: {item.id for item in one.items} for id, one in lists.items()}
    assert {"bme280", "photocoupler-board", "relay-board", *PI_SET} <= ids["team-a"]
    assert {"usb-rs485", *PI_SET} <= ids["team-b"]
    assert ids[""] == {"push-button", "wire-pair"}
    assert lists["team-a"].over == 0
    assert lists["team-b"].over == lists["team-b"].yen - 5000 > 0


def test_one_adapter_serves_all_meters_on_its_wires(told: Plan) -> None:
    packer = next(one for one in told.lists if one.team.id == "team-b")
    assert [item.pieces for item in packer.items if item.id == "usb-rs485"] == [1]


def test_packs_are_bought_whole(told: Plan) -> None:
    washer = next(one for one in told.lists if one.team.id == "team-a")
    wires = next(item for item in washer.items if item.id == "wire-f-f")
    assert (wires.pieces, wires.packs) == (4, 1)
    assert wires.yen == load_parts()["wire-f-f"].price.yen


def test_budgets_are_said_in_both_languages(told: Plan) -> None:
    said = said_of_parts(told.lists)
    with speaking("ja"):
        assert any("予算を" in str(one) and "超えています" in str(one) for one in said)
        assert any("残り" in str(one) for one in said)
    with speaking("en"):
        assert any("over the budget" in str(one) for one in said)


def test_the_list_opens_in_excel_in_japanese_and_is_no_formula(told: Plan, tmp_path: Path) -> None:
    write_parts(told, tmp_path)
    raw = (tmp_path / "hardware" / "parts.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    rows = list(csv_reader.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert {row[0] for row in rows[1:]} == {"'=A班", "B班", "班なし"}
    totals = [int(row[11]) for row in rows if row[2] == "合計"]
    assert totals == [one.yen for one in told.lists]


def test_a_part_without_a_price_is_named_and_not_taken_for_free(tmp_path: Path) -> None:
    line = line_in(tmp_path)
    parts = {id: part for id, part in load_parts().items() if id != "bme280"}
    told = Plan(line, plan(line, types()).pis, parts, {})
    washer = told.lists[0]
    assert washer.unpriced == ("bme280",)
    write_parts(told, tmp_path)
    assert "値段が分からない部品" in (tmp_path / "hardware" / "parts.html").read_text("utf-8")
    assert any("bme280" in one.ja for one in said_of_parts(told.lists))


def test_what_was_really_paid_counts(tmp_path: Path) -> None:
    line = line_in(tmp_path)
    before = plan(line, types()).lists[0].yen
    entry = (Path(__file__).parents[2] / "hardware" / "parts.toml").read_text("utf-8").split("[parts.bme280]")[1]
    mine = "[parts.bme280]" + entry.split("\n[parts.")[0].replace("yen = 1400", "yen = 900")
    (tmp_path / "parts.toml").write_text(mine, "utf-8")
    assert plan(line, types(), tmp_path).lists[0].yen == before - 500


def test_cells_are_quoted_where_they_must_be() -> None:
    assert csv([["a,b", 'say "x"', "-1", 2, 2.5]]) == '\ufeff"a,b","say ""x""",\'-1,2,2.5\r\n'
    assert "<td class='n'>3</td>" in table(["x", "y"], [("a", "3")], right=(1,))
    assert Words("あ", "a").ja in table([Words("あ", "a").ja], [])
