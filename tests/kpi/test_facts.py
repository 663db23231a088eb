"""Figures of a window, rule by rule of the contract's section 4."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from collector.store import Entry
from contract.line import CalendarEntry, Line, Plan, Product, ProductAtStation, Reason
from kpi.answers import Answers, Asked
from kpi.desk import Desk, Ingesting
from kpi.tokens import Tokens
from tests.kpi.lines import (
    CYCLE,
    MODE,
    MONDAY,
    NS,
    PRODUCT,
    REASON,
    RUNNING,
    SCRAP,
    WASH,
    at,
    line,
    sensor,
    shift,
    station,
)
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_ledger import every

MORNING = (at("8:30"), at("9:30"))


def kpi(store: MemoryStore, of: Line, start: int = MORNING[0], end: int = MORNING[1], **asked: Any) -> dict[str, Any]:
    """The first station's figures; now is the window's end, unless told."""
    now = asked.pop("now", end)
    body: dict[str, Any] = answers(store, of, now).kpi(Asked(start, end, **asked))["stations"][0]
    return body


class Unasked:
    """The parts of a desk that no figure needs."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def answers(store: MemoryStore, of: Line, now: int) -> Answers:
    ingest: Ingesting = Unasked()
    tokens: Tokens = Unasked()  # type: ignore[assignment]
    return Answers(Desk(store, lambda: [(0, of)], ingest, tokens, lambda: now, live=False))


def made(store: MemoryStore, *times: int, sensor: str = "done", stream: str = "s1") -> None:
    store.put(f"washer/{sensor}/count", [(t, i + 1) for i, t in enumerate(times)], stream)


def only(told: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: told[key] for key in keys}


def test_pieces_in_a_break_are_produced_and_not_in_oee() -> None:
    store = MemoryStore()
    made(store, *every(60, at("8:30"), at("9:30") - NS))
    told = kpi(store, line(station(CYCLE, stop_after_s=120.0), shift("08:30-17:15", "09:00-09:30")))
    assert told["produced_quantity"] == 59
    assert told["produced_outside_planned"] == 30
    assert told["oee"] == pytest.approx(29 * 20 / 1800)
    assert "outside_planned" in told["warnings"]


def test_unplaced_pieces_are_produced_and_nothing_else() -> None:
    store = MemoryStore()
    store.put("washer/done/count", [(at("8:30"), 1), (at("8:35"), 16), (at("8:35:20"), 17)])
    told = kpi(store, line(station(CYCLE), shift("08:30-17:15")))
    assert only(told, "produced_quantity", "unplaced_quantity") == {"produced_quantity": 17, "unplaced_quantity": 14}
    assert told["cycle_time_s"]["count"] == 1
    assert told["oee"] == pytest.approx(3 * 20 / 3600)


def test_scrap_that_does_not_pass_the_cycle_sensor_is_added_to_produced_first() -> None:
    store = MemoryStore()
    made(store, *every(30, at("8:30"), at("8:45")))
    made(store, at("8:40:10"), at("8:41:10"), sensor="scrap")
    passes = kpi(store, line(station(CYCLE, SCRAP), shift("08:30-09:30")))
    apart = kpi(store, line(station(CYCLE, SCRAP, scrap_is_counted=False), shift("08:30-09:30")))
    assert only(passes, "produced_quantity", "good_quantity") == {"produced_quantity": 30, "good_quantity": 28}
    assert only(apart, "produced_quantity", "good_quantity") == {"produced_quantity": 32, "good_quantity": 30}
    assert apart["oee"] == pytest.approx(30 * 20 / 3600)
    assert apart["cycle_time_s"]["count"] == passes["cycle_time_s"]["count"] == 29


