"""`privacy = "person"`: whoever only looks gets no single cycle, no p95, nothing finer than an hour, on any path."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.store import Refused
from contract.catalogue import Measure
from contract.reading import Series
from contract.words import Words
from kpi.privacy import is_plain
from tests.kpi.desks import Service
from tests.kpi.lines import at
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_facts import two_products
from tests.kpi.test_ledger import every
from tests.kpi.test_service import WINDOW, made, problem

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
    assert {**service.get("/wall")["stations"][0], "basis": None} == {**wall, "basis": None}


def test_the_wall_of_a_viewer_still_shows_breaks_and_the_end_of_the_shift(service: Service) -> None:
    service.now = at("12:30")
    assert service.get("/wall")["stations"][0]["state"]["key"] == "planned_stop"
    service.now = at("20:00")
    assert service.get("/wall")["stations"][0]["state"]["key"] == "no_shift"


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
    service.store.refused.append(Refused("1", at("9:00"), topic, "bad_clock", "t=1795000000000000000", batch))
    [seen] = service.get("/quarantine")["messages"]
    assert (seen["payload"], seen["detail"], seen["size"]) == ("", "", len(batch))
    [whole] = service.ask("/api/v1/quarantine", token=operator(service)).json()["messages"]
    assert whole["payload"] == batch.decode()


def test_a_persons_station_that_the_line_has_no_longer_stays_closed(service: Service, tmp_path: Path) -> None:
    former = service.line
    now = replace(former, stations={"packer": replace(former.stations["washer"], id="packer", privacy="station")})
    versions = [(0, former), (at("9:00"), now)]
    later = Service(now, tmp_path, at("9:30"), service.store, versions=versions)
    problem(later.ask("/api/v1/readings", params=PULSES), 403)


def test_a_short_run_of_a_product_is_finer_than_an_hour(tmp_path: Path) -> None:
    """A-100 until 8:42, then B for more than an hour."""
    _, of = two_products()
    store = MemoryStore()
    store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(every(20, at("8:30"), at("9:30")))])
    store.put("washer/product/pressed", [(at("8:20"), "A-100"), (at("8:42"), "ブラケットB")])
    alone = replace(of, stations={"washer": replace(of.stations["washer"], privacy="person")})
    service = Service(alone, tmp_path, at("11:00"), store)
    asked = {"start": "2026-11-16T08:00:00+09:00", "end": "2026-11-16T11:00:00+09:00"}
    everybody = service.get("/kpi", **asked, by="product")["stations"][0]["buckets"]
    seen = service.ask("/api/v1/kpi", params=asked | {"by": "product"}, token=operator(service)).json()
    whole = {b["product"]: sum(b["ledger"].values()) for b in seen["stations"][0]["buckets"]}
    assert min(whole.values()) < 3600 < max(whole.values())
    assert {b["product"] for b in everybody} == {product for product, lasted in whole.items() if lasted >= 3600}
    for product, lasted in whole.items():
        if product is not None:
            answer = service.ask("/api/v1/kpi", params=asked | {"product": product})
            assert answer.status_code == (200 if lasted >= 3600 else 403)
