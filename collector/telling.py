"""What the collector says: confirmations to the agents, its counters, its farewell. Pure but for ``publish``."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from collector.ingest import Ingest
from contract.payload import encode_acks
from contract.topics import Topics

log = logging.getLogger(__name__)

EVERY_S = 5.0
AT_MOST_EVERY_S = 0.05
"""A confirmation follows each commit; where commits follow each other faster, one confirmation tells of several."""

LARGE_EVERY_S = 1.0
"""A confirmation that had to leave streams out is chosen anew no oftener."""

UNDELIVERED = 100
"""So many may be on their way to the broker; a broker that takes none is not flooded."""


class Telling:
    """Of one connection. ``publish(topic, payload, qos, retain)`` is the client's."""

    def __init__(
        self,
        ingest: Ingest,
        topics: Topics,
        publish: Callable[..., Any],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ingest, self._topics, self._publish, self._monotonic = ingest, topics, publish, monotonic
        self._told: dict[str, int] = {}
        self._large: dict[str, float] = {}
        self._failed: set[str] = set()
        self._last_all = self._last = float("-inf")
        self._due = False
        self._commits = ingest.commits
        self._under_way = 0

    @staticmethod
    def last_will(topics: Topics, collector_id: str) -> tuple[str, bytes]:
        """Topic and payload of what the broker says when we are gone."""
        return topics.collector(collector_id), b'{"state":"offline"}'

    def delivered(self) -> None:
        """The broker has one of them."""
        self._under_way = max(0, self._under_way - 1)

    def committed(self) -> None:
        """Call after a commit: if it wrote anything, tell, unless that was done a moment ago.

        What was only quarantined or given up is durable too, and confirmed.
        """
        if self._ingest.commits != self._commits:
            self._commits, self._due = self._ingest.commits, True
        self._tell_if_due()

    def more_is_known(self) -> None:
        """Call when more can be confirmed though nothing was committed here: another collector did it."""
        self._due = True

    def tick(self) -> None:
        """Call often: tells what waited for its moment, and everything every five seconds."""
        if self._monotonic() - self._last_all >= EVERY_S:
            self.tell_all()
        else:
            self._tell_if_due()

    def until_due(self) -> float | None:
        """Seconds until something must be told that `committed` held back."""
        return max(0.0, self._last + AT_MOST_EVERY_S - self._monotonic()) if self._due else None

    def tell_all(self) -> None:
        """Tell every agent, and everybody our counters."""
        self._told.clear()
        self._last_all = self._monotonic()
        self._tell()
        said = {"state": "online", "at": time.time_ns(), **self._ingest.status()}
        self._publish(self._topics.collector(self._ingest.collector_id), json.dumps(said), qos=0, retain=True)

    def say_goodbye(self) -> None:
        """We leave on purpose."""
        topic, payload = self.last_will(self._topics, self._ingest.collector_id)
        self._publish(topic, payload, qos=0, retain=True)

    def _tell_if_due(self) -> None:
        if self._due and self._monotonic() - self._last >= AT_MOST_EVERY_S:
            self._tell()

    def _tell(self) -> None:
        self._due, self._last = False, self._monotonic()
        for agent in self._ingest.agents():
            stamp = self._ingest.acks_stamp(agent)
            if self._told.get(agent) == stamp:
                continue
            if self._under_way >= UNDELIVERED or self._was_large_a_moment_ago(agent):
                self._due = True
                continue
            self._told[agent] = stamp
            try:
                self._confirm(agent)
            except Exception:  # the other agents are told, whatever is wrong with this one
                if agent not in self._failed:
                    self._failed.add(agent)
                    log.exception("agent %s could not be told what is stored", agent)

    def _confirm(self, agent: str) -> None:
        payload = encode_acks(self._ingest.acks(agent))
        if self._ingest.does_not_fit(agent):
            self._large[agent] = self._last
        else:
            self._large.pop(agent, None)
        self._publish(self._topics.acks(agent), payload, qos=1, retain=True)
        self._under_way += 1

    def _was_large_a_moment_ago(self, agent: str) -> bool:
        return self._monotonic() - self._large.get(agent, float("-inf")) < LARGE_EVERY_S
