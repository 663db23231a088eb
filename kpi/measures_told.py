"""A station that counts no pieces, as the wall shows it: what is measured there, its limits, how long it kept to them.

Shown are the numbers, levels and lamps of sensors without a role, and what the outputs are; not what a hand or a card
said. Limits are those of the rules that are alarms (`kpi.signals`): where a rule says ``> 10``, up to 10 is within.
"""

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from collector.store import Track
from contract.catalogue import Measure
from contract.line import STATE, Condition, Line, Output, Sensor, Station
from contract.reading import Series, Value
from contract.words import Words
from kpi.privacy import is_plain, veiled
from kpi.shelf import Shelf
from kpi.signal_words import value_said
from kpi.signals import is_alarm
from kpi.source import cut
from kpi.spans import NS
from kpi.times import rfc3339
from kpi.tokens import Role

Body = dict[str, Any]
INTERVALS, PATIENCE_S = 3, 5.0
"""As the agent judges (`edge.foreman`): silent after so many intervals, and this."""
UNKNOWN_S = 3600.0
"""Nobody says how often a device of somebody else speaks."""
_COMPARED = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_WITHIN = {
    ">": Words("{limit} 以下", "{limit} or less"),
    ">=": Words("{limit} 未満", "below {limit}"),
    "<": Words("{limit} 以上", "{limit} or more"),
    "<=": Words("{limit} より上", "above {limit}"),
}


def counts_pieces(station: Station) -> bool:
    """Whether pieces are counted there; without them there is no plan and no OEE."""
    return bool(station.with_role("cycle"))


def measures(shelf: Shelf, line: Line, station: Station, window: tuple[int, int], now: int, role: Role) -> list[Body]:
    """Every measure of a station as it is now, and over a window [start, end) cut at now; outputs last."""
    return [
        _told(shelf, line, thing, measure, window, now)
        for thing, measure in _shown(station)
        if not veiled(station, role) or is_plain(line, Series(station.id, thing.id, measure.key))
    ]


def _shown(station: Station) -> Iterator[tuple[Sensor | Output, Measure]]:
    for sensor in station.sensors.values():
        if sensor.role is None and sensor.type != "button":
            for measure in sensor.measures:
                if measure.kind in ("number", "level") or (measure.kind == "text" and sensor.type == "signal_tower"):
                    yield sensor, measure
    for output in station.outputs.values():
        yield output, STATE


def _told(
    shelf: Shelf, line: Line, thing: Sensor | Output, measure: Measure, window: tuple[int, int], now: int
) -> Body:
    station = line.stations[thing.station]
    series = Series(thing.station, thing.id, measure.key)
    start, until = window[0], min(window[1], now)
    known = shelf.readings(series, start, now)
    track = cut(known, start, until)
    newest = _newest(known) or _newest(shelf.before(series, start))
    silent_s = None if isinstance(thing, Output) else _silent_s(station, thing)
    limits = list(dict.fromkeys(_limits(line, series))) if measure.kind == "number" else []
    value = None if newest is None else newest[1]
    plain = value is None or measure.kind == "number"
    return {
        "sensor": thing.id,
        "measure": measure.key,
        "name": thing.called,
        "only": isinstance(thing, Output) or len(thing.measures) == 1,
        "title": _both(measure.title),
        "output": isinstance(thing, Output),
        "unit": measure.unit,
        "kind": measure.kind,
        "decimals": measure.decimals,
        "v": value,
        "said": None if plain or value is None else _both(value_said(thing, value)),
        "at": None if newest is None else rfc3339(newest[0], line.zone),
        "silent_s": silent_s,
        "limits": [_both(_within(limit, measure.unit)) for limit in limits],
        "beyond": None if value is None or not limits else any(limit.holds(value) for limit in limits),
        "within": _share(track, limits, until, silent_s or UNKNOWN_S),
        **_range(track, measure),
    }


def _newest(track: Track) -> tuple[int, Value] | None:
    """The last reading by time, of whichever stream."""
    if not len(track.t):
        return None
    last = int(np.argmax(track.t))  # what was before has one of each stream
    value = track.v[last]
    return int(track.t[last]), value if isinstance(value, str) else float(value)


def _silent_s(station: Station, sensor: Sensor) -> float:
    """After how long without a reading there is no value of now."""
    every_s = sensor.settings.get("every_s")
    polled = 0.0 if every_s is None else INTERVALS * float(every_s) + PATIENCE_S
    return max(polled, station.silence_after_s) or UNKNOWN_S


def _limits(line: Line, series: Series) -> Iterator[Condition]:
    for rule in line.rules:
        if rule.series == series and rule.operator in _WITHIN and is_alarm(line, rule):
            yield rule.when


def _within(limit: Condition, unit: str) -> Words:
    said, number = _WITHIN[limit.operator], f"{limit.limit:g} {unit}".strip()
    return Words(said.ja.format(limit=number), said.en.format(limit=number))


def _share(track: Track, limits: list[Condition], until: int, silent_s: float) -> Body | None:
    """Of the time with a value of now, how much was within all limits; None without limits or readings."""
    if not limits or not len(track.t):
        return None
    lasts = np.minimum(np.append(track.t[1:], until) - track.t, round(silent_s * NS)) / NS
    good = ~np.any([_COMPARED[limit.operator](track.v, limit.limit) for limit in limits], axis=0)
    seen_s, within_s = float(lasts.sum()), float(lasts[good].sum())
    return None if seen_s <= 0 else {"share": within_s / seen_s, "seen_s": seen_s, "beyond_s": seen_s - within_s}


def _range(track: Track, measure: Measure) -> Body:
    if measure.kind != "number" or not len(track.v):
        return {"low": None, "high": None}
    return {"low": float(track.v.min()), "high": float(track.v.max())}


def _both(words: Words) -> dict[str, str]:
    return {"ja": words.ja, "en": words.en}
