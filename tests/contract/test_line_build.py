"""What a right line file becomes: every value of the contract's own example, and every default."""

from datetime import date, time
from pathlib import Path

import pytest

from contract.line import (
    Agreed,
    CalendarEntry,
    Flow,
    Line,
    OutboxLimits,
    Plan,
    Product,
    ProductAtStation,
    Reason,
    Role,
    Rule,
    Shift,
    Since,
    Span,
    Team,
    load,
)
from contract.reading import Series
from tests.contract.catalogue import CATALOGUE
from tests.contract.good_line import changed, load_text

SMALLEST = """\
schema = 1
site = "a"
line = "b"
[stations.s]
name = "S"
agent = "pi-1"
ideal_cycle_s = 20
pieces_per_count = 2
[stations.s.sensors.done]
type = "pulse"
pin = 17
[stations.e]
name = "E"
[stations.e.sensors.x]
type = "external"
role = "lot"
measures = { card = {} }
"""


@pytest.fixture(scope="module")
def contract() -> Line:
    return load(Path(__file__).parents[2] / "hardware" / "lines" / "contract.toml", CATALOGUE)


def test_the_top_of_the_contracts_example(contract: Line) -> None:
    assert (contract.site, contract.line, contract.name) == ("akita", "wash", "部品洗浄ライン")
    assert (contract.timezone, contract.day_starts) == ("Asia/Tokyo", time(7))
    assert (contract.mqtt_url, contract.store_url) == ("embedded", "duckdb:line.duckdb")
    assert (contract.retain_days, contract.open_to_lan) == (400, False)
    assert contract.outbox == OutboxLimits(86400.0, 1_000_000, 30, 30.0)
    assert contract.agents == ("pi-1",)


def test_the_hours_of_the_contracts_example(contract: Line) -> None:
    assert contract.shifts == (
        Shift(
            "日勤",
            frozenset({"mon", "tue", "wed", "thu", "fri"}),
            Span(time(8, 30), time(17, 15)),
            (Span(time(10), time(10, 10)), Span(time(12), time(13)), Span(time(15), time(15, 10))),
        ),
    )
    assert contract.calendar == (
        CalendarEntry(date(2026, 12, 26), "holiday_work", "日勤", None, time(19, 15), ("washer",)),
    )
    assert contract.plan == (Plan("packer", "日勤", 1200),)


def test_the_lists_of_the_contracts_example(contract: Line) -> None:
    assert contract.reasons == {"changeover": Reason("changeover", "段取り・調整", "setup")}
    at_washer = ProductAtStation(27.0, 1, (Since(date(2026, 10, 1), {"ideal_cycle_s": 10.0}),))
    assert contract.products == {
        "a-100": Product("a-100", "ブラケットA", ("A-100", "4901234567894"), {"washer": at_washer})
    }
    assert contract.flow == (Flow("washer", "packer"),)
    assert contract.teams == (Team("team-a", "A班", ("washer",), 200_000),)


def test_the_washer_of_the_contracts_example(contract: Line) -> None:
    washer = contract.stations["washer"]
    assert (washer.ideal_cycle_s, washer.pieces_per_count) == (27.0, 1)
    assert (washer.stop_after_s, washer.stop_after_is_written) == (60.0, True)
    assert (washer.downtime_after_s, washer.silence_after_s) == (600.0, 120.0)
    assert washer.breaks == (Span(time(11, 45), time(12, 45)),)
    assert (washer.people, washer.scrap_is_counted, washer.privacy) == (0.5, True, "station")
    assert washer.since == (Since(date(2026, 10, 1), {"ideal_cycle_s": 10.0}),)
    assert list(washer.sensors) == ["done", "wash", "air", "esp"]
    assert washer.outputs["andon"].settings == {"pin": 23, "active": "high"}
    assert washer.with_role("phase") == (washer.sensors["wash"],)
    assert washer.sensors["wash"].role == Role("phase", "wash")


