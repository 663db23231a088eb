"""負荷時間(観測分): the planned time in which somebody was watching: planned time less no data.

Source: ISO 22400-2:2014, planned busy time (PBT); TPM 負荷時間.
"""

from collections.abc import Mapping

from contract.words import Words
from kpi.definition import Example
from kpi.published import OEE_COM

TITLE = Words("負荷時間(観測分)", "Planned busy time")
UNIT = "s"
FORMULA = Words("計画負荷時間 - 欠測", "planned time - no data")
BETTER = None
EXAMPLE = Example(
    {
        "planned_time_s": 25200.0,
        "bucket_s": {
            "run": 22380.0,
            "minor_stop": 0.0,
            "downtime": 2820.0,
            "planned_stop": 3600.0,
            "no_shift": 0.0,
            "no_data": 0.0,
        },
    },
    25200.0,
    OEE_COM + ": 420 min, all of it observed",
)


def planned_busy_time_s(planned_time_s: float, bucket_s: Mapping[str, float]) -> float:
    """Seconds."""
    return planned_time_s - bucket_s["no_data"]
