"""A path to a figure: what it is worth on a day, and what it is called."""

from typing import Any

import pytest

from kpi.evaluation.paths import figure
from kpi.problems import Problem
from kpi.report.waterfall import QUALITY

LOSSES: dict[str, Any] = {"downtime": {"failure": 600.0}, "minor": 30.0, "speed": 1.0, "quality": 0.0, "value": 9.0}


def test_a_loss_that_a_day_did_not_have_is_no_second_and_not_undefined() -> None:
    setup, failure = figure("losses_s.downtime.setup"), figure("losses_s.downtime.failure")
    assert setup.of({"losses_s": LOSSES}) == 0.0
    assert failure.of({"losses_s": LOSSES}) == 600.0
    assert failure.of({"losses_s": {**LOSSES, "downtime": {}}}) == 0.0


def test_without_any_losses_a_loss_stays_undefined() -> None:
    setup = figure("losses_s.downtime.setup")
    assert setup.of({"losses_s": None}) is None
    assert setup.of({}) is None
    assert setup.of({"losses_s": {**LOSSES, "downtime": {"setup": None}}}) is None
    assert figure("losses_s.speed").of({"losses_s": {}}) is None, "only a loss by its reason may be absent"


def test_a_loss_that_no_reason_can_have_is_unknown_and_not_0() -> None:
    with pytest.raises(Problem) as refused:
        figure("losses_s.downtime.setpu")
    assert refused.value.status == 404
    assert "setup" in str(refused.value.hint)


def test_the_quality_loss_is_called_scrap_alone_for_rework_is_not_in_it() -> None:
    assert figure("losses_s.quality").title.ja == "不良ロス"
    assert "手直し" not in QUALITY.ja
    assert "rework" not in QUALITY.en
