"""The line as observed: the bottleneck of the day, what lies between, doubtful sensors, phases against takt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.line import Flow, Plan
from kpi import doubtful
from kpi.active import shares
from kpi.spans import NS, Spans
from tests.kpi.desks import Service
from tests.kpi.lines import RUNNING, at, sensor
from tests.kpi.test_ledger import every
from tests.kpi.test_service import WINDOW, problem
from tests.kpi.two_stations import packer, service, two, washer

WASHED, PACKED = every(27, at("8:30"), at("9:30")), every(27, at("8:30:20"), at("9:30"))


def spans(*pairs: tuple[int, int]) -> Spans:
    return Spans.pairs((a * NS, b * NS) for a, b in pairs)


def code(body: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in body["warnings"]]


def line_of(told: Service, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = told.get("/kpi", **(WINDOW | more))["line"]
    return found


# ------------------------------------------------------------------ the bottleneck of the day


def test_the_momentary_bottleneck_is_who_has_been_active_longest_without_a_break() -> None:
    """By hand, as the active period method defines it: until 60 a (60 s), then b (50 s beside a's second of 20)."""
    found = shares({"a": spans((0, 60), (80, 100)), "b": spans((10, 30), (50, 100))}, 0, 200 * NS)
    assert found == pytest.approx({"a": 0.6, "b": 0.4})


def test_a_slow_reference_gives_the_same_shares_second_by_second() -> None:
    draw = np.random.default_rng(7)
    made = {}
    for name in "abc":
        edges = np.sort(draw.choice(np.arange(1, 400), 40, replace=False))
        made[name] = spans(*((int(a), int(b)) for a, b in edges.reshape(-1, 2)))
    slow = dict.fromkeys(made, 0)
    for second in range(50, 350):
        length = {n: next((b - a for a, b in s if a <= second * NS < b), 0) for n, s in made.items()}
        if any(length.values()):
            slow[max(length, key=lambda n: length[n])] += 1
    whole = sum(slow.values())
    assert shares(made, 50 * NS, 350 * NS) == pytest.approx({n: s / whole for n, s in slow.items()})


@pytest.mark.slow
def test_who_waits_for_each_piece_is_no_bottleneck(tmp_path: Path) -> None:
    """The washer works without a break at 27 s; the packer, 18 s, waits 9 s for each piece: never the longest."""
    told = line_of(service(tmp_path, two(), washer=WASHED, packer=PACKED))
    assert told["bottleneck_of_the_day"] == told["bottleneck"] == "washer"
    assert told["bottleneck_shares"]["washer"] > 0.99


@pytest.mark.slow
def test_a_slow_day_of_the_other_station_is_seen_where_the_ideals_know_nothing(tmp_path: Path) -> None:
    slowly = every(32, at("8:30:20"), at("9:30"))
    of = two(washer(ideal=20.0), packer(ideal=18.0, stop_after_s=120.0))
    broken = [{"station": "packer", "at": "2026-11-16T08:40:00+09:00", "reason": "breakdown"}]
    told = service(tmp_path, of, washer=slowly, packer=[t for t in slowly if not at("8:34") < t < at("9:06")])
    assert line_of(told)["bottleneck"] == "washer"
    assert line_of(told)["bottleneck_of_the_day"] == "washer"
    assert told.write("/stops/reason", broken[0]).status_code == 201
    assert line_of(told)["bottleneck_of_the_day"] == "packer"


@pytest.mark.slow
def test_a_running_sensor_says_when_a_station_was_active(tmp_path: Path) -> None:
    of = two(second=packer(RUNNING, ideal=None))
    told = service(tmp_path, of, washer=[t for t in WASHED if t > at("9:00")], packer=PACKED)
    told.store.put("packer/running/state", [(at("8:30"), 1), (at("9:00"), 0)])
    found = line_of(told)["bottleneck_shares"]
    assert found == {"washer": pytest.approx(0.5, abs=0.02), "packer": pytest.approx(0.5, abs=0.02)}


@pytest.mark.slow
def test_the_bottleneck_of_the_day_is_not_told_of_one_station_or_of_a_year(tmp_path: Path) -> None:
    told = service(tmp_path, two(second=packer(ideal=None)), washer=WASHED, packer=PACKED)
    assert line_of(told)["bottleneck_of_the_day"] is None
    told = service(tmp_path, two(), washer=WASHED, packer=PACKED)
    assert line_of(told, start="2026-01-01T00:00:00Z")["bottleneck_shares"] is None


@pytest.mark.slow
def test_a_persons_station_is_no_part_of_it_for_who_only_looks(tmp_path: Path) -> None:
    told = service(tmp_path, two(replace(washer(), privacy="person")), washer=WASHED, packer=PACKED)
    assert told.get("/kpi", **WINDOW)["line"] is None
    operator = told.ask("/api/v1/kpi", params=WINDOW, token=told.tokens.token("operator")).json()
    assert operator["line"]["bottleneck_of_the_day"] == "washer"


# ------------------------------------------------------------------ what lies between


@pytest.mark.slow
def test_what_lies_between_is_counted_on_from_a_count_by_hand(tmp_path: Path) -> None:
    told = service(tmp_path, two(), washer=every(20, at("8:30"), at("9:20")), packer=every(30, at("8:30"), at("9:20")))
    [never] = told.get("/wip")["wip"]
    assert (never["quantity"], code(never)) == (None, ["not_counted"])
    body = {"from": "washer", "to": "packer", "at": "2026-11-16T09:00:00+09:00", "quantity": 12, "by": "佐藤"}
    answer = told.write("/wip", body)
    assert (answer.status_code, answer.json()["quantity"], answer.json()["by"]) == (201, 12, "佐藤")
    scrap = {"station": "washer", "at": "2026-11-16T09:10:00+09:00", "quantity": "scrap", "delta": 2, "why": "検査"}
    assert told.write("/corrections", scrap).status_code == 201
    [now] = told.get("/wip")["wip"]
    assert (now["out"], now["in"], now["quantity"]) == (59, 41, 12 + 59 - 41)
    assert now["age_s"] == 1800.0
    assert now["drift_pieces"] == pytest.approx(1.0)
    assert now["warnings"] == []
    [then] = told.get("/wip", at="2026-11-16T09:10:00+09:00")["wip"]
    assert then["quantity"] == 12 + 30 - 20
    [before] = told.get("/wip", at="2026-11-16T08:50:00+09:00")["wip"]
    assert before["quantity"] is None


@pytest.mark.slow
def test_below_zero_a_count_is_doubtful_and_an_old_one_is_counted_again(tmp_path: Path) -> None:
    told = service(tmp_path, two(), washer=every(300, at("8:30"), at("9:20")), packer=every(4, at("8:30"), at("9:20")))
    counted = {"from": "washer", "to": "packer", "at": WINDOW["start"]}
    assert told.write("/wip", counted | {"quantity": 700}).status_code == 201
    [drifted] = told.get("/wip")["wip"]
    assert drifted["quantity"] < 0
    assert code(drifted) == ["negative"]
    told.now += NS
    assert told.write("/wip", counted | {"quantity": 760}).status_code == 201
    assert code(told.get("/wip")["wip"][0]) == ["drift"]
    told.now = at("9:30") + 32 * 86400 * NS
    [old] = told.get("/wip")["wip"]
    assert (old["quantity"], code(old)) == (None, ["too_old"])


@pytest.mark.slow
def test_where_a_flow_parts_it_is_not_computed(tmp_path: Path) -> None:
    third = replace(packer(), id="line-b")
    of = two()
    of = replace(of, stations={**of.stations, "line-b": third}, flow=(*of.flow, Flow("washer", "line-b")))
    told = service(tmp_path, of, washer=WASHED, packer=PACKED)
    told.write("/wip", {"from": "washer", "to": "packer", "quantity": 7})
    assert code(told.get("/wip")["wip"][0]) == ["branch"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"from": "packer", "to": "washer", "quantity": 1}, 404),
        ({"from": "washer", "to": "oven", "quantity": 1}, 404),
        ({"from": "washer", "to": "packer", "quantity": -1}, 422),
        ({"from": "washer", "to": "packer", "quantity": 1.5}, 422),
        ({"from": "washer", "to": "packer", "quantity": True}, 422),
        ({"from": "washer", "to": "packer", "quantity": 10**12}, 422),
        ({"from": "washer", "to": "packer"}, 422),
        ({"from": "washer", "to": "packer", "quantity": 1, "at": "2026-11-17T08:30:00+09:00"}, 422),
        ({"from": "washer", "to": "packer", "quantity": 1, "at": "yesterday"}, 422),
        ({"from": "washer", "to": "packer", "quantity": 1, "colour": "red"}, 422),
    ],
)
@pytest.mark.slow
def test_a_count_by_hand_that_cannot_be_is_refused(tmp_path: Path, body: dict[str, Any], status: int) -> None:
    told = service(tmp_path, two())
    problem(told.write("/wip", body), status)
    assert told.store.kept == {}


