"""手直し数: pieces sent back to be worked again, in the window in which that was said.

Source: ISO 22400-2:2014, rework quantity (RQ).
"""

from collections.abc import Sequence

from contract.words import Words
from kpi.definition import Example
from kpi.facts import Made

TITLE = Words("手直し数", "Rework quantity")
UNIT = "pieces"
FORMULA = Words("手直しの合計", "pieces sent back")
BETTER = "lower"
EXAMPLE = Example({"made": (Made(None, 1080, 20, 30),)}, 30, "the worked day with 30 pieces sent back")


def rework_quantity(made: Sequence[Made]) -> int:
    """Pieces."""
    return sum(m.rework for m in made)
