"""Streams whose clock was never set: by how much they are shifted, settled once.

An unsynced batch carries the agent's own clock at the sending. The shift of its stream is the smallest arrival - sent
of its first batches, ten seconds long; batches that may have waited in the broker for our subscription do not count,
unless after two minutes there is nothing else. Until then the batches are kept durably.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from collector.store import Refused
from contract.reading import NS_PER_S

FIRST_NS = 10 * NS_PER_S
AT_MOST_NS = 120 * NS_PER_S
QUEUED_NS = 2 * NS_PER_S
"""A batch that comes so soon after our own subscription may have been queued."""

UNSYNCED, MAYBE_QUEUED = "unsynced", "maybe queued"


@dataclass(slots=True)
class Arrival:
    """One kept batch: when it came, how far the agent's clock was behind (ns), whether that counts."""

    at: int
    behind: int
    counts: bool


class Unsettled:
    """The kept batches of one stream."""

    def __init__(self) -> None:
        self.kept: list[Refused] = []
        self._arrivals: list[Arrival] = []

    def keep(self, message: Refused, sent: int) -> None:
        """One more batch was kept; ``sent`` is the agent's clock in it (ns)."""
        self.kept.append(message)
        self._arrivals.append(Arrival(message.at, message.at - sent, message.detail != MAYBE_QUEUED))

    def shift(self, now_ns: int, at_once: bool = False) -> int | None:
        """The shift (ns), once it can be settled; ``at_once``: with what there is."""
        counting = [arrival for arrival in self._arrivals if arrival.counts]
        if counting and now_ns - counting[0].at >= FIRST_NS:
            return _smallest(a for a in counting if a.at - counting[0].at <= FIRST_NS)
        if at_once or now_ns - self._arrivals[0].at >= AT_MOST_NS:
            return _smallest(counting or self._arrivals)
        return None


def _smallest(arrivals: Iterable[Arrival]) -> int:
    return min(arrival.behind for arrival in arrivals)
