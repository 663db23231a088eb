"""しきい値の決め方: from a week's gaps between pieces, where ordinary cycles end and stops begin.

Gaps are looked at on a logarithmic scale, on which cycles are a narrow hill and stops a broad one. The proposal is

* the **valley** between the two hills, if there is one: the first lowest place of the smoothed histogram behind the
  hill of the cycles (from Tukey's inner fence on) whose void 1 - v / sqrt(a b) is at least 0.7 (v, a, b: heights of the
  valley and of the two hills) and that leaves at least three quarters of the gaps beyond the fence behind it. Source:
  the logISI method that separates short from long intervals of events, V. Pasquale, S. Martinoia, M. Chiappalone, "A
  self-adapting approach for the detection of bursts and network bursts in neuronal cultures", J. Comput. Neurosci. 29
  (2010), 213-229, after J. V. Selinger et al., J. Neurosci. Methods 162 (2007): void parameter and its 0.7;
* else the **fence**: Q3 + 3 (Q3 - Q1) of the logarithms, J. W. Tukey's outer fence (Exploratory Data Analysis, 1977):
  what lies beyond it is "far out" of the cycles.

Both are deterministic. What an ordinary cycle is nobody wrote down, so *false stops* of another threshold are estimated
from the same split: gaps between it and the split, and beyond both what the tail of the ordinary cycles would still
send: an exponential tail above their 95 % quantile (excesses over a high threshold, J. Pickands, Ann. Stat. 3 (1975),
119-131, with shape 0).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Method = Literal["valley", "fence"]

FEWEST_GAPS = 200
"""Of fewer gaps no tail is seen: a stop an hour at 30 s a piece is one gap in 120."""

FEWEST_BEYOND = 5
"""A hill of fewer gaps is none."""

VOID = 0.7
NEAR = 3.0
"""Gaps below so many times the cycles' hill tell how wide that hill is."""

PER_DECADE = 40
"""Bins of the search: each is 6 % longer than the one before."""

SHOWN_PER_DECADE = 20
SMOOTHED_BINS = 1.0
MOST_LOST = 0.25
"""Of the gaps beyond the fence, at most this share may lie before the valley: else it is only a dent."""

MOST_BINS = 200
TAIL = 0.95


@dataclass(frozen=True, slots=True)
class Bin:
    """Gaps of [from_s, to_s) seconds."""

    from_s: float
    to_s: float
    count: int


@dataclass(frozen=True, slots=True)
class Split:
    """Where ordinary cycles end (s), and how that was found. ``void``: of the valley, None for the fence."""

    at_s: float
    method: Method
    void: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a threshold would have made of the gaps. ``false``: ordinary cycles that it calls stops (an estimate);
    ``missed``: stops that it takes for cycles. All of the whole time, not per shift.
    """

    stop_after_s: float
    stops: int
    stop_s: float
    false: float
    missed: int


def split(gaps_s: Floats, least_s: float = 0.0) -> Split | None:
    """Where to part cycles from stops; None of fewer than :data:`FEWEST_GAPS`. Never at or below ``least_s``."""
    gaps = _known(gaps_s)
    if len(gaps) < FEWEST_GAPS:
        return None
    found = _valley(gaps, least_s)
    if found is not None:
        return found
    return Split(max(_beyond(gaps, 3.0), 1.2 * least_s), "fence", None)


def _known(gaps_s: Floats) -> Floats:
    found: Floats = gaps_s[np.isfinite(gaps_s) & (gaps_s > 0)]
    return found


def _valley(gaps: Floats, least_s: float) -> Split | None:
    """The first valley behind the hill of the cycles that is deep enough, and has stops enough behind it."""
    edges = _edges(gaps, PER_DECADE, pad=4)
    counts, _ = np.histogram(gaps, edges)
    height = _smoothed(counts.astype(np.float64))
    top = int(np.argmax(height))
    near = gaps[gaps < NEAR * edges[top]]
    fence = _beyond(near, 3.0) if len(near) else 0.0
    begins = max(least_s, _beyond(near, 1.5) if len(near) else 0.0, float(edges[top + 1]))
    for low in _lows(height, int(np.searchsorted(edges, begins, "left"))):
        at = float(np.sqrt(edges[low.start] * edges[low.stop]))
        behind = float(height[low.stop :].max(initial=0.0))
        if behind <= 0 or int((gaps > at).sum()) < FEWEST_BEYOND:
            break
        void = 1 - float(height[low.start]) / math.sqrt(float(height[top]) * behind)
        stops, lost = int((gaps > fence).sum()), int(((gaps > fence) & (gaps <= at)).sum())
        if void >= VOID and lost <= MOST_LOST * stops:
            return Split(at, "valley", void)
    return None


def _beyond(gaps: Floats, many: float) -> float:
    """Tukey's fence on the logarithms: Q3 + many x (Q3 - Q1)."""
    low, high = np.percentile(np.log(gaps), [25, 75])
    spread = max(float(high - low), math.log(1.02))  # of a machine true to the millisecond, 2 % are no stop
    return float(np.exp(high + many * spread))


