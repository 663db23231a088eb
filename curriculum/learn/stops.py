"""What is to be read is shown a screenful at a time: a longer page would run off the top before anybody has read it."""

from collections import deque
from collections.abc import Callable

Height = Callable[[], int]
"""The rows of the screen."""
KEPT_FREE = 2
"""The row that says how to go on, and the one the cursor is in."""


class Stops:
    """Rows go through here. Without a height nothing ever waits.

    stops.reading()             # from here on it stops where the screen is full
    stops.show(1, lambda: print("a row"))
    stops.more()                # Enter: the next screenful
    stops.rest()                # any other key: all that waits, and nothing waits any more
    """

    def __init__(self, height: Height | None, prompt: Callable[[], None]) -> None:
        self._height, self._prompt = height, prompt
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self._shown, self._stops = 0, False

    def reading(self) -> None:
        """What comes now is to be read from its beginning."""
        self._stops = self._height is not None

    def show(self, rows: int, put: Callable[[], None]) -> None:
        """Show so many rows at once, or let them wait."""
        if self._waiting:
            self._waiting.append((rows, put))
        elif self._fits(rows):
            self._put(rows, put)
        else:
            self._waiting.append((rows, put))
            self._prompt()

    def more(self) -> None:
        """The next screenful."""
        self._shown = 0
        while self._waiting and self._fits(self._waiting[0][0]):
            self._put(*self._waiting.popleft())
        if self._waiting:
            self._prompt()

    def rest(self) -> None:
        """All that waits; what comes next is shown at once, until somebody reads again."""
        self._stops = False
        self.more()
        self._shown = 0

    def _fits(self, rows: int) -> bool:
        if not self._stops or self._height is None or not self._shown:
            return True
        return self._shown + rows <= self._height() - KEPT_FREE

    def _put(self, rows: int, put: Callable[[], None]) -> None:
        self._shown += rows
        put()
