"""Confirmations follow commits, a flood of commits does not become a flood of confirmations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.telling import AT_MOST_EVERY_S, EVERY_S, UNDELIVERED, Telling
from contract.payload import Acks, decode_acks
from tests.collector.example import DONE, LINE, START, S, batch, topic

pytestmark = pytest.mark.slow

ACKS = LINE.topics.acks("pi-1")


class Desk:
    def __init__(self, directory: Path) -> None:
        self.now = 100.0
        self.said: list[tuple[str, bytes]] = []
        self.store = DuckStore(directory / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Ingest(self.store, [(0, LINE)], "one", now_ns=lambda: START + 3600 * S)
        self.telling = Telling(self.ingest, LINE.topics, self.publish, monotonic=lambda: self.now)

    def publish(self, name: str, payload: Any, qos: int, retain: bool) -> None:
        assert retain
        assert (name == ACKS) == (qos == 1)
        self.said.append((name, payload))

    def acks(self) -> list[Acks]:
        return [decode_acks(payload) for name, payload in self.said if name == ACKS]

    def commit(self, seq: int) -> None:
        self.ingest.take(topic(DONE), batch(seq, [seq]), START + 3600 * S)
        self.ingest.commit()
        self.telling.committed()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def test_a_commit_is_told_at_once(desk: Desk) -> None:
    desk.commit(1)
    assert desk.acks() == [Acks(desk.store.id, {"s1": {"washer/done/count": 1}})]


def test_commits_in_quick_succession_are_told_together_a_moment_later(desk: Desk) -> None:
    for seq in (1, 2, 3):
        desk.commit(seq)
    assert len(desk.acks()) == 1
    assert desk.telling.until_due() == pytest.approx(AT_MOST_EVERY_S)
    desk.now += 2 * AT_MOST_EVERY_S
    desk.telling.tick()
    assert [acks.streams["s1"]["washer/done/count"] for acks in desk.acks()] == [1, 3]
    assert desk.telling.until_due() is None


def test_everything_is_told_every_five_seconds_though_nothing_changed(desk: Desk) -> None:
    desk.telling.tick()
    desk.now += EVERY_S - 1
    desk.telling.tick()
    assert len(desk.acks()) == 1
    desk.now += 1
    desk.telling.tick()
    assert [acks.streams for acks in desk.acks()] == [{}, {}]
    assert len([name for name, _ in desk.said if name == LINE.topics.collector("one")]) == 2


def test_a_broker_that_takes_nothing_is_not_flooded(desk: Desk) -> None:
    for seq in range(1, UNDELIVERED + 50):
        desk.now += 2 * AT_MOST_EVERY_S
        desk.commit(seq)
    assert len(desk.acks()) == UNDELIVERED
    desk.telling.delivered()
    desk.now += EVERY_S
    desk.telling.tick()
    assert desk.acks()[-1].streams["s1"]["washer/done/count"] == UNDELIVERED + 49
