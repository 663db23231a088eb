"""The hour board: plan, actual, difference of each hour by hand; stops, reasons, notes, alarms, doubtful sensors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contract.line import Agreed, Flow, Plan, Reason
from contract.reading import Series
from kpi.alarms import Wished
from kpi.problems import Problem
from tests.kpi.desks import Service
from tests.kpi.inside import Inside
from tests.kpi.lines import CYCLE, MODE, REASON, RUNNING, SCRAP, at, line, shift, station
from tests.kpi.slow_ledger import FAILURE, PLANNED
from tests.kpi.test_ledger import REASONS, every
from tests.kpi.test_service import problem

pytestmark = pytest.mark.slow

DAY = "2026-11-16"
PLAN = (Plan("washer", "日勤", 1200),)


def floor(directory: Path, now: str = "9:30", until: str = "9:20", **more: Any) -> Inside:
    """Pieces every 20 s from 8:30 on until it stands; 1,200 wanted of a shift of 7 h 45 min of work."""
    of = line(
        station(CYCLE, SCRAP, REASON, MODE, stop_after_s=60.0),
        shift("08:30-17:15", "12:00-13:00"),
        **{"reasons": REASONS, "plan": PLAN} | more,
    )
    told = Inside(of, directory, at(now))
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at(until)))])
    return told


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Service:
    inside = floor(tmp_path_factory.mktemp("board"))
    return Service(inside.line, inside.directory, inside.now, inside.store)


def rows(told: dict[str, Any], key: str) -> list[Any]:
    return [row[key] for row in told["rows"]]


def test_each_hour_has_its_share_of_the_plan_and_they_sum_to_it(tmp_path: Path) -> None:
    """1,200 pieces in 27,900 s: half an hour is 77.4, an hour 154.8; the hour of the break has none."""
    told = floor(tmp_path).board()
    assert rows(told, "name") == ["08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00",
                                  "17:00"]  # fmt: skip
    assert rows(told, "plan") == [77, 155, 155, 155, 0, 155, 155, 154, 155, 39]
    assert sum(rows(told, "plan")) == told["plan"] == 1200
    assert rows(told, "planned_min") == [30.0, 60.0, 60.0, 60.0, 0.0, 60.0, 60.0, 60.0, 60.0, 15.0]
    assert told["rows"][4]["breaks"] == [{"start": f"{DAY}T12:00:00+09:00", "end": f"{DAY}T13:00:00+09:00"}]
    assert (told["shift"], told["date"], told["final"]) == ("日勤", DAY, False)


def test_the_running_hour_is_compared_with_its_plan_so_far(tmp_path: Path) -> None:
    told = floor(tmp_path).board()
    assert rows(told, "state")[:3] == ["over", "running", "ahead"]
    first, running, ahead = told["rows"][:3]
    assert (first["plan"], first["actual"], first["difference"]) == (77, 89, 12)
    assert (running["plan"], running["plan_so_far"], running["actual"], running["difference"]) == (155, 78, 61, -17)
    assert running["cumulative"] == {"plan": 232, "actual": 150, "difference": -5}
    assert (ahead["actual"], ahead["difference"], ahead["plan_so_far"]) == (None, None, None)
    assert told["total"]["plan_so_far"] == 155
    assert (told["total"]["actual"], told["total"]["difference"]) == (150, -5)


def test_the_board_agrees_with_the_kpis_of_the_same_hours(tmp_path: Path) -> None:
    service = floor(tmp_path, "17:15")
    told = service.board()
    asked = {"start": f"{DAY}T08:30:00+09:00", "end": f"{DAY}T17:15:00+09:00", "by": "hour"}
    body = service.kpi(**asked)
    assert rows(told, "actual") == [bucket["good_quantity"] for bucket in body["buckets"]]
    stood = [round(bucket["ledger"]["downtime"] / 60, 1) for bucket in body["buckets"]]
    assert [row["stop_min"]["downtime"] for row in told["rows"]] == stood
    assert told["total"]["stop_min"]["rest"] == 60.0
    assert told["total"]["difference"] == round(body["progress_pieces"])


def test_when_it_stood_why_and_what_was_done_stand_in_the_hour(tmp_path: Path) -> None:
    service = floor(tmp_path)
    moment = f"{DAY}T09:25:00+09:00"
    service.write("/stops/reason", {"station": "washer", "at": moment, "reason": "故障"})
    service.write("/events", {"station": "washer", "at": moment, "kind": "note", "text": "保全を呼んだ"})
    service.write("/events", {"at": moment, "kind": "note", "text": "ライン全体のこと"})
    told = service.board()
    row = told["rows"][1]
    assert row["stop_min"] == {"minor_stop": 0.0, "downtime": 10.0, "planned_stop": 0.0, "no_data": 0.0, "rest": 0.0}
    assert [(r["reason"], r["name"]["ja"], r["loss"], r["minutes"]) for r in row["reasons"]] == [
        (FAILURE, "故障", "failure", 10.0)
    ]
    assert [note["text"] for note in row["notes"]] == ["保全を呼んだ", "ライン全体のこと"]
    assert told["standing"]["reason"] == row["reasons"][0]["reason"]
    assert told["total"]["without_reason"] == {"count": 0, "minutes": 0.0}


def test_a_stop_without_a_reason_is_told_so(tmp_path: Path) -> None:
    told = floor(tmp_path).board()
    [reason] = told["rows"][1]["reasons"]
    assert (reason["reason"], reason["name"], reason["loss"]) == (
        None, {"ja": "理由なし", "en": "no reason given"}, None
    )  # fmt: skip
    assert told["total"]["without_reason"] == {"count": 1, "minutes": 10.0}
    assert told["standing"] == {"since": f"{DAY}T09:20:00+09:00", "minutes": 10.0, "reason": None, "proposed": None}


@pytest.mark.parametrize(
    ("now", "until", "codes"),
    [("9:24", "9:24", []), ("9:24:59", "9:20", []), ("9:25", "9:20", ["stood"]), ("9:32", "9:20", ["behind", "stood"])],
)
def test_the_agreed_alarm_is_five_per_cent_or_five_minutes(
    tmp_path: Path, now: str, until: str, codes: list[str]
) -> None:
    """At 9:32 160 pieces are wanted and 150 made: 6.25 % behind."""
    alarm = floor(tmp_path, now, until).board()["alarm"]
    assert (alarm["codes"], alarm["on"]) == (codes, bool(codes))
    assert bool(alarm["ja"]) == bool(codes)


def test_what_was_agreed_may_be_something_else(tmp_path: Path) -> None:
    told = floor(tmp_path).board(wished=Wished(3.0, 15.0))
    assert told["alarm"]["codes"] == ["behind"]
    assert told["alarm"]["agreed"] == {"percent": 3.0, "stop_min": 15.0}


def test_the_line_says_what_was_agreed(tmp_path: Path) -> None:
    service = floor(tmp_path)
    of = service.seen_by("operator", replace(service.line, alarm=Agreed(3.0, 15.0)))
    assert of.board()["alarm"]["codes"] == ["behind"]
    assert of.board()["alarm"]["agreed"] == {"percent": 3.0, "stop_min": 15.0}
    assert of.board(wished=Wished(stop_min=1.0))["alarm"]["agreed"] == {"percent": 3.0, "stop_min": 1.0}


def test_what_was_agreed_when_the_shift_began_holds_for_it(tmp_path: Path) -> None:
    before = replace(floor(tmp_path).line, alarm=Agreed(3.0, 15.0))
    after = replace(before, alarm=Agreed(20.0, 20.0))
    told = Service(after, tmp_path, at("9:30"), versions=[(0, before), (at("9:10"), after)])
    agreed = told.get("/board", station="washer")["alarm"]["agreed"]
    assert agreed == {"percent": 3.0, "stop_min": 15.0}
    asked = told.get("/board", station="washer", alarm_percent=1)["alarm"]["agreed"]
    assert asked == {"percent": 1.0, "stop_min": 15.0}
    assert told.get("/line")["alarm"] == {"percent": 20.0, "stop_min": 20.0}


def test_an_alarm_is_muted_for_half_an_hour_and_calls_again(tmp_path: Path) -> None:
    service = floor(tmp_path)
    kept = service.write("/alarms/mute", {"station": "washer", "why": "保全が対応中"})
    assert (kept["minutes"], kept["until"]) == (30, f"{DAY}T10:00:00+09:00")
    alarm = service.board()["alarm"]
    assert (alarm["on"], alarm["codes"], alarm["muted_until"]) == (False, ["stood"], f"{DAY}T10:00:00+09:00")
    service.now = at("10:00")
    assert service.board()["alarm"]["on"]
    service.write("/alarms/mute", {"station": "washer", "minutes": 60})
    service.now += 1
    service.write("/alarms/mute", {"station": "washer", "minutes": 0})
    assert service.board()["alarm"]["muted_until"] is None
    for minutes in (121, -1, "30", 1.5):
        with pytest.raises(Problem):
            service.write("/alarms/mute", {"station": "washer", "minutes": minutes})


def test_what_people_put_right_stands_beside_the_count_of_its_hour(tmp_path: Path) -> None:
    service = floor(tmp_path)
    for quantity, delta in (("produced", 5), ("scrap", 2)):
        body = {"station": "washer", "at": f"{DAY}T08:45:00+09:00", "quantity": quantity, "delta": delta, "why": "検査"}
        service.write("/corrections", body)
    row = service.board()["rows"][0]
    assert (row["actual"], row["produced"], row["scrap"], row["corrected"]) == (89 + 5 - 2, 94, 2, 3)


def test_when_the_plan_is_reached_no_order_is_offered_and_not_applied(tmp_path: Path) -> None:
    service = floor(tmp_path, plan=(Plan("washer", "日勤", 150),))
    told = service.board()
    assert told["standing"]["reason"] is None
    assert told["standing"]["proposed"] == {"reason": PLANNED, "ja": "注文なし", "en": "注文なし"}
    asked = {"start": f"{DAY}T09:00:00+09:00", "end": f"{DAY}T09:30:00+09:00", "station": "washer"}
    [stop] = service.stops(**asked)["stations"][0]["stops"]
    assert (stop["reason"], stop["class"], stop["proposed"]["reason"]) == (None, "downtime", PLANNED)
    parts = service.answers.intervals("washer", at("8:30"), at("9:30"))["intervals"]
    assert [part["proposed"] and part["proposed"]["reason"] for part in parts] == [None, PLANNED]
    service.write("/stops/reason", {"station": "washer", "at": told["standing"]["since"], "reason": "注文なし"})
    assert service.board()["standing"]["proposed"] is None


@pytest.mark.parametrize(("wanted", "scrap", "offered"), [(150, 0, True), (151, 0, False), (150, 1, False)])
def test_the_plan_is_reached_by_good_pieces(tmp_path: Path, wanted: int, scrap: int, offered: bool) -> None:
    service = floor(tmp_path, plan=(Plan("washer", "日勤", wanted),))
    if scrap:
        service.store.put("washer/scrap/count", [(at("9:00"), scrap)])
    assert bool(service.board()["standing"]["proposed"]) == offered


def test_a_line_without_a_word_for_it_is_offered_the_words(tmp_path: Path) -> None:
    service = floor(tmp_path, plan=(Plan("washer", "日勤", 100),), reasons={"jam": Reason("jam", "詰まり", "minor")})
    proposed = service.board()["standing"]["proposed"]
    assert proposed == {"reason": None, "ja": "計画達成(受注なし)", "en": "plan reached (no order)"}


def test_a_counter_silent_while_the_machine_runs_is_doubtful(tmp_path: Path) -> None:
    of = line(station(CYCLE, RUNNING, stop_after_s=60.0), shift("08:30-17:15"), plan=PLAN)
    service = Inside(of, tmp_path, at("9:30"))
    service.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("9:20")))])
    service.store.put("washer/running/state", [(at("8:30"), 1)])
    told = service.board()
    [mark] = told["rows"][1]["marks"]
    assert (mark["code"], mark["start"]) == ("silent_while_running", f"{DAY}T09:20:00+09:00")
    assert "10 分間" in mark["ja"]
    assert (rows(told, "marks")[0], told["self_test"]) == ([], None)


def test_a_counter_silent_while_the_next_station_makes_ten_is_doubtful(tmp_path: Path) -> None:
    service = floor(tmp_path)
    packer = replace(
        service.line.stations["washer"],
        id="packer",
        name="梱包",
        sensors={"done": replace(CYCLE, station="packer")},
    )
    both = replace(
        service.line,
        stations={**service.line.stations, "packer": packer},
        flow=(Flow("washer", "packer"),),
    )
    service = service.seen_by("operator", both)
    made = every(30, at("8:30"), at("9:30"))
    service.store.put("packer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    told = service.board()
    [mark] = told["rows"][1]["marks"]
    assert mark["code"] == "next_made_pieces"
    assert "梱包" in mark["ja"]
    assert "断線と停止を区別できません" in told["self_test"]["ja"]
    assert service.board("packer")["rows"][1]["marks"] == []
    alone = replace(both, stations={**both.stations, "packer": replace(packer, privacy="person")})
    assert service.seen_by("viewer", alone).board()["rows"][1]["marks"] == []
    assert service.seen_by("operator", alone).board()["rows"][1]["marks"] == [mark]


def test_maintenance_set_by_hand_counts_like_a_mode_switch(tmp_path: Path) -> None:
    service = floor(tmp_path, "9:30", "9:30")
    body = {"station": "washer", "mode": "maintenance", "at": f"{DAY}T09:00:00+09:00", "why": "ノズル交換"}
    service.write("/modes", body)
    service.write("/modes", body | {"mode": "production", "at": f"{DAY}T09:10:00+09:00"})
    asked = {"start": f"{DAY}T08:30:00+09:00", "end": f"{DAY}T09:30:00+09:00"}
    told = service.kpi(**asked)
    assert told["test_quantity"] == 30
    assert told["ledger"]["downtime"] == pytest.approx(620 - 20)
    assert service.stops(**asked)["stations"][0]["stops"][0]["mode"]
    for more in ({"mode": "party"}, {"at": f"{DAY}T09:31:01+09:00"}):
        with pytest.raises(Problem):
            service.write("/modes", body | more)


def test_a_station_without_shifts_has_the_hours_of_its_day_and_no_plan(tmp_path: Path) -> None:
    service = Inside(line(station(CYCLE)), tmp_path, at("9:30"))
    service.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("9:20")))])
    told = service.board()
    assert (len(told["rows"]), told["plan"], told["shift"]) == (24, None, None)
    assert sum(n or 0 for n in rows(told, "actual")) == 150
    assert {(row["plan"], row["difference"]) for row in told["rows"]} == {(None, None)}


def test_past_midnight_the_board_belongs_to_the_day_its_shift_began(tmp_path: Path) -> None:
    of = line(station(CYCLE), shift("22:00-06:00", name="夜勤"))
    service = Inside(of, tmp_path, at("30:00"))
    told = service.board(date=DAY, shift="夜勤")
    assert (told["start"], told["end"]) == (f"{DAY}T22:00:00+09:00", "2026-11-17T06:00:00+09:00")
    assert rows(told, "name") == ["22:00", "23:00", "00:00", "01:00", "02:00", "03:00", "04:00", "05:00"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({}, 422),
        ({"station": "oven"}, 404),
        ({"station": "washer", "date": "yesterday"}, 422),
        ({"station": "washer", "date": "2026-02-30"}, 422),
        ({"station": "washer", "date": "0001-01-01"}, 422),
        ({"station": "washer", "date": "9999-12-31"}, 422),
        ({"station": "washer", "date": "2026-11-16", "shift": "夜勤"}, 404),
        ({"station": "washer", "shift": "日勤" * 40}, 422),
        ({"station": "washer", "alarm_percent": "nan"}, 422),
        ({"station": "washer", "alarm_stop_min": "-1"}, 422),
    ],
)
def test_hostile_boards_get_clear_answers(over_http: Service, parameters: dict[str, str], status: int) -> None:
    problem(over_http.ask("/api/v1/board", params=parameters), status)


def test_a_day_without_work_is_said(tmp_path: Path) -> None:
    of = line(station(CYCLE), shift("08:30-17:15", days=frozenset({"mon"})))
    service = Inside(of, tmp_path, at("9:30"))
    with pytest.raises(Problem, match="2026-11-17") as told:
        service.board(date="2026-11-17")
    assert told.value.status == 404
    assert service.board(date="2026-11-23")["rows"][0]["state"] == "ahead"


def test_a_viewer_sees_whole_hours_of_a_persons_station(tmp_path: Path) -> None:
    service = floor(tmp_path, "10:20")
    alone = replace(service.line.stations["washer"], privacy="person")
    service = service.seen_by("viewer", replace(service.line, stations={"washer": alone}))
    service.write("/events", {"station": "washer", "at": f"{DAY}T09:25:00+09:00", "kind": "note", "text": "x"})
    told = service.board()
    assert rows(told, "start") == [f"{DAY}T09:00:00+09:00"]
    assert told["rows"][0]["notes"][0]["at"] == f"{DAY}T09:00:00+09:00"
    assert (told["standing"], told["rows"][0]["marks"]) == (None, [])
    assert told["total"]["produced"] == told["rows"][0]["produced"] == 61
    assert told["total"]["stop_min"] == told["rows"][0]["stop_min"]
    before = {**told, "now": None}
    service.now = at("10:59")
    assert {**service.board(), "now": None} == before
    assert len(service.seen_by("operator").board()["rows"]) == 10


def test_the_call_takes_date_shift_and_what_was_agreed(over_http: Service) -> None:
    asked = {"station": "washer", "date": DAY, "shift": "日勤", "alarm_percent": 3, "alarm_stop_min": 15}
    told = over_http.get("/board", **asked)
    assert told["alarm"]["codes"] == ["behind"]
    schema = over_http.ask("/openapi.json").json()["paths"]["/api/v1/board"]["get"]["responses"]["200"]
    Draft202012Validator(schema["content"]["application/json"]["schema"]).validate(told)


def test_a_window_is_final_when_the_agent_was_heard_after_it(tmp_path: Path) -> None:
    service = floor(tmp_path, "17:30")
    alive = Series("washer", "_agent", "alive")
    assert not service.board()["final"]
    service.store.put(str(alive), [(at("17:16"), 1.0)])
    assert "pi-1" in service.board()["final_why"]["ja"]
    service.store.put(str(alive), [(at("17:20"), 2.0)], "s1", 2)
    told = service.board()
    assert (told["final"], told["final_why"]["ja"][:3]) == (True, "確定:")
    figures = service.kpi(f"{DAY}T08:30:00+09:00", f"{DAY}T17:15:00+09:00")
    assert (figures["final"], figures["final_why"]) == (True, told["final_why"])
