"""`privacy = "person"`: whoever only looks gets no single cycle, no p95, nothing finer than an hour, on any path."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from collector.store import Refused
from contract.catalogue import Measure
from contract.reading import Series
from contract.words import Words
from kpi.hourly_counts import HourlyCounts
from kpi.privacy import is_plain
from kpi.times import day_start, parse, rfc3339
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, PRODUCT, at, line, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_facts import PRODUCTS
from tests.kpi.test_ledger import every
from tests.kpi.test_service import WINDOW, made, problem

pytestmark = pytest.mark.slow

PULSES = WINDOW | {"station": "washer", "sensor": "done", "measure": "count"}
FINE = ("p05", "p95", "last_s", "last_at", "last_cycle_s", "last_piece_at", "since")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    told = made(tmp_path)
    alone = replace(told.line.stations["washer"], privacy="person")
    return Service(replace(told.line, stations={"washer": alone}), tmp_path, at("9:30"), told.store)


def operator(service: Service) -> str:
    return service.tokens.token("operator")


def test_a_person_at_a_station_is_not_watched(tmp_path: Path) -> None:
    service = made(tmp_path)
    alone = replace(service.line.stations["washer"], privacy="person")
    service = Service(replace(service.line, stations={"washer": alone}), tmp_path, at("9:30"), service.store)
    for path in ("/cycles", "/ledger"):
        problem(service.ask(f"/api/v1{path}", params=WINDOW | {"station": "washer"}), 403)
    pulses = WINDOW | {"station": "washer", "sensor": "done", "measure": "count"}
    problem(service.ask("/api/v1/readings", params=pulses), 403)
    asked = {"start": "2026-11-16T07:10:00+09:00", "end": "2026-11-16T10:00:00+09:00"}
    body = service.get("/kpi", **asked, by="hour")
    told = body["stations"][0]
    assert body["line"] is None
    assert (told["start"], told["end"]) == ("2026-11-16T08:00:00+09:00", "2026-11-16T09:00:00+09:00")
    assert [bucket["start"] for bucket in told["buckets"]] == ["2026-11-16T08:00:00+09:00"]
    assert told["cycle_time_s"]["p95"] is None
    assert told["cycle_time_s"]["median"] == 20.0
    assert "person" in told["warnings"]
    finer = service.get("/kpi", start="2026-11-16T08:30:00+09:00", end="2026-11-16T09:10:00+09:00")["stations"][0]
    assert finer["produced_quantity"] == 0
    wall = service.get("/wall")["stations"][0]
    assert (wall["last_cycle_s"], wall["last_piece_at"], wall["state"]["since"]) == (None, None, None)
    assert wall["produced_quantity"] == 0
    service.now = at("10:00")
    assert service.get("/wall")["stations"][0]["produced_quantity"] == 150
    operator = service.tokens.token("operator")
    assert service.ask("/api/v1/cycles", params=WINDOW | {"station": "washer"}, token=operator).status_code == 200
    seen = service.ask("/api/v1/kpi", params=WINDOW, token=operator).json()["stations"][0]
    assert seen["cycle_time_s"]["p95"] is not None


def everything(body: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at any depth."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield key, value
            yield from everything(value)
    elif isinstance(body, list):
        for value in body:
            yield from everything(value)


@pytest.mark.parametrize("by", [None, "hour", "shift", "day", "product"])
@pytest.mark.parametrize("now", ["9:30", "10:00", "17:30"])
def test_no_figure_of_a_viewer_is_nearly_a_single_piece(service: Service, by: str | None, now: str) -> None:
    service.now = at(now)
    asked = {"start": "2026-11-16T08:10:00+09:00", "end": "2026-11-16T17:20:00+09:00"} | ({"by": by} if by else {})
    for body in (service.get("/kpi", **asked), service.get("/wall")):
        for key, value in everything(body):
            assert key not in FINE or value is None, (key, value)
    assert not json.dumps(service.get("/kpi", **asked)).count("fastest")


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_wall_of_a_viewer_does_not_turn_with_the_person(service: Service, minute: int) -> None:
    """Pieces end at 9:20 and the hour is 9: whatever happens within it, the wall says the same."""
    service.now = at(f"9:{minute:02}")
    wall = service.get("/wall")["stations"][0]
    assert wall["state"] == {"key": "in_shift", "since": None, "reason": None}
    service.now = at("9:59")
    assert service.get("/wall")["stations"][0] == wall


def test_the_wall_of_a_viewer_still_shows_breaks_and_the_end_of_the_shift(service: Service) -> None:
    service.now = at("12:30")
    assert service.get("/wall")["stations"][0]["state"]["key"] == "planned_stop"
    service.now = at("20:00")
    assert service.get("/wall")["stations"][0]["state"]["key"] == "no_shift"


def test_when_a_mode_began_is_not_for_viewers(service: Service) -> None:
    service.write("/modes", {"station": "washer", "mode": "maintenance"})
    service.now += 10**9
    assert service.get("/wall")["stations"][0]["mode"] is None
    told = service.ask("/api/v1/wall", token=operator(service)).json()["stations"][0]
    assert told["mode"]["key"] == "maintenance"


def test_the_operator_sees_whether_it_runs(service: Service) -> None:
    token = operator(service)
    state = service.ask("/api/v1/wall", token=token).json()["stations"][0]["state"]
    assert state["key"] in ("run", "minor_stop", "downtime")


@pytest.mark.parametrize("form", ["json", "csv"])
def test_readings_of_a_viewer_are_refused_as_json_and_as_csv(service: Service, form: str) -> None:
    problem(service.ask("/api/v1/readings", params=PULSES | {"format": form}), 403)
    problem(service.ask("/api/v1/readings", params=PULSES | {"format": form, "points": "2"}), 403)
    assert service.ask("/api/v1/readings", params=PULSES | {"format": form}, token=operator(service)).status_code == 200


@pytest.mark.parametrize(
    ("key", "unit", "shown"),
    [("temperature", "°C", True), ("pressure", "hPa", True), ("humidity", "%", True), ("weight", "g", False),
     ("current", "A", False), ("load", "%", False), ("distance", "mm", False), ("pieces", "", False)],
)  # fmt: skip
def test_only_what_the_room_is_like_says_nothing_of_a_person(
    service: Service, key: str, unit: str, shown: bool
) -> None:
    measure = Measure(key, Words(key, key), unit)
    station = service.line.stations["washer"]
    sensor = replace(station.sensors["done"], id="esp", role=None, measures=(measure,))
    line = replace(service.line, stations={"washer": replace(station, sensors={"esp": sensor})})
    assert is_plain(line, Series("washer", "esp", key)) is shown


def test_what_a_persons_station_sent_to_quarantine_is_not_for_viewers(service: Service) -> None:
    topic = "kojo/v1/akita/wash/washer/done/count"
    batch = b'{"stream":"s","seq":1,"t":[1795000000000000000],"v":[1],"clock":"?"}'
    service.store.refused.append(Refused("1", at("8:47"), topic, "bad_clock", "t=1795000000000000000", batch))
    [seen] = service.get("/quarantine")["messages"]
    assert (seen["payload"], seen["detail"], seen["size"]) == ("", "", len(batch))
    assert seen["at"] == "2026-11-16T08:00:00+09:00"
    service.store.refused.append(Refused("2", at("9:10"), topic, "bad_clock", "", batch))
    assert len(service.get("/quarantine")["messages"]) == 1, "the hour that runs is not told"
    service.store.refused.pop()
    [whole] = service.ask("/api/v1/quarantine", token=operator(service)).json()["messages"]
    assert whole["payload"] == batch.decode()


def test_a_persons_station_that_the_line_has_no_longer_stays_closed(service: Service, tmp_path: Path) -> None:
    former = service.line
    now = replace(former, stations={"packer": replace(former.stations["washer"], id="packer", privacy="station")})
    versions = [(0, former), (at("9:00"), now)]
    later = Service(now, tmp_path, at("9:30"), service.store, versions=versions)
    problem(later.ask("/api/v1/readings", params=PULSES), 403)


def of_two_products(tmp_path: Path, until_of_a: str, now: str = "16T23:00") -> Service:
    """A-100 from 8:20 of the 16th, then B; pieces every 20 s from 8:30 to 16:00."""
    store = MemoryStore()
    store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("16:00")))])
    store.put("washer/product/pressed", [(at("8:20"), "A-100"), (at(until_of_a), "ブラケットB")])
    of = line(station(CYCLE, PRODUCT, ideal=None), shift("08:30-16:00"), products=PRODUCTS)
    alone = replace(of, stations={"washer": replace(of.stations["washer"], privacy="person")})
    return Service(alone, tmp_path, parse(f"2026-11-{now}:00+09:00"), store)


def the_day(service: Service) -> dict[str, str]:
    zone, starts = service.line.zone, service.line.day_starts
    return {
        "start": rfc3339(day_start(date(2026, 11, 16), zone, starts), zone),
        "end": rfc3339(day_start(date(2026, 11, 17), zone, starts), zone),
    }


def told_apart(service: Service, asked: dict[str, str]) -> tuple[int, int]:
    """How many products a viewer is told of a window, and the status of asking for one of them."""
    buckets = service.get("/kpi", **asked, by="product")["stations"][0]["buckets"]
    return len(buckets), service.ask("/api/v1/kpi", params=asked | {"product": "a-100"}).status_code


def test_products_are_told_apart_over_a_whole_day_on_which_each_lasted_an_hour(tmp_path: Path) -> None:
    service = of_two_products(tmp_path, "11:00", now="17T23:00")
    shown, status = told_apart(service, the_day(service))
    assert (shown >= 2, status) == (True, 200)


def test_no_difference_of_two_windows_tells_the_pieces_of_a_product(tmp_path: Path) -> None:
    service = of_two_products(tmp_path, "11:00", now="17T23:00")
    day = the_day(service)
    for more in ({"end": "2026-11-16T10:00:00+09:00"}, {"start": "2026-11-16T08:00:00+09:00"}):
        assert told_apart(service, day | more) == (0, 403)
    for by in ("hour", "shift"):
        assert service.ask("/api/v1/kpi", params=day | {"product": "a-100", "by": by}).status_code == 403


def test_a_day_that_still_runs_tells_no_products_apart(tmp_path: Path) -> None:
    service = of_two_products(tmp_path, "11:00", now="16T17:00")
    assert told_apart(service, the_day(service)) == (0, 403)


def test_the_whole_less_another_product_does_not_tell_a_short_run(tmp_path: Path) -> None:
    """A-100 for twelve minutes: B alone would tell its pieces, too."""
    service = of_two_products(tmp_path, "8:42", now="17T23:00")
    assert told_apart(service, the_day(service)) == (0, 403)
    assert service.ask("/api/v1/kpi", params=the_day(service) | {"product": "b-200"}).status_code == 403
    token = operator(service)
    seen = service.ask("/api/v1/kpi", params=the_day(service) | {"by": "product"}, token=token).json()
    assert len(seen["stations"][0]["buckets"]) >= 2


@pytest.mark.parametrize("minute", [41, 43, 59])
def test_the_wall_of_a_viewer_names_the_product_of_the_last_hour(tmp_path: Path, minute: int) -> None:
    """At 10:42 another product begins: until 11:00 the wall does not tell."""
    service = of_two_products(tmp_path, "10:42")
    service.now = at(f"10:{minute}")
    wall = service.get("/wall")["stations"][0]
    assert wall["product"] == "a-100"
    service.now = at("10:40")
    assert service.get("/wall")["stations"][0] == wall


def counted(stored: int, backlog: int) -> dict[str, Any]:
    return {
        "ingest": {"stored": stored, "full": stored > 5, "shifted": {"s": stored}},
        "broker": {"connected": True},
        "agents": [{"agent": "pi", "state": "online", "at": stored, "backlog": backlog}],
    }


def test_counters_do_not_tick_with_the_person(service: Service) -> None:
    counts, line = HourlyCounts(), service.line
    assert counts.shown(counted(3, 1), line, "viewer", at("9:30")) == counted(3, 1)
    later = counts.shown(counted(9, 0), line, "viewer", at("10:29"))
    assert later["ingest"] == {"stored": 3, "full": True, "shifted": {"s": 3}}
    assert later["agents"] == [{"agent": "pi", "state": "online", "at": 9, "backlog": 1}]
    assert counts.shown(counted(9, 0), line, "operator", at("10:29")) == counted(9, 0)
    assert counts.shown(counted(9, 0), line, "viewer", at("10:30")) == counted(9, 0)
    alone = replace(line, stations={"washer": replace(line.stations["washer"], privacy="station")})
    assert counts.shown(counted(10, 0), alone, "viewer", at("10:31")) == counted(10, 0)


def test_the_service_shows_counters_by_the_hour(service: Service) -> None:
    assert service.get("/status")["ingest"]["stored"] == 3


NOTE = {"station": "washer", "at": "2026-11-16T09:07:13+09:00", "kind": "note", "text": "刃を替えた"}


def seen_of(service: Service, path: str, **asked: str) -> list[dict[str, Any]]:
    """What a viewer is told of /events or /entries."""
    answer = service.ask(f"/api/v1{path}", params=asked, token=service.tokens.token("viewer"))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()[path.strip("/")]
    return found


@pytest.mark.parametrize("path", ["/events", "/entries"])
def test_no_bisecting_of_a_window_finds_the_moment_of_a_note(service: Service, path: str) -> None:
    service.write("/events", NOTE)
    hour, inside = "2026-11-16T09:00:00+09:00", "2026-11-16T09:00:01+09:00"
    [seen] = seen_of(service, path)
    assert (seen["at"], seen["made"]) == (hour, hour)
    assert len(seen_of(service, path, start=hour)) == len(seen_of(service, path, end=inside)) == 1
    assert seen_of(service, path, start=inside) == seen_of(service, path, end=hour) == []
    whole = service.ask(f"/api/v1{path}", token=operator(service)).json()[path.strip("/")][0]
    assert whole["at"] == NOTE["at"]


def test_what_was_withdrawn_replaced_or_muted_tells_a_viewer_no_moment(service: Service) -> None:
    service.now = at("9:41")
    note = service.write("/events", NOTE).json()["id"]
    service.write("/entries/withdraw", {"id": note, "why": "別の日"})
    plan = {"station": "washer", "date": "2026-11-16", "shift": "日勤", "quantity": 5}
    for quantity in (5, 6):
        service.write("/plans", plan | {"quantity": quantity}, "PUT")
    service.write("/alarms/mute", {"station": "washer"})
    found = {entry["entry"]: entry for entry in seen_of(service, "/entries")}
    hour = "2026-11-16T09:00:00+09:00"
    assert found["event"]["withdrawn"] == {"made": hour, "why": "別の日"}
    assert found["plan"]["replaced"][0]["made"] == hour
    assert "until" not in found["mute"]
    assert "09:4" not in json.dumps(list(found.values()))


def test_the_board_of_a_viewer_has_no_single_stop_and_not_the_moment_of_a_mute(service: Service) -> None:
    service.now = at("11:00")
    service.write("/alarms/mute", {"station": "washer"})
    told = service.get("/board", station="washer")
    assert told["total"]["reasons"]
    assert all((row["longest_min"], row["by_hour"]) == (None, []) for row in told["total"]["reasons"])
    assert told["alarm"]["muted_until"] is None
    whole = service.ask("/api/v1/board", params={"station": "washer"}, token=operator(service)).json()
    assert whole["total"]["reasons"][0]["longest_min"] > 0
    assert whole["alarm"]["muted_until"] == "2026-11-16T11:30:00+09:00"
