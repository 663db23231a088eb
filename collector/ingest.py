"""Judges messages one by one, gathers what is believed into the open commit, and knows what may be confirmed.

    ingest.take("kojo/v1/akita/wash/washer/done/count", payload, arrived_ns)
    rows = ingest.commit()         # now it is durable, and the broker may be told
    ingest.acks("pi-1")            # and the agent

Every number of a stream is stored exactly once: what was seen is known as ranges, not as a highest number. A message
that cannot be believed goes to quarantine whole and holds up nothing behind it.
"""

import heapq
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from collector.batches import Batches
from collector.book import Book
from collector.judge import Judge
from collector.message import Message
from collector.quarantine import MAX_BYTES, MAX_MESSAGES
from collector.singles import Singles
from collector.store import Refused, Rows, Store
from collector.store.shared import ExaminedStore
from collector.stream_clock import MAYBE_QUEUED, QUEUED_NS, UNSYNCED, Unsettled
from contract.errors import Claim, PayloadError, StoreError
from contract.line import Line
from contract.payload import Acks, decode
from contract.reading import NS_PER_S, Batch, Series, Single
from contract.words import Words

log = logging.getLogger(__name__)

KNOWN_TOPICS = 10_000
STATUS_WITHIN_S = 0.2
SHIFTED_SHOWN = 200
"""The counters are one message: of so many streams they tell by how much they were shifted."""
PENDING_MESSAGES = 10_000
"""So many messages of one stream may wait for its clock; then its shift is settled with what there is."""


