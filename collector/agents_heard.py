"""What the agents say of themselves on `_agents`, and whether two of them share one id."""

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

SHORT_S = 10.0
"""A connection that ends so soon, twice a minute, is two programs with one id taking it from each other."""
WITHIN_S = 60.0


class ShortEnds:
    """Connections that ended too soon."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began: float | None = None
        self._short: deque[float] = deque(maxlen=2)

    def began(self) -> None:
        """A connection was made."""
        self._began = self._monotonic()

    def ended(self) -> bool:
        """The connection ended; whether that looks like a conflict."""
        now = self._monotonic()
        if self._began is not None and now - self._began < SHORT_S:
            self._short.append(now)
        self._began = None
        return self.conflict

    @property
    def conflict(self) -> bool:
        """Whether two connections ended too soon within the last minute."""
        return len(self._short) == 2 and self._monotonic() - self._short[0] < WITHIN_S


@dataclass(slots=True)
class _Heard:
    said: dict[str, Any] = field(default_factory=dict)
    ends: ShortEnds = field(default_factory=ShortEnds)


class AgentsHeard:
    """The last word of each agent."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._heard: dict[str, _Heard] = {}

    def hear(self, agent: str, payload: bytes, retained: bool) -> bool:
        """One message on `_agents/{agent}`; whether it newly shows a conflict. What is no object is not heard."""
        try:
            said = json.loads(payload)
        except (ValueError, RecursionError):
            return False
        if not isinstance(said, dict) or len(self._heard) > 1000:
            return False
        heard = self._heard.setdefault(agent, _Heard(ends=ShortEnds(self._monotonic)))
        was_online = heard.said.get("state") == "online"
        before, heard.said = heard.ends.conflict, said
        if retained:
            return False
        if said.get("state") == "online":
            if not was_online:  # an agent repeats it every few seconds
                heard.ends.began()
        elif said.get("clean") is not True:  # who says goodbye was not thrown out by another
            heard.ends.ended()
        return heard.ends.conflict and not before

    def agents(self, line: Sequence[str]) -> list[dict[str, Any]]:
        """All agents of the line, heard or not, then others that were heard: each one's own words and ``conflict``."""
        never = _Heard()
        names = dict.fromkeys((*line, *self._heard))
        found = ((name, self._heard.get(name, never)) for name in names)
        return [
            {"state": "unknown", "at": None, "backlog": None, "dropped": None}
            | heard.said
            | {"agent": name, "conflict": heard.ends.conflict}
            for name, heard in found
        ]
