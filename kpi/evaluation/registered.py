"""What was written down beforehand: the primary figure, its direction and its windows, with a time stamp.

An evaluation is *registered* if station, figure, control and both windows are those of an entry that was made before
the window after had ended. Without it, and if it was made after that window had begun (``before_after_began``), it is
「参考」: part of the result could be seen. Nobody can date an entry back: the service stamps it.

    POST /evaluations            {"station","kpi","before","after","why"[,"direction"][,"control"][,"by"]}
    POST /evaluations/effects    {"station","kpi","before","after","what","document"[,"yen_per_year"][,"by"]}

実効果 is only what the host ticks and documents. No yen ever follow from hours by themselves.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from collector.store import Entry, Store
from contract.line import Line
from contract.words import Words
from kpi import said as told_by
from kpi.evaluation.asking import Question, Windows, windows
from kpi.evaluation.paths import Figure, figure
from kpi.problems import unknown
from kpi.said import Said
from kpi.times import parse, rfc3339

EFFECTS: Mapping[str, Words] = {
    "overtime_saved": Words("減った残業", "overtime saved"),
    "brought_in_house": Words("内製化した仕事", "work brought in house"),
    "sold": Words("実際に売れた良品", "good pieces really sold"),
    "people_moved": Words("実際に異動した人", "people really moved"),
}
"""What counts as 実効果; anything else is 創出時間 (hours) or nothing."""

MOST_YEN = 10_000_000_000
MOST_LISTED = 500
Body = dict[str, Any]


def registration(line: Line, said: Said, now: int) -> Entry:
    """POST /evaluations. Raises Problem (422, 404)."""
    told_by.only(said, ("station", "kpi", "before", "after", "why"), ("direction", "control", "by"))
    found, body = _about(line, said)
    if said.get("direction") is not None:
        direction = told_by.choice(said, "direction", ("lower", "higher"))
        if direction != found.better:
            raise told_by.wrong(
                "direction", f"{found.kpi} は {found.better} が良い向きです", f"of {found.kpi} {found.better} is better"
            )
    if said.get("control") is not None:
        body["control"] = told_by.station(line, {"station": said["control"]})
        if body["control"] == body["station"]:
            raise told_by.wrong("control", "別の工程を選んでください", "must be another station")
    body |= {"direction": found.better, "why": told_by.text(said, "why"), **told_by.by(said)}
    return Entry(secrets.token_hex(8), "evaluation", now, now, body)


def effect(line: Line, said: Said, now: int) -> Entry:
    """POST /evaluations/effects. Raises Problem (422, 404)."""
    told_by.only(said, ("station", "kpi", "before", "after", "what", "document"), ("yen_per_year", "by"))
    _, body = _about(line, said)
    body["what"] = told_by.choice(said, "what", tuple(EFFECTS))
    body["document"] = told_by.text(said, "document")
    yen = said.get("yen_per_year")
    body["yen_per_year"] = None if yen is None else told_by.whole(said, "yen_per_year", 0, MOST_YEN)
    return Entry(secrets.token_hex(8), "effect", now, now, {**body, **told_by.by(said)})


def _about(line: Line, said: Said) -> tuple[Figure, Body]:
    """What an entry is about: station, figure and windows, written as they will be compared."""
    station, found = told_by.station(line, said), figure(told_by.text(said, "kpi"))
    phases = sorted({s.role.name for s in line.stations[station].with_role("phase") if s.role is not None})
    if found.phase is not None and found.phase not in phases:
        raise unknown("要素", "phase", found.phase, phases)
    both = windows(told_by.text(said, "before"), told_by.text(said, "after"), line.zone)
    return found, {"station": station, "kpi": found.kpi, "control": None, **both.told(line.zone)}


def registered(store: Store, asked: Question) -> tuple[Entry, ...]:
    """The registrations of a question, the first one first."""
    found = (entry for entry in store.entries("evaluation") if _is_about(entry, asked, of_control=True))
    return tuple(entry for entry in found if entry.made < asked.windows.after[1])


def of_these_windows(store: Store, asked: Question) -> list[str]:
    """Every figure of this station that was registered beforehand for these windows, the first one first."""
    same = (
        entry.body["kpi"]
        for entry in store.entries("evaluation")
        if entry.body["station"] == asked.station
        and _windows(entry) == asked.windows
        and entry.made < asked.windows.after[1]
    )
    return list(dict.fromkeys(same))


def effects(store: Store, asked: Question) -> list[Entry]:
    """What the host ticked for a question."""
    return [entry for entry in store.entries("effect") if _is_about(entry, asked, of_control=False)]


def _is_about(entry: Entry, asked: Question, *, of_control: bool) -> bool:
    body = entry.body
    if (body["station"], body["kpi"]) != (asked.station, asked.figure.kpi) or _windows(entry) != asked.windows:
        return False
    return not of_control or body.get("control") == asked.control


def _windows(entry: Entry) -> Windows:
    before, after = (entry.body[side] for side in ("before", "after"))
    return Windows((parse(before["start"]), parse(before["end"])), (parse(after["start"]), parse(after["end"])))


def told(entry: Entry, line: Line, *, names: bool) -> Body:
    """An entry as the service answers it. ``names``: who entered it, too."""
    body = {key: value for key, value in entry.body.items() if names or key != "by"}
    found = {"id": entry.id, "at": rfc3339(entry.at, line.zone), "made": rfc3339(entry.made, line.zone), **body}
    if entry.kind == "evaluation":
        spans = _windows(entry)
        found["beforehand"] = entry.made < spans.after[1]
        found["before_after_began"] = entry.made <= spans.after[0]
    else:
        words = EFFECTS[entry.body["what"]]
        found["title"] = {"ja": words.ja, "en": words.en}
    return found


def listed(line: Line, entries: Iterable[Entry], *, names: bool) -> list[Body]:
    """The newest entries, the first one first."""
    return [told(entry, line, names=names) for entry in list(entries)[-MOST_LISTED:]]
