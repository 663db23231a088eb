"""Did it help? The answer of /evaluation by the days: what counts, what drops out, what is said."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import pytest
from scipy.stats import mannwhitneyu

from contract.line import Since
from kpi.evaluation.days import Day
from kpi.evaluation.money import worked_days
from kpi.service_evaluation_schemas import EVALUATION
from tests.kpi.desks import Service
from tests.kpi.evaluations import (
    AFTER,
    BEFORE,
    DAY,
    FIRST,
    PIECES,
    SHIFT,
    SPLIT,
    ask,
    codes,
    make,
    noisy,
    service,
    span,
    values,
    washer,
    working_days,
)  # fmt: skip
from tests.kpi.lines import at, line
from tests.kpi.memory_store import MemoryStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def improved(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """25 s a piece before, 22 s after; nobody writes to it."""
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    return service(tmp_path_factory.mktemp("improved"), store)


def test_an_improvement_is_confirmed_with_its_interval_and_in_words(improved: Service) -> None:
    told = ask(improved)
    assert told["unit"] == "s"
    assert told["better"] == "lower"
    assert told["by"] == "day"
    assert told["before"]["n"] == told["after"]["n"] == 10
    assert told["before"]["median"] == pytest.approx(25.0)
    assert told["after"]["median"] == pytest.approx(22.0)
    assert told["difference"]["median"] == told["after"]["median"] - told["before"]["median"]
    assert told["difference"]["percent"] == pytest.approx(-12.0)
    low, high = told["difference"]["interval90"]
    assert -3.2 < low < -3.0 < high < -2.8
    assert told["p_value"] == mannwhitneyu(values(told, "before"), values(told, "after")).pvalue
    assert (told["verdict"], told["confirmed"]) == ("better", True)
    assert told["statement_ja"].startswith(
        "効果を確認しました。洗浄機のサイクルタイム(完成間隔)は 25.0 秒から 22.0 秒へ、3.0 秒短縮(90 %区間 "
    )
    assert "前 10 日・後 10 日、同一センサー、データ取得率 100 %)。" in told["statement_ja"]
    assert "受注の増加はこの測定では説明しません。" in told["statement_ja"]
    assert told["statement_en"].startswith("The effect is confirmed.")


def test_asked_again_it_says_the_same_in_the_shape_that_is_described(improved: Service) -> None:
    told = ask(improved, "cycle_time_s.median")
    assert told == ask(improved)
    jsonschema.validate(told, EVALUATION)
    jsonschema.validate(ask(improved, after=span(SPLIT, 2)), EVALUATION)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kpi", ["a\x00b", "phases..", ".", "losses_s.downtime.x", "phases.wash.share", "%", "時間", "stops.basis"]
)
def test_a_hostile_name_gets_a_clear_answer(improved: Service, kpi: str) -> None:
    for more in ({"kpi": kpi}, {"station": kpi}, {"control": kpi}, {"product": kpi}, {"by": kpi}, {"before": kpi}):
        asked = {"station": "washer", "kpi": "oee", "before": BEFORE, "after": AFTER} | more
        answer = improved.ask("/api/v1/evaluation", params=asked)
        assert answer.status_code in (200, 404, 422), answer.text
        assert answer.json()


def test_the_days_of_both_sides_are_told_for_a_dot_plot(improved: Service) -> None:
    told = ask(improved)
    days = told["before"]["days"]
    assert [day["date"] for day in days] == [day.isoformat() for day in working_days()]
    assert {day["pieces"] for day in days} == {PIECES}
    assert {day["coverage"] for day in days} == {1.0}


def test_days_without_planned_time_are_listed_with_the_reason_in_words(improved: Service) -> None:
    weekends = [one for one in ask(improved)["excluded"] if one["side"] == "before"]
    assert [one["date"] for one in weekends] == [(FIRST + n * DAY).isoformat() for n in (5, 6, 12, 13)]
    assert {one["reason"] for one in weekends} == {"no_planned_time"}
    assert weekends[0]["ja"]
    assert weekends[0]["en"]


def test_no_difference_is_not_confirmed_and_the_detectable_difference_is_told(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 25.0, seed=2))
    told = ask(service(tmp_path, store))
    assert (told["verdict"], told["confirmed"]) == ("not_confirmed", False)
    assert told["statement_ja"].startswith(
        "効果は確認できませんでした(効果がないと分かったわけではありません)。"
        "この日数では約 0.1 秒より小さい差は見分けられません。"
    )
    assert 0.05 < told["difference"]["detectable"] < 0.2
    assert told["money"]["freed"] is None


@pytest.mark.slow
def test_what_got_slower_is_worse(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 22.0) | noisy(SPLIT, 25.0, seed=2))
    told = ask(service(tmp_path, store))
    assert (told["verdict"], told["confirmed"]) == ("worse", False)
    assert told["statement_ja"].startswith("悪化を確認しました。")


def test_fewer_than_five_days_on_a_side_are_not_judged(improved: Service) -> None:
    told = ask(improved, after=span(SPLIT, 4))
    assert told["after"]["n"] == 4
    assert told["verdict"] == "not_judged"
    assert told["difference"]["interval90"] is None
    assert told["p_value"] is None
    assert told["statement_ja"].startswith("日数が足りないため判定しません。")


@pytest.mark.slow
def test_both_sides_are_computed_with_the_ideal_of_the_days_before(improved: Service, tmp_path: Path) -> None:
    changed = line(washer(since=(Since(SPLIT, {"ideal_cycle_s": 10.0}),)), SHIFT)
    told = ask(service(tmp_path, improved.store, changed), "oee")
    usual = ask(improved, "oee")
    assert values(told, "after") == values(usual, "after")
    assert told["ideal"] == {"used_s": 20.0, "after_s": 10.0}
    assert "ideal_changed" in codes(told)
    assert "ideal_changed" not in codes(usual)


def test_the_limit_of_a_stop_that_follows_from_the_ideal_stays_too(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 25.0, seed=2))
    of = replace(washer(since=(Since(SPLIT, {"ideal_cycle_s": 10.0}),)), stop_after_is_written=False, stop_after_s=40.0)
    told = ask(service(tmp_path, store, line(of, SHIFT)))
    assert told["after"]["median"] == pytest.approx(25.0), "with 10 s, each gap of 25 s would be a stop"


@pytest.mark.slow
def test_a_path_names_seconds_in_short_stops(tmp_path: Path) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    told = ask(service(tmp_path, store), "stops.downtime.total_s")
    assert told["unit"] == "s"
    assert told["title"]["ja"] == "長い停止の時間"
    assert told["before"]["median"] == pytest.approx(3600 - PIECES * 25.0, abs=30)
    assert told["verdict"] == "worse", "who is faster stands longer until the bell"


@pytest.mark.parametrize(
    ("kpi", "status", "kind"),
    [
        ("takt_time_s", 422, "no-direction"),
        ("utilization", 422, "no-direction"),
        ("ledger", 422, "no-direction"),
        ("cycle_time_s.count", 422, "no-direction"),
        ("stops", 422, "no-number"),
        ("phases", 422, "no-number"),
        ("stops.minor", 422, "no-number"),
        ("oee.x", 422, "no-number"),
        ("phases.rinse", 404, "unknown"),
        ("beauty", 404, "unknown"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_words(improved: Service, kpi: str, status: int, kind: str) -> None:
    asked = {"station": "washer", "kpi": kpi, "before": BEFORE, "after": AFTER}
    answer = improved.ask("/api/v1/evaluation", params=asked)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].endswith(kind)
    assert answer.json()["ja"]
    assert answer.json()["en"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (AFTER, BEFORE, "windows-reversed"),
        (span(FIRST, 20), AFTER, "windows-overlap"),
        (BEFORE, BEFORE, "windows-overlap"),
        ("2026-10-01T00:00:00+09:00", AFTER, "bad-window"),
        ("2026-10-02T00:00:00+09:00/2026-10-01T00:00:00+09:00", AFTER, "bad-window"),
        ("2026-10-01T00:00:00/2026-10-02T00:00:00", AFTER, "bad-time"),
        ("2000-01-01T00:00:00+09:00/2026-10-02T00:00:00+09:00", AFTER, "bad-window"),
        ("/", AFTER, "bad-time"),
    ],
)
def test_windows_that_cannot_be_compared_are_refused_in_words(
    improved: Service, before: str, after: str, kind: str
) -> None:
    asked = {"station": "washer", "kpi": "oee", "before": before, "after": after}
    answer = improved.ask("/api/v1/evaluation", params=asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith(kind)


def test_a_window_in_the_future_is_not_judged_and_says_so(improved: Service) -> None:
    told = ask(improved, after=span(date(2027, 3, 1), 14))
    assert told["verdict"] == "not_judged"
    assert told["after"] == {"n": 0, "n_days": 0, "median": None, "mean": None, "std": None, "days": []}
    assert "not_over_after" in codes(told)


@pytest.mark.slow
def test_the_running_day_does_not_count(improved: Service, tmp_path: Path) -> None:
    told = ask(service(tmp_path, improved.store, now=at("10:00", SPLIT + timedelta(days=11))))
    assert [one["date"] for one in told["excluded"] if one["reason"] == "not_over"] == ["2026-11-13"]
    assert "not_over_after" in codes(told)


def test_by_cycle_the_median_is_of_all_cycles_and_whole_days_are_drawn(improved: Service) -> None:
    told = ask(improved, by="cycle")
    assert told["before"]["n"] == 10 * (PIECES - 1)
    assert told["before"]["n_days"] == 10
    assert told["difference"]["median"] == pytest.approx(-3.0, abs=0.05)
    by_day = ask(improved)["difference"]["interval90"]
    assert told["difference"]["interval90"] == pytest.approx(by_day, abs=0.1), "cycles of a day are no new evidence"
    asked = {"station": "washer", "kpi": "oee", "before": BEFORE, "after": AFTER, "by": "cycle"}
    assert improved.ask("/api/v1/evaluation", params=asked).status_code == 422


def test_days_a_year_are_those_of_the_weekdays_on_which_something_was_made() -> None:
    def days(first: date, many: int, off: tuple[int, ...]) -> list[Day]:
        dates = [first + timedelta(days=n) for n in range(many)]
        return [Day(d, 0, 1, {"produced_quantity": 0 if d.weekday() in off else 500}, {}) for d in dates]

    monday = date(2026, 11, 2)
    assert worked_days(days(monday, 14, ())) == 365
    assert worked_days(days(monday, 14, (5, 6))) == 260
    assert worked_days(days(monday, 5, ())) == 260, "a weekday that was never looked at counts as free"
    assert worked_days([*days(monday, 7, (6,)), *days(monday + timedelta(days=7), 7, (5, 6))]) == 286
    over = [replace(day, dropped="not_over") for day in days(monday, 7, ())]
    assert worked_days([*over, *days(monday, 1, ())]) == 52
    assert worked_days([]) == 0


# -- money and persons -------------------------------------------------------------------------------------------------


def test_hours_freed_are_no_yen_and_are_told_from_the_weak_end_too(improved: Service) -> None:
    told = ask(improved)
    freed = told["money"]["freed"]
    assert freed["seconds_each"] == pytest.approx(3.0)
    assert freed["weak_seconds_each"] == pytest.approx(-told["difference"]["interval90"][1])
    assert freed["hours_a_year"] == pytest.approx(3.0 * PIECES * freed["working_days_a_year"] / 3600)
    assert 260 <= freed["working_days_a_year"] <= 262
    assert freed["pieces_a_day"] == PIECES
    assert f"対策前の1日 {PIECES:,} 個 × 年 {freed['working_days_a_year']} 日" in freed["ja"]
    assert f"{PIECES:,} pieces a day as before the measure" in freed["en"]
    assert freed["weak_hours_a_year"] < freed["hours_a_year"]
    assert told["money"]["yen_a_year"] is None, "yen never follow from hours"
    assert ask(improved, "oee")["money"]["freed"] is None


@pytest.mark.slow
def test_of_a_persons_station_who_only_looks_gets_days_but_nothing_nearly_single(
    improved: Service, tmp_path: Path
) -> None:
    desk = service(tmp_path, improved.store, line(washer(privacy="person"), SHIFT))
    viewer = {"token": desk.tokens.token("viewer"), "peer": "192.0.2.7"}
    asked = {"station": "washer", "kpi": "cycle_time_s", "before": BEFORE, "after": AFTER}
    answer = desk.ask("/api/v1/evaluation", params=asked, **viewer)
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"] == "better"
    assert desk.ask("/api/v1/evaluation", params=asked | {"kpi": "cycle_time_s.p95"}, **viewer).status_code == 403
    operator = desk.ask(
        "/api/v1/evaluation", params=asked | {"kpi": "cycle_time_s.p95"}, token=desk.tokens.token("operator")
    )
    assert operator.status_code == 200, operator.text
