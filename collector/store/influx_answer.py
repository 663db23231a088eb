"""What InfluxDB answers: JSON documents one after another, turned into rows and numpy arrays as they come.

1.x and 2.x give the tags of a GROUP BY beside the columns, 3.x gives them as columns; both end here as one table.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from collector.store import NO_STREAM, Track
from collector.store.heard import thinned
from contract.errors import StoreAway, StoreError
from contract.words import Words

_CUT_OFF = Words("InfluxDB の答えが途中で切れました。", "The answer of InfluxDB broke off.")


class QueryFailed(StoreError):
    """InfluxDB did not understand or would not answer; ``said`` is its own sentence."""

    def __init__(self, said: str) -> None:
        super().__init__(Words(f"InfluxDB が質問を断りました: {said}", f"InfluxDB declined the question: {said}"))
        self.said = said


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of an answer: the value of each column, and the tags all of them share."""

    columns: Sequence[str]
    values: Sequence[Sequence[Any]]
    tags: dict[str, str]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row as a dictionary, the shared tags included."""
        for values in self.values:
            yield {**self.tags, **dict(zip(self.columns, values, strict=True))}

    def sides(self) -> dict[str, Sequence[Any]]:
        """The values of each column, by its name."""
        return dict(zip(self.columns, zip(*self.values, strict=True), strict=True)) if self.values else {}


def tables(pieces: Iterable[bytes]) -> Iterator[Table]:
    """The tables of a streamed answer. Raises QueryFailed, and StoreAway where it breaks off."""
    more = False
    for said in _documents(pieces):
        for result in [said, *said.get("results", ())]:
            if "error" in result:
                raise QueryFailed(str(result["error"]))
        for result in said.get("results", ()):
            more = bool(result.get("partial"))
            for series in result.get("series", ()):
                yield Table(series["columns"], series.get("values", ()), series.get("tags") or {})
    if more:
        raise StoreAway(_CUT_OFF)


def _documents(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """JSON objects that stand on lines of their own, as a chunked answer's do."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (_parsed(line) for line in lines if line.strip())
    if rest.strip():
        yield _parsed(rest)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except ValueError as error:
        raise StoreAway(_CUT_OFF) from error
    return said if isinstance(said, dict) else {"error": str(said)}


def heard(found: Iterable[Table]) -> npt.NDArray[np.int64]:
    """The times of all rows, thinned as they come."""
    parts = [thinned(np.sort(np.array(table.sides()["time"], dtype=np.int64))) for table in found if table.values]
    return thinned(np.sort(np.concatenate(parts))) if parts else np.empty(0, dtype=np.int64)


def track(found: Iterable[Table]) -> Track:
    """Rows of ``v, s, n, flag`` with their stream as a track, in order of time, then of stream."""
    numbered: dict[str, int] = {}
    parts = [_part(table, numbered) for table in found if table.values]
    if not parts:
        whole = np.empty(0, np.int64)
        return Track(whole, np.empty(0), whole.astype(np.int32), whole, whole.astype(np.int8))
    t, v, stream, n, flag = (np.concatenate([part[at] for part in parts]) for at in range(5))
    streams = sorted(numbered)
    places = np.empty(len(streams), dtype=np.int32)
    places[[numbered[name] for name in streams]] = np.arange(len(streams))
    stream = places[stream]
    order = np.lexsort((stream, t))
    return Track(t[order], v[order], stream[order], n[order], flag[order], tuple(streams))


def _part(table: Table, numbered: dict[str, int]) -> tuple[npt.NDArray[Any], ...]:
    """The arrays of one table; each new stream gets the next number in ``numbered``."""
    sides = table.sides()
    streams = [table.tags["stream"]] * len(table.values) if "stream" in table.tags else sides["stream"]
    return (
        np.array(sides["time"], dtype=np.int64),
        _values(sides),
        np.array([numbered.setdefault(name or NO_STREAM, len(numbered)) for name in streams], dtype=np.int32),
        _whole_numbers(sides.get("n"), len(table.values)),
        _whole_numbers(sides.get("flag"), len(table.values)).astype(np.int8),
    )


def _values(sides: Mapping[str, Sequence[Any]]) -> npt.NDArray[Any]:
    texts = sides.get("s", ())
    if texts.count(None) == len(texts):
        return np.array(sides["v"], dtype=np.float64)
    values = np.empty(len(texts), dtype=object)
    values[:] = [number if text is None else text for number, text in zip(sides["v"], texts, strict=True)]
    return values


def _whole_numbers(column: Sequence[float | None] | None, length: int) -> npt.NDArray[np.int64]:
    if column is None or column.count(None) == length:
        return np.zeros(length, dtype=np.int64)
    return np.array([number or 0 for number in column], dtype=np.int64)
