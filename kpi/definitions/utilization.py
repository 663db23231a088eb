"""稼働率(のぎへん): the work that is ordered, over what regular hours can do. Set by sales; above 1 means overtime.

demand x ideal (mean of what was made) / 定時; overtime, holiday work and no data change nothing in it. Never clipped,
and no target: raising it by force is overproduction.
Source: TPS 稼働率; contract section 4.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import WORKED_DAY

TITLE = Words("稼働率(のぎへん)", "Utilization (demand over capacity)")
UNIT = "ratio"
FORMULA = Words("必要数 × 基準CT ÷ 定時", "demand x ideal cycle / regular planned time")
BETTER = None
EXAMPLE = Example(
    {"demand": 1200.0, "ideal_mean_s": 20.0, "regular_s": 26700.0},
    24000 / 26700,
    WORKED_DAY + ": 89.9 %",
)


def utilization(demand: float, ideal_mean_s: float, regular_s: float) -> float | None:
    """A fraction."""
    return ratio(demand * ideal_mean_s, regular_s)
