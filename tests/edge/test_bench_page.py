"""The bench's page as a server: who may look, who may touch, and what is refused."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract.line import Line, Output, Sensor, Station
from edge import outputs, sensors
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_guard import Asker, Refusal
from edge.bench_page import MOST_LISTENERS, BenchPage
from edge.bench_parts import place_all
from edge.bench_site import HEAD_S, MOST_ADDRESS, MOST_BODY, MOST_CONNECTIONS
from edge.bench_table import Table
from kojo.address import listen
from kojo.bench_door import PAGES, Door, address_of
from kpi.access import MOST_FAILURES, HostRules
from kpi.tokens import Tokens

pytestmark = pytest.mark.slow

START_NS = 1_795_000_000_000_000_000
SENSORS, OUTPUTS = sensors.modules(), outputs.modules()
DO = "/api/v1/bench/do"
LOOK = "/api/v1/bench"
LIVE = "/api/v1/bench/live"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Served:
    """A page with a button, an air sensor and a lamp, and a caller that says exactly what it is told to."""

    def __init__(self, data: Path, rules: HostRules | None = None, head_s: float = HEAD_S) -> None:
        self.bench = Bench(HandClock(START_NS))
        go = Sensor("st", "go", "button", {"pin": 5}, SENSORS["button"].MEASURES)
        air = Sensor("st", "air", "bme280", {}, SENSORS["bme280"].MEASURES)
        andon = Output("st", "andon", "lamp", {"pin": 23})
        station = Station("st", "洗浄機", agent="pi-1", sensors={"go": go, "air": air}, outputs={"andon": andon})
        line = Line("a", "b", stations={"st": station})
        placed = place_all(line, "pi-1", self.bench, SENSORS)
        table = Table(line, "pi-1", self.bench, placed, SENSORS, OUTPUTS)
        self.tokens = Tokens(data, time.time_ns)
        self.door = Door(self.tokens, rules, also="kojo")
        self.page = BenchPage(listen("127.0.0.1:0"), [table], self.door, PAGES, head_s=head_s)
        self.page.start()

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """One call; ``headers`` with _ for -. What is not a string is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.page.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            named = {"Content-Type": "application/json"} | named
        connection.request(method, path, body, named)
        got = connection.getresponse()
        answer = Answer(got.status, dict(got.getheaders()), got.read())
        connection.close()
        return answer

    def raw(self, said: bytes) -> bytes:
        """Exactly these bytes, and all that comes back."""
        with socket.create_connection(("127.0.0.1", self.page.port), 20) as caller:
            caller.sendall(said)
            caller.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: caller.recv(65536), b""))

    def press(self, **headers: str) -> Answer:
        return self.ask(DO, "POST", {"agent": "pi-1", "device": "st/go", "do": "hold"}, **headers)

    def bearer(self, role: Any = "operator") -> str:
        return f"Bearer {self.tokens.token(role)}"

    @property
    def is_pressed(self) -> bool:
        return self.bench.in_hand(5)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    opened = Served(tmp_path)
    yield opened
    opened.page.stop()


def test_the_page_comes_with_its_files_and_under_a_strict_policy(served: Served) -> None:
    for path in ("/", "/bench.html", "/css/bench.css", "/js/bench.js", "/icon.svg"):
        got = served.ask(path)
        assert got.status == 200
        assert "default-src 'none'" in got.headers["Content-Security-Policy"]
        assert "unsafe" not in got.headers["Content-Security-Policy"]
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in got.headers
    head = served.ask("/", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/js/../../bench.html", "/js/%2e%2e/index.html", "//etc/passwd", "/operator.token",
     "/index.html", "/js/", "/api/v1", "/%00", "/js/bench.js/"],
)  # fmt: skip
def test_nothing_else_is_there(served: Served, path: str) -> None:
    got = served.ask(path)
    assert got.status == 404
    assert got.headers["Content-Type"] == "application/problem+json"


def test_whoever_is_at_this_machine_may_look(served: Served) -> None:
    told = served.ask(LOOK).json()
    assert told["role"] == "viewer"
    assert [device["device"] for device in told["tables"][0]["devices"]] == ["st/go", "st/air", "st/andon"]
    assert told["state"]["pi-1"]["devices"]["st/air"]["knobs"]["temperature"] == 23.0
    assert len(told["tables"][0]["header"]) == 40


