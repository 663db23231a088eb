"""What every fuzzer of the collector does with a message: hand it in, and hold what became of it against the promise.

A message ends as exactly one of stored (its readings new or known), kept for its clock, quarantined, ignored, or nobody
of ours. The store is a few dictionaries, so that a second judges twenty thousand messages.
"""

import json
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collector.ingest import Ingest
from collector.store import NO_STREAM, Kept, Refused, Remembered, Track, Work
from contract.reading import NS_PER_S, Series, Value
from tests.collector.example import DONE, LINE, REASON, START, TEMPERATURE, WASH, WEIGHT, batch, topic

NOW = START + 3600 * NS_PER_S
KINDS = ("stored", "known", "kept", "quarantined", "ignored", "not ours")
Message = tuple[str, bytes]


class LightStore:
    """The verbs of a store that the collector needs, in memory. A number stored twice is an error."""

    id = "light"

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Series], dict[int, tuple[int, Value]]] = {}
        self.singles: dict[Series, dict[int, Value]] = {}
        self.kept: dict[str, Refused] = {}
        self.counters: dict[str, int] = {}
        self.stored = 0

    def remembered(self) -> Remembered:
        return Remembered()

    def commit(self, work: Work) -> None:
        for rows in work.rows:
            values: Sequence[Any] = rows.v
            for n, (t, v) in enumerate(zip(rows.t, values, strict=True)):
                self._store(rows.series, rows.stream, None if rows.seq is None else rows.seq + n, t, v)
        for one in work.refused:
            assert one.id not in self.kept
            self.kept[one.id] = one
        for id_ in work.released:
            self.kept.pop(id_)
        self.counters |= work.counters

    def _store(self, series: Series, stream: str, seq: int | None, t: int, v: Value) -> None:
        assert isinstance(v, (str, int, float))
        assert -(2**63) <= t < 2**63
        known: dict[int, Any] = (
            self.singles.setdefault(series, {}) if seq is None else self.rows.setdefault((stream, series), {})
        )
        key = t if seq is None else seq
        assert key not in known, f"doubled: {stream} {series} {key}"
        known[key] = v if seq is None else (t, v)
        self.stored += 1

    def numbered(self, stream: str, series: Series, first: int, last: int) -> Mapping[int, tuple[int, Value]]:
        known = self.rows.get((stream, series), {})
        return {n: known[n] for n in known if first <= n <= last}

    def at_times(self, series: Series, times: Sequence[int]) -> Mapping[int, Value]:
        known = self.singles.get(series, {})
        return {t: known[t] for t in times if t in known}

    def last_total(self, stream: str, series: Series, below: int) -> tuple[int, float] | None:
        lower = [n for n in self.rows.get((stream, series), {}) if n < below]
        return (max(lower), float(self.rows[stream, series][max(lower)][1])) if lower else None

    def times_beside(self, stream: str, series: Series, first: int, last: int) -> tuple[int | None, int | None]:
        rows = self.rows.get((stream, series), {})
        below, above = [n for n in rows if n < first], [n for n in rows if n > last]
        return (rows[max(below)][0] if below else None), (rows[min(above)][0] if above else None)

    def readings(self, series: Series, start: int | None = None, end: int | None = None) -> Track:
        found = [(t, v, s, n) for (s, of), rows in self.rows.items() if of == series for n, (t, v) in rows.items()]
        return _track([row for row in found if (start is None or row[0] >= start) and (end is None or row[0] < end)])

    def before(self, series: Series, t: int) -> Track:
        earlier = [(at, v, NO_STREAM, 0) for at, v in self.singles.get(series, {}).items() if at < t]
        return _track([max(earlier)] if earlier else [])

    def quarantine(self, ids: Sequence[str] | None = None, limit: int = 1000) -> Sequence[Refused]:
        return [one for id_, one in sorted(self.kept.items()) if ids is None or id_ in ids][-limit:]

    def quarantined(self) -> list[Kept]:
        return [Kept(one.id, len(one.payload), one.reason, one.stream) for one in self.kept.values()]


def _track(rows: Sequence[tuple[int, Value, str, int]]) -> Track:
    streams = tuple(sorted({stream for _, _, stream, _ in rows}))
    ordered = sorted(rows, key=lambda row: row[0])
    t, v, stream, seq = ([row[column] for row in ordered] for column in range(4))
    return Track(
        np.array(t, np.int64),
        np.array(v, object if any(isinstance(one, str) for one in v) else np.float64),
        np.array([streams.index(one) for one in stream], np.int32),
        np.array(seq, np.int64),
        np.zeros(len(t), np.int8),
        streams,
    )


