"""A Pi without a clock chip: how its readings are dated when its clock is set late, or never."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.payload import Acks, encode
from contract.reading import NS_PER_S, Batch, ClockState, Series
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox
from edge.timekeeping import Timekeeping
from tests.collector.example import LINE, TEMPERATURE, topic

TRUE_NS = 1_795_000_000 * NS_PER_S
"""The true time at which the story begins."""
WRONG_NS = 77 * NS_PER_S
"""What the clock of each boot shows when it begins: 1970."""


class Pi:
    """A Pi that is switched on and off; ``now_ns`` is the true time."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "outbox.sqlite"
        self.now_ns, self.boots = TRUE_NS, 0
        self.true: dict[float, int] = {}
        """The true time of each reading, by its value."""

    def on(self, away_s: float = 0.0, boot_s: float = 20.0) -> None:
        """Switch it on, after so long; the agent begins ``boot_s`` later."""
        self.boots += 1
        self.now_ns += round((away_s + boot_s) * NS_PER_S)
        ns = round(boot_s * NS_PER_S)
        self.clock = HandClock(WRONG_NS + ns, monotonic_ns=ns)
        self.start()

    def start(self) -> None:
        """Begin the agent."""
        self.outbox = Outbox(self.file, "pi-1", self.clock, timekeeping=Timekeeping(boot=f"boot-{self.boots}"))
        self.delivery = Delivery(self.outbox, self.clock)

    def kill(self) -> None:
        """End the agent, or the whole Pi, without a word."""
        self.outbox._file.close()

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.turn(seconds)
        self.now_ns += round(seconds * NS_PER_S)

    def read(self) -> None:
        """Take a reading, now."""
        value = len(self.true) + 0.5
        self.true[value] = self.now_ns
        self.outbox.put(TEMPERATURE, value, self.clock.monotonic_ns())
        self.outbox.commit()

    def set_clock(self) -> None:
        """The network sets the clock."""
        self.clock.step((self.now_ns - self.clock.time_ns()) / NS_PER_S)
        self.outbox.commit()

    def sent_now(self) -> list[Batch]:
        """What goes out now."""
        return self.delivery.due()


@pytest.fixture
def pi(tmp_path: Path) -> Iterator[Pi]:
    pi = Pi(tmp_path)
    pi.on()
    yield pi
    pi.outbox.close()


def _placed(batches: list[Batch], now_ns: int) -> dict[float, float]:
    """Per value the time in s as the collector takes it: shifted by what its own clock was wrong when it came."""
    return {
        float(v): (t + (now_ns - (batch.sent or now_ns)) - TRUE_NS) / NS_PER_S
        for batch in batches
        for t, v in zip(batch.t, batch.v, strict=True)
    }


def _true(pi: Pi) -> dict[float, float]:
    return {value: (at_ns - TRUE_NS) / NS_PER_S for value, at_ns in pi.true.items()}


def test_a_clock_set_hours_later_puts_right_what_waited_for_the_network(pi: Pi) -> None:
    for _ in range(3):
        pi.read()
        pi.turn(3600.0)
    pi.set_clock()
    batches = pi.sent_now()
    assert {batch.clock for batch in batches} == {"corrected"}
    assert _placed(batches, pi.now_ns) == pytest.approx(_true(pi), abs=1e-6)


def test_what_was_sent_before_the_clock_was_set_stays_as_it_was_sent(pi: Pi) -> None:
    pi.read()
    pi.turn(31.0)
    first = pi.sent_now()
    pi.read()
    pi.set_clock()
    pi.read()
    clocks: list[ClockState] = [batch.clock for batch in (*first, *pi.sent_now())]
    assert clocks == ["unsynced", "unsynced", "synced"]
    assert _placed(first, pi.now_ns) == pytest.approx({0.5: _true(pi)[0.5]}, abs=1e-6)


def test_sent_is_renewed_at_each_sending_and_the_times_never_change(pi: Pi) -> None:
    pi.read()
    pi.turn(31.0)
    (first,) = pi.sent_now()
    pi.turn(60.0)
    pi.delivery.hear(Acks("store", {}), retained=False)
    (again,) = pi.sent_now()
    assert first.sent is not None
    assert again.sent == first.sent + 60 * NS_PER_S
    assert (again.stream, again.seq, again.t, again.v) == (first.stream, first.seq, first.t, first.v)


