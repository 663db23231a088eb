"""Readings, as they lie on disk, gathered into batches that may be sent."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from contract.reading import MAX_SENT_BYTES, MAX_SENT_READINGS, Batch, Value
from edge.stream import Run

HEAD_BYTES = 512
"""Room for what a batch says beside its readings: stream, agent, numbers, clock."""

_T_BYTES, _NUMBER_BYTES = 21, 26


@dataclass(slots=True, eq=False)
class Parcel:
    """Consecutive readings of one run. ``after``: the row just before its first one."""

    run: Run
    seq: int
    after: int
    t: list[int] = field(default_factory=list)
    v: list[Value] = field(default_factory=list)
    bytes: int = HEAD_BYTES

    @property
    def last(self) -> int:
        """The last reading's number."""
        return self.seq + len(self.t) - 1

    def takes(self, seq: int, v: Value) -> bool:
        """Add a reading, or say that it does not fit here."""
        size = _T_BYTES + _size(v)
        if self.t and (seq != self.last + 1 or len(self.t) >= MAX_SENT_READINGS or self.bytes + size > MAX_SENT_BYTES):
            return False
        self.bytes += size
        return True

    def from_(self, seq: int) -> "Parcel":
        """The part of it from a number on."""
        skip = max(0, seq - self.seq)
        return Parcel(self.run, self.seq + skip, self.after, self.t[skip:], self.v[skip:])

    def batch(self, agent: str, own_clock: int) -> Batch:
        """It, as it is sent; ``own_clock`` is told with readings under a clock that nobody has set."""
        unsynced = self.run.stream.clock == "unsynced"
        return Batch(
            self.run.series,
            self.run.stream.name,
            self.seq,
            self.t,
            self.v,
            self.run.stream.clock,
            agent,
            min(self.run.sendable, self.seq),
            own_clock if unsynced else None,
        )


def gather(readings: Iterable[tuple[int, Run, int, int, Value]]) -> list[Parcel]:
    """Parcels of readings (row, run, number, t, value) that come in the order of their rows."""
    done: list[Parcel] = []
    open_: dict[int, Parcel] = {}
    for row, run, seq, t, v in readings:
        parcel = open_.get(run.id)
        if parcel is None or not parcel.takes(seq, v):
            parcel = open_[run.id] = Parcel(run, seq, row - 1)
            parcel.takes(seq, v)
            done.append(parcel)
        parcel.t.append(t)
        parcel.v.append(v)
    return done


def _size(v: Value) -> int:
    return len(json.dumps(v, ensure_ascii=False).encode()) + 1 if isinstance(v, str) else _NUMBER_BYTES
