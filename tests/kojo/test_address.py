"""Where the pages are served."""

import ipaddress
import socket
from pathlib import Path

import pytest

from contract.errors import InUse, NotThere
from kojo.address import answers, lan_addresses, listen, parse, remember, remembered


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


def test_where_pages_are_served_is_remembered_for_who_asks_later(tmp_path: Path) -> None:
    assert remembered(tmp_path) is None
    with listen("127.0.0.1:0") as opened:
        port = opened.getsockname()[1]
        remember(tmp_path, opened)
        assert remembered(tmp_path) == f"127.0.0.1:{port}"
        assert answers("127.0.0.1", port)
    assert not answers("127.0.0.1", port)


def test_where_it_cannot_be_remembered_nothing_half_made_stays(tmp_path: Path) -> None:
    (tmp_path / "http.address").mkdir()
    with listen("127.0.0.1:0") as opened:
        remember(tmp_path, opened)
    assert [path.name for path in tmp_path.iterdir()] == ["http.address"]


def test_an_ipv6_address_is_remembered_as_it_is_typed(tmp_path: Path) -> None:
    with listen("[::1]:0") as opened:
        remember(tmp_path, opened)
        assert parse(remembered(tmp_path) or "") == ("::1", opened.getsockname()[1])


def test_the_machines_own_addresses_are_no_loopback() -> None:
    for address in lan_addresses():
        found = ipaddress.IPv4Address(address)
        assert not found.is_loopback
        assert not found.is_unspecified
