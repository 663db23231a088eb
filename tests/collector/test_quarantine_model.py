"""Any messages, corrections of the line and replays, kills between and in their middle: nothing lost or twice."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.ingest import Ingest
from collector.store import NO_STREAM, Work
from collector.store.duck import DuckStore
from contract.errors import StoreAway
from contract.reading import Series
from contract.words import Words
from tests.collector.example import LINE, START, TEXT, WEIGHT, S, line, topic

pytestmark = pytest.mark.slow

BALANCE = Series("washer", "balance", "weight")
MARK = Series("washer", "balance", "mark")
SCALE = "[stations.washer.sensors.scale]"
FIRST = TEXT.replace(
    SCALE, f'[stations.washer.sensors.balance]\ntype = "external"\nmeasures = {{ weight = {{}} }}\n{SCALE}'
)
BOTH = FIRST.replace("{ weight = {} }", '{ weight = {}, mark = { kind = "text" } }')
CORRECTIONS = [line(FIRST), line(BOTH)]
"""One learns the balance's weight, the next its mark, too."""

_examples = itertools.count(1)


class Fragile(DuckStore):
    """A store that is killed before one of its next commits."""

    commits_left: int | None = None
    commits = 0

    def commit(self, work: Work) -> None:
        if self.commits_left is not None:
            self.commits_left -= 1
            if self.commits_left < 0:
                raise StoreAway(Words("切れました。", "Killed."))
        super().commit(work)
        self.commits += 1


class Sent:
    """What devices sent, and what of it must be there in the end."""

    def __init__(self) -> None:
        self.number = next(_examples)
        self.stream = f"q{self.number}"
        self.base = START + self.number * 10_000 * S
        self.now = self.base + 5000 * S
        self.numbers: set[tuple[Series, int]] = set()
        self.times: set[tuple[Series, int]] = set()
        self.stamped: Counter[tuple[Series, Any]] = Counter()
        self.perhaps_again: Counter[tuple[Series, Any]] = Counter()
        """Without a time or a number a repeat is a second reading: what was durable and not yet acknowledged."""

    def batch(self, series: Series, first: int, many: int) -> bytes:
        numbers = range(first, first + many)
        self.numbers |= {(series, n) for n in numbers}
        return json.dumps(
            {
                "stream": self.stream,
                "seq": first,
                "t": [self.base + n * S for n in numbers],
                "v": [content(series, n) for n in numbers],
                "clock": "synced",
            }
        ).encode()

    def single(self, series: Series, n: int, timed: bool) -> bytes:
        if not timed:
            self.stamped[series, content(series, n)] += 1
            return json.dumps(content(series, n)).encode()
        self.times.add((series, self.base + n * S))
        return json.dumps({"v": content(series, n), "t": self.base + n * S}).encode()


def content(series: Series, n: int) -> Any:
    return f"m{n}" if series == MARK else n + 0.5


SERIES = st.sampled_from([BALANCE, BALANCE, MARK, WEIGHT])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("batch"), SERIES, st.integers(1, 9), st.integers(1, 4)),
        st.tuples(st.just("batch"), SERIES, st.integers(1, 9), st.integers(1, 4)),
        st.tuples(st.just("timed"), SERIES, st.integers(1, 9), st.just(0)),
        st.tuples(st.just("stamped"), SERIES, st.integers(1, 9), st.just(0)),
        st.tuples(st.just("again"), SERIES, st.integers(0, 99), st.just(0)),
        st.tuples(st.sampled_from(["commit", "kill", "correct"]), SERIES, st.just(0), st.just(0)),
        st.tuples(st.just("replay"), SERIES, st.integers(0, 2**12 - 1), st.integers(0, 6)),
    ),
    max_size=30,
)


