"""The link against a real mosquitto: what an observer hears, whatever happens to the broker."""

import json
import logging
import socket
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from contract.broker import Broker
from contract.line import Line, OutboxLimits, Output, Station
from contract.payload import Acks, decode, encode_acks
from contract.reading import Batch, Series
from contract.secrets import Credentials
from edge.delivery import Delivery
from edge.link import Link
from edge.outbox import Outbox
from edge.system_clock import SystemClock
from tests.faults.proxy import Proxy
from tests.servers import Mosquitto, free_port, mosquitto, need, wait_until

pytestmark = pytest.mark.mosquitto

AIR = Series("washer", "air", "temperature")
BASE = "kojo/v1/akita/wash"
STATION = Station("washer", "洗浄機", agent="pi-1", outputs={"andon": Output("washer", "andon", "lamp", {"pin": 23})})
NOBODY = Credentials()
LINE = Line("akita", "wash", stations={"washer": STATION})


class Observer:
    """Somebody who hears everything on a broker."""

    def __init__(self, broker: Mosquitto) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self.subscribed = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, "observer")
        self.client.on_message = self._hear
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.connect(broker.host, broker.port)
        self.client.subscribe("#", 1)
        self.client.loop_start()
        assert self.subscribed.wait(10.0)

    def _hear(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))

    def batches(self) -> list[Batch]:
        topic = f"{BASE}/{AIR}"
        found = [decode(payload, AIR) for at, payload, _ in self.messages if at == topic]
        return [batch for batch in found if isinstance(batch, Batch)]

    def numbers(self) -> Counter[int]:
        return Counter(n for batch in self.batches() for n in range(batch.seq, batch.last + 1))

    def by_stream(self) -> Counter[tuple[str, int]]:
        return Counter((b.stream, n) for b in self.batches() for n in range(b.seq, b.last + 1))

    def states(self) -> list[str]:
        return [json.loads(p)["state"] for at, p, _ in self.messages if at == f"{BASE}/_agents/pi-1"]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


