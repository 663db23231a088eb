"""Clauses of the contract's section 4 that no other test names: classes, reasons, buckets, what stands beside."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from collector.store import Entry
from contract.line import CalendarEntry, Line, Reason
from tests.kpi.lines import CYCLE, MODE, MONDAY, NS, REASON, SCRAP, at, ledger, line, sensor, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_facts import kpi, made, only, two_products
from tests.kpi.test_ledger import every

TUESDAY = MONDAY + timedelta(days=1)
BUCKETS = ("run", "minor_stop", "downtime", "planned_stop", "no_shift", "no_data")
REASONS = {
    "meeting": Reason("meeting", "朝礼", planned=True),
    "setup": Reason("setup", "段取り", "setup"),
    "jam": Reason("jam", "詰まり", "minor"),
}


@pytest.mark.parametrize(
    ("said", "loss"),
    [
        ([("9:01", "maintenance")], "none"),
        ([("9:01", "maintenance"), ("9:05", "trial")], "setup"),
        ([("9:01", "trial")], "setup"),
    ],
)
def test_maintenance_alone_has_no_loss_and_with_anything_else_it_is_set_up(
    said: list[tuple[str, str]], loss: str
) -> None:
    store = MemoryStore()
    made(store, at("9:00"), at("9:20"), at("9:20:20"))
    store.put("washer/mode/pressed", [*((at(t), mode) for t, mode in said), (at("9:15"), "production")])
    found = ledger(store, line(station(CYCLE, MODE), shift("08:30-17:15")), at("8:30"), at("9:30"))
    stood = next(stop for stop in found.stops if stop.start == at("9:00"))
    assert (stood.bucket, stood.loss, stood.end) == ("downtime", loss, at("9:19:40"))


def test_a_reason_said_after_the_shift_belongs_to_no_stop_of_it_and_one_of_the_next_shift_to_none_before() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("16:50")), *every(20, at("8:30", TUESDAY), at("9:00", TUESDAY)))
    store.put("washer/why/pressed", [(at("17:30"), "setup"), (at("8:40", TUESDAY), "setup")])
    of = line(station(CYCLE, REASON), shift("08:30-17:15"), reasons=REASONS)
    found = ledger(store, of, at("8:30"), at("9:00", TUESDAY))
    assert [(stop.start, stop.reason) for stop in found.stops] == [(at("16:50"), None)]


def test_a_stop_with_a_planned_reason_is_planned_time_and_not_in_stops() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:00")), *every(20, at("9:10"), at("9:30") - NS))
    store.put("washer/why/pressed", [(at("9:05"), "朝礼")])
    told = kpi(store, line(station(CYCLE, REASON), shift("08:30-17:15"), reasons=REASONS))
    assert told["ledger"]["planned_stop"] == 600.0
    assert told["planned_time_s"] == 3000.0
    assert (told["stops"]["minor"]["count"], told["stops"]["downtime"]["count"]) == (0, 0)
    assert told["basis"]["planned_time"]["planned_stop_s"] == 600.0


def test_a_stop_counts_where_it_begins_and_its_seconds_lie_where_they_fall() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("8:55")), *every(20, at("9:10"), at("9:30") - NS))
    hours = kpi(store, line(station(CYCLE), shift("08:30-17:15")), by="hour")["buckets"]
    assert [hour["stops"]["downtime"] for hour in hours] == [
        {"count": 1, "total_s": 300.0},
        {"count": 0, "total_s": 600.0},
    ]


def test_scrap_beside_the_cycle_sensor_ends_no_gap() -> None:
    store = MemoryStore()
    made(store, at("8:30:20"), at("8:40"))
    made(store, at("8:35"), sensor="scrap")
    of = line(station(CYCLE, SCRAP, scrap_is_counted=False), shift("08:30-17:15"))
    found = ledger(store, of, at("8:30"), at("8:40"), at("8:41"))
    assert (found.stops[0].start, found.stops[0].end) == (at("8:30:20"), at("8:39:40"))


def test_rework_lowers_the_first_pass_and_not_the_quality() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("8:40")))
    made(store, at("8:41"), at("8:42"), sensor="again")
    told = kpi(store, line(station(CYCLE, sensor("again", "rework", "total")), shift("08:30-17:15")))
    assert only(told, "rework_quantity", "quality_ratio") == {"rework_quantity": 2, "quality_ratio": 1.0}
    assert told["first_pass_ratio"] == pytest.approx(28 / 30)


def _days() -> tuple[MemoryStore, Line]:
    store = MemoryStore()
    moments = [*every(31, at("6:00"), at("11:30")), *every(47, at("13:30"), at("9:10", TUESDAY))]
    made(store, *moments)
    made(store, *moments[40::90], sensor="scrap")
    calendar = [
        CalendarEntry(MONDAY, "overtime", "日勤", None, time(18, 30)),
        CalendarEntry(MONDAY, "early", "日勤", time(7, 30)),
        CalendarEntry(MONDAY, "planned_stop", None, time(15), time(16)),
    ]
    of = line(
        station(CYCLE, SCRAP, silence_after_s=120.0), shift("08:30-17:15", "12:00-13:00"),
        shift("20:00-05:00", "00:00-00:45", name="夜勤"), calendar=calendar, day_starts=time(7),
    )  # fmt: skip
    return store, of


@pytest.mark.parametrize("by", ["hour", "day", "product"])
def test_buckets_are_clipped_to_the_window_and_sum_to_it(by: str) -> None:
    store, of = _days()
    start, end = at("7:20"), at("9:05", TUESDAY)
    told = kpi(store, of, start, end, by=by)
    for name in BUCKETS:
        assert sum(b["ledger"][name] for b in told["buckets"]) == pytest.approx(told["ledger"][name], abs=1e-6)
    for name in ("produced_quantity", "scrap_quantity", "produced_outside_planned", "unplaced_quantity"):
        assert sum(b[name] for b in told["buckets"]) == told[name]
    assert sum(told["ledger"].values()) == pytest.approx((end - start) / NS)


def test_shifts_are_clipped_too_and_hold_all_that_is_not_outside() -> None:
    store, of = _days()
    told = kpi(store, of, at("7:20"), at("2:00", TUESDAY), by="shift")
    assert [b["name"] for b in told["buckets"]] == ["日勤", "夜勤"]
    assert told["buckets"][0]["start"].startswith("2026-11-16T07:30")
    assert told["buckets"][1]["end"].startswith("2026-11-17T02:00")
    for name in set(BUCKETS) - {"no_shift"}:
        assert sum(b["ledger"][name] for b in told["buckets"]) == pytest.approx(told["ledger"][name], abs=1e-6)


def test_planned_time_is_regular_and_overtime_less_breaks_and_planned_stops() -> None:
    store, of = _days()
    hours: dict[str, Any] = kpi(store, of, at("7:00"), at("19:00"))["basis"]["planned_time"]
    assert hours == {
        "regular_s": 8.75 * 3600,
        "overtime_s": 2.25 * 3600,
        "break_s": 3600.0,
        "planned_stop_s": 3600.0,
        "planned_time_s": 9 * 3600.0,
    }


def test_the_losses_of_several_products_sum_to_the_planned_busy_time() -> None:
    store, of = two_products()
    washer = of.stations["washer"]
    of = replace(of, stations={"washer": replace(washer, sensors=dict(washer.sensors) | {SCRAP.id: SCRAP})})
    made(store, at("8:45"), at("9:20"), at("9:21"), sensor="scrap")
    told = kpi(store, of, by="product")
    for body in (told, *told["buckets"]):
        losses = body["losses_s"]
        parts = [*losses["downtime"].values(), *(losses[name] for name in ("minor", "speed", "quality", "value"))]
        assert sum(parts) == pytest.approx(body["planned_busy_time_s"])
    assert told["losses_s"]["quality"] == pytest.approx(1 * 20 + 2 * 60)


def test_the_last_reconciliation_before_the_windows_end_stands_beside_the_figure() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:30") - NS))
    body = {
        "station": "washer",
        "shift": "日勤",
        "quantity": "produced",
        "tally": 1012,
        "counted": 1009,
        "difference": -3,
    }
    for day in (MONDAY - timedelta(days=3), TUESDAY):
        store.keep_entry(Entry(f"r{day}", "reconciliation", at("8:30", day), 1, body | {"date": day.isoformat()}))
    told = kpi(store, line(station(CYCLE), shift("08:30-17:15")))["basis"]["reconciled"]
    assert only(told, "date", "difference") == {"date": "2026-11-13", "difference": -3}
    assert told["ja"] == "日報 1,012 / 計数 1,009 / -3(0.3 %)"
