"""時刻不明の生産数: pieces that a counter told of, but not when they were made.

They are in 生産数, not in cycle times, 性能稼働率 or OEE.
Source: contract section 4, Pieces.
"""

from contract.words import Words
from kpi.definition import Example

TITLE = Words("時刻不明の生産数", "Unplaced quantity")
UNIT = "pieces"
FORMULA = Words("時刻が分からない完成品", "pieces whose moment is unknown")
BETTER = "lower"
EXAMPLE = Example({"unplaced": 14}, 14, "ours: a counter 5 minutes late that rose by 15")


def unplaced_quantity(unplaced: int) -> int:
    """Pieces."""
    return unplaced
