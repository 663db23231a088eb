"""What a store holds, in numbers: by it two copies are compared, a backup with what came out of it again."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from collector.store import Interval


@dataclass(frozen=True, slots=True)
class TrackContents:
    """One series of one stream: how many readings, from when to when (ns), a sum over all of them, what was received.

    ``check`` depends on every number, time, value and flag, not on their order; ``first`` and ``last`` are None where
    there are no readings (all of them were given up, or are past keeping).
    """

    stream: str
    series: str
    readings: int
    first: int | None
    last: int | None
    check: str
    ranges: tuple[Interval, ...]
    given_up: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a store. ``rows``: how many rows each of its other tables has. ``by`` made the checks (a version)."""

    id: str
    schema: int
    by: str
    tracks: tuple[TrackContents, ...]
    rows: Mapping[str, int]

    @property
    def readings(self) -> int:
        """How many readings there are."""
        return sum(track.readings for track in self.tracks)

    def told(self) -> dict[str, Any]:
        """As JSON takes it."""
        return asdict(self)

    @staticmethod
    def read(said: Mapping[str, Any]) -> "Contents":
        """What `told` told. Raises KeyError, TypeError or ValueError for anything else."""
        tracks = tuple(_track(one) for one in said["tracks"])
        rows = {str(name): int(many) for name, many in said["rows"].items()}
        return Contents(str(said["id"]), int(said["schema"]), str(said["by"]), tracks, rows)

    def differences(self, other: "Contents") -> Iterator[str]:
        """Where another store holds something else; its id aside. Checks count where the same version made them."""
        mine, theirs = (_by_key(one, checked=self.by == other.by) for one in (self, other))
        for key in sorted({**mine, **theirs}):
            if mine.get(key) != theirs.get(key):
                yield f"{key}: {mine.get(key)} / {theirs.get(key)}"
        for table in sorted({**self.rows, **other.rows}):
            if self.rows.get(table) != other.rows.get(table):
                yield f"{table}: {self.rows.get(table)} / {other.rows.get(table)}"


@runtime_checkable
class Copying(Protocol):
    """A store that can be copied while it is in use."""

    def copy_to(self, path: Path) -> Contents:
        """Write a whole copy to a new file; what is in it. Readings come in meanwhile. Raises StoreError, StoreFull."""

    def contents(self) -> Contents:
        """What is in it now."""


def _track(said: Mapping[str, Any]) -> TrackContents:
    runs = {name: tuple((int(a), int(b)) for a, b in said[name]) for name in ("ranges", "given_up")}
    return TrackContents(**(dict(said) | runs))


def _by_key(contents: Contents, *, checked: bool) -> dict[str, tuple[Any, ...]]:
    return {
        f"{track.stream} {track.series}": (
            track.readings, track.first, track.last, track.ranges, track.given_up, track.check if checked else "",
        )
        for track in contents.tracks
    }  # fmt: skip
