"""Figures of the whole line, never a mean or a product of its stations' figures.

Output is counted at the last station of the flow. The bottleneck is the station with the greatest ideal x pieces
needed; the line's 可動率 is the bottleneck's ideal x the line's good output / the bottleneck's planned busy time (TPS).
Beside it stands the bottleneck as it was observed (`kpi.active`); where they differ, one asks why.
"""

from collections.abc import Mapping
from typing import Any

from contract.line import Line
from kpi.active import active, shares
from kpi.definition import ratio
from kpi.facts import Facts
from kpi.figures import BEYOND, Figures
from kpi.ledger import Ledger


def line_figures(line: Line, facts: Mapping[str, Facts], told: Mapping[str, Figures]) -> dict[str, Any]:
    """The ``line`` of /kpi from each station's facts and figures; what cannot be told is null, with a warning."""
    last, warnings = _last(line)
    body: dict[str, Any] = dict.fromkeys(
        ("station", "produced_quantity", "good_quantity", "kadoritsu", "bottleneck", "takt_time_s")
    )
    bottleneck = _bottleneck(line, facts)
    if bottleneck is None:
        warnings.append("no_ideal")
    body["bottleneck"] = bottleneck
    if last is not None and last in facts:
        end = told[last]
        body |= {name: end[name] for name in ("produced_quantity", "good_quantity", "takt_time_s")}
        body["station"] = last
        if facts[last].beyond_count:
            warnings.append(BEYOND)
        elif bottleneck is not None and end["good_quantity"] is not None and end["good_quantity"] >= 0:
            value = (facts[bottleneck].ideal_mean_s or 0.0) * end["good_quantity"]
            body["kadoritsu"] = ratio(value, told[bottleneck]["planned_busy_time_s"])
    return body | {"warnings": warnings}


def bottleneck_of_the_day(line: Line, ledgers: Mapping[str, Ledger], start: int, end: int) -> dict[str, Any]:
    """Which station made the others wait, as observed in [start, end), and each one's share of that time.

    None where fewer than two stations of the flow can be told, or the window is too long for it.
    """
    linked = {station for flow in line.flow for station in (flow.source, flow.target)}
    told = {s: active(ledger) for s, ledger in ledgers.items() if s in linked or not linked}
    periods = {s: spans for s, spans in told.items() if spans is not None}
    found = shares(periods, start, end) if len(periods) > 1 else {}
    most = max(found, key=lambda s: found[s]) if found else None
    return {"bottleneck_of_the_day": most, "bottleneck_shares": found or None}


def _last(line: Line) -> tuple[str | None, list[str]]:
    """The station where the line's output is counted."""
    if not line.flow:
        return (next(iter(line.stations)), []) if len(line.stations) == 1 else (None, ["no_flow"])
    sources = {flow.source for flow in line.flow}
    ends = list(dict.fromkeys(flow.target for flow in line.flow if flow.target not in sources))
    if len(ends) == 1:
        return ends[0], []
    return None, ["several_ends" if ends else "flow_is_a_circle"]


def _bottleneck(line: Line, facts: Mapping[str, Facts]) -> str | None:
    """The station of the flow with the most work. Where a demand is unknown, all need as many pieces."""
    flows = {station for flow in line.flow for station in (flow.source, flow.target)}
    known = {s: told for s, told in facts.items() if told.ideal_mean_s is not None and (s in flows or not flows)}
    needed = {s: told.demand for s, told in known.items()}
    alike = None in needed.values()
    work = {s: (told.ideal_mean_s or 0.0) * (1.0 if alike else needed[s] or 0.0) for s, told in known.items()}
    return max(work, key=lambda station: work[station]) if work else None
