"""Each piece with its phases, against takt: what /cycles answers.

Takt is the regular planned time of the window over its demand (the plans), as `takt_time_s` of /kpi.
"""

from typing import Any

import numpy as np

from contract.words import Words
from kpi.answers import Answers, Asked, Place
from kpi.definition import ratio
from kpi.facts import Floats
from kpi.problems import Problem
from kpi.record import Record
from kpi.spans import NS, Spans
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
        return {"takt_time_s": None, "over_takt": None, "phases": {}, "cycles": []}
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
    takt = _takt(answers, place, start, end)
    cut = max(start, min(end, now))
    return {
        "takt_time_s": takt,
        "over_takt": None if takt is None else int((ledger.cycles.cut(start, cut).seconds > takt).sum()),
        "phases": {name: _against(phase.seconds(Spans.one(start, cut)), takt) for name, phase in ledger.phases.items()},
        "cycles": [
            {
                "at": rfc3339(t, zone),
                "cycle_s": counted.get(t),
                "over_takt": counted[t] > takt if takt is not None and t in counted else None,
                "pieces": int(record.pieces.each[i] * record.pieces.ends[i]),
                "product": place.settings.products[int(record.pieces.product[i])],
                "test": bool(record.pieces.test[i]),
                "planned": bool(planned[i]),
                "phases": {name: seconds[i] for name, seconds in phases.items() if seconds[i] is not None},
            }
            for i, t in zip(range(a, b), record.pieces.t[a:b].tolist(), strict=True)
        ],
    }


def _takt(answers: Answers, place: Place, start: int, end: int) -> float | None:
    """Seconds within which one good piece is wanted, by the plans of the window; None without any."""
    wanted = answers.wanted(place, Asked(start, end), start, end, answers.entries(start, end))
    return ratio(place.calendar.regular(start, end).seconds, wanted) if wanted else None


def _against(seconds: Floats, takt: float | None) -> Body:
    """A phase's median, and its share of takt."""
    median = float(np.median(seconds)) if len(seconds) else None
    share = None if median is None or takt is None else ratio(median, takt)
    return {"count": len(seconds), "median_s": median, "share_of_takt": share}


def _of_pieces(record: Record, begun: Any, ended: Any) -> list[float | None]:
    """Of each piece, the seconds of the phases that ended since the piece before it."""
    assert record.pieces is not None
    count = len(record.pieces)
    owner = np.searchsorted(record.pieces.t, ended, "left")
    mine = owner < count
    seconds = np.bincount(owner[mine], ((ended - begun) / NS)[mine], count)
    some = np.bincount(owner[mine], minlength=count)
    return [float(s) if n else None for s, n in zip(seconds[:count], some[:count], strict=True)]
