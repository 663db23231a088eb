"""The collector's book: what it knows of every stream, what the open commit holds, what may be confirmed.

In memory the ranges run ahead of the store by the open commit; what is confirmed never does. When the store fails, the
open commit stays as it is and is tried again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from collector.confirmations import KNOWN, OWN, UNKNOWN, Confirmations
from collector.judge import Judge
from collector.message import Message
from collector.partners import partners
from collector.quarantine import Quarantine
from collector.refusals import commit_by_halves
from collector.store import MOST_COUNTED, Interval, Kept, Refused, Remembered, Rows, Store, StreamNews, Work
from collector.stream_state import StreamState
from contract.errors import PayloadError, StoreRefused
from contract.payload import Acks
from contract.reading import NS_PER_S, Series
from contract.words import Words

log = logging.getLogger(__name__)

HEARD_EVERY_NS = 60 * NS_PER_S
"""When a stream was last heard is written down this often, and no oftener."""

FORGOTTEN_NS = 30 * 86_400 * NS_PER_S
"""A stream not heard for so long is no longer confirmed; its ranges stay."""

ACKS_BYTES, STRANGERS_ACKS_BYTES = 200 * 1024, 64 * 1024
"""One confirmation to an agent of the line, and to anybody else, at most; of that the agent's own `decode_acks` and
every broker take more."""

COUNTERS = (
    "received", "stored", "duplicates", "quarantined", "ignored", "quarantine_dropped", "quarantine_refused", "missing",
)  # fmt: skip

Key = tuple[str, Series]


class Book:
    """Not thread-safe: `Ingest` holds the lock."""

    def __init__(
        self,
        store: Store,
        judge: Judge,
        collector_id: str,
        now_ns: Callable[[], int],
        bound: tuple[int, int],
        shared: bool = False,
    ) -> None:
        self.store, self.judge, self.now = store, judge, now_ns
        known = store.remembered()
        self.collector_id = collector_id
        ids = [one.id for one in known.quarantined] + [one.id for one in known.pending]
        self._last_id = max(map(_stamp, ids), default=0)
        self.counters = dict.fromkeys(COUNTERS, 0) | known.counters
        self.saved_counters = dict(self.counters)
        """As of the last commit, like everything that is told to others."""
        self.streams = dict(known.streams)
        self.quarantine = Quarantine(known.quarantined, *bound)
        self.pending = known.pending
        self.fallen = store.quarantine([k.id for k in known.quarantined if k.reason == "total_fell"])
        self.work = Work()
        self._done: list[Rows] = []
        self.states: dict[Key, StreamState] = {}
        for key in {**known.ranges, **known.given_up, **known.lost}:
            state = StreamState.recalled(*key, known.ranges.get(key, ()), known.given_up.get(key, ()))
            news = self.streams.get(key[0])
            state.recall_holes(news.heard if news else 0, known.lost.get(key, ()))
            self.states[key] = state
        self._touched: dict[Key, StreamState] = {}
        self._gappy = {key: state for key, state in self.states.items() if state.holes or state.given_up}
        counted = self.counters["missing"] - self.missing()
        for state in self._gappy.values():
            counted = state.recall_missing(now_ns(), counted)
        self._acks = Confirmations()
        self._last_heard: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        """Agents whose streams do not all fit into one confirmation, and how many do not."""
        self.commits = 0
        """How many commits there were; what is open belongs to the next."""
        self.confirm_all()
        self.partners = partners(self, shared)

    def known(self) -> Remembered:
        """What of it a store that lost something needs to hear, when nothing is open."""
        return Remembered(
            ranges={key: state.seen.runs for key, state in self.states.items()},
            given_up={key: state.given_up.runs for key, state in self.states.items() if state.given_up},
            streams=dict(self.streams),
            counters=dict(self.saved_counters),
        )

    def go_on_from(self, before: "Book") -> None:
        """The store has begun anew; what was stored before and not yet handed out is handed out by us."""
        self.commits = before.commits + 1
        self._done = before._done

    # ------------------------------------------------------------------ the open commit

    def state(self, stream: str, series: Series) -> StreamState:
        """What is known of one series of one stream."""
        if self.partners is not None:
            self.partners.ask(stream)
        state = self.states.get((stream, series))
        if state is None:
            state = self.states[stream, series] = StreamState(stream, series)
        return state

    def touch(self, state: StreamState) -> None:
        """This state belongs to the open commit."""
        self._touched[state.stream, state.series] = state
        if state.holes or state.given_up:
            self._gappy[state.stream, state.series] = state

    def count(self, received: int = 0, stored: int = 0, duplicates: int = 0) -> None:
        """Count readings."""
        counters = self.counters
        counters["received"] += received
        counters["stored"] += stored
        counters["duplicates"] += duplicates

    def hear(self, stream: str, agent: str | None, at: int, at_once: bool = False) -> None:
        """A stream was heard; ``agent`` is who the batch says it is; ``at_once``: the moment must be written down."""
        known = self.streams.get(stream)
        self._last_heard[stream] = at
        if known is None:
            self._news(stream, StreamNews(agent, at))
        elif agent is not None and agent != known.agent:
            self._news(stream, StreamNews(agent, at, known.shift))
            self._acks_are_stale = True
        elif at_once or at - known.heard >= HEARD_EVERY_NS:
            self._news(stream, StreamNews(known.agent, at, known.shift))

    def name_agent(self, state: StreamState, agent: str | None) -> None:
        """The latest batch of a state names this agent, or none: then it is the station's."""
        before = self._agent(state)
        state.agent = agent or ""
        if self._agent(state) != before:
            self._acks_are_stale = True

    def settle_shift(self, stream: str, shift: int, at: int) -> None:
        """The clock shift of a stream is settled, for ever."""
        known = self.streams.get(stream) or StreamNews(None, at)
        self._news(stream, StreamNews(known.agent, known.heard, shift))

    def _news(self, stream: str, news: StreamNews) -> None:
        self.streams[stream] = self.work.streams[stream] = news

    def refuse(
        self,
        message: Message,
        error: PayloadError,
        state: StreamState | None = None,
        new: Iterable[Interval] = (),
        stream: str | None = None,
    ) -> bool:
        """Put a message in quarantine, its numbers ``new`` counting as seen. Whether it was taken in there.

        ``stream`` is its stream where its numbers could not be read.
        """
        if message.again:
            return False
        stream = state.stream if state else stream
        one = Refused(
            self.new_id(), message.at, _plain(message.topic), error.reason, _both(error.what), message.payload, stream,
            message.retained,
        )  # fmt: skip
        leaving = self.quarantine.take(Kept(one.id, len(one.payload), one.reason, stream))
        if leaving is None:
            self.counters["quarantine_refused" if stream else "quarantine_dropped"] += 1
            return False
        self.work.refused.append(one)
        self.work.released += leaving
        self.counters["quarantined"] += 1
        self.counters["quarantine_dropped"] += len(leaving)
        if state is not None:
            state.see(new, message.at)
            self.touch(state)
        return True

    def release(self, id_: str) -> None:
        """A quarantined message leaves."""
        self.quarantine.release(id_)
        self.work.released.append(id_)

    def new_id(self) -> str:
        """An id for a message: unique among all collectors of the store, increasing with time."""
        self._last_id = max(self.now(), self._last_id + 1)
        return f"{self._last_id:020d}-{self.collector_id}"

    # ------------------------------------------------------------------ commit

    def flush(self, state: StreamState, numbers: Interval | None = None) -> None:
        """Make what is open of a state durable, so that the store can be asked. Raises StoreError.

        ``numbers``: only if readings of those are open.
        """
        if (state.stream, state.series) in self._touched and (numbers is None or self._are_open(state, *numbers)):
            self.write()

    def _are_open(self, state: StreamState, first: int, last: int) -> bool:
        return any(
            rows.stream == state.stream
            and rows.seq is not None
            and rows.seq <= last
            and rows.seq + len(rows.t) > first
            and rows.series == state.series
            for rows in self.work.rows
        )

    def commit(self) -> list[Rows]:
        """Make the open work durable; what was stored since the last call. Raises StoreError; then nothing is lost."""
        self.write()
        done, self._done = self._done, []
        return done

    def write(self) -> None:
        """Make the open work durable. Raises StoreError."""
        work = self.work
        for key, state in self._touched.items():
            work.ranges[key] = state.seen.runs
            if state.given_up or state.saved_given_up:
                work.given_up[key] = state.given_up.runs
        work.counters = self._changed_counters()
        if not work:
            return
        self.counters["missing"] = self.missing()
        work.counters = self._changed_counters()
        try:
            self.store.commit(work)
        except StoreRefused:
            commit_by_halves(self, work)
        self.commits += 1
        self._done += work.rows
        self.saved_counters = dict(self.counters)
        self.work = Work()
        self._confirm(self._touched.values())
        self._touched = {}

    def _changed_counters(self) -> dict[str, int]:
        return {name: n for name, n in self.counters.items() if n != self.saved_counters.get(name)}

    def _confirm(self, states: Iterable[StreamState]) -> None:
        for state in states:
            state.confirmed = state.settled()
            if state.holes:
                state.forget_filled_holes()
            if not state.holes and not state.given_up:
                self._gappy.pop((state.stream, state.series), None)
            state.saved_given_up = state.given_up.runs
        if self._acks_are_stale:
            self.confirm_all()
            return
        for state in states:
            self._tell_of(state)

    def _tell_of(self, state: StreamState) -> None:
        if agent := self._agent(state):
            own = self.judge.agent(state.series.station) == agent
            rank = OWN if own else KNOWN if self.judge.knows(state.series) else UNKNOWN
            self._acks.set(agent, state.stream, str(state.series), state.confirmed, rank)

    def _agent(self, state: StreamState) -> str | None:
        named = state.agent
        if named is None and (news := self.streams.get(state.stream)) is not None:
            named = news.agent
        return named or self.judge.agent(state.series.station)

    def confirm_what_is_committed(self, states: Iterable[StreamState]) -> None:
        """These states changed by what others have committed; of one that is open here the commit will tell."""
        for state in states:
            key = state.stream, state.series
            if state.holes or state.given_up:
                self._gappy[key] = state
            if key not in self._touched:
                self._confirm([state])

    def confirm_all(self) -> None:
        """Work out afresh who is told what."""
        self._acks_are_stale = False
        self._acks.clear()
        for state in self.states.values():
            self._tell_of(state)

    def acks(self, agent: str) -> Acks:
        """What an agent may forget: only what is committed, as far as one message holds it."""
        most = ACKS_BYTES if agent in self.judge.agents() else STRANGERS_ACKS_BYTES
        told = self._acks.told(agent, most, self._heard, self.now() - FORGOTTEN_NS)
        if told.left_out and agent not in self.left_out:
            log.warning("%s", _too_many(agent, told.left_out))
        if told.left_out:
            self.left_out[agent] = told.left_out
        else:
            self.left_out.pop(agent, None)
        return Acks(self.store.id, told.streams)

    def acks_stamp(self, agent: str) -> int:
        """Changes whenever an agent is to be told something new."""
        return self._acks.stamp(agent)

    def _heard(self, stream: str) -> int:
        news = self.streams.get(stream)
        return max(news.heard if news else 0, self._last_heard.get(stream, 0))

    def confirmed_agents(self) -> Sequence[str]:
        """Agents that something is confirmed to, of the line or not; the first thousand."""
        return tuple(islice(self._acks.agents(), 1000))

    def missing(self) -> int:
        """How many readings are missing now; never more than `MOST_COUNTED`, whatever numbers streams begin with."""
        now = self.now()
        return min(MOST_COUNTED, sum(state.missing(now) for state in self._gappy.values()))


def _too_many(agent: str, many: int) -> Words:
    return Words(
        f"エージェント {agent} の保存済みの知らせに入りきらない stream が {many} 個あります。新しいものから知らせます。"
        "同じ agent を名のる別のプログラムがないか確かめてください。",
        f"{many} streams of agent {agent} have no room in its confirmation; those heard last are told. "
        "See whether another program calls itself this agent.",
    )


def _both(said: Words) -> str:
    return _plain(f"{said.ja} / {said.en}")


def _plain(said: str) -> str:
    """In letters that every store takes."""
    return said.encode("utf-8", "replace").decode()


def _stamp(id_: str) -> int:
    """The time in an id that `Book.new_id` made."""
    stamp = id_.partition("-")[0]
    return int(stamp) if stamp.isdecimal() else 0
