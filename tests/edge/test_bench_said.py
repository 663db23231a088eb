"""What an agent read last, as the bench's page shows it: only what is on the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.reading import Series
from edge.bench_clock import HandClock
from edge.bench_said import BEFORE, PORTION, LastSaid
from edge.outbox import Outbox

START_NS = 1_795_000_000_000_000_000
AIR = Series("washer", "air", "temperature")
DONE = Series("washer", "done", "count")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START_NS)


@pytest.fixture
def outbox(tmp_path: Path, clock: HandClock) -> Iterator[Outbox]:
    opened = Outbox(tmp_path / "pi-1.outbox.sqlite", "pi-1", clock)
    yield opened
    opened.close()


def test_it_is_the_last_of_each_series_once_it_is_on_the_disk(outbox: Outbox, clock: HandClock) -> None:
    said = LastSaid(outbox)
    assert said() == {}
    outbox.put(AIR, 22.5, 0)
    assert said() == {}, "not on the disk yet"
    outbox.commit()
    assert said() == {"washer/air/temperature": {"v": 22.5, "t": START_NS // 1_000_000}}
    outbox.add(DONE, 1, 0)
    outbox.add(DONE, 1, 1)
    outbox.put(AIR, 23.0, 2)
    outbox.commit()
    assert {series: told["v"] for series, told in said().items()} == {
        "washer/air/temperature": 23.0,
        "washer/done/count": 2,
    }


def test_what_the_agent_says_of_itself_is_not_of_the_bench(outbox: Outbox) -> None:
    outbox.put(Series("washer", "_agent", "alive"), 30.0, 0)
    outbox.commit()
    assert LastSaid(outbox)() == {}


def test_a_flood_is_read_to_its_end(outbox: Outbox) -> None:
    said = LastSaid(outbox)
    said()
    for at in range(2 * PORTION + 1):
        outbox.put(AIR, float(at), at)
    outbox.commit()
    assert said()["washer/air/temperature"]["v"] == 2 * PORTION


def test_a_little_of_before_anybody_looked_is_shown_too(outbox: Outbox) -> None:
    outbox.put(DONE, 1, 0)
    for at in range(1, BEFORE + 1):
        outbox.put(AIR, float(at), at)
    outbox.commit()
    assert set(LastSaid(outbox)()) == {"washer/air/temperature"}