@pytest.mark.slow
def test_of_a_persons_station_a_viewer_hears_what_lay_there_at_the_full_hour(tmp_path: Path) -> None:
    of = two(second=replace(packer(), privacy="person"))
    told = service(tmp_path, of, washer=every(20, at("8:30"), at("9:20")), packer=every(30, at("8:30"), at("9:20")))
    told.write("/wip", {"from": "washer", "to": "packer", "at": "2026-11-16T08:00:00+09:00", "quantity": 5})
    [seen] = told.get("/wip")["wip"]
    assert (seen["at"][11:16], seen["out"], seen["in"]) == ("09:00", 89, 59)
    full = told.ask("/api/v1/wip", token=told.tokens.token("operator")).json()["wip"][0]
    assert (full["at"][11:16], full["out"], full["in"]) == ("09:30", 150, 100)


@pytest.mark.slow
def test_of_a_persons_station_no_count_by_hand_begins_a_window_within_an_hour(tmp_path: Path) -> None:
    of = two(second=replace(packer(), privacy="person"))
    told = service(tmp_path, of, washer=every(20, at("8:30"), at("10:20")), packer=every(30, at("8:30"), at("10:20")))
    told.now = at("10:25")
    told.write("/wip", {"from": "washer", "to": "packer", "at": "2026-11-16T08:41:07+09:00", "quantity": 5})
    [seen] = told.get("/wip")["wip"]
    assert (seen["counted"]["at"][11:19], seen["at"][11:19], seen["age_s"]) == ("09:00:00", "10:00:00", 3600.0)
    assert (seen["out"], seen["in"], code(seen)) == (180, 120, ["person"])
    [early] = told.get("/wip", at="2026-11-16T08:41:08+09:00")["wip"]
    assert (early["counted"], code(early)) == (None, ["not_counted"])
    full = told.ask("/api/v1/wip", token=told.tokens.token("operator")).json()["wip"][0]
    assert (full["counted"]["at"][11:19], code(full)) == ("08:41:07", [])


