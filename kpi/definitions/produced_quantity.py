"""生産数: pieces finished in the window, good or bad, those whose moment is unknown included.

Bad pieces that do not pass the cycle sensor are added. Test pieces are not in it. Corrections are.
Source: ISO 22400-2:2014, produced quantity (PQ).
"""

from collections.abc import Sequence

from contract.words import Words
from kpi.definition import Example
from kpi.facts import Made
from kpi.published import OEE_COM

TITLE = Words("生産数", "Produced quantity")
UNIT = "pieces"
FORMULA = Words("数えた完成品(良品 + 不良)", "pieces finished, good or bad")
BETTER = "higher"
EXAMPLE = Example({"made": (Made(None, 19271, 423),)}, 19271, OEE_COM + ": total count")


def produced_quantity(made: Sequence[Made]) -> int:
    """Pieces."""
    return sum(m.produced for m in made)
