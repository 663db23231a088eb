"""空転: the machine ran and no piece came, for longer than a stop would take to be one.

The run seconds of such a gap, less one ideal cycle before the next piece. Null without a `running` sensor.
Source: contract section 4; 空転 of the 7大ロス.
"""

from contract.words import Words
from kpi.definition import Example

TITLE = Words("空転", "Idling")
UNIT = "s"
FORMULA = Words("動いているのに完成品が出ない時間", "time running without a piece")
BETTER = "lower"
EXAMPLE = Example({"idle_s": 90.0}, 90.0, "ours: a gap of 110 s at an ideal of 20 s")


def idling_s(idle_s: float) -> float:
    """Seconds."""
    return idle_s
