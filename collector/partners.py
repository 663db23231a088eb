"""The other collectors of the line, where the store is a server that several share.

Each writes its own part of the store; what one knows is the union of all parts. Three things keep it so:

    before a stream's messages are judged, the others' numbers of that stream are read, once per open commit, so that
    what another stored is a repeat here;
    every few seconds all of theirs is read, so that gaps that another filled are no gaps, and the part of one who died
    is confirmed by those who live;
    what another confirms on `_acks` under the same store id is believed at once, so that the agents never hear a lower
    number from us.
"""

import logging
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING

from collector.store import Interval, Refused, StreamNews, Work
from collector.store.shared import SharedStore
from collector.stream_state import Floor, StreamState
from contract.errors import PayloadError
from contract.payload import Acks, decode
from contract.reading import NS_PER_S, Batch, Series
from contract.topics import ID_LENGTH, STREAM

if TYPE_CHECKING:
    from collector.book import Book

log = logging.getLogger(__name__)

FRESH_NS = NS_PER_S
"""What was read of a stream holds so long, unless a commit comes before."""

LATELY_NS = 600 * NS_PER_S
"""Streams heard so lately, by anybody, are read again every few seconds; two collectors' clocks differ by less."""

MOST_STATES = 100_000
"""What others confirm is kept of so many series of streams."""


class Partners:
    """Of one collector's book. Not thread-safe: `Ingest` holds the lock."""

    def __init__(self, book: "Book", store: SharedStore, expected: bool) -> None:
        self._book, self._store = book, store
        self.exist = False
        """Whether there are others, as far as is known."""
        self._asked: dict[str, int] = {}
        self._asked_in = -1
        if expected:
            self.expect()
        self.refresh()

    def expect(self) -> None:
        """There are others, or may be at any moment."""
        if not self.exist:
            self.exist = True
            self._store.expect_others()

    # ------------------------------------------------------------------ what they stored

    def ask(self, stream: str) -> None:
        """Before a message of a stream is judged: what others have of it. Raises StoreError."""
        if not self.exist:
            return
        now = self._book.now()
        if self._asked_in != self._book.commits:
            self._asked, self._asked_in = {}, self._book.commits
        if abs(now - self._asked.get(stream, 0)) > FRESH_NS:
            self._learn([stream])
            self._asked[stream] = now

    def refresh(self) -> None:
        """Everything that is new with the others. Raises StoreError."""
        others = self._store.others()
        if others.ids:
            self.expect()
        if not self.exist:
            return
        book = self._book
        for counter, many in others.counted.items():
            book.counters[counter] = book.counters.get(counter, 0) + many
            book.saved_counters[counter] = book.saved_counters.get(counter, 0) + many
        open_ = {*(one.id for one in book.work.refused), *book.work.released}
        book.quarantine.follow(self._store.in_quarantine(), open_)
        since = book.now() - LATELY_NS
        unheard = others.streams.keys() - book.streams.keys()
        for stream, news in others.streams.items():
            self._hear(stream, news)
        self._learn({name for name, news in book.streams.items() if news.heard >= since} | unheard)

    def _hear(self, stream: str, news: StreamNews) -> None:
        known = self._book.streams.get(stream, StreamNews())
        self._book.streams[stream] = StreamNews(
            known.agent or news.agent,
            max(known.heard, news.heard),
            known.shift if known.shift is not None else news.shift,
        )

    def _learn(self, streams: Iterable[str]) -> None:
        known = self._store.numbers_of_others(list(streams))
        changed = [self._see(*key, runs) for key, runs in known.ranges.items()]
        changed += [self._give_up(*key, runs) for key, runs in known.given_up.items()]
        self._book.confirm_what_is_committed(state for state in changed if state is not None)

    def _see(self, stream: str, series: Series, runs: Iterable[Interval]) -> StreamState | None:
        state = self._book.states.get((stream, series)) or self._new_state(stream, series)
        new = list(chain.from_iterable(state.seen.missing_in(*run) for run in runs))
        if not new:
            return None
        if new[-1][1] > state.seen.top:
            state.newest = None
        state.see(new, self._book.now())
        if state.floor is not None and state.floor.number < state.seen.top:
            state.floor = None
        return state

    def _give_up(self, stream: str, series: Series, runs: Iterable[Interval]) -> StreamState | None:
        state = self._book.states.get((stream, series)) or self._new_state(stream, series)
        before = state.given_up.count()
        for unseen in chain.from_iterable(state.seen.missing_in(*run) for run in runs):
            state.given_up.add(*unseen)
        return state if state.given_up.count() > before else None

    def _new_state(self, stream: str, series: Series) -> StreamState:
        state = self._book.states[stream, series] = StreamState(stream, series)
        return state

    # ------------------------------------------------------------------ what they confirmed

    def hear_acks(self, agent: str, acks: Acks) -> bool:
        """Another told an agent what is stored; whether we can now tell the agent of more than that."""
        if acks.store != self._book.store.id:
            return False
        changed: list[StreamState] = []
        for stream, numbers in acks.streams.items():
            if not STREAM.fullmatch(stream):
                continue
            if stream not in self._book.streams:
                self._book.streams[stream] = StreamNews(agent, self._book.now())
            changed += self._hear_numbers(stream, numbers)
        if not changed:
            return False
        self._book.confirm_what_is_committed(changed)
        return any(state.confirmed > acks.streams[state.stream][str(state.series)] for state in changed)

    def _hear_numbers(self, stream: str, numbers: Mapping[str, int]) -> Iterable[StreamState]:
        for key, number in numbers.items():
            levels = key.split("/")
            if len(levels) != 3 or max(map(len, levels)) > ID_LENGTH:
                continue
            series = Series(*levels)
            state = self._book.states.get((stream, series))
            if state is None and len(self._book.states) < MOST_STATES:
                state = self._new_state(stream, series)
            if state is not None and number > state.told:
                state.told = number
                yield state

    # ------------------------------------------------------------------ what must be agreed upon

    def shift(self, stream: str, ours: int, at: int) -> int:
        """The clock shift of a stream: the one another has settled, else ours, once it is written. Raises StoreError.

        Of two that were settled in the same moment the one of the lower collector id holds.
        """
        settled = self._store.shifts_of_others(stream)
        if not settled:
            news = self._book.streams.get(stream) or StreamNews(None, at)
            self._book.store.commit(Work(streams={stream: StreamNews(news.agent, news.heard, ours)}))
            settled = self._store.shifts_of_others(stream) | {self._book.collector_id: ours}
        return settled[min(settled)]

    def learn_falls(self, state: StreamState) -> bool:
        """The totals of others' batches that fell, which are floors too; whether any was news. Raises StoreError."""
        if not self.exist:
            return False
        told = [fall for one in self._store.refused_of_others(state.stream, "total_fell") for fall in _fall(one, state)]
        new = [fall for fall in told if fall not in state.falls]
        state.falls += new
        if new and max(new)[0] >= state.seen.top:
            state.floor = Floor(*max(new))
        return bool(new)


def _fall(one: Refused, state: StreamState) -> Iterable[tuple[int, float]]:
    if not one.topic.endswith(f"/{state.series}"):
        return
    try:
        said = decode(one.payload, state.series)
    except PayloadError:
        return
    if isinstance(said, Batch):
        yield said.last, float(said.v[-1])


def partners(book: "Book", expected: bool) -> Partners | None:
    """The others of a store that can be shared; None where it cannot."""
    return Partners(book, book.store, expected) if isinstance(book.store, SharedStore) else None