@pytest.mark.parametrize("path", [LOOK, LIVE])
@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Host": "192.168.1.5"}, {"X_Forwarded_For": "10.0.0.1"}, {"Forwarded": "for=10.0.0.1"},
     {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"}],
)  # fmt: skip
def test_a_foreign_name_a_proxy_or_another_sites_page_is_refused(
    served: Served, path: str, headers: dict[str, str]
) -> None:
    got = served.ask(path, **headers)
    assert got.status in (401, 403)
    assert got.json()["ja"]
    assert got.json()["en"]


@pytest.mark.parametrize("path", ["/", "/js/bench.js", "/css/bench.css"])
def test_a_foreign_name_gets_not_even_the_empty_page(served: Served, path: str) -> None:
    got = served.ask(path, Host="evil.example")
    assert (got.status, got.json()["type"].rpartition(":")[2]) == (401, "token-needed")
    for ours in ("127.0.0.1", f"localhost:{served.page.port}", "192.168.1.5:8001", "pi-1.local", "[::1]:80"):
        assert served.ask(path, Host=ours).status == 200
    assert served.ask(path, Host="pi.factory.example", Cookie=joined(served)).status == 200, "who joined may"
    assert served.raw(f"GET {path} HTTP/1.0\r\n\r\n".encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("shown", [{}, {"Cookie": ""}, {"Cookie": "kojo="}, {"Cookie": "; other=1"}])
@pytest.mark.parametrize("also", [None, "kojo"])
def test_who_shows_no_token_is_asked_for_one_and_not_counted_as_a_guesser(
    tmp_path: Path, also: str | None, shown: dict[str, str]
) -> None:
    door = Door(Tokens(tmp_path, time.time_ns), also=also)
    headers = {"host": "127.0.0.1"} | {name.lower(): value for name, value in shown.items()}
    for _ in range(MOST_FAILURES + 1):
        with pytest.raises(Refusal) as refused:
            door.writer(Asker("127.0.0.1", headers))
        assert (refused.value.status, refused.value.kind) == (401, "token-needed")


def test_joining_one_page_of_a_machine_leaves_the_others_joined(tmp_path: Path) -> None:
    doors = [Door(Tokens(made(tmp_path / name), time.time_ns)) for name in ("a", "b")]
    jar: dict[str, str] = {}
    for door, name in zip(doors, "ab", strict=True):
        code = Tokens(tmp_path / name, time.time_ns).pair_code("operator")
        cookie_name, _, value = (
            door.pair(Asker("127.0.0.1", {"host": "127.0.0.1"}), code).partition(";")[0].partition("=")
        )
        jar[cookie_name] = value
    headers = {"host": "127.0.0.1", "cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
    for door in doors:
        door.writer(Asker("127.0.0.1", headers))
    again = Door(Tokens(tmp_path / "a", time.time_ns))
    again.writer(Asker("127.0.0.1", headers))


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_token_looks_from_anywhere(served: Served) -> None:
    assert served.ask(LOOK, Host="evil.example", Authorization=served.bearer("viewer")).status == 200
    assert served.ask(LOOK, Authorization=served.bearer()).json()["role"] == "operator"


def test_open_to_lan_lets_everybody_look_and_nobody_touch(tmp_path: Path) -> None:
    opened = Served(tmp_path, HostRules(open_to_lan=True))
    assert opened.ask(LOOK, Host="192.168.1.5").status == 200
    assert opened.press(Host="192.168.1.5").status == 401
    opened.page.stop()


def test_touching_needs_the_operators_token(served: Served) -> None:
    assert served.press().status == 401
    assert served.press(Authorization="Bearer " + "x" * 43).status == 401
    assert served.press(Authorization=served.bearer("viewer")).status == 403
    assert not served.is_pressed
    assert served.press(Authorization=served.bearer()).json() == {"done": True}
    assert served.is_pressed


def joined(served: Served, role: Any = "operator") -> str:
    """The cookie of a browser that joined."""
    got = served.ask(f"/pair?code={served.tokens.pair_code(role)}")
    assert (got.status, got.headers["Location"]) == (303, "/")
    cookie, *rest = got.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(rest)
    return cookie


def test_a_browser_that_joined_may_touch_from_this_page_only(served: Served) -> None:
    cookie = joined(served)
    port = served.page.port
    for foreign in (
        {"Origin": "http://evil.example"},
        {"Origin": f"http://127.0.0.1:{port + 1}"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Content_Type": "text/plain"},
    ):
        assert served.press(Cookie=cookie, **foreign).status in (403, 415)
    assert not served.is_pressed
    own = {"Origin": f"http://127.0.0.1:{port}", "Sec_Fetch_Site": "same-origin"}
    assert served.press(Cookie=cookie, **own).status == 200
    assert served.is_pressed


def test_a_viewers_cookie_touches_nothing(served: Served) -> None:
    assert served.press(Cookie=joined(served, "viewer")).status == 403


def test_a_cookie_of_the_lines_pages_counts_here_too_where_that_was_said(served: Served) -> None:
    assert served.press(Cookie=f"kojo={served.tokens.cookie('operator')}").status == 200
    assert served.press(Cookie=f"{served.door.cookie_name}=nonsense").status == 401


def test_a_code_is_good_once_and_a_preview_does_not_use_it_up(served: Served) -> None:
    code = served.tokens.pair_code("operator")
    assert served.ask(f"/pair?code={code}", Sec_Purpose="prefetch").status == 403
    assert served.ask(f"/pair?code={code}").status == 303
    assert served.ask(f"/pair?code={code}").status == 403
    page = served.ask(f"/pair?code={code}", Accept="text/html")
    assert (page.status, page.headers["Location"]) == (303, "/?pair=refused")
    assert "Set-Cookie" not in page.headers
    assert served.ask("/pair").status == 403
    assert served.ask("/pair?" + "&".join(f"a{n}=1" for n in range(99))).status == 403


def test_who_guesses_must_wait_and_the_right_token_still_opens(served: Served) -> None:
    statuses = {served.press(Authorization=f"Bearer {n:043}").status for n in range(32)}
    assert statuses == {401, 429}
    assert served.press(Authorization=served.bearer()).status == 200


def test_the_address_that_is_printed_makes_a_browser_the_operators(served: Served) -> None:
    address = address_of(served.page, served.tokens)
    assert address.startswith(f"http://127.0.0.1:{served.page.port}/pair?code=o")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"press", 422),
        (b"[]", 422),
        (b'{"value":NaN}', 422),
        (b"[" * 5000, 422),
        (b"\xff\xfe", 422),
        (b" " * (MOST_BODY + 1), 413),
        ({}, 422),
        ({"agent": "pi-9", "device": "st/go", "do": "press"}, 404),
        ({"agent": "pi-1", "device": "st/go", "do": "burn"}, 422),
        ({"agent": "pi-1", "device": "st/air", "do": "turn", "handle": "temperature", "value": 1e9}, 422),
        ({"agent": "pi-1", "device": ["st/go"], "do": {"press": 1}}, 422),
    ],
)
def test_a_body_that_says_nothing_that_can_be_done_is_refused(served: Served, body: Any, status: int) -> None:
    got = served.ask(DO, "POST", body, Authorization=served.bearer())
    assert (got.status, got.json()["status"]) == (status, status)
    assert got.json()["ja"]
    assert got.json()["en"]


