"""時間稼働率: the part of 負荷時間 in which the station did not stand for long.

Not 稼働率 (demand over capacity) and not 可動率.
Source: ISO 22400-2:2014, availability = APT / PBT; TPM 時間稼働率.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import OEE_COM

TITLE = Words("時間稼働率", "Availability")
UNIT = "ratio"
FORMULA = Words("稼働時間 ÷ 負荷時間", "actual production time / planned busy time")
BETTER = "higher"
EXAMPLE = Example(
    {"actual_production_time_s": 22380.0, "planned_busy_time_s": 25200.0}, 373 / 420, OEE_COM + ": 373 / 420 = 88.81 %"
)


def availability(actual_production_time_s: float, planned_busy_time_s: float) -> float | None:
    """A fraction."""
    return ratio(actual_production_time_s, planned_busy_time_s)
