"""性能稼働率: the ideal time of the pieces made, over the time the station was not in a long stop.

Ideal x pieces, summed over products, of pieces placed in planned time. Above 1 the ideal cycle is too long.
Source: ISO 22400-2:2014, effectiveness = PRI x PQ / APT; TPM 性能稼働率.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("性能稼働率", "Effectiveness")
UNIT = "ratio"
FORMULA = Words("基準CT × 生産数 ÷ 稼働時間", "ideal cycle x pieces / actual production time")
BETTER = "higher"
EXAMPLE = Example(
    {"ideal_time_s": 21600.0, "actual_production_time_s": 24300.0},
    21600 / 24300,
    "kojohack curriculum 7.2: 1,080 pieces of 20 s",
)


def effectiveness(ideal_time_s: float, actual_production_time_s: float) -> float | None:
    """A fraction."""
    return ratio(ideal_time_s, actual_production_time_s)
