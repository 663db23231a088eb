"""What a store that several collectors share says of the others. `collector.partners` asks it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from collector.store import Kept, Refused, Remembered, StreamNews
from contract.reading import Series, Value


@dataclass(frozen=True, slots=True)
class Others:
    """What is new of the other collectors of the line.

    ``ids``: who has ever written. ``streams``: their streams. ``counted``: what they counted since this was asked last.
    """

    ids: frozenset[str] = frozenset()
    streams: dict[str, StreamNews] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)


@runtime_checkable
class SharedStore(Protocol):
    """A store on a server: each collector writes its own part, these verbs read the others' parts. Raise StoreError."""

    def expect_others(self) -> None:
        """From now on others may write at any moment: nothing that is remembered here is the newest for certain."""

    def others(self) -> Others:
        """Who they are, what streams they heard, what they counted."""

    def numbers_of_others(self, streams: Collection[str]) -> Remembered:
        """The ``ranges`` and ``given_up`` numbers of those streams that others have written."""

    def shifts_of_others(self, stream: str) -> dict[str, int]:
        """The clock shifts (ns) that others have settled for a stream, by collector."""

    def in_quarantine(self) -> Sequence[Kept]:
        """What is in quarantine now, whoever put it there, oldest first."""

    def newest(self, since: int) -> Sequence[tuple[Series, int, Value]]:
        """The newest reading of each series that has one at or after ``since`` (ns), whoever stored it."""

    def refused_of_others(self, stream: str, reason: str) -> Sequence[Refused]:
        """What of a stream others have put in quarantine for that reason, and is there now."""


@runtime_checkable
class ExaminedStore(Protocol):
    """A store whose server may lose what it acknowledged, or be emptied, while we run. Raise StoreError."""

    def doubtful(self) -> bool:
        """Whether readings may be gone, or another collector found that some are. Cheap: asked every few seconds."""

    def examine(self, now: int, known: Remembered | None, mends: bool) -> bool:
        """Compare readings with ranges; whether the store has begun anew, so that `remembered` is to be asked again.

        ``now`` (ns) bounds how far back; ``known`` is what the one who asks knows, None at a start. Without ``mends``
        only what another has mended is followed.
        """
