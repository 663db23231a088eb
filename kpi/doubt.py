"""センサー疑い: a counter that says nothing while the machine runs, or while the next station makes ten pieces.

A loose sensor looks like a standing machine, so the time in which it is doubtful is marked; no figure is changed by it.
Where nothing but the counter watches a station, that is said too: 「断線と停止を区別できません」.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.line import Line, Station
from contract.words import Words
from kpi.ledger import Ledger
from kpi.record import Pieces
from kpi.spans import NS, Spans, Times, times
from kpi.times import rfc3339

MANY = 10
"""So many pieces of the next station, or ideal cycles of running, without one of this."""

MOST_MARKS = 20
BLIND = Words(
    '断線と停止を区別できません(運転を見るセンサー role = "running" がありません)。',
    'A broken wire looks like a stop here: no sensor tells whether it runs (role = "running").',
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A stretch [start, end) in which the counter is doubtful."""

    code: str
    start: int
    end: int
    words: Words

    def body(self, zone: Any) -> dict[str, Any]:
        """As an answer holds it."""
        moments = {"start": rfc3339(self.start, zone), "end": rfc3339(self.end, zone)}
        return {"code": self.code, **moments, "ja": self.words.ja, "en": self.words.en}


def doubts(ledger: Ledger, line: Line, start: int, end: int, beside: Callable[[str], Ledger]) -> list[Doubt]:
    """What is doubtful of a station's counter in [start, end). ``beside`` gives the ledger of another station."""
    pieces = ledger.record.pieces
    if pieces is None:
        return []
    gaps = _gaps(pieces.t, start, end)
    found = _while_running(ledger, gaps, end)
    for target in dict.fromkeys(flow.target for flow in line.flow if flow.source == ledger.record.settings.station):
        if target in line.stations:
            found += _while_next(line.stations[target], beside(target).record.pieces, gaps)
    return sorted(found, key=lambda doubt: doubt.start)[:MOST_MARKS]


def is_blind(station: Station) -> bool:
    """Whether nothing but a counter watches a station."""
    return bool(station.with_role("cycle")) and not station.with_role("running")


def _gaps(t: Times, start: int, end: int) -> Spans:
    """The stretches of a window between one piece and the next, its two ends included."""
    inside = t[(t > start) & (t < end)]
    edges = np.concatenate((times([start]), inside, times([end])))
    return Spans(edges[:-1], edges[1:])


def _while_running(ledger: Ledger, gaps: Spans, end: int) -> list[Doubt]:
    running = ledger.record.running
    if running is None:
        return []
    settings, product = ledger.record.settings, ledger.record.product_before(end)
    none = np.full(len(gaps), product, np.intp)
    ideal = settings.ideal_s(gaps.start, none) * settings.each(gaps.start, none) * MANY
    limit = np.maximum(np.nan_to_num(ideal), np.nan_to_num(settings.stop_after_s(gaps.start, none)))
    seconds = (running.ones & ledger.observed).within(gaps.start, gaps.end) / NS
    return [
        Doubt("silent_while_running", int(gaps.start[i]), int(gaps.end[i]), _running_words(float(seconds[i]) / 60))
        for i in np.flatnonzero((limit > 0) & (seconds > limit))
    ]


def _while_next(target: Station, pieces: Pieces | None, gaps: Spans) -> list[Doubt]:
    if pieces is None:
        return []
    made = ~pieces.test
    t, many = pieces.t[made], (pieces.ends * pieces.each)[made]
    total = np.concatenate(([0], np.cumsum(many)))
    inside = total[np.searchsorted(t, gaps.end)] - total[np.searchsorted(t, gaps.start, "right")]
    return [
        Doubt("next_made_pieces", int(gaps.start[i]), int(gaps.end[i]), _next_words(target, int(inside[i])))
        for i in np.flatnonzero(inside >= MANY)
    ]


def _running_words(minutes: float) -> Words:
    return Words(
        f"センサー疑い: 運転中の {minutes:.0f} 分間、1個も数えていません。",
        f"Doubtful sensor: it ran for {minutes:.0f} minutes and no piece was counted.",
    )


def _next_words(target: Station, many: int) -> Words:
    return Words(
        f"センサー疑い: 1個も数えない間に、次の「{target.name}」は {many} 個作っています。",
        f"Doubtful sensor: while no piece was counted, the next station, {target.name}, made {many}.",
    )
