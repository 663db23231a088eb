"""The embedded broker: on this machine only, undisturbed by bad clients, gone when it is stopped."""

import os
import socket

import pytest

from collector.embedded import EmbeddedBroker
from contract.errors import InUse, NotAllowed
from tests.servers import answers, free_port, wait_until

CONNECT = b"\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02ab"


def test_it_listens_until_it_is_stopped_and_can_be_started_again() -> None:
    broker = EmbeddedBroker("127.0.0.1", free_port())
    assert not broker.running
    for _ in range(2):
        broker.start()
        assert broker.running
        assert answers("127.0.0.1", broker.port)
        broker.stop()
        broker.stop()
        assert not broker.running
        assert not answers("127.0.0.1", broker.port)


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        broker = EmbeddedBroker("127.0.0.1", port)
        with pytest.raises(InUse) as raised:
            broker.start()
        assert str(port) in raised.value.what.ja
        assert raised.value.hint is not None
        assert not broker.running


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "factory.local", "::"])
def test_other_machines_are_refused_until_there_are_accounts(host: str) -> None:
    with pytest.raises(NotAllowed, match=r"kojo derive"):
        EmbeddedBroker(host, free_port())


def test_a_host_that_is_written_out_needs_accounts_even_on_the_loopback_address() -> None:
    with pytest.raises(NotAllowed, match=r"kojo derive"):
        EmbeddedBroker("127.0.0.1", free_port(), tls=True)


def test_bad_clients_disturb_nobody_and_leave_nothing_open() -> None:
    broker = EmbeddedBroker("127.0.0.1", free_port())
    broker.start()
    try:
        before = open_files()
        bad = [
            b"",
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x10\xff\xff\xff\x7f",
            b"\x10\x00",
            CONNECT + b"\x30\x05abc",
            b"\xff" * 999,
        ]
        for said in bad:
            with socket.create_connection((broker.host, broker.port)) as client:
                client.sendall(said)
        with socket.create_connection((broker.host, broker.port)) as client:
            client.settimeout(10)
            client.sendall(CONNECT)
            assert client.recv(4) == b"\x20\x02\x00\x00"
        wait_until(lambda: open_files() <= before, what="connections are closed")
    finally:
        broker.stop()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))
