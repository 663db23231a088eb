"""Sections 2 and 3 of the contract from outside: a stranger with an MQTT client, who knows only the contract.

A real mosquitto, a real `kojo serve`; every test has a station of its own. What the stranger published is done with
when a single reading that was published after it can be read.
"""

import itertools
import json
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.rig import Kit, Pages, Process, serving, until
from tests.servers import Mosquitto, mosquitto

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.faults]

BASE = "kojo/v1/akita/wash"
S = 10**9
WITHIN_S = 60.0

HEAD = """\
schema = 1
site = "akita"
line = "wash"
[mqtt]
url = "mqtt://{host}:{port}"
[stations.mark]
name = "目印"
[stations.mark.sensors.end]
type = "external"
measures = {{ of = {{}} }}
"""
STATION = """
[stations.{id}]
name = "工程{id}"
agent = "pi-{id}"
[stations.{id}.sensors.done]
type = "external"
measures = {{ count = {{ kind = "total" }} }}
[stations.{id}.sensors.scale]
type = "external"
measures = {{ weight = {{ unit = "g", low = 0, high = 100 }} }}
[stations.{id}.sensors.wash]
type = "external"
measures = {{ state = {{ kind = "level" }} }}
[stations.{id}.sensors.why]
type = "external"
measures = {{ said = {{ kind = "text" }} }}
"""
STATIONS = tuple(f"s{n}" for n in range(20))


def line_text(broker: Mosquitto, *more: str) -> str:
    return (
        HEAD.format(host=broker.host, port=broker.port)
        + "".join(STATION.format(id=s) for s in STATIONS)
        + "".join(more)
    )


class Stranger:
    """A program that is not ours: it publishes, hears confirmations, and asks over HTTP."""

    def __init__(
        self, broker: Mosquitto, kit: Pages, protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5
    ) -> None:
        self.kit = kit
        self.heard: list[tuple[str, Any, bool]] = []
        self._marks = itertools.count(time.time_ns() % 10**9)
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=protocol)
        self._client.max_inflight_messages_set(1000)
        ready = threading.Event()
        self._client.on_connect = lambda client, *_: client.subscribe(f"{BASE}/_acks/+", qos=1)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = lambda _c, _d, m: self.heard.append((m.topic, json.loads(m.payload), m.retain))
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        assert ready.wait(WITHIN_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, where: str, payload: Any, retain: bool = False) -> None:
        """Publish below the line; what is no bytes goes as JSON."""
        text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self._client.publish(f"{BASE}/{where}", text, qos=1, retain=retain)

    def done(self) -> None:
        """Wait until all that was published is committed."""
        mark = next(self._marks)
        self._client.publish(f"{BASE}/mark/end/of", str(mark), qos=1)
        until(lambda: mark in self.readings("mark/end/of")["v"], "all is committed", WITHIN_S)

    def send(self, where: str, *payloads: Any) -> dict[str, int]:
        """Publish, wait, and say by how much each counter rose; the mark not counted."""
        before = self.kit.ingest()
        for payload in payloads:
            self.say(where, payload)
        self.done()
        after = self.kit.ingest()
        rose = {
            name: after[name] - before[name] for name in ("received", "stored", "duplicates", "quarantined", "ignored")
        }
        return {
            **rose,
            "received": rose["received"] - 1,
            "stored": rose["stored"] - 1,
        }

    def readings(self, where: str) -> Any:
        return self.kit.readings(*where.split("/"))

    def acks(self, agent: str) -> Any:
        """The last confirmation heard for an agent."""
        said = [body for topic, body, _ in list(self.heard) if topic == f"{BASE}/_acks/{agent}"]
        return said[-1] if said else None

    def confirmed(self, agent: str, stream: str, where: str, number: int | None) -> None:
        """Wait until a number is confirmed."""
        until(lambda: self._confirmed(agent, stream, where) == number, f"{agent} {stream} {where} {number}", WITHIN_S)

    def _confirmed(self, agent: str, stream: str, where: str) -> int | None:
        told: int | None = ((self.acks(agent) or {}).get("streams", {}).get(stream) or {}).get(where)
        return told


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    with mosquitto("max_queued_messages 0\n") as running:
        yield running


