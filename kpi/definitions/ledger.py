"""時間の内訳: seconds of the window in each bucket; every second is in exactly one, so they sum to the window.

run, minor_stop, downtime, planned_stop, no_shift, no_data, the first that applies.
Source: contract section 4; the time model follows ISO 22400-2:2014, 6 (planned busy time, actual production time).
"""

from collections.abc import Mapping

from contract.words import Words
from kpi.definition import Example
from kpi.published import WORKED_DAY

TITLE = Words("時間の内訳", "Time ledger")
UNIT = "s"
FORMULA = Words(
    "窓 = 稼働 + チョコ停 + 長い停止 + 計画停止 + 就業外 + 欠測",
    "window = run + minor stop + downtime + planned stop + no shift + no data",
)
BETTER = None
EXAMPLE = Example(
    {
        "bucket_s": {
            "run": 22500.0,
            "minor_stop": 1800.0,
            "downtime": 2400.0,
            "planned_stop": 4800.0,
            "no_shift": 0.0,
            "no_data": 0.0,
        }
    },
    {"run": 22500.0, "minor_stop": 1800.0, "downtime": 2400.0, "planned_stop": 4800.0, "no_shift": 0.0, "no_data": 0.0},
    WORKED_DAY,
)


def ledger(bucket_s: Mapping[str, float]) -> dict[str, float]:
    """Seconds by bucket."""
    return dict(bucket_s)
