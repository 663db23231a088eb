"""A line with two Pis and two teams, what `kojo derive` makes of it, and brokers that run with exactly these files.

with derived_mosquitto(tmp_path) as kit:
    kit.client("pi-1").publish(…)
"""

import contextlib
import signal
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from collector.embedded import EmbeddedBroker
from contract import secrets
from contract.broker import Broker
from contract.broker_passwords import hashed
from contract.line import Line, load
from edge.sensors import catalogue
from hardware.account_derive import Derived, derive_accounts, place
from tests.servers import answers, free_port, need, wait_until

WITHIN_S = 30.0
WITNESS, SEEN = "witness", "seen"
"""An account that only tests have, and its password, where `more_access` speaks of it."""

TEXT = """\
schema = 1
site = "akita"
line = "wash"
[mqtt]
url = "{url}"
[[teams]]
id = "team-a"
name = "A班"
stations = ["washer"]
[[teams]]
id = "team-b"
name = "B班"
stations = ["packer"]
[stations.washer]
name = "洗浄機"
agent = "pi-1"
[stations.washer.sensors.done]
type = "pulse"
pin = 17
[stations.washer.outputs.andon]
type = "lamp"
pin = 23
[stations.packer]
name = "梱包"
agent = "pi-2"
[stations.packer.sensors.done]
type = "pulse"
pin = 17
[stations.packer.outputs.andon]
type = "lamp"
pin = 23
[stations.hand]
name = "手作業"
agent = "pi-2"
privacy = "person"
[stations.hand.sensors.done]
type = "pulse"
pin = 27
[stations.dock]
name = "荷受け"
[stations.dock.sensors.esp]
type = "external"
measures = {{ count = {{ kind = "total" }} }}
"""


def line_of(directory: Path, url: str, text: str = TEXT) -> Line:
    """The line, written into ``directory``/line.toml."""
    file = directory / "line.toml"
    file.write_text(text.format(url=url), "utf-8")
    return load(file, catalogue())


def now() -> datetime:
    """Now."""
    return datetime.now(UTC)


@dataclass
class Kit:
    """A folder with what was derived, and the broker that uses it."""

    out: Path
    derived: Derived
    host: str = "127.0.0.1"
    clients: list[mqtt.Client] = field(default_factory=list)
    reload: Callable[[], None] = lambda: None
    """Let the broker read its files again; the embedded one does so by itself."""

    @property
    def port(self) -> int:
        """Where the broker listens."""
        return self.derived.broker.port

    @property
    def broker(self) -> Broker:
        """Its address."""
        return self.derived.broker

    def password(self, user: str) -> str | None:
        """The password in the user's folder."""
        account = next((account for account in self.derived.all if account.user == user), None)
        return secrets.read(place(self.out, account)).mqtt.password if account else None

    def client(
        self,
        user: str | None,
        password: str | None = None,
        *,
        client_id: str = "",
        version: int = mqtt.MQTTv311,
        ca: Path | None = None,
        prepare: Callable[[mqtt.Client], object] = lambda _client: None,
        connect: bool = True,
    ) -> mqtt.Client:
        """A client with TLS; its thread runs until the kit is closed."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=version, reconnect_on_failure=False)  # type: ignore[arg-type]
        if user is not None:
            client.username_pw_set(user, password or self.password(user))
        client.tls_set(ca_certs=str(ca or self.out / "ca.crt"), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        prepare(client)
        if connect:
            client.connect(self.host, self.port)
            client.loop_start()
        self.clients.append(client)
        return client

    def close(self) -> None:
        """End all clients."""
        for client in self.clients:
            client.disconnect()
            client.loop_stop()


class Visitor:
    """A client that remembers what it hears; ``let_in`` is what the broker said to its greeting."""

    def __init__(self, kit: Kit, user: str | None, filters: Sequence[str] = (), **told: Any) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self._answer = threading.Event()
        self._ready = threading.Event()
        self.let_in = False

        def greeted(client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
            self.let_in = not reason.is_failure
            self._answer.set()
            if self.let_in and filters:
                client.subscribe([(filter, 0) for filter in filters])
            else:
                self._ready.set()

        def prepare(client: mqtt.Client) -> None:
            client.on_connect = greeted
            client.on_subscribe = lambda *_: self._ready.set()
            client.on_message = lambda _client, _data, message: self.heard.append(
                (message.topic, bytes(message.payload))
            )

        self.client = kit.client(user, prepare=prepare, **told)
        assert self._answer.wait(WITHIN_S), "an answer to the greeting"
        assert self._ready.wait(WITHIN_S), "an answer to the subscription"

    def say(self, topic: str, payload: str = "1", *, retain: bool = False, qos: int = 1) -> None:
        """Publish and wait until the broker has taken it (whatever it does with it)."""
        self.client.publish(topic, payload, qos, retain).wait_for_publish(WITHIN_S)

    def hears(self, topic: str, payload: str | None = None) -> bool:
        """Whether it was heard so far."""
        return any(t == topic and (payload is None or p.decode() == payload) for t, p in list(self.heard))

    def waits_for(self, topic: str, payload: str | None = None) -> None:
        """Wait until it is heard."""
        wait_until(lambda: self.hears(topic, payload), WITHIN_S, f"{topic} is heard")


@contextlib.contextmanager
def derived_mosquitto(
    directory: Path, text: str = TEXT, more_access: str = "", more_users: Iterable[str] = ()
) -> Iterator[Kit]:
    """The real mosquitto with the derived mosquitto.conf; ``more_access`` is added to the access list.

    ``more_users`` and the witness have the password SEEN.
    """
    program = need("mosquitto")
    kit = derived_files(directory, "mqtts", text, more_access, more_users)
    with (directory / "mosquitto.log").open("ab") as log:
        process = subprocess.Popen([program, "-c", str(kit.out / "broker" / "mosquitto.conf")], stdout=log, stderr=log)
    try:

        def up() -> bool:
            assert process.poll() is None, (directory / "mosquitto.log").read_text("utf-8")
            return answers(kit.host, kit.port)

        wait_until(up, WITHIN_S, "mosquitto listens")
        kit.reload = lambda: process.send_signal(signal.SIGHUP)
        yield kit
    finally:
        kit.close()
        process.terminate()
        process.wait(WITHIN_S)


@contextlib.contextmanager
def derived_embedded(directory: Path, text: str = TEXT, more_access: str = "") -> Iterator[Kit]:
    """The embedded broker with the derived files."""
    kit = derived_files(directory, "embedded", text, more_access)
    broker = EmbeddedBroker("127.0.0.1", kit.port, tls=True, accounts=kit.out / "broker")
    broker.start()
    try:
        yield kit
    finally:
        kit.close()
        broker.stop()


def derived_files(
    directory: Path, scheme: str, text: str = TEXT, more_access: str = "", more_users: Iterable[str] = ()
) -> Kit:
    """What `kojo derive` makes for a broker on a free port of 127.0.0.1."""
    where = f"127.0.0.1:{free_port()}"
    line = line_of(directory, f"mqtts://{where}" if scheme == "mqtts" else f"embedded:{where}", text)
    kit = Kit(directory / "data", derive_accounts(line, directory / "data", now()))
    if more_access:
        with (kit.out / "broker" / "access").open("a", encoding="utf-8") as access:
            access.write(more_access)
        with (kit.out / "broker" / "passwords").open("a", encoding="utf-8") as passwords:
            passwords.writelines(f"{user}:{hashed(SEEN)}\n" for user in (WITNESS, *more_users))
    return kit
