"""A device that answers is asked shortly before each reading, and again if nothing good came.

    asking = Asking(board.clock, every_s=10.0, ask=lambda: port.write(b"?"))
    asking.before_next()          # in read(): it is asked 3, 2 and 1 s before the next one …
    asking.answered()             # … until a good answer has come
    asking.close()

The answer is waiting when ``read`` is called, which waits for nobody; it is never older than ``LEAD_S``.
"""

from collections.abc import Callable

from contract.reading import NS_PER_S
from edge.clock import Clock, Timer

TRIES = 3
LEAD_S = 3
"""So long before a reading it is asked first, and then every second."""


class Asking:
    """``ask`` may raise; that goes to whoever runs the clock's actions. ``every_s`` is more than ``LEAD_S``."""

    def __init__(self, clock: Clock, every_s: float, ask: Callable[[], None]) -> None:
        self._clock = clock
        self._every_s = every_s
        self._ask = ask
        self._timer: Timer | None = None

    def before_next(self) -> None:
        """A reading is being taken; the next one follows after ``every_s``."""
        self.close()
        self._timer = self._in_s(self._every_s - LEAD_S, lambda: self._try(TRIES))

    def answered(self) -> None:
        """A good answer has come: it need not be asked again."""
        self.close()

    def close(self) -> None:
        """Ask no more; may be called twice."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _try(self, tries: int) -> None:
        if tries > 1:
            self._timer = self._in_s(LEAD_S / TRIES, lambda: self._try(tries - 1))
        self._ask()

    def _in_s(self, seconds: float, action: Callable[[], None]) -> Timer:
        return self._clock.at(self._clock.monotonic_ns() + round(seconds * NS_PER_S), action)
