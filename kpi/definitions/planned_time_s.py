"""計画負荷時間: the time of shifts less planned stops (breaks, calendar stops, stops with a planned reason).

No data is still in it.
Source: contract section 4; JIS Z 8141 負荷時間 = 操業時間 - 計画休止.
"""

from collections.abc import Mapping

from contract.words import Words
from kpi.definition import Example
from kpi.published import OEE_COM

TITLE = Words("計画負荷時間", "Planned time")
UNIT = "s"
FORMULA = Words("勤務時間 - 計画停止", "shift time - planned stops")
BETTER = None
EXAMPLE = Example(
    {
        "bucket_s": {
            "run": 22380.0,
            "minor_stop": 0.0,
            "downtime": 2820.0,
            "planned_stop": 3600.0,
            "no_shift": 0.0,
            "no_data": 0.0,
        }
    },
    25200.0,
    OEE_COM + ": 8 h less 60 min of breaks are 420 min",
)


def planned_time_s(bucket_s: Mapping[str, float]) -> float:
    """Seconds."""
    return sum(bucket_s[name] for name in ("run", "minor_stop", "downtime", "no_data"))
