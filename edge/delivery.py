"""What is sent, and what is sent again: section 3 of the contract, with no network in it.

    delivery = Delivery(outbox, clock)
    for batch in delivery.due():
        publish(batch)
    delivery.hear(acks, retained=False)

A reading is given out once, and that it was is on disk before. It is given out again only when a fresh confirmation,
heard at least ``resend_after_s`` after that, still lacks it; so while no confirmations come, nothing is sent twice.
Used on one thread (the link's lane).
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from contract.payload import Acks
from contract.reading import NS_PER_S, Batch, Series, Value
from edge.clock import Clock
from edge.gathering import Parcel, gather
from edge.outbox import Outbox
from edge.outbox_file import Row
from edge.stream import Run

CHUNK_ROWS: Final = 5000
"""Rows of a backlog that are marked as sent by one fsync."""
CHUNK_TEXT: Final = 1000
"""… when readings are text, which may be a hundred times as long."""
MAX_AGAIN: Final = 20
"""Batches that were sent again, under way at most."""
MAX_AGAIN_OF_RUN: Final = 5
"""… of one series, so that one that is never confirmed does not stop the others."""
MAX_LOG: Final = 1000
MAX_GIVEN: Final = 64
"""Batches whose leaving may be told, at most: more than any link has in flight."""

_Key = tuple[str, Series, int]
"""(stream, series, first number) of a batch."""


@dataclass(slots=True, eq=False)
class _Again:
    """A parcel that is sent again. ``sent_at``: when (None: it waits to be given out); ``times``: how often.

    ``stale``: the store has since lost something, so lower numbers may have to go before it.
    """

    parcel: Parcel
    sent_at: int | None = None
    times: int = 0
    stale: bool = False
    key: _Key | None = None
    """Of the batch that was given out last."""


class Delivery:
    """Decides what of an outbox goes out. `due` gives each batch once; `hear` takes what the store confirms."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox, self._clock = outbox, clock
        self._resend_ns = round(outbox.limits.resend_after_s * NS_PER_S)
        self._parcels: deque[Parcel] = deque()
        self._given_row = outbox.sent_row
        # When the readings of an earlier life were sent is not known: their wait begins now.
        self._log: deque[tuple[int, int]] = deque([(outbox.sent_row, clock.monotonic_ns())])
        """(row, when): the rows up to it had been given out by then."""
        self._given: deque[tuple[_Key, int]] = deque(maxlen=MAX_GIVEN)
        """The batches given out last, and the row before each."""
        self._again: list[_Again] = []
        self._ripe_row = 0
        """The row up to which readings were sent long enough before a fresh confirmation."""
        self._looked_row = 0
        """What lies at or below it is confirmed, or in `_again`, or of a series in `_behind`."""
        self._behind: dict[int, int] = {}
        """Per run whose resending is stuck: the row after which more of it waits."""

    @property
    def is_live(self) -> bool:
        """Whether what is committed can be sent at once."""
        return self._outbox.is_live

    @is_live.setter
    def is_live(self, value: bool) -> None:
        self._outbox.is_live = value

    @property
    def backlog(self) -> int:
        """How many readings the store has not confirmed."""
        return self._outbox.backlog

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when there may be more to send, on the committing thread."""
        self._outbox.listen(listener)

    def due(self, limit: int | None = None) -> list[Batch]:
        """At most ``limit`` batches to be sent now, in their order. Raises OutboxError."""
        batches: list[Batch] = []
        while (limit is None or len(batches) < limit) and (batch := self._next()):
            batches.append(batch)
        return batches

    def sent(self, batch: Batch) -> None:
        """A batch of `due` left only now, or has not left yet: its wait begins now. A slow link tells so."""
        now, key = self._clock.monotonic_ns(), (batch.stream, batch.series, batch.seq)
        for again in self._again:
            if again.sent_at is not None and again.key == key:
                again.sent_at = now
                return
        after = next((row for given, row in reversed(self._given) if given == key), None)
        if after is None:
            return
        for place in reversed(range(len(self._log))):
            if self._log[place][0] <= after:
                return
            self._log[place] = (self._log[place][0], now)

    def hear(self, acks: Acks, *, retained: bool) -> None:
        """Take a confirmation. A retained one may be old: it only confirms, and only under the store id last heard."""
        if retained:
            if acks.store == self._outbox.store:
                self._outbox.confirm(acks.store, acks.streams, only_up=True)
                self._drop_confirmed()
            return
        now = self._clock.monotonic_ns()
        if self._outbox.confirm(acks.store, acks.streams):
            self._looked_row = 0
            for again in self._again:
                again.stale = True
        self._drop_confirmed()
        self._begin_below(now)
        while self._log and self._log[0][1] + self._resend_ns <= now:
            self._ripe_row = self._log.popleft()[0]
        for again in self._again:
            if again.sent_at is not None and again.sent_at + self._resend_ns <= now:
                again.sent_at = None
        self._look_back()
        self._look_for_lacking()

    # ---- giving out ----

    def _next(self) -> Batch | None:
        now = self._clock.monotonic_ns()
        for again in self._again:
            if again.sent_at is None:
                again.sent_at, again.times, again.key = now, again.times + 1, _key(again.parcel)
                return self._batch(again.parcel)
        if not self._parcels and not self._fetch():
            return None
        parcel = self._parcels.popleft()
        self._given.append((_key(parcel), parcel.after))
        if not self._parcels:
            self._note_sent(now)
        return self._batch(parcel)

    def _batch(self, parcel: Parcel) -> Batch:
        return parcel.batch(self._outbox.agent, self._outbox.own_clock(parcel.run.stream))

    def _fetch(self) -> bool:
        """Take the next rows from disk, marked as sent. False if there are none."""
        upto = self._outbox.sendable_row
        while self._given_row < upto:
            rows = self._rows(self._given_row, upto)
            if not rows:
                break
            end = rows[-1][0]
            self._outbox.mark_sent(end)
            self._parcels.extend(gather(self._held(rows)))
            self._given_row = end
            if self._parcels:
                return True
        return False

    def _note_sent(self, now: int) -> None:
        if len(self._log) >= MAX_LOG:
            # Nobody confirms for long: keep the later of each two moments, which is the careful one.
            self._log = deque(list(self._log)[1::2])
        self._log.append((self._given_row, now))

    def _rows(self, after: int, upto: int) -> list[Row]:
        rows = self._outbox.rows(after, upto, CHUNK_ROWS)
        return rows[:CHUNK_TEXT] if any(isinstance(row[4], str) for row in rows) else rows

    def _held(self, rows: list[Row]) -> Iterator[tuple[int, Run, int, int, Value]]:
        for row, id, seq, t, v in rows:
            run = self._outbox.run(id)
            if run is not None and seq >= run.lowest:
                yield row, run, seq, t, v

    # ---- sending again ----

    def _drop_confirmed(self) -> None:
        kept = []
        for again in self._again:
            parcel = again.parcel
            if parcel.last >= parcel.run.lacking and self._outbox.run(parcel.run.id) is parcel.run:
                kept.append(again)
                again.parcel = parcel.from_(parcel.run.lacking)
        self._again = kept

    def _begin_below(self, now: int) -> None:
        """What was under way when the store lost something gives way, once it was waited for, to what lies below it.

        Else it would be sent for ever: it is not confirmed before the lower numbers, and they found no room.
        """
        left = [a for a in self._again if not a.stale or (a.sent_at is not None and a.sent_at + self._resend_ns > now)]
        if len(left) < len(self._again):
            self._again, self._looked_row = left, 0

    def _look_back(self) -> None:
        """Look again for the readings of a series that was stuck, once it moves."""
        under_way = Counter(again.parcel.run.id for again in self._again)
        for id in [id for id in self._behind if under_way[id] < MAX_AGAIN_OF_RUN]:
            self._looked_row = min(self._looked_row, self._behind.pop(id))

    def _look_for_lacking(self) -> None:
        while len(self._again) < MAX_AGAIN and self._looked_row < self._ripe_row:
            rows = self._rows(self._looked_row, self._ripe_row)
            if not rows:
                self._looked_row = self._ripe_row
                return
            lacking = [r for r in self._held(rows) if r[2] > r[1].confirmed and not self._is_under_way(r[1], r[2])]
            for parcel in gather(lacking):
                if not self._start_again(parcel):
                    self._looked_row = parcel.after
                    return
            self._looked_row = rows[-1][0]

    def _start_again(self, parcel: Parcel) -> bool:
        """Put a parcel under way once more; False where that must wait until others are confirmed."""
        if len(self._again) >= MAX_AGAIN:
            return False
        of_run = [again for again in self._again if again.parcel.run is parcel.run]
        if len(of_run) < MAX_AGAIN_OF_RUN:
            self._again.append(_Again(parcel))
            return True
        if any(again.times > 1 for again in of_run):
            self._behind.setdefault(parcel.run.id, parcel.after)
            return True
        return False

    def _is_under_way(self, run: Run, seq: int) -> bool:
        return any(a.parcel.run is run and a.parcel.seq <= seq <= a.parcel.last for a in self._again)


def _key(parcel: Parcel) -> _Key:
    return parcel.run.stream.name, parcel.run.series, parcel.seq
