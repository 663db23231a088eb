"""計画達成率: good pieces, over what is wanted so far.

What is wanted so far is the demand x elapsed planned time / whole planned time.
Null where the good pieces are below zero.
Source: contract section 4; 生産管理板.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import WORKED_DAY

TITLE = Words("計画達成率", "Plan attainment")
UNIT = "ratio"
FORMULA = Words("良品数 ÷ 今までの必要数", "good / wanted so far")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 1060, "demand": 1200.0, "elapsed_planned_s": 26700.0, "whole_planned_s": 26700.0},
    1060 / 1200,
    WORKED_DAY + ": 88.3 %",
)


def plan_attainment(
    good_quantity: int, demand: float, elapsed_planned_s: float, whole_planned_s: float
) -> float | None:
    """A fraction."""
    part = ratio(elapsed_planned_s, whole_planned_s)
    return None if part is None or good_quantity < 0 else ratio(good_quantity, demand * part)
