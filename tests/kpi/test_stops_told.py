"""The Pareto of stops: every stop with its reason and place, sums by reason and hour, repeats, four weeks beside."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kpi.pareto import by_reason
from kpi.problems import Problem
from tests.kpi.desks import Service
from tests.kpi.inside import Inside
from tests.kpi.lines import CYCLE, NS, REASON, WASH, at, line, shift, station
from tests.kpi.slow_ledger import FAILURE, PLANNED
from tests.kpi.test_ledger import REASONS, every
from tests.kpi.test_service import problem

pytestmark = pytest.mark.slow

START, END = "2026-11-16T08:30:00+09:00", "2026-11-16T12:00:00+09:00"
WINDOW = {"start": START, "end": END}


def at_work(directory: Path, *stops: tuple[str, int, str | None], now: str = "12:00", **more: Any) -> Inside:
    """Pieces every 20 s from 8:30 on; at each of the times it stands so many seconds, for the reason said then."""
    of = line(station(CYCLE, REASON, WASH, stop_after_s=60.0), shift("08:30-17:15"), reasons=REASONS, **more)
    told = Inside(of, directory, at(now))
    pieces: list[int] = []
    here = at("8:30")
    for moment, seconds, _ in (*stops, (now, 0, None)):
        pieces += every(20, here, at(moment))
        here = at(moment) + seconds * NS
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(pieces)])
    said = [(at(moment) + 61 * NS, reason) for moment, _, reason in stops if reason]
    told.store.put("washer/why/pressed", said)
    return told


def asked(service: Inside, **more: Any) -> dict[str, Any]:
    return service.stops(**(WINDOW | more))


JAMS = [("9:00", 100, "jam"), ("9:10", 100, "jam"), ("9:30", 100, "jam"), ("10:30", 900, "故障"), ("11:30", 200, None)]


def test_stops_are_ordered_by_their_minutes_with_shares_that_add_up(tmp_path: Path) -> None:
    """1 x 900 s, 3 x 100 s and 1 x 200 s of standing: 64.3 %, 21.4 % and 14.3 % of 1,400 s."""
    told = asked(at_work(tmp_path, *JAMS))
    rows = told["by_reason"]
    assert [(row["name"]["ja"], row["count"], row["minutes"]) for row in rows] == [
        ("故障", 1, 15.0), ("詰まり", 3, 5.0), ("理由なし", 1, 3.3),
    ]  # fmt: skip
    assert [row["share"] for row in rows] == pytest.approx([900 / 1400, 300 / 1400, 200 / 1400])
    assert [row["cumulative_share"] for row in rows] == pytest.approx([900 / 1400, 1200 / 1400, 1.0])
    assert rows[1]["by_hour"] == [{"hour": 9, "count": 3, "minutes": 5.0}]
    assert told["by_hour"] == [
        {"hour": 9, "count": 3, "minutes": 5.0},
        {"hour": 10, "count": 1, "minutes": 15.0},
        {"hour": 11, "count": 1, "minutes": 3.3},
    ]


def test_every_stop_has_its_begin_end_class_reason_and_place(tmp_path: Path) -> None:
    [body] = asked(at_work(tmp_path, *JAMS))["stations"]
    first, failure = body["stops"][0], body["stops"][3]
    assert (first["start"], first["end"]) == ("2026-11-16T09:00:00+09:00", "2026-11-16T09:01:40+09:00")
    assert (first["class"], first["reason"], first["loss"], first["edge"]) == ("minor_stop", "jam", "minor", False)
    assert first["place"] == {"station": "washer", "name": "洗浄機", "phase": None}
    assert (failure["class"], failure["reason"], failure["seconds"]) == ("downtime", FAILURE, 900.0)
    assert body["without_reason"] == {"count": 1, "minutes": 3.3, "at": ["2026-11-16T11:30:00+09:00"]}
    assert (body["count"], body["minutes"], body["left_off"]) == (5, 23.3, 0)


def test_the_sums_are_those_of_the_kpis(tmp_path: Path) -> None:
    service = at_work(tmp_path, *JAMS)
    [body] = asked(service)["stations"]
    told = service.kpi(**WINDOW)["stops"]
    assert body["count"] == told["minor"]["count"] + told["downtime"]["count"]
    assert sum(s["seconds"] for s in body["stops"]) == pytest.approx(
        told["minor"]["total_s"] + told["downtime"]["total_s"]
    )
    assert (body["failures"]["mtbf_s"], body["failures"]["mttr_s"]) == (told["mtbf_s"], told["mttr_s"])
    assert (body["failures"]["count"], body["failures"]["basis"]) == (1, "reason")


def test_short_stops_that_come_again_in_the_same_hour_are_named(tmp_path: Path) -> None:
    [repeat] = asked(at_work(tmp_path, *JAMS))["repeats"]
    assert (repeat["station"], repeat["reason"], repeat["hour"], repeat["count"]) == ("washer", "jam", 9, 3)
    assert repeat["every_min"] == 15.0


def test_the_phase_in_which_it_stood_is_its_place(tmp_path: Path) -> None:
    service = at_work(tmp_path, ("9:00", 100, None))
    service.store.put("washer/wash/state", [(at("9:00:05"), 1), (at("9:01:35"), 0)])
    assert asked(service)["stations"][0]["stops"][0]["place"]["phase"] == "wash"


def test_a_planned_stop_is_listed_and_in_no_sum(tmp_path: Path) -> None:
    told = asked(at_work(tmp_path, ("9:00", 700, PLANNED), ("10:00", 100, "jam")))
    assert [stop["class"] for stop in told["stations"][0]["stops"]] == ["planned_stop", "minor_stop"]
    assert [(row["reason"], row["share"]) for row in told["by_reason"]] == [("jam", 1.0)]
    assert told["stations"][0]["count"] == 1


def test_a_stop_across_the_windows_edge_counts_where_it_begins(tmp_path: Path) -> None:
    service = at_work(tmp_path, ("9:50", 1200, None))
    before = asked(service, end="2026-11-16T10:00:00+09:00")["stations"][0]
    after = asked(service, start="2026-11-16T10:00:00+09:00")["stations"][0]
    assert [(b["count"], b["minutes"]) for b in (before, after)] == [(1, 10.0), (0, 10.0)]
    assert [b["stops"][0]["begins_here"] for b in (before, after)] == [True, False]


def test_the_minutes_of_an_hour_are_those_it_stood_in_it_and_no_hour_is_outside_the_window(tmp_path: Path) -> None:
    """From 9:50 to 11:10: ten, sixty and ten minutes, one stop. The sums are those of the hour board."""
    service = at_work(tmp_path, ("9:50", 4800, None), ("11:20", 100, "jam"))
    told = asked(service, station="washer")
    assert told["by_hour"] == [
        {"hour": 9, "count": 1, "minutes": 10.0},
        {"hour": 10, "count": 0, "minutes": 60.0},
        {"hour": 11, "count": 1, "minutes": 11.7},
    ]
    stood = {row["name"]["ja"]: row["by_hour"] for row in told["by_reason"]}
    assert [row["minutes"] for row in stood["理由なし"]] == [10.0, 60.0, 10.0]
    for row in service.board()["rows"][1:3]:
        hour = next(each for each in told["by_hour"] if each["hour"] == int(row["start"][11:13]))
        assert (hour["count"], hour["minutes"]) == (row["stops"], row["stop_min"]["downtime"])
    after = asked(service, start="2026-11-16T10:30:00+09:00")
    assert after["by_hour"] == [
        {"hour": 10, "count": 0, "minutes": 30.0},
        {"hour": 11, "count": 1, "minutes": 11.7},
    ]


def test_four_weeks_stand_beside_the_day_with_what_counts_as_a_failure(tmp_path: Path) -> None:
    service = at_work(tmp_path, *JAMS, ("11:50", 100, None))
    assert asked(service)["stations"][0]["four_weeks"] is None
    body = asked(service, station="washer")["stations"][0]
    assert body["four_weeks"]["start"] == "2026-10-19T12:00:00+09:00"
    assert body["four_weeks"]["count"] == 1
    without = asked(at_work(tmp_path, ("9:00", 700, None)), station="washer")["stations"][0]
    assert (without["four_weeks"]["basis"], without["four_weeks"]["count"]) == ("length", 1)
    assert "理由の記入がない" in without["four_weeks"]["basis_words"]["ja"]


def test_a_window_without_stops_and_one_in_the_future_are_empty(tmp_path: Path) -> None:
    service = at_work(tmp_path)
    for window in (WINDOW, {"start": "2026-11-17T08:30:00+09:00", "end": "2026-11-18T08:30:00+09:00"}):
        told = service.stops(**window)
        assert (told["by_reason"], told["stations"][0]["stops"], told["repeats"]) == ([], [], [])


def test_a_stop_that_its_mode_explains_asks_for_no_reason(tmp_path: Path) -> None:
    service = at_work(tmp_path, ("10:00", 100, None))
    for clock, mode in (("9:00", "maintenance"), ("9:10", "production"), ("9:30", "setup"), ("9:40", "production")):
        at_s = f"2026-11-16T{clock.zfill(5)}:00+09:00"
        service.write("/modes", {"station": "washer", "mode": mode, "at": at_s})
    told = asked(service)
    assert [(row["name"]["ja"], row["mode"], row["loss"]) for row in told["by_reason"]] == [
        ("保全(モード)", True, "none"), ("段取り・試し(モード)", True, "setup"), ("理由なし", False, None),
    ]  # fmt: skip
    assert told["stations"][0]["without_reason"]["count"] == 1


def test_of_nothing_no_share_is_told() -> None:
    assert by_reason(line(station(CYCLE)), [], line(station(CYCLE)).zone) == []


def test_stops_of_a_persons_station_are_the_operators(tmp_path: Path) -> None:
    service = at_work(tmp_path, *JAMS)
    alone = replace(service.line.stations["washer"], privacy="person")
    service = service.seen_by("viewer", replace(service.line, stations={"washer": alone}))
    with pytest.raises(Problem) as refused:
        asked(service, station="washer")
    assert refused.value.status == 403
    told = asked(service)
    assert (told["hidden"], told["stations"], told["by_reason"]) == (["washer"], [], [])
    assert len(asked(service.seen_by("operator"))["stations"][0]["stops"]) == 5


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Service:
    inside = at_work(tmp_path_factory.mktemp("stops"), *JAMS)
    return Service(inside.line, inside.directory, inside.now, inside.store)


def test_the_call_answers_as_it_is_described(over_http: Service) -> None:
    told = over_http.get("/stops", **WINDOW, station="washer")
    schema = over_http.ask("/openapi.json").json()["paths"]["/api/v1/stops"]["get"]["responses"]["200"]
    Draft202012Validator(schema["content"]["application/json"]["schema"]).validate(told)
    assert told["stations"][0]["count"] == 5


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"start": END, "end": START}, 422),
        ({"start": "2026-11-16T08:30:00", "end": END}, 422),
        ({"start": "2026-01-01T00:00:00Z", "end": END}, 422),
        (WINDOW | {"station": "oven"}, 404),
        ({"start": START}, 422),
    ],
)
def test_hostile_questions_get_clear_answers(over_http: Service, parameters: dict[str, str], status: int) -> None:
    problem(over_http.ask("/api/v1/stops", params=parameters), status)
