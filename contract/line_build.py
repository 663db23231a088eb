"""From a line that was read without a mistake to the value objects of `contract.line`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from contract.line import (
    Agreed,
    Aim,
    CalendarEntry,
    Flow,
    Line,
    OutboxLimits,
    Output,
    Plan,
    Product,
    ProductAtStation,
    Reason,
    Rule,
    Sensor,
    Shift,
    Since,
    Span,
    Station,
    Team,
    Weekday,
)
from contract.line_keys import DAYS
from contract.line_parts import NAME, Part
from contract.line_places import Places
from contract.line_tables import Draft

_SILENCE_S = 120.0
_SAME = ("downtime_after_s", "people", "scrap_is_counted", "privacy", "pieces_per_count", "ideal_cycle_s", "breaks")


def build(line: Draft, places: Places, file: Path | None, text: str) -> Line:
    """The line that a faultless draft describes."""
    return Line(
        site=line.get("site"),
        line=line.get("line"),
        name=line.get("name") or line.get("line"),
        timezone=line.get("timezone"),
        day_starts=line.get("day_starts"),
        mqtt_url=line.get("mqtt").get("url"),
        store_url=line.get("store").get("url"),
        retain_days=line.get("store").get("retain_days"),
        open_to_lan=line.get("http").get("open_to_lan"),
        outbox=OutboxLimits(**line.get("outbox").values),
        kadoritsu_excludes=line.get("kadoritsu_excludes"),
        alarm=Agreed(**line.get("alarm").values),
        shifts=tuple(map(_shift, line.drafts("shifts"))),
        calendar=tuple(CalendarEntry(**entry.values) for entry in line.drafts("calendar")),
        plan=tuple(Plan(**plan.values) for plan in line.drafts("plan")),
        targets=tuple(Aim(**target.values) for target in line.drafts("targets")),
        reasons={reason.get("id"): Reason(**reason.values) for reason in line.drafts("reasons")},
        products={name: _product(name, draft) for name, draft in line.get("products").items()},
        flow=tuple(Flow(flow.get("from"), flow.get("to")) for flow in line.drafts("flow")),
        teams=tuple(map(_team, line.drafts("teams"))),
        stations={name: _station(name, draft, line, places) for name, draft in line.get("stations").items()},
        rules=tuple(_rule(rule, places) for rule in line.drafts("rules")),
        file=file,
        text=text,
    )


def _shift(draft: Draft) -> Shift:
    return Shift(
        name=draft.get("name"),
        days=frozenset(cast(Iterable[Weekday], draft.get("days") or DAYS)),
        hours=Span(draft.get("start"), draft.get("end")),
        breaks=draft.get("breaks"),
        regular=draft.get("regular"),
    )


def _team(draft: Draft) -> Team:
    return Team(**{**draft.values, "name": draft.get("name") or draft.get("id")})


def _since(draft: Draft) -> tuple[Since, ...]:
    return tuple(
        Since(
            entry.get("from"), {key: entry.get(key) for key in sorted(entry.values.keys() & entry.written - {"from"})}
        )
        for entry in draft.drafts("since")
    )


def _product(name: str, draft: Draft) -> Product:
    stations = {
        station: ProductAtStation(at.get("ideal_cycle_s"), at.get("pieces_per_count"), _since(at))
        for station, at in (draft.get("stations") or {}).items()
    }
    return Product(name, draft.get("name") or name, draft.get("codes"), stations)


def _station(name: str, draft: Draft, line: Draft, places: Places) -> Station:
    ideal, stop, silence = draft.get("ideal_cycle_s"), draft.get("stop_after_s"), draft.get("silence_after_s")
    excludes = draft.get("kadoritsu_excludes")
    if stop is None and ideal is not None:
        stop = 2 * ideal * draft.get("pieces_per_count")
    if silence is None:
        silence = _SILENCE_S if draft.get("agent") else 0.0
    return Station(
        id=name,
        name=draft.get("name"),
        agent=draft.get("agent"),
        stop_after_s=stop,
        stop_after_is_written="stop_after_s" in draft.written,
        silence_after_s=silence,
        kadoritsu_excludes=line.get("kadoritsu_excludes") if excludes is None else excludes,
        since=_since(draft),
        sensors={key: _sensor(name, key, part, places) for key, part in draft.get("sensors").items()},
        outputs={
            key: Output(
                name, key, _type(part), part.settings, places.row(part.path), part.measures[0].kind, _called(part)
            )
            for key, part in draft.get("outputs").items()
        },
        **{key: draft.get(key) for key in _SAME},
    )


def _called(part: Part) -> str:
    """What people call it; "" where nobody gave it a name, or the type has a setting of that name."""
    return "" if NAME.key in part.settings else part.get(NAME.key) or ""


def _type(part: Part) -> str:
    return part.type.type if part.type else ""


def _sensor(station: str, name: str, part: Part, places: Places) -> Sensor:
    settings: dict[str, Any] = part.settings
    if isinstance(settings.get("measures"), dict):
        settings["measures"] = {measure.key: measure for measure in part.measures}
    return Sensor(
        station=station,
        id=name,
        type=_type(part),
        settings=settings,
        measures=part.measures,
        role=part.get("role"),
        says=part.get("says"),
        row=places.row(part.path),
        name=_called(part),
    )


def _rule(draft: Draft, places: Places) -> Rule:
    when = draft.get("when")
    station, output = draft.get("set")
    return Rule(
        series=when.series,
        operator=when.operator,
        limit=when.limit,
        for_s=draft.get("for_s"),
        station=station,
        output=output,
        value=draft.get("value"),
        min_s=draft.get("min_s"),
        row=places.row(draft.path),
        hold_s=draft.get("hold_s"),
        until=draft.get("until"),
        after=draft.get("after"),
        after_s=draft.get("after_s"),
        lost=draft.get("lost"),
        silent_s=draft.get("silent_s"),
        name=draft.get("name") or "",
        todo=draft.get("todo") or "",
    )
