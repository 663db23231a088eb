"""What the service is handed: the store, the line's versions, the collector's counters, the tokens, the time.

Everything comes from outside, so a test hands it stand-ins and a hand-turned clock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from collector.store import Refused, Store
from contract.line import Line
from contract.words import Words
from kpi.access import HostRules
from kpi.tokens import Tokens

Live = Mapping[str, Any]
"""A reading just heard: {"station", "sensor", "measure", "t", "v", "stored"}."""


class Ingesting(Protocol):
    """What the service asks of the collector."""

    def status(self) -> Mapping[str, Any]:
        """The body of GET /status."""

    def broken(self) -> Mapping[str, Words]:
        """What cannot be reached (broker, store …) and why; empty when all is well."""

    def replay(self, ids: Sequence[str]) -> Mapping[str, Any]:
        """Judge quarantined messages again: {"stored", "still"}, and where it helps "unknown" and "hint"."""

    def discard(self, ids: Sequence[str]) -> int:
        """Let quarantined messages go for good; how many there were."""

    def export(self) -> Iterable[Refused]:
        """Everything in quarantine, oldest first, whole."""

    def listen(self, callback: Callable[[Sequence[Live]], None]) -> Callable[[], None]:
        """Tell of readings as they come, in lists, from any thread; gives what calls it off."""


class Demo(Protocol):
    """The virtual floor behind a demo."""

    def state(self) -> Mapping[str, Any]:
        """{"virtual": true, "history": {"done","of","running"}, "improved": bool, "improved_at": time or None}.

        Also ``bench_port``, where its benches can be taken hold of, once they can.
        """

    def improve(self, improved: bool) -> None:
        """Bring the improvement in, or take it out."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything `kpi.service.create` needs. ``pages``: the folder of web pages; ``live``: readings are told at once.

    With ``live`` False (a service apart from its collector) nothing is kept in memory between two questions.
    """

    store: Store
    lines: Callable[[], Sequence[tuple[int, Line]]]
    ingest: Ingesting
    tokens: Tokens
    now_ns: Callable[[], int]
    pages: Path | None = None
    demo: Demo | None = None
    hosts: HostRules = field(default_factory=HostRules)
    live: bool = True
    report: Mapping[str, str] | None = None
    """How `kojo report` is called on this machine: {"program", "data"}, quoted for a shell. For operators' eyes."""