class Collector:
    """An ingest on a light store; a new one often, so that what it must remember for ever stays small."""

    def __init__(self) -> None:
        self.store = LightStore()
        self.ingest = Ingest(self.store, [(0, LINE)], "one", now_ns=lambda: NOW)  # type: ignore[arg-type]
        self.counts = dict.fromkeys(KINDS, 0)
        self._status = self.ingest.status()

    def take(self, message: Message, retained: bool = False) -> str:
        """Hand one message in; which one of ``KINDS`` it became. Asserts that it is one, and that the sums agree."""
        before = self._status
        self.ingest.take(*message, NOW, retained)
        self.ingest.commit()
        after = self._status = self.ingest.status()
        became = [kind for kind, name in COUNTED.items() if after[name] != before[name]]
        if became == ["stored", "known"]:  # a batch that was partly known
            became = ["stored"]
        kind = became[0] if became else "not ours"
        assert len(became) <= 1, (became, message)
        assert kind in ("stored", "known", "not ours") or after[COUNTED[kind]] == before[COUNTED[kind]] + 1
        assert (kind == "not ours") == _is_not_ours(message[0]), (kind, message)
        assert after["received"] == after["stored"] + after["duplicates"] == self.store.stored + after["duplicates"]
        self.counts[kind] += 1
        return kind

    def end(self) -> None:
        """What waited for its clock is judged, too, and everything is where the counters say it is."""
        self.ingest.settle(NOW + 200 * NS_PER_S)
        self.ingest.commit()
        status = self.ingest.status()
        assert status["waiting_for_clock"] == status["quarantine_dropped"] == 0
        assert status["received"] == status["stored"] + status["duplicates"] == self.store.stored + status["duplicates"]
        assert status["in_quarantine"] == len(self.store.kept)
        for agent in self.ingest.agents():
            for numbers in self.ingest.acks(agent).streams.values():
                assert min(numbers.values()) >= 0
        assert [one.id for one in self.ingest.export()] == sorted(self.store.kept)
        self.ingest.replay(list(self.store.kept), NOW)


def mutants(rng: random.Random, known: Sequence[Message]) -> Iterator[Message]:
    """One message after another, changed in up to four places, in its topic now and then."""
    chance, many = rng.random, len(known)
    while True:
        where, payload = known[int(chance() * many)]
        if chance() < 0.05:
            where = _changed(rng, where.encode()).decode("utf-8", "replace")
        yield where, _changed(rng, payload)


def _changed(rng: random.Random, said: bytes) -> bytes:
    chance, text = rng.random, bytearray(said)
    for _ in range(int(chance() * 4)):
        at, how = int(chance() * (len(text) + 1)), int(chance() * 5)
        if how < 2:
            text[at : at + int(chance() * 8)] = TOKENS[int(chance() * len(TOKENS))]
        elif how == 2:
            text[at:at] = bytes((int(chance() * 256),))
        elif how == 3:
            del text[at : at + int(chance() * 6)]
        elif at < len(text):
            text[at] ^= 1 << int(chance() * 8)
    return bytes(text)


def resident_mb() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


COUNTED = {
    "stored": "stored", "known": "duplicates", "kept": "waiting_for_clock", "quarantined": "quarantined",
    "ignored": "ignored",
}  # fmt: skip
"""Which counter tells that a message became of that kind."""


def _is_not_ours(topic_: str) -> bool:
    head = LINE.topics.base + "/"
    return not topic_.startswith(head) or topic_[len(head) :].split("/")[0].startswith("_")


def seeds() -> Iterator[Message]:
    """Messages that are right, or wrong in one way: what mutation starts from."""
    yield topic(DONE), batch(1, [1, 2, 3])
    yield topic(DONE), batch(2, [2, 3, 4], lowest=2)
    yield topic(DONE), batch(4, [3, 4, 5])
    yield topic(DONE), batch(9, [7], stream="s2", agent="pi-9", clock="corrected")
    yield topic(DONE), batch(1, [1], t=[5], clock="unsynced", sent=7, stream="s3")
    yield topic(WEIGHT), batch(1, [1.5, -2e3, 150])
    yield topic(WEIGHT), json.dumps({"stream": "s1", "seq": 2, "t": [START], "v": [1], "clock": "synced"}).encode()
    yield topic(WASH), batch(1, [True, 0, 1, False])
    yield topic(REASON), batch(1, ["段取り", 7, "\\u0000", 1.5])
    yield topic(TEMPERATURE), b"23.5"
    yield topic(TEMPERATURE), b'{"v":23.5,"t":"2026-11-18T10:06:40.5+09:00"}'
    yield topic(TEMPERATURE), b'{"v":-0.0,"t":1794996400000000000,"unit":{"of":["x"]}}'
    yield topic(Series("washer", "_agent", "alive")), batch(1, [30, 60])
    yield topic(Series("nobody", "done", "count")), b"1"
    yield LINE.topics.base + "/washer", b"1"
    yield LINE.topics.acks("pi-1"), b'{"store":"a","streams":{}}'
    yield "kojo/v1/other/line/washer/done/count", b"1"


TOKENS = (
    b"NaN", b"Infinity", b"-1e999", b"1E400", b"1e18", b"0.5", b"-0.0", b"9007199254740993", b"9" * 5000, b"null",
    b"true", b'"\\ud800"', b"\xff", b"\xef\xbb\xbf", b"\x00", b"[" * 17, b"]" * 17, b'{"v":', b"}", b'"stream":"s1"',
    b'"seq":', b'"from":0', b'"from":9', b'"clock":"unsynced"', b'"sent":1', b'"t":[', b'"v":[', b'"agent":"pi-2"',
    b'"2026-11-18T10:06:40Z"', b"1795000001000000000", b"-1", b"1", b"2", b"4294967296", b",", b":",
    b"1577836799999999999", b'"' + b"x" * 257 + b'"', b"18446744073709551616", b"/", b"_", b"+", b"#",
)  # fmt: skip
"""Pieces of messages that mean something to the decoder."""
