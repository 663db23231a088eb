"""Saying the same thing once, and then seldom: a log that repeats itself every second hides everything else."""

from typing import Final

from contract.reading import NS_PER_S
from edge.clock import Clock

PAUSE_S: Final = 600.0


class Seldom:
    """Whether it is time to say it again: the first time, and then every ``pause_s``."""

    def __init__(self, clock: Clock, pause_s: float = PAUSE_S) -> None:
        self._clock = clock
        self._pause_ns = round(pause_s * NS_PER_S)
        self._said_ns: int | None = None

    def may_say(self) -> bool:
        """Whether to say it now."""
        now = self._clock.monotonic_ns()
        if self._said_ns is not None and now - self._said_ns < self._pause_ns:
            return False
        self._said_ns = now
        return True

    def forget(self) -> bool:
        """It is over: the next time is the first. Says whether it had been said."""
        said, self._said_ns = self._said_ns is not None, None
        return said
