"""The bound of the quarantine: what is in it, by size, and who leaves when it is full."""

from collections.abc import Iterable

from collector.store import Kept

MAX_MESSAGES = 10_000
MAX_BYTES = 64 << 20


class Quarantine:
    """At most ``MAX_MESSAGES`` messages and ``MAX_BYTES`` of payload.

    A message with a stream stays until it is replayed: when there is no room for one more, it is not taken, so that its
    agent keeps it. Messages without a stream leave oldest first.
    """

    def __init__(self, kept: Iterable[Kept] = (), max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._kept = {one.id: one for one in kept}
        self._loose = {one.id: one.size for one in self._kept.values() if one.stream is None}
        self._loose_bytes = sum(self._loose.values())
        self._max_messages, self._max_bytes = max_messages, max_bytes
        self.bytes = sum(one.size for one in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def is_full(self) -> bool:
        """Whether nothing more with a stream may come in."""
        return not self._loose and not self._fits(1)

    def _fits(self, size: int) -> bool:
        return len(self._kept) < self._max_messages and self.bytes + size <= self._max_bytes

    def take(self, one: Kept) -> list[str] | None:
        """Take one message in; the ids that had to leave for it. None: there is no room and it was not taken."""
        if not self._could_fit(one.size):
            return None
        leaving: list[str] = []
        while not self._fits(one.size):
            oldest = next(iter(self._loose))
            self.release(oldest)
            leaving.append(oldest)
        self._kept[one.id] = one
        self.bytes += one.size
        if one.stream is None:
            self._loose[one.id] = one.size
            self._loose_bytes += one.size
        return leaving

    def _could_fit(self, size: int) -> bool:
        held, bytes_held = len(self._kept) - len(self._loose), self.bytes - self._loose_bytes
        return held < self._max_messages and bytes_held + size <= self._max_bytes

    def release(self, id_: str) -> None:
        """One message has left."""
        one = self._kept.pop(id_, None)
        if one is not None:
            self.bytes -= one.size
            self._loose_bytes -= self._loose.pop(id_, 0)