def _lows(height: Floats, first: int) -> Iterator[range]:
    """Every lowest place from ``first`` on that rises again behind it, as a range of bins of one height."""
    level = np.concatenate(([True], np.abs(np.diff(height)) > 1e-9 * float(height.max()), [True]))
    starts = np.flatnonzero(level)
    for before, here, after in zip(starts[:-2], starts[1:-1], starts[2:], strict=True):
        ends_at = len(height) if after >= len(height) else after
        if here >= first and after < len(height) and height[before] > height[here] < height[after]:
            yield range(int(here), int(ends_at))


def _edges(gaps: Floats, per_decade: int, pad: int = 0) -> Floats:
    low = math.floor(math.log10(float(gaps.min())) * per_decade) - pad
    high = math.floor(math.log10(float(gaps.max())) * per_decade) + 1 + pad
    edges: Floats = 10.0 ** (np.arange(low, high + 1) / per_decade)
    return edges


def _smoothed(counts: Floats) -> Floats:
    """Gaussian smoothing of :data:`SMOOTHED_BINS` bins."""
    reach = np.arange(-int(4 * SMOOTHED_BINS), int(4 * SMOOTHED_BINS) + 1)
    kernel = np.exp(-0.5 * (reach / SMOOTHED_BINS) ** 2)
    smooth: Floats = np.convolve(counts, kernel / kernel.sum(), "same")[: len(counts)]
    return smooth


def histogram(gaps_s: Floats) -> list[Bin]:
    """All gaps in bins of equal width on a logarithmic scale, empty ones included; wider ones where they are many."""
    gaps = _known(gaps_s)
    if not len(gaps):
        return []
    per_decade = SHOWN_PER_DECADE
    while per_decade > 1 and len(_edges(gaps, per_decade)) > MOST_BINS:
        per_decade //= 2
    edges = _edges(gaps, per_decade)
    counts, _ = np.histogram(gaps, edges)
    return [Bin(float(a), float(b), int(n)) for a, b, n in zip(edges[:-1], edges[1:], counts, strict=True)]


def judged(gaps_s: Floats, at: Split, candidates_s: Sequence[float]) -> list[Judged]:
    """What each threshold would have made of the gaps."""
    gaps = _known(gaps_s)
    ordinary = gaps[gaps <= at.at_s]
    return [
        Judged(
            limit,
            int((gaps > limit).sum()),
            float(gaps[gaps > limit].sum()),
            float((ordinary > limit).sum()) + _tail(ordinary, max(limit, at.at_s)),
            int(((gaps > at.at_s) & (gaps <= limit)).sum()),
        )
        for limit in candidates_s
    ]


def _tail(ordinary: Floats, limit: float) -> float:
    """How many ordinary cycles an exponential tail still sends beyond a limit."""
    if not len(ordinary):
        return 0.0
    begins = float(np.quantile(ordinary, TAIL))
    beyond = ordinary[ordinary > begins]
    if not len(beyond):
        return 0.0
    mean = float((beyond - begins).mean())
    return len(beyond) * math.exp(-(limit - begins) / mean) if mean > 0 else 0.0


def rounded(seconds: float) -> float:
    """A threshold as people would write it: to about 2 %, never below what was found."""
    if not seconds > 0:
        return seconds
    step = next(s for s in (0.1, 0.5, 1.0, 5.0, 10.0, 60.0, math.inf) if seconds <= 50 * s or s == math.inf)
    step = 60.0 if step == math.inf else step
    return round(math.ceil(seconds / step - 1e-9) * step, 3)
