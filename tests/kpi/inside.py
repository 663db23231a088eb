"""What the service answers from, without HTTP: the same desk and the same judges of what people enter, in a moment."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from contract.line import Line
from kpi import entries, reconciliation
from kpi.alarms import AS_AGREED
from kpi.answers import Answers, Asked
from kpi.board import board
from kpi.desk import Desk
from kpi.stops_told import stops
from kpi.times import parse
from kpi.tokens import Role, Tokens
from tests.kpi.desks import FakeIngest
from tests.kpi.memory_store import MemoryStore

JUDGES = {
    "/events": entries.event,
    "/stops/reason": entries.reason,
    "/corrections": entries.correction,
    "/plans": entries.plan,
    "/alarms/mute": entries.mute,
    "/modes": entries.mode,
}


@dataclass
class Inside:
    """A line at a moment; ``now`` may be turned."""

    line: Line
    directory: Path
    now: int
    store: MemoryStore = field(default_factory=MemoryStore)
    ingest: FakeIngest = field(default_factory=FakeIngest)
    role: Role = "operator"

    def __post_init__(self) -> None:
        tokens = Tokens(self.directory, lambda: self.now)
        self.answers = Answers(
            Desk(self.store, lambda: [(0, self.line)], self.ingest, tokens, lambda: self.now, live=False)
        )

    def seen_by(self, role: Role, line: Line | None = None) -> "Inside":
        """The same, as another role sees it, or of another line."""
        return replace(self, role=role, line=line or self.line)

    def write(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What an operator enters. Raises Problem where it is refused."""
        entry = JUDGES[path](self.line, body, self.now)
        self.store.keep_entry(entry)
        return entries.told(entry, self.line)

    def reconcile(self, body: dict[str, Any]) -> dict[str, Any]:
        """POST /reconciliations."""
        kept, correction = reconciliation.reconcile(self.answers, body, self.now)
        for entry in filter(None, (correction, kept)):
            self.store.keep_entry(entry)
        return reconciliation.told(self.answers, kept)

    def board(self, station: str = "washer", **more: Any) -> dict[str, Any]:
        """GET /board."""
        day = date.fromisoformat(more["date"]) if "date" in more else None
        return board(self.answers, station, day, more.get("shift"), self.role, more.get("wished", AS_AGREED))

    def stops(self, start: str, end: str, station: str | None = None) -> dict[str, Any]:
        """GET /stops."""
        return stops(self.answers, parse(start), parse(end), station, self.role, lambda: None)

    def kpi(self, start: str, end: str, **more: Any) -> dict[str, Any]:
        """GET /kpi of the first station."""
        told: dict[str, Any] = self.answers.kpi(Asked(parse(start), parse(end), **more), role=self.role)["stations"][0]
        return told