def test_scrap_later_than_its_piece_gives_negative_good_and_null_ratios() -> None:
    store = MemoryStore()
    made(store, at("8:00"))
    made(store, at("8:40"), at("8:41"), sensor="scrap")
    told = kpi(store, line(station(CYCLE, SCRAP), shift("07:30-17:15")))
    assert told["good_quantity"] == -2
    assert "scrap_later_than_piece" in told["warnings"]
    ratios = ("quality_ratio", "first_pass_ratio", "oee", "kadoritsu", "losses_s")
    assert all(told[name] is None for name in ratios)


def test_nothing_made_is_an_oee_of_zero_and_no_planned_time_is_none() -> None:
    store = MemoryStore()
    made(store, at("8:00"))
    of = line(station(CYCLE), shift("07:30-17:15"))
    assert kpi(store, of)["oee"] == 0.0
    night = kpi(store, of, at("20:00"), at("21:00"))
    assert only(night, "oee", "availability", "coverage", "throughput_per_h") == dict.fromkeys(
        ("oee", "availability", "coverage", "throughput_per_h")
    )


def test_without_an_ideal_what_needs_it_is_null() -> None:
    store = MemoryStore()
    made(store, *every(30, at("8:30"), at("9:30") - NS))
    told = kpi(store, line(station(CYCLE, ideal=None), shift("08:30-17:15")))
    needs = ("effectiveness", "oee", "kadoritsu", "availability", "stops", "losses_s", "utilization")
    assert all(told[name] is None for name in needs)
    assert told["produced_quantity"] == 119
    assert "no_ideal" in told["warnings"]
    assert kpi(MemoryStore(), line(station(CYCLE, ideal=None), shift("08:30-17:15")))["oee"] is None


def test_a_station_without_cycle_and_running_sensor_has_no_stops_and_no_quantities() -> None:
    store = MemoryStore()
    store.put("washer/wash/state", [(at("8:31"), 1), (at("8:32"), 0)])
    told = kpi(store, line(station(WASH), shift("08:30-17:15")))
    assert all(told[name] is None for name in ("produced_quantity", "good_quantity", "oee", "effectiveness", "stops"))
    assert told["ledger"]["run"] == 3600
    assert told["phases"]["wash"]["count"] == 1
    assert told["warnings"] == ["no_cycle_sensor"]


def test_the_ideal_applies_to_each_piece_of_a_count() -> None:
    """Cavities of a mould: four pieces a count, 20 s a piece, a count every 80 s is the ideal."""
    store = MemoryStore()
    made(store, *every(80, at("8:30"), at("9:30") - NS))
    told = kpi(store, line(station(CYCLE, pieces_per_count=4), shift("08:30-17:15")))
    assert told["produced_quantity"] == 44 * 4
    assert told["cycle_time_s"]["median"] == 20.0
    assert told["effectiveness"] == pytest.approx(44 * 80 / 3600)
    assert told["ledger"]["run"] == 3600


def test_test_pieces_are_never_produced() -> None:
    store = MemoryStore()
    made(store, at("8:35"), at("8:40"), at("8:40:30"), at("8:50"), at("8:50:30"))
    store.put("washer/mode/pressed", [(at("8:36"), "setup"), (at("8:45"), "production")])
    told = kpi(store, line(station(CYCLE, MODE, stop_after_s=900.0), shift("08:30-17:15")))
    assert only(told, "produced_quantity", "test_quantity") == {"produced_quantity": 3, "test_quantity": 2}
    assert told["losses_s"]["downtime"]["setup"] == 15 * 60 - 20


def test_cycle_times_hold_no_stop_break_or_silence_and_belong_to_the_piece_that_ends_them() -> None:
    store = MemoryStore()
    made(store, at("8:59:50"), at("9:00:11"), at("9:09:50"), at("9:10:10"), at("9:20:10"), at("9:20:35"))
    told = kpi(store, line(station(CYCLE), shift("08:30-17:15", "09:10-09:20")), at("9:00"), at("9:30"))
    assert told["cycle_time_s"]["count"] == 2
    assert (told["cycle_time_s"]["median"], told["cycle_time_s"]["p95"]) == (23.0, pytest.approx(24.8))


