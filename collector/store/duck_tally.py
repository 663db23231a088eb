"""What each track's readings in the DuckDB file should amount to, so that a start notices when some are gone.

Beside each track's ranges stands its tally: how many rows it has in `readings`, the sum of their numbers, how many
numbers its ranges hold, and the highest number that was deleted on purpose. It changes in the transaction that changes
the rows: `add` when a journal is folded, `forget` when retention deletes. `collector.store.duck_care` compares.

**Whoever deletes readings on purpose does it through `forget`**, inside a transaction of the store's writing connection
(`DuckStore._transaction`, with `_folding` held): it deletes, and the numbers it deleted keep counting as stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from collector.store import duck_rows
from collector.store.columns import Columns

TABLE = "CREATE TABLE tally (id INTEGER, rows BIGINT, numbers HUGEINT, seen BIGINT, deleted BIGINT)"


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one track: rows in the file, the sum of their numbers, how many numbers its ranges hold.

    ``deleted``: rows up to this number may have been deleted on purpose; they count as stored.
    """

    rows: int = 0
    numbers: int = 0
    seen: int = 0
    deleted: int = 0


def tallies(connection: Any, tracks: Iterable[int] | None = None) -> dict[int, Tally]:
    """The tallies of those tracks, or of all."""
    asked = "SELECT id, rows, numbers, seen, deleted FROM tally"
    if tracks is None:
        found = connection.execute(asked).fetchall()
    else:
        found = connection.execute(f"{asked} WHERE id IN (SELECT unnest(?::INTEGER[]))", [list(tracks)]).fetchall()
    return {track: Tally(*said) for track, *said in found}


def save(connection: Any, changed: Mapping[int, Tally]) -> None:
    """Replace the tallies of some tracks."""
    rows = [(track, t.rows, t.numbers, t.seen, t.deleted) for track, t in changed.items()]
    duck_rows.replace(connection, "tally", rows)


def add(connection: Any, parts: Iterable[Columns], seen: Mapping[int, int]) -> None:
    """Readings are written into the file, and the ranges of some tracks now hold ``seen`` numbers."""
    rows: dict[int, int] = {}
    numbers: dict[int, int] = {}
    for part in parts:
        tracks, place, many = np.unique(part.track, return_inverse=True, return_counts=True)
        # Halves, because a double holds no whole number beyond 2**53 and their sum may be greater.
        low, high = (np.bincount(place, half, len(tracks)) for half in (part.seq & 0xFFFFFFFF, part.seq >> 32))
        for track, n, some, most in zip(tracks.tolist(), many.tolist(), low.tolist(), high.tolist(), strict=True):
            rows[track] = rows.get(track, 0) + n
            numbers[track] = numbers.get(track, 0) + int(some) + (int(most) << 32)
    touched = {*rows, *seen}
    known = tallies(connection, touched)
    new = {}
    for track in touched:
        old = known.get(track, Tally())
        new[track] = Tally(
            old.rows + rows.get(track, 0),
            old.numbers + numbers.get(track, 0),
            seen.get(track, old.seen),
            old.deleted,
        )
    save(connection, new)


def forget(connection: Any, track: int, before_ns: int) -> int:
    """Delete a track's readings with t < ``before_ns`` (ns) for good, in the caller's transaction; how many they were.

    A slice is a track and a moment: call it with moments that rise, one transaction each. Times rise with numbers
    within a stream, so what is deleted is always the lowest numbers; they stay in the ranges and are never missing.
    What still waits in the journal is not deleted: it is when it was folded, at the next call.
    """
    where = f"WHERE track = {int(track)} AND t < {int(before_ns)}"
    asked = f"SELECT count(*), coalesce(sum(seq), 0), coalesce(max(seq), 0) FROM readings {where}"
    rows, numbers, highest = connection.execute(asked).fetchone()
    if rows:
        connection.execute(f"DELETE FROM readings {where}")
        old = tallies(connection, [track]).get(track, Tally())
        left = Tally(old.rows - rows, old.numbers - int(numbers), old.seen, max(old.deleted, highest))
        save(connection, {track: left})
    return int(rows)
