"""タクトタイム: the pace at which one piece is wanted: regular planned time over demand.

It comes from the customer. A cycle longer than the takt is a bottleneck.
Source: TPS; ISO 22400-2 does not define it.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("タクトタイム", "Takt time")
UNIT = "s"
FORMULA = Words("定時 ÷ 必要数", "regular planned time / demand")
BETTER = None
EXAMPLE = Example(
    {"regular_s": 28800.0, "demand": 240.0},
    120.0,
    "Lean Enterprise Institute, Lean Lexicon, takt time: 480 minutes a day, 240 wanted a day, two minutes",
)


def takt_time_s(regular_s: float, demand: float) -> float | None:
    """Seconds a piece; None without regular hours, for a takt of 0 s is none."""
    return ratio(regular_s, demand) if regular_s > 0 else None
