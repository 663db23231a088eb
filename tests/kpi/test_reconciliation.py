"""照合: the paper tally of a shift beside its count, in one line that a leader reads; its history; its correction."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contract.line import Product
from kpi.problems import Problem
from kpi.reconciled import last, said_of
from tests.kpi.desks import Service
from tests.kpi.inside import Inside
from tests.kpi.lines import CYCLE, PRODUCT, SCRAP, WASH, at, line, shift, station
from tests.kpi.test_ledger import every
from tests.kpi.test_service import problem

DAY = "2026-11-16"
TALLY = {"station": "washer", "date": DAY, "shift": "日勤", "quantity": "produced", "tally": 1012}
WINDOW = {"start": f"{DAY}T08:30:00+09:00", "end": f"{DAY}T17:15:00+09:00"}


def shop(directory: Path, made: int = 1009) -> Inside:
    """A shift that counted ``made`` pieces and 4 bad ones, half an hour after its end."""
    of = line(
        station(CYCLE, SCRAP, PRODUCT, stop_after_s=60.0),
        shift("08:30-17:15", "12:00-13:00"),
        products={"a-100": Product("a-100", "ブラケットA", ("A-100",))},
    )
    told = Inside(of, directory, at("17:45"))
    told.store.put("washer/product/pressed", [(at("8:00"), "A-100")])
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("17:15"))[:made])])
    told.store.put("washer/scrap/count", [(at("10:00"), 4)])
    return told


def test_one_line_says_paper_count_and_difference(tmp_path: Path) -> None:
    told = shop(tmp_path).reconcile(TALLY)
    assert told["said"] == {
        "ja": "日報 1,012 / 計数 1,009 / -3(0.3 %)",
        "en": "paper 1,012 / counted 1,009 / -3 (0.3 %)",
    }
    assert (told["tally"], told["counted"], told["difference"], told["percent"]) == (1012, 1009, -3, -0.3)
    assert (told["date"], told["shift"], told["correction"], told["final"]) == (DAY, "日勤", None, False)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"tally": 1009, "counted": 1009, "difference": 0}, "日報 1,009 / 計数 1,009 / ±0(0.0 %)"),
        ({"tally": 0, "counted": 4, "difference": 4}, "日報 0 / 計数 4 / +4"),
        ({"tally": 1000, "counted": 1040, "difference": 40}, "日報 1,000 / 計数 1,040 / +40(4.0 %)"),
    ],
)
def test_equal_more_and_nothing_on_paper_are_said(body: dict[str, Any], said: str) -> None:
    assert said_of({"quantity": "produced", **body}).ja == said


def test_it_corrects_when_asked_and_the_count_of_the_sensors_stays_beside(tmp_path: Path) -> None:
    shown = shop(tmp_path)
    told = shown.reconcile(TALLY | {"correct": True, "why": "手で3個流した"})
    correction = shown.store.kept[told["correction"]]
    assert (correction.kind, correction.body["delta"], correction.body["why"]) == ("correction", 3, "手で3個流した")
    assert correction.body["product"] == "a-100"
    assert shown.kpi(**WINDOW)["produced_quantity"] == 1012
    again = shown.reconcile(TALLY | {"correct": True})
    assert (again["counted"], again["counted_by_sensors"], again["difference"]) == (1012, 1009, 0)
    assert again["correction"] is None


def test_scrap_is_reconciled_on_its_own(tmp_path: Path) -> None:
    shown = shop(tmp_path)
    told = shown.reconcile(TALLY | {"quantity": "scrap", "tally": 6, "correct": True})
    assert told["said"]["ja"] == "日報の不良 6 / 計数 4 / -2(33.3 %)"
    figures = shown.kpi(**WINDOW)
    assert (figures["scrap_quantity"], figures["good_quantity"]) == (6, 1003)


def test_the_history_stays_and_the_last_word_is_found(tmp_path: Path) -> None:
    shown = shop(tmp_path)
    shown.reconcile(TALLY)
    shown.now = at("17:50")
    shown.reconcile(TALLY | {"tally": 1010})
    kept = shown.store.entries("reconciliation")
    assert [entry.body["tally"] for entry in kept] == [1012, 1010]
    newest = last(kept, "washer")
    assert newest is not None
    assert newest.body["tally"] == 1010
    assert last(kept, "packer") is None
    assert last(kept, "washer", until=at("8:30")) is None


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"tally": -1}, 422), ({"tally": 1.5}, 422), ({"tally": None}, 422), ({"quantity": "gold"}, 422),
        ({"quantity": "rework"}, 422), ({"shift": "夜勤"}, 404), ({"station": "oven"}, 404), ({"date": "today"}, 422),
        ({"date": "2026-11-17"}, 422), ({"correct": "yes"}, 422), ({"strange": 1}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_reconciled_is_refused_and_not_kept(tmp_path: Path, more: dict[str, Any], status: int) -> None:
    shown = shop(tmp_path)
    with pytest.raises(Problem) as told:
        shown.reconcile(TALLY | more)
    assert told.value.status == status
    assert shown.store.kept == {}


def test_a_station_that_counts_nothing_says_so(tmp_path: Path) -> None:
    of = line(station(WASH), shift("08:30-17:15"))
    with pytest.raises(Problem, match="cycle"):
        Inside(of, tmp_path, at("17:45")).reconcile(TALLY)


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Service:
    inside = shop(tmp_path_factory.mktemp("reconciliation"))
    return Service(inside.line, inside.directory, inside.now, inside.store)


def test_a_leader_reconciles_a_shift_in_two_calls(over_http: Service) -> None:
    """The screen lists the shifts with their counts; one number typed, one line back; then it stands beside."""
    asked = {**WINDOW, "station": "washer"}
    [shown] = over_http.get("/reconciliations", **asked)["shifts"]
    assert (shown["shift"], shown["counted"]["produced"], shown["last"]["produced"]) == ("日勤", 1009, None)
    answer = over_http.write("/reconciliations", TALLY | {"by": "班長"})
    assert answer.status_code == 201
    assert answer.json()["said"]["ja"] == "日報 1,012 / 計数 1,009 / -3(0.3 %)"
    told = over_http.get("/reconciliations", **asked)
    assert told["shifts"][0]["last"]["produced"]["tally"] == 1012
    [kept] = told["reconciliations"]
    assert (kept["tally"], kept["made"], "by" in kept) == (1012, f"{DAY}T17:45:00+09:00", False)
    call = over_http.ask("/openapi.json").json()["paths"]["/api/v1/reconciliations"]["get"]["responses"]["200"]
    Draft202012Validator(call["content"]["application/json"]["schema"]).validate(told)
    [entry] = over_http.get("/entries", kind="reconciliation")["entries"]
    assert entry["title"]["ja"] == "日報との照合"


def test_a_year_shift_by_shift_and_a_persons_station_are_refused(over_http: Service) -> None:
    long = {"station": "washer", "start": "2026-01-01T00:00:00Z", "end": WINDOW["end"]}
    problem(over_http.ask("/api/v1/reconciliations", params=long), 422)
    alone = replace(over_http.line.stations["washer"], privacy="person")
    veiled = Service(
        replace(over_http.line, stations={"washer": alone}), over_http.directory, over_http.now, over_http.store
    )
    problem(veiled.ask("/api/v1/reconciliations", params={"station": "washer"}), 403)
    assert veiled.get("/reconciliations")["reconciliations"] == []