@pytest.fixture(scope="module")
def kit(broker: Mosquitto, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    folder = tmp_path_factory.mktemp("delivery")
    (folder / "line.toml").write_text(line_text(broker), "utf-8")
    with serving(folder / "line.toml", folder / "data") as running:
        until(lambda: running.ask("/healthz").status_code == 200, "healthy", WITHIN_S)
        yield running


@pytest.fixture(scope="module")
def stranger(broker: Mosquitto, kit: Kit) -> Iterator[Stranger]:
    program = Stranger(broker, kit)
    yield program
    program.close()


@pytest.fixture(scope="module")
def _stations() -> Iterator[str]:
    return iter(STATIONS)


@pytest.fixture
def at(_stations: Iterator[str]) -> str:
    """A station that no other test has used."""
    return next(_stations)


def now_ns() -> int:
    return time.time_ns() - 3600 * S


T0 = now_ns()


def batch(seq: int, v: list[Any], **more: Any) -> dict[str, Any]:
    """A batch whose number n was taken n seconds after the first moment of this file, unless ``t`` says otherwise."""
    t = [T0 + (seq + n) * S for n in range(len(v))]
    return {"stream": "st1", "seq": seq, "t": t, "v": v, "clock": "synced"} | more


def rose(**counters: int) -> dict[str, int]:
    return {"received": 0, "stored": 0, "duplicates": 0, "quarantined": 0, "ignored": 0} | counters


# ---------------------------------------------------------------------- batches


def test_a_batch_is_stored_and_confirmed_to_its_agent_under_the_stores_id(stranger: Stranger, at: str) -> None:
    where = f"{at}/done/count"
    assert stranger.send(where, batch(1, [412, 413], agent=f"pi-{at}")) == rose(received=2, stored=2)
    assert stranger.readings(where)["t"] == [T0 + S, T0 + 2 * S]
    assert stranger.readings(where)["v"] == [412, 413]
    stranger.confirmed(f"pi-{at}", "st1", where, 2)
    assert stranger.acks(f"pi-{at}")["store"] == stranger.kit.get("/status")["store"]["id"]


def test_whom_a_batch_is_confirmed_to(stranger: Stranger, at: str) -> None:
    where = f"{at}/scale/weight"
    stranger.send(where, batch(1, [1], stream="a"), batch(1, [1], stream="b", agent="somebody"))
    stranger.confirmed(f"pi-{at}", "a", where, 1)
    stranger.confirmed("somebody", "b", where, 1)
    assert "b" not in stranger.acks(f"pi-{at}")["streams"]
    stranger.send("mark/end/of", batch(1, [0.5], stream="nobodys"))
    assert not any("nobodys" in body["streams"] for _, body, _ in stranger.heard), "no agent: stored and not confirmed"


def test_every_agent_of_the_line_is_told_every_five_seconds_even_that_nothing_is_known(stranger: Stranger) -> None:
    fresh = [body for topic, body, retained in stranger.heard if topic == f"{BASE}/_acks/pi-s19" and not retained]
    until(
        lambda: (
            len([1 for topic, _, retained in stranger.heard if topic == f"{BASE}/_acks/pi-s19" and not retained])
            >= len(fresh) + 2
        ),
        "told twice more",
        WITHIN_S,
    )
    assert stranger.acks("pi-s19")["streams"] == {}


def test_a_confirmation_is_retained(stranger: Stranger, broker: Mosquitto, kit: Kit) -> None:
    late = Stranger(broker, kit)
    until(lambda: late.acks("pi-s19") is not None, "told at once", WITHIN_S)
    assert next(retained for topic, _, retained in late.heard if topic == f"{BASE}/_acks/pi-s19")
    late.close()


def test_the_next_batch_over_3_1_1_is_the_same_stream(stranger: Stranger, broker: Mosquitto, kit: Kit, at: str) -> None:
    old = Stranger(broker, kit, MQTTProtocolVersion.MQTTv311)
    where = f"{at}/done/count"
    stranger.send(where, batch(1, [1]))
    assert old.send(where, batch(1, [1, 2])) == rose(received=2, stored=1, duplicates=1)
    old.close()


def test_repeats_overlaps_and_batches_that_overtake_each_other(stranger: Stranger, at: str) -> None:
    where = f"{at}/done/count"
    parts = [
        batch(8, [8, 9]),
        batch(1, [1, 2]),
        batch(2, [2, 3, 4]),
        batch(8, [8, 9]),
        batch(4, [4, 5, 6, 7, 8]),
        batch(1, [1]),
    ]
    assert stranger.send(where, *parts) == rose(received=15, stored=9, duplicates=6)
    assert stranger.readings(where)["v"] == list(range(1, 10))
    stranger.confirmed(f"pi-{at}", "st1", where, 9)


def test_other_content_in_one_reading_sends_all_of_it_to_quarantine_each_time_and_its_new_numbers_are_seen(
    stranger: Stranger, at: str
) -> None:
    where = f"{at}/scale/weight"
    stranger.send(where, batch(1, [1, 2, 3]))
    wrong = batch(2, [2, 33, 4, 5])
    assert stranger.send(where, wrong, wrong) == rose(quarantined=2)
    stranger.confirmed(f"pi-{at}", "st1", where, 5)
    assert stranger.send(where, batch(4, [44, 55]), batch(4, ["any", None])) == rose(received=4, duplicates=4)
    assert stranger.send(where, batch(1, [1, 2, 3, 0, 0, 6])) == rose(received=6, stored=1, duplicates=5)
    assert stranger.send(where, batch(1, [1], t=[T0])) == rose(quarantined=1)
    assert stranger.readings(where)["v"] == [1, 2, 3, 6]


def test_large_batches(stranger: Stranger, at: str) -> None:
    where = f"{at}/scale/weight"
    many = json.dumps(batch(1, list(range(3000))))
    exactly = many[:-1] + ',"pad":"' + "x" * (262_144 - len(many) - 9) + '"}'
    assert len(exactly) == 262_144
    assert stranger.send(where, exactly.encode()) == rose(received=3000, stored=3000)
    more = json.dumps(batch(3001, [1], pad="x" * 262_144))
    assert stranger.send(where, more.encode(), more.encode()) == rose(received=1, duplicates=1, quarantined=1)
    stranger.confirmed(f"pi-{at}", "st1", where, 3001)


WHOLE = json.dumps(batch(1, [1, 2]))
BROKEN = {
    "NaN": WHOLE.replace("[1, 2]", "[1, NaN]").encode(),
    "1E400": WHOLE.replace("[1, 2]", "[1, 1E400]").encode(),
    "digits": WHOLE.replace("[1, 2]", f"[1, {'9' * 5000}]").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE.encode(),
    "half a letter": WHOLE.replace("[1, 2]", '[1, "\\ud800"]').encode(),
    "nested 17 deep": json.dumps(batch(1, [1, 2], more=[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]])).encode(),
    "equal times": json.dumps(batch(1, [1, 2], t=[T0, T0])).encode(),
    "an exponent in t": WHOLE.replace(str(T0 + S), "1.795e18").encode(),
    "before 2020": json.dumps(batch(1, [1, 2], t=[5, 6])).encode(),
    "two days ahead": json.dumps(batch(1, [1, 2], t=[T0, T0 + 2 * 86_400 * S])).encode(),
    "no clock": json.dumps({k: v for k, v in batch(1, [1, 2]).items() if k != "clock"}).encode(),
    "unsynced without sent": json.dumps(batch(1, [1, 2], clock="unsynced")).encode(),
    "from nothing": json.dumps(batch(1, [1, 2], **{"from": 0})).encode(),
    "true on a number": json.dumps(batch(1, [1, True])).encode(),
    "beyond 2^53": json.dumps(batch(1, [1, 2**53 + 1])).encode(),
    "257 letters": json.dumps(batch(1, [1, "x" * 257])).encode(),
    "unequal arrays": json.dumps(batch(1, [1, 2], t=[T0])).encode(),
}


