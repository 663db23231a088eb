"""What one confirmation holds: bounded, the agent's own stations first, the streams heard last before the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.book import ACKS_BYTES
from collector.confirmations import KNOWN, LONGEST_KEY, OWN, UNKNOWN, Confirmations
from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.telling import EVERY_S, LARGE_EVERY_S, Telling
from contract.payload import decode_acks
from contract.reading import Series
from tests.collector.example import DONE, LINE, START, S, batch, topic

pytestmark = pytest.mark.slow

ELSEWHERE = Series("漢" * 32, "字" * 32, "語" * 32)
"""Unknown to the line, and 600 bytes in a confirmation."""
NOW = START + 3600 * S


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Ingest]:
    store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
    yield Ingest(store, [(0, LINE)], "one", now_ns=lambda: NOW)
    store.close()


def name(number: int) -> str:
    return f"stranger-{number:055d}"


def flood(ingest: Ingest, many: int, agent: str) -> None:
    for number in range(many):
        ingest.take(topic(ELSEWHERE), batch(1, [1], stream=name(number), agent=agent), NOW)
    ingest.commit()


def said(told: list[tuple[str, bytes]], agent: str) -> list[bytes]:
    return [payload for where, payload in told if where == LINE.topics.acks(agent)]


def test_a_confirmation_stays_small_whatever_claims_to_be_the_agent(ingest: Ingest) -> None:
    flood(ingest, 400, "pi-1")
    told: list[tuple[str, bytes]] = []
    telling = Telling(ingest, LINE.topics, lambda where, payload, **_: told.append((where, payload)))
    telling.tell_all()
    (payload,) = said(told, "pi-1")
    assert 0.8 * ACKS_BYTES < len(payload) <= ACKS_BYTES + 100
    whole = decode_acks(payload).streams
    assert ingest.status()["acks_left_out"] == {"pi-1": 400 - len(whole)}


def test_streams_heard_last_are_told_first_and_the_old_ones_left_out() -> None:
    confirmations = Confirmations()
    for number in range(50):
        confirmations.set("pi-1", name(number), "washer/done/count", number + 1, OWN)
    heard = {name(number): number for number in range(50)}
    told = confirmations.told("pi-1", 1200, heard.__getitem__, 0)
    assert list(told.streams) == [name(number) for number in range(49, 49 - len(told.streams), -1)]
    assert 5 < len(told.streams) == 50 - told.left_out


def test_what_is_said_in_an_agents_name_elsewhere_does_not_push_out_its_own_stations() -> None:
    confirmations = Confirmations()
    for number in range(50):
        confirmations.set("pi-1", name(number), "packer/x/y", 1, UNKNOWN)
        confirmations.set("pi-1", f"k{number:060d}", "packer/why/pressed", 1, KNOWN)
    confirmations.set("pi-1", "own", "washer/done/count", 7, OWN)
    told = confirmations.told("pi-1", 600, lambda stream: 1 if stream == "own" else 9, 0)
    assert told.streams["own"] == {"washer/done/count": 7}
    assert told.left_out > 50


def test_a_stream_not_heard_for_long_leaves_the_message_only() -> None:
    confirmations = Confirmations()
    confirmations.set("pi-1", "old", "washer/done/count", 7, OWN)
    assert confirmations.told("pi-1", 1000, lambda _: 5, 6).streams == {}
    assert confirmations.told("pi-1", 1000, lambda _: 6, 6).streams == {"old": {"washer/done/count": 7}}


def test_no_topic_makes_a_confirmation_large(ingest: Ingest) -> None:
    before = ingest.status()["ignored"]
    ingest.take(topic(Series("washer", "x" * 60_000, "count")), batch(1, [1], agent="pi-1"), NOW)
    ingest.take(topic(Series("washer", "x" * 32, "count")), batch(1, [1], agent="pi-1"), NOW)
    ingest.commit()
    assert ingest.acks("pi-1").streams == {"s1": {f"washer/{'x' * 32}/count": 1}}
    assert ingest.status()["ignored"] == before + 1
    confirmations = Confirmations()
    confirmations.set("pi-1", "s1", "x" * (LONGEST_KEY + 1), 1, UNKNOWN)
    assert confirmations.told("pi-1", 10**9, lambda _: 1, 0).streams == {}


def test_who_is_no_agent_of_the_line_is_told_only_of_what_the_line_knows(ingest: Ingest) -> None:
    ingest.take(topic(Series("nowhere", "x", "y")), batch(1, [1], stream="a", agent="ghost"), NOW)
    ingest.take(topic(DONE), batch(1, [1], stream="b", agent="esp"), NOW)
    ingest.commit()
    assert ingest.agents() == (*LINE.agents, "esp")


def test_one_agent_that_cannot_be_told_does_not_stop_the_others(ingest: Ingest) -> None:
    ingest.take(topic(DONE), batch(1, [1], stream="b", agent="esp"), NOW)
    ingest.commit()
    told: list[tuple[str, bytes]] = []

    def publish(where: str, payload: bytes, **_: object) -> None:
        if where == LINE.topics.acks("pi-1"):
            raise ValueError("no")
        told.append((where, payload))

    Telling(ingest, LINE.topics, publish).tell_all()
    assert said(told, "esp")
    assert LINE.topics.collector("one") in dict(told)


def test_who_has_nothing_new_is_not_told_again_before_five_seconds(ingest: Ingest) -> None:
    now, told = [100.0], list[tuple[str, bytes]]()
    telling = Telling(ingest, LINE.topics, lambda where, payload, **_: told.append((where, payload)), lambda: now[0])
    ingest.take(topic(DONE), batch(1, [1], stream="b", agent="esp"), NOW)
    ingest.commit()
    telling.tell_all()
    now[0] += 1
    ingest.take(topic(DONE), batch(1, [1], stream="c", agent="pi-1"), NOW)
    ingest.commit()
    telling.committed()
    assert (len(said(told, "esp")), len(said(told, "pi-1"))) == (1, 2)
    now[0] += EVERY_S
    telling.tick()
    assert (len(said(told, "esp")), len(said(told, "pi-1"))) == (2, 3)


def test_a_confirmation_that_is_too_small_for_all_is_not_chosen_at_every_commit(ingest: Ingest) -> None:
    now, told = [100.0], list[tuple[str, bytes]]()
    telling = Telling(ingest, LINE.topics, lambda where, payload, **_: told.append((where, payload)), lambda: now[0])
    flood(ingest, 120, "esp")
    telling.tell_all()
    for seq in (1, 2, 3):
        now[0] += LARGE_EVERY_S / 4
        ingest.take(topic(DONE), batch(seq, [seq], agent="esp"), NOW)
        ingest.commit()
        telling.committed()
    assert len(said(told, "esp")) == 1
    now[0] += LARGE_EVERY_S / 2
    telling.tick()
    assert len(said(told, "esp")) == 2
    assert decode_acks(said(told, "esp")[-1]).streams["s1"] == {"washer/done/count": 3}
