"""停止のパレート図: every stop of a window, and what they come to by reason, by time of day, and where they repeat.

A stop counts in the window where it begins; its minutes are those that lie in the window. By time of day it counts in
the hour in which it begins, and its minutes are those that lie in each hour, as on the hour board. Stops whose reason
is planned are listed and in no sum. Share and cumulative share are fractions of all stop time
(Pareto, after Juran: 重点指向).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from contract.line import Line
from contract.words import Words
from kpi.ledger import Ledger
from kpi.privacy import HOUR_NS
from kpi.spans import NS
from kpi.stops import Stop

Body = dict[str, Any]
NO_REASON = Words("理由なし", "no reason given")
SET_UP = Words("段取り・試し(モード)", "set-up or trial (mode)")
MAINTENANCE = Words("保全(モード)", "maintenance (mode)")
CLASSES = {
    "minor_stop": Words("チョコ停", "short stop"),
    "downtime": Words("長い停止", "long stop"),
    "planned_stop": Words("計画停止", "planned stop"),
}
REPEATS = 3
"""So often in the same hour of the day, for the same reason, is a repetition."""

MOST_REPEATS = 20


@dataclass(frozen=True, slots=True)
class ToldStop:
    """A stop as far as it lies in a window: ``seconds`` planned, observed ones in it; ``begins``: it counts here.

    ``phase``: the part of the cycle in which it stood, where one is known. ``hours``: its seconds by hour of the day.
    """

    station: str
    stop: Stop
    seconds: float
    begins: bool
    phase: str | None = None
    hours: tuple[tuple[int, float], ...] = ()


def stops_of(ledger: Ledger, station: str, start: int, end: int) -> list[ToldStop]:
    """The stops of a ledger that count or have seconds in [start, end), in time order."""
    found = []
    for stop in ledger.stops:
        if stop.start < end and stop.end > start:
            here = max(start, stop.start), min(end, stop.end)
            inside = ledger.observed.clip(*here).seconds
            if inside or stop.start >= start:
                begins, hours = stop.start >= start, _by_the_clock(ledger, *here)
                found.append(ToldStop(station, stop, inside, begins, _phase(ledger, stop), hours))
    return found


def _by_the_clock(ledger: Ledger, start: int, end: int) -> tuple[tuple[int, float], ...]:
    """The observed seconds of [start, end) by hour of the day, cut where the clock strikes."""
    zone, found = ledger.record.calendar.zone, []
    while start < end:
        clock = _clock(start, zone)
        left = HOUR_NS - (clock.minute * 60 + clock.second) * NS - start % NS
        cut = min(end, start + left)
        found.append((clock.hour, ledger.observed.clip(start, cut).seconds))
        start = cut
    return tuple(found)


def _phase(ledger: Ledger, stop: Stop) -> str | None:
    """The phase that was on for more than half of a stop: where in the cycle the machine stood."""
    held = {name: level.ones.clip(stop.start, stop.end).total for name, level in ledger.record.phases.items()}
    longest = max(held, key=lambda name: held[name], default=None)
    return longest if longest is not None and 2 * held[longest] > stop.end - stop.start else None


def by_reason(line: Line, told: Iterable[ToldStop], zone: ZoneInfo) -> list[Body]:
    """The Pareto: the reasons in order of their minutes, each with its share, and when in the day it happened."""
    grouped = _grouped((t for t in told if not t.stop.planned), lambda t: _why(t.stop))
    whole = sum(t.seconds for group in grouped.values() for t in group)
    ordered = sorted(grouped.items(), key=lambda item: (-_seconds(item[1]), str(item[0])))
    rows, cumulative = [], 0.0
    for (reason, mode), group in ordered:
        cumulative += _seconds(group)
        rows.append(
            {
                "reason": reason,
                "mode": mode is not None,
                **called(line, group[-1].stop),
                "loss": group[-1].stop.loss if reason or mode else None,
                "count": sum(t.begins for t in group),
                "minutes": minutes(_seconds(group)),
                "longest_min": minutes(max(t.seconds for t in group)),
                "share": _share(_seconds(group), whole),
                "cumulative_share": _share(cumulative, whole),
                "stations": sorted({t.station for t in group}),
                "by_hour": by_hour(group, zone),
            }
        )
    return rows


def unexplained(told: Iterable[ToldStop]) -> list[ToldStop]:
    """The stops nobody gave a reason for, and no mode explains."""
    return [t for t in told if not t.stop.explained]


def _why(stop: Stop) -> tuple[str | None, str | None]:
    """What a stop is counted under: its reason, else its mode's loss, else nothing."""
    return (stop.reason, None) if stop.reason else (None, stop.loss if stop.mode else None)


