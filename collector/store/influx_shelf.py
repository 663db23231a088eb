"""Messages that come and go in InfluxDB, which can neither delete a point quickly nor count rows as its own.

A shelf has places 0, 1, 2 … for each collector: the times of points with the same tags. A message takes the lowest free
place, one that leaves is overwritten with nothing, and its place is used again. So a shelf never grows beyond the most
that ever lay on it at once, and a repeat after a failure finds its own place.
"""

import base64
import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from collector.store import Kept, Refused
from collector.store.influx_answer import Table
from collector.store.influx_text import Fields, document, literal, point, where, whole

Ask = Callable[..., Iterator[Table]]
"""ask(question, rows_at_once=…): the tables of an answer."""

FEW = 32
"""So many messages are fetched one by one; more of them in one question."""

DOCUMENTS_AT_ONCE = 20


class Shelf:
    """One kind of messages: ``kojo_quarantine`` or ``kojo_pending``. Only the collector's own commit changes it."""

    def __init__(self, measurement: str, line: Mapping[str, str], collector: str, ask: Ask) -> None:
        self._measurement = measurement
        self._line = line
        self._collector = collector
        self._ask = ask
        self._places: dict[str, tuple[str, int]] | None = None
        self._of_streams: set[str] = set()
        self._free: list[int] = []
        self._next = 0

    def put(self, message: Refused) -> str:
        """The point that keeps a message."""
        places = self._known()
        if message.id not in places:
            place = heapq.heappop(self._free) if self._free else self._next
            self._next = max(self._next, place + 1)
            places[message.id] = (self._collector, place)
            self._of_streams |= {message.id} if message.stream else set()
        about: Fields = {
            "live": 1.0,
            "id": message.id,
            "at": str(message.at),
            "size": float(len(message.payload)),
            "reason": message.reason,
            "stream": message.stream or "",
        }
        return self._point(places[message.id], {**about, **document(_written(message))})

    def take(self, ids: Iterable[str]) -> list[str]:
        """The points that clear the places of messages that leave; unknown ids are left out."""
        ids = list(ids)
        if any(id not in self._known() for id in ids):
            self._places = None
        empty: Fields = {"live": 0.0, "id": "", **document("")}
        return [self._point(self._known()[id], empty) for id in ids if id in self._known()]

    def taken(self, ids: Iterable[str]) -> None:
        """What was taken is durably gone: the places are free."""
        for id in ids:
            collector, place = self._known().pop(id, ("", -1))
            self._of_streams.discard(id)
            if collector == self._collector:
                heapq.heappush(self._free, place)

    def forget(self) -> None:
        """Nothing is known of where what lies."""
        self._places = None

    def kept(self) -> list[Kept]:
        """What lies here, oldest first, without the payloads."""
        return [
            Kept(row["id"], int(row["size"]), row["reason"], row["stream"] or None)
            for row in sorted(self._index("id, at, size, reason, stream"), key=_age)
        ]

    def look(self) -> list[Kept]:
        """What lies here; places of ours that others have emptied are free again."""
        there = self.kept()
        if self._places is not None and not self._places.keys() <= {one.id for one in there}:
            self._places = None
        return there

    def messages(self, ids: Sequence[str] | None = None, limit: int | None = None) -> list[Refused]:
        """Whole messages, oldest first: those of ``ids``, or the newest ``limit``, or all."""
        index = sorted(self._index("id, at"), key=_age)
        wanted = [row for row in index if ids is None or row["id"] in set(ids)]
        wanted = wanted[-limit:] if ids is None and limit is not None else wanted
        if len(wanted) > FEW:
            names = {row["id"] for row in wanted}
            found = [row for row in self._index("*") if row["id"] in names]
        else:
            found = [row for entry in wanted for row in self._index("*", entry)]
        return sorted((_read(row) for row in found), key=lambda message: (message.at, message.id))

    def of_streams(self, ids: Iterable[str] | None = None) -> list[Refused]:
        """Whole messages that have a stream: of all that lie here, or of ``ids``."""
        if ids is None:
            numbered = [row["id"] for row in self._index("id, stream") if row["stream"]]
        else:
            numbered = [id for id in ids if id in self._known() and id in self._of_streams]
        return self.messages(numbered) if numbered else []

    def of_others(self, stream: str, reason: str) -> list[Refused]:
        """Whole messages of a stream that others have put here for that reason, oldest first."""
        told = [
            row
            for row in self._index("id, at, reason, stream")
            if (row["stream"], row["reason"]) == (stream, reason) and row["collector"] != self._collector
        ]
        return self.messages([row["id"] for row in told]) if told else []

    def _index(self, columns: str, one: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        more = ["live = 1"] if one is None else [f"time = {one['time']}", f"id = {literal(one['id'])}"]
        asked = where(self._line, None, None, *more)
        question = f"SELECT {columns} FROM {self._measurement} {asked} GROUP BY collector"
        for table in self._ask(question, rows_at_once=DOCUMENTS_AT_ONCE if columns == "*" else 10_000):
            yield from table.rows()

    def _known(self) -> dict[str, tuple[str, int]]:
        """Where each message lies; learned from the server at first need."""
        if self._places is None:
            there = list(self._index("id, live, stream"))
            self._places = {row["id"]: (row["collector"], row["time"]) for row in there}
            self._of_streams = {row["id"] for row in there if row["stream"]}
            used = {place for collector, place in self._places.values() if collector == self._collector}
            self._next = max(used, default=-1) + 1
            self._free = sorted(set(range(self._next)) - used)
        return self._places

    def _point(self, place: tuple[str, int], fields: Fields) -> str:
        return point(self._measurement, {**self._line, "collector": place[0]}, fields, place[1])


def _age(row: Mapping[str, Any]) -> tuple[int, str]:
    return int(row["at"]), row["id"]


def _written(message: Refused) -> str:
    return json.dumps(
        {
            "id": message.id,
            "at": message.at,
            "topic": message.topic,
            "reason": message.reason,
            "detail": message.detail,
            "payload": base64.b64encode(message.payload).decode(),
            "stream": message.stream,
            "retained": message.retained,
        }
    )


def _read(row: Mapping[str, Any]) -> Refused:
    said = json.loads(whole(row))
    return Refused(**{**said, "payload": base64.b64decode(said["payload"])})
