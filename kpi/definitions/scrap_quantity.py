"""不良数: bad pieces said by the scrap sensor or put right by hand, in the window in which that was said.

Source: ISO 22400-2:2014, scrap quantity (SQ).
"""

from collections.abc import Sequence

from contract.words import Words
from kpi.definition import Example
from kpi.facts import Made
from kpi.published import OEE_COM

TITLE = Words("不良数", "Scrap quantity")
UNIT = "pieces"
FORMULA = Words("不良の合計", "bad pieces")
BETTER = "lower"
EXAMPLE = Example({"made": (Made(None, 19271, 423),)}, 423, OEE_COM + ": reject count")


def scrap_quantity(made: Sequence[Made]) -> int:
    """Pieces."""
    return sum(m.scrap for m in made)
