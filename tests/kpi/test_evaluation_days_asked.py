"""The windows of `kojo report evaluation`, written as days: what is wrong is named, with the right spelling."""

from collections.abc import Mapping
from typing import Any

import pytest

from kpi.problems import Problem
from kpi.report.asking import evaluation_answers

LINE = {"timezone": "Asia/Tokyo", "day_starts": "05:00"}
RIGHT = {"before": "2026-10-05/2026-10-18", "after": "2026-10-19/2026-11-01"}


def asked(**more: str) -> Mapping[str, Any]:
    """What the service is asked."""
    return evaluation_answers(lambda call, of: LINE if call == "/line" else of, {**RIGHT, **more})[1]


def test_two_days_are_the_business_days_from_the_first_to_the_end_of_the_last() -> None:
    assert asked()["before"] == "2026-10-05T05:00:00+09:00/2026-10-19T05:00:00+09:00"
    times = "2026-10-05T08:00:00+09:00/2026-10-06T08:00:00+09:00"
    assert asked(after=times)["after"] == times


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize(
    ("window", "blamed"),
    [
        ("2026-10-05/2026-10-40", "「2026-10-40」"),
        ("2026-13-05/2026-10-18", "「2026-13-05」"),
        ("2026-10-05/", "「」"),
        ("2026-10-05/tomorrow", "「tomorrow」"),
        ("0001-01-01/2026-10-18", "「0001-01-01」"),
        ("9999-12-31/9999-12-31", "「9999-12-31」"),
        ("2026-10-05", "終わりの日がありません"),
        ("x", "「x」"),
        ("", "「」"),
    ],
)
def test_the_wrong_day_is_named_and_days_are_asked_for(side: str, window: str, blamed: str) -> None:
    with pytest.raises(Problem) as refused:
        asked(**{side: window})
    assert refused.value.status == 422
    assert f"--{side} " in refused.value.what.ja
    assert blamed in refused.value.what.ja
    assert refused.value.hint is not None
    assert f"--{side} 2026-10-" in refused.value.hint.ja
    assert "オフセット" not in str(refused.value)
