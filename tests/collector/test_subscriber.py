"""The collector on a real mosquitto: acknowledged only after the commit, and no payload stops it."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from collector.embedded import EmbeddedBroker
from collector.ingest import Ingest
from collector.part import SHARES
from collector.store import Rows, Work
from collector.store.duck import DuckStore
from collector.subscriber import Subscriber
from collector.telling import EVERY_S
from contract.broker import Broker
from contract.errors import StoreAway
from contract.words import Words
from tests.collector.example import DONE, LINE, TEMPERATURE, batch, topic
from tests.servers import Mosquitto, free_port, mosquitto, need, wait_until

pytestmark = pytest.mark.mosquitto

BASE = "kojo/v1/akita/wash"


class SlowStore(DuckStore):
    """A store that can be away."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, threads=1, memory_mb=128)
        self.away = False
        self.refused = threading.Event()

    def commit(self, work: Work) -> None:
        if self.away:
            self.refused.set()
            raise StoreAway(Words("保存先が見えません。", "The store is away."))
        super().commit(work)


class Listener:
    """Another client, as a person with mosquitto_sub."""

    def __init__(self, host: str, port: int, to: str = "#") -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        self._subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe(to, qos=1)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = lambda _c, _d, m: self.heard.append((m.topic, bytes(m.payload), m.retain))
        self._client.connect(host, port)
        self._client.loop_start()
        assert self._subscribed.wait(10)

    def last(self, topic: str) -> Any:
        said = [payload for name, payload, _ in self.heard if name == topic]
        return json.loads(said[-1]) if said and said[-1] else None

    def publish(self, topic: str, payload: bytes, qos: int = 1) -> None:
        self._client.publish(topic, payload, qos=qos).wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Collector:
    """Store, ingest and subscriber."""

    def __init__(self, directory: Path, host: str, port: int, embedded: bool = False) -> None:
        self.store = SlowStore(directory / "line.duckdb")
        self.ingest = Ingest(self.store, [(0, LINE)], "one")
        self.rows: list[Rows] = []
        self.subscriber = Subscriber(
            LINE, self.ingest, Broker(host, port, embedded=embedded), on_stored=self.rows.extend
        )
        self.subscriber.start()
        wait_until(lambda: self.subscriber.connected, what="subscribed")

    def count(self, name: str) -> int:
        return int(self.ingest.status()[name])

    def stop(self) -> None:
        self.subscriber.stop()
        self.store.close()


@contextmanager
def collecting(directory: Path, broker: Mosquitto) -> Iterator[Collector]:
    collector = Collector(directory, broker.host, broker.port)
    try:
        yield collector
    finally:
        collector.stop()


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as broker:
        yield broker


@pytest.fixture
def collector(tmp_path: Path, broker: Mosquitto) -> Iterator[Collector]:
    with collecting(tmp_path, broker) as collector:
        yield collector


@pytest.fixture
def listener(broker: Mosquitto) -> Iterator[Listener]:
    listener = Listener(broker.host, broker.port)
    yield listener
    listener.close()


def test_what_mosquitto_pub_says_is_stored(collector: Collector, broker: Mosquitto) -> None:
    command = [need("mosquitto_pub"), "-h", broker.host, "-p", str(broker.port)]
    subprocess.run([*command, "-t", f"{BASE}/washer/esp/temperature", "-m", "23.5"], check=True)
    wait_until(lambda: len(collector.rows) == 1)
    assert collector.store.readings(TEMPERATURE).v.tolist() == [23.5]


def test_bad_payloads_land_in_quarantine_and_disturb_nobody(collector: Collector, listener: Listener) -> None:
    bad = [b"", b"nope", b"\xff\xfe", b"NaN", b"[" * 10_000, b'{"seq":1}', b"x" * 300_000, b'{"v":{}}']
    for payload in bad:
        listener.publish(topic(TEMPERATURE), payload)
    listener.publish(f"{BASE}/washer", b"1")
    listener.publish(f"{BASE}/_agents/pi-1", b"not json")
    listener.publish(topic(TEMPERATURE), b"1.5")
    wait_until(lambda: collector.count("stored") == 1)
    assert collector.store.readings(TEMPERATURE).v.tolist() == [1.5]
    assert collector.count("quarantined") == len(bad)
    assert collector.count("ignored") == 1
    assert [one.payload for one in collector.store.quarantine()] == bad


