"""What stands round every call: no way out of the folder of pages, no body or address without end."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.words import Words
from kpi.service_shell import BODY_WITHIN_S, MOST_ADDRESS, not_yet
from tests.kpi.desks import Service
from tests.kpi.test_service import made, problem

pytestmark = pytest.mark.slow

SECRET = "the password of the broker"


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Pages in a folder, with secrets beside it, a way up by a link, and a folder of the same beginning."""
    data = tmp_path_factory.mktemp("data")
    pages = data / "web"
    (pages / "js").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html>壁", "utf-8")
    (pages / "js" / "main.js").write_text("1")
    (data / "web2").mkdir()
    for place in (data, data / "web2"):
        (place / "secrets.toml").write_text(SECRET)
    (pages / "link").symlink_to(data / "secrets.toml")
    (pages / "up").symlink_to(data)
    service = made(data, pages=pages)
    return service


def test_pages_are_served_and_nothing_beside_them(tmp_path: Path) -> None:
    pages = tmp_path / "web"
    pages.mkdir()
    (pages / "index.html").write_text("<!doctype html>壁", "utf-8")
    (tmp_path / "secrets.toml").write_text("password")
    (pages / "link").symlink_to(tmp_path / "secrets.toml")
    service = made(tmp_path, pages=pages)
    answer = service.ask("/")
    assert (answer.status_code, answer.text) == (200, "<!doctype html>壁")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    escapes = ["/../secrets.toml", "/%2e%2e/secrets.toml", "/..%2fsecrets.toml", "/%2e%2e%2fsecrets.toml", "/link",
               "/....//secrets.toml", "/..%5csecrets.toml", "//etc/passwd", "/%00", "/operator.token"]  # fmt: skip
    for path in escapes:
        answer = service.ask(path)
        assert answer.status_code in (400, 404), path
        assert "password" not in answer.text


DOTS = [
    "..",
    ".",
    "...",
    "%2e%2e",
    "%2E%2e",
    ".%2e",
    "%252e%252e",
    "..%00",
    "..%20",
    "..;",
    "\u2025",
    "%c0%ae%c0%ae",
    "~",
]
SLASHES = ["/", "//", "%2f", "%2F", "%5c", "\\", "/./", "%252f", "\u2215"]
NAMES = [
    "secrets.toml",
    "operator.token",
    "web",
    "web2",
    "up",
    "link",
    "js",
    "etc/passwd",
    "index.html",
    "",
    "%00",
    "C:",
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(SLASHES), st.sampled_from(DOTS + NAMES)), min_size=1, max_size=7))
def test_no_spelling_of_a_path_leaves_the_folder_of_pages(walled: Service, steps: list[tuple[str, str]]) -> None:
    raw = "".join(slash + name for slash, name in steps)
    answer = asked(walled, raw.encode("utf-8", "replace"))
    assert answer["status"] in (200, 307, 400, 404, 405, 414, 422), raw
    token = walled.tokens.token("operator")
    assert SECRET.encode() not in answer["body"], raw
    assert token.encode() not in answer["body"], raw
    assert b"root:" not in answer["body"], raw


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_whatever_is_asked_of_the_pages_nothing_stumbles(walled: Service, path: str) -> None:
    assert asked(walled, f"/{path}".encode("utf-8", "replace"), path=f"/{path}")["status"] < 500


def asked(service: Service, raw: bytes, path: str | None = None) -> dict[str, Any]:
    """One GET as a server passes it on: the path as it came, and undone as servers undo it. Clients would tidy it."""
    from urllib.parse import unquote

    told: dict[str, Any] = {"status": 0, "body": b"", "headers": []}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path if path is not None else unquote(raw.decode()), "raw_path": raw, "query_string": b"",
        "root_path": "", "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told["status"] = message["status"]
            told["headers"] = message["headers"]
        else:
            told["body"] += message.get("body", b"")

    asyncio.run(service.app(scope, receive, send))
    return told


def test_while_there_is_no_store_every_call_is_told_so_as_every_refusal_is() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(not_yet(Words("そこでは何も動いていません", "nobody listens there")))
        async with httpx.AsyncClient(transport=transport, base_url="http://kojo") as browser:
            return await browser.get("/api/v1/wall")

    answer = asyncio.run(ask())
    said = problem(answer, 503)
    assert said["ja"] == "保存先を待っています(そこでは何も動いていません)。"
    assert said["en"] == "Waiting for the store (nobody listens there)."
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_address_without_end_is_refused(tmp_path: Path) -> None:
    service = made(tmp_path)
    answer = service.ask("/api/v1/wall?x=" + "y" * MOST_ADDRESS)
    problem(answer, 414)
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem(service.ask("/" + "y" * (MOST_ADDRESS + 1)), 414)
    assert service.ask("/api/v1/line?x=" + "y" * 4000).status_code == 200


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """The loop's clock is turned on by hand: nobody waits."""
    service = made(tmp_path)
    loop = SoonLoop(BODY_WITHIN_S)
    sent: list[Any] = []
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"),
               (b"authorization", f"Bearer {service.tokens.token('operator')}".encode())]  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/v1/events", "raw_path": b"/api/v1/events", "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80),
    }  # fmt: skip

    async def go() -> None:
        first = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if not first.is_set():
                first.set()
                loop.turn()
                return {"type": "http.request", "body": b'{"kind":', "more_body": True}
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            sent.append(message)

        await service.app(scope, receive, send)

    try:
        loop.run_until_complete(go())
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    assert sent[0]["status"] == 408


class SoonLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock can be put on."""

    ahead_s = 0.0

    def __init__(self, by_s: float) -> None:
        super().__init__()
        self._by_s = by_s

    def turn(self) -> None:
        """Put the clock on."""
        self.call_soon(self._turned)

    def _turned(self) -> None:
        self.ahead_s += self._by_s

    def time(self) -> float:
        return super().time() + self.ahead_s