class Ingest:
    """The judge, the book and the open commit of one collector. Thread-safe: one lock, held for each message.

    ``now_ns`` is the collector's clock; ``quarantine_bound`` so many messages and so many bytes. ``shared``: other
    collectors of the line may write to the same store at any moment (where it is a server it notices them by itself).
    ``mends``: where the store has lost readings, its numbers are put right; False for one who only looks on.
    """

    def __init__(
        self,
        store: Store,
        lines: Sequence[tuple[int, Line]],
        collector_id: str,
        now_ns: Callable[[], int] = time.time_ns,
        quarantine_bound: tuple[int, int] = (MAX_MESSAGES, MAX_BYTES),
        shared: bool = False,
        mends: bool = True,
    ) -> None:
        self.collector_id = collector_id
        self._lock = threading.RLock()
        self._judge = Judge(lines)
        self._topics = self._judge.newest.topics
        self._series: dict[str, Series] = {}
        self._now_ns, self._bound, self._shared, self._mends = now_ns, quarantine_bound, shared, mends
        if isinstance(store, ExaminedStore):
            store.examine(now_ns(), None, mends)
        self._begin(store)
        self._status = self._count()

    def _begin(self, store: Store) -> None:
        self._book = Book(store, self._judge, self.collector_id, self._now_ns, self._bound, self._shared)
        self._batches, self._singles = Batches(self._book), Singles(self._book)
        self._unsettled: dict[str, Unsettled] = {}
        self._recall()

    def _recall(self) -> None:
        for refused in self._book.fallen:
            message = self._message(refused)
            said = _decoded(message) if message else None
            if message is not None and isinstance(said, Batch):
                self._batches.recall_fall(message, said)
        for kept in self._book.pending:
            message = self._message(kept)
            said = _decoded(message) if message else None
            if isinstance(said, Batch) and said.sent is not None:
                self._unsettled.setdefault(said.stream, Unsettled()).keep(kept, said.sent)

    # ------------------------------------------------------------------ taking

    def take(self, topic: str, payload: bytes, arrived_ns: int, retained: bool = False, subscribed_ns: int = 0) -> None:
        """Judge one message; its arrival and our own subscription in nanoseconds of the collector's clock.

        Raises StoreError where the store had to be asked and is away: nothing was taken, hand the message in again.
        """
        with self._lock:
            series = self._series.get(topic) or self._find(topic)
            if series is not None:
                queued = arrived_ns - subscribed_ns < QUEUED_NS
                self._take(Message(series, topic, payload, arrived_ns, retained, queued))

    def _find(self, topic: str) -> Series | None:
        """The series a topic names; None for what is no reading (other shapes under the line are counted)."""
        series, levels = self._topics.series(topic), self._topics.split(topic)
        if series is None and levels and not levels[0].startswith("_"):
            self._book.counters["ignored"] += 1
        if series is not None and len(self._series) < KNOWN_TOPICS:
            self._series[topic] = series
        return series

    def _take(self, message: Message) -> bool:
        """Whether a message was believed, or known already."""
        try:
            said = decode(message.payload, message.series)
            if isinstance(said, Single):
                return self._singles.take(message, said)
            t = said.t if said.clock != "unsynced" else self._shifted(message, said)
            return t is None or self._batches.take(message, said, t)
        except PayloadError as error:
            return self._batches.refuse_unreadable(message, error)
        except StoreError:
            raise
        except Exception as error:  # no message may ever stop the ones behind it
            log.exception("%s: a message could not be judged", message.topic)
            said_so = Words("判定中に誤りが起きました。", f"It could not be judged: {error!r}.")
            self._book.refuse(message, PayloadError("not_judged", said_so))
            return False

    # ------------------------------------------------------------------ clocks that were never set

    def _shifted(self, message: Message, batch: Batch) -> Sequence[int] | None:
        """The times of an unsynced batch, put right; None: its shift is not known yet and the batch is kept."""
        assert batch.sent is not None, "decoded so"
        news = self._book.streams.get(batch.stream)
        if news is not None and news.shift is not None:
            shift = news.shift
            return [t + shift for t in batch.t]
        if abs(batch.sent) > 2**62:
            raise PayloadError(
                "sent",
                Words("sent が時刻ではありません。", "sent is no time."),
                Claim(batch.stream, batch.seq, len(batch.t), batch.agent, batch.lowest),
            )
        detail = MAYBE_QUEUED if message.may_be_queued else ""
        kept = Refused(
            self._book.new_id(), message.at, message.topic, UNSYNCED, detail, message.payload, batch.stream,
            message.retained,
        )  # fmt: skip
        self._book.work.pending.append(kept)
        self._book.hear(batch.stream, batch.agent, message.at)
        waiting = self._unsettled.setdefault(batch.stream, Unsettled())
        waiting.keep(kept, batch.sent)
        return None

    def settle(self, now_ns: int) -> None:
        """Settle the clock shifts that are due, and judge what was kept for them. Call about once a second."""
        with self._lock:
            for stream, waiting in list(self._unsettled.items()):
                shift = waiting.shift(now_ns, at_once=len(waiting.kept) > PENDING_MESSAGES)
                if shift is not None:
                    self._settle(stream, waiting, shift)

    def _settle(self, stream: str, waiting: Unsettled, shift: int) -> None:
        news = self._book.streams.get(stream)
        if news is None or news.shift is None:
            if self._book.partners is not None:
                shift = self._book.partners.shift(stream, shift, waiting.kept[0].at)
            log.info("stream %s never had its clock set: shifted by %.3f s", stream, shift / NS_PER_S)
            self._book.settle_shift(stream, shift, waiting.kept[0].at)
        while waiting.kept:
            message = self._message(waiting.kept[0])
            if message is not None:
                self._take(message)
            self._book.work.settled.append(waiting.kept.pop(0).id)
        del self._unsettled[stream]

    def _message(self, kept: Refused, again: bool = False) -> Message | None:
        series = self._topics.series(kept.topic)
        if series is None:
            return None
        return Message(series, kept.topic, kept.payload, kept.at, kept.retained, again=again)

    # ------------------------------------------------------------------ commit and confirmation

    def commit(self) -> list[Rows]:
        """Make everything taken so far durable; what was stored by it. Raises StoreError; then try again."""
        with self._lock:
            return self._book.commit()

    @property
    def commits(self) -> int:
        """How many commits wrote anything since the start."""
        return self._book.commits

    # ------------------------------------------------------------------ other collectors

    def refresh(self) -> None:
        """Read what other collectors have stored, and whether all is still there. Call every few seconds.

        Raises StoreError.
        """
        with self._lock:
            store = self._book.store
            if isinstance(store, ExaminedStore) and store.doubtful():
                self._examine(store)
            if self._book.partners is not None:
                self._book.partners.refresh()

    def _examine(self, examined: ExaminedStore) -> None:
        before = self._book
        before.write()
        if examined.examine(before.now(), before.known(), self._mends):
            self._begin(before.store)
            self._book.go_on_from(before)

    def hear_collector(self, collector_id: str) -> None:
        """A collector of the line is there."""
        with self._lock:
            if self._book.partners is not None and collector_id != self.collector_id:
                self._book.partners.expect()

    def hear_acks(self, agent: str, acks: Acks) -> bool:
        """Another collector told an agent what is stored; whether we can now tell the agent of more than that."""
        with self._lock:
            return self._book.partners is not None and self._book.partners.hear_acks(agent, acks)

    def take_all(self, messages: Sequence[tuple[str, bytes]], arrived_ns: int) -> list[Rows]:
        """Take many messages, topic and payload, and make them durable in one commit with whatever was open."""
        with self._lock:
            for topic, payload in messages:
                self.take(topic, payload, arrived_ns)
            return self.commit()

    def agents(self) -> tuple[str, ...]:
        """Whom to confirm to: every agent of the line, and whoever else named itself in a batch."""
        with self._lock:
            return tuple(dict.fromkeys((*self._judge.agents(), *self._book.confirmed_agents())))

    def acks(self, agent: str) -> Acks:
        """What is durable of an agent's streams."""
        with self._lock:
            return self._book.acks(agent)

    def acks_stamp(self, agent: str) -> int:
        """Changes whenever there is something new to confirm to an agent."""
        with self._lock:
            return self._book.acks_stamp(agent)

    def does_not_fit(self, agent: str) -> bool:
        """Whether the last confirmation of an agent had to leave streams out."""
        return agent in self._book.left_out

    def status(self) -> dict[str, Any]:
        """The counters as of the last commit, and what is in quarantine. Readings, but ``quarantined`` is messages.

        While a commit hangs at a store that is away, this answers what was true before it.
        """
        if self._lock.acquire(timeout=STATUS_WITHIN_S):
            try:
                self._status = self._count()
            finally:
                self._lock.release()
        return self._status

    def _count(self) -> dict[str, Any]:
        book = self._book
        return {
            **book.saved_counters,
            "missing": book.missing(),
            "in_quarantine": len(book.quarantine),
            "quarantine_bytes": book.quarantine.bytes,
            "quarantine_full": book.quarantine.is_full,
            "waiting_for_clock": sum(len(waiting.kept) for waiting in self._unsettled.values()),
            "shifted": self._shifted_lately(),
            "acks_left_out": dict(book.left_out),
        }

    def _shifted_lately(self) -> dict[str, int]:
        """By how much streams were shifted (ns), those heard last."""
        shifted = {name: news for name, news in self._book.streams.items() if news.shift is not None}
        lately = heapq.nlargest(SHIFTED_SHOWN, shifted, key=lambda name: shifted[name].heard)
        return {name: shifted[name].shift or 0 for name in shifted.keys() & set(lately)}

    # ------------------------------------------------------------------ changes by people

    def replay(self, ids: Sequence[str], now_ns: int) -> dict[str, int]:
        """Judge quarantined messages again: how many were stored and left, how many are still there."""
        with self._lock:
            self._book.write()
            stored = found = 0
            for portion in list(self._book.quarantine.portions(ids)):
                messages = self._book.store.quarantine(portion)
                stored += sum(self._replay(refused, now_ns) for refused in messages)
                found += len(messages)
                self._book.write()
            return {"stored": stored, "still": found - stored}

    def discard(self, ids: Sequence[str]) -> int:
        """A person lets quarantined messages go for good; how many there were. Their numbers stay seen."""
        with self._lock:
            self._book.write()
            there = [id_ for portion in self._book.quarantine.portions(ids) for id_ in portion]
            for id_ in there:
                self._book.release(id_)
            self._book.write()
            return len(there)

    def export(self, ids: Sequence[str] | None = None) -> Iterator[Refused]:
        """Everything in quarantine, or those of ``ids``, oldest first, whole; about a mebibyte is held at a time."""
        with self._lock:
            self._book.write()
            portions = list(self._book.quarantine.portions(ids))
        for portion in portions:
            yield from self._book.store.quarantine(portion)

    def _replay(self, refused: Refused, now_ns: int) -> bool:
        message = self._message(refused, again=True)
        if message is None or not self._take(message if _is_stamped(message) else replace(message, at=now_ns)):
            return False
        self._book.release(refused.id)
        return True

    def new_line(self, line: Line, since: int) -> None:
        """Another version of the line is in force from ``since`` (ns) on."""
        with self._lock:
            self._judge.new_line(line, since)
            self._book.confirm_all()


def _decoded(message: Message) -> Batch | Single | None:
    try:
        return decode(message.payload, message.series)
    except PayloadError:
        return None


def _is_stamped(message: Message) -> bool:
    """Whether a message's arrival is its time, and must stay so."""
    said = _decoded(message)
    return isinstance(said, Single) and said.t is None