def test_an_agent_is_told_after_the_commit_retained(
    collector: Collector, listener: Listener, broker: Mosquitto
) -> None:
    listener.publish(topic(DONE), batch(1, [1, 2, 3]))
    acks = f"{BASE}/_acks/pi-1"
    told = {"store": collector.store.id, "streams": {"s1": {"washer/done/count": 3}}}
    wait_until(lambda: listener.last(acks) == told)
    late = Listener(broker.host, broker.port, acks)
    wait_until(lambda: late.last(acks) == told)
    assert late.heard[0][2], "retained"
    late.close()


def test_what_only_changes_what_is_confirmed_is_told_after_its_commit_too(
    collector: Collector, listener: Listener
) -> None:
    acks, soon = f"{BASE}/_acks/pi-1", EVERY_S / 2
    listener.publish(topic(DONE), batch(1, [1.5]))
    wait_until(lambda: listener.last(acks)["streams"] == {"s1": {"washer/done/count": 1}}, soon, "quarantined")
    listener.publish(topic(DONE), batch(1, [1.5], lowest=8))
    wait_until(lambda: listener.last(acks)["streams"] == {"s1": {"washer/done/count": 7}}, soon, "passed over")


def test_every_agent_of_the_line_is_told_from_the_first_moment(collector: Collector, listener: Listener) -> None:
    wait_until(lambda: listener.last(f"{BASE}/_acks/pi-1") == {"store": collector.store.id, "streams": {}})


def test_the_counters_stand_on_the_broker(collector: Collector, listener: Listener) -> None:
    name = f"{BASE}/_collector/one"
    wait_until(lambda: (listener.last(name) or {}).get("state") == "online")
    assert listener.last(name)["stored"] == 0
    collector.subscriber.stop()
    wait_until(lambda: listener.last(name) == {"state": "offline"})


def test_what_agents_say_of_themselves_is_known(collector: Collector, listener: Listener) -> None:
    listener.publish(f"{BASE}/_agents/pi-1", b'{"state":"online","at":5,"backlog":0,"dropped":0}')
    wait_until(lambda: collector.subscriber.agents()[0]["state"] == "online")
    assert collector.subscriber.agents() == [
        {"agent": "pi-1", "state": "online", "at": 5, "backlog": 0, "dropped": 0, "conflict": False}
    ]


def test_what_the_store_could_not_take_is_not_acknowledged_and_comes_again(tmp_path: Path, broker: Mosquitto) -> None:
    listener = Listener(broker.host, broker.port)
    with collecting(tmp_path / "one", broker) as collector:
        collector.store.away = True
        listener.publish(topic(DONE), batch(1, [1, 2]))
        assert collector.store.refused.wait(10)
        wait_until(lambda: collector.subscriber.trouble is not None)
        assert collector.rows == []
        assert listener.last(f"{BASE}/_acks/pi-1")["streams"] == {}
    with collecting(tmp_path / "two", broker) as other:
        wait_until(lambda: len(other.rows) == 1)
        assert other.store.readings(DONE).v.tolist() == [1, 2]
    listener.close()


def test_what_was_committed_was_acknowledged_and_does_not_come_again(tmp_path: Path, broker: Mosquitto) -> None:
    listener = Listener(broker.host, broker.port)
    with collecting(tmp_path / "one", broker) as collector:
        listener.publish(topic(DONE), batch(1, [1, 2]))
        wait_until(lambda: len(collector.rows) == 1)
    listener.publish(topic(TEMPERATURE), b"7")
    with collecting(tmp_path / "two", broker) as other:
        wait_until(lambda: len(other.rows) == 1)
        assert other.rows[0].series == TEMPERATURE
    listener.close()


def test_a_store_that_comes_back_gets_everything(collector: Collector, listener: Listener) -> None:
    collector.store.away = True
    for n in range(1, 60):
        listener.publish(topic(DONE), batch(n, [n]))
    assert collector.store.refused.wait(10)
    collector.store.away = False
    wait_until(lambda: collector.count("stored") == 59)
    assert collector.store.readings(DONE).v.tolist() == list(range(1, 60))
    wait_until(lambda: collector.subscriber.trouble is None)