def test_whatever_is_wrong_with_a_batch_it_is_quarantined_once_and_confirmed(stranger: Stranger, at: str) -> None:
    where = f"{at}/scale/weight"
    for n, (what, payload) in enumerate(BROKEN.items()):
        broken = payload.replace(b'"st1"', f'"w{n}"'.encode())
        assert stranger.send(where, broken) == rose(quarantined=1), what
        assert stranger.send(where, broken) == rose(received=2, duplicates=2), what
        stranger.confirmed(f"pi-{at}", f"w{n}", where, 2)
    kept = [m for m in stranger.kit.get("/quarantine")["messages"] if m["topic"].endswith(where)]
    assert len(kept) == len(BROKEN)
    assert all(message["reason"] for message in kept)
    assert stranger.send(where, batch(1, [5])) == rose(received=1, stored=1)


def test_a_total_falls_in_one_batch_only(stranger: Stranger, at: str) -> None:
    where = f"{at}/done/count"
    parts = [
        batch(1, [10]),
        batch(9, [20]),
        batch(5, [5]),
        batch(6, [4]),
        batch(7, [5]),
        batch(3, [11]),
        batch(10, [19]),
    ]
    assert stranger.send(where, *parts) == rose(received=4, stored=4, quarantined=3)
    assert stranger.readings(where)["v"] == [10, 11, 5, 20]