class Life:
    """A collector that is killed now and then; what was not acknowledged comes again."""

    def __init__(self, store: Fragile, sent: Sent) -> None:
        self.store, self.sent = store, sent
        self.lines = [(0, LINE)]
        self.unacknowledged: list[tuple[Series, bytes]] = []
        self.durable: list[tuple[Series, bytes]] = []
        self.durable_already: list[tuple[Series, bytes]] = []
        self.start()

    def start(self) -> None:
        self.store.commits_left = None
        self.ingest = Ingest(self.store, self.lines, "one", now_ns=lambda: self.sent.now)

    def kill(self) -> None:
        self.start()
        for series, payload in self.durable_already:
            if b'"t"' not in payload:
                self.sent.perhaps_again[series, json.loads(payload)] += 1
        self.durable_already.clear()
        for n, (series, payload) in enumerate(self.unacknowledged):
            self._hand_in(series, payload, n + 1)

    def _hand_in(self, series: Series, payload: bytes, unacknowledged: int) -> None:
        """The collector may commit what it has before it acknowledges any of it."""
        commits = self.store.commits
        self.ingest.take(topic(series), payload, self.sent.now)
        if self.store.commits > commits:
            self.durable_already = self.unacknowledged[:unacknowledged]

    def take(self, series: Series, payload: bytes) -> None:
        self.sent.now += S
        self.unacknowledged.append((series, payload))
        self._hand_in(series, payload, len(self.unacknowledged))

    def commit(self) -> None:
        self.ingest.commit()
        self.durable += self.unacknowledged
        self.unacknowledged.clear()
        self.durable_already.clear()

    def correct(self) -> None:
        if len(self.lines) <= len(CORRECTIONS):
            self.lines.append((len(self.lines), CORRECTIONS[len(self.lines) - 1]))
            commits = self.store.commits
            self.ingest.new_line(self.lines[-1][1], self.lines[-1][0])
            if self.store.commits > commits:
                self.durable_already = [*self.unacknowledged]

    def replay(self, which: int, commits: int) -> None:
        """Some of what is in quarantine; at 6 commits or more it is not killed in the middle."""
        self.commit()
        ids = [one.id for n, one in enumerate(self.ingest.export()) if which >> n % 12 & 1]
        self.store.commits_left = commits if commits < 6 else None
        try:
            self.ingest.replay(ids, self.sent.now)
        except StoreAway:
            self.kill()
        self.store.commits_left = None

    def again(self, which: int) -> None:
        """A message that devices with a stream or a time may send as often as they like."""
        repeatable = [m for m in self.durable + self.unacknowledged if b'"t"' in m[1]]
        if repeatable:
            self.take(*repeatable[which % len(repeatable)])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    path: Path = tmp_path_factory.mktemp("quarantine")
    store = Fragile(path / "line.duckdb", threads=1, memory_mb=128)
    yield store
    store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_corrections_and_replays_everything_is_stored_once(
    store: Fragile, steps: list[tuple[str, Series, int, int]]
) -> None:
    sent = Sent()
    life = Life(store, sent)
    for what, series, first, many in steps:
        match what:
            case "batch":
                life.take(series, sent.batch(series, first, many))
            case "timed" | "stamped":
                life.take(series, sent.single(series, first, what == "timed"))
            case "again":
                life.again(first)
            case "commit":
                life.commit()
            case "kill":
                life.kill()
            case "correct":
                life.correct()
            case "replay":
                life.replay(first, many)
        status = life.ingest.status()
        assert status["received"] == status["stored"] + status["duplicates"]
    life.correct()
    life.correct()
    life.replay(2**12 - 1, 6)
    assert life.ingest.status()["in_quarantine"] == 0
    assert_everything_once(store, sent)


def assert_everything_once(store: Fragile, sent: Sent) -> None:
    for series in (BALANCE, MARK, WEIGHT):
        track = store.readings(series, sent.base, sent.base + 10_000 * S)
        numbers, times, stamped = list[int](), list[int](), Counter[Any]()
        for t, v, stream, seq in zip(track.t.tolist(), track.v.tolist(), track.stream, track.seq.tolist(), strict=True):
            if track.streams[stream] == sent.stream:
                numbers.append(seq)
                assert (t, v) == (sent.base + seq * S, content(series, seq))
            elif track.streams[stream] == NO_STREAM and t < sent.base + 5000 * S:
                times.append(t)
            else:
                stamped[v] += 1
        assert sorted(numbers) == sorted(n for of, n in sent.numbers if of == series)
        assert sorted(times) == sorted(t for of, t in sent.times if of == series)
        least = Counter({v: many for (of, v), many in sent.stamped.items() if of == series})
        most = least + Counter({v: many for (of, v), many in sent.perhaps_again.items() if of == series})
        assert least <= stamped <= most
