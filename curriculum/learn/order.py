"""The way through the lessons: which comes next, and back to where one came from."""

from collections.abc import Collection, Sequence


class Order:
    """Lessons' ids in the order they are learnt, and those left behind on the way."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = [*ids]
        self._came_from: list[str] = []

    def after(self, here: str, green: Collection[str], looked_at: str) -> str:
        """The first lesson after ``here`` that is not green, else the first anywhere, else the one that follows.

        ``looked_at``: the one that is looked at, which is not its own next; empty: none was yet.
        """
        at = self._ids.index(here) if looked_at else -1
        behind = [*self._ids[at + 1 :], *self._ids[: at + 1]]
        red = [id for id in behind if id not in green and id != looked_at]
        return red[0] if red else behind[0]

    def left(self, id: str) -> None:
        """This one was left for the next: back leads here."""
        self._came_from.append(id)

    def before(self, here: str) -> str | None:
        """The lesson looked at before, else the one before in the order; None if there is nothing."""
        if self._came_from:
            return self._came_from.pop()
        at = self._ids.index(here)
        return self._ids[at - 1] if at else None
