"""Any sequence of batches, repeated, overlapping, out of order, contradictory, cut by crashes: held against a model."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.ingest import Ingest
from collector.store import Store
from collector.store.duck import DuckStore
from tests.collector.example import LINE, START, WEIGHT, S, topic

pytestmark = pytest.mark.slow

NOW = START + 3600 * S
_streams = itertools.count()

Step = tuple[str, int, int, int, int | None, bool]
"""What to do; first number, how many, which of two contents, ``from``, whether a value is of the wrong kind."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "again", "commit", "crash"]),
        st.integers(1, 12),
        st.integers(1, 6),
        st.sampled_from([0, 0, 0, 1]),
        st.one_of(st.none(), st.none(), st.integers(1, 12)),
        st.sampled_from([False] * 9 + [True]),
    ),
    max_size=25,
)


class Model:
    """Numbers one by one: stored with their content, or quarantined, or given up."""

    def __init__(self) -> None:
        self.stored: dict[int, tuple[int, float]] = {}
        self.quarantined: set[int] = set()
        self.lowest = 1

    def take(self, first: int, content: list[tuple[int, float]], lowest: int | None, wrong: bool) -> None:
        numbers = dict(enumerate(content, first))
        used = any(self.stored.get(n, said) != said for n, said in numbers.items())
        new = {n: said for n, said in numbers.items() if n not in self.stored and n not in self.quarantined}
        if used or (wrong and (new or first in self.stored)):
            self.quarantined |= set(new)
        else:
            self.stored |= new
        self.lowest = max(self.lowest, lowest or 1)

    @property
    def confirmed(self) -> int:
        known = {*self.stored, *self.quarantined, *range(1, self.lowest)}
        return next(n for n in itertools.count() if n + 1 not in known)


def content(first: int, many: int, which: int) -> list[tuple[int, float]]:
    """Content 0 of a number is always the same; content 1 differs from it."""
    return [(START + n * S, float(n + 50 * which)) for n in range(first, first + many)]


def payload(stream: str, first: int, said: list[tuple[int, float]], lowest: int | None, wrong: bool) -> bytes:
    v: list[Any] = [v for _, v in said]
    if wrong:
        v[0] = "text"
    told: dict[str, Any] = {"stream": stream, "seq": first, "t": [t for t, _ in said], "v": v, "clock": "synced"}
    if lowest is not None:
        told["from"] = lowest
    return json.dumps(told).encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("model")
    store = DuckStore(path / "line.duckdb", threads=1, memory_mb=128)
    yield store
    store.close()


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_every_reading_is_stored_exactly_once_and_confirmed_rightly(store: Store, steps: list[Step]) -> None:
    stream = f"s{next(_streams)}"
    model, taken, unacknowledged = Model(), list[bytes](), list[bytes]()
    ingest = Ingest(store, [(0, LINE)], "one", now_ns=lambda: NOW)
    sent: list[tuple[int, list[tuple[int, float]], int | None, bool]] = []
    for what, first, many, which, lowest, wrong in steps:
        if what in ("take", "again"):
            one = (first, content(first, many, which), lowest, wrong)
            if what == "again" and sent:
                one = sent[first % len(sent)]
            sent.append(one)
            model.take(*one)
            message = payload(stream, *one)
            taken.append(message)
            unacknowledged.append(message)
            ingest.take(topic(WEIGHT), message, NOW)
        elif what == "commit":
            ingest.commit()
            unacknowledged.clear()
        else:
            ingest = Ingest(store, [(0, LINE)], "one", now_ns=lambda: NOW)
            for message in unacknowledged:
                ingest.take(topic(WEIGHT), message, NOW)
    ingest.commit()
    track = store.readings(WEIGHT)
    ours = track.stream == (track.streams.index(stream) if stream in track.streams else -1)
    seqs = track.seq[ours].tolist()
    assert len(seqs) == len(set(seqs)), "doubled"
    found = dict(zip(seqs, zip(track.t[ours].tolist(), track.v[ours].tolist(), strict=True), strict=True))
    assert found == model.stored
    if taken:
        assert ingest.acks("pi-1").streams.get(stream, {}).get(str(WEIGHT), 0) == model.confirmed