# ------------------------------------------------------------------ doubtful sensors


def doubt(told: Service, station: str = "washer", token: str | None = None) -> dict[str, Any] | None:
    body = told.ask("/api/v1/kpi", params=WINDOW | {"station": station}, token=token).json()["stations"][0]
    assert ("doubtful_sensor" in body["warnings"]) == any(
        w["code"] == "doubtful_sensor" for w in body["basis"]["warnings"]
    )
    return next((w for w in body["basis"]["warnings"] if w["code"] == "doubtful_sensor"), None)


STOPPED = [t for t in WASHED if t < at("8:50")]


@pytest.mark.slow
def test_a_counter_that_is_silent_while_the_next_station_makes_ten_pieces_is_doubtful(tmp_path: Path) -> None:
    told = service(tmp_path, two(), washer=STOPPED, packer=PACKED)
    found = doubt(told)
    assert found is not None
    assert "センサー疑い" in found["ja"]
    assert "梱包" in found["ja"]
    assert doubt(told, "packer") is None
    wall = {s["station"]: s["doubtful"] for s in told.get("/wall")["stations"]}
    assert wall["washer"]["code"] == "doubtful_sensor"
    assert wall["packer"] is None


@pytest.mark.slow
def test_a_counter_that_is_silent_while_its_machine_runs_is_doubtful(tmp_path: Path) -> None:
    told = service(tmp_path, two(washer(RUNNING)), washer=STOPPED, packer=[t for t in PACKED if t < at("8:50")])
    told.store.put("washer/running/state", [(at("8:30"), 1)])
    found = doubt(told)
    assert found is not None
    assert "運転中" in found["ja"]


