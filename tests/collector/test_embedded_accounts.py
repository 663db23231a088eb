"""The embedded broker with accounts, against clients that mean it ill. Who may do what: tests/test_who_may_mqtt.py."""

import contextlib
import os
import shutil
import socket
import ssl
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector import embedded_manners
from collector.embedded import EmbeddedBroker
from collector.embedded_accounts import Accounts
from collector.embedded_doorstep import WAITING_OF_ONE
from collector.embedded_guests import OF_ONE_ACCOUNT
from contract.errors import NotAllowed
from hardware.account_derive import derive_accounts
from tests.derived import TEXT, WITHIN_S, Kit, Visitor, derived_embedded, derived_files, line_of, now
from tests.servers import wait_until

pytestmark = pytest.mark.slow

BASE = "kojo/v1/akita/wash"
PI_1 = "kojo:akita:wash:agent:pi-1"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with derived_embedded(tmp_path) as kit:
        yield kit


def ended(visitor: Visitor) -> bool:
    return not visitor.client.is_connected()


@contextlib.contextmanager
def raw(kit: Kit) -> Iterator[ssl.SSLSocket]:
    """A TLS connection to speak freely on."""
    context = ssl.create_default_context(cafile=str(kit.out / "ca.crt"))
    with (
        socket.create_connection((kit.host, kit.port), WITHIN_S) as plain,
        context.wrap_socket(plain, server_hostname=kit.host) as line,
    ):
        yield line


def text(said: str) -> bytes:
    return struct.pack("!H", len(said)) + said.encode()


def packet(kind: int, body: bytes) -> bytes:
    """A packet, its length written in four bytes."""
    length = bytes((len(body) >> (7 * place) & 0x7F) | (0x80 if place < 3 else 0) for place in range(4))
    return bytes([kind]) + length + body


def hello(kit: Kit, user: str, client_id: str = "x", keep_alive_s: int = 60) -> bytes:
    flags = b"\x04\xc2" + struct.pack("!H", keep_alive_s)
    return packet(0x10, text("MQTT") + flags + text(client_id) + text(user) + text(kit.password(user) or ""))


def ends(line: ssl.SSLSocket) -> bool:
    """Whether the broker ends the connection."""
    line.settimeout(WITHIN_S)
    try:
        while line.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_the_id_of_an_agent_belongs_to_its_account(kit: Kit) -> None:
    agent = Visitor(kit, "pi-1", client_id=PI_1)
    for who in ("team-a", "pi-2", "_collector"):
        assert not Visitor(kit, who, client_id=PI_1).let_in
    assert not Visitor(kit, "team-a", client_id="kojo:akita:wash:collector:1").let_in
    assert not Visitor(kit, "team-a", client_id="kojo:x").let_in
    assert Visitor(kit, "_collector", client_id="kojo:akita:wash:collector:1").let_in
    agent.say(f"{BASE}/_agents/pi-1")
    assert not ended(agent)


def test_without_a_password_nobody_ends_the_session_of_another(kit: Kit) -> None:
    agent = Visitor(kit, "pi-1", client_id=PI_1)
    for password in ("wrong", ""):
        assert not Visitor(kit, "pi-1", client_id=PI_1, password=password or "-").let_in
        assert not Visitor(kit, None, client_id=PI_1).let_in
    agent.say(f"{BASE}/_agents/pi-1")
    assert not ended(agent)


def test_the_second_of_one_id_takes_the_connection_of_the_first(kit: Kit) -> None:
    first = Visitor(kit, "pi-1", client_id=PI_1)
    second = Visitor(kit, "pi-1", [f"{BASE}/_acks/pi-1"], client_id=PI_1)
    wait_until(lambda: ended(first), WITHIN_S, "the first is cut off")
    Visitor(kit, "_collector").say(f"{BASE}/_acks/pi-1")
    second.waits_for(f"{BASE}/_acks/pi-1")