def test_kinds(stranger: Stranger, at: str) -> None:
    assert stranger.send(f"{at}/wash/state", batch(1, [True, 0, 1, False]), batch(1, [1, False, True, 0])) == rose(
        received=8, stored=4, duplicates=4
    )
    assert stranger.readings(f"{at}/wash/state")["v"] == [1, 0, 1, 0]
    assert stranger.send(f"{at}/wash/state", batch(5, [2]), batch(6, ["1"])) == rose(quarantined=2)
    assert stranger.send(f"{at}/why/said", batch(1, ["段取り", 7, 1.5, 4901234567894])) == rose(received=4, stored=4)
    assert stranger.readings(f"{at}/why/said")["v"] == ["段取り", "7", "1.5", "4901234567894"]
    assert stranger.send(f"{at}/why/said", batch(5, [True])) == rose(quarantined=1)
    assert stranger.send(f"{at}/scale/weight", batch(1, [50, 150.5, -0.0])) == rose(received=3, stored=3)
    assert stranger.readings(f"{at}/scale/weight")["flag"] == [0, 1, 0]
    assert stranger.send(f"{at}/done/count", batch(1, [-1]), batch(2, [0.5])) == rose(quarantined=2)


# ---------------------------------------------------------------------- singles and topics


def test_singles(stranger: Stranger, at: str) -> None:
    where, t = f"{at}/scale/weight", T0 // S
    spelt = (datetime.fromtimestamp(t, zone).isoformat() for zone in (UTC, timezone(timedelta(hours=9))))
    same = [{"v": 2, "t": next(spelt)}, {"v": 2.0, "t": next(spelt)}, {"v": 2, "t": t * S}]
    assert stranger.send(where, *same) == rose(received=3, stored=1, duplicates=2)
    assert stranger.send(where, {"v": 3, "t": t * S}, {"v": 3, "t": t * S}) == rose(quarantined=2)
    assert stranger.send(where, b"23.5", b"23.5", {"v": 23.5}) == rose(received=3, stored=3)
    stamps = stranger.readings(where)["t"]
    assert len(set(stamps)) == 4
    for t_ in ("null", "1e18", '"2026-11-18T10:06:40"', '"yesterday"'):
        assert stranger.send(where, f'{{"v":1,"t":{t_}}}'.encode()) == rose(quarantined=1)


def test_a_retained_single_counts_only_with_its_time(
    broker: Mosquitto, tmp_path: Path, kit: Kit, stranger: Stranger, at: str
) -> None:
    stranger.say(f"{at}/scale/weight", b"5", retain=True)
    stranger.say(f"{at}/why/said", {"v": "six", "t": T0}, retain=True)
    stranger.done()
    (tmp_path / "line.toml").write_text(line_text(broker), "utf-8")
    with serving(tmp_path / "line.toml", tmp_path / "data") as other:
        until(lambda: other.readings(at, "why", "said")["v"] == ["six"], "retained with its time", WITHIN_S)
        newcomer = Stranger(broker, other)
        newcomer.done()
        assert newcomer.readings(f"{at}/scale/weight")["v"] == []
        newcomer.close()
    for where in (f"{at}/scale/weight", f"{at}/why/said"):
        stranger.say(where, b"", retain=True)
    stranger.done()


def test_other_shapes_are_counted_and_what_belongs_to_the_kit_is_no_reading(stranger: Stranger, at: str) -> None:
    before = stranger.kit.ingest()
    for where in (f"{at}", f"{at}/scale", f"{at}/scale/weight/now", "x/y/z/a/b/c"):
        stranger.say(where, b"1")
    for where in (f"_x/{at}/y", f"_acks/{at}-9", f"_set/{at}/lamp", "_collector/other"):
        stranger.say(where, b"{}")
    stranger._client.publish("kojo/v1/sendai/wash/a/b/c", b"1", qos=1)
    stranger._client.publish("kojo/v1/akita/wash2/a/b/c", b"1", qos=1)
    stranger.done()
    after = stranger.kit.ingest()
    assert (after["ignored"] - before["ignored"], after["quarantined"] - before["quarantined"]) == (4, 0)
    assert stranger.send(f"_{at}/scale/weight", b"1") == rose()
    assert stranger.send(f"{at}/_agent/alive", batch(1, [30])) == rose(received=1, stored=1)
    assert stranger.send("nobody/scale/weight", b"1") == rose(quarantined=1)


