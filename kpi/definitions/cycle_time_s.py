"""サイクルタイム(完成間隔): the time between one piece and the next, where nothing lay between.

Gaps that hold a stop, a break, a mode change or no data are not cycles. Per piece: the gap over the pieces of a count.
It belongs to the window of the piece that ends it.
Source: contract section 4; percentiles linear, std n-1.
"""

import numpy as np
import numpy.typing as npt

from contract.words import Words
from kpi.definition import Example, spread

TITLE = Words("サイクルタイム(完成間隔)", "Cycle time (completion interval)")
UNIT = "s"
FORMULA = Words("完成から次の完成までの時間", "time from one completed piece to the next")
BETTER = "lower"
EXAMPLE = Example(
    {"cycles_s": np.array([10000001.0, 10000003.0, 10000002.0])},
    {"count": 3, "median": 10000002.0, "mean": 10000002.0, "std": 1.0, "p05": 10000001.1, "p95": 10000002.9},
    "NIST StRD, univariate summary statistics, NumAcc1 (mean, std); percentiles: Hyndman & Fan 1996, type 7",
)


def cycle_time_s(cycles_s: npt.NDArray[np.float64]) -> dict[str, float | int | None]:
    """Seconds; {count, median, mean, std, p05, p95}."""
    return spread(cycles_s)
