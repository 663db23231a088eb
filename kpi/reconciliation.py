"""照合: what the paper tally says of a shift, beside what was counted; its history; the correction, if wished.

    日報 1,012 / 計数 1,009 / -3(0.3 %)

The difference is counted less tally, the percentage its size of the tally. Each reconciliation is an entry of its own,
so the history stays; the correction stands beside the counts like any other (`kpi.entries`).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from collector.store import Entry
from contract.words import Words
from kpi import said as told_by
from kpi.answers import Answers, Asked, Place
from kpi.entries import QUANTITIES
from kpi.facts import Made, Question, of
from kpi.finality import finality
from kpi.problems import Problem
from kpi.reconciled import last, said_of
from kpi.said import MOST_PIECES, Said
from kpi.spans import NS
from kpi.times import rfc3339
from kpi.worked import Worked, worked

Body = dict[str, Any]
TALLIED = ("produced", "scrap")


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a shift: by the sensors alone, and with what people put right since."""

    by_sensors: dict[str, int]
    now: dict[str, int]
    product: str | None
    """The product of all that was made, where it is one."""


def counted(answers: Answers, place: Place, shift: Worked, now: int) -> Counted:
    """What was counted in a shift so far. Raises Problem (422) where nothing counts there."""
    start, end = shift.start, min(shift.end, now)
    if end <= start:
        raise Problem(
            422,
            "not-begun",
            Words("まだ始まっていない勤務です。", "That shift has not begun."),
            Words("日付と勤務を確かめてください。", "Check the date and the shift."),
        )
    ledger = answers.ledger(place, start, end, now)
    asked = Asked(start, end)
    told = answers.facts(place, ledger, asked, start, end, answers.entries(start, end), now)
    plain = of(ledger, Question(start, end, end))
    if told.made is None or plain.made is None:
        raise Problem(
            422,
            "no-count",
            Words(
                f'「{place.name}」には完成を数えるセンサー(role = "cycle")がありません。',
                f'No sensor counts finished pieces at {place.name} (role = "cycle").',
            ),
            Words("照合できるのは、数えている工程だけです。", "Only a station that counts can be reconciled."),
        )
    products = {made.product for made in plain.made}
    return Counted(_sums(plain.made), _sums(told.made), next(iter(products)) if len(products) == 1 else None)


def _sums(made: Sequence[Made]) -> dict[str, int]:
    return {
        "produced": sum(m.produced for m in made),
        "scrap": sum(m.scrap for m in made),
        "rework": sum(m.rework for m in made),
    }


def reconcile(answers: Answers, said: Said, now: int) -> tuple[Entry, Entry | None]:
    """POST /reconciliations {"station","date","shift","quantity","tally"[,"why"][,"correct"][,"by"]}: what is kept.

    The second entry is the correction that ``correct`` asks for; None where it is not asked, or nothing differs.
    """
    told_by.only(said, ("station", "date", "shift", "quantity", "tally"), ("why", "correct", "by"))
    place = answers.place(told_by.station(answers.line, said))
    quantity = told_by.choice(said, "quantity", TALLIED)
    shift = worked(place, told_by.day(said), told_by.text(said, "shift"), now)
    tally, why = told_by.whole(said, "tally", 0), told_by.maybe_text(said, "why")
    found = counted(answers, place, shift, now)
    difference = found.now[quantity] - tally
    correction = None
    if told_by.truth(said, "correct") and difference:
        body = {
            "station": place.id,
            "quantity": quantity,
            "delta": max(-MOST_PIECES, min(MOST_PIECES, -difference)),
            "why": why or f"照合: 日報 {tally:,} / 計数 {found.now[quantity]:,}",
            "product": found.product,
            **told_by.by(said),
        }
        correction = Entry(secrets.token_hex(8), "correction", _last_moment(shift, now), now, body)
    kept = {
        "station": place.id,
        "date": shift.day.isoformat(),
        "shift": shift.name,
        "quantity": quantity,
        "tally": tally,
        "counted": found.now[quantity],
        "counted_by_sensors": found.by_sensors[quantity],
        "difference": difference,
        "percent": round(100 * difference / tally, 2) if tally else None,
        "correction": correction.id if correction else None,
        "why": why,
        **finality(answers.desk, answers.line, [place.id], shift.end, now).body(),
        **told_by.by(said),
    }
    return Entry(secrets.token_hex(8), "reconciliation", shift.start, now, kept), correction


def _last_moment(shift: Worked, now: int) -> int:
    """Where the correction of a whole shift stands: in its last second so far."""
    return max(shift.start, (min(shift.end, now) - 1) // NS * NS)


def shift_row(answers: Answers, place: Place, shift: Worked, kept: Sequence[Entry], now: int) -> Body:
    """A shift on the screen of reconciliations: what was counted, and the last word of each quantity."""
    found = counted(answers, place, shift, now)
    mine = [e for e in kept if e.body.get("date") == shift.day.isoformat() and e.body.get("shift") == shift.name]
    lasts = {name: last(mine, place.id, None, name) for name in TALLIED}
    return {
        "station": place.id,
        "date": shift.day.isoformat(),
        "shift": shift.name,
        "start": rfc3339(shift.start, place.calendar.zone),
        "end": rfc3339(shift.end, place.calendar.zone),
        "over": shift.end <= now,
        "counted": {name: found.now[name] for name in QUANTITIES},
        "counted_by_sensors": {name: found.by_sensors[name] for name in QUANTITIES},
        "last": {name: None if entry is None else told(answers, entry) for name, entry in lasts.items()},
    }


def told(answers: Answers, entry: Entry) -> Body:
    """A reconciliation as the service answers it, in words too."""
    words = said_of(dict(entry.body))
    zone = answers.line.zone
    moments = {"id": entry.id, "at": rfc3339(entry.at, zone), "made": rfc3339(entry.made, zone)}
    return {**moments, **entry.body, "said": {"ja": words.ja, "en": words.en}}
