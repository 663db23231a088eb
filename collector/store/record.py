"""One commit as bytes of the journal, and back: a JSON head, then the readings as plain arrays."""

import base64
import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from collector.store import Entry, Interval, LineVersion, Refused, StreamNews
from collector.store.columns import Packed
from contract.reading import Series

_LENGTH = struct.Struct("<I")
_ARRAYS = (("track", np.int32), ("first", np.int64), ("length", np.int32), ("t", np.int64))


@dataclass(slots=True)
class Record:
    """One commit, its tracks given by number. ``tracks`` are those seen for the first time.

    ``token``, in the first record of a journal: what the DuckDB file must say, so that the two belong together.
    """

    tracks: list[tuple[int, str, Series]] = field(default_factory=list)
    numbers: Packed | None = None
    texts: Packed | None = None
    ranges: dict[int, Sequence[Interval]] = field(default_factory=dict)
    given_up: dict[int, Sequence[Interval]] = field(default_factory=dict)
    streams: dict[str, StreamNews] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    pending: list[Refused] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    lines: list[LineVersion] = field(default_factory=list)
    token: str = ""

    def add_changes(self, later: "Record") -> None:
        """Take in everything of a later record but its readings."""
        self.tracks += later.tracks
        self.ranges |= later.ranges
        self.given_up |= later.given_up
        self.streams |= later.streams
        self.counters |= later.counters
        self.refused += later.refused
        self.released += later.released
        self.pending += later.pending
        self.settled += later.settled
        self.entries += later.entries
        self.lines += later.lines

    def copied(self) -> "Record":
        """What it says of messages, entries and lines, safe from what is added later."""
        return Record(
            refused=list(self.refused), released=list(self.released), entries=list(self.entries), lines=list(self.lines)
        )


def encode(record: Record) -> bytes:
    """A record as bytes."""
    head: dict[str, Any] = {"ranges": list(record.ranges.items())}
    arrays: list[bytes] = []
    if record.tracks:
        head["tracks"] = [(track, stream, *_names(series)) for track, stream, series in record.tracks]
    if record.given_up:
        head["given_up"] = list(record.given_up.items())
    if record.streams:
        head["streams"] = {name: (news.agent, news.heard, news.shift) for name, news in record.streams.items()}
    for name in ("counters", "released", "settled", "token"):
        if said := getattr(record, name):
            head[name] = said
    for name in ("refused", "pending"):
        if said := getattr(record, name):
            head[name] = [asdict(one) | {"payload": base64.b64encode(one.payload).decode()} for one in said]
    for name in ("entries", "lines"):
        if said := getattr(record, name):
            head[name] = [asdict(one) for one in said]
    if record.numbers is not None:
        head["numbers"] = _measure(record.numbers, arrays)
        arrays.append(record.numbers.v.tobytes())
    if record.texts is not None:
        head["texts"] = _measure(record.texts, arrays) | {"v": record.texts.v.tolist()}
    said_head = json.dumps(head, separators=(",", ":")).encode()
    return b"".join((_LENGTH.pack(len(said_head)), said_head, *arrays))


def decode(said: bytes) -> Record:
    """The record that `encode` made."""
    (length,) = _LENGTH.unpack_from(said)
    head = json.loads(said[_LENGTH.size : _LENGTH.size + length])
    arrays = _Reader(said, _LENGTH.size + length)
    return Record(
        tracks=[(track, stream, Series(*names)) for track, stream, *names in head.get("tracks", ())],
        numbers=arrays.packed(head.get("numbers")),
        texts=arrays.packed(head.get("texts")),
        ranges=_intervals(head["ranges"]),
        given_up=_intervals(head.get("given_up", ())),
        streams={name: StreamNews(*news) for name, news in head.get("streams", {}).items()},
        counters=head.get("counters", {}),
        refused=[_refused(one) for one in head.get("refused", ())],
        released=head.get("released", []),
        pending=[_refused(one) for one in head.get("pending", ())],
        settled=head.get("settled", []),
        entries=[Entry(**one) for one in head.get("entries", ())],
        lines=[LineVersion(**one) for one in head.get("lines", ())],
        token=head.get("token", ""),
    )


def _names(series: Series) -> tuple[str, str, str]:
    return series.station, series.sensor, series.measure


def _measure(packed: Packed, arrays: list[bytes]) -> dict[str, Any]:
    arrays += [getattr(packed, name).tobytes() for name, _ in _ARRAYS]
    if packed.flag is not None:
        arrays.append(packed.flag.tobytes())
    return {"rows": len(packed.track), "readings": len(packed.t), "flagged": packed.flag is not None}


def _intervals(said: Any) -> dict[int, Sequence[Interval]]:
    return {track: tuple((first, last) for first, last in runs) for track, runs in said}


def _refused(said: dict[str, Any]) -> Refused:
    return Refused(**(said | {"payload": base64.b64decode(said["payload"])}))


class _Reader:
    def __init__(self, said: bytes, at: int) -> None:
        self._said, self._at = said, at

    def take(self, kind: Any, many: int) -> Any:
        found = np.frombuffer(self._said, kind, many, self._at)
        self._at += found.nbytes
        return found

    def packed(self, head: dict[str, Any] | None) -> Packed | None:
        if head is None:
            return None
        track, first, length = (self.take(kind, head["rows"]) for _, kind in _ARRAYS[:3])
        t = self.take(np.int64, head["readings"])
        flag = self.take(np.int8, head["readings"]) if head["flagged"] else None
        v = np.array(head["v"], object) if "v" in head else self.take(np.float64, head["readings"])
        return Packed(track, first, length, t, v, flag)
