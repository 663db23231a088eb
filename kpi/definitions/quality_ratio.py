"""良品率: good pieces of those produced. Null where scrap came later than its piece.

Source: ISO 22400-2:2014, quality ratio = GQ / PQ.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import OEE_COM

TITLE = Words("良品率", "Quality ratio")
UNIT = "ratio"
FORMULA = Words("良品数 ÷ 生産数", "good / produced")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 18848, "produced_quantity": 19271}, 18848 / 19271, OEE_COM + ": 18,848 of 19,271 are 97.80 %"
)


def quality_ratio(good_quantity: int, produced_quantity: int) -> float | None:
    """A fraction."""
    return ratio(good_quantity, produced_quantity) if good_quantity >= 0 else None