def test_a_contact_that_has_become_an_output_is_not_driven(served: Served) -> None:
    pin = served.bench.pin(5)
    pin.function = "output"
    assert served.press(Authorization=served.bearer()).status in (200, 409)
    assert pin.function == "output"
    assert not served.bench.level(5)


def test_what_is_no_request_is_refused_and_hung_up_on(served: Served) -> None:
    head = f"Host: 127.0.0.1:{served.page.port}\r\nAuthorization: {served.bearer()}\r\n"
    for said, status in (
        (f"GET {LOOK} HTTP/1.1\r\n\r\n", 400),
        (f"GET {LOOK} HTTP/1.1\r\n{head}Host: evil.example\r\n\r\n", 400),
        (f"GET /{'x' * MOST_ADDRESS} HTTP/1.1\r\n{head}\r\n", 414),
        (f"GET /{'x' * 70_000} HTTP/1.1\r\n{head}\r\n", 414),
        (f"GET http://[::1 HTTP/1.1\r\n{head}\r\n", 400),
        (f"DELETE {LOOK} HTTP/1.1\r\n{head}\r\n", 501),
        (f"GET {LOOK} HTTP/9.9\r\n{head}\r\n", 505),
        (f"POST {LOOK} HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\n{{}}", 404),
        (f"POST {DO} HTTP/1.1\r\n{head}\r\n", 411),
        (f"POST {DO} HTTP/1.1\r\n{head}Content-Length: -1\r\n\r\n", 411),
        (f"POST {DO} HTTP/1.1\r\n{head}Content-Length: {10**20}\r\n\r\n", 413),
        (f"POST {DO} HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n", 411),
        ("nonsense\r\n\r\n", 400),
    ):
        got = served.raw(said.encode())
        assert got.startswith(f"HTTP/1.1 {status} ".encode()), (said[:80], got[:80])
        assert b"Traceback" not in got
    assert served.ask("/").status == 200