def test_the_sensors_of_the_contracts_example(contract: Line) -> None:
    sensors = contract.stations["washer"].sensors
    text = contract.text.split("\n")
    assert sensors["done"].settings == {
        "pin": 17, "active": "low", "pull": "up", "debounce_ms": 20.0, "release_ms": 20.0,
    }  # fmt: skip
    assert text[sensors["done"].row - 1] == "[stations.washer.sensors.done]"
    assert sensors["air"].settings == {"address": 0x76, "bus": 1, "every_s": 10.0}
    units = {measure.key: (measure.unit, measure.kind) for measure in sensors["esp"].measures}
    assert units == {"temperature": ("°C", "number"), "count": ("", "total")}


def test_the_packer_of_the_contracts_example_has_no_agent(contract: Line) -> None:
    packer = contract.stations["packer"]
    assert (packer.agent, packer.silence_after_s, packer.breaks) == (None, 0.0, None)
    assert (packer.stop_after_s, packer.stop_after_is_written) == (36.0, False)
    measure = packer.sensors["done"].role_measure
    assert measure is not None
    assert measure.key == "count"


def test_the_rule_of_the_contracts_example(contract: Line) -> None:
    (rule,) = contract.rules
    series = Series("washer", "air", "temperature")
    assert rule == Rule(series, ">", 10.0, 300.0, "washer", "andon", 1.0, 10.0, rule.row)


def test_defaults() -> None:
    line = load_text(SMALLEST)
    station, other = line.stations["s"], line.stations["e"]
    assert (line.name, line.timezone, line.day_starts) == ("b", "Asia/Tokyo", time(0))
    assert (line.mqtt_url, line.store_url, line.retain_days) == ("embedded", "duckdb:line.duckdb", 400)
    assert (line.open_to_lan, line.outbox, line.kadoritsu_excludes) == (False, OutboxLimits(), ())
    assert line.alarm == Agreed(5.0, 5.0)
    assert (line.shifts, line.calendar, line.plan, line.flow, line.teams, line.rules) == ((),) * 6
    assert (line.reasons, line.products) == ({}, {})
    assert (station.stop_after_s, station.downtime_after_s, station.silence_after_s) == (80.0, 600.0, 120.0)
    assert (station.people, station.scrap_is_counted, station.privacy, station.breaks) == (1.0, True, "station", None)
    assert (other.ideal_cycle_s, other.stop_after_s, other.silence_after_s) == (None, None, 0.0)


def test_defaults_of_shifts_reasons_and_rules() -> None:
    line = load_text(changed('days = ["mon", "fri"]\n', ""))
    assert line.shifts[0].days == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert line.shifts[0].regular
    assert not line.shifts[1].regular
    assert line.reasons["lunch"] == Reason("lunch", "昼休み", "none", True)
    assert line.products["a-100"].name == "a-100"
    assert (line.teams[0].name, line.plan[0].date, line.plan[0].product) == ("team-a", None, None)
    (rule,) = line.rules
    assert (rule.for_s, rule.value, rule.min_s) == (0.0, 1.0, 0.0)


def test_a_text_role_makes_a_measure_without_a_kind_text() -> None:
    sensor = load_text(SMALLEST).stations["e"].sensors["x"]
    assert [(m.key, m.kind) for m in sensor.measures] == [("card", "text")]
    assert sensor.role_measure == sensor.measures[0]


@pytest.mark.parametrize(
    ("written", "pull"),
    [
        ('active = "low"', "up"),
        ('active = "high"', "down"),
        ('active = "high"\npull = "none"', "none"),
        ('active = "low"\npull = "down"', "down"),
    ],
)
def test_the_pull_follows_what_is_active_unless_it_is_written(written: str, pull: str) -> None:
    line = load_text(changed("pin = 17\n", f"pin = 17\n{written}\ndebounce_ms = 5\n"))
    settings = line.stations["washer"].sensors["done"].settings
    assert (settings["pull"], settings["debounce_ms"], settings["release_ms"]) == (pull, 5.0, 5.0)


