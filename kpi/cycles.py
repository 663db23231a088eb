"""Counted cycles and phases of a ledger: computed once for all of it, then cut to any window.

A cycle is a gap between pieces that holds no stop, break, mode change or no data; a phase is an unbroken 1 of its
sensor that holds no silence. Source: contract section 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from kpi.record import Record
from kpi.settings import Indexes
from kpi.spans import NS, Spans, Times, times
from kpi.stops import Gaps

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cycles:
    """Counted cycles in the order of their ends: ``seconds`` per piece, ``product`` of the piece that ends it.

    ``ones``: by phase, when it lasted, whether in these cycles or not.
    """

    start: Times
    end: Times
    seconds: Floats
    product: Indexes
    ones: Mapping[str, Spans] = field(default_factory=dict)

    def cut(self, start: int, end: int, product: int | None = None) -> "Cycles":
        """Those that end in [start, end), of one product if asked."""
        a, b = (int(i) for i in np.searchsorted(self.end, [start, end]))
        here = self._of(slice(a, b))
        return here if product is None else here._of(here.product == product)

    def _of(self, chosen: Any) -> "Cycles":
        return Cycles(self.start[chosen], self.end[chosen], self.seconds[chosen], self.product[chosen], self.ones)

    def share(self, phase: str) -> float | None:
        """The phase's seconds inside these cycles over the seconds of the cycles; None without cycles."""
        total_s = self.total_s
        if not total_s:
            return None
        together = Spans.of(self.start, self.end)  # cycles mostly follow each other: few spans to look up
        ones = self.ones[phase].clip(int(together.start[0]), int(together.end[-1]))
        return float(ones.within(together.start, together.end).sum()) / NS / total_s

    @property
    def total_s(self) -> float:
        """The clock seconds of all of them together."""
        return float((self.end - self.start).sum()) / NS


NO_CYCLES = Cycles(times([]), times([]), np.zeros(0), np.zeros(0, np.intp))


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase's whole durations in the order of their ends, and all the time it lasted."""

    begun: Times
    ended: Times
    ones: Spans

    def seconds(self, cut: Spans) -> Floats:
        """How long each lasted that ended in the cut."""
        if not len(cut):
            return np.zeros(0)
        a, b = (int(i) for i in np.searchsorted(self.ended, [int(cut.start[0]), int(cut.end[-1])]))
        ended = self.ended[a:b]
        seconds: Floats = (ended - self.begun[a:b]) / NS
        return seconds if len(cut) == 1 else seconds[cut.holds(ended)]


def counted(record: Record, gaps: Gaps | None, run: Spans, phases: Mapping[str, Phase]) -> Cycles:
    """The counted cycles among the gaps. ``run``: when the station ran."""
    if gaps is None or record.pieces is None:
        return NO_CYCLES
    length = gaps.end - gaps.start
    kept = gaps.piece & gaps.follows & (gaps.ends == 1) & (run.within(gaps.start, gaps.end) == length)
    start, end, length = gaps.start[kept], gaps.end[kept], length[kept]
    if (end[1:] < end[:-1]).any():
        order = np.argsort(end, kind="stable")
        start, end, length = start[order], end[order], length[order]
    ones = {name: phase.ones for name, phase in phases.items()}
    if record.settings.always_one:
        return Cycles(start, end, length / NS, np.zeros(len(end), np.intp), ones)
    made = np.flatnonzero(~record.pieces.test)
    piece = made[np.searchsorted(record.pieces.t[made], end, "left")] if len(end) else made[:0]
    return Cycles(start, end, length / record.pieces.each[piece] / NS, record.pieces.product[piece], ones)


def phases(record: Record) -> dict[str, Phase]:
    """Every phase of a station, without what holds silence."""
    found = {}
    for name, level in record.phases.items():
        heard = record.silent.within(level.begun, level.ended) == 0
        found[name] = Phase(level.begun[heard], level.ended[heard], level.ones)
    return found
