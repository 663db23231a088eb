"""設備総合効率: the ideal time of good pieces, over 負荷時間.

value / planned busy time; value = sum over products of ideal x pieces placed in planned time x (good / produced of that
product). For one product it is 時間稼働率 x 性能稼働率 x 良品率; for several the sum is what counts.
Source: ISO 22400-2:2014, OEE index; TPM (Nakajima 1988) 設備総合効率.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("設備総合効率(OEE)", "OEE")
UNIT = "ratio"
FORMULA = Words("基準CT × 良品数 ÷ 負荷時間", "ideal cycle x good / planned busy time")
BETTER = "higher"
EXAMPLE = Example(
    {"value_s": 21200.0, "planned_busy_time_s": 26700.0},
    21200 / 26700,
    "kojohack curriculum 7.2, one day, five rates: 79.4 %",
)


def oee(value_s: float, planned_busy_time_s: float) -> float | None:
    """A fraction."""
    return ratio(value_s, planned_busy_time_s)
