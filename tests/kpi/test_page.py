"""docs/kpi.md is what the KPI files say, and its day is the worked day."""

from pathlib import Path

import pytest

from kpi.definitions import all_definitions
from kpi.figures import figures
from kpi.one_day import AS_SHORT_STOPS, ATTENDANCE_S, THE_DAY, WITH_OVERTIME, WITHOUT_DATA, Day
from kpi.page import page

PAGE = Path(__file__).parents[2] / "docs" / "kpi.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m kpi.page docs/kpi.md"


def test_it_shows_the_three_that_are_mixed_up_side_by_side_and_every_kpi() -> None:
    ja, en = page().split("\n---\n")
    assert "| **稼働率(のぎへん)** | **時間稼働率** | **可動率(べきどうりつ)** |" in ja
    assert "| **89.9 %** | **91.0 %** | **79.4 %** |" in ja
    for key, kpi in all_definitions().items():
        assert f"| {kpi.title.ja} | `{key}` |" in ja
        assert f"| {kpi.title.en} | `{key}` |" in en
        assert kpi.words in en


def test_the_five_rates_of_curriculum_7_2() -> None:
    told = figures(THE_DAY.facts())
    assert round(100 * THE_DAY.run_s / ATTENDANCE_S, 1) == 71.4
    assert round(100 * THE_DAY.run_s / told["planned_busy_time_s"], 1) == 84.3
    rates = {"availability": 91.0, "oee": 79.4, "kadoritsu": 79.4, "utilization": 89.9, "plan_attainment": 88.3}
    assert {key: round(100 * told[key], 1) for key in rates} == rates


@pytest.mark.parametrize("day", [THE_DAY, AS_SHORT_STOPS, WITH_OVERTIME, WITHOUT_DATA])
def test_in_each_case_the_buckets_sum_and_the_losses_are_the_planned_busy_time(day: Day) -> None:
    facts = day.facts()
    told = figures(facts)
    assert sum(facts.bucket_s.values()) == ATTENDANCE_S + day.overtime_min * 60
    losses = told["losses_s"]
    parts = [*losses["downtime"].values(), *(losses[name] for name in ("minor", "speed", "quality", "value"))]
    assert sum(parts) == pytest.approx(told["planned_busy_time_s"], rel=1e-12)


def test_overtime_moves_no_utilization_and_short_stops_no_oee() -> None:
    usual, short, longer = (figures(day.facts()) for day in (THE_DAY, AS_SHORT_STOPS, WITH_OVERTIME))
    assert longer["utilization"] == usual["utilization"]
    assert short["oee"] == usual["oee"]
    assert short["availability"] > usual["availability"]
