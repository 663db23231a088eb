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
    {"cycles_s": np.array([20.0, 21.0, 22.0, 29.0])},
    {"count": 4, "median": 21.5, "mean": 23.0, "std": 50**0.5 / 3**0.5, "p05": 20.15, "p95": 27.95},
    "NIST/SEMATECH e-Handbook 1.3.5 (mean, std) and 7.2.6.2 (percentiles), by hand",
)


def cycle_time_s(cycles_s: npt.NDArray[np.float64]) -> dict[str, float | int | None]:
    """Seconds; {count, median, mean, std, p05, p95}."""
    return spread(cycles_s)
