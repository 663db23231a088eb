"""What one connection has received and not yet acknowledged: judged, committed, and only then given back to be told.

    intake.receive(topic, payload, number, retained)
    committed = intake.commit()          # None: the store is away, nothing may be acknowledged
    committed.numbers                    # the broker may be told of these

While the store is away messages wait here in their order, at most as many as the broker lets us have in flight.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.agents_heard import AgentsHeard
from collector.commits import CommitPace
from collector.ingest import Ingest
from collector.store import Rows
from contract.errors import PayloadError, StoreError
from contract.payload import decode_acks
from contract.short_ends import two_agents
from contract.topics import Topics
from contract.words import Words

log = logging.getLogger(__name__)

STORE_RETRY_S = 1.0
REFRESH_S = 5.0
"""So often other collectors' part of a shared store is read."""

Taken = tuple[str, bytes, int, bool]


@dataclass(frozen=True, slots=True)
class Committed:
    """What one commit made durable: readings, and the broker's numbers of the messages they came in."""

    rows: Sequence[Rows]
    numbers: Sequence[int]


class Intake:
    """Of one connection, in its thread. ``heard``: what agents say of themselves is passed on to it."""

    def __init__(
        self,
        ingest: Ingest,
        topics: Topics,
        heard: AgentsHeard,
        monotonic: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._ingest, self._heard, self._monotonic, self._now_ns = ingest, heard, monotonic, now_ns
        self._agents, self._acks, self._collectors = topics.agent(""), topics.acks(""), topics.collector("")
        self.subscribed_ns: int | None = None
        self._unstored: Words | None = None
        self._unread: Words | None = None
        self.pace = CommitPace(monotonic)
        self._numbers: list[int] = []
        self._postponed: deque[Taken] = deque()
        self._away_until = self._refresh_at = float("-inf")

    @property
    def trouble(self) -> Words | None:
        """Why nothing can be stored (or, of a shared store, be read), or None."""
        return self._unstored or self._unread

    # ------------------------------------------------------------------ messages

    def receive(self, topic: bytes, payload: bytes, number: int, retained: bool) -> bool:
        """One message, ``number`` 0 where nobody waits for its acknowledgement.

        Whether it lets us confirm more to an agent: another collector had done so.
        """
        self.pace.received()
        if number:
            self._numbers.append(number)
        name = topic.decode("utf-8", "replace")
        if name.startswith(self._acks):
            return self._hear_acks(name[len(self._acks) :], payload, retained)
        taken = (name, payload, self._now_ns(), retained)
        if self._postponed or not self._take(taken):
            self._postponed.append(taken)
        return False

    def _take(self, taken: Taken) -> bool:
        topic, payload, arrived, retained = taken
        if topic.startswith(self._agents):
            self._hear_agent(topic[len(self._agents) :], payload, retained)
            return True
        if topic.startswith(self._collectors):
            self._ingest.hear_collector(topic[len(self._collectors) :])
            return True
        try:
            self._ingest.take(topic, payload, arrived, retained, self.subscribed_ns or arrived)
        except StoreError as error:
            self._failed(error)
            return False
        return True

    def _hear_agent(self, agent: str, payload: bytes, retained: bool) -> None:
        if self._heard.hear(agent, payload, retained):
            log.error(
                "%s",
                two_agents(agent),
            )

    def _hear_acks(self, agent: str, payload: bytes, retained: bool) -> bool:
        if retained:  # it may be older than the store, which has said what it has
            return False
        try:
            return self._ingest.hear_acks(agent, decode_acks(payload))
        except PayloadError:
            return False

    # ------------------------------------------------------------------ commits

    def commit(self) -> Committed | None:
        """Make durable what was received; None while the store is away, and then it is to be tried again."""
        if self._monotonic() < self._away_until:
            return None
        while self._postponed:
            if not self._take(self._postponed[0]):
                return None
            self._postponed.popleft()
        began, before = self._monotonic(), self._ingest.commits
        try:
            rows = self._ingest.commit()
        except StoreError as error:
            self._failed(error)
            return None
        self.pace.committed(self._monotonic() - began)
        if self._ingest.commits != before:
            self._unstored = None
        committed = Committed(rows, self._numbers)
        self._numbers = []
        return committed

    def tick(self) -> Committed | None:
        """Call about twice a second: settle what is due, read what others have stored, commit what waits for that."""
        try:
            self._ingest.settle(self._now_ns())
        except StoreError as error:
            self._failed(error)
        self.refresh()
        return None if self.pace.waiting else self.commit()

    def refresh(self, at_once: bool = False) -> None:
        """Read what other collectors have stored, if it is time for it."""
        now = self._monotonic()
        if now < max(self._refresh_at, self._away_until) and not at_once:
            return
        self._refresh_at = now + REFRESH_S
        try:
            self._ingest.refresh()
            self._unread = None
        except StoreError as error:
            self._unread = self._said(error, self._unread)

    def patience(self, otherwise_s: float) -> float:
        """How long (s) to wait for more before there is something to do here, at most ``otherwise_s``."""
        if not self.pace.waiting:
            return otherwise_s
        away = self._away_until - self._monotonic()
        return min(otherwise_s, away if away > 0 else self.pace.patience())

    def _failed(self, error: StoreError) -> None:
        """Nothing is acknowledged; it is tried again."""
        self._away_until = self._monotonic() + STORE_RETRY_S
        self._unstored = self._said(error, self._unstored)

    @staticmethod
    def _said(error: StoreError, before: Words | None) -> Words:
        if error.words != before:
            log.error("%s", error)
        return error.words
