"""時間出来高: good pieces in an hour of 負荷時間. Null where they are below zero.

Source: ISO 22400-2:2014, throughput rate (over planned busy time here).
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import WORKED_DAY

TITLE = Words("時間出来高", "Throughput")
UNIT = "pieces/h"
FORMULA = Words("良品数 ÷ 負荷時間", "good / planned busy time")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 1060, "planned_busy_time_s": 26700.0},
    1060 * 3600 / 26700,
    WORKED_DAY,
)


def throughput_per_h(good_quantity: int, planned_busy_time_s: float) -> float | None:
    """Pieces an hour."""
    return ratio(good_quantity * 3600.0, planned_busy_time_s) if good_quantity >= 0 else None