@pytest.mark.slow
def test_a_broker_that_is_killed_and_comes_back_is_found_again(tmp_path: Path) -> None:
    with mosquitto() as broker, collecting(tmp_path, broker) as collector:
        broker.stop(kill=True)
        wait_until(lambda: not collector.subscriber.connected)
        broker.start()
        wait_until(lambda: collector.subscriber.connected)
        broker.publish(topic(TEMPERATURE), b"4")
        wait_until(lambda: collector.count("stored") == 1)


@pytest.mark.parametrize(
    "embedded",
    [True, pytest.param(False, id="and speaks only 3.1.1 though we did not know", marks=pytest.mark.slow)],
)
def test_a_broker_that_is_not_there_yet_is_waited_for(tmp_path: Path, embedded: bool) -> None:
    port = free_port()
    store = SlowStore(tmp_path / "line.duckdb")
    address = Broker("127.0.0.1", port, embedded=embedded)
    subscriber = Subscriber(LINE, Ingest(store, [(0, LINE)], "one"), address)
    subscriber.start()
    wait_until(lambda: subscriber.trouble is not None)
    broker = EmbeddedBroker("127.0.0.1", port)
    broker.start()
    wait_until(lambda: subscriber.connected)
    subscriber.stop()
    broker.stop()
    store.close()


def test_the_embedded_broker_carries_readings_and_confirmations(tmp_path: Path) -> None:
    embedded = EmbeddedBroker("127.0.0.1", free_port())
    embedded.start()
    collector = Collector(tmp_path, embedded.host, embedded.port, embedded=True)
    listener = Listener(embedded.host, embedded.port)
    for n in range(1, 101):
        listener.publish(topic(DONE), batch(n, [n]))
    wait_until(lambda: collector.count("stored") == 100)
    told = {"store": collector.store.id, "streams": {"s1": {"washer/done/count": 100}}}
    wait_until(lambda: listener.last(f"{BASE}/_acks/pi-1") == told)
    listener.close()
    collector.stop()
    embedded.stop()


def test_two_collectors_with_one_id_are_said_plainly(
    tmp_path: Path, broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    with collecting(tmp_path / "one", broker) as one, collecting(tmp_path / "two", broker) as two:
        wait_until(lambda: one.subscriber.ends.conflict and two.subscriber.ends.conflict, 60)
    assert "kojo:akita:wash:collector:one" in caplog.text


class Shared:
    """Two collectors that share a broker's messages, each with a file of its own: what one has the other lacks."""

    def __init__(self, directory: Path, broker: Broker) -> None:
        self.stores = [SlowStore(directory / name / "line.duckdb") for name in ("a", "b")]
        self.ingests = [Ingest(store, [(0, LINE)], name) for store, name in zip(self.stores, ("a", "b"), strict=True)]
        self.subscribers = [Subscriber(LINE, ingest, broker, part=SHARES) for ingest in self.ingests]
        for subscriber in self.subscribers:
            subscriber.start()
        wait_until(lambda: all(subscriber.connected for subscriber in self.subscribers), 30)

    def stored(self) -> list[int]:
        return [int(ingest.status()["stored"]) for ingest in self.ingests]

    def close(self) -> None:
        for subscriber, store in zip(self.subscribers, self.stores, strict=True):
            subscriber.stop()
            store.close()


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[Shared, Mosquitto, Listener]]:
    with mosquitto() as broker:
        both = Shared(tmp_path, Broker(broker.host, broker.port))
        listener = Listener(broker.host, broker.port)
        yield both, broker, listener
        listener.close()
        both.close()


def test_collectors_that_share_are_each_given_a_part_and_all_hear_the_agents(
    shared: tuple[Shared, Mosquitto, Listener],
) -> None:
    both, _, listener = shared
    for n in range(1, 41):
        listener.publish(topic(DONE), batch(n, [n]))
    listener.publish(f"{BASE}/_agents/pi-1", b'{"state":"online","at":5}')
    wait_until(lambda: sum(both.stored()) == 40, 30)
    assert min(both.stored()) >= 10
    for subscriber in both.subscribers:
        wait_until(lambda one=subscriber: one.agents()[0]["state"] == "online", 30)  # type: ignore[misc]


def test_a_collector_that_shares_counts_other_shapes_too(shared: tuple[Shared, Mosquitto, Listener]) -> None:
    both, _, listener = shared
    listener.publish(f"{BASE}/washer", b"1")
    listener.publish(f"{BASE}/washer/esp/temperature/more", b"1")
    wait_until(lambda: sum(int(ingest.status()["ignored"]) for ingest in both.ingests) == 2, 30)
