"""What a TPS manager would doubt in a comparison, caught: drift, mix, missing days, settings, other stations."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract.line import CalendarEntry, Flow, Product, ProductAtStation, Station
from tests.kpi.desks import FakeDemo, Service
from tests.kpi.evaluations import (
    AFTER,
    BEFORE,
    DAY,
    FIRST,
    NOW,
    OF,
    PIECES,
    SHIFT,
    SPLIT,
    ask,
    codes,
    make,
    noisy,
    service,
    washer,
    working_days,
)  # fmt: skip
from tests.kpi.lines import PRODUCT, SCRAP, at, line, sensor, shift
from tests.kpi.memory_store import MemoryStore

pytestmark = pytest.mark.slow


@pytest.fixture
def improved(tmp_path: Path) -> Service:
    """25 s a piece before, 22 s after."""
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    return service(tmp_path, store)


def _series(name: str) -> Any:
    from tests.kpi.memory_store import series_of

    return series_of(name)


def test_days_with_few_pieces_or_low_coverage_drop_out(tmp_path: Path) -> None:
    store = MemoryStore()
    few, silent = working_days()[2], working_days()[5]
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2), few={few: 29})
    told_of = line(washer(silence_after_s=120.0), SHIFT)
    for day in working_days(weeks=4):
        if day != silent:
            store.put("washer/_agent/alive", [(at(f"8:{m:02}", day), m) for m in range(60)], stream=str(day))
            store.put("washer/_agent/alive", [(at(f"9:{m:02}", day), m) for m in range(60)], stream=f"{day}b")
    for name in ("done/count", "wash/state"):
        rows = store.rows[_series(f"washer/{name}")]
        rows[:] = [row for row in rows if not at("8:40", silent) <= row[0] < at("9:20", silent)]
    told = ask(service(tmp_path, store, told_of))
    gone = {one["date"]: one["reason"] for one in told["excluded"] if one["reason"] != "no_planned_time"}
    assert gone == {few.isoformat(): "few_pieces", silent.isoformat(): "low_coverage"}
    assert told["before"]["n"] == 8
    assert "missing_days" in codes(told)


def test_of_a_phase_thirty_of_them_are_needed(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    day = working_days()[0]
    rows = store.rows[_series("washer/wash/state")]
    rows[:] = [row for row in rows if not at("8:40", day) <= row[0] < at("10:00", day)]
    desk = service(tmp_path, store)
    assert [one["reason"] for one in ask(desk, "phases.wash")["excluded"] if one["date"] == day.isoformat()] == [
        "few_phases"
    ]
    assert ask(desk)["before"]["n"] == 10, "its pieces still count"


def test_a_drifting_baseline_is_caught_and_is_no_effect(tmp_path: Path) -> None:
    store = MemoryStore()
    drifting = {day: 25.0 - 0.1 * n for n, day in enumerate(working_days(weeks=4))}
    make(store, drifting)
    told = ask(service(tmp_path, store))
    plain = told["difference"]["interval90_plain"]
    assert plain[1] < 0, "without looking at the order it would have been an effect"
    assert told["p_value"] < 0.001
    assert {"trend_before", "trend_after"} <= set(codes(told))
    assert told["widened"]
    assert told["verdict"] == "not_confirmed"
    assert told["order"]["drift"] == pytest.approx(-1.1, abs=0.1)


def test_days_that_resemble_each_other_are_told(tmp_path: Path) -> None:
    store = MemoryStore()
    waves = {day: 25.0 + 0.5 * ((n // 3) % 2) for n, day in enumerate(working_days(weeks=2))}
    make(store, waves | noisy(SPLIT, 22.0, seed=2))
    told = ask(service(tmp_path, store))
    assert "correlated_before" in codes(told)
    low, high = told["difference"]["interval90"]
    narrow = told["difference"]["interval90_plain"]
    assert low <= narrow[0]
    assert high >= narrow[1]


def test_pieces_made_after_the_shift_on_one_side_only_are_told(tmp_path: Path) -> None:
    store = MemoryStore()
    longer = dict.fromkeys(working_days(SPLIT), 180)
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 25.0, seed=2), few=longer)
    told = ask(service(tmp_path, store), "throughput_per_h")
    assert told["verdict"] == "better", "good pieces by planned time: what was made after the shift is in it"
    assert "worked_outside" in codes(told)


def test_as_many_made_after_the_shift_before_as_after_raise_no_doubt(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 25.0, seed=2), few=dict.fromkeys(working_days(weeks=4), 180))
    assert "worked_outside" not in codes(ask(service(tmp_path, store), "throughput_per_h"))


def two_products(tmp_path: Path, of_b_before: int, of_b_after: int) -> Service:
    """So many of the ten days of each side make the product that takes longer."""
    products = {p: Product(p, f"部品{p.upper()}", (p,), {"washer": ProductAtStation(20.0, None)}) for p in ("a", "b")}
    store = MemoryStore()
    days = {}
    said: list[tuple[int, str]] = []
    for first, of_b in ((FIRST, of_b_before), (SPLIT, of_b_after)):
        for n, (day, cycle_s) in enumerate(noisy(first, 25.0).items()):
            is_b = n % 10 < of_b
            days[day] = cycle_s + (6.0 if is_b else 0.0)
            said.append((at("8:29", day), "b" if is_b else "a"))
    make(store, days)
    store.put("washer/product/pressed", said)
    return service(tmp_path, store, line(washer(PRODUCT), SHIFT, products=products))


def test_another_mix_of_products_is_caught_and_one_product_can_be_compared(tmp_path: Path) -> None:
    desk = two_products(tmp_path, 8, 2)
    told = ask(desk)
    assert "product_mix" in codes(told)
    assert told["products"] == ["a", "b"]
    assert told["difference"]["median"] == pytest.approx(-6.0, abs=0.2)
    mix = next(caveat for caveat in told["caveats"] if caveat["code"] == "product_mix")
    assert "部品A: 20%→80%" in mix["ja"]
    assert "品番 部品A・部品B、" in told["statement_ja"], "people know their parts by name"
    only_a = ask(two_products(tmp_path, 5, 5), product="a")
    assert "product_mix" not in codes(only_a)
    assert only_a["before"]["n"] == 5
    assert only_a["difference"]["median"] == pytest.approx(0.0, abs=0.2)


def test_the_same_mix_is_no_doubt(tmp_path: Path) -> None:
    assert "product_mix" not in codes(ask(two_products(tmp_path, 5, 5)))


def test_missing_days_are_caught_and_named_in_the_statement(tmp_path: Path) -> None:
    store = MemoryStore()
    days = noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2)
    for day in working_days(SPLIT)[3:6]:
        del days[day]
    make(store, days)
    told = ask(service(tmp_path, store))
    assert told["after"]["n"] == 7
    missing = next(caveat for caveat in told["caveats"] if caveat["code"] == "missing_days")
    assert "20 日のうち 3 日" in missing["ja"]
    assert "注意点が" in told["statement_ja"]


def test_another_sensor_another_basket_and_other_hours_are_caught(improved: Service, tmp_path: Path) -> None:
    moved = sensor("done", "cycle", "total")
    moved = replace(moved, settings={"pin": 22})
    later = line(replace(washer(pieces_per_count=2), sensors={"done": moved, "wash": washer().sensors["wash"]}),
                 shift("08:30-10:30", days=SHIFT.days))  # fmt: skip
    desk = service(tmp_path, improved.store, later, versions=[(0, OF), (at("0:00", SPLIT), later)])
    told = ask(desk)
    assert {"sensor_changed", "pieces_per_count_changed", "hours_changed"} <= set(codes(told))
    assert "同一センサー" not in told["statement_ja"]


def test_a_measure_inside_a_window_is_told(improved: Service) -> None:
    said = {"at": f"{(SPLIT + 5 * DAY).isoformat()}T12:00:00+09:00", "kind": "improvement", "text": "治具を変えた"}
    improved.write("/events", said)
    assert "measure_inside_after" in codes(ask(improved))


def test_virtual_data_are_called_so(improved: Service, tmp_path: Path) -> None:
    told = ask(service(tmp_path, improved.store, demo=FakeDemo()))
    assert told["statement_ja"].startswith("【仮想データ】")
    assert told["virtual"]
    assert "virtual" in codes(told)


# -- what else ---------------------------------------------------------------------------------------------------------


def test_one_figure_that_got_worse_is_named(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    bad = 0
    for n, day in enumerate(working_days(weeks=4)):
        todays = 1 + n % 2 if n < 10 else 9 + n % 2
        store.put("washer/scrap/count", [(at(f"8:{40 + i}", day), bad + i + 1) for i in range(todays)], seq=bad + 1)
        bad += todays
    told = ask(service(tmp_path, store, line(washer(SCRAP), SHIFT)), "phases.wash")
    worse = {one["kpi"]: one for one in told["worse_figures"]}
    assert worse["quality_ratio"]["verdict"] == "worse"
    assert told["worse_figures"][0]["verdict"] == "worse"
    assert f"悪くなった指標: {told['worse_figures'][0]['title']['ja']}" in told["statement_ja"]
    assert "良品率は 9" in told["statement_ja"]
    assert told["looked_at"] >= len(worse)


def two_stations(*, both_improve: bool, tmp_path: Path) -> Service:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    make(store, noisy(FIRST, 31.0, seed=3) | noisy(SPLIT, 28.0 if both_improve else 31.0, seed=4), station="packer")
    packer = Station("packer", "梱包", "pi-1", 20.0, stop_after_s=60.0, stop_after_is_written=True, silence_after_s=0.0)
    sensors = {s.id: replace(s, station="packer") for s in washer().sensors.values()}
    both = {"washer": washer(), "packer": replace(packer, sensors=sensors)}
    return service(tmp_path, store, replace(OF, stations=both, flow=(Flow("washer", "packer"),)))


def test_a_control_station_takes_off_what_came_to_all(tmp_path: Path) -> None:
    told = ask(two_stations(both_improve=True, tmp_path=tmp_path), control="packer")
    assert told["control"]["difference"]["median"] == pytest.approx(-3.0, abs=0.01)
    assert told["difference"]["of"] == "difference_of_differences"
    assert told["difference"]["median"] == pytest.approx(0.0, abs=0.2)
    assert told["verdict"] == "not_confirmed"
    assert "比較工程「梱包」との差の差" in told["statement_ja"]


def test_what_came_to_one_station_alone_stands_against_a_control(tmp_path: Path) -> None:
    desk = two_stations(both_improve=False, tmp_path=tmp_path)
    told = ask(desk, control="packer")
    assert told["difference"]["median"] == pytest.approx(-3.0, abs=0.2)
    assert told["verdict"] == "better"
    day = working_days()[4]
    for name in ("done/count", "wash/state"):
        rows = desk.store.rows[_series(f"packer/{name}")]
        rows[:] = [row for row in rows if not at("0:00", day) <= row[0] < at("0:00", day + DAY)]
    told = ask(desk, control="packer")
    assert [one["date"] for one in told["excluded"] if one["reason"] == "control_dropped"] == [day.isoformat()]
    assert told["before"]["n"] == 9


def test_the_statement_says_what_the_line_made_of_it(tmp_path: Path) -> None:
    told = ask(two_stations(both_improve=False, tmp_path=tmp_path))
    assert told["line_output"]["kpi"] == "throughput_per_h"
    assert told["line_output"]["station"] == "梱包"
    assert "ライン出来高は 60.0 個/時から 60.0 個/時へ(+0 %)。" in told["statement_ja"]


@pytest.mark.parametrize("control", ["washer", "nobody"])
def test_a_control_that_is_none_is_refused(improved: Service, control: str) -> None:
    asked = {"station": "washer", "kpi": "oee", "before": BEFORE, "after": AFTER, "control": control}
    assert improved.ask("/api/v1/evaluation", params=asked).status_code in (404, 422)


def test_days_of_another_length_when_the_clocks_change_still_count(tmp_path: Path) -> None:
    first = date(2026, 10, 12)
    berlin = line(washer(), SHIFT, zone="Europe/Berlin")
    store = MemoryStore()
    days = working_days(first, weeks=4)
    for day in days:
        start = at("8:30", day, berlin.zone)
        counted = len(store.rows.get(_series("washer/done/count"), []))
        ends = [(start + i * 25 * 10**9, counted + i) for i in range(1, PIECES + 1)]
        store.put("washer/done/count", ends, seq=counted + 1)
    desk = service(tmp_path, store, berlin, now=NOW)
    told = ask(
        desk,
        before="2026-10-12T00:00:00+02:00/2026-10-26T00:00:00+01:00",
        after="2026-10-26T00:00:00+01:00/2026-11-09T00:00:00+01:00",
    )
    assert told["before"]["n"] == told["after"]["n"] == 10
    assert told["before"]["days"][-1]["date"] == "2026-10-23"


def test_a_holiday_has_no_planned_time_and_holiday_work_counts(tmp_path: Path) -> None:
    away, extra = working_days()[1], FIRST + 5 * DAY
    calendar = (CalendarEntry(away, "holiday", "日勤"), CalendarEntry(extra, "holiday_work", "日勤"))
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | {extra: 25.0} | noisy(SPLIT, 22.0, seed=2))
    told = ask(service(tmp_path, store, line(washer(), SHIFT, calendar=calendar)))
    dates = {day["date"] for day in told["before"]["days"]}
    assert away.isoformat() not in dates
    assert extra.isoformat() in dates
