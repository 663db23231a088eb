"""「同じ1日、五つの率」: the day of curriculum 7.2, from electrical counts to the five rates.

Attendance 525 min, 負荷 445, long stops 40, チョコ停 30, ideal 20 s, 1,080 pieces of which 20 bad, demand 1,200.
"""

from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from contract.line import CalendarEntry
from kpi.answers import Answers, Asked
from kpi.desk import Desk
from tests.kpi.desks import Service
from tests.kpi.lines import CYCLE, MONDAY, NS, SCRAP, at, line, shift, station

LONG = [2400.0]
SHORT = [60.0] * 30
DAY = Asked(at("8:30"), at("17:15"), demand=1200.0)
BREAKS = ("10:00-10:10", "12:00-13:00", "15:00-15:10")


def clock(planned_s: float) -> int:
    """The moment of the day after so many planned seconds of it."""
    here = at("8:30") + round(planned_s * NS)
    for rest in BREAKS:
        start, end = (at(edge) for edge in rest.split("-"))
        if here >= start:
            here += end - start
    return here


def pieces(stops: list[float], count: int = 1080) -> list[int]:
    """1,080 pieces in 445 minutes: each stop is a gap of its length and one ideal cycle more."""
    usual = (26695.0 - sum(stops) - 20.0 * len(stops)) / (count - len(stops))
    every = count // (len(stops) + 1)
    here, made, left = 0.0, [], list(stops)
    for number in range(count):
        here += left.pop() + 20.0 if left and number % every == every - 2 else usual
        made.append(clock(here))
    assert not left
    return made


def service(directory: Path, stops: list[float], **more: Any) -> Service:
    of = line(station(CYCLE, SCRAP, stop_after_s=45.0), shift("08:30-17:15", *BREAKS), **more)
    told = Service(of, directory, at("18:00"))
    made = pieces(stops)
    told.store.put("washer/done/count", [(t, i + 1) for i, t in enumerate(made)])
    told.store.put("washer/scrap/count", [(t + NS, i + 1) for i, t in enumerate(made[100:1060:48])])
    return told


def day(of: Service, asked: Asked = DAY) -> dict[str, Any]:
    desk = Desk(of.store, lambda: [(0, of.line)], of.ingest, of.tokens, lambda: of.now, live=False)
    body: dict[str, Any] = Answers(desk).kpi(asked)["stations"][0]
    return body


def test_the_five_rates_of_the_day(tmp_path: Path) -> None:
    told = day(service(tmp_path, LONG + SHORT))
    assert told["planned_time_s"] == 445 * 60
    assert told["ledger"]["downtime"] == pytest.approx(40 * 60, abs=1e-6)
    assert told["ledger"]["minor_stop"] == pytest.approx(30 * 60, abs=1e-6)
    assert (told["produced_quantity"], told["scrap_quantity"], told["good_quantity"]) == (1080, 20, 1060)
    assert round(told["availability"] * 100, 1) == 91.0
    assert round(told["oee"] * 100, 1) == 79.4
    assert round(told["kadoritsu"] * 100, 1) == 79.4
    assert round(told["utilization"] * 100, 1) == 89.9
    assert round(told["plan_attainment"] * 100, 1) == 88.3
    assert told["stops"]["minor"]["count"] == 30
    assert told["stops"]["downtime"]["count"] == 1
    assert told["coverage"] == 1.0
    assert told["basis"]["short"]["ja"] == "負荷445分・欠測0分・段取り含む・基準CT20秒"
    assert told["basis"]["kadoritsu"]["ja"] == "可動率 79.4 %(負荷445分・欠測0分・段取り含む・基準CT20秒)"
    hours = {"regular_s": 31500.0, "overtime_s": 0.0, "break_s": 4800.0, "planned_stop_s": 0.0}
    assert told["basis"]["planned_time"] == {**hours, "planned_time_s": 26700.0}
    assert told["basis"]["without_reason"]["share"] == 1.0
    assert told["basis"]["reconciled"] is None


def test_for_one_product_oee_is_the_product_of_the_three(tmp_path: Path) -> None:
    told = day(service(tmp_path, LONG + SHORT))
    assert told["oee"] == pytest.approx(told["availability"] * told["effectiveness"] * told["quality_ratio"], rel=1e-12)


def test_the_losses_sum_to_the_planned_busy_time(tmp_path: Path) -> None:
    told = day(service(tmp_path, LONG + SHORT))
    losses = told["losses_s"]
    assert losses["downtime"] == {"none": pytest.approx(2400.0, abs=1e-6)}
    parts = [*losses["downtime"].values(), *(losses[name] for name in ("minor", "speed", "quality", "value"))]
    assert sum(parts) == pytest.approx(told["planned_busy_time_s"], rel=1e-12)
    assert losses["value"] == 20.0 * 1060


def test_as_short_stops_the_same_seconds_move_a_and_p_and_never_oee(tmp_path: Path) -> None:
    long, short = day(service(tmp_path, LONG + SHORT)), day(service(tmp_path, [60.0] * 70))
    assert short["availability"] == 1.0 > long["availability"]
    assert short["effectiveness"] < long["effectiveness"]
    assert short["oee"] == pytest.approx(long["oee"], rel=1e-12)


def test_overtime_does_not_move_the_utilization(tmp_path: Path) -> None:
    over = CalendarEntry(MONDAY, "overtime", "日勤", None, time(19, 15))
    late = replace(DAY, end=at("19:15"))
    usual, longer = day(service(tmp_path, LONG + SHORT)), day(service(tmp_path, LONG + SHORT, calendar=[over]), late)
    assert longer["planned_time_s"] > usual["planned_time_s"]
    assert longer["utilization"] == usual["utilization"]
    assert longer["takt_time_s"] == usual["takt_time_s"] == 22.25


def test_without_data_the_figures_say_so(tmp_path: Path) -> None:
    """The agent lives through the breaks, and is silent in the long stop."""
    of = service(tmp_path, LONG + SHORT)
    beats = [t for rest in BREAKS for t in range(at(rest[:5]), at(rest[6:]), 30 * NS)]
    of.store.put("washer/_agent/alive", [(t, 1.0) for t in [at("8:30"), *beats, at("17:15")]])
    quiet = replace(of.line.stations["washer"], silence_after_s=120.0)
    told = day(replace(of, line=replace(of.line, stations={"washer": quiet})))
    assert told["ledger"]["no_data"] == pytest.approx(2420.0, abs=1e-6)
    assert told["coverage"] == pytest.approx(1 - 2420 / 26700)
    assert "low_coverage" in told["warnings"]
    assert told["planned_time_s"] == 26700.0
    assert told["basis"]["no_data_s"] == pytest.approx(2420.0, abs=1e-6)


def test_above_one_the_setting_to_correct_is_named_with_its_date(tmp_path: Path) -> None:
    of = service(tmp_path, LONG + SHORT)
    slow = replace(of.line.stations["washer"], ideal_cycle_s=40.0)
    told = day(replace(of, line=replace(of.line, stations={"washer": slow})))
    assert told["effectiveness"] > 1.5
    warning = next(w for w in told["basis"]["warnings"] if w["code"] == "above_one")
    assert '[[stations.washer.since]] from = "2026-11-16"' in warning["ja"]