def called(line: Line, stop: Stop) -> Body:
    """What a stop's reason is called, or the mode that explains it: {"name": {ja, en}}."""
    if stop.reason or not stop.mode:
        return reason_names(line, stop.reason)
    words = SET_UP if stop.loss == "setup" else MAINTENANCE
    return {"name": {"ja": words.ja, "en": words.en}}


def by_hour(told: Iterable[ToldStop], zone: ZoneInfo) -> list[Body]:
    """By hour of the day: stops that began in it, minutes that it stood in it. Hours with neither are left out."""
    counts: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for one in (t for t in told if not t.stop.planned):
        if one.begins:
            hour = hour_of(one.stop.start, zone)
            counts[hour] = counts.get(hour, 0) + 1
        for hour, here in one.hours:
            seconds[hour] = seconds.get(hour, 0.0) + here
    hours = sorted(counts.keys() | {hour for hour, here in seconds.items() if here})
    return [{"hour": h, "count": counts.get(h, 0), "minutes": minutes(seconds.get(h, 0.0))} for h in hours]


def repeats(line: Line, told: Iterable[ToldStop], zone: ZoneInfo) -> list[Body]:
    """Short stops that come again at the same place, for the same reason, in the same hour of the day."""
    short = (t for t in told if t.begins and not t.stop.long and not t.stop.planned)
    grouped = _grouped(short, lambda t: (t.station, t.phase, t.stop.reason, hour_of(t.stop.start, zone)))
    found = [(key, group) for key, group in grouped.items() if len(group) >= REPEATS]
    found.sort(key=lambda item: (-len(item[1]), str(item[0])))
    return [
        {
            "station": station,
            "phase": phase,
            "reason": reason,
            **reason_names(line, reason),
            "hour": hour,
            "count": len(group),
            "minutes": minutes(_seconds(group)),
            "every_min": _every(group),
        }
        for (station, phase, reason, hour), group in found[:MOST_REPEATS]
    ]


def reason_names(line: Line, reason: str | None) -> Body:
    """What a reason is called: {"name": {ja, en}}."""
    if not reason:
        return {"name": {"ja": NO_REASON.ja, "en": NO_REASON.en}}
    name = line.reasons[reason].name if reason in line.reasons else reason
    return {"name": {"ja": name, "en": name}}


def hour_of(at: int, zone: ZoneInfo) -> int:
    """The hour of the day, 0 to 23, that clocks show at a moment."""
    return _clock(at, zone).hour


def _clock(at: int, zone: ZoneInfo) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at // NS)).astimezone(zone)


def minutes(seconds: float) -> float:
    """Seconds as minutes, to a tenth."""
    return round(seconds / 60, 1)


def _every(group: Sequence[ToldStop]) -> float | None:
    starts = sorted(t.stop.start for t in group)
    between = [(b - a) / NS for a, b in pairwise(starts)]
    return minutes(median(between)) if between else None


def _seconds(group: Iterable[ToldStop]) -> float:
    return sum((t.seconds for t in group), 0.0)


def _share(seconds: float, whole: float) -> float | None:
    return seconds / whole if whole else None


def _grouped(told: Iterable[ToldStop], key: Callable[[ToldStop], Any]) -> dict[Any, list[ToldStop]]:
    groups: dict[Any, list[ToldStop]] = {}
    for one in told:
        groups.setdefault(key(one), []).append(one)
    return groups
