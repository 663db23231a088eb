"""Agent and collector at a broker that is not what it should be, or that does not want them: refused, and said plainly.

Each case against one real mosquitto that has the right certificate, a wrong one, an expired one, and a plain port.
"""

import logging
import re
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.subscriber import Subscriber
from contract.broker import Broker
from contract.broker_trouble import certificate_ends_soon
from contract.line import Line, OutboxLimits
from contract.reading import Series
from contract.secrets import Credentials
from contract.words import Words, speaking
from edge.delivery import Delivery
from edge.link import Link
from edge.outbox import Outbox
from edge.system_clock import SystemClock
from hardware.accounts import Pair, new_authority, new_server
from tests.derived import WITHIN_S, Kit, derived_files, line_of, now
from tests.servers import answers, free_port, need, wait_until

pytestmark = [
    pytest.mark.mosquitto,
    pytest.mark.slow,
    # The library leaves the socket of a refused handshake to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"),
]

FIVE_YEARS = timedelta(days=5 * 365 + 2)


@dataclass
class Hall:
    """The running mosquitto: its ports, and the certificates of right and other authorities."""

    kit: Kit
    line: Line
    ports: dict[str, int]
    other_ca: Path


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    program = need("mosquitto")
    with tempfile.TemporaryDirectory(prefix="verified-") as folder:
        directory = Path(folder)
        kit = derived_files(directory, "mqtts")
        line = line_of(directory, str(kit.broker))
        ports = {"right": kit.port, "elsewhere": free_port(), "expired": free_port(), "plain": free_port()}
        authority = Pair((kit.out / "ca.crt").read_bytes(), (kit.out / "authority" / "ca.key").read_bytes())
        made = {
            "elsewhere": new_server(authority, ["elsewhere.example"], now()),
            "expired": new_server(authority, ["127.0.0.1"], now() - FIVE_YEARS),
        }
        configuration = (kit.out / "broker" / "mosquitto.conf").read_text("utf-8")
        for name, pair in made.items():
            (directory / f"{name}.crt").write_bytes(pair.certificate)
            (directory / f"{name}.key").write_bytes(pair.key)
            files = f"certfile {directory}/{name}.crt\nkeyfile {directory}/{name}.key\n"
            configuration += f"listener {ports[name]} 127.0.0.1\n{files}"
        configuration += f"listener {ports['plain']} 127.0.0.1\n"
        (directory / "mosquitto.conf").write_text(configuration, "utf-8")
        other_ca = directory / "other.crt"
        other_ca.write_bytes(new_authority("other", now()).certificate)
        with (directory / "mosquitto.log").open("ab") as log:
            process = subprocess.Popen([program, "-c", str(directory / "mosquitto.conf")], stdout=log, stderr=log)
        try:
            wait_until(lambda: all(answers("127.0.0.1", port) for port in ports.values()), WITHIN_S, "it listens")
            yield Hall(kit, line, ports, other_ca)
        finally:
            process.terminate()
            process.wait(WITHIN_S)


@dataclass(frozen=True)
class Case:
    """Where one connects and as whom, and what must then be said."""

    port: str
    said: Words
    tls: bool = True
    host: str = "127.0.0.1"
    authority: str = "ours"
    password: str = "ours"


CASES = {
    "signed by another authority": Case(
        "right", Words("認証局が署名したものではありません", "not signed by an authority we know"), authority="other"
    ),
    "no authority given": Case(
        "right", Words("認証局が署名したものではありません", "not signed by an authority we know"), authority="none"
    ),
    "for another host": Case("elsewhere", Words("「127.0.0.1」のものではありません", "it is not for 127.0.0.1")),
    "for an address, called by a name": Case(
        "expired", Words("「localhost」のものではありません", "it is not for localhost"), host="localhost"
    ),
    "expired": Case("expired", Words("期限が切れています.*kojo derive --renew server", "has expired.*--renew server")),
    "TLS at a plain port": Case("plain", Words("TLS で話せない", "TLS with the broker .* failed")),
    "plain at a port with TLS": Case("right", Words("mqtts://127.0.0.1", "write mqtts://127.0.0.1"), tls=False),
    "a wrong password": Case("right", Words("受け付けません", "does not let in the user"), password="wrong"),
    "no account": Case("right", Words("アカウントが要ります", "only those with an account"), password="none"),
}


def credentials(hall: Hall, case: Case, user: str) -> Credentials:
    ca = {"ours": hall.kit.out / "ca.crt", "other": hall.other_ca, "none": None}[case.authority]
    if case.password == "none":
        return Credentials(ca=ca)
    return Credentials(user, hall.kit.password(user) if case.password == "ours" else "wrong", ca)


class AgentLink:
    """An agent's outbox and link."""

    def __init__(self, hall: Hall, broker: Broker, told: Credentials, directory: Path) -> None:
        self.clock = SystemClock()
        self.outbox = Outbox(directory / "outbox.sqlite", "pi-1", self.clock, OutboxLimits())
        self.link = Link(hall.line, "pi-1", Delivery(self.outbox, self.clock), self.clock, broker, told)
        self.link.start()

    def read(self, series: Series) -> None:
        self.outbox.put(series, 1, self.clock.monotonic_ns())
        self.outbox.commit()

    def close(self) -> None:
        self.link.stop()
        self.outbox.close()
        self.clock.close()


