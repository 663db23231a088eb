"""/correlation over HTTP: the line's series on a common grid, who may see what, and hostile questions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from scipy import stats

from collector.store import Rows, Work
from collector.store.duck import DuckStore
from contract.catalogue import Measure
from contract.line import Sensor
from contract.reading import Series
from contract.words import Words
from kpi import service_analysis_schemas as schemas
from kpi.analysis.chosen import choose
from kpi.analysis.grid import Grid, Steps
from kpi.history import History
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, NS, REASON, WASH, at, line, shift, station
from tests.kpi.test_ledger import every
from tests.kpi.test_service import problem

pytestmark = pytest.mark.slow

AIR = Sensor("washer", "air", "external", {}, (Measure("temperature", Words("温度", "temperature"), "°C"),), None)
LOAD = Sensor("washer", "load", "external", {}, (Measure("current", Words("電流", "current"), "A"),), None)
PIECE = Sensor("washer", "box", "external", {}, (Measure("count", Words("箱", "boxes"), kind="event"),), None)
SERIES = "washer/air/temperature,washer/load/current,washer/done/count,washer/wash/state"
DAY = {"start": "2026-11-16T08:00:00+09:00", "end": "2026-11-16T18:00:00+09:00"}
ASKED = DAY | {"every_s": "60", "series": SERIES}
STEPS = 600


def values(seed: int = 1) -> dict[str, list[float]]:
    """Temperature and, with it, current: a value every 20 s from 8:00 to 18:00."""
    rng = np.random.default_rng(seed)
    temperature = 20 + np.cumsum(rng.normal(size=3 * STEPS)) / 30
    return {
        "air/temperature": temperature.tolist(),
        "load/current": (5 + 0.3 * temperature + rng.normal(size=3 * STEPS)).tolist(),
    }


def rows() -> dict[str, list[tuple[int, float]]]:
    t = [at("8:00") + i * 20 * NS for i in range(3 * STEPS)]
    found = {f"washer/{name}": list(zip(t, of, strict=True)) for name, of in values().items()}
    pieces = [at("8:00") + i * 30 * NS for i in range(2 * STEPS)]
    found["washer/done/count"] = [(p, float(i + 1)) for i, p in enumerate(pieces)]
    found["washer/wash/state"] = [row for p in pieces for row in ((p - 15 * NS, 1.0), (p - (i_of(p)) * NS, 0.0))]
    return found


def i_of(t: int) -> int:
    """How long before its piece a wash ends: from 1 to 10 s, so that the share differs from minute to minute."""
    return 1 + (t // NS // 30) * 7 % 10


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Nobody writes to it."""
    return fresh(tmp_path_factory.mktemp("data"))


def fresh(directory: Path) -> Service:
    of = line(station(CYCLE, WASH, AIR, LOAD, PIECE, REASON), shift("08:30-17:15", "12:00-13:00"))
    told = Service(of, directory, at("18:30"))
    for name, listed in rows().items():
        told.store.put(name, listed)
    return told


def asked(service: Service, path: str = "/correlation", schema: Any = schemas.CORRELATION, **more: str) -> Any:
    told = service.get(path, **(ASKED | more))
    Draft202012Validator(schema).validate(told)
    return told


def test_each_series_counts_by_its_kind(service: Service) -> None:
    """A mean of three readings, two pieces a minute, the share of a level: as plain numpy computes them."""
    told = asked(service)
    means = [np.array(of).reshape(STEPS, 3).mean(axis=1) for of in values().values()]
    share = np.array([sum(15 - i_of(at("8:00") + (m * 60 + s) * NS) for s in (30, 60)) for m in range(STEPS)]) / 60
    assert told["steps"] == STEPS
    assert told["pearson"][0][1] == pytest.approx(stats.pearsonr(*means).statistic, abs=0.02)
    grid = Grid(service.store, History([(0, service.line)]), at("18:30"), lambda: None)
    steps = Steps.regular(at("8:00"), at("18:00"), 60 * NS)
    found = [grid.values(one, steps) for one in choose(grid.history, SERIES)]
    assert found[0] == pytest.approx(means[0])
    assert found[1] == pytest.approx(means[1])
    assert set(found[2].tolist()) == {2.0}, "pieces at :00 and :30"
    assert found[3][:-1] == pytest.approx(share[:-1])


