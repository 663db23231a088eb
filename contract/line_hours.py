"""Whole-line checks of the hours: shifts, their breaks, the calendar."""

from __future__ import annotations

from datetime import time

from contract.line import Span
from contract.line_extras import check_extra
from contract.line_report import Report, hint
from contract.line_tables import Draft
from contract.words import Words

_DAY = 24 * 60
_NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "holiday": ((), ("start", "end")),
    "holiday_work": ((), ()),
    "overtime": (("end",), ()),
    "early": (("start",), ("end",)),
    "planned_stop": ((), ()),
}
"""Which times each kind of calendar entry needs, and which mean nothing in it."""


def check_hours(line: Draft, report: Report) -> None:
    """Tell what is wrong with the hours of a line."""
    shifts = line.drafts("shifts")
    for shift in shifts:
        _not_equal(shift, report)
    for entry in line.drafts("calendar"):
        _check_entry(entry, report)
        check_extra(entry, shifts, line.drafts("calendar"), report)
    _check_breaks(line, [shift for shift in shifts if _hours(shift)], report)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _reach(start: time, end: time) -> int:
    """Minutes from ``start`` on to the next ``end``."""
    return (_minutes(end) - _minutes(start)) % _DAY


def _hours(draft: Draft) -> Span | None:
    start, end = draft.get("start"), draft.get("end")
    return Span(start, end) if isinstance(start, time) and isinstance(end, time) else None


def _not_equal(draft: Draft, report: Report) -> None:
    hours = _hours(draft)
    if hours and hours.start == hours.end:
        report.tell(
            draft.at("end"),
            Words(f"終わりが始まり({hours.start:%H:%M})と同じです。", f"it ends when it starts ({hours.start:%H:%M})."),
            hint(
                "翌日にまたぐ直は、終わりを始まりより早い時刻にします。",
                "a shift past midnight ends at an earlier time of day.",
            ),
        )


def _check_entry(entry: Draft, report: Report) -> None:
    kind = entry.get("kind")
    if kind not in _NEEDS:
        return
    needed, useless = _NEEDS[kind]
    for key in needed:
        if key not in entry.written:
            _missing(entry, kind, key, report)
    for key in useless:
        if key in entry.written:
            report.tell(
                entry.at(key),
                Words(f'kind = "{kind}" に {key} は書けません。', f'{key} means nothing with kind = "{kind}".'),
                hint(*_INSTEAD[kind]),
            )
    if kind == "planned_stop":
        for key, other in (("start", "end"), ("end", "start")):
            if key in entry.written and other not in entry.written:
                _missing(entry, kind, other, report)
    _not_equal(entry, report)


_EXAMPLE = {"start": "06:30", "end": "19:15"}
_INSTEAD = {
    "holiday": ("直がまるごと休みになります。一部だけ止めるなら planned_stop です。",
                "it takes the whole shift away; for a part of it use planned_stop."),
    "early": ("早出は start から直の始まりまでです。", "it runs from start to the shift's start."),
}  # fmt: skip


def _missing(entry: Draft, kind: str, key: str, report: Report) -> None:
    report.tell(
        entry.path,
        Words(f'"{key}" がありません(kind = "{kind}" に要ります)。', f'"{key}" is missing (kind = "{kind}" needs it).'),
        hint(f'{key} = "{_EXAMPLE[key]}" のように書きます。', f'write it like {key} = "{_EXAMPLE[key]}"'),
    )


def _check_breaks(line: Draft, shifts: list[Draft], report: Report) -> None:
    calendar = line.drafts("calendar")
    for shift in shifts:
        for pause in shift.get("breaks") or ():
            if not _touches(pause, shift, calendar):
                _outside(shift, pause, [shift], report)
    if not shifts or len(shifts) < len(line.drafts("shifts")):
        return
    for station in line.drafts("stations"):
        for holder in (station, *station.drafts("since")):
            for pause in holder.get("breaks") or ():
                if not any(_touches(pause, shift, calendar) for shift in shifts):
                    _outside(holder, pause, shifts, report)


def _touches(pause: Span, shift: Draft, calendar: list[Draft]) -> bool:
    """Whether a break begins in the shift, or in work the calendar adds to it."""
    spans = [_hours(shift), *(_added(entry, shift) for entry in calendar)]
    return any(span and _reach(span.start, pause.start) < _reach(span.start, span.end) for span in spans)


def _added(entry: Draft, shift: Draft) -> Span | None:
    hours = _hours(shift)
    if not hours or entry.get("shift") not in (None, shift.get("name")):
        return None
    start, end = entry.get("start") or hours.start, entry.get("end") or hours.end
    return {
        "overtime": Span(entry.get("start") or hours.end, end),
        "early": Span(start, hours.start),
        "holiday_work": Span(start, end),
    }.get(entry.get("kind") or "")


def _outside(holder: Draft, pause: Span, shifts: list[Draft], report: Report) -> None:
    said = f"{pause.start:%H:%M}-{pause.end:%H:%M}"
    hours = [span for span in map(_hours, shifts) if span]
    work = ", ".join(f"{span.start:%H:%M}-{span.end:%H:%M}" for span in hours)
    report.tell(
        holder.at("breaks"),
        Words(f"休憩 {said} は直({work})の外です。", f"the break {said} lies outside of the shift ({work})."),
        hint(
            "直の始まりより早い休憩は、翌日の時刻と読みます。",
            "a break earlier than the shift's start is on the next day.",
        ),
    )
