"""/thresholds over HTTP: a week of gaps, the proposal, what it would have made of the week, and who is told."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.line import Product
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, PRODUCT, RUNNING, at, line, shift, station
from tests.kpi.test_service import problem

pytestmark = pytest.mark.slow

WEEK = {"station": "washer", "start": "2026-11-16T00:00:00+09:00", "end": "2026-11-21T00:00:00+09:00"}
NS = 10**9


def week(directory: Path, *sensors: Any, stops_a_day: int = 12, days: int = 5, **more: Any) -> Service:
    """Five shifts: cycles of about 27.4 s, and stops of 60 to 300 s on top of a cycle."""
    of = line(station(CYCLE, *sensors, ideal=27.0, **more), shift("08:30-17:15", "12:00-13:00"))
    draw, moments = np.random.default_rng(4), []
    for day in range(days):
        t, end = float(at("8:30", MONDAY + timedelta(days=day))), at("17:15", MONDAY + timedelta(days=day))
        stands = set(draw.choice(900, stops_a_day, replace=False).tolist())
        number = 0
        while (
            t := t + NS * (27.4 + 0.5 * draw.standard_normal() + (draw.uniform(60, 300) if number in stands else 0))
        ) < end:
            moments.append(int(t))
            number += 1
    told = Service(of, directory, at("8:00", MONDAY + timedelta(days=5)))
    told.store.put("washer/done/count", [(t, n) for n, t in enumerate(moments, 1)])
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return week(tmp_path_factory.mktemp("week"), stop_after_s=29.0)


def codes(body: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in body["warnings"]]


def test_a_week_of_gaps_proposes_a_threshold_between_cycles_and_stops(told: Service) -> None:
    body = told.get("/thresholds", **WEEK)
    assert 30 < body["proposed_stop_after_s"] < 90
    assert body["write"] == f"stop_after_s = {body['proposed_stop_after_s']:g}"
    assert body["present"] == {"stop_after_s": 29.0, "written": True, "downtime_after_s": 600.0}
    assert (body["per"], body["shifts"]) == ("shift", pytest.approx(5.0))
    [whole] = body["products"]
    assert (whole["product"], whole["method"], whole["enough"]) == (None, "valley", True)
    assert sum(b["count"] for b in whole["histogram"]) == whole["gaps"] == body["gaps"]
    assert body["warnings"] == []


def test_beside_the_proposal_stand_the_present_setting_and_the_false_stops_of_both(told: Service) -> None:
    """A threshold at 29 s (3.2 sigma) calls about one ordinary cycle in 1,500 a stop; the proposal hardly any."""
    candidates = told.get("/thresholds", **WEEK)["products"][0]["candidates"]
    [proposed] = [c for c in candidates if c["is_proposed"]]
    [present] = [c for c in candidates if c["is_present"]]
    assert proposed["stops_per_shift"] == pytest.approx(12 * 7.75 / 8.75, abs=1)  # those of the lunch break are none
    assert proposed["false_stops_per_shift"] < 0.2
    assert proposed["missed_stops_per_shift"] == 0
    assert present["false_stops_per_shift"] > proposed["false_stops_per_shift"] + 0.2
    assert present["stops_per_shift"] == pytest.approx(
        proposed["stops_per_shift"] + present["false_stops_per_shift"], abs=0.2
    )
    assert [c["stop_after_s"] for c in candidates] == sorted(c["stop_after_s"] for c in candidates)
    assert {40.5, 54.0, 81.0} <= {c["stop_after_s"] for c in candidates}


def test_an_hour_is_too_few_gaps_and_says_so(told: Service) -> None:
    body = told.get("/thresholds", **(WEEK | {"end": "2026-11-16T09:30:00+09:00"}))
    assert body["proposed_stop_after_s"] is None
    assert body["products"][0]["candidates"] == []
    assert codes(body) == ["too_few"]
    nothing = told.get("/thresholds", **(WEEK | {"start": "2026-11-20T20:00:00+09:00"}))
    assert (nothing["gaps"], nothing["products"], codes(nothing)) == (0, [], ["too_few"])


def test_the_same_week_gives_the_same_answer(told: Service) -> None:
    first, second = (told.ask("/api/v1/thresholds", params=WEEK).text for _ in range(2))
    assert json.loads(first) == json.loads(second)


def test_more_than_a_quarter_of_a_year_is_refused(told: Service) -> None:
    problem(told.ask("/api/v1/thresholds", params=WEEK | {"start": "2026-01-01T00:00:00Z"}), 422)


def test_each_product_has_its_own_hill_and_the_slowest_decides(tmp_path: Path) -> None:
    told = week(tmp_path, PRODUCT)
    products = {"a": Product("a", "A", ("A",)), "b": Product("b", "B", ("B",))}
    told = Service(replace(told.line, products=products), tmp_path, told.now, told.store)
    moments = [row[0] for rows in told.store.rows.values() for row in rows]
    told.store.put("washer/product/pressed", [(min(moments) - NS, "A"), (sorted(moments)[len(moments) // 2], "B")])
    body = told.get("/thresholds", **WEEK)
    assert [p["product"] for p in body["products"]] == ["a", "b"]
    assert body["proposed_stop_after_s"] == max(p["proposed_stop_after_s"] for p in body["products"])
    assert codes(body) == ["several_products"]


def test_where_a_running_sensor_decides_or_no_short_stop_could_be_it_is_said(tmp_path: Path) -> None:
    told = week(tmp_path, RUNNING, downtime_after_s=30.0)
    told.store.put("washer/running/state", [(at("8:30"), 1)])
    assert codes(told.get("/thresholds", **WEEK)) == ["running_decides", "not_below_downtime"]


def test_gaps_of_a_person_are_single_cycles_and_only_the_leader_sees_them(tmp_path: Path) -> None:
    told = week(tmp_path, privacy="person", days=1)
    for path, more in (("/thresholds", {}), ("/what-if", {"cycle_s": "10"})):
        problem(told.ask(f"/api/v1{path}", params=WEEK | more), 403)
        assert told.ask(f"/api/v1{path}", params=WEEK | more, token=told.tokens.token("operator")).status_code == 200
