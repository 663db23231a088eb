"""Streams and runs: under which names and numbers an agent's readings are kept.

A *stream* is one unbroken life of the outbox under one clock. A *run* is one series within a stream: its readings are
numbered from 1 without a gap, and their times increase.
"""

import bisect
import os
from dataclasses import dataclass, field

from contract.reading import ClockState, Series


@dataclass(slots=True, eq=False)
class Stream:
    """One unbroken life.

    ``offset`` is wall time - monotonic time, in ns, when it began in the machine's life ``boot``. While the clock is
    ``unsynced`` every reading is stamped by this one offset, so that its monotonic time is always ``t - offset``.
    ``first_row`` is its first reading's place in the file; ``waits_until`` the monotonic time until which its readings
    wait for the clock to be set (0: they do not).
    """

    id: int
    name: str
    boot: str
    offset: int
    clock: ClockState
    first_row: int | None = None
    waits_until: int = 0


@dataclass(slots=True, eq=False)
class Run:
    """One series of one stream. Numbers: ``lowest`` .. ``last`` are held, up to ``confirmed`` the store has them.

    ``gaps`` are numbers among them, (first, last) in rising order, whose readings were given up before they were
    on disk, or could not be read there any more.
    ``total`` is the running total of a series that counts (``counts``), ``written`` as much of it as is on disk.
    ``kept`` and ``kept_t``: number and time of the last reading on disk, where more may have been taken meanwhile.
    """

    id: int
    stream: Stream
    series: Series
    last: int = 0
    lowest: int = 1
    confirmed: int = 0
    last_t: int = 0
    total: int = 0
    written: int = 0
    counts: bool = False
    gaps: list[tuple[int, int]] = field(default_factory=list)
    kept: int = field(init=False)
    kept_t: int = field(init=False)

    def __post_init__(self) -> None:
        self.kept, self.kept_t = self.last, self.last_t

    @property
    def lacking(self) -> int:
        """The number from which on the store lacks what is held."""
        return self._beyond_gaps(max(self.confirmed + 1, self.lowest))

    @property
    def sendable(self) -> int:
        """The lowest number that can still be sent: ``from``. A gap is told once the store has all that is below it."""
        lacking = self.lacking
        gaps = [last for first, last in self.gaps if first <= lacking]
        return max(self.lowest, gaps[-1] + 1) if gaps else self.lowest

    @property
    def held(self) -> int:
        """How many readings are held."""
        return self.between(self.lowest, self.last)

    @property
    def backlog(self) -> int:
        """How many readings are held that the store has not confirmed."""
        return self.between(self.lacking, self.last)

    def between(self, first: int, last: int) -> int:
        """How many readings the numbers ``first`` .. ``last`` have, the gaps left out."""
        gaps = sum(max(0, min(b, last) - max(a, first) + 1) for a, b in self.gaps) if self.gaps else 0
        return max(0, last - first + 1 - gaps)

    def give_up(self, number: int) -> int:
        """Let go of everything up to ``number``; says how many of these the store never confirmed."""
        lost = self.between(self.lacking, number)
        self.lowest = self._beyond_gaps(max(self.lowest, number + 1))
        self.gaps = [gap for gap in self.gaps if gap[1] >= self.lowest]
        return lost

    def skip(self, number: int) -> None:
        """Give up the reading of a number among those held."""
        bisect.insort(self.gaps, (number, number))
        joined: list[tuple[int, int]] = []
        for first, last in self.gaps:
            if joined and joined[-1][1] + 1 == first:
                joined[-1] = (joined[-1][0], last)
            else:
                joined.append((first, last))
        self.gaps = joined

    def _beyond_gaps(self, number: int) -> int:
        return next((last + 1 for first, last in self.gaps if first <= number <= last), number)


def new_name() -> str:
    """A name that no other stream has."""
    return os.urandom(8).hex()