def test_received_is_stored_and_duplicates_at_every_moment(stranger: Stranger, at: str) -> None:
    seen, stop = list[Any](), threading.Event()

    def watch() -> None:
        while not stop.is_set():
            seen.append(stranger.kit.ingest())

    watcher = threading.Thread(target=watch)
    watcher.start()
    for n in range(1, 1500):
        stranger.say(f"{at}/done/count", batch(n, [n, n + 1]))
        if n % 7 == 0:
            stranger.say(f"{at}/done/count", batch(n, [-n]))
    stranger.done()
    stop.set()
    watcher.join()
    assert len({moment["received"] for moment in seen}) > 3
    assert all(moment["received"] == moment["stored"] + moment["duplicates"] for moment in seen)


# ---------------------------------------------------------------------- over a kill


class Plant:
    """A `kojo serve` that can be killed and started again, with its line corrected."""

    def __init__(self, broker: Mosquitto, folder: Path) -> None:
        self.broker, self.folder = broker, folder
        self.correct()
        self.start()

    def correct(self, *more: str) -> None:
        (self.folder / "line.toml").write_text(line_text(self.broker, *more), "utf-8")

    def start(self) -> None:
        told = ("--line", self.folder / "line.toml", "--data", self.folder / "data", "--http", "127.0.0.1:0")
        self.process = Process("serve", *told)
        self.kit = Kit(self.process, self.folder / "data")
        until(lambda: self.kit.ask("/healthz").status_code == 200, "healthy", WITHIN_S)
        self.stranger = Stranger(self.broker, self.kit)

    def kill(self) -> None:
        self.stranger.close()
        self.process.end(signal.SIGKILL)


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with mosquitto("max_queued_messages 0\n") as own:
        running = Plant(own, tmp_path)
        try:
            yield running
        finally:
            running.kill()


def test_what_is_known_survives_a_kill(plant: Plant) -> None:
    where = "s0/done/count"
    plant.stranger.send(where, batch(11, [11], **{"from": 11}), batch(12, [-1]), batch(12, [12]), b"warm")
    before = plant.kit.ingest()
    store = plant.kit.get("/status")["store"]["id"]
    plant.kill()
    plant.start()
    counted = ("received", "stored", "duplicates", "missing", "quarantined", "ignored", "in_quarantine")
    assert [plant.kit.ingest()[name] for name in counted] == [before[name] for name in counted]
    assert plant.kit.get("/status")["store"]["id"] == store
    assert plant.stranger.send(where, batch(11, [11, 77])) == rose(received=2, duplicates=2)
    plant.stranger.confirmed("pi-s0", "st1", where, 12)


def test_a_stream_without_a_clock_is_kept_over_a_kill_confirmed_late_and_shifted_once(plant: Plant) -> None:
    where, behind = "s0/done/count", 1_000_000 * S
    booted = time.time_ns() - behind - 60 * S

    def unsynced(seq: int) -> dict[str, Any]:
        sent = time.time_ns() - behind
        return batch(seq, [seq], t=[booted + seq * S], clock="unsynced", sent=sent, stream="boot")

    calm = time.monotonic() + 3.0
    until(lambda: time.monotonic() > calm, "what comes now was not queued")
    assert plant.stranger.send(where, unsynced(1)) == rose()
    assert plant.kit.ingest()["waiting_for_clock"] == 1
    plant.kill()
    plant.start()
    assert plant.kit.ingest()["waiting_for_clock"] == 1, "the broker was told, so it must be on disk"
    plant.stranger.send(where, unsynced(2))
    plant.stranger.confirmed("pi-s0", "boot", where, 2)
    shift = plant.kit.ingest()["shifted"]["boot"]
    assert behind <= shift < behind + 5 * S
    assert plant.stranger.readings(where)["t"] == [booted + n * S + shift for n in (1, 2)]
    late = unsynced(3) | {"sent": time.time_ns() - behind - 400 * S}
    assert plant.stranger.send(where, late) == rose(received=1, stored=1)
    assert plant.kit.ingest()["shifted"]["boot"] == shift
