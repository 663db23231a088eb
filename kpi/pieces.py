"""Totals and events become pieces, each with its moment.

A running total is differenced within one stream in `seq` order; only `seq` 1 counts from 0. A rise by k is k pieces:
placed evenly between the two readings if these lie close together (a polled counter); otherwise only the last has a
time, and the others are *unplaced*: produced, but in no cycle time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from collector.store import Track
from kpi.spans import NS, Times, times

CLOSE_S = 60.0
"""Two readings of a total at most this far apart (or one `stop_after_s`, if that is longer) are a polled counter."""

MOST_PLACED = 100_000
"""A rise by more than this between two close readings is no row of pieces but a jump of the counter: unplaced."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What sensors counted, in time order: at ``t`` (int64 ns), ``ends`` counts end a gap, the last of them at ``t``.

    ``read`` is the time of the reading that told it: the settings of that moment apply.
    """

    t: Times
    ends: Times
    read: Times

    def __len__(self) -> int:
        return len(self.t)

    def kept(self, which: npt.NDArray[np.bool_]) -> "Counts":
        """Those chosen by a mask."""
        return Counts(self.t[which], self.ends[which], self.read[which])


NO_COUNTS = Counts(times([]), times([]), times([]))


def from_events(track: Track) -> Counts:
    """One piece a message."""
    return Counts(track.t, np.ones(len(track.t), np.int64), track.t)


def from_totals(track: Track, close_ns: Callable[[Times], Times]) -> Counts:
    """The pieces of a running total, by time. ``close_ns``: how close two readings must lie to place between them.

    Readings before the time asked for must be in the track where they exist: they are what is differenced from.
    """
    if not len(track):
        return NO_COUNTS
    t, seq, stream = track.t, track.seq, track.stream
    value = np.rint(track.v.astype(np.float64, copy=False)).astype(np.int64)
    if _one_by_one(track, value):
        first = 0 if seq[0] == 1 and value[0] == 1 else 1
        return Counts(t[first:], np.ones(len(t) - first, np.int64), t[first:])
    order = np.lexsort((t, seq, stream))
    t, seq, stream, value = t[order], seq[order], stream[order], value[order]
    same = np.concatenate(([False], stream[1:] == stream[:-1]))
    rise = np.concatenate(([0], np.diff(value)))
    restarted = np.where((seq == 0) & (rise < 0), value, np.maximum(rise, 0))
    count = np.where(same, restarted, np.where(seq == 1, value, 0))
    apart = np.where(same, t - np.concatenate((t[:1], t[:-1])), 0)
    some = count > 0
    t, count, apart, same = t[some], count[some], apart[some], same[some]
    even = same & (count > 1) & (count <= MOST_PLACED) & (apart >= 0) & (apart <= close_ns(t))
    return _placed(t, count, apart, even)


def _one_by_one(track: Track, value: Times) -> bool:
    """Whether one stream told of every piece by itself and in time order, as a contact does: the usual, long case."""
    one_stream = bool(track.seq[0]) and bool((track.stream == track.stream[0]).all())
    from_nothing = track.seq[0] > 1 or value[0] <= 1
    in_steps = one_stream and from_nothing and value[-1] - value[0] == len(value) - 1
    return bool(in_steps and (np.diff(value) == 1).all() and (np.diff(track.seq) > 0).all())


def _placed(t: Times, count: Times, apart: Times, even: npt.NDArray[np.bool_]) -> Counts:
    if not even.any():
        order = np.argsort(t, kind="stable")
        return Counts(t[order], count[order], t[order])
    many = np.where(even, count, 1)
    which = np.repeat(np.arange(len(t)), many)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many) + 1
    left = many[which] - nth
    placed = t[which] - (apart[which] * left) // np.maximum(many[which], 1)
    ends = np.where(even, 1, count)[which]
    order = np.argsort(placed, kind="stable")
    return Counts(placed[order], ends[order], t[which][order])


def merged(parts: Sequence[Counts]) -> Counts:
    """Parallel outlets, merged by time."""
    if not parts:
        return NO_COUNTS
    if len(parts) == 1:
        return parts[0]
    t, ends, read = (np.concatenate([getattr(p, name) for p in parts]) for name in ("t", "ends", "read"))
    order = np.argsort(t, kind="stable")
    return Counts(t[order], ends[order], read[order])


def close_ns(stop_after_s: npt.NDArray[np.float64]) -> Times:
    """How close two readings of a total must lie, by the `stop_after_s` in force (NaN: none)."""
    return times(np.maximum(np.nan_to_num(stop_after_s), CLOSE_S) * NS)
