"""稼働時間: planned busy time less downtime. Minor stops (チョコ停) stay in it: they are a performance loss.

Source: ISO 22400-2:2014, actual production time (APT); TPM (Nakajima): 稼働時間 = 負荷時間 - 停止時間.
"""

from contract.words import Words
from kpi.definition import Example
from kpi.published import OEE_COM

TITLE = Words("稼働時間", "Actual production time")
UNIT = "s"
FORMULA = Words("負荷時間 - 長い停止", "planned busy time - downtime")
BETTER = "higher"
EXAMPLE = Example(
    {"planned_busy_time_s": 25200.0, "long_stop_s": 2820.0}, 22380.0, OEE_COM + ": 420 min less 47 min are 373 min"
)


def actual_production_time_s(planned_busy_time_s: float, long_stop_s: float) -> float:
    """Seconds; null where no stop can be told."""
    return planned_busy_time_s - long_stop_s
