"""試し数: pieces made outside production (set-up, trial, maintenance); never produced, good or a cycle.

Source: contract section 4, Mode.
"""

from contract.words import Words
from kpi.definition import Example

TITLE = Words("試し数", "Test quantity")
UNIT = "pieces"
FORMULA = Words("生産モード以外で作った数", "pieces made outside production")
BETTER = None
EXAMPLE = Example({"tested": 3}, 3, "ours: a set-up with three test pieces")


def test_quantity(tested: int) -> int:
    """Pieces."""
    return tested
