"""設備総合効率: the ideal time of good pieces, over 負荷時間.

value / planned busy time; value = sum over products of ideal x pieces placed in planned time x (good / produced of that
product). For one product it is 時間稼働率 x 性能稼働率 x 良品率; for several the sum is what counts.
Source: ISO 22400-2:2014, OEE index; TPM (Nakajima 1988) 設備総合効率.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import OEE_COM

TITLE = Words("設備総合効率(OEE)", "OEE")
UNIT = "ratio"
FORMULA = Words("基準CT × 良品数 ÷ 負荷時間", "ideal cycle x good / planned busy time")
BETTER = "higher"
EXAMPLE = Example(
    {"value_s": 18848.0, "planned_busy_time_s": 25200.0},
    18848 / 25200,
    OEE_COM + ": 18,848 good pieces of 1.0 s in 420 min are 74.79 %",
)


def oee(value_s: float, planned_busy_time_s: float) -> float | None:
    """A fraction."""
    return ratio(value_s, planned_busy_time_s)
