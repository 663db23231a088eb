"""人時生産性: good pieces in an hour of one person, by the people the line says work here.

Null where the good pieces are below zero.
Source: contract section 4; ISO 22400-2:2014, worker efficiency is another thing.
"""

from contract.words import Words
from kpi.definition import Example, ratio

TITLE = Words("人時生産性", "Labour productivity")
UNIT = "pieces/h"
FORMULA = Words("良品数 ÷ (人数 × 負荷時間)", "good / (people x planned busy time)")
BETTER = "higher"
EXAMPLE = Example(
    {"good_quantity": 1060, "people": 0.5, "planned_busy_time_s": 26700.0},
    1060 * 3600 / 13350,
    "ours: the worked day with one person on two machines",
)


def labour_pieces_per_h(good_quantity: int, people: float, planned_busy_time_s: float) -> float | None:
    """Pieces an hour of one person."""
    return ratio(good_quantity * 3600.0, people * planned_busy_time_s) if good_quantity >= 0 else None
