"""The line as /line tells it: stations, measures with unit, range and decimals, KPI titles and formulas. No secrets."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from collector.store import LineVersion
from contract.catalogue import Measure
from contract.line import Line, Sensor, Shift, Span, Station
from contract.words import Words
from kpi.definition import UNITS, Definition
from kpi.definitions import all_definitions
from kpi.doubtful import NOT_SELF_TESTED, tests_itself
from kpi.times import rfc3339

Body = dict[str, Any]
WALL_NAMES = {"difference": "progress_pieces"}
"""What the wall calls a KPI."""

MOST_CHANGES = 400


def line_told(line: Line) -> Body:
    """The body of /line."""
    return {
        "site": line.site,
        "line": line.line,
        "name": line.name or line.line,
        "timezone": line.timezone,
        "day_starts": f"{line.day_starts:%H:%M}",
        "alarm": {"percent": line.alarm.percent, "stop_min": line.alarm.stop_min},
        "shifts": [_shift(shift) for shift in line.shifts],
        "plan": [
            {
                "station": p.station,
                "shift": p.shift,
                "quantity": p.quantity,
                "date": p.date.isoformat() if p.date else None,
                "product": p.product,
            }
            for p in line.plan
        ],
        "targets": [{"station": t.station, "kpi": t.kpi, "value": t.value, "owner": t.owner} for t in line.targets],
        "reasons": [{"id": r.id, "name": r.name, "loss": r.loss, "planned": r.planned} for r in line.reasons.values()],
        "products": [{"id": p.id, "name": p.name, "codes": list(p.codes)} for p in line.products.values()],
        "flow": [{"from": f.source, "to": f.target} for f in line.flow],
        "teams": [{"id": t.id, "name": t.name, "stations": list(t.stations)} for t in line.teams],
        "stations": {station.id: _station(station) for station in line.stations.values()},
        "kpis": kpis_told(),
    }


def kpis_told() -> Body:
    """Every KPI: title, unit, formula, which way is better, and its definition in words."""
    known = {key: _kpi(definition) for key, definition in all_definitions().items()}
    return known | {name: known[key] for name, key in WALL_NAMES.items()}


def changes(versions: Sequence[LineVersion], zone: Any) -> Body:
    """The body of /settings-history: what each version of line.toml changed, newest first.

    Who and why stand in the file, in a comment that came with the change: ``# 変更 佐藤: 治具を変えた`` or
    ``# change Sato: new jig``; without one they are null.
    """
    found: list[Body] = []
    before: list[str] = []
    for version in versions:
        text = version.text.splitlines()
        diff = [d for d in difflib.ndiff(before, text) if d[:2] in ("+ ", "- ")] if before else []
        told = {"at": rfc3339(max(version.since, 0), zone), "first": not before, "changes": diff[:MOST_CHANGES]}
        found.append(told | _signed(diff))
        before = text
    return {"settings": found[::-1]}


_SIGNED = re.compile(r"\+ .*#\s*(?:変更|change)\s*([^::]{1,64})\s*[::]\s*(.{1,256})", re.IGNORECASE)


def _signed(diff: Sequence[str]) -> Body:
    """Who made a change, and why, by the last new comment that says so."""
    signed = [found for found in map(_SIGNED.match, diff) if found]
    if not signed:
        return {"who": None, "why": None}
    return {"who": signed[-1][1].strip(), "why": signed[-1][2].strip()}


def both(words: Words) -> dict[str, str]:
    """Words in both languages."""
    return {"ja": words.ja, "en": words.en}


def _kpi(definition: Definition) -> Body:
    return {
        "title": both(definition.title),
        "unit": both(UNITS[definition.unit]),
        "kind": definition.unit,
        "formula": both(definition.formula),
        "better": definition.better,
        "definition": definition.words,
    }


def _shift(shift: Shift) -> Body:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return {
        "name": shift.name,
        "days": [day for day in days if day in shift.days],
        "start": f"{shift.hours.start:%H:%M}",
        "end": f"{shift.hours.end:%H:%M}",
        "breaks": [_span(rest) for rest in shift.breaks],
        "regular": shift.regular,
    }


def _span(span: Span) -> str:
    return f"{span.start:%H:%M}-{span.end:%H:%M}"


def _station(station: Station) -> Body:
    return {
        "name": station.name,
        "agent": station.agent,
        "ideal_cycle_s": station.ideal_cycle_s,
        "pieces_per_count": station.pieces_per_count,
        "stop_after_s": station.stop_after_s,
        "downtime_after_s": station.downtime_after_s,
        "silence_after_s": station.silence_after_s,
        "breaks": None if station.breaks is None else [_span(rest) for rest in station.breaks],
        "people": station.people,
        "privacy": station.privacy,
        "sensors": {sensor.id: _sensor(sensor) for sensor in station.sensors.values()},
        "outputs": {output.id: {"type": output.type, "name": output.called} for output in station.outputs.values()},
    }


def _sensor(sensor: Sensor) -> Body:
    return {
        "type": sensor.type,
        "name": sensor.called,
        "role": str(sensor.role) if sensor.role else None,
        "tests_itself": tests_itself(sensor),
        "note": both(NOT_SELF_TESTED) if sensor.role and tests_itself(sensor) is False else None,
        "measures": {measure.key: _measure(measure) for measure in sensor.measures},
    }


def _measure(measure: Measure) -> Body:
    return {
        "title": both(measure.title),
        "unit": measure.unit,
        "kind": measure.kind,
        "low": measure.low,
        "high": measure.high,
        "decimals": measure.decimals,
    }
