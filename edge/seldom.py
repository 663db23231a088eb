"""Saying the same thing once, and then seldom: a log that repeats itself every second hides everything else."""

from typing import Final

from contract.reading import NS_PER_S
from edge.clock import Clock

PAUSE_S: Final = 600.0


class Seldom:
    """Whether it is time to say it again: the first time, after ``second_s`` (where given), and every ``pause_s``."""

    def __init__(self, clock: Clock, pause_s: float = PAUSE_S, second_s: float | None = None) -> None:
        self._clock = clock
        self._pause_ns = round(pause_s * NS_PER_S)
        self._second_ns = self._pause_ns if second_s is None else round(second_s * NS_PER_S)
        self._said_ns: int | None = None
        self.times = 0
        """How often it was said since it began."""

    def may_say(self) -> bool:
        """Whether to say it now."""
        now = self._clock.monotonic_ns()
        pause_ns = self._second_ns if self.times == 1 else self._pause_ns
        if self._said_ns is not None and now - self._said_ns < pause_ns:
            return False
        self._said_ns, self.times = now, self.times + 1
        return True

    def forget(self) -> bool:
        """It is over: the next time is the first. Says whether it had been said."""
        said, self._said_ns, self.times = self._said_ns is not None, None, 0
        return said
