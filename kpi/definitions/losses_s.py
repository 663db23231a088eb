"""ロスの内訳: where 負荷時間 went, in seconds that sum to it.

downtime by the loss of its reason ("none" without one), minor stops, speed (what is left of the running time over the
ideal time of the pieces; negative where the ideal is too long), quality (ideal time of bad pieces), value.
Source: contract section 4; the losses of TPM (Nakajima 1988).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contract.words import Words
from kpi.definition import Example
from kpi.facts import StopPart
from kpi.published import NAKAJIMA

TITLE = Words("ロスの内訳", "Losses")
UNIT = "s"
FORMULA = Words(
    "負荷時間 = 停止 + チョコ停 + 速度 + 不良 + 価値", "planned busy time = downtime + minor + speed + quality + value"
)
BETTER = "lower"
EXAMPLE = Example(
    {
        "stop_parts": (),
        "bucket_s": {
            "run": 19200.0,
            "minor_stop": 4800.0,
            "downtime": 3600.0,
            "planned_stop": 1200.0,
            "no_shift": 0.0,
            "no_data": 0.0,
        },
        "planned_busy_time_s": 27600.0,
        "ideal_time_s": 12000.0,
        "value_s": 11760.0,
    },
    {"downtime": {"none": 3600.0}, "minor": 4800.0, "speed": 7200.0, "quality": 240.0, "value": 11760.0},
    NAKAJIMA + ": net operating rate 80 % (80 min of minor stops), speed rate 0.5 / 0.8 (120 min)",
)


def losses_s(
    stop_parts: Sequence[StopPart],
    bucket_s: Mapping[str, float],
    planned_busy_time_s: float,
    ideal_time_s: float,
    value_s: float,
) -> dict[str, Any]:
    """{downtime {loss: s}, minor, speed, quality, value}."""
    downtime: dict[str, float] = {}
    for part in stop_parts:
        if part.stop.long:
            downtime[part.stop.loss] = downtime.get(part.stop.loss, 0.0) + part.seconds
    rest = bucket_s["downtime"] - sum(downtime.values())
    if abs(rest) > 1e-6:
        downtime["none"] = downtime.get("none", 0.0) + rest
    minor = bucket_s["minor_stop"]
    return {
        "downtime": downtime,
        "minor": minor,
        "speed": planned_busy_time_s - bucket_s["downtime"] - minor - ideal_time_s,
        "quality": ideal_time_s - value_s,
        "value": value_s,
    }