def test_the_matrices_are_those_of_scipy_and_the_contract(service: Service) -> None:
    told = asked(service, series="washer/air/temperature,washer/load/current")
    first, second = (np.array(of).reshape(STEPS, 3).mean(axis=1) for of in values().values())
    assert told["series"] == ["washer/air/temperature", "washer/load/current"]
    assert told["n"] == STEPS
    assert told["pearson"][0][1] == pytest.approx(stats.pearsonr(first, second).statistic)
    assert told["spearman"][0][1] == pytest.approx(stats.spearmanr(first, second).statistic)
    assert told["pearson"][0][0] == told["pearson"][1][1] == 1.0
    assert told["pearson"][0][1] == told["pearson"][1][0]
    assert told["n_effective"][0][1] < STEPS
    low, high = told["interval90"][0][1]
    assert low < told["pearson"][0][1] < high
    changes = stats.pearsonr(np.diff(first), np.diff(second)).statistic
    assert told["differences"]["pearson"][0][1] == pytest.approx(changes)
    assert told["differences"]["n"] == STEPS - 1
    assert told["columns"][0]["title"] == {"ja": "洗浄機 温度", "en": "洗浄機 temperature"}
    assert told["columns"][0]["unit"]["ja"] == "°C"
    assert {"not_cause", "trend"} <= {c["code"] for c in told["caveats"]}


def test_a_constant_series_is_null_and_the_others_stay(service: Service) -> None:
    told = asked(service)
    assert told["pearson"][2] == [None] * 4, "two pieces in each minute"
    assert told["strength"][2] == [None] * 4
    assert told["pearson"][0][1] is not None
    assert "constant" in {c["code"] for c in told["caveats"]}


def test_a_series_without_values_is_left_out_and_said(service: Service) -> None:
    told = asked(service, series="washer/air/temperature,washer/load/current,washer/box/count")
    assert told["pearson"][0][1] is not None
    told = asked(service, start="2026-11-10T00:00:00+09:00", end="2026-11-11T00:00:00+09:00")
    assert told["n"] == 0
    assert told["pearson"] == [[None] * 4] * 4
    assert {"missing", "few_points"} <= {c["code"] for c in told["caveats"]}


def test_few_steps_are_said_in_the_words_of_the_contract(service: Service) -> None:
    told = asked(service, every_s="3600")
    assert told["n"] <= 10
    assert told["few"][0][1]
    assert "点が少なく、偶然でもこの程度は出ます。" in {c["ja"] for c in told["caveats"]}


def test_breaks_and_nights_can_be_left_out(service: Service) -> None:
    told = asked(service, within="planned")
    assert told["n"] == (8 * 60 + 45) - 60
    assert "outside_shifts" not in {c["code"] for c in told["caveats"]}
    assert "outside_shifts" in {c["code"] for c in asked(service)["caveats"]}


def test_time_that_nobody_saw_is_missing(service: Service, tmp_path: Path) -> None:
    """Silence is told by the station's settings: two hours without a reading are no zeros."""
    of = line(station(CYCLE, WASH, AIR, silence_after_s=120.0))
    quiet = Service(of, tmp_path, at("18:30"))
    pieces = [p for p in every(30, at("8:00"), at("18:00")) if not at("10:00") < p < at("12:00")]
    quiet.store.put("washer/done/count", [(p, i + 1) for i, p in enumerate(pieces)])
    grid = Grid(quiet.store, History([(0, of)]), at("18:30"), lambda: None)
    steps = Steps.regular(at("8:00"), at("18:00"), 600 * NS)
    found = grid.values(choose(grid.history, "washer/done/count", 1)[0], steps)
    missing = np.flatnonzero(np.isnan(found)).tolist()
    assert missing == list(range(12, 24))
    assert set(found[~np.isnan(found)].tolist()) <= {20.0, 21.0, 19.0}