def test_a_phase_belongs_to_the_window_of_its_end_and_holds_no_silence() -> None:
    store = MemoryStore()
    made(store, *every(30, at("8:30"), at("9:00")))
    rows = [(at("8:29:50"), 1), (at("8:30:10"), 0), (at("8:31"), 1), (at("8:31:12"), 0), (at("8:59:58"), 1)]
    store.put("washer/wash/state", [*rows, (at("9:40"), 0)])
    of = line(station(CYCLE, WASH, silence_after_s=120.0), shift("08:00-17:15"))
    first = kpi(store, of, at("8:30"), at("9:00"), now=at("10:00"))["phases"]["wash"]
    assert (first["count"], first["median"]) == (2, 16.0)
    assert first["share"] == pytest.approx(12 / (58 * 30))
    assert kpi(store, of, at("9:00"), at("10:00"))["phases"]["wash"]["count"] == 0


def test_running_without_a_piece_is_idling() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("8:40")), at("8:45"))
    store.put("washer/running/state", [(at("8:30"), 1)])
    told = kpi(store, line(station(CYCLE, RUNNING), shift("08:30-08:46")), end=at("8:46"))
    assert told["idling_s"] == 280 + 60
    assert told["ledger"] == dict.fromkeys(told["ledger"], 0.0) | {"run": 960.0}
    assert kpi(store, line(station(CYCLE), shift("08:30-08:46")), end=at("8:46"))["idling_s"] is None


def test_mtbf_and_mttr_say_what_they_count() -> None:
    store = MemoryStore()
    made(
        store,
        *every(20, at("8:30"), at("8:40")),
        *every(20, at("8:41"), at("8:50")),
        *every(20, at("9:02"), at("9:30")),
    )
    of = line(station(CYCLE, REASON), shift("08:30-09:30"), reasons={"motor": Reason("motor", "モーター", "failure")})
    by_length = kpi(store, of)["stops"]
    assert only(by_length, "basis", "mttr_s", "reason_share") == {
        "basis": "length",
        "mttr_s": 720.0,
        "reason_share": 0.0,
    }
    store.put("washer/why/pressed", [(at("8:40:30"), "motor")])
    by_reason = kpi(store, of)["stops"]
    assert by_reason["basis"] == "reason"
    assert by_reason["downtime"]["count"] == 2
    assert by_reason["mttr_s"] == 60.0
    assert by_reason["mtbf_s"] == kpi(store, of)["actual_production_time_s"]


def test_kadoritsu_takes_the_losses_out_that_the_line_says() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("8:40")), *every(20, at("9:00"), at("9:30")))
    store.put("washer/why/pressed", [(at("8:50"), "no-material")])
    reasons = {"no-material": Reason("no-material", "材料なし", "starved")}
    of = line(station(CYCLE, REASON, kadoritsu_excludes=("starved",)), shift("08:30-09:30"), reasons=reasons)
    told = kpi(store, of)
    assert told["oee"] == pytest.approx(119 * 20 / 3600)
    assert told["kadoritsu"] == pytest.approx(119 * 20 / 2400)
    assert told["basis"]["kadoritsu_excludes"] == ["starved"]
    short = "負荷60分・欠測0分・段取り含む・可動率は材料待ち20分を除く40分・基準CT20秒"
    assert told["basis"]["short"]["ja"] == short
    assert told["basis"]["kadoritsu"]["ja"] == f"可動率 99.2 %({short})"
    assert "kadoritsu over 40 min, without 20 min starved" in told["basis"]["short"]["en"]


