"""What is received waits for its commit, in its order, whatever the store does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.agents_heard import AgentsHeard
from collector.ingest import Ingest
from collector.intake import REFRESH_S, STORE_RETRY_S, Intake
from collector.store import Work
from collector.store.duck import DuckStore
from contract.errors import StoreAway
from contract.payload import Acks, encode_acks
from contract.words import Words
from tests.collector.example import DONE, LINE, START, TEMPERATURE, S, batch, topic

pytestmark = pytest.mark.slow

NOW = START + 3600 * S
AWAY = StoreAway(Words("保存先が見えません。", "The store is away."))
UNREAD = StoreAway(Words("読めません。", "It cannot be read."))


class Store(DuckStore):
    away = False

    def commit(self, work: Work) -> None:
        self._there()
        super().commit(work)

    def _there(self) -> None:
        if self.away:
            raise AWAY


class Watching(Ingest):
    """Counts how often others are read."""

    refreshed = 0
    unread = False

    def refresh(self) -> None:
        if self.unread:
            raise UNREAD
        self.refreshed += 1
        super().refresh()


class Desk:
    def __init__(self, path: Path) -> None:
        self.now = 100.0
        self.store = Store(path / "line.duckdb", threads=1, memory_mb=128)
        self.ingest = Watching(self.store, [(0, LINE)], "one", lambda: NOW)
        self.heard = AgentsHeard()
        self.intake = Intake(self.ingest, LINE.topics, self.heard, lambda: self.now, lambda: NOW)

    def receive(self, number: int, payload: bytes, name: str = topic(DONE), retained: bool = False) -> bool:
        return self.intake.receive(name.encode(), payload, number, retained)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()


def test_messages_are_acknowledged_with_their_commit(desk: Desk) -> None:
    desk.receive(7, batch(1, [1]))
    desk.receive(8, batch(2, [2]))
    desk.receive(0, b"23.5", topic(TEMPERATURE))
    committed = desk.intake.commit()
    assert committed is not None
    assert (list(committed.numbers), len(committed.rows)) == ([7, 8], 3)
    again = desk.intake.commit()
    assert again is not None
    assert (list(again.numbers), list(again.rows)) == ([], [])


def test_while_the_store_is_away_nothing_is_acknowledged_and_it_is_tried_once_a_second(desk: Desk) -> None:
    desk.store.away = True
    desk.receive(7, batch(1, [1]))
    assert desk.intake.commit() is None
    assert desk.intake.trouble == AWAY.words
    desk.store.away = False
    assert desk.intake.commit() is None, "not yet"
    assert desk.intake.patience(5.0) == pytest.approx(STORE_RETRY_S)
    desk.now += STORE_RETRY_S
    desk.receive(8, batch(2, [2]))
    committed = desk.intake.commit()
    assert committed is not None
    assert list(committed.numbers) == [7, 8]
    assert desk.intake.trouble is None


def test_what_cannot_be_stored_stays_said_though_the_store_can_be_read(desk: Desk) -> None:
    desk.store.away = True
    desk.receive(7, batch(1, [1]))
    desk.intake.commit()
    desk.now += REFRESH_S
    desk.intake.refresh()
    assert desk.ingest.refreshed == 1
    assert desk.intake.trouble is not None


def test_what_cannot_be_read_is_said_until_it_can(desk: Desk) -> None:
    desk.ingest.unread = True
    desk.intake.tick()
    assert desk.intake.trouble == UNREAD.words
    desk.receive(7, batch(1, [1]))
    assert desk.intake.commit() is not None, "storing goes on"
    desk.ingest.unread = False
    desk.now += REFRESH_S
    desk.intake.tick()
    assert desk.intake.trouble is None


def test_what_others_stored_is_read_every_five_seconds(desk: Desk) -> None:
    for _ in range(21):
        desk.intake.tick()
        desk.now += 0.5
    assert desk.ingest.refreshed == 3
    desk.intake.refresh(at_once=True)
    assert desk.ingest.refreshed == 4


def test_agents_are_heard_and_other_collectors_and_confirmations_do_no_harm(desk: Desk) -> None:
    topics = LINE.topics
    desk.receive(1, b'{"state":"online","at":5}', topics.agent("pi-1"))
    desk.receive(2, b'{"state":"online"}', topics.collector("two"))
    acks = encode_acks(Acks(desk.store.id, {"s1": {str(DONE): 9}}))
    for payload in (acks, b"", b"{}", b'{"store":1,"streams":{}}', b'{"store":"x","streams":{"s":{"a/b/c":1.5}}}'):
        assert not desk.receive(3, payload, topics.acks("pi-1"))
    assert not desk.receive(4, acks, topics.acks("pi-1"), retained=True)
    committed = desk.intake.commit()
    assert committed is not None
    assert list(committed.numbers) == [1, 2, 3, 3, 3, 3, 3, 4]
    assert desk.heard.agents(["pi-1"])[0]["at"] == 5
    assert desk.ingest.acks("pi-1").streams == {}, "a file has no other collectors"
