"""計画外の生産数: pieces made in breaks or outside shifts.

They are in 生産数, not in 性能稼働率 or OEE. Many of them ask whether overtime was not entered.
Source: contract section 4, Pieces.
"""

from contract.words import Words
from kpi.definition import Example

TITLE = Words("計画外の生産数", "Produced outside planned time")
UNIT = "pieces"
FORMULA = Words("休憩・就業外に作った数", "pieces made in breaks or outside shifts")
BETTER = None
EXAMPLE = Example({"outside": 12}, 12, "ours: twelve pieces in the lunch break")


def produced_outside_planned(outside: int) -> int:
    """Pieces."""
    return outside
