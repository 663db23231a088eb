"""S20 with S6 and S22 becomes a line.toml that `kojo check` takes; what the sheets do not say stays open."""

from pathlib import Path

import pytest

from contract.errors import LineError, NotAllowed, NotThere
from contract.line import Line
from contract.line_check import check
from curriculum.sheets.filled import Filled, read
from curriculum.sheets.form import EXAMPLES
from curriculum.sheets.line_words import breaks, id_of, weekdays
from curriculum.sheets.read_csv import from_csv
from curriculum.sheets.read_toml import from_toml
from curriculum.sheets.to_line import Made, line_of
from edge.sensors import catalogue
from kojo import sheet_made

CARD = """
sheet = "S20"
line_name = "例のライン"
site = "example"
line = "line-1"
[[shifts]]
name = "日勤"
days = "月〜金"
start = "08:30"
end = "17:15"
breaks = "12:00-13:00"
regular = "定時"
[[steps]]
name = "洗浄"
ideal_s = 27
source = "測った最良"
seen_by = "完成の接点"
"""
PROBLEM = """
sheet = "S6"
station = "洗浄"
problem = "待ちが長い"
kpi = "待ち"
"""


def card(text: str = CARD) -> Filled:
    return from_toml(text.encode(), "s20.toml")


def problem(sensor: str, more: str = "") -> Filled:
    return from_toml(f'{PROBLEM}sensor = "{sensor}"\n{more}'.encode(), "s6.toml")


def made(*sheets: Filled) -> tuple[Line, Made]:
    found = line_of(sheets)
    return check(found.text, catalogue()), found


def test_the_example_becomes_a_line_that_is_checked() -> None:
    line, told = made(*(read(EXAMPLES / name) for name in ("s20.toml", "s6.toml", "s22.csv")))
    washer = line.stations["washer"]
    assert washer.ideal_cycle_s == 27
    assert washer.sensors["done"].type == "pulse"
    assert washer.sensors["wash"].settings["pin"] == 27
    assert str(washer.sensors["wash"].role) == "phase:wash"
    assert line.stations["inspection"].sensors["done"].type == "button"
    tower = line.stations["press"].sensors["tower"]
    assert (tower.settings["running_lamp"], tower.settings["green"], tower.settings["red"]) == ("green", 0, 1)
    assert [(plan.station, plan.quantity) for plan in line.plan] == [("washer", 900), ("press", 1800)]
    assert [(shift.name, shift.regular) for shift in line.shifts] == [("日勤", True), ("残業", False)]
    assert line.reasons["cleaning"].planned
    assert line.reasons["planned-6"].name == "朝礼"
    assert line.teams[0].stations == ("washer",)
    assert "出所: 測った最良" in told.text
    assert told.text.count("# 決めること: ") == len(told.open)


def test_an_ideal_cycle_that_nobody_measured_is_not_guessed() -> None:
    line, told = made(card(CARD.replace("ideal_s = 27", 'ideal_s = ""')))
    (station,) = line.stations.values()
    assert station.ideal_cycle_s is None
    assert any("基準CT(空欄)" in one.ja for one in told.open)
    _, told = made(card(CARD.replace("測った最良", "推測")))
    assert any("27 秒は推測" in one.ja for one in told.open)


def test_a_days_quantity_is_not_split_over_two_shifts() -> None:
    two = CARD.replace("[[steps]]", '[[shifts]]\nname="夜勤"\ndays="毎日"\nstart="20:00"\nend="05:00"\n[[steps]]')
    line, told = made(card(two + "needed = 900\n"))
    assert line.plan == ()
    assert any("どの直に何個か" in one.ja for one in told.open)
    assert any("day_starts" in one.ja for one in told.open)
    assert any("休憩が空欄" in one.ja for one in told.open)


def test_the_meaning_of_a_lamp_is_asked_and_not_guessed() -> None:
    tower = CARD.replace("完成の接点", "信号灯")
    line, told = made(card(tower))
    (sensor,) = next(iter(line.stations.values())).sensors.values()
    assert sensor.settings["running_lamp"] == "none"
    assert sensor.role is None
    assert any("どの色の点灯が運転中か" in one.ja for one in told.open)
    blinks = tower + '[[lamps]]\nstep = "洗浄"\ncolour = "緑"\nhow = "点滅"\nmeaning = "運転中"\n'
    line, _ = made(card(blinks))
    assert next(iter(line.stations.values())).sensors["tower"].role is None


