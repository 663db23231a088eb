"""手直し数: pieces sent back to be worked again, in the window in which that was said.

Source: ISO 22400-2:2014, rework quantity (RQ).
"""

from collections.abc import Sequence

from contract.words import Words
from kpi.definition import Example
from kpi.facts import Made
from kpi.published import FIRST_PASS

TITLE = Words("手直し数", "Rework quantity")
UNIT = "pieces"
FORMULA = Words("手直しの合計", "pieces sent back")
BETTER = "lower"
EXAMPLE = Example({"made": (Made(None, 100, 10, 5),)}, 5, FIRST_PASS + ": 5 reworked")


def rework_quantity(made: Sequence[Made]) -> int:
    """Pieces."""
    return sum(m.rework for m in made)
