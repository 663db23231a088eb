"""データ取得率: the part of the planned time that was observed.

Below 0.95 every figure is 参考値; below 0.8 pages show no ratio.
Source: contract section 4.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("データ取得率", "Data coverage")
UNIT = "ratio"
FORMULA = Words("1 - 欠測 ÷ 計画負荷時間", "1 - no data / planned time")
BETTER = "higher"
EXAMPLE = Example(
    {"planned_busy_time_s": 26167.0, "planned_time_s": 26700.0},
    26167 / 26700,
    "ours: the worked day with 533 s of silence",
)


def coverage(planned_busy_time_s: float, planned_time_s: float) -> float | None:
    """A fraction."""
    return ratio(planned_busy_time_s, planned_time_s)
