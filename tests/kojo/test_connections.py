"""A connection's bounds, on a real server and real sockets; the times are short, the deadlines of the tests are not."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from kojo.address import listen
from kojo.connections import Connection
from tests.rig import WITHIN_S, until

pytestmark = pytest.mark.slow

BIG = b"x" * 20_000_000


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with what it was sent, or with much."""
    body = BIG if scope["path"] == "/big" else b""
    while scope["method"] == "POST":
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class Impatient(Connection):
    request_within_s = 0.2
    taken_within_s = 0.2


class Few(Connection):
    most = 3
    of_our_own = 0


class OneOfOurOwn(Connection):
    most = 3
    of_our_own = 1


class FewOfOne(Connection):
    most_of_one = 2


def strange(kind: type[Connection]) -> type[Connection]:
    """The same for a test, which has no network: whoever comes from 127.0.0.2 and on is a stranger."""

    class Elsewhere(kind):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(Renamed(transport))

    return Elsewhere


class Renamed:
    """A transport whose other end 127.0.0.N is told as 10.0.0.N, for N from 2 on."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        found = self._transport.get_extra_info(name, default)
        if name == "socket":
            return None
        if name == "peername" and found[0] != "127.0.0.1":
            return (found[0].replace("127.0.", "10.0."), *found[1:])
        return found


@contextlib.contextmanager
def served(kind: type[Connection], *, keep_alive_s: int = 60) -> Iterator[tuple[str, int]]:
    host = "127.0.0.1"
    with listen(f"{host}:0") as opened:
        config = uvicorn.Config(
            app, http=kind, ws="none", lifespan="off", log_level="error", timeout_keep_alive=keep_alive_s
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[opened])), daemon=True)
        thread.start()
        until(lambda: server.started, "the server listens")
        try:
            yield host, int(opened.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(WITHIN_S)


@contextlib.contextmanager
def connected(address: tuple[str, int], source: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.create_connection(address, WITHIN_S, source_address=(source, 0)) as client:
        yield client


def all_of(client: socket.socket) -> bytes:
    """Everything until the other side ends."""
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65536):
            found += part
    return found


GET = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: x\r\n", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc",
     GET + b"GET / H"],
)  # fmt: skip
def test_a_request_that_does_not_come_is_let_go(begun: bytes) -> None:
    with served(Impatient, keep_alive_s=1) as address, connected(address) as client:
        client.sendall(begun)
        all_of(client)


def test_who_sends_a_letter_now_and_then_is_let_go_all_the_same() -> None:
    with served(Impatient) as address, connected(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\n")

        def one_more() -> bool:
            try:
                client.sendall(b"x")
            except OSError:
                return True
            return False

        until(one_more, "the connection is gone")


def test_who_asks_in_time_may_ask_again_and_again() -> None:
    with served(Impatient) as address, connected(address) as client:
        for _ in range(3):
            client.sendall(GET)
            assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_who_asks_and_never_reads_is_let_go() -> None:
    with served(Impatient) as address, connected(address) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(b"GET /big HTTP/1.1\r\nhost: x\r\n\r\n")

        def gone() -> bool:
            try:
                client.sendall(b"x")
            except OSError:
                return True
            return False

        until(gone, "the connection is gone")


def answered(client: socket.socket, path: str = "/") -> bool:
    client.sendall(GET.replace(b"/", path.encode(), 1))
    return client.recv(1000).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("keep_alive_s", [0, 60])
def test_one_connection_too_many_is_told_so_and_the_ones_being_answered_stay(keep_alive_s: int) -> None:
    with served(Few, keep_alive_s=keep_alive_s) as address, contextlib.ExitStack() as open_:
        first = [open_.enter_context(connected(address)) for _ in range(3)]
        for client in first:
            assert answered(client, "/big")
        with connected(address) as late:
            told = all_of(late)
        assert told.startswith(b"HTTP/1.1 503")
        assert json.loads(told.partition(b"\r\n\r\n")[2])["status"] == 503
        assert len(all_of_big(first[0])) > 1_000_000


def all_of_big(client: socket.socket) -> bytes:
    """Most of the big answer: it was not cut."""
    found = b""
    while len(found) < len(BIG) - 2000:
        part = client.recv(65536)
        assert part, "it was cut"
        found += part
    return found


def test_when_all_places_are_taken_the_oldest_that_has_asked_nothing_makes_room() -> None:
    with served(Few) as address, contextlib.ExitStack() as open_:
        asked, silent, younger = (open_.enter_context(connected(address)) for _ in range(3))
        assert answered(asked)
        late = open_.enter_context(connected(address))
        assert answered(late)
        assert all_of(silent) == b""
        assert answered(younger)
        assert answered(asked)


def test_strangers_who_take_all_their_places_leave_those_of_this_machine() -> None:
    with served(strange(OneOfOurOwn)) as address, contextlib.ExitStack() as open_:
        strangers = [open_.enter_context(connected(address, f"127.0.0.{n}")) for n in (2, 3)]
        for client in strangers:
            assert answered(client, "/big")
        with connected(address, "127.0.0.4") as late:
            assert all_of(late).startswith(b"HTTP/1.1 503")
        with connected(address) as own:
            assert answered(own)


def test_this_machine_is_let_in_at_the_cost_of_a_stranger_who_asks_nothing() -> None:
    with served(strange(OneOfOurOwn)) as address, contextlib.ExitStack() as open_:
        stranger = open_.enter_context(connected(address, "127.0.0.2"))
        busy = [open_.enter_context(connected(address)) for _ in range(2)]
        for client in busy:
            assert answered(client, "/big")
        assert answered(open_.enter_context(connected(address)))
        assert all_of(stranger) == b""


def test_one_stranger_has_only_so_many_places() -> None:
    with served(strange(FewOfOne)) as address, contextlib.ExitStack() as open_:
        for _ in range(2):
            assert answered(open_.enter_context(connected(address, "127.0.0.2")))
        with connected(address, "127.0.0.2") as late:
            assert all_of(late).startswith(b"HTTP/1.1 503")
        assert answered(open_.enter_context(connected(address, "127.0.0.3")))


def test_this_machine_itself_is_not_counted_as_one_stranger() -> None:
    with served(FewOfOne) as address, contextlib.ExitStack() as open_:
        for _ in range(5):
            client = open_.enter_context(connected(address))
            client.sendall(GET)
            assert client.recv(1000).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "nonsense", [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"hello\r\n\r\n", b"GET / HTTQ/1.1\r\n\r\n"]
)
def test_what_is_no_http_is_told_so_as_a_problem(nonsense: bytes) -> None:
    with served(Connection) as address, connected(address) as client:
        client.sendall(nonsense)
        told = all_of(client)
    assert told.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in told
    assert b"uvicorn" not in told.lower()


def test_a_wish_for_a_websocket_is_answered_as_a_plain_question() -> None:
    with served(Connection) as address, connected(address) as client:
        client.sendall(GET[:-2] + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_head_without_end_is_refused() -> None:
    with served(Connection) as address, connected(address) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nx-long: " + b"y" * 100_000)
        assert all_of(client)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")


@pytest.mark.parametrize(("octets", "status"), [(15_000, b"200"), (40_000, b"400")])
def test_a_head_that_comes_at_once_is_bounded_as_one_in_parts_is(octets: int, status: bytes) -> None:
    with served(Connection) as address, connected(address) as client:
        client.sendall(GET[:-2] + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 990) for n in range(octets // 1000)) + b"\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 " + status)