def test_live_tells_all_at_first_and_then_what_changes(served: Served) -> None:
    with feed(served) as lines:
        whole = next_event(lines)["pi-1"]
        assert len(whole["pins"]) == 28
        assert set(whole["devices"]) == {"st/go", "st/air", "st/andon"}
        served.press(Authorization=served.bearer())
        news = next_event(lines)["pi-1"]
        assert set(news) == {"pins", "devices"}
        assert set(news["pins"]) == {"5"}
        assert news["devices"]["st/go"]["contacts"][0]["doing"] == "hold"


def test_so_many_may_look_and_a_place_is_free_again_when_one_leaves(served: Served) -> None:
    with contextlib.ExitStack() as screens:
        for _ in range(MOST_LISTENERS):
            next_event(screens.enter_context(feed(served)))
        refused = served.ask(LIVE)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        assert served.ask(LOOK).status == 200
    until = time.monotonic() + 30
    served.press(Authorization=served.bearer())
    while served.page.listeners._value < MOST_LISTENERS and time.monotonic() < until:
        served.ask(DO, "POST", {"device": "st/go", "do": "hold"}, Authorization=served.bearer())
        served.ask(DO, "POST", {"device": "st/go", "do": "let_go"}, Authorization=served.bearer())
    with feed(served) as lines:
        next_event(lines)


def test_connections_are_bounded_and_come_back(served: Served) -> None:
    with contextlib.ExitStack() as idle:
        for _ in range(MOST_CONNECTIONS + 8):
            idle.enter_context(socket.create_connection(("127.0.0.1", served.page.port), 20))
        with pytest.raises(OSError):  # noqa: PT011 - hung up on, however that shows
            served.ask("/")
    until = time.monotonic() + 30
    status = 0
    while status != 200 and time.monotonic() < until:
        with contextlib.suppress(OSError, http.client.HTTPException):
            status = served.ask("/").status
    assert status == 200


def test_heads_that_trickle_in_do_not_hold_the_page(tmp_path: Path) -> None:
    opened = Served(tmp_path, head_s=0.2)
    with contextlib.ExitStack() as slow:
        callers = [
            slow.enter_context(socket.create_connection(("127.0.0.1", opened.page.port), 20))
            for _ in range(MOST_CONNECTIONS)
        ]
        until, status = time.monotonic() + 10, 0
        while status != 200 and time.monotonic() < until:
            for caller in callers:
                with contextlib.suppress(OSError):
                    caller.send(b"G")
            with contextlib.suppress(OSError, http.client.HTTPException):
                status = opened.ask("/").status
        assert status == 200
    opened.page.stop()


def test_the_end_ends_live_feeds_too(tmp_path: Path) -> None:
    opened = Served(tmp_path)
    with feed(opened) as lines:
        next_event(lines)
        opened.page.stop()
        assert b"".join(lines).strip() == b""
    with pytest.raises(OSError):  # noqa: PT011 - nobody answers
        opened.ask("/")


@contextlib.contextmanager
def feed(served: Served) -> Iterator[Iterator[bytes]]:
    """The lines of a live feed."""
    connection = http.client.HTTPConnection("127.0.0.1", served.page.port, timeout=20)
    connection.request("GET", LIVE)
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    try:
        yield iter(answer)
    finally:
        answer.close()
        connection.close()


def next_event(lines: Iterator[bytes], name: str = "state") -> Any:
    """The body of the next event of that name."""
    for line in lines:
        if line.rstrip() == f"event: {name}".encode():
            return json.loads(next(lines).removeprefix(b"data: "))
    raise AssertionError("the feed has ended")
