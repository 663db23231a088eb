"""Readings as arrays of equal length, the form in which they are kept and handed on."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import Rows, Track

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings of many tracks (a track is one series of one stream, by its number in the store).

    ``track`` int32; ``seq`` int64, 0 without a stream; ``t`` int64 ns; ``v`` float64 or object (str); ``flag`` int8.
    """

    track: npt.NDArray[np.int32]
    seq: Whole
    t: Whole
    v: npt.NDArray[Any]
    flag: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.t)

    def where(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "Columns":
        """Those readings only, or all of them in that order."""
        return Columns(self.track[which], self.seq[which], self.t[which], self.v[which], self.flag[which])

    def by_track(self) -> "Columns":
        """In order of track, each track's readings in the order they are in (nearly that of time)."""
        steps = np.diff(self.track)
        if (steps >= 0).all():
            return self
        # numpy sorts 16-bit numbers by radix, many times faster than others
        small = self.track.astype(np.uint16) if self.track.max() < 1 << 16 else self.track
        return self.where(np.argsort(small, kind="stable"))

    def of(self, tracks: Sequence[int], start: int | None = None, end: int | None = None) -> "Columns":
        """The readings of those tracks with start <= t < end."""
        chosen = np.isin(self.track, np.asarray(tracks, np.int32))
        if start is not None:
            chosen &= self.t >= start
        if end is not None:
            chosen &= self.t < end
        return self.where(chosen)


def empty(text: bool = False) -> Columns:
    """No readings."""
    whole = np.empty(0, np.int64)
    v = np.empty(0, object) if text else np.empty(0, np.float64)
    return Columns(np.empty(0, np.int32), whole, whole, v, np.empty(0, np.int8))


def join(parts: Iterable[Columns]) -> Columns:
    """One after the other. Where numbers meet text, a number becomes its digits."""
    some = [part for part in parts if len(part)]
    if len(some) == 1:
        return some[0]
    if not some:
        return empty()
    text = any(part.v.dtype == object for part in some)
    v: list[npt.NDArray[Any]] = [digits(part.v) for part in some] if text else [part.v for part in some]
    return Columns(
        np.concatenate([part.track for part in some]),
        np.concatenate([part.seq for part in some]),
        np.concatenate([part.t for part in some]),
        np.concatenate(v),
        np.concatenate([part.flag for part in some]),
    )


def digits(v: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Values as text; whole numbers without a fraction."""
    if v.dtype == object:
        return v.astype(object)
    said = [str(int(number)) if number == int(number) else str(number) for number in v.tolist()]
    return np.array(said, dtype=object)


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows as they come in, side by side: each one's track, first number (0 = no stream) and length; all readings."""

    track: npt.NDArray[np.int32]
    first: Whole
    length: npt.NDArray[np.int32]
    t: Whole
    v: npt.NDArray[Any]
    flag: npt.NDArray[np.int8] | None

    def columns(self) -> Columns:
        """One entry per reading."""
        many = len(self.t)
        flag = np.zeros(many, np.int8) if self.flag is None else self.flag
        if many == len(self.first):
            return Columns(self.track, self.first, self.t, self.v, flag)
        within = np.arange(many) - np.repeat(np.cumsum(self.length) - self.length, self.length)
        first = np.repeat(self.first, self.length)
        return Columns(np.repeat(self.track, self.length), first + within * (first > 0), self.t, self.v, flag)


def pack(rows: Sequence[Rows], tracks: Sequence[int], text: bool) -> Packed:
    """Several Rows whose tracks are ``tracks``, all of text or all of numbers."""
    t: list[int] = []
    v: list[Any] = []
    for part in rows:
        t.extend(part.t)
        v.extend(part.v)
    flag: list[int] = []
    if any(part.flag is not None for part in rows):
        for part in rows:
            flag.extend(part.flag or [0] * len(part.t))
    return Packed(
        np.array(tracks, np.int32),
        np.array([part.seq or 0 for part in rows], np.int64),
        np.array([len(part.t) for part in rows], np.int32),
        np.array(t, np.int64),
        np.array(v, object) if text else np.frombuffer(array("d", v), np.float64),
        np.array(flag, np.int8) if flag else None,
    )


def as_track(found: Columns, names: Sequence[str]) -> Track:
    """Readings of one series in time order (then by track); ``names[track]`` is a track's stream."""
    if len(found) > 1:
        later = np.diff(found.t)
        if (later < 0).any() or ((later == 0) & (np.diff(found.track) < 0)).any():
            found = found.where(np.lexsort((found.track, found.t)))
    if not len(found) or (found.track == found.track[0]).all():
        streams = tuple(names[track] for track in found.track[:1])
        return Track(found.t, found.v, np.zeros(len(found), np.int32), found.seq, found.flag, streams)
    seen = np.zeros(int(found.track.max()) + 1, bool)
    seen[found.track] = True
    tracks = np.flatnonzero(seen)
    places = np.cumsum(seen, dtype=np.int32) - 1
    return Track(found.t, found.v, places[found.track], found.seq, found.flag, tuple(names[n] for n in tracks.tolist()))
