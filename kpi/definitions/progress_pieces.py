"""進度: how many good pieces the station is ahead (+) or behind (-) of what is wanted so far.

Source: contract section 4; 生産管理板.
"""

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.published import WORKED_DAY

TITLE = Words("進度", "Progress")
UNIT = "pieces"
FORMULA = Words("良品数 - 今までの必要数", "good - wanted so far")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 1060, "demand": 1200.0, "elapsed_planned_s": 26700.0, "whole_planned_s": 26700.0},
    -140.0,
    WORKED_DAY,
)


def progress_pieces(
    good_quantity: int, demand: float, elapsed_planned_s: float, whole_planned_s: float
) -> float | None:
    """Pieces, with a sign."""
    part = ratio(elapsed_planned_s, whole_planned_s)
    return None if part is None else good_quantity - demand * part