def test_a_calendar_stop_over_a_break_leaves_the_break_whole() -> None:
    """12:30 to 14:00 over the break 12:00 to 13:00: 60 minutes of break, 60 of stop beside it."""
    stop = CalendarEntry(MONDAY, "planned_stop", "日勤", time(12, 30), time(14))
    of = line(station(CYCLE), shift("08:30-17:15", "12:00-13:00"), calendar=[stop])
    hours = kpi(MemoryStore(), of, at("8:30"), at("17:15"))["basis"]["planned_time"]
    assert (hours["regular_s"], hours["break_s"], hours["planned_stop_s"]) == (31500.0, 3600.0, 3600.0)
    assert hours["planned_time_s"] == 31500.0 - 7200.0


def plans(*quantities: int) -> tuple[Plan, ...]:
    return tuple(Plan("washer", "日勤", quantity) for quantity in quantities)


def test_a_set_up_told_by_the_mode_is_a_loss_that_kadoritsu_may_leave_out() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:00")), at("9:10"), *every(20, at("9:10"), at("9:30") - NS))
    store.put("washer/mode/pressed", [(at("9:00:10"), "setup"), (at("9:09"), "production")])
    told = kpi(
        store, line(station(CYCLE, MODE, stop_after_s=60.0, kadoritsu_excludes=("setup",)), shift("08:30-17:15"))
    )
    assert told["ledger"]["downtime"] == 580
    assert told["kadoritsu"] == pytest.approx(told["oee"] * 3600 / (3600 - 580))


def test_without_regular_hours_there_is_no_takt() -> None:
    overtime = line(station(CYCLE), shift("08:30-17:15", regular=False))
    assert kpi(MemoryStore(), overtime, demand=100.0)["takt_time_s"] is None


def test_plans_are_shared_out_by_planned_time() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:30") - NS))
    of = line(station(CYCLE), shift("08:30-12:30", "09:30-09:40"), plan=plans(690))
    told = kpi(store, of, at("8:30"), at("12:30"), now=at("9:30"))
    assert told["takt_time_s"] == pytest.approx(230 * 60 / 690)
    assert told["progress_pieces"] == pytest.approx(179 - 690 * 60 / 230)
    assert told["plan_attainment"] == pytest.approx(179 / 180)
    hours = kpi(store, of, at("8:30"), at("12:30"), by="hour", now=at("12:30"))["buckets"]
    assert [h["basis"]["demand"] for h in hours] == pytest.approx([90, 690 * 50 / 230, 180, 180, 90])


def test_a_plan_entered_by_hand_wins_and_the_last_word_counts() -> None:
    store = MemoryStore()
    made(store, at("8:31"))
    body = {"station": "washer", "date": MONDAY.isoformat(), "shift": "日勤", "product": None}
    store.keep_entry(Entry("a", "plan", at("0:00"), 1, body | {"quantity": 500}))
    of = line(station(CYCLE), shift("08:30-12:30"), plan=plans(690))
    assert kpi(store, of, at("8:30"), at("12:30"))["basis"]["demand"] == 500
    store.keep_entry(Entry("a", "plan", at("0:00"), 2, body | {"quantity": 600}))
    assert kpi(store, of, at("8:30"), at("12:30"))["basis"]["demand"] == 600


def test_a_future_window_has_its_takt_and_utilization() -> None:
    store = MemoryStore()
    made(store, at("8:31"))
    tomorrow = MONDAY + timedelta(days=1)
    of = line(station(CYCLE), shift("08:30-12:30"), plan=plans(600))
    told = kpi(store, of, at("8:30", tomorrow), at("12:30", tomorrow), now=at("12:00"))
    assert only(told, "takt_time_s", "oee", "produced_quantity") == {
        "takt_time_s": 24.0,
        "oee": None,
        "produced_quantity": 0,
    }
    assert told["utilization"] == pytest.approx(600 * 20 / 14400)
    assert sum(told["ledger"].values()) == 0


