"""Sets of time: sorted, disjoint, half-open spans of whole nanoseconds, with the algebra the ledger is made of.

    shift - breaks            what is planned
    planned & silent          what nobody saw

Because every bucket of the ledger is cut from the window by these four verbs, the buckets cannot overlap and cannot
lose a second. All verbs are vectorised; n spans cost n log n.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
NS = 1_000_000_000
LONG_AGO = -(2**61)
MANY_TIMES = 8
"""Sorted moments so many times as many as spans are not looked up, but shared out among them: that is faster."""
CHAIN = 64
"""Of so many pieces of time that mostly follow each other, each moment is looked up once."""


def times(values: Any) -> Times:
    """Whole nanoseconds as an int64 array."""
    return np.asarray(values, dtype=np.int64)


def distinct(t: Times) -> Times:
    """Moments in time order, each once. (numpy's own `unique` hashes, which is slower on what is nearly sorted.)"""
    ordered = np.sort(t, kind="stable")
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


class Spans:
    """Sorted, disjoint, not empty half-open spans; spans that touch are one. ``start`` and ``end``: int64 ns."""

    __slots__ = ("_finishes", "_lengths", "end", "start")

    def __init__(self, start: Times, end: Times) -> None:
        self.start = start
        self.end = end
        self._lengths: Times | None = None
        self._finishes: Times | None = None

    @staticmethod
    def of(start: Any, end: Any) -> "Spans":
        """The union of any spans, in any order; those that end before they start are nothing."""
        a, b = times(start), times(end)
        kept = b > a
        if not kept.all():
            a, b = a[kept], b[kept]
        if len(a) < 2 or (a[1:] > b[:-1]).all():
            return Spans(a, b)
        if (a[1:] < a[:-1]).any():
            order = np.argsort(a, kind="stable")
            a, b = a[order], b[order]
        reach = np.maximum.accumulate(b)
        first = np.concatenate(([True], a[1:] > reach[:-1]))
        last = np.concatenate((first[1:], [True]))
        return Spans(a[first], reach[last])

    @staticmethod
    def pairs(pairs: Iterable[tuple[int, int]]) -> "Spans":
        """The union of (start, end) pairs."""
        listed = list(pairs)
        return Spans.of([a for a, _ in listed], [b for _, b in listed])

    @staticmethod
    def one(start: int, end: int) -> "Spans":
        """One span, or nothing."""
        return Spans.of([start], [end])

    def __len__(self) -> int:
        return len(self.start)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self.start.tolist(), self.end.tolist(), strict=True)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Spans) and np.array_equal(self.start, other.start) and np.array_equal(self.end, other.end)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Spans({list(self)})"

    def __or__(self, other: "Spans") -> "Spans":
        return Spans.of(np.concatenate((self.start, other.start)), np.concatenate((self.end, other.end)))

    def __and__(self, other: "Spans") -> "Spans":
        return self._where(other, wanted=True)

    def __sub__(self, other: "Spans") -> "Spans":
        return self._where(other, wanted=False)

    def _where(self, other: "Spans", *, wanted: bool) -> "Spans":
        if not len(self) or not len(other):
            return NOTHING if wanted or not len(self) else self
        points = distinct(np.concatenate((self.start, self.end, other.start, other.end)))
        kept = self.holds(points) & (other.holds(points) == wanted)
        kept[-1] = False
        at = np.flatnonzero(kept)
        return Spans.of(points[at], points[at + 1])

    def clip(self, start: int, end: int) -> "Spans":
        """What lies in [start, end)."""
        a = int(np.searchsorted(self.end, start, "right"))
        b = int(np.searchsorted(self.start, end, "left"))
        if a >= b or end <= start:
            return NOTHING
        return Spans(np.maximum(self.start[a:b], start), np.minimum(self.end[a:b], end))

    def holds(self, t: Times) -> npt.NDArray[np.bool_]:
        """Which of the moments lie in it."""
        if not len(self):
            return np.zeros(len(t), bool)
        inside: npt.NDArray[np.bool_] = t < self._ends[self._begun(t)]
        return inside

    def index(self, t: Times) -> npt.NDArray[np.intp]:
        """Which span each moment lies in; -1 for none."""
        if not len(self):
            return np.full(len(t), -1, np.intp)
        begun = self._begun(t)
        found: npt.NDArray[np.intp] = np.where(t < self._ends[begun], begun - 1, -1)
        return found

    def until(self, t: Any) -> Times:
        """How many ns of it lie before each moment."""
        asked = times(t)
        if not len(self):
            return np.zeros(asked.shape, np.int64)
        if len(self) == 1:
            only: Times = np.clip(asked, self.start[0], self.end[0]) - self.start[0]
            return only
        begun = self._begun(asked)
        measured: Times = self._sums[begun] - np.maximum(self._ends[begun] - asked, 0)
        return measured

    def within(self, start: Any, end: Any) -> Times:
        """How many ns of it lie in each [start, end)."""
        a, b = times(start), times(end)
        if not len(self):
            return np.zeros(a.shape, np.int64)
        after = self.until(b)
        if a.ndim != 1 or len(a) < CHAIN:
            return after - self.until(a)
        apart = np.flatnonzero(np.concatenate(([True], a[1:] != b[:-1])))
        if 2 * len(apart) > len(a):
            return after - self.until(a)
        before = np.concatenate(([0], after[:-1]))
        before[apart] = self.until(a[apart])
        measured: Times = after - before
        return measured

    def between(self, start: int, end: int) -> int:
        """How many ns of it lie in one [start, end)."""
        return self._before(end) - self._before(start)

    def _before(self, t: int) -> int:
        begun = int(self.start.searchsorted(t, "right"))
        return int(self._sums[begun]) - max(0, int(self.end[begun - 1]) - t) if begun else 0

    @property
    def _sums(self) -> Times:
        """How many ns lie in none of the spans, in the first, in the first two, and so on."""
        if self._lengths is None:
            self._lengths = np.concatenate(([0], np.cumsum(self.end - self.start)))
        return self._lengths

    @property
    def _ends(self) -> Times:
        """The end of no span, of the first, of the second, and so on."""
        if self._finishes is None:
            self._finishes = np.concatenate(([LONG_AGO], self.end))
        return self._finishes

    def _begun(self, t: Times) -> npt.NDArray[np.intp]:
        """How many spans have begun at each moment."""
        if t.ndim == 1 and len(t) > MANY_TIMES * len(self) and (t[1:] >= t[:-1]).all():
            first = np.searchsorted(t, self.start, "left")
            return np.repeat(np.arange(len(self) + 1), np.diff(np.concatenate(([0], first, [len(t)]))))
        return np.searchsorted(self.start, t, "right")

    @property
    def total(self) -> int:
        """How many ns it holds."""
        return int((self.end - self.start).sum())

    @property
    def seconds(self) -> float:
        """How many seconds it holds."""
        return self.total / NS


NOTHING = Spans(times([]), times([]))
EVER = Spans(times([-(2**62)]), times([2**62]))
"""All the time there is."""
