"""What if a station were faster? A small Monte Carlo of the line, over days drawn again and again from the measured.

Of one draw (days drawn with replacement: a bootstrap, B. Efron, Ann. Stat. 7 (1979), 1-26):

    c_i   mean own seconds of a count at station i        f_i   share of its time that it stands by its own fault
    s_i   seconds of set-up for each count                v_i   counts it makes for one good piece of the line
    T_i   its planned, observed seconds of a shift

    capacity of a station    N_i = T_i (1 - f_i) / ((c_i + s_i) v_i)         good pieces of the line a shift
    with endless buffers     U   = min N_i                                    the bottleneck alone decides
    with no buffer at all    L   = T (1 - sum f_i) / (E[max c_i v_i] + sum s_i v_i)
    the line                 M   = U - b (U - L),  b drawn evenly from 0 … 1  how well buffers part the stations

    after = measured output before x M(after) / M(before), with the same days and the same b

so whatever the model leaves out on both sides alike drops out. The share of draws in which N_i is the least is the
probability that i is the bottleneck. Limits and a comparison with the virtual floor: docs/decisions/what-if.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

DRAWS = 2000
SAMPLES = 64
"""Of one draw, so many cycles are laid beside each other to see the slowest."""

SEED = 20260401
OVER_IDEAL = 1.1
"""A station that waits for its neighbours would take between its ideal and this much more."""

FEWEST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """One station's days: arrays over days, but ``cycle_s`` (own cycles, s), ``day`` (of each) and ``faster_s``.

    ``own``: its own pace was measured; else ``cycle_s`` are ideals, and the pace lies up to :data:`OVER_IDEAL` above.
    ``faster_s``: its cycles after the change; the same array where nothing is changed.
    """

    station: str
    cycle_s: Floats
    day: Ints
    faster_s: Floats
    own: bool
    busy_s: Floats
    stopped_s: Floats
    set_up_s: Floats
    counts: Floats


@dataclass(frozen=True, slots=True)
class Range:
    """The middle of the draws and the 90 % of them that lie round it."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Foretold:
    """What the draws say. ``bottleneck_*``: probability of each station, in their order; ``capacity_*`` a shift.

    ``fit``: what the model says of before, over what was measured (the middle draw).
    """

    before: Range
    after: Range
    difference: Range
    percent: Range
    bottleneck_before: tuple[float, ...]
    bottleneck_after: tuple[float, ...]
    capacity_before: tuple[Range, ...]
    capacity_after: tuple[Range, ...]
    fit: float


def foretell(stations: Sequence[Measured], good: Floats, shifts: Floats, seed: int = SEED) -> Foretold | None:
    """What becomes of a line. ``good``: good pieces of the line of each day; ``shifts``: shifts of each day.

    None of fewer than :data:`FEWEST_DAYS` days, or where a station has no cycle or nothing good was made.
    """
    days = len(good)
    if days < FEWEST_DAYS or not good.sum() or not all(len(s.cycle_s) and s.counts.sum() for s in stations):
        return None
    draw = np.random.default_rng(seed)
    often = draw.multinomial(days, np.full(days, 1 / days), DRAWS).astype(np.float64)
    often = often[((often @ good) > 0) & np.all([(often @ s.counts) > 0 for s in stations], axis=0)]
    paces = [_pace(s, often, draw) for s in stations]
    measured = (often @ good) / (often @ shifts)
    buffered = draw.random(len(often))
    before = _Line(stations, often, good, shifts, [p[0] for p in paces])
    after = _Line(stations, often, good, shifts, [p[1] for p in paces])
    model, changed = before.output(buffered), after.output(buffered)
    then = measured * changed / model
    return Foretold(
        _range(measured),
        _range(then),
        _range(then - measured),
        _range(100 * (then / measured - 1)),
        before.bottleneck,
        after.bottleneck,
        tuple(_range(c) for c in before.capacity.T),
        tuple(_range(c) for c in after.capacity.T),
        float(np.median(model / measured)),
    )


@dataclass(frozen=True, slots=True)
class _Pace:
    """Own seconds of a count: mean of each draw, and :data:`SAMPLES` single ones of each."""

    mean_s: Floats
    some_s: Floats


def _pace(station: Measured, often: Floats, draw: np.random.Generator) -> tuple[_Pace, _Pace]:
    """A station's pace before and after, of the same days, cycles and chance."""
    days = often.shape[1]
    many = np.bincount(station.day, minlength=days).astype(np.float64)
    some = draw.integers(0, len(station.cycle_s), (len(often), SAMPLES))
    slower = np.ones(len(often)) if station.own else draw.uniform(1.0, OVER_IDEAL, len(often))
    paces = []
    for cycles in (station.cycle_s, station.faster_s):
        whole = often @ np.bincount(station.day, cycles, days)
        mean = np.where(often @ many > 0, whole / np.maximum(often @ many, 1.0), float(cycles.mean()))
        paces.append(_Pace(mean * slower, cycles[some] * slower[:, None]))
    return paces[0], paces[1]


class _Line:
    """The formulas of this file's first lines, for all draws at once."""

    def __init__(
        self, stations: Sequence[Measured], often: Floats, good: Floats, shifts: Floats, paces: Sequence[_Pace]
    ) -> None:
        self._good, self._shifts = often @ good, often @ shifts
        counts = np.column_stack([often @ s.counts for s in stations])
        self._busy_s = np.column_stack([often @ s.busy_s for s in stations]) / self._shifts[:, None]
        stood = np.column_stack([often @ s.stopped_s for s in stations])
        busy = np.column_stack([often @ s.busy_s for s in stations])
        self._stood = np.clip(stood / np.maximum(busy, 1.0), 0.0, 0.95)
        self._set_up_s = np.column_stack([often @ s.set_up_s for s in stations]) / counts
        self._each = counts / self._good[:, None]
        self._mean_s = np.column_stack([p.mean_s for p in paces])
        self._slowest_s = np.max([p.some_s * self._each[:, i, None] for i, p in enumerate(paces)], axis=0).mean(axis=1)
        self.capacity: Floats = (
            self._busy_s * (1 - self._stood) / np.maximum((self._mean_s + self._set_up_s) * self._each, 1e-9)
        )

    @property
    def bottleneck(self) -> tuple[float, ...]:
        """How often each station has the least capacity."""
        least = np.bincount(np.argmin(self.capacity, axis=1), minlength=self.capacity.shape[1])
        return tuple(float(n) / len(self.capacity) for n in least)

    def output(self, buffered: Floats) -> Floats:
        """Good pieces a shift; ``buffered``: 0 endless buffers, 1 none."""
        upper = self.capacity.min(axis=1)
        runs = np.clip(1 - self._stood.sum(axis=1), 0.05, 1.0)
        lower = self._busy_s.min(axis=1) * runs / (self._slowest_s + (self._set_up_s * self._each).sum(axis=1))
        made: Floats = upper - buffered * np.maximum(upper - lower, 0.0)
        return made


def _range(values: Floats) -> Range:
    low, median, high = (float(v) for v in np.percentile(values, [5, 50, 95]))
    return Range(median, low, high)
