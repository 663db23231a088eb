"""The bound of the quarantine: what is in it, by size, and who leaves when it is full."""

from collections.abc import Collection, Iterable, Iterator

from collector.store import Kept

MAX_MESSAGES = 10_000
MAX_BYTES = 64 << 20
PORTION_BYTES = 1 << 20


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
        self._turned_away: int | None = None
        self.bytes = sum(one.size for one in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def is_full(self) -> bool:
        """Whether a message with a stream was turned away, or will be, for want of room."""
        return not self._could_fit(max(1, self._turned_away or 0))

    def _fits(self, size: int) -> bool:
        return len(self._kept) < self._max_messages and self.bytes + size <= self._max_bytes

    def take(self, one: Kept) -> list[str] | None:
        """Take one message in; the ids that had to leave for it. None: there is no room and it was not taken."""
        if not self._could_fit(one.size):
            if one.stream is not None and one.size <= self._max_bytes:
                self._turned_away = min(one.size, self._turned_away or one.size)
            return None
        leaving: list[str] = []
        while not self._fits(one.size):
            oldest = next(iter(self._loose))
            self.release(oldest)
            leaving.append(oldest)
        self._put(one)
        return leaving

    def follow(self, there: Iterable[Kept], open_: Collection[str]) -> None:
        """Others took messages in and let messages go: these are there; what is ``open_`` here is left as it is."""
        found = {one.id: one for one in there}
        for id_ in [id_ for id_ in self._kept if id_ not in found and id_ not in open_]:
            self.release(id_)
        for one in found.values():
            if one.id not in self._kept and one.id not in open_:
                self._put(one)

    def _put(self, one: Kept) -> None:
        self._kept[one.id] = one
        self.bytes += one.size
        if one.stream is None:
            self._loose[one.id] = one.size
            self._loose_bytes += one.size

    def _could_fit(self, size: int) -> bool:
        held, bytes_held = len(self._kept) - len(self._loose), self.bytes - self._loose_bytes
        return held < self._max_messages and bytes_held + size <= self._max_bytes

    def release(self, id_: str) -> None:
        """One message has left."""
        one = self._kept.pop(id_, None)
        if one is not None:
            self.bytes -= one.size
            self._loose_bytes -= self._loose.pop(id_, 0)
            if self._turned_away is not None and self._could_fit(self._turned_away):
                self._turned_away = None

    def portions(self, ids: Iterable[str] | None = None, at_most: int = PORTION_BYTES) -> Iterator[list[str]]:
        """The ids of what is in it, oldest first, all or those of ``ids``, so many bytes (or one message) at a time."""
        wanted = None if ids is None else set(ids)
        portion, size = list[str](), 0
        for one in list(self._kept.values()):
            if wanted is not None and one.id not in wanted:
                continue
            if portion and size + one.size > at_most:
                yield portion
                portion, size = [], 0
            portion.append(one.id)
            size += one.size
        if portion:
            yield portion
