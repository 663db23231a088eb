"""良品率: good pieces of those produced. Null where scrap came later than its piece.

Source: ISO 22400-2:2014, quality ratio = GQ / PQ.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("良品率", "Quality ratio")
UNIT = "ratio"
FORMULA = Words("良品数 ÷ 生産数", "good / produced")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 1060, "produced_quantity": 1080}, 1060 / 1080, "kojohack curriculum 7.2, one day, five rates"
)


def quality_ratio(good_quantity: int, produced_quantity: int) -> float | None:
    """A fraction."""
    return ratio(good_quantity, produced_quantity) if good_quantity >= 0 else None