@pytest.mark.slow
def test_a_reading_beyond_the_sensors_range_is_none(tmp_path: Path) -> None:
    """A loose wire's -140 °C would be most of any correlation."""
    duck = DuckStore(tmp_path / "line.duckdb")
    try:
        air = Series("washer", "air", "temperature")
        duck.commit(Work(rows=[Rows(air, "s1", 1, [at("8:00"), at("8:01")], [20.0, -140.0], [0, 1])]))
        grid = Grid(duck, History([(0, fresh(tmp_path).line)]), at("9:00"), lambda: None)
        found = grid.values(choose(grid.history, str(air), 1)[0], Steps.regular(at("8:00"), at("8:02"), 60 * NS))
        assert found == pytest.approx([20.0, np.nan], nan_ok=True)
    finally:
        duck.close()


def test_a_lag_is_found_with_the_number_tried_and_a_sentence(tmp_path: Path) -> None:
    service = fresh(tmp_path)
    temperature = rows()["washer/air/temperature"]
    later = [(t + 300 * NS, 2 * v) for t, v in temperature]
    service.store.rows.pop(Series("washer", "load", "current"))
    service.store.put("washer/load/current", later)
    told = asked(
        service, "/correlation/lags", schemas.LAGS, series="washer/air/temperature,washer/load/current", most="10"
    )
    assert told["tried"] == 21
    assert (told["best"]["steps"], told["best"]["seconds"]) == (5, 300.0)
    assert told["best"]["beyond"]
    assert "300 秒遅れて" in told["best"]["ja"]
    assert told["best"]["pearson"] > told["best"]["threshold"]
    assert told["differences"]["best"]["steps"] == 5
    assert "many_lags" in {c["code"] for c in told["caveats"]}
    assert told["lags"][0]["steps"] == -10


def test_the_pairs_of_a_scatter_plot_are_bounded_and_whole(service: Service) -> None:
    pair = "washer/air/temperature,washer/load/current"
    told = asked(service, "/correlation/scatter", schemas.SCATTER, series=pair, points="50")
    assert told["n"] == STEPS
    assert len(told["t"]) == len(told["x"]) == len(told["y"]) == 50
    means = np.array(values()["air/temperature"]).reshape(STEPS, 3).mean(axis=1)
    assert min(told["x"]) == pytest.approx(means.min())
    assert told["t"] == sorted(told["t"])
    assert told["pearson"] == asked(service, series=pair)["pearson"][0][1]


# ------------------------------------------------------------------ who may see what


def person(service: Service) -> Service:
    alone = replace(service.line.stations["washer"], privacy="person")
    return Service(replace(service.line, stations={"washer": alone}), service.directory, service.now, service.store)


@pytest.mark.parametrize("path", ["/correlation", "/correlation/lags", "/correlation/scatter"])
def test_a_persons_pace_is_told_by_whole_hours_only(service: Service, path: str) -> None:
    alone = person(service)
    pair = ASKED | {"series": "washer/done/count,washer/air/temperature"}
    told = problem(alone.ask(f"/api/v1{path}", params=pair), 403)
    assert "every_s=3600" in told["ja"]
    problem(alone.ask(f"/api/v1{path}", params=pair | {"every_s": "5400"}), 403)
    half = pair | {"every_s": "3600", "start": "2026-11-16T08:30:00+09:00"}
    problem(alone.ask(f"/api/v1{path}", params=half), 403)
    body = alone.get(path, **(pair | {"every_s": "3600"}))
    assert "person" in {c["code"] for c in body["caveats"]}
    token = alone.tokens.token("operator")
    assert alone.ask(f"/api/v1{path}", params=pair, token=token).status_code == 200


def test_the_hour_that_is_not_over_is_not_told_of_a_person(service: Service) -> None:
    alone = person(service)
    alone.now = at("10:59:59")
    body = alone.get("/correlation", **(ASKED | {"every_s": "3600"}))
    assert body["end"] == "2026-11-16T10:00:00+09:00"


def test_the_room_may_be_seen_by_the_minute(service: Service) -> None:
    alone = person(service)
    hall = Sensor("washer", "air2", "external", {}, AIR.measures, None)
    two = replace(alone.line.stations["washer"], sensors={**alone.line.stations["washer"].sensors, "air2": hall})
    alone = Service(replace(alone.line, stations={"washer": two}), alone.directory, alone.now, alone.store)
    room = "washer/air/temperature,washer/air2/temperature"
    assert alone.ask("/api/v1/correlation", params=ASKED | {"series": room}).status_code == 200