@pytest.mark.parametrize("off_s", [0.0, 5.0, 8 * 3600.0])
def test_an_earlier_boot_is_placed_as_late_as_it_can_have_been(pi: Pi, off_s: float) -> None:
    for _ in range(3):
        pi.read()
        pi.turn(10.0)
    pi.kill()
    pi.on(away_s=off_s, boot_s=25.0)
    began_ns = pi.now_ns - 25 * NS_PER_S
    pi.turn(5.0)
    placed, true = _placed(pi.sent_now(), pi.now_ns), _true(pi)
    late_s = (began_ns - pi.true[2.5]) / NS_PER_S
    assert placed == pytest.approx({value: at_s + late_s for value, at_s in true.items()}, abs=1e-6)
    assert placed[2.5] == pytest.approx((began_ns - TRUE_NS) / NS_PER_S, abs=1e-6)


def test_earlier_boots_keep_their_order_and_the_lives_of_one_boot_their_distance(pi: Pi) -> None:
    for _ in range(2):
        pi.read()
        pi.turn(7.0)
        pi.read()
        pi.kill()
        pi.turn(100.0)
        pi.start()
        pi.read()
        pi.kill()
        pi.on(away_s=3600.0)
    placed, true = _placed(pi.sent_now(), pi.now_ns), _true(pi)
    assert list(placed) == list(true)
    for boot in ((0.5, 1.5, 2.5), (3.5, 4.5, 5.5)):
        late_s = [placed[value] - true[value] for value in boot]
        assert late_s == pytest.approx([late_s[0]] * 3, abs=1e-6)
        assert late_s[0] >= 0
    assert list(placed.values()) == sorted(placed.values())


def test_starting_the_agent_again_in_one_boot_guesses_no_later(pi: Pi) -> None:
    pi.read()
    pi.kill()
    pi.on(away_s=60.0)
    first = pi.outbox.own_clock(min(pi.outbox._numbering.streams.values(), key=lambda stream: stream.id))
    pi.turn(500.0)
    pi.kill()
    pi.start()
    again = pi.outbox.own_clock(min(pi.outbox._numbering.streams.values(), key=lambda stream: stream.id))
    assert again == first + 500 * NS_PER_S


def test_a_clock_set_in_another_boot_does_not_make_a_guess_a_certainty(pi: Pi) -> None:
    pi.read()
    pi.kill()
    pi.on(away_s=60.0)
    pi.set_clock()
    pi.read()
    assert [batch.clock for batch in pi.sent_now()] == ["unsynced", "synced"]


def test_the_collector_places_them_so_and_shows_the_shift(pi: Pi, tmp_path: Path) -> None:
    pi.read()
    pi.turn(10.0)
    pi.kill()
    pi.on(away_s=600.0)
    pi.set_clock()
    pi.read()
    store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    ingest = Ingest(store, [(0, LINE)], "one", now_ns=lambda: pi.now_ns)
    for batch in pi.sent_now():
        ingest.take(topic(batch.series), encode(batch), pi.now_ns)
    pi.turn(130.0)
    ingest.settle(pi.now_ns)
    ingest.commit()
    track = store.readings(TEMPERATURE)
    booted_ns = pi.true[1.5] - 20 * NS_PER_S
    assert dict(zip(track.v.tolist(), track.t.tolist(), strict=True)) == pytest.approx(
        {0.5: booted_ns, 1.5: pi.true[1.5]}, abs=1000
    )
    assert len(ingest.status()["shifted"]) == 1
    store.close()


def test_series_are_placed_together(pi: Pi) -> None:
    other = Series("washer", "done", "count")
    pi.read()
    pi.outbox.add(other, 1, pi.clock.monotonic_ns() + NS_PER_S)
    pi.outbox.commit()
    pi.kill()
    pi.on(away_s=60.0)
    batches = {batch.series: batch for batch in pi.sent_now()}
    assert batches[other].t[0] - batches[TEMPERATURE].t[0] == NS_PER_S
    assert batches[other].sent == batches[TEMPERATURE].sent