class CollectorLink:
    """A collector on a store of its own."""

    def __init__(self, hall: Hall, broker: Broker, told: Credentials, directory: Path) -> None:
        self.store = DuckStore(directory / "line.duckdb", threads=1, memory_mb=128)
        self.subscriber = Subscriber(hall.line, Ingest(self.store, [(0, hall.line)], "one"), broker, told)
        self.subscriber.start()

    def close(self) -> None:
        self.subscriber.stop()
        self.store.close()


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    """The agent's cases are in Japanese, the collector's in English."""
    with speaking("ja"):
        yield


@pytest.fixture
def english(spoken: None) -> Iterator[None]:
    with speaking("en"):
        yield


def heard_in(text: str | None, wanted: Words) -> bool:
    """Whether it was said, in the language spoken."""
    return re.search(wanted.say(), text or "") is not None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_agent_does_not_connect_and_says_why(
    hall: Hall, case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    broker = Broker(case.host, hall.ports[case.port], case.tls)
    agent = AgentLink(hall, broker, credentials(hall, case, "pi-1"), tmp_path)
    try:
        wait_until(lambda: heard_in(caplog.text, case.said), WITHIN_S, caplog.text or "something is said")
        assert not agent.link.connected
        assert "wrong" not in caplog.text, "no secret in the log"
    finally:
        agent.close()


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_collector_does_not_connect_and_says_why(
    hall: Hall, case: Case, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    broker = Broker(case.host, hall.ports[case.port], case.tls)
    collector = CollectorLink(hall, broker, credentials(hall, case, "_collector"), tmp_path)
    try:
        wait_until(lambda: heard_in(caplog.text, case.said), WITHIN_S, caplog.text or "something is said")
        assert not collector.subscriber.connected
        assert heard_in(str(collector.subscriber.trouble), case.said), "in /status and /healthz, too"
    finally:
        collector.close()


def test_with_the_right_files_both_connect(hall: Hall, tmp_path: Path) -> None:
    right = Case("right", Words("", ""))
    for host in ("127.0.0.1", "localhost"):
        broker = Broker(host, hall.ports["right"], tls=True)
        (tmp_path / host).mkdir()
        agent = AgentLink(hall, broker, credentials(hall, right, "pi-1"), tmp_path / host)
        collector = CollectorLink(hall, broker, credentials(hall, right, "_collector"), tmp_path / host)
        try:
            wait_until(lambda: agent.link.connected and collector.subscriber.connected, WITHIN_S, "both connect")  # noqa: B023
        finally:
            agent.close()
            collector.close()


def test_an_agent_with_the_account_of_another_says_that_it_may_not_write(
    hall: Hall, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = Broker("127.0.0.1", hall.ports["right"], tls=True)
    agent = AgentLink(hall, broker, credentials(hall, Case("right", Words("", "")), "pi-2"), tmp_path)
    try:
        agent.read(Series("washer", "done", "count"))
        wanted = Words("「pi-2」には書けない", "the user pi-2 may not write")
        wait_until(lambda: heard_in(caplog.text, wanted), WITHIN_S, caplog.text or "something is said")
    finally:
        agent.close()


@pytest.mark.usefixtures("english")
def test_a_collector_with_the_account_of_an_agent_says_that_it_may_not_confirm(
    hall: Hall, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broker = Broker("127.0.0.1", hall.ports["right"], tls=True)
    collector = CollectorLink(hall, broker, credentials(hall, Case("right", Words("", "")), "pi-1"), tmp_path)
    try:
        wanted = Words("「pi-1」は、エージェントへの確認を書けません", "user pi-1 .* may not confirm")
        wait_until(lambda: heard_in(caplog.text, wanted), WITHIN_S, caplog.text or "something is said")
    finally:
        collector.close()


def test_nothing_is_ever_said_in_the_clear_at_a_tls_address(hall: Hall, tmp_path: Path) -> None:
    """A listener that ends each call: whatever fails, the next call begins with TLS again."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WITHIN_S)
        broker = Broker("127.0.0.1", server.getsockname()[1], tls=True)
        agent = AgentLink(hall, broker, credentials(hall, CASES["expired"], "pi-1"), tmp_path)
        try:
            while len(heard) < 3:
                caller, _ = server.accept()
                with caller:
                    caller.settimeout(WITHIN_S)
                    heard.append(caller.recv(4096))
        finally:
            server.close()
            agent.close()
    assert all(first[:2] == b"\x16\x03" for first in heard), "the first bytes of a TLS handshake"


def test_a_certificate_is_spoken_of_before_it_ends() -> None:
    broker = Broker("pc.local", 8883, tls=True)
    told = {"notAfter": "Jan  1 00:00:00 2027 GMT"}
    in_time, late = 1_798_761_600 - 90 * 86_400, 1_798_761_600 - 10 * 86_400
    assert certificate_ends_soon(broker, told, in_time) is None
    ending = certificate_ends_soon(broker, told, late)
    assert ending is not None
    assert "10" in ending.ja
    assert "kojo derive" in ending.en
