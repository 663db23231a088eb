"""S13 filled with the kit's own figures of one shift.

    day_of_measuring(shift_answers(ask, "washer", day, "日勤"))

On a station where one person works, single stops are not told, so their rows are left for the pen.
"""

from collections.abc import Mapping
from typing import Any

from curriculum.sheets.printed import Value, Written
from kpi.report.asking import ShiftAnswers
from kpi.report.standing import by_reason, standings

REFERENCE = 0.95


def day_of_measuring(told: ShiftAnswers) -> Written:
    """The answers of S13."""
    body = told.figures
    basis, coverage = body["basis"], body["coverage"]
    values: dict[str, Value] = {
        "date": told.day,
        "shift": told.shift or None,
        "station": body["name"],
        "product": "、".join(basis["products"]) or None,
        "loading_min": _minutes(body["planned_busy_time_s"]),
        "produced": _count(body["produced_quantity"]),
        "good": _count(body["good_quantity"]),
        "tally": None if told.reconciled is None else _count(told.reconciled["tally"]),
        "missing_min": round(float(basis["no_data_min"]), 1),
        "remarks": _remarks(told, coverage),
    }
    return Written(values, {"stops": _stops(told)}, told.virtual)


def _stops(told: ShiftAnswers) -> list[Mapping[str, Value]]:
    if told.intervals is None:
        return []
    return [
        {"reason": why, "times": float(times), "seconds": float(round(seconds))}
        for why, times, seconds in by_reason(standings(told.intervals), "ja")
    ]


def _remarks(told: ShiftAnswers, coverage: float | None) -> str | None:
    said = [f"{event['at'][11:16]} {event['text']}" for event in told.events]
    if coverage is not None and coverage < REFERENCE:
        said.append(f"データ取得率 {coverage:.0%}: 数字は参考値です")
    if told.intervals is None:
        said.append("一人の人が働く工程なので、1回ごとの停止は出ません")
    return "\n".join(said) or None


def _minutes(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds) / 60, 1)


def _count(value: Any) -> float | None:
    return None if value is None else float(value)
