"""停止: how often and how long the station stood, apart for short stops (チョコ停) and long ones.

A stop counts in the window where it begins; ``total_s`` are seconds in the window. ``edge``: how many touch a break or
a shift's edge. MTBF = actual production time / failures, MTTR = failure time / failures; ``basis`` says whether
failures are the stops whose reason is a failure ("reason", if any stop has one) or all long stops ("length").
``reason_share``: seconds with a reason over stop seconds. Stops with a planned reason are none.
What neither a reason nor a mode (set-up, trial, maintenance) explains is ``basis.without_reason``, as the hour board,
the Pareto and paper tell it; it is less than the rest to 1, because a mode explains a stop that nobody wrote about.
Source: contract section 4; ISO 22400-2:2014, MTBF and MTTR.
"""

from collections.abc import Sequence
from typing import Any

from contract.words import Words
from kpi.definition import Example, ratio
from kpi.facts import StopPart
from kpi.published import FAILURES
from kpi.stops import Stop

TITLE = Words("停止", "Stops")
UNIT = "s"
FORMULA = Words(
    "MTBF = 稼働時間 ÷ 故障回数、MTTR = 故障時間 ÷ 故障回数",
    "MTBF = actual production time / failures, MTTR = failure time / failures",
)
BETTER = "lower"
_JAM = StopPart(Stop(0, 30 * 10**9, 30.0, long=False, edge=False, open=False, block=0), 30.0, begins=True)
_FAILURE = StopPart(
    Stop(0, 3600 * 10**9, 3600.0, long=True, edge=True, open=False, block=0, reason="motor", loss="failure"),
    3600.0,
    begins=True,
)
EXAMPLE = Example(
    {"stop_parts": (_JAM, _FAILURE, _FAILURE), "actual_production_time_s": 79200.0},
    {
        "minor": {"count": 1, "total_s": 30.0},
        "downtime": {"count": 2, "total_s": 7200.0},
        "edge": 2,
        "mtbf_s": 39600.0,
        "mttr_s": 3600.0,
        "basis": "reason",
        "reason_share": 7200 / 7230,
    },
    FAILURES + ": 24 h, two failures of an hour each, MTBF 22 / 2 = 11 h; the short stop is ours",
)


def stops(stop_parts: Sequence[StopPart], actual_production_time_s: float) -> dict[str, Any]:
    """{minor {count, total_s}, downtime {count, total_s}, edge, mtbf_s, mttr_s, basis, reason_share}."""
    short = [part for part in stop_parts if not part.stop.long]
    long = [part for part in stop_parts if part.stop.long]
    reasoned = [part for part in stop_parts if part.stop.reason]
    failed = [part for part in stop_parts if part.stop.loss == "failure"] if reasoned else long
    failures = sum(part.begins for part in failed)
    return {
        "minor": _counted(short),
        "downtime": _counted(long),
        "edge": sum(part.begins and part.stop.edge for part in stop_parts),
        "mtbf_s": ratio(actual_production_time_s, failures),
        "mttr_s": ratio(_seconds(failed), failures),
        "basis": "reason" if reasoned else "length",
        "reason_share": ratio(_seconds(reasoned), _seconds(stop_parts)),
    }


def _seconds(parts: Sequence[StopPart]) -> float:
    return sum((part.seconds for part in parts), 0.0)


def _counted(parts: Sequence[StopPart]) -> dict[str, Any]:
    return {"count": sum(part.begins for part in parts), "total_s": _seconds(parts)}
