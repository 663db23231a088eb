"""/control-chart and /capability over HTTP: published rows of values in a store, and what cannot be answered."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from contract.catalogue import Measure
from contract.line import Sensor
from contract.words import Words
from kpi import service_analysis_schemas as schemas
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, NS, SCRAP, WASH, at, line, shift, station
from tests.kpi.test_control_chart import FLOW, FLOW_WIDTH, OF_EWMA, SHIFTED
from tests.kpi.test_service import problem

pytestmark = pytest.mark.slow

WIDTH = Measure("width", Words("幅", "width"), "µm")
SENSOR = Sensor("washer", "gauge", "external", {}, (WIDTH,), None)
SERIES = "washer/gauge/width"
DAY = {"start": "2026-11-16T00:00:00+09:00", "end": "2026-11-17T00:00:00+09:00"}
CYCLES = {"start": "2026-11-16T08:00:00+09:00", "end": "2026-11-16T18:00:00+09:00", "station": "washer"}


def service_of(directory: Path, values: Any = (), **more: Any) -> Service:
    """A station that reads these values a minute apart from 9:00 on; and that washes, pieces 20 s and washes 14 s."""
    of = line(station(CYCLE, WASH, SCRAP, SENSOR, stop_after_s=60.0, **more), shift("08:30-17:15", "12:00-13:00"))
    told = Service(of, directory, at("20:00"))
    told.store.put(SERIES, [(at("9:00") + i * 60 * NS, float(v)) for i, v in enumerate(values)])
    return told


def washing(told: Service, seconds: list[float], day: Any = MONDAY) -> Service:
    """Cycles of these lengths from 9:00 on; a wash begins with each cycle and takes 6 s less."""
    t, pieces, washes = at("9:00", day), [], []
    for length in seconds:
        washes += [(t, 1.0), (t + round((length - 6) * NS), 0.0)]
        t += round(length * NS)
        pieces.append(t)
    told.store.put("washer/done/count", [(p, i + 1) for i, p in enumerate(pieces)], f"s{day}")
    told.store.put("washer/wash/state", washes, f"s{day}")
    return told


def chart(service: Service, **asked: str) -> Any:
    told = service.get("/control-chart", **asked)
    Draft202012Validator(schemas.CHART).validate(told)
    return told


def codes(told: Any) -> set[str]:
    return {caveat["code"] for caveat in told["caveats"]}


def test_the_handbooks_individuals_come_out_of_the_store_as_printed(tmp_path: Path) -> None:
    """NIST 6.3.2.2."""
    told = chart(service_of(tmp_path, FLOW), **DAY, series=SERIES, by="piece")
    assert [p["value"] for p in told["points"]] == FLOW.tolist()
    assert told["points"][0]["at"] == "2026-11-16T09:00:00+09:00"
    limits = told["limits"]
    assert (limits["centre"], limits["lower"], limits["upper"]) == pytest.approx((50.81, 45.8159, 55.8041), abs=3e-3)
    ranges = told["moving_range"]
    assert len(ranges["points"]) == 9
    assert ranges["limits"]["centre"] == pytest.approx(1.8778, abs=5e-5)
    assert ranges["limits"]["upper"] == pytest.approx(1.8778 * 3.267, abs=5e-3)
    assert told["broken_rules"] == []
    assert [rule["rule"] for rule in told["rules"]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {"preliminary", "no_baseline"} <= codes(told)
    assert (told["title"]["ja"], told["unit"]["ja"]) == ("洗浄機 幅", "µm")


def test_subgroups_of_a_plain_measurement(tmp_path: Path) -> None:
    """Montgomery, example 6.1."""
    service = service_of(tmp_path, FLOW_WIDTH.ravel())
    told = chart(service, **DAY, series=SERIES, chart="xbar_r", size="5")
    assert (told["n"], told["size"], told["values_left_out"]) == (25, 5, 0)
    limits, ranges = told["limits"], told["range"]["limits"]
    assert (limits["centre"], limits["lower"], limits["upper"]) == pytest.approx((1.5056, 1.31795, 1.69325), abs=2e-4)
    assert (ranges["centre"], ranges["upper"]) == pytest.approx((0.32521, 0.68749), abs=2e-4)
    by_hour = chart(service, **DAY, series=SERIES, chart="xbar_r", size="7", by="hour")
    assert by_hour["n"] == 16, "eight a full hour, and none across the hours"
    assert by_hour["values_left_out"] == 125 - 16 * 7


def test_ewma_and_cusum_find_the_small_shift_that_individuals_miss(tmp_path: Path) -> None:
    """Montgomery, table 9.1, examples 9.1 and 9.2; limits from the twenty values before the shift, or as given."""
    service = service_of(tmp_path, SHIFTED)
    given = {"series": SERIES, "by": "piece", "target": "10", "sigma": "1"} | DAY
    assert not [rule for rule in chart(service, **given)["broken_rules"] if rule["rule"] == 1]
    told = chart(service, **given, chart="ewma", **{"lambda": "0.1", "L": "2.7"})
    assert told["points"][2]["value"] == pytest.approx(9.70355)
    assert told["points"][2]["raw"] == 9.29
    assert told["limits"]["upper"] == pytest.approx(10.62, abs=5e-3)
    assert told["broken_rules"][0]["at"] == ["2026-11-16T09:28:00+09:00", "2026-11-16T09:29:00+09:00"]
    told = chart(service, **given, chart="cusum")
    assert told["points"][28]["high"] == pytest.approx(5.28)
    assert told["limits"]["h"] == 5.0
    shift_ = told["shift"]
    assert (shift_["at"], shift_["since"]) == ("2026-11-16T09:28:00+09:00", "2026-11-16T09:22:00+09:00")
    assert shift_["mean"] == pytest.approx(11.25, abs=5e-3)
    before = "2026-11-16T09:00:00+09:00/2026-11-16T09:20:00+09:00"
    told = chart(service, **DAY, series=SERIES, by="piece", chart="ewma", baseline=before)
    assert told["baseline"]["n"] == 20
    assert told["limits"]["centre"] == pytest.approx(SHIFTED[:20].mean())
    assert [p["baseline"] for p in told["points"]] == [True] * 20 + [False] * 10


def test_the_handbooks_ewma(tmp_path: Path) -> None:
    """NIST 6.3.2.4."""
    asked = DAY | {"series": SERIES, "by": "piece", "chart": "ewma", "target": "50", "sigma": "2.0539", "lambda": "0.3"}
    told = chart(service_of(tmp_path, OF_EWMA), **asked)
    assert [round(p["value"], 2) for p in told["points"]][-3:] == [51.23, 51.94, 51.99]
    assert (told["limits"]["lower"], told["limits"]["upper"]) == pytest.approx((47.4115, 52.5884), abs=1e-4)


def test_cycle_times_and_phases_by_piece(tmp_path: Path) -> None:
    lengths = [20.0, 21.0, 20.5, 19.5, 20.0, 20.2, 19.8, 20.4, 30.0, 20.1]
    service = washing(service_of(tmp_path), lengths)
    told = chart(service, **CYCLES, kpi="cycle_time_s", by="piece")
    assert [p["value"] for p in told["points"]] == pytest.approx(lengths[1:]), "the first piece ends no cycle"
    washes = chart(service, **CYCLES, kpi="phases.wash", by="piece")
    assert [p["value"] for p in washes["points"]] == pytest.approx([s - 6 for s in lengths])
    grouped = chart(service, **CYCLES, kpi="phases.wash", chart="xbar_r", size="3")
    assert (grouped["n"], grouped["values_left_out"]) == (3, 1)
    assert grouped["range"]["points"][2]["value"] == pytest.approx(10.2)
    sizes = {"points": 10, "limits": 4}
    assert {key: len(washes[key]) for key in sizes} == sizes


def weeks(directory: Path) -> Service:
    """Ten days; on the last the cycle is 30 s. The fourth is a day of which half was not seen."""
    told = service_of(directory, silence_after_s=120.0)
    for number in range(10):
        day = MONDAY.replace(day=2 + number)
        count, length = (60, 20.0 + 0.1 * (number % 3)) if number < 9 else (60, 30.0)
        washing(told, [length] * count, day)
        alive = list(range(at("8:00", day), at("18:00", day), 60 * NS))
        seen = alive if number != 3 else alive[: len(alive) // 2]
        told.store.put("washer/_agent/alive", [(t, float(i)) for i, t in enumerate(seen)], f"a{number}")
    return told


TEN = {"start": "2026-11-02T00:00:00+09:00", "end": "2026-11-12T00:00:00+09:00", "station": "washer"}
BEFORE = "2026-11-02T00:00:00+09:00/2026-11-11T00:00:00+09:00"


@pytest.mark.slow
def test_a_kpi_by_day_against_its_baseline(tmp_path: Path) -> None:
    service = weeks(tmp_path)
    told = chart(service, **TEN, kpi="cycle_time_s", baseline=BEFORE)
    assert (told["by"], told["chart"], told["n"]) == ("day", "individuals", 9)
    assert [(d["start"], d["why"]) for d in told["excluded"]] == [("2026-11-05T00:00:00+09:00", "low_coverage")]
    assert told["baseline"]["n"] == 8
    last = told["points"][-1]
    assert last["value"] == pytest.approx(30.0)
    assert 1 in last["broken"]
    assert last["baseline"] is False
    assert told["broken_rules"][0]["ja"] == "1点が管理限界(3σ)の外"
    assert told["broken_rules"][0]["at"] == ["2026-11-11T00:00:00+09:00"]
    assert "low_coverage" in codes(told)
    by_shift = chart(service, **TEN, kpi="oee", by="shift")
    assert by_shift["points"][0]["at"] == "2026-11-02T08:30:00+09:00"
    assert chart(service, **TEN, kpi="stops.minor.total_s")["unit"] == {"ja": "秒", "en": "s"}


@pytest.mark.slow
def test_a_day_that_the_window_cuts_is_no_point(tmp_path: Path) -> None:
    cut = TEN | {"start": "2026-11-02T10:00:00+09:00", "end": "2026-11-04T12:00:00+09:00"}
    told = chart(weeks(tmp_path), **cut, kpi="cycle_time_s")
    assert [p["at"] for p in told["points"]] == ["2026-11-03T00:00:00+09:00"]
    assert told["limits"]["centre"] is None
    assert "too_few_for_limits" in codes(told)


def test_a_series_by_hour_is_its_mean_or_its_count(tmp_path: Path) -> None:
    service = washing(service_of(tmp_path, np.arange(180.0)), [20.0] * 540)
    means = chart(service, **DAY, series=SERIES)
    assert (means["by"], [p["value"] for p in means["points"]]) == ("hour", [29.5, 89.5, 149.5])
    counts = chart(service, **DAY, series="washer/done/count", by="hour", chart="cusum", target="180", sigma="5")
    assert [p["value"] for p in counts["points"]][1:3] == [180.0, 180.0]
    assert counts["unit"]["ja"] == "回"


# ------------------------------------------------------------------ capability


def capability(service: Service, **asked: str) -> Any:
    told = service.get("/capability", **asked)
    Draft202012Validator(schemas.CAPABILITY).validate(told)
    return told


def test_capability_of_the_hard_bake_process(tmp_path: Path) -> None:
    """Montgomery, 6.2: flow width against 1.50 +- 0.50; Pp from the 125 values themselves, s = 0.1398 (numpy)."""
    values = FLOW_WIDTH.ravel()
    told = capability(service_of(tmp_path, values), **DAY, series=SERIES, lsl="1.0", usl="2.0")
    assert told["n"] == 125
    assert told["pp"] == pytest.approx(1.0 / (6 * values.std(ddof=1)))
    assert told["ppk"] == pytest.approx(min(2 - values.mean(), values.mean() - 1) / (3 * values.std(ddof=1)))
    assert told["cp"] == pytest.approx(1.0 / (6 * np.abs(np.diff(values)).mean() / (2 / np.pi**0.5)))
    for name in ("cp", "cpk", "pp", "ppk"):
        low, high = told["interval90"][name]
        assert low < told[name] < high
    assert (told["below"], told["above"]) == (0, 0)
    assert told["normal_p"] > 0.05
    assert "not_normal" not in codes(told)


@pytest.mark.slow
def test_capability_says_what_forbids_to_believe_it(tmp_path: Path) -> None:
    skewed = np.exp(np.random.default_rng(1).normal(size=200))
    told = capability(service_of(tmp_path, skewed), **DAY, series=SERIES, usl="5")
    assert {"not_normal", "not_in_control"} <= codes(told)
    assert (told["cp"], told["pp"], told["interval90"]["cp"]) == (None, None, None), "one limit has no Cp"
    assert told["cpk"] is not None
    assert told["above"] > 0
    few = capability(service_of(tmp_path, [1.0, 2.0]), **DAY, series=SERIES, usl="5")
    assert "wide" in codes(few)
    same = capability(service_of(tmp_path, [3.0] * 40), **DAY, series=SERIES, usl="5")
    assert (same["cpk"], codes(same)) == (None, {"no_spread"})
    nothing = capability(service_of(tmp_path), **DAY, series=SERIES, usl="5")
    assert (nothing["n"], nothing["cpk"]) == (0, None)


# ------------------------------------------------------------------ who may see what


def test_of_a_person_nothing_finer_than_an_hour_is_drawn(tmp_path: Path) -> None:
    service = washing(service_of(tmp_path, FLOW), [20.0 + i % 5 for i in range(900)])
    alone = replace(service.line.stations["washer"], privacy="person")
    service = Service(replace(service.line, stations={"washer": alone}), tmp_path, service.now, service.store)
    token = service.tokens.token("operator")
    asked = CYCLES | {"kpi": "cycle_time_s"}
    for path, more in (
        ("/control-chart", {"by": "piece"}),
        ("/control-chart", {"chart": "xbar_r"}),
        ("/control-chart", {"chart": "xbar_r", "by": "hour"}),
        ("/control-chart", {"kpi": "cycle_time_s.p95"}),
        ("/capability", {"usl": "25"}),
    ):
        told = problem(service.ask(f"/api/v1{path}", params=asked | more), 403)
        assert "1時間以上" in told["ja"]
        assert service.ask(f"/api/v1{path}", params=asked | more, token=token).status_code == 200
    problem(service.ask("/api/v1/control-chart", params=DAY | {"series": SERIES, "by": "piece"}), 403)
    told = chart(service, **asked, by="hour")
    assert "person" in codes(told)
    assert [p["at"][11:16] for p in told["points"]] == ["09:00", "10:00", "11:00", "13:00", "14:00"]
    assert capability(service, **asked, by="hour", usl="25")["n"] == 5


# ------------------------------------------------------------------ hostile questions

HOSTILE: list[tuple[dict[str, str], int]] = [
    ({"kpi": "nothing"}, 404),
    ({"kpi": "phases.paint"}, 404),
    ({"kpi": "cycle_time_s.x"}, 422),
    ({"kpi": "ledger"}, 422),
    ({"kpi": ""}, 404),
    ({"station": "nowhere"}, 404),
    ({"series": SERIES}, 422),
    ({"by": "product"}, 422),
    ({"by": "piece", "kpi": "oee"}, 422),
    ({"end": CYCLES["start"]}, 422),
    ({"start": "1999-01-01T00:00:00Z"}, 422),
    ({"start": "2001-01-01T00:00:00Z"}, 422),
    ({"start": "2026-06-01T00:00:00Z", "by": "piece"}, 422),
]
OF_CHARTS: list[tuple[dict[str, str], int]] = [
    ({"chart": "pareto"}, 422),
    ({"chart": "xbar_r", "kpi": "oee"}, 422),
    ({"chart": "xbar_r", "size": "1"}, 422),
    ({"chart": "xbar_r", "size": "26"}, 422),
    ({"lambda": "0"}, 422),
    ({"lambda": "nan"}, 422),
    ({"sigma": "0"}, 422),
    ({"sigma": "inf"}, 422),
    ({"target": "1e300"}, 422),
    ({"h": "-1"}, 422),
    ({"baseline": "2026-11-01T00:00:00+09:00"}, 422),
    ({"baseline": "/"}, 422),
    ({"baseline": "2026-11-02T00:00:00+09:00/2026-11-01T00:00:00+09:00"}, 422),
    ({"baseline": "2001-11-02T00:00:00+09:00/2026-11-01T00:00:00+09:00"}, 422),
]
OF_TOLERANCE: list[tuple[dict[str, str], int]] = [
    ({"usl": "1", "lsl": "1"}, 422),
    ({"usl": "1", "lsl": "2"}, 422),
    ({"usl": "nan"}, 422),
    ({"lsl": "x"}, 422),
]


@pytest.mark.slow
def test_what_cannot_be_answered_is_said_in_both_languages(tmp_path: Path) -> None:
    service = service_of(tmp_path, FLOW)
    asked = CYCLES | {"kpi": "cycle_time_s"}
    for more, status in HOSTILE + OF_CHARTS:
        problem(service.ask("/api/v1/control-chart", params=asked | more), status)
    for more, status in HOSTILE + OF_TOLERANCE:
        problem(service.ask("/api/v1/capability", params=asked | {"usl": "25"} | more), status)
    problem(service.ask("/api/v1/capability", params=asked), 422)
    problem(service.ask("/api/v1/control-chart", params=CYCLES), 422)
    total = {"series": "washer/done/count", "by": "piece"}
    problem(service.ask("/api/v1/control-chart", params=DAY | total), 422)


@pytest.mark.slow
def test_more_points_than_a_chart_has_are_refused(tmp_path: Path) -> None:
    service = service_of(tmp_path, np.zeros(0))
    service.store.put(SERIES, [(at("9:00") + i * NS, float(i % 7)) for i in range(5001)])
    told = problem(service.ask("/api/v1/control-chart", params=DAY | {"series": SERIES, "by": "piece"}), 422)
    assert "5,001" in told["ja"]
    assert chart(service, **DAY, series=SERIES, chart="xbar_r")["n"] == 1000


@pytest.mark.slow
@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0], [0.0] * 30, [-1e15, 1e15, 0.0]])
def test_few_or_odd_values_make_a_chart_all_the_same(tmp_path: Path, values: list[float]) -> None:
    service = service_of(tmp_path, values)
    for kind in ("individuals", "xbar_r", "ewma", "cusum"):
        told = chart(service, **DAY, series=SERIES, by="piece", chart=kind, size="2")
        assert len(told["points"]) == (len(values) // 2 if kind == "xbar_r" else len(values))


def test_a_window_that_has_not_begun_is_empty_and_no_failure(tmp_path: Path) -> None:
    later = CYCLES | {"start": "2027-11-16T08:00:00Z", "end": "2027-11-17T08:00:00Z", "kpi": "cycle_time_s"}
    service = service_of(tmp_path)
    for more in ({}, {"by": "piece"}, {"chart": "xbar_r"}, {"by": "shift", "chart": "ewma"}):
        assert chart(service, **later, **more)["points"] == []
