"""直行率: pieces that were right the first time: neither scrapped nor sent back.

Source: ISO 22400-2:2014, first pass yield; contract section 4.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import FIRST_PASS

TITLE = Words("直行率", "First-pass ratio")
UNIT = "ratio"
FORMULA = Words("(生産数 - 不良数 - 手直し数) ÷ 生産数", "(produced - scrap - rework) / produced")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 90, "rework_quantity": 5, "produced_quantity": 100},
    0.85,
    FIRST_PASS + ": 100 enter, 90 are good, 5 of them reworked: 85 / 100",
)


def first_pass_ratio(good_quantity: int, rework_quantity: int, produced_quantity: int) -> float | None:
    """A fraction."""
    right = good_quantity - rework_quantity
    return ratio(right, produced_quantity) if good_quantity >= 0 and right >= 0 else None