class Speaker:
    """An agent as the link knows it."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, str, bytes]] = []
        self.links: list[bool] = []

    def state(self) -> dict[str, Any]:
        return {"state": "online", "version": "0", "clock": "synced", "backlog": 0, "dropped": 0, "sensors": {}}

    def command(self, station: str, output: str, payload: bytes) -> None:
        self.commands.append((station, output, payload))

    def listen(self, listener: Any) -> None:
        self.listener = listener

    def linked(self, up: bool) -> None:
        self.links.append(up)

    def to_others(self, send: Any) -> None:
        self.send = send


class Kit:
    """An outbox with its link, on real threads."""

    def __init__(
        self, directory: Path, broker: Broker, *, resend_after_s: float = 30.0, credentials: Credentials = NOBODY
    ) -> None:
        self.clock = SystemClock()
        limits = OutboxLimits(resend_after_s=resend_after_s)
        self.outbox = Outbox(directory / "outbox.sqlite", "pi-1", self.clock, limits)
        self.delivery = Delivery(self.outbox, self.clock)
        self.speaker = Speaker()
        self.link = Link(LINE, "pi-1", self.delivery, self.clock, broker, credentials, self.speaker)
        self.link.start()

    def read(self, count: int = 1) -> None:
        for number in range(count):
            self.outbox.put(AIR, number, self.clock.monotonic_ns())
        self.outbox.commit()

    def close(self) -> None:
        self.link.stop()
        self.outbox.close()
        self.clock.close()


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


def _address(broker: Mosquitto) -> Broker:
    return Broker(broker.host, broker.port)


def test_what_is_committed_is_heard_at_once(tmp_path: Path, broker: Mosquitto) -> None:
    observer, kit = Observer(broker), Kit(tmp_path, _address(broker))
    wait_until(lambda: kit.link.connected)
    kit.read(3)
    wait_until(lambda: len(observer.numbers()) == 3)
    (batch,) = observer.batches()
    assert (batch.agent, batch.seq, batch.lowest, batch.stream) == ("pi-1", 1, 1, kit.outbox.stream)
    assert not any(retained for topic, _, retained in observer.messages if topic.endswith("temperature"))
    kit.close()
    observer.close()


def test_the_state_is_retained_and_says_goodbye(tmp_path: Path, broker: Mosquitto) -> None:
    kit = Kit(tmp_path, _address(broker))
    wait_until(lambda: kit.link.connected)
    first = Observer(broker)
    wait_until(lambda: first.states() == ["online"])
    said = json.loads(next(p for topic, p, _ in first.messages if topic.endswith("_agents/pi-1")))
    assert {"state", "at", "version", "clock", "backlog", "dropped", "sensors"} <= set(said)
    assert said["at"].endswith("+00:00")
    kit.close()
    second = Observer(broker)
    wait_until(lambda: second.states() == ["offline"])
    first.close()
    second.close()


def test_a_link_that_is_cut_leaves_its_last_will(tmp_path: Path, broker: Mosquitto) -> None:
    observer, kit = Observer(broker), Kit(tmp_path, _address(broker))
    wait_until(lambda: observer.states() == ["online"])
    assert kit.link._client is not None
    line: Any = kit.link._client.socket()
    line.shutdown(socket.SHUT_RDWR)
    wait_until(lambda: observer.states()[:2] == ["online", "offline"])
    wait_until(lambda: observer.states()[-1] == "online")
    kit.close()
    observer.close()


def test_a_broker_that_comes_later_gets_everything_in_order(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with caplog.at_level(logging.WARNING, "edge.link"):
        kit = Kit(tmp_path, Broker("127.0.0.1", port))
        kit.read(5000)
        wait_until(lambda: bool(caplog.records), what="it is said that the broker is away")
        later = Mosquitto(tmp_path, port=port)
        later.start()
        observer = Observer(later)
        kit.read(1)
        wait_until(lambda: len(observer.numbers()) == 5001)
    assert [batch.seq for batch in observer.batches()] == sorted(batch.seq for batch in observer.batches())
    assert set(observer.numbers().values()) == {1}
    assert [r.levelname for r in caplog.records].count("WARNING") <= 2, "once away, once back"
    kit.close()
    observer.close()
    later.stop()


@pytest.mark.slow
def test_without_confirmations_nothing_is_sent_twice_through_restarts_of_the_broker(
    tmp_path: Path, broker: Mosquitto
) -> None:
    kit = Kit(tmp_path, _address(broker), resend_after_s=0.0)
    heard: Counter[int] = Counter()
    for _ in range(3):
        observer = Observer(broker)
        wait_until(lambda: kit.link.connected)
        before = kit.outbox.held
        kit.read(100)
        wait_until(lambda o=observer, b=before: max(o.numbers(), default=0) == b + 100)  # type: ignore[misc]
        heard += observer.numbers()
        broker.stop(kill=True)
        wait_until(lambda: not kit.link.connected)
        observer.close()
        broker.start()
    assert heard == Counter(range(1, 301))
    kit.close()


def test_without_confirmations_nothing_is_sent_twice_through_restarts_of_the_agent(
    tmp_path: Path, broker: Mosquitto
) -> None:
    observer = Observer(broker)
    expected: Counter[tuple[str, int]] = Counter()
    for _ in range(3):
        kit = Kit(tmp_path, _address(broker))
        wait_until(lambda k=kit: k.link.connected)  # type: ignore[misc]
        kit.read(100)
        expected.update((kit.outbox.stream, number) for number in range(1, 101))
        wait_until(lambda: len(observer.by_stream()) == len(expected))
        kit.close()
    assert observer.by_stream() == expected
    observer.close()


def test_what_a_fresh_confirmation_lacks_is_sent_again_and_what_it_has_is_not(
    tmp_path: Path, broker: Mosquitto
) -> None:
    observer, kit = Observer(broker), Kit(tmp_path, _address(broker), resend_after_s=0.0)
    wait_until(lambda: kit.link.connected)
    kit.read(10)
    wait_until(lambda: len(observer.numbers()) == 10)
    acks = encode_acks(Acks("store-1", {kit.outbox.stream: {str(AIR): 7}}))
    broker.publish(f"{BASE}/_acks/pi-1", acks, retain=True)
    wait_until(lambda: observer.numbers() == Counter({n: 1 if n <= 7 else 2 for n in range(1, 11)}))
    assert kit.outbox.backlog == 3
    kit.close()
    observer.close()


@pytest.mark.slow
def test_what_a_slow_link_has_not_carried_yet_is_not_sent_again(tmp_path: Path, broker: Mosquitto) -> None:
    with Proxy(broker.host, broker.port) as network:
        observer, kit = Observer(broker), Kit(tmp_path, Broker("127.0.0.1", network.port), resend_after_s=2.0)
        wait_until(lambda: kit.link.connected)
        network.slow(bytes_per_s=4000, delay_s=0.0)
        kit.read(600)
        acks = encode_acks(Acks("store-1", {kit.outbox.stream: {}}))

        def heard(numbers: int) -> bool:
            if len(observer.numbers()) >= numbers:
                return True
            observer.client.publish(f"{BASE}/_acks/pi-1", acks)
            return False

        wait_until(lambda: heard(600), 60.0)
        kit.read(1)
        wait_until(lambda: len(observer.numbers()) == 601, 60.0)
        assert set(observer.numbers().values()) == {1}
        kit.close()
        observer.close()


def test_a_retained_confirmation_confirms_but_sends_nothing_again(tmp_path: Path, broker: Mosquitto) -> None:
    observer, kit = Observer(broker), Kit(tmp_path, _address(broker), resend_after_s=0.0)
    kit.read(10)
    wait_until(lambda: len(observer.numbers()) == 10)
    acks = encode_acks(Acks("store-1", {kit.outbox.stream: {str(AIR): 10}}))
    broker.publish(f"{BASE}/_acks/pi-1", acks)
    wait_until(lambda: kit.outbox.backlog == 0)
    kit.read(10)
    wait_until(lambda: len(observer.numbers()) == 20)
    stream = kit.outbox.stream
    kit.close()
    broker.publish(f"{BASE}/_acks/pi-1", encode_acks(Acks("store-1", {stream: {str(AIR): 15}})), retain=True)
    kit = Kit(tmp_path, _address(broker), resend_after_s=0.0)
    wait_until(lambda: kit.outbox.backlog == 5)
    kit.read(1)
    wait_until(lambda: (kit.outbox.stream, 1) in observer.by_stream())
    assert set(observer.by_stream().values()) == {1}
    kit.close()
    observer.close()


def test_nonsense_on_the_confirmations_topic_disturbs_nobody(tmp_path: Path, broker: Mosquitto) -> None:
    observer, kit = Observer(broker), Kit(tmp_path, _address(broker))
    wait_until(lambda: kit.link.connected)
    for payload in (b"", b"{", b"[]", b'{"store":1}', b'{"store":"s","streams":{"x":{"y":"z"}}}'):
        broker.publish(f"{BASE}/_acks/pi-1", payload)
    kit.read(1)
    wait_until(lambda: len(observer.numbers()) == 1)
    kit.close()
    observer.close()


def test_commands_are_handed_on_and_retained_ones_are_not(tmp_path: Path, broker: Mosquitto) -> None:
    broker.publish(f"{BASE}/_set/washer/andon", b'{"v":0}', retain=True)
    kit = Kit(tmp_path, _address(broker))
    wait_until(lambda: kit.link.connected)
    broker.publish(f"{BASE}/_set/packer/andon", b'{"v":1}')
    broker.publish(f"{BASE}/_set/washer/andon", b'{"v":1}')
    wait_until(lambda: bool(kit.speaker.commands))
    assert kit.speaker.commands == [("washer", "andon", b'{"v":1}')]
    kit.close()


def test_a_command_to_another_agent_is_said_now_or_never(tmp_path: Path, broker: Mosquitto) -> None:
    broker.stop()
    kit = Kit(tmp_path, _address(broker))
    kit.speaker.send("packer", "andon", b'{"v":0}')
    broker.start()
    observer = Observer(broker)
    wait_until(lambda: kit.link.connected)
    kit.speaker.send("packer", "andon", b'{"v":1}')
    wait_until(lambda: any("_set" in at for at, _, _ in observer.messages))
    told = [message for message in observer.messages if "_set" in message[0]]
    assert told == [(f"{BASE}/_set/packer/andon", b'{"v":1}', False)]
    kit.close()
    observer.close()


def test_the_agent_is_told_when_the_link_comes_and_goes(tmp_path: Path, broker: Mosquitto) -> None:
    kit = Kit(tmp_path, _address(broker))
    wait_until(lambda: kit.link.connected)
    broker.stop()
    wait_until(lambda: not kit.link.connected)
    wait_until(lambda: kit.speaker.links == [True, False])
    broker.start()
    wait_until(lambda: kit.link.connected)
    assert kit.speaker.links == [True, False, True]
    kit.close()


def test_two_agents_with_one_name_are_said_plainly(
    tmp_path: Path, broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = Kit(tmp_path / "one", _address(broker)), Kit(tmp_path / "two", _address(broker))
    wait_until(lambda: any("pi-1" in r.getMessage() for r in caplog.records if r.levelname == "ERROR"), 30.0)
    one.close()
    two.close()


@pytest.mark.slow
def test_a_broker_that_dies_again_and_again_is_no_second_agent(
    tmp_path: Path, broker: Mosquitto, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "edge.link")
    kit = Kit(tmp_path, _address(broker))
    for _ in range(2):
        wait_until(lambda: kit.link.connected)
        broker.stop()
        wait_until(lambda: not kit.link.connected)
        caplog.clear()
        wait_until(lambda: "ConnectionRefusedError" in caplog.text, what="a call while nobody is there")
        broker.start()
    wait_until(lambda: kit.link.connected)
    assert not [r for r in caplog.records if r.levelname == "ERROR"]
    kit.close()


def test_a_broker_that_does_not_let_us_in_is_said_plainly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with mosquitto("allow_anonymous false\n") as closed:
        kit = Kit(tmp_path, _address(closed))
        wait_until(lambda: "secrets.toml" in caplog.text)
        assert not kit.link.connected
        kit.close()


def test_a_name_that_does_not_exist_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kit = Kit(tmp_path, Broker("no-such-host.invalid", 1883))
    wait_until(lambda: "no-such-host.invalid" in caplog.text)
    kit.close()


def _certificate(directory: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that signs itself, its key beside it."""
    directory.chmod(0o755)
    file = directory / f"{name}.pem"
    subprocess.run(
        [need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", str(file.with_suffix(".key")), "-out", str(file), "-days", "2", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True, timeout=30.0,
    )  # fmt: skip
    file.with_suffix(".key").chmod(0o644)
    return file


# The library leaves the socket of a refused handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_a_brokers_certificate_is_checked(caplog: pytest.LogCaptureFixture) -> None:
    # Not under pytest's folder, which a mosquitto that gave up its rights cannot enter.
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        right, wrong = _certificate(directory, "right"), _certificate(directory, "wrong")
        port = free_port()
        tls = f"listener {port} 127.0.0.1\ncertfile {right}\nkeyfile {right.with_suffix('.key')}\n"
        with mosquitto(tls):
            broker = Broker("127.0.0.1", port, tls=True)
            kit = Kit(directory, broker, credentials=Credentials(ca=wrong))
            wait_until(lambda: "証明書" in caplog.text)
            assert not kit.link.connected
            kit.close()
            kit = Kit(directory, broker, credentials=Credentials(ca=right))
            wait_until(lambda: kit.link.connected)
            kit.close()


class OldBroker:
    """A broker that knows only MQTT 3.1.1: it refuses others as it is told to, and welcomes 3.1.1."""

    def __init__(self, refusal: bytes | None) -> None:
        self.versions: list[int] = []
        self._refusal = refusal
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            self._open.append(caller)
            hello = caller.recv(4096)
            version = hello[hello.index(b"MQTT") + 4]
            self.versions.append(version)
            if version == 4:
                caller.sendall(b"\x20\x02\x00\x00")
            elif self._refusal is not None:
                caller.sendall(self._refusal)
                caller.close()

    def close(self) -> None:
        self._server.close()
        for caller in self._open:
            caller.close()


@pytest.mark.parametrize("refusal", [b"\x20\x02\x00\x01", b"", None], ids=["says so", "hangs up", "is silent"])
def test_a_broker_that_speaks_only_3_1_1_is_understood(tmp_path: Path, refusal: bytes | None) -> None:
    old = OldBroker(refusal)
    kit = Kit(tmp_path, Broker("127.0.0.1", old.port))
    wait_until(lambda: kit.link.connected, what="welcomed")
    assert old.versions == [5, 4]
    kit.close()
    old.close()


def test_kojos_own_broker_is_spoken_to_in_3_1_1_at_once(tmp_path: Path) -> None:
    old = OldBroker(None)
    kit = Kit(tmp_path, Broker("127.0.0.1", old.port, embedded=True))
    wait_until(lambda: kit.link.connected, what="welcomed")
    assert old.versions == [4]
    kit.close()
    old.close()
