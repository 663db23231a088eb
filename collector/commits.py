"""When to commit: soon, but not once a message, because each commit is a write that an SD card feels.

Twenty messages wait, or the first has waited 100 ms, or nothing more has come for a moment. Where the broker allows
more in flight and more is already there to be read, the group grows for some milliseconds, or longer than commits take
on a slow disk, so that a flood is stored in few large commits.
"""

import time
from collections.abc import Callable

ENOUGH = 20
AT_MOST = 500
WITHIN_S = 0.1
GROWS_S = 0.02
PAUSE_S = (0.001, 0.02)
"""A moment: twice as long as the last commit took, within these bounds."""


class CommitPace:
    """Counts messages that wait for a commit."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.waiting = 0
        self._first = self._last = 0.0
        self._took = 0.0

    def received(self) -> None:
        """One more message waits."""
        self._last = self._monotonic()
        if not self.waiting:
            self._first = self._last
        self.waiting += 1

    def committed(self, took_s: float) -> None:
        """All that waited is committed; it took so long."""
        self.waiting, self._took = 0, took_s

    def due(self, more: bool) -> bool:
        """Whether to commit now; ``more``: there is more to be read already."""
        if not self.waiting:
            return False
        now = self._monotonic()
        age = now - self._first
        if self.waiting >= AT_MOST or age >= WITHIN_S:
            return True
        if self.waiting >= ENOUGH:
            return not more or age >= max(GROWS_S, 2 * self._took)
        return not more and now - self._last >= self._pause()

    def patience(self) -> float:
        """How long (s) to wait for more before `due` must be asked again."""
        if self.waiting >= ENOUGH:
            return 0.0
        now = self._monotonic()
        return max(0.0, min(self._last + self._pause(), self._first + WITHIN_S) - now)

    def _pause(self) -> float:
        least, most = PAUSE_S
        return max(least, min(most, 2 * self._took))