@pytest.mark.parametrize(
    ("seen_by", "type", "role"),
    [
        ("完成の接点", "pulse", "cycle"),
        ("手で押す", "button", "cycle"),
        ("運転の信号", "level", "running"),
        ("電流", "ct_clamp", "running"),
        ("ほかの機器", "external", "cycle"),
    ],
)
def test_a_station_gets_the_sensor_it_is_seen_by(seen_by: str, type: str, role: str) -> None:
    line, told = made(card(CARD.replace("完成の接点", seen_by)))
    (sensor,) = next(iter(line.stations.values())).sensors.values()
    assert (sensor.type, str(sensor.role)) == (type, role)
    counts = role == "cycle"
    assert counts is not any("完成を数えるセンサー" in one.ja for one in told.open)


@pytest.mark.parametrize(
    ("sensor", "more", "role"),
    [
        ("していた時間", 'kpi_path = "phases.dry"', "phase:dry"),
        ("していた時間", "", "phase:work"),
        ("不良を数える", "", "scrap"),
        ("呼び出しボタン", "", "None"),
        ("温湿度", "", "None"),
        ("重さ", "", "None"),
        ("振動", "", "None"),
        ("距離・残量", "", "None"),
        ("水・冷凍庫の温度", "", "None"),
        ("電流", "", "running"),
        ("信号灯", "", "None"),
        ("運転・停止の信号", "", "running"),
    ],
)
def test_what_a_problem_wants_measured_is_added_beside_the_count(sensor: str, more: str, role: str) -> None:
    line, told = made(card(), problem(sensor, more))
    (station,) = line.stations.values()
    assert len(station.sensors) == 2
    assert str([*station.sensors.values()][1].role) == role
    if role == "phase:work":
        assert any("work のまま" in one.ja for one in told.open)


@pytest.mark.parametrize("sensor", ["完成を数える", "ほか"])
def test_what_is_counted_already_or_not_known_adds_no_sensor(sensor: str) -> None:
    line, _ = made(card(), problem(sensor))
    assert len(next(iter(line.stations.values())).sensors) == 1


def test_reason_buttons_are_the_words_of_the_floor_and_six_at_most() -> None:
    rows = "".join(f"理由{n},いいえ,故障\n" for n in range(8))
    words = from_csv(f"S22\n現場の言葉,計画停止か,ロス\n{rows}".encode(), "s22.csv")
    line, told = made(card(), problem("理由ボタン"), words)
    (station,) = line.stations.values()
    assert [sensor.settings["says"] for sensor in station.with_role("reason")] == [f"reason-{n}" for n in range(1, 7)]
    assert len({sensor.settings["pin"] for sensor in station.sensors.values()}) == 7
    assert any("付けなかった理由: 理由6、理由7" in one.ja for one in told.open)
    line, told = made(card(), problem("理由ボタン"))
    assert not next(iter(line.stations.values())).with_role("reason")
    assert any("S22" in one.ja for one in told.open)


def test_a_pin_that_a_sheet_names_is_kept_for_it() -> None:
    line, _ = made(card(), problem("していた時間", "pin = 17"))
    (station,) = line.stations.values()
    assert [sensor.settings["pin"] for sensor in station.sensors.values()] == [27, 17]


def test_the_pin_that_s6_names_is_that_of_the_count_which_s20_describes() -> None:
    line, _ = made(card(), problem("完成を数える", "pin = 22"))
    (sensor,) = next(iter(line.stations.values())).sensors.values()
    assert sensor.settings["pin"] == 22


def test_two_problems_cannot_name_the_same_pin() -> None:
    with pytest.raises(LineError) as told:
        line_of([card(), problem("温湿度", "pin = 5"), problem("していた時間", "pin = 5")])
    assert "GPIO 5" in told.value.mistakes[0].say("ja")


