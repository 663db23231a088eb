"""要素時間: how long a phase lasts each time, by name: each unbroken 1 of its sensor, in the window of its end.

One that holds silence is left out, for nobody knows what happened in it. ``share``: its seconds inside counted cycles
over the seconds of those cycles.
Source: contract section 4; 要素作業 of time study.
"""

from collections.abc import Mapping

import numpy as np

from contract.words import Words
from kpi.definition import Example, spread
from kpi.facts import PhaseTimes

TITLE = Words("要素時間", "Phase times")
UNIT = "s"
FORMULA = Words("要素センサーが1であった時間", "time the phase's sensor was 1")
BETTER = "lower"
EXAMPLE = Example(
    {"phase_times": {"wash": PhaseTimes(np.array([20.0, 20.2]), 0.74)}},
    {"wash": {"count": 2, "median": 20.1, "mean": 20.1, "std": 0.02**0.5, "p05": 20.01, "p95": 20.19, "share": 0.74}},
    "ours: a wash of 20.1 s",
)


def phases(phase_times: Mapping[str, PhaseTimes]) -> dict[str, dict[str, float | int | None]]:
    """By phase: seconds; {count, median, mean, std, p05, p95, share}."""
    return {name: {**spread(phase.seconds), "share": phase.share} for name, phase in phase_times.items()}