def test_an_hour_of_hardly_any_readings_shows_no_single_one(tmp_path: Path) -> None:
    """A weight read twice in an hour would be nearly a single piece."""
    alone = person(fresh(tmp_path))
    alone.store.rows[Series("washer", "load", "current")] = []
    alone.store.put("washer/load/current", [(at("9:10"), 7.0), (at("9:20"), 8.0)])
    pair = "washer/load/current,washer/air/temperature"
    told = alone.get("/correlation/scatter", **(ASKED | {"series": pair, "every_s": "3600"}))
    assert told["x"] == []


# ------------------------------------------------------------------ hostile questions


HOSTILE: list[tuple[dict[str, str], int]] = [
    ({"series": ""}, 422),
    ({"series": "washer/done/count"}, 422),
    ({"series": "washer/done/count,washer/done/count"}, 422),
    ({"series": "washer/done,washer/air/temperature"}, 422),
    ({"series": "a/b/c/d,washer/air/temperature"}, 422),
    ({"series": "washer/why/pressed,washer/air/temperature"}, 422),
    ({"series": ",".join(f"washer/s{i}/count" for i in range(40))}, 422),
    ({"series": "washer/nowhere/count,washer/air/temperature"}, 404),
    ({"series": "線/線/線,washer/air/temperature"}, 404),
    ({"every_s": "0"}, 422),
    ({"every_s": "0.5"}, 422),
    ({"every_s": "nan"}, 422),
    ({"every_s": "1e9"}, 422),
    ({"every_s": "1", "start": "2025-11-16T08:00:00+09:00"}, 422),
    ({"end": "2026-11-16T07:00:00+09:00"}, 422),
    ({"end": DAY["start"]}, 422),
    ({"start": "2026-11-16T08:00:00"}, 422),
    ({"start": "2001-01-01T00:00:00Z", "every_s": "86400"}, 422),
    ({"within": "night"}, 422),
]


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/correlation", "/correlation/scatter", "/correlation/lags"])
def test_what_cannot_be_answered_is_said_in_both_languages(service: Service, path: str) -> None:
    pair = ASKED | {"series": "washer/done/count,washer/air/temperature"}
    for more, status in HOSTILE:
        problem(service.ask(f"/api/v1{path}", params=pair | more), status)


def test_lags_are_bounded(service: Service) -> None:
    pair = ASKED | {"series": "washer/done/count,washer/air/temperature"}
    for most in ("0", "501", "x"):
        problem(service.ask("/api/v1/correlation/lags", params=pair | {"most": most}), 422)


def test_three_series_have_no_lag(service: Service) -> None:
    problem(service.ask("/api/v1/correlation/lags", params=ASKED), 422)


@pytest.mark.slow
def test_a_window_that_has_not_begun_is_empty_and_no_failure(service: Service) -> None:
    for path, schema in (
        ("/correlation", schemas.CORRELATION),
        ("/correlation/lags", schemas.LAGS),
        ("/correlation/scatter", schemas.SCATTER),
    ):
        pair = "washer/done/count,washer/air/temperature"
        told = asked(service, path, schema, series=pair, start="2027-11-16T08:00:00Z", end="2027-11-17T08:00:00Z")
        assert told["steps"] == 0
        assert told["end"] == told["start"]


# ------------------------------------------------------------------ the store that is shipped


@pytest.mark.slow
def test_the_store_that_is_shipped_gives_the_same_values(service: Service, tmp_path: Path) -> None:
    duck = DuckStore(tmp_path / "line.duckdb")
    try:
        work = Work()
        for name, listed in rows().items():
            t, v = zip(*sorted(listed), strict=True)
            work.rows.append(Rows(Series(*name.split("/")), "s1", 1, t, v))
        duck.commit(work)
        history = History([(0, service.line)])
        steps = Steps.regular(at("8:00"), at("18:00"), 60 * NS)
        for one in choose(history, SERIES):
            theirs = Grid(duck, history, at("18:30"), lambda: None).values(one, steps)
            ours = Grid(service.store, history, at("18:30"), lambda: None).values(one, steps)
            assert theirs == pytest.approx(ours, nan_ok=True)
    finally:
        duck.close()
