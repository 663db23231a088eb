"""性能稼働率: the ideal time of the pieces made, over the time the station was not in a long stop.

Ideal x pieces, summed over products, of pieces placed in planned time. Above 1 the ideal cycle is too long.
Source: ISO 22400-2:2014, effectiveness = PRI x PQ / APT; TPM 性能稼働率.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import OEE_COM

TITLE = Words("性能稼働率", "Effectiveness")
UNIT = "ratio"
FORMULA = Words("基準CT × 生産数 ÷ 稼働時間", "ideal cycle x pieces / actual production time")
BETTER = "higher"
EXAMPLE = Example(
    {"ideal_time_s": 19271.0, "actual_production_time_s": 22380.0},
    19271 / 22380,
    OEE_COM + ": 19,271 pieces of 1.0 s in 373 min are 86.11 %",
)


def effectiveness(ideal_time_s: float, actual_production_time_s: float) -> float | None:
    """A fraction."""
    return ratio(ideal_time_s, actual_production_time_s)
