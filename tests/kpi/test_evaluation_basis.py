"""MTTR and MTBF have two formulas, by reason and by length; days of both are not compared. Contract, section 5."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract.line import Reason
from tests.kpi.desks import Service
from tests.kpi.evaluations import SHIFT, SPLIT, ask, codes, noisy, service, washer, working_days
from tests.kpi.lines import NS, at, line
from tests.kpi.memory_store import MemoryStore

ALL = working_days(weeks=4)
BEFORE, AFTER = ALL[:10], ALL[10:]
MOTOR = {"motor": Reason("motor", "モーター故障", "failure")}


def floor(tmp_path: Path, reasoned: Collection[date]) -> Service:
    """Each day the same two long stops, of about 20 and 15 minutes; somebody says on some days why the first was."""
    store, made = MemoryStore(), 0
    for day, late_s in (noisy(ALL[0], 0.0, spread=60.0) | noisy(SPLIT, 0.0, seed=2, spread=60.0)).items():
        ends = [at("8:30", day) + i * 25 * NS for i in range(1, 61)] + [at("9:15", day) + round(late_s * NS)]
        store.put("washer/done/count", [(t, made + i + 1) for i, t in enumerate(ends)], seq=made + 1)
        made += len(ends)
    desk = service(tmp_path, store, line(washer(), SHIFT, reasons=MOTOR))
    for day in reasoned:
        said = {"station": "washer", "at": f"{day}T09:00:00+09:00", "reason": "motor"}
        assert desk.write("/stops/reason", said).status_code == 201
    return desk


def doubt(told: Any) -> Any:
    return next(caveat for caveat in told["caveats"] if caveat["code"] == "basis_changed")


@pytest.mark.parametrize("kpi", ["stops.mttr_s", "stops.mtbf_s"])
def test_who_begins_to_write_reasons_has_not_changed_the_stops(tmp_path: Path, kpi: str) -> None:
    told = ask(floor(tmp_path, AFTER), kpi)
    assert told["p_value"] < 0.001, "by the numbers alone it would be an effect"
    assert (told["verdict"], told["confirmed"]) == ("not_confirmed", False)
    assert told["difference"]["detectable"] is None
    assert "前: 停止の長さ 10 日、後: 理由 10 日" in doubt(told)["ja"]
    assert "before: 10 by length; after: 10 by reason" in doubt(told)["en"]
    assert told["statement_ja"].startswith("効果は確認できません。日によって指標の根拠が違い")
    assert "注意点が" in told["statement_ja"]


@pytest.mark.slow
def test_one_day_of_another_basis_is_enough(tmp_path: Path) -> None:
    told = ask(floor(tmp_path, AFTER[3:4]), "stops.mttr_s")
    assert told["verdict"] == "not_confirmed"
    assert "前: 停止の長さ 10 日、後: 理由 1 日・停止の長さ 9 日" in doubt(told)["ja"]


@pytest.mark.slow
@pytest.mark.parametrize("reasoned", [(), ALL])
def test_days_of_one_basis_are_compared_as_ever(tmp_path: Path, reasoned: Collection[date]) -> None:
    told = ask(floor(tmp_path, reasoned), "stops.mttr_s")
    assert "basis_changed" not in codes(told)
    assert told["difference"]["detectable"] is not None


@pytest.mark.slow
def test_other_figures_do_not_mind_who_writes_reasons(tmp_path: Path) -> None:
    assert "basis_changed" not in codes(ask(floor(tmp_path, AFTER), "stops.downtime.total_s"))