def test_a_button_that_says_something_publishes_text() -> None:
    button = load_text(changed()).stations["washer"].sensors["why"]
    assert (button.says, button.settings["says"]) == ("changeover", "changeover")
    assert [(m.key, m.kind, m.high) for m in button.measures] == [("count", "total", None), ("pressed", "text", None)]


def test_a_button_that_says_nothing_is_a_level() -> None:
    line = load_text(changed('role = "reason"\nsays = "changeover"', 'role = "running"'))
    button = line.stations["washer"].sensors["why"]
    assert (button.says, button.settings["says"]) == (None, None)
    assert [m.kind for m in button.measures] == ["total", "level"]


def test_measures_written_in_the_line_are_the_sensors_and_its_settings() -> None:
    meter = load_text(changed()).stations["washer"].sensors["meter"]
    (temp,) = meter.measures
    assert (temp.unit, temp.kind, temp.low, temp.high, temp.title.ja) == ("°C", "number", 0.0, 100.0, "temp")
    assert meter.settings["measures"] == {"temp": temp}


def test_tomls_own_dates_and_times_are_taken() -> None:
    line = load_text(
        changed(
            'day_starts = "07:00"', "day_starts = 07:00:00", 'start = "08:30"', 'start = "8:30"',
            'date = "2026-12-26"', "date = 2026-12-26",
        )
    )  # fmt: skip
    assert (line.day_starts, line.shifts[0].hours.start) == (time(7), time(8, 30))
    assert line.calendar[0].date == date(2026, 12, 26)


def test_stations_take_the_lines_kadoritsu_excludes_unless_they_have_their_own() -> None:
    line = load_text(changed("people = 0.5", "people = 0.5\nkadoritsu_excludes = []"))
    assert line.kadoritsu_excludes == ("starved",)
    assert line.stations["washer"].kadoritsu_excludes == ()
    assert line.stations["packer"].kadoritsu_excludes == ("starved",)


def test_settings_have_dates() -> None:
    text = changed(
        "stop_after_s = 60.0\n", "", 'from = "2026-10-01"\nideal_cycle_s = 10.0\n[stations',
        'from = "2026-11-01"\nstop_after_s = 45\nbreaks = []\n[[stations.washer.since]]\n'
        'from = "2026-10-01"\nideal_cycle_s = 10.0\n[stations',
    )  # fmt: skip
    washer = load_text(text).stations["washer"]
    assert (washer.on(date(2026, 9, 30)).ideal_cycle_s, washer.on(date(2026, 9, 30)).stop_after_s) == (27.0, 54.0)
    assert (washer.on(date(2026, 10, 1)).ideal_cycle_s, washer.on(date(2026, 10, 1)).stop_after_s) == (10.0, 20.0)
    later = washer.on(date(2027, 1, 1))
    assert (later.ideal_cycle_s, later.stop_after_s, later.breaks) == (10.0, 45.0, ())


def test_names_may_hold_full_width_blanks() -> None:
    assert load_text(changed("洗浄機", "洗浄　機")).stations["washer"].name == "洗浄　機"


@pytest.mark.parametrize(
    "url", ["embedded", "embedded:1884", "embedded:pi.local:8883", "mqtt://10.0.0.2", "mqtts://host:8883"]
)
def test_every_form_of_broker(url: str) -> None:
    assert load_text(changed("mqtt://broker.local:1883", url)).mqtt_url == url


@pytest.mark.parametrize(
    "url", ["duckdb:a.db", "duckdb:sub/a b.db", "influx://h:8086/kojo", "influxs://h/kojo", "influx://h:1/db/rp"]
)
def test_every_form_of_store(url: str) -> None:
    assert load_text(changed("duckdb:line.duckdb", url)).store_url == url
