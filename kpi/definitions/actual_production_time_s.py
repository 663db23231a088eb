"""稼働時間: planned busy time less downtime. Minor stops (チョコ停) stay in it: they are a performance loss.

Source: ISO 22400-2:2014, actual production time (APT); TPM (Nakajima): 稼働時間 = 負荷時間 - 停止時間.
"""

from contract.words import Words
from kpi.definition import Example

TITLE = Words("稼働時間", "Actual production time")
UNIT = "s"
FORMULA = Words("負荷時間 - 長い停止", "planned busy time - downtime")
BETTER = "higher"
EXAMPLE = Example(
    {"planned_busy_time_s": 26700.0, "long_stop_s": 2400.0}, 24300.0, "kojohack curriculum 7.2, one day, five rates"
)


def actual_production_time_s(planned_busy_time_s: float, long_stop_s: float) -> float:
    """Seconds; null where no stop can be told."""
    return planned_busy_time_s - long_stop_s
