"""Each piece with its phases: what /cycles answers."""

from typing import Any

import numpy as np

from contract.words import Words
from kpi.answers import Answers
from kpi.problems import Problem
from kpi.record import Record
from kpi.spans import NS
from kpi.times import rfc3339
from kpi.windows import bounded

Body = dict[str, Any]
MOST_CYCLES = 50_000


def cycles(answers: Answers, station: str, start: int, end: int) -> Body:
    """Every piece in [start, end): when, its cycle (None where it is not counted), product, and phases by name."""
    place, now = answers.place(station), answers.desk.now_ns()
    end = bounded(start, end, now)
    ledger = answers.ledger(place, start, end, now)
    record = ledger.record
    if record.pieces is None:
        return {"cycles": []}
    a, b = (int(i) for i in np.searchsorted(record.pieces.t, [start, max(start, min(end, now))]))
    if b - a > MOST_CYCLES:
        raise Problem(
            422,
            "too-many",
            Words(
                f"{b - a} 個あります。一度に {MOST_CYCLES} 個までです。",
                f"{b - a} pieces; at most {MOST_CYCLES} at once.",
            ),
            Words("期間を短くしてください。", "Ask for a shorter window."),
        )
    counted = dict(zip(ledger.cycles.end.tolist(), ledger.cycles.seconds.tolist(), strict=True))
    phases = {name: _of_pieces(record, phase.begun, phase.ended) for name, phase in ledger.phases.items()}
    planned = record.planned.holds(record.pieces.t)
    zone = place.calendar.zone
    return {
        "cycles": [
            {
                "at": rfc3339(t, zone),
                "cycle_s": counted.get(t),
                "pieces": int(record.pieces.each[i] * record.pieces.ends[i]),
                "product": place.settings.products[int(record.pieces.product[i])],
                "test": bool(record.pieces.test[i]),
                "planned": bool(planned[i]),
                "phases": {name: seconds[i] for name, seconds in phases.items() if seconds[i] is not None},
            }
            for i, t in zip(range(a, b), record.pieces.t[a:b].tolist(), strict=True)
        ]
    }


def _of_pieces(record: Record, begun: Any, ended: Any) -> list[float | None]:
    """Of each piece, the seconds of the phases that ended since the piece before it."""
    assert record.pieces is not None
    count = len(record.pieces)
    owner = np.searchsorted(record.pieces.t, ended, "left")
    mine = owner < count
    seconds = np.bincount(owner[mine], ((ended - begun) / NS)[mine], count)
    some = np.bincount(owner[mine], minlength=count)
    return [float(s) if n else None for s, n in zip(seconds[:count], some[:count], strict=True)]
