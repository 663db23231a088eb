"""良品数: produced less scrap. Negative in a short window whose bad pieces were made before it.

Source: ISO 22400-2:2014, good quantity (GQ).
"""

from contract.words import Words
from kpi.definition import Example
from kpi.published import OEE_COM

TITLE = Words("良品数", "Good quantity")
UNIT = "pieces"
FORMULA = Words("生産数 - 不良数", "produced - scrap")
BETTER = "higher"
EXAMPLE = Example({"produced_quantity": 19271, "scrap_quantity": 423}, 18848, OEE_COM + ": 19,271 less 423")


def good_quantity(produced_quantity: int, scrap_quantity: int) -> int:
    """Pieces."""
    return produced_quantity - scrap_quantity
