"""時間稼働率: the part of 負荷時間 in which the station did not stand for long.

Not 稼働率 (demand over capacity) and not 可動率.
Source: ISO 22400-2:2014, availability = APT / PBT; TPM 時間稼働率.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("時間稼働率", "Availability")
UNIT = "ratio"
FORMULA = Words("稼働時間 ÷ 負荷時間", "actual production time / planned busy time")
BETTER = "higher"
EXAMPLE = Example(
    {"actual_production_time_s": 24300.0, "planned_busy_time_s": 26700.0},
    24300 / 26700,
    "kojohack curriculum 7.2, one day, five rates",
)


def availability(actual_production_time_s: float, planned_busy_time_s: float) -> float | None:
    """A fraction."""
    return ratio(actual_production_time_s, planned_busy_time_s)
