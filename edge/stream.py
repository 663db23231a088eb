"""Streams and runs: under which names and numbers an agent's readings are kept.

A *stream* is one unbroken life of the outbox under one clock. A *run* is one series within a stream: its readings are
numbered from 1 without a gap, and their times increase.
"""

import os
from dataclasses import dataclass

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

    ``total`` is the running total of a series that counts (``counts``), ``written`` as much of it as is on disk.
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

    @property
    def lacking(self) -> int:
        """The number from which on the store lacks what is held."""
        return max(self.confirmed + 1, self.lowest)

    @property
    def held(self) -> int:
        """How many readings are held."""
        return self.last - self.lowest + 1

    @property
    def backlog(self) -> int:
        """How many readings are held that the store has not confirmed."""
        return self.last - self.lacking + 1

    def give_up(self, number: int) -> int:
        """Let go of everything up to ``number``; says how many of these the store never confirmed."""
        lost = max(0, number + 1 - self.lacking)
        self.lowest = max(self.lowest, number + 1)
        return lost


def new_name() -> str:
    """A name that no other stream has."""
    return os.urandom(8).hex()