def test_all_mistakes_of_all_sheets_are_told_together() -> None:
    wrong = CARD.replace('"example"', '"例の会社"').replace("月〜金", "げつきん").replace("12:00-13:00", "お昼")
    with pytest.raises(LineError) as told:
        line_of([card(wrong), from_toml(PROBLEM.replace("洗浄", "洗浄機").encode() + b'sensor = "count"\n', "s6.toml")])
    said = [mistake.say("ja") for mistake in told.value.mistakes]
    assert len(said) == 4
    assert any("s6.toml:3" in line and "「洗浄」ではありませんか" in line for line in said)
    assert any("曜日" in line for line in said)
    assert any("休憩" in line for line in said)


SECOND = '[[steps]]\nname = "{}"\nseen_by = "{}"\n'
PRODUCT = '[[products]]\ncode = "{}"\nstep = "洗浄"\ncodes = "x"\n'


@pytest.mark.parametrize(
    ("text", "row", "where"),
    [
        (CARD.replace("12:00-13:00", "20:00-21:00"), 11, "shifts.breaks"),
        (CARD.replace("17:15", "08:30"), 10, "shifts.end"),
        (CARD.replace("例のライン", "例の\\u0007ライン"), 3, "line_name"),
        (CARD.replace("洗浄", "A 1") + SECOND.format("a-1", ""), 19, "steps.name"),
        (CARD + PRODUCT.format("A 1") + PRODUCT.format("a-1"), 23, "products.code"),
        (CARD + PRODUCT.format("A1") + PRODUCT.format("B1"), 25, "products.codes"),
        (CARD + '[[planned]]\nwhat = "朝礼"\n' * 2, 21, "planned.what"),
        (CARD + 'pi = "pi-1"\n' + "".join(SECOND.format(f"s{n}", "手で押す") for n in range(15)), 62, "steps.name"),
        (CARD + "".join(SECOND.format(f"s{n}", "信号灯") for n in range(5)), 31, "steps.name"),
    ],
)
def test_a_mistake_is_told_in_the_sheet_and_the_field_that_a_person_filled_in(text: str, row: int, where: str) -> None:
    with pytest.raises(LineError) as told:
        line_of([card(text)])
    first = told.value.mistakes[0]
    assert (first.file, first.row, first.where) == ("s20.toml", row, where)
    assert not any("line.toml" in said or "stations." in said for said in (first.say("ja"), first.say("en")))


def test_what_two_sheets_want_alike_is_told_with_both_places() -> None:
    button = problem("呼び出しボタン", "pin = 2")
    with pytest.raises(LineError) as told:
        line_of([card(), button, problem("温湿度")])
    assert "s6.toml:7: pin: GPIO2" in told.value.say("ja")
    assert "s6.toml:6(sensor) が" in told.value.say("ja")
    assert "s6.toml:6 (sensor)" in told.value.say("en")


def test_a_line_needs_one_card_and_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(NotThere, match="S20"):
        line_of([problem("ほか")])
    to = tmp_path / "line.toml"
    to.write_text("mine")
    with pytest.raises(NotAllowed):
        sheet_made.line([EXAMPLES / "s20.toml"], to)
    assert to.read_text() == "mine"


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("月火水木金", 5),
        ("月〜土", 6),
        ("月、水", 2),
        ("毎日", 7),
        ("mon-fri", 5),
        ("Mon Tue", 2),
        ("土日", 2),
        ("金〜月", None),
        ("いつも", None),
    ],
)
def test_weekdays_as_people_write_them(said: str, days: int | None) -> None:
    found = weekdays(said)
    assert (len(found) if found else None) == days


def test_breaks_and_ids_as_people_write_them() -> None:
    assert breaks("10:00〜10:10、12:00 - 13:00") == ("10:00-10:10", "12:00-13:00")
    assert breaks("9:50から10:00") == ("09:50-10:00",)
    assert breaks("なし") == ()
    assert breaks("お昼") is None
    assert id_of("Ａ-100") == "a-100"
    assert id_of("洗浄") is None


def test_twenty_four_o_clock_is_told_how_to_be_written() -> None:
    with pytest.raises(LineError) as refused:
        card(CARD.replace("17:15", "24:00"))
    assert "00:00 と書きます" in refused.value.say("ja")
    assert [shift.hours.end.hour for shift in made(card(CARD.replace("17:15", "00:00")))[0].shifts] == [0]