def test_a_correction_counts_in_the_bucket_of_its_time_and_changes_no_time() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:30") - NS))
    body = {"station": "washer", "quantity": "scrap", "delta": 5, "why": "検査で見つかった", "product": None}
    store.keep_entry(Entry("a", "correction", at("9:10"), at("18:00"), body))
    of = line(station(CYCLE), shift("08:30-12:30"))
    told = kpi(store, of, by="hour")
    assert only(told, "produced_quantity", "scrap_quantity") == {"produced_quantity": 179, "scrap_quantity": 5}
    assert [b["scrap_quantity"] for b in told["buckets"]] == [0, 5]
    assert told["ledger"]["run"] == 3600


PRODUCTS = {
    "a-100": Product("a-100", "ブラケットA", ("A-100",), {"washer": ProductAtStation(20.0)}),
    "b-200": Product("b-200", "ブラケットB", (), {"washer": ProductAtStation(60.0)}),
}


def two_products() -> tuple[MemoryStore, Line]:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:00")), *every(60, at("9:05"), at("9:30") - NS))
    store.put("washer/product/pressed", [(at("8:20"), "A-100"), (at("9:02"), "ブラケットB")])
    return store, line(station(CYCLE, PRODUCT, ideal=None), shift("08:30-09:30"), products=PRODUCTS)


def test_several_products_each_have_their_ideal() -> None:
    store, of = two_products()
    told = kpi(store, of)
    assert told["oee"] == pytest.approx((90 * 20 + 24 * 60) / 3600)
    assert told["basis"]["several_products"]
    assert told["basis"]["products"] == ["ブラケットA (a-100)", "ブラケットB (b-200)"]
    mean = (90 * 20 + 24 * 60) / 114
    assert told["basis"]["ideal"]["mean_of_what_was_made_s"] == pytest.approx(mean)
    assert told["basis"]["short"]["ja"].endswith(f"・基準CT20~60秒(平均{mean:.1f}秒)")
    assert told["basis"]["short"]["en"].endswith(f", ideal 20 to 60 s (mean {mean:.1f} s)")
    alone = kpi(store, of, product="a-100")
    assert alone["basis"]["short"]["ja"].endswith("・基準CT20秒")
    assert told["ledger"] == dict.fromkeys(told["ledger"], 0.0) | {"run": 3300.0, "minor_stop": 300.0}


def test_by_product_the_buckets_are_the_window_and_a_set_up_belongs_to_what_follows() -> None:
    store, of = two_products()
    whole = kpi(store, of, by="product")
    told = {bucket["product"]: bucket for bucket in whole["buckets"]}
    assert set(told) == {"a-100", "b-200"}
    assert told["a-100"]["planned_busy_time_s"] == 1800
    assert told["b-200"]["ledger"]["minor_stop"] == 300
    assert {p: b["produced_quantity"] for p, b in told.items()} == {"a-100": 90, "b-200": 24}
    for bucket, seconds in whole["ledger"].items():
        assert sum(b["ledger"][bucket] for b in told.values()) == pytest.approx(seconds)
    assert kpi(store, of, product="b-200")["produced_quantity"] == 24


def test_a_correction_that_names_no_product_is_of_the_product_made_then() -> None:
    store, of = two_products()
    body = {"station": "washer", "quantity": "scrap", "delta": 9, "why": "検査で見つかった", "product": None}
    store.keep_entry(Entry("a", "correction", at("8:45"), at("18:00"), body))
    told = {bucket["product"]: bucket for bucket in kpi(store, of, by="product")["buckets"]}
    assert {p: b["scrap_quantity"] for p, b in told.items()} == {"a-100": 9, "b-200": 0}
    assert kpi(store, of)["oee"] == pytest.approx((81 * 20 + 24 * 60) / 3600)


def test_a_correction_of_a_product_nobody_saw_has_its_bucket_too() -> None:
    store, of = two_products()
    body = {"station": "washer", "quantity": "produced", "delta": 3, "why": "手作業で追加", "product": "a-100"}
    store.keep_entry(Entry("a", "correction", at("9:20"), at("18:00"), body))
    told = kpi(store, of, at("9:10"), by="product")
    assert {b["product"]: b["produced_quantity"] for b in told["buckets"]} == {"a-100": 3, "b-200": 20}
    assert told["produced_quantity"] == 23


