"""Counters as whoever only looks at a line with a person's station sees them: they would tick with each piece.

Words (whether a broker is there, how an agent does) are told as they are; numbers as they were at most an hour and
more ago, so that two of them are never nearer than an hour (contract section 5, "Persons").
"""

import threading
from collections.abc import Mapping
from typing import Any

from contract.line import Line
from kpi.privacy import HOUR_NS, veiled
from kpi.tokens import Role

_LIVE = ("at",)
"""When an agent was last heard: it speaks by the clock."""


class HourlyCounts:
    """The numbers of one answer, taken anew when they are an hour old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: int | None = None
        self._body: Mapping[str, Any] = {}

    def shown(self, body: Mapping[str, Any], line: Line, role: Role, now: int) -> Mapping[str, Any]:
        """A body as a role may see it at a moment (ns)."""
        if not any(veiled(station, role) for station in line.stations.values()):
            return body
        with self._lock:
            if self._taken is None or not 0 <= now - self._taken < HOUR_NS:
                self._taken, self._body = now, body
            found: Mapping[str, Any] = _older(self._body, body)
        return found


def _older(old: Any, new: Any) -> Any:
    """What is new, with the numbers of what is old; None for a number that was not there."""
    if isinstance(new, Mapping):
        before = old if isinstance(old, Mapping) else {}
        return {key: value if key in _LIVE else _older(before.get(key), value) for key, value in new.items()}
    if isinstance(new, list | tuple):
        named = {o["agent"]: o for o in old or () if isinstance(o, Mapping) and "agent" in o}
        return [_older(named.get(n.get("agent")) if isinstance(n, Mapping) else None, n) for n in new]
    if isinstance(new, bool) or not isinstance(new, int | float):
        return new
    return old if isinstance(old, int | float) else None