def test_the_id_of_a_device_is_not_taken_by_another_account(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    first = Visitor(kit, "team-a", client_id="esp-1")
    with raw(kit) as line:
        line.sendall(hello(kit, "team-b", "esp-1"))
        assert line.recv(4) == b"\x20\x02\x00\x02"
    first.say(f"{BASE}/washer/done/count")
    assert not ended(first)
    assert "team-b" in caplog.text
    assert "esp-1" in caplog.text


def test_one_account_does_not_keep_the_others_out(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    with contextlib.ExitStack() as kept:
        for number in range(OF_ONE_ACCOUNT + 3):
            line = kept.enter_context(raw(kit))
            line.sendall(hello(kit, "team-a", f"esp-{number}", keep_alive_s=0))
            assert line.recv(4)[3] == (0 if number < OF_ONE_ACCOUNT else 3)
        assert Visitor(kit, "team-b").let_in
        assert Visitor(kit, "pi-1", client_id=PI_1).let_in
    refused = [record.getMessage() for record in caplog.records if "team-a" in record.getMessage()]
    assert len(refused) == 1
    wait_until(lambda: Visitor(kit, "team-a", client_id="esp-1").let_in, WITHIN_S, "there is room again")


@pytest.mark.slow
def test_a_lost_pi_is_cut_off_and_stays_out(kit: Kit, tmp_path: Path) -> None:
    agent, other = Visitor(kit, "pi-1"), Visitor(kit, "pi-2")
    before = kit.password("pi-1")
    derive_accounts(line_of(tmp_path, f"embedded:{kit.host}:{kit.port}"), kit.out, now(), renew=["pi-1"])
    wait_until(lambda: ended(agent), WITHIN_S, "pi-1 is cut off")
    assert not Visitor(kit, "pi-1", password=before).let_in
    assert Visitor(kit, "pi-1").let_in
    present = kit.password("pi-1")
    fewer = line_of(tmp_path, f"embedded:{kit.host}:{kit.port}", TEXT.replace("pi-1", "pi-3"))
    kit.derived = derive_accounts(fewer, kit.out, now())
    wait_until(lambda: Visitor(kit, "pi-3").let_in, WITHIN_S, "pi-3 has an account")
    assert not Visitor(kit, "pi-1", password=present).let_in
    other.say(f"{BASE}/_agents/pi-2")
    assert not ended(other)


@pytest.mark.slow
def test_a_new_certificate_is_shown_without_a_new_start(kit: Kit, tmp_path: Path) -> None:
    def shown() -> bytes | None:
        with raw(kit) as line:
            return line.getpeercert(binary_form=True)

    before = shown()
    derive_accounts(line_of(tmp_path, f"embedded:{kit.host}:{kit.port}"), kit.out, now(), renew=["server"])
    wait_until(lambda: shown() != before, WITHIN_S, "the new certificate is shown")


@pytest.mark.slow
def test_files_that_are_broken_while_it_runs_change_nothing(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    (kit.out / "broker" / "access").write_text("what is this\n", "utf-8")
    wait_until(lambda: "access:1" in caplog.text, WITHIN_S, "it is said")
    assert Visitor(kit, "pi-1").let_in


def test_a_plain_connection_gets_no_answer(kit: Kit) -> None:
    with socket.create_connection((kit.host, kit.port), WITHIN_S) as line:
        line.sendall(hello(kit, "pi-1"))
        line.settimeout(WITHIN_S)
        heard = b""
        with contextlib.suppress(ConnectionError):
            while piece := line.recv(4096):
                heard += piece
        assert b"\x20\x02" not in heard


BAD = {
    "nothing": b"",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "a length of five bytes": b"\x10\xff\xff\xff\xff\x01",
    "256 MB announced": b"\x10\xff\xff\xff\x7f" + b"x" * 1000,
    "a reserved type": b"\xf0\x00",
    "a publication first": packet(0x30, text("a") + b"1"),
    "a name longer than its packet": packet(0x10, b"\xff\xffMQTT"),
    "no end": b"\x10\x20\x00\x04MQ",
}


@pytest.mark.parametrize("said", BAD.values(), ids=BAD)
def test_a_bad_greeting_disturbs_nobody(kit: Kit, said: bytes) -> None:
    good = Visitor(kit, "pi-1")
    with raw(kit) as line:
        line.sendall(said)
    good.say(f"{BASE}/_agents/pi-1")
    assert not ended(good)
    assert Visitor(kit, "pi-2").let_in


BAD_AFTER = {
    "256 MB announced": b"\x30\xff\xff\xff\x7f" + text("a"),
    "a publication of 2 MB": packet(0x30, text(f"{BASE}/_agents/pi-1") + b"x" * (2 << 20)),
    "two megabytes of subscriptions": packet(0x82, b"\x00\x01" + (text("a" * 60_000) + b"\x00") * 35),
    "a topic longer than its packet": packet(0x30, b"\xff\xffabc"),
}


@pytest.mark.parametrize("said", BAD_AFTER.values(), ids=BAD_AFTER)
def test_a_packet_that_is_too_large_or_wrong_ends_its_connection_only(kit: Kit, said: bytes) -> None:
    good = Visitor(kit, "pi-2")
    with raw(kit) as line:
        line.sendall(hello(kit, "pi-1"))
        assert line.recv(4) == b"\x20\x02\x00\x00"
        with contextlib.suppress(OSError):
            line.sendall(said)
        assert ends(line)
    good.say(f"{BASE}/_agents/pi-2")
    assert not ended(good)


@pytest.mark.slow
def test_one_that_stays_silent_beyond_its_keep_alive_is_gone_and_its_will_is_told(kit: Kit) -> None:
    observer = Visitor(kit, "_operator", [f"{BASE}/#"])
    flags = b"\x04\xee" + struct.pack("!H", 1)  # user, password, will retained with QoS 1, clean; 1 s
    will = text(f"{BASE}/_agents/pi-1") + text("gone")
    body = text("MQTT") + flags + text("x") + will + text("pi-1") + text(kit.password("pi-1") or "")
    with raw(kit) as line:
        line.sendall(packet(0x10, body))
        assert line.recv(4) == b"\x20\x02\x00\x00"
        observer.waits_for(f"{BASE}/_agents/pi-1", "gone")
        assert ends(line)


def test_subscriptions_have_a_bound(kit: Kit) -> None:
    answers: list[Any] = []
    visitor = Visitor(kit, "_viewer")
    visitor.client.on_subscribe = lambda _client, _data, _mid, reasons, _properties: answers.extend(reasons)
    visitor.client.subscribe([(f"topic/{number}", 0) for number in range(embedded_manners.FILTERS + 5)])
    visitor.client.subscribe([("a" * 600, 0), ("$SYS/#", 0)])
    wait_until(lambda: len(answers) == embedded_manners.FILTERS + 7, WITHIN_S, "all are answered")
    assert sum(reason.is_failure for reason in answers) == 7


@pytest.mark.slow
def test_one_that_takes_nothing_is_cut_off_and_the_others_go_on(kit: Kit) -> None:
    """500 messages of 256 KiB for a client that does not read."""
    heard = Visitor(kit, "_operator", [f"{BASE}/#"])
    with raw(kit) as deaf:
        deaf.sendall(hello(kit, "_viewer", "deaf", keep_alive_s=0))
        assert deaf.recv(4) == b"\x20\x02\x00\x00"
        deaf.sendall(packet(0x82, b"\x00\x01" + text(f"{BASE}/#") + b"\x00"))
        sender = Visitor(kit, "pi-1")
        payload = b"x" * (256 << 10)
        for number in range(500):
            sender.client.publish(f"{BASE}/washer/done/count", payload, 0)
            if number % 20 == 0:
                sender.say(f"{BASE}/washer/done/count", str(number))
        sender.say(f"{BASE}/washer/done/count", "last")
        heard.waits_for(f"{BASE}/washer/done/count", "last")
        assert ends(deaf)


def test_connections_are_closed_and_leave_nothing_open(kit: Kit) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        with raw(kit) as line:
            line.sendall(hello(kit, "pi-1"))
            line.recv(4)
        with raw(kit) as line:
            line.sendall(hello(kit, "pi-1")[:-1] + b"!")
            line.recv(4)
    wait_until(lambda: len(os.listdir("/proc/self/fd")) <= before, WITHIN_S, "all is closed")


def test_without_all_the_files_it_does_not_open(tmp_path: Path) -> None:
    kit = derived_files(tmp_path, "embedded")
    for name in ("passwords", "access", "server.crt", "server.key"):
        broken = tmp_path / name
        shutil.copytree(kit.out / "broker", broken)
        (broken / name).unlink()
        with pytest.raises(NotAllowed, match=r"kojo derive"):
            EmbeddedBroker(kit.host, kit.port, tls=True, accounts=broken)
    (kit.out / "broker" / "server.key").write_text("no key", "utf-8")
    with pytest.raises(NotAllowed, match=r"kojo derive"):
        Accounts(kit.out / "broker")


def test_what_strangers_send_neither_fills_the_log_nor_breaks_its_lines(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    with raw(kit) as line:
        line.sendall(
            packet(0x10, text("MQTT") + b"\x04\xc2\x00\x3c" + text("x") + text("a\nERROR b" * 999) + text("p"))
        )
        assert line.recv(4) == b"\x20\x02\x00\x05"
    wait_until(lambda: "a?ERROR b" in caplog.text, WITHIN_S, "it is said")
    for number in range(embedded_manners.SAID + 20):
        assert not Visitor(kit, f"stranger-{number}", password="x").let_in
    said = [record for record in caplog.records if "入れませんでした" in str(record.msg) + str(record.args)]
    assert len(said) <= embedded_manners.SAID
    assert max(len(record.getMessage()) for record in caplog.records) < 300


def test_silent_connections_are_bounded_and_the_oldest_have_to_go(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    good = Visitor(kit, "pi-1", client_id=PI_1)
    with contextlib.ExitStack() as kept:
        silent = [
            kept.enter_context(socket.create_connection((kit.host, kit.port), WITHIN_S)) for _ in range(WAITING_OF_ONE)
        ]
        shaken = [kept.enter_context(raw(kit)) for _ in range(WAITING_OF_ONE)]
        for line in silent:
            line.settimeout(WITHIN_S)
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(1) == b"", "no handshake, and cut off"
        Visitor(kit, "pi-2")
        assert ends(shaken[0]), "a handshake is no greeting"
        assert Visitor(kit, "team-a").let_in
        assert not ended(good)
    assert sum("古いものから切ります" in record.getMessage() for record in caplog.records) == 1
