"""Readings as they cross the wire: value objects, legal from birth. A wrong one cannot be made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Value = float | int | bool | str
"""What a reading holds: a finite number, true or false, or text of at most 256 characters."""

ClockState = Literal["synced", "corrected", "unsynced"]

MAX_TEXT = 256
MAX_NUMBER = 2**53
MAX_SENT_READINGS = 1000
MAX_SENT_BYTES = 64 * 1024
MAX_TAKEN_BYTES = 256 * 1024
MAX_DEPTH = 16
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Series:
    """What was measured: a station's sensor's measure. ``str()`` is the form used in `_acks`."""

    station: str
    sensor: str
    measure: str

    def __str__(self) -> str:
        return f"{self.station}/{self.sensor}/{self.measure}"


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive readings of one series from one stream.

    ``seq`` is the first reading's number; ``t`` are nanoseconds since 1970 UTC, strictly increasing; ``v`` are the
    values, as many. ``lowest`` is the contract's ``from``, ``sent`` the agent's own clock at the sending (unsynced).
    Made by ``contract.payload``, which has checked all of it.
    """

    series: Series
    stream: str
    seq: int
    t: Sequence[int]
    v: Sequence[Value]
    clock: ClockState
    agent: str | None = None
    lowest: int | None = None
    sent: int | None = None

    @property
    def last(self) -> int:
        """The last reading's number."""
        return self.seq + len(self.t) - 1


@dataclass(frozen=True, slots=True)
class Single:
    """One reading of a device that keeps no outbox. Without ``t`` the collector stamps the arrival."""

    series: Series
    v: Value
    t: int | None = None
