"""What the KPIs ask of a store, and answers joined from it: the reading before a window belongs to the window's first.

`kpi.shelf.Shelf` is such a source too: it keeps what was read of the running day.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from collector.store import Entry, EntryKind, Track
from contract.reading import Series
from kpi.spans import Times, distinct

FIRST_LOOK_BACK_NS = 3600 * 10**9
FEW_SILENCES = 100


class Source(Protocol):
    """The reading verbs of a store."""

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        """Readings with start <= t < end."""

    def before(self, series: Series, t: int) -> Track:
        """Per stream, the last reading with a time below ``t``."""

    def heard(self, station: str, start: int, end: int) -> Times:
        """When a station was heard in [start, end)."""

    def first(self, station: str) -> int | None:
        """The time of a station's first reading, or None."""

    def entries(self, kind: EntryKind, start: int | None = None, end: int | None = None) -> Sequence[Entry]:
        """What people entered, of the time [start, end)."""


def cut(track: Track, start: int, end: int) -> Track:
    """The readings of a track with start <= t < end; it is not copied."""
    a, b = (int(i) for i in np.searchsorted(track.t, [start, end]))
    if a == 0 and b == len(track.t):
        return track
    part = slice(a, b)
    return Track(track.t[part], track.v[part], track.stream[part], track.seq[part], track.flag[part], track.streams)


def joined(first: Track, second: Track) -> Track:
    """Two tracks of one series as one; streams keep their names."""
    if not len(first):
        return second
    if not len(second):
        return first
    names = tuple(dict.fromkeys((*first.streams, *second.streams)))
    number = {name: i for i, name in enumerate(names)}

    def renamed(track: Track) -> npt.NDArray[np.int32]:
        if not track.streams:
            return track.stream
        renumber = np.array([number[name] for name in track.streams], np.int32)
        found: npt.NDArray[np.int32] = renumber[track.stream]
        return found

    return Track(
        np.concatenate((first.t, second.t)),
        np.concatenate((first.v, second.v)),
        np.concatenate((renamed(first), renamed(second))),
        np.concatenate((first.seq, second.seq)),
        np.concatenate((first.flag, second.flag)),
        names,
    )


def with_before(source: Source, series: Series, start: int, end: int) -> Track:
    """Readings of [start, end) and, per stream that needs it, the one before: what totals are differenced from."""
    track = source.readings(series, start, end)
    if not len(track):
        return track
    if (track.stream == track.stream[0]).all():
        return track if track.seq.min() == 1 else joined(source.before(series, start), track)
    order = np.lexsort((track.seq, track.stream))
    stream = track.stream[order]
    first = np.concatenate(([True], stream[1:] != stream[:-1]))
    if (track.seq[order][first] == 1).all():
        return track
    return joined(source.before(series, start), track)


def with_state(source: Source, series: Series, start: int, end: int) -> Track:
    """Readings of [start, end) and the last one before, of any stream: what a level or a text was at the start."""
    track = source.readings(series, start, end)
    earlier = source.before(series, start)
    if not len(earlier):
        return track
    last = int(np.argmax(earlier.t))
    one = slice(last, last + 1)
    kept = Track(
        earlier.t[one], earlier.v[one], earlier.stream[one], earlier.seq[one], earlier.flag[one], earlier.streams
    )
    return joined(kept, track)


def level_track(source: Source, series: Series, start: int, end: int, floor: int) -> Track:
    """Readings of a level in [start, end), and back to where the 1 or 0 that held at ``start`` began.

    A level repeats itself, so the reading before need not be its beginning. Looks back no further than ``floor``.
    """
    begin, reach = start, FIRST_LOOK_BACK_NS
    while True:
        track = with_state(source, series, begin, end)
        earliest_known = not len(track) or int(track.t[0]) >= begin
        if earliest_known or begin <= floor or _turns_before(track, start):
            return track
        begin, reach = max(floor, start - reach), reach * 4


def heard_enough(source: Source, station: str, start: int, end: int, silence_ns: int) -> Times:
    """Times of readings in [start, end): all of those that lie further apart than ``silence_ns``, and maybe not others.

    An agent says every 30 s that it is there; only where it did not, all that was heard is asked for.
    """
    alive = distinct(source.readings(Series(station, "_agent", "alive"), start, end).t)
    edges = np.concatenate(([start], alive, [end]))
    long = np.flatnonzero(np.diff(edges) > silence_ns)
    if len(long) > FEW_SILENCES:
        return source.heard(station, start, end)
    between = [source.heard(station, int(edges[at]), int(edges[at + 1])) for at in long]
    return distinct(np.concatenate((alive, *between)))


def _turns_before(track: Track, start: int) -> bool:
    """Whether a change is known at or before ``start``."""
    early = track.v[: int(np.searchsorted(track.t, start, "right"))]
    return bool(len(early)) and bool((early != early[0]).any())
