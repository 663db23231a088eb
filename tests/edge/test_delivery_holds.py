"""Whatever happens to the agent, the broker and the store, in any order: nothing is lost, nothing is doubled."""

import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contract.line import OutboxLimits
from contract.payload import Acks
from contract.reading import NS_PER_S, Batch, Series
from edge.bench_clock import HandClock
from edge.delivery import MAX_AGAIN, Delivery
from edge.outbox import Outbox

pytestmark = pytest.mark.slow

START_NS = 1_795_000_000 * NS_PER_S
RESEND_S = 30.0
SERIES = [Series("washer", "done", "count"), Series("washer", "air", "temperature"), Series("packer", "done", "count")]

Number = tuple[str, Series, int]
"""(stream, series, number)."""


class Floor(RuleBasedStateMachine):
    """An agent that is killed, a broker that loses messages, a store that is emptied or set back."""

    def __init__(self) -> None:
        super().__init__()
        # A kill loses nothing of a file: what an fsync takes is not tested here, so it may be quick.
        self.directory = Path(tempfile.mkdtemp(prefix="outbox-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        self.lives = 0
        self.clock = HandClock(START_NS)
        self.frozen: dict[Number, tuple[int, object]] = {}
        """Every reading that was sent, as it was sent first."""
        self.committed: set[Number] = set()
        self.uncommitted: set[Number] = set()
        self.stores: list[dict[Number, tuple[int, object]]] = [{}]
        self.sent_at: dict[Number, int] = {}
        self.fresh_since: dict[Number, int] = {}
        """When a fresh confirmation last lacked a number."""
        self.on_the_way: list[Batch] = []
        self.retained: Acks | None = None
        self._open()

    def _open(self) -> None:
        self.outbox = Outbox(
            self.directory / "outbox.sqlite", "pi-1", self.clock, OutboxLimits(resend_after_s=RESEND_S)
        )
        self.delivery = Delivery(self.outbox, self.clock)

    # ---- the agent ----

    @rule(series=st.sampled_from(SERIES), count=st.integers(1, 5))
    def take(self, series: Series, count: int) -> None:
        for _ in range(count):
            self.clock.turn(0.001)
            at = self.clock.monotonic_ns()
            number = (
                self.outbox.add(series, 1, at) if series.measure == "count" else self.outbox.put(series, at / 7, at)
            )
            self.uncommitted.add((self.outbox.stream, series, number))

    @rule()
    def commit(self) -> None:
        self.outbox.commit()
        self._settle()

    def _settle(self) -> None:
        self.committed |= self.uncommitted
        self.uncommitted = set()

    @rule(live=st.booleans())
    def connect(self, live: bool) -> None:
        self.delivery.is_live = live

    @rule(limit=st.integers(1, 30))
    def send(self, limit: int) -> None:
        for batch in self.delivery.due(limit):
            self.on_the_way.append(batch)
            now = self.clock.monotonic_ns()
            for i, (t, v) in enumerate(zip(batch.t, batch.v, strict=True)):
                number = (batch.stream, batch.series, batch.seq + i)
                assert self.frozen.setdefault(number, (t, v)) == (t, v), "a reading is frozen at its first sending"
                if number in self.sent_at:
                    lacked = self.fresh_since.get(number)
                    assert lacked is not None, "sent again although no confirmation lacked it"
                    assert lacked >= self.sent_at[number] + RESEND_S * NS_PER_S
                self.sent_at[number] = now

    @rule()
    def kill(self) -> None:
        self.lives += 1
        to = self.directory / f"life-{self.lives}"
        to.mkdir()
        for file in self.directory.glob("outbox.sqlite*"):
            shutil.copy(file, to)
        self.outbox.close()
        for file in self.directory.glob("outbox.sqlite*"):
            file.unlink()
        for file in to.glob("*"):
            file.replace(self.directory / file.name)
        old = self.outbox.stream
        self.uncommitted = set()
        self._open()
        assert self.outbox.stream != old

    @rule()
    def stop_and_start(self) -> None:
        self.outbox.close()
        self._settle()
        self._open()

    @rule(seconds=st.sampled_from([0.5, 15.0, 31.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self.clock.turn(seconds)

    @rule(seconds=st.sampled_from([-86_400.0, -1.0, 1.0, 3600.0]))
    def step(self, seconds: float) -> None:
        self.clock.step(seconds)

    # ---- the broker and the store ----

    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        """Some messages arrive, in any order; the others are lost."""
        for batch in data.draw(st.permutations(self.on_the_way)) if len(self.on_the_way) < 8 else self.on_the_way:
            if data.draw(st.booleans()):
                self._store(batch)
        self.on_the_way = []

    def _store(self, batch: Batch) -> None:
        for i, reading in enumerate(zip(batch.t, batch.v, strict=True)):
            kept = self.stores[-1].setdefault((batch.stream, batch.series, batch.seq + i), reading)
            assert kept == reading, "a number was used with other content"

    def _acks(self, store: dict[Number, tuple[int, object]]) -> Acks:
        streams: dict[str, dict[str, int]] = defaultdict(dict)
        for stream, series in {(stream, series) for stream, series, _ in store}:
            number = 0
            while (stream, series, number + 1) in store:
                number += 1
            streams[stream][str(series)] = number
        return Acks(f"store-{len(self.stores)}", streams)

    @rule()
    def confirm(self) -> None:
        self.retained = acks = self._acks(self.stores[-1])
        now = self.clock.monotonic_ns()
        for number, at in self.sent_at.items():
            stream, series, n = number
            if n > acks.streams.get(stream, {}).get(str(series), 0) and now >= at + RESEND_S * NS_PER_S:
                self.fresh_since[number] = now
        self.delivery.hear(acks, retained=False)

    @rule()
    def a_good_minute(self) -> None:
        """Everything goes well for a while."""
        self.outbox.commit()
        self._settle()
        for _ in range(2):
            self.send(limit=1000)
            for batch in self.on_the_way:
                self._store(batch)
            self.on_the_way = []
            self.clock.turn(RESEND_S + 1)
            self.confirm()

    @precondition(lambda self: self.retained is not None)
    @rule()
    def hear_retained(self) -> None:
        assert self.retained is not None
        self.delivery.hear(self.retained, retained=True)

    @rule()
    def new_store(self) -> None:
        self.stores.append({})

    @precondition(lambda self: self.stores[-1])
    @rule(keep=st.floats(0.0, 1.0))
    def copy_back_the_store(self, keep: float) -> None:
        numbers = sorted(self.stores[-1], key=lambda n: (n[0], str(n[1]), n[2]))
        self.stores[-1] = {n: self.stores[-1][n] for n in numbers[: round(keep * len(numbers))]}

    # ---- what must hold ----

    @invariant()
    def few_are_under_way_again(self) -> None:
        assert len(self.delivery._again) <= MAX_AGAIN

    def teardown(self) -> None:
        self.outbox.commit()
        self._settle()
        for _ in range(60):
            self.clock.turn(RESEND_S + 1)
            self.send(limit=1000)
            for batch in self.on_the_way:
                self._store(batch)
            self.on_the_way = []
            self.confirm()
            if not self.outbox.backlog:
                break
        assert self.outbox.backlog == 0
        assert set(self.stores[-1]) == self.committed, "lost, or never taken"
        for (stream, series, number), (t, v) in self.stores[-1].items():
            if number > 1:
                assert (stream, series, number - 1) in self.stores[-1], "a gap in the numbers"
                before_t, before_v = self.stores[-1][(stream, series, number - 1)]
                assert t > before_t
                assert series.measure != "count" or v == before_v + 1  # type: ignore[operator]
            elif series.measure == "count":
                assert v == 1, "a total begins with its stream"
        self.outbox.close()
        shutil.rmtree(self.directory)


TestFloor = Floor.TestCase
TestFloor.settings = settings(
    max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
