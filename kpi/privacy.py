"""Stations where one identifiable person works (`privacy = "person"`): the process is measured, not the person.

Whoever only looks gets no single cycles, no p95 and nothing finer than a whole hour. Whoever holds the operator's token
(the leader of the people concerned, after they were told) sees all. Source: contract section 5, "Persons".
"""

from collections.abc import Iterable, Mapping
from typing import Any

from contract.line import Line, Station
from contract.reading import Series
from contract.words import Words
from kpi.problems import Problem
from kpi.spans import NS
from kpi.tokens import Role

HOUR_NS = 3600 * NS
FEW = 5
"""Of fewer values than this a median is nearly a single one."""


def veiled(station: Station, role: Role) -> bool:
    """Whether this role must not see a station's details."""
    return station.privacy == "person" and role != "operator"


def refuse(station: Station, role: Role) -> None:
    """Raises Problem (403) where a role may not see single events of a station."""
    if veiled(station, role):
        raise Problem(
            403,
            "person",
            Words(
                f"「{station.name}」は一人の人が働く工程なので、1個ごとの記録は表示しません。",
                f"One person works at {station.name}: single events are not shown.",
            ),
            Words("1時間以上の集計(/kpi)を使ってください。", "Ask /kpi for an hour or more."),
        )


def whole_hours(start: int, end: int) -> tuple[int, int]:
    """The whole hours inside a window; (start, start) where there is none."""
    first, last = -(-start // HOUR_NS) * HOUR_NS, end // HOUR_NS * HOUR_NS
    return (first, last) if last > first else (start, start)


def last_hour(start: int, now: int) -> int:
    """The last full hour of the clock, if it is an hour or more after ``start``; else ``start``."""
    hour = now // HOUR_NS * HOUR_NS
    return hour if hour - start >= HOUR_NS else start


def coarse(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Figures without single or nearly single values."""
    told = dict(figures)
    if told.get("cycle_time_s"):
        told["cycle_time_s"] = _coarse_spread(told["cycle_time_s"])
    told["phases"] = {name: _coarse_spread(phase) for name, phase in (told.get("phases") or {}).items()}
    if told.get("basis"):
        warnings = [_ABOVE_ONE if w["code"] == "above_one" else w for w in told["basis"]["warnings"]]
        told["basis"] = {**told["basis"], "warnings": warnings}
    return told


_ABOVE_ONE = {
    "code": "above_one",
    "ja": "100 % を超えています。基準サイクルが長すぎます。",
    "en": "Above 100 %: the ideal cycle is too long.",
}
"""Without the fastest 5 %, which are nearly single pieces."""


def _coarse_spread(spread: Mapping[str, Any]) -> dict[str, Any]:
    few = (spread.get("count") or 0) < FEW
    return {
        key: None if key in ("p05", "p95", "last_s", "last_at") or (few and key != "count") else value
        for key, value in spread.items()
    }


def shown_live(line: Line, role: Role, readings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The live readings a role may see: of a veiled station only what the room is like."""
    return [r for r in readings if _may_see(line, role, r)]


def _may_see(line: Line, role: Role, reading: Mapping[str, Any]) -> bool:
    station = line.stations.get(str(reading.get("station")))
    if station is None or not veiled(station, role):
        return True
    return is_plain(line, Series(station.id, str(reading.get("sensor")), str(reading.get("measure"))))


ROOM = frozenset({"°C", "℃", "hPa", "ppm", "µg/m³", "μg/m³"})
"""Units of what a room has, whoever works in it. A weight, a current or a distance would tell each piece."""


def is_plain(line: Line, series: Series) -> bool:
    """Whether a series is a measurement of the room (a temperature …), which says nothing of a person's pace."""
    measure = line.measure(series)
    if measure is None or measure.kind != "number":
        return False
    return measure.unit in ROOM or (measure.unit == "%" and measure.key == "humidity")
