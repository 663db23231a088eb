"""Deleting old readings of the DuckDB file, a slice at a time. SQL only: the connection is handed in.

A slice is the oldest readings of one track, so it touches few pieces of the file and takes milliseconds. The last
reading of a track always stays: the next total is the difference to it, and what is known of the line never vanishes.
"""

import json
from collections.abc import Sequence
from typing import Any

from collector.store import duck_tally
from collector.store.columns import Columns
from collector.store.tracks import Edge, Tracks


def oldest(known: Tracks, before: int) -> int | None:
    """The track with the oldest reading below ``before`` (ns) that is not its last one; None: there is none."""
    firsts = [(first[0], track) for track, first in known.first.items() if first[0] < min(before, known.last[track][0])]
    return min(firsts)[1] if firsts else None


def forget(connection: Any, track: int, before: int, at_most: int) -> tuple[int, Edge | None]:
    """Delete the oldest readings of a track below ``before``, in the caller's transaction.

    How many they were, and the first one left in the file. Readings of one time go together, so that it may be a few
    more than ``at_most``.
    """
    asked = f"SELECT t FROM readings WHERE track = {track} AND t < {before} ORDER BY t LIMIT 1 OFFSET {at_most}"
    further = connection.execute(asked).fetchone()
    gone = duck_tally.forget(connection, track, further[0] if further else before)
    first = connection.execute(
        f"SELECT t, seq, v, s, flag FROM readings WHERE track = {track} ORDER BY t LIMIT 1"
    ).fetchone()
    if first is None:
        return gone, None
    t, seq, v, s, flag = first
    return gone, (t, seq, v if s is None else s, flag)


def first_of(track: int, filed: Edge | None, waiting: Sequence[Columns]) -> Edge | None:
    """The first reading of a track: of the file, or of what only the journal holds."""
    found = [filed] if filed else []
    for part in waiting:
        mine = part.of([track], None, None)
        if len(mine):
            at = int(mine.t.argmin())
            v = mine.v[at]
            edge = int(mine.t[at]), int(mine.seq[at]), v if isinstance(v, str) else float(v), int(mine.flag[at])
            found.append(edge)
    return min(found, key=lambda edge: edge[0], default=None)


def keep_first(connection: Any, track: int, first: Edge) -> None:
    """Write down the first reading of a track."""
    connection.execute("UPDATE tracks SET first = ? WHERE id = ?", [json.dumps(first), track])
