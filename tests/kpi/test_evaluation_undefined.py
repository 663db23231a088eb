"""A figure that is null on every day is not short of days: the statement says what it lacks."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.kpi.evaluations import FIRST, SHIFT, SPLIT, ask, make, noisy, service, span, washer
from tests.kpi.lines import line
from tests.kpi.memory_store import MemoryStore


@pytest.mark.parametrize(
    ("kpi", "why"), [("oee", "基準サイクル(ideal_cycle_s)がありません"), ("plan_attainment", "計画数がありません")]
)
def test_what_a_figure_lacks_on_every_day_is_said(tmp_path: Path, kpi: str, why: str) -> None:
    store = MemoryStore()
    make(store, noisy(FIRST, 25.0) | noisy(SPLIT, 22.0, seed=2))
    desk = service(tmp_path, store, line(replace(washer(), ideal_cycle_s=None), SHIFT))
    told = ask(desk, kpi)
    assert told["verdict"] == "not_judged"
    assert told["statement_ja"].startswith(f"この指標は計算できません({why})。判定しません。")
    assert "日数が足りない" not in told["statement_ja"]
    assert told["statement_en"].startswith("This figure cannot be computed: ")
    few = ask(desk, "cycle_time_s", after=span(SPLIT, 2))
    assert few["statement_ja"].startswith("日数が足りないため判定しません。")