@pytest.mark.slow
def test_what_is_explained_is_no_doubt(tmp_path: Path) -> None:
    """A reason was said; it did not stand long; nobody saw it; both stood."""
    said = service(tmp_path, two(), washer=STOPPED, packer=PACKED)
    said.write("/stops/reason", {"station": "washer", "at": "2026-11-16T09:00:00+09:00", "reason": "breakdown"})
    assert doubt(said) is None
    short = [t for t in WASHED if not at("8:50") < t < at("8:51:40")]
    assert doubt(service(tmp_path, two(), washer=short, packer=every(5, at("8:30"), at("9:30")))) is not None
    assert doubt(service(tmp_path, two(), washer=short, packer=PACKED)) is None
    assert doubt(service(tmp_path, two(washer(silence_after_s=120.0)), washer=STOPPED, packer=PACKED)) is None
    assert doubt(service(tmp_path, two(), washer=STOPPED, packer=[t for t in PACKED if t < at("8:50")])) is None


@pytest.mark.slow
def test_of_a_person_it_is_said_without_when_and_how_long(tmp_path: Path) -> None:
    told = service(tmp_path, two(replace(washer(), privacy="person")), now="10:00", washer=STOPPED, packer=PACKED)
    asked = {"start": "2026-11-16T08:00:00+09:00", "end": "2026-11-16T10:00:00+09:00", "station": "washer"}
    [body] = told.get("/kpi", **asked)["stations"]
    [found] = [w for w in body["basis"]["warnings"] if w["code"] == "doubtful_sensor"]
    assert not any(sign.isdigit() for sign in found["ja"] + found["en"])


@pytest.mark.slow
def test_a_person_at_the_next_station_is_not_counted_by_the_doubt(tmp_path: Path) -> None:
    told = service(tmp_path, two(second=replace(packer(), privacy="person")), washer=STOPPED, packer=PACKED)
    found = doubt(told)
    assert found is not None
    assert not any(sign.isdigit() for sign in found["ja"])
    leader = doubt(told, token=told.tokens.token("operator"))
    assert leader is not None
    assert any(sign.isdigit() for sign in leader["ja"])


@pytest.mark.slow
def test_a_sensor_that_cannot_test_itself_says_so(tmp_path: Path) -> None:
    contact = replace(sensor("done", "cycle", "total"), type="pulse", settings={"pin": 17})
    on_the_bus = replace(contact, type="bme280", settings={"address": 0x76})
    assert (doubtful.tests_itself(contact), doubtful.tests_itself(on_the_bus)) == (False, True)
    of = two(replace(washer(), sensors={"done": contact}))
    sensors = {s: told["sensors"]["done"] for s, told in service(tmp_path, of).get("/line")["stations"].items()}
    assert sensors["washer"]["tests_itself"] is False
    assert "断線と停止を区別できません" in sensors["washer"]["note"]["ja"]
    assert (sensors["packer"]["tests_itself"], sensors["packer"]["note"]) == (None, None)


# ------------------------------------------------------------------ against takt


@pytest.mark.slow
def test_each_cycle_and_phase_stands_against_takt(tmp_path: Path) -> None:
    """465 min of the shift over 1,116 wanted pieces: 25 s."""
    of = two(plan=(Plan("washer", "日勤", 1116),))
    moments = [at("8:30") + s * NS for s in (24, 48, 75, 99)]
    told = service(tmp_path, of, washer=moments)
    told.store.put("washer/wash/state", [row for t in moments for row in ((t - 20 * NS, 1), (t, 0))])
    body = told.get("/cycles", station="washer", **WINDOW)
    assert body["takt_time_s"] == pytest.approx(25.0)
    assert [c["over_takt"] for c in body["cycles"]] == [None, False, True, False]
    assert body["over_takt"] == 1
    assert body["phases"]["wash"] == {"count": 4, "median_s": 20.0, "share_of_takt": pytest.approx(0.8)}
    without = service(tmp_path, two(), washer=moments).get("/cycles", station="washer", **WINDOW)
    assert (without["takt_time_s"], without["over_takt"], without["cycles"][1]["over_takt"]) == (None, None, None)
