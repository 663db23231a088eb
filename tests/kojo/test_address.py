"""Where the pages are served."""

import socket

import pytest

from contract.errors import InUse, NotThere
from kojo.address import listen, parse


@pytest.mark.parametrize(
    ("address", "meant"),
    [("127.0.0.1:8000", ("127.0.0.1", 8000)), (":9", ("127.0.0.1", 9)), ("[::1]:80", ("::1", 80))],
)
def test_an_address_is_a_host_and_a_port(address: str, meant: tuple[str, int]) -> None:
    assert parse(address) == meant


@pytest.mark.parametrize("address", ["8000a", "127.0.0.1", "host:", "host:99999", "host:-1"])
def test_what_is_no_address_is_said_with_an_example(address: str) -> None:
    with pytest.raises(NotThere, match=r"127\.0\.0\.1:8000"):
        parse(address)


def test_a_port_that_is_taken_names_the_port_and_the_way_out() -> None:
    with listen("127.0.0.1:0") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InUse, match=f"{port}.*--http 127.0.0.1:{port + 1}"):
            listen(f"127.0.0.1:{port}")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(NotThere):
        listen("192.0.2.1:8000")


def test_what_is_accepted_is_sent_at_once() -> None:
    """asyncio sets TCP_NODELAY only on sockets that say they are TCP; else each answer waits 40 ms for an ACK."""
    with listen("127.0.0.1:0") as opened:
        assert opened.proto == socket.IPPROTO_TCP
