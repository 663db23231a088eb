"""What the agents say of themselves on `_agents`, and whether two of them share one id."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from collector.agents_log import ComingsAndGoings
from collector.agents_words import ended_by_will, understood
from contract.short_ends import ShortEnds
from contract.topics import ID
from contract.words import Words

log = logging.getLogger(__name__)

STRANGERS = 100
"""Of so many that are no agents of the line it is known what they say: of those heard last."""


@dataclass(slots=True)
class _Heard:
    said: dict[str, Any] = field(default_factory=dict)
    ends: ShortEnds = field(default_factory=ShortEnds)
    began: dict[str, Any] = field(default_factory=dict)
    """What it said when its connection began."""
    well: Any = None
    """When it last said that it is there."""


class AgentsHeard:
    """The last word of each agent of the ``line``, and of some others."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, line: Sequence[str] = ()) -> None:
        self._monotonic, self._line = monotonic, frozenset(line)
        self._heard: dict[str, _Heard] = {}
        self._refused: set[str] = set()
        self._log = ComingsAndGoings(monotonic)

    def hear(self, agent: str, payload: bytes, retained: bool) -> bool:
        """One message on `_agents/{agent}`; whether it newly shows a conflict.

        What is no word of an agent is not heard, and that is said once.
        """
        if not payload:  # a retained word was taken away
            return False
        said = understood(payload) if ID.fullmatch(agent) else None
        if said is None:
            self._refuse(agent, len(payload))
            return False
        heard = self._of(agent)
        last, heard.said = heard.said, said
        heard.well = said.get("at") if said["state"] == "online" else heard.well
        news = None if retained else self._news(heard, last, said)
        if agent in self._line:
            if news is False:
                self._log.over(agent, said)
            else:
                self._log.tell(agent, last, said, twice=heard.ends.conflict)
        return news is True

    @staticmethod
    def _news(heard: _Heard, last: Mapping[str, Any], said: Mapping[str, Any]) -> bool | None:
        """Whether a conflict has begun (True) or is over (False)."""
        if said["state"] == "online":
            if last.get("state") != "online":  # an agent repeats it every few seconds
                heard.ends.began()
                heard.began = dict(said)
        elif said.get("clean") is not True and ended_by_will(heard.began, said):
            heard.ends.ended()
            heard.ends.sure()  # a broker that passes a last will on is there
        return heard.ends.news()

    def _of(self, agent: str) -> _Heard:
        heard = self._heard.pop(agent, None) or _Heard(ends=ShortEnds(self._monotonic))
        self._heard[agent] = heard
        if len(self._heard) > STRANGERS + len(self._line):
            del self._heard[next(name for name in self._heard if name not in self._line)]
        return heard

    def _refuse(self, agent: str, many: int) -> None:
        if agent in self._refused or len(self._refused) >= STRANGERS:
            return
        self._refused.add(agent)
        log.warning(
            "%s",
            Words(
                f"_agents/{agent[:64]!r} のメッセージ({many:,} バイト)はエージェントの状態ではないので、無視します。",
                f"A message on _agents/{agent[:64]!r} ({many:,} bytes) is no agent's state and is ignored.",
            ),
        )

    def agents(self, line: Sequence[str]) -> list[dict[str, Any]]:
        """All agents of the line, heard or not, then others that were heard: each one's own words and ``conflict``.

        Of one that was cut off ``well_until`` is when it last said that it is there, as far as we heard it: its last
        will was written when the connection began.
        """
        never = _Heard()
        names = dict.fromkeys((*line, *self._heard))
        found = ((name, self._heard.get(name, never)) for name in names)
        return [
            {"state": "unknown", "at": None, "backlog": None, "dropped": None}
            | heard.said
            | {"agent": name, "conflict": heard.ends.conflict}
            | ({"well_until": heard.well} if _is_cut_off(heard.said) else {})
            for name, heard in found
        ]


def _is_cut_off(said: Mapping[str, Any]) -> bool:
    return said.get("state") == "offline" and said.get("clean") is not True