def test_scrap_beside_the_cycle_sensor_made_in_a_break_is_outside_the_plan() -> None:
    store = MemoryStore()
    made(store, *every(20, at("8:30"), at("9:30") - NS))
    made(store, at("8:45"), at("9:05"), sensor="scrap")
    told = kpi(store, line(station(CYCLE, SCRAP, scrap_is_counted=False), shift("08:30-09:30", "9:00-9:10")))
    assert only(told, "produced_quantity", "produced_outside_planned") == {
        "produced_quantity": 181,
        "produced_outside_planned": 31,
    }


def test_parallel_outlets_are_one_station() -> None:
    store = MemoryStore()
    made(store, *every(40, at("8:30"), at("9:30") - NS))
    made(store, *every(40, at("8:30:20"), at("9:30") - NS), sensor="done2")
    told = kpi(store, line(station(CYCLE, sensor("done2", "cycle", "total"), ideal=20.0), shift("08:30-09:30")))
    assert told["cycle_time_s"]["median"] == 20.0
    assert told["produced_quantity"] == 89 + 89
    assert told["basis"]["source"] == ["done", "done2"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(5, 400), min_size=1, max_size=60), st.integers(0, 10), st.sampled_from([None, 300.0]))
def test_for_one_product_oee_is_the_product_of_the_three(steps: list[int], scrap: int, written: float | None) -> None:
    store, t, moments = MemoryStore(), at("8:30"), []
    for step in steps:
        t += step * NS
        moments.append(t)
    made(store, *moments)
    made(store, *moments[:scrap], sensor="scrap")
    told = kpi(
        store, line(station(CYCLE, SCRAP, **({"stop_after_s": written} if written else {})), shift("08:30-17:15"))
    )
    factors = [told[name] for name in ("availability", "effectiveness", "quality_ratio")]
    if told["oee"] is not None and None not in factors:
        assert told["oee"] == pytest.approx(factors[0] * factors[1] * factors[2], rel=1e-9)
    assert sum(told["ledger"].values()) == pytest.approx(3600)
    if told["losses_s"] is not None:
        losses = told["losses_s"]
        parts = [*losses["downtime"].values(), *(losses[k] for k in ("minor", "speed", "quality", "value"))]
        assert sum(parts) == pytest.approx(told["planned_busy_time_s"])


def test_the_line_is_judged_by_its_end_and_its_bottleneck() -> None:
    from contract.line import Flow, Sensor

    store = MemoryStore()
    made(store, *every(27, at("8:30"), at("9:30") - NS))
    store.put("packer/done/count", [(t, i + 1) for i, t in enumerate(every(30, at("8:30"), at("9:30") - NS))])
    washer = station(CYCLE, ideal=27.0)
    done: Sensor = replace(CYCLE, station="packer")
    packer = replace(station(done, ideal=18.0), id="packer")
    lathe = replace(station(ideal=90.0), id="lathe")
    of = line(washer, shift("08:30-09:30"), flow=(Flow("washer", "packer"),))
    of = replace(of, stations={"washer": washer, "packer": packer, "lathe": lathe})
    told = answers(store, of, at("9:30")).kpi(Asked(*MORNING))["line"]
    assert only(told, "station", "bottleneck", "good_quantity") == {
        "station": "packer", "bottleneck": "washer", "good_quantity": 119,
    }  # fmt: skip
    assert told["kadoritsu"] == pytest.approx(27 * 119 / 3600)
    plan = (Plan("washer", "日勤", 50), Plan("packer", "日勤", 100))
    told = answers(store, replace(of, plan=plan), at("9:30")).kpi(Asked(*MORNING))["line"]
    assert told["bottleneck"] == "packer"
