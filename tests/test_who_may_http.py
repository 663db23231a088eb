"""Who may do what over HTTP: every caller against every call, each cell asserted.

The calls are those the service itself describes, so a new one without a row here fails. The caller's address is given
at the seam where a server hands it over (ASGI), so that a caller on the LAN needs no LAN; the rows on the machine
itself are asked of a real `kojo serve` too.
"""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
import pytest

from kpi.access import HostRules
from kpi.service_shell import COOKIE
from kpi.tokens import Tokens
from tests.kpi.desks import FakeDemo, Service
from tests.kpi.test_service import WINDOW, made
from tests.rig import WITHIN_S, contract_line, serving, until
from tests.servers import free_port

pytestmark = pytest.mark.slow

Kind = Literal["open", "read", "write"]


@dataclass(frozen=True)
class Call:
    """One call as somebody entitled would make it; ``good`` is its answer then."""

    kind: Kind
    good: int = 200
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


AT = WINDOW["start"]
WASHER = {"station": "washer"}
PAIR = {"every_s": "60", "series": "washer/done/count,washer/wash/state"}
JUDGED = WASHER | {
    "kpi": "cycle_time_s",
    "before": "2026-04-01T00:00:00+09:00/2026-04-08T00:00:00+09:00",
    "after": "2026-04-08T00:00:00+09:00/2026-04-15T00:00:00+09:00",
}
CALLS: dict[tuple[str, str], Call] = {
    ("GET", "/healthz"): Call("open"),
    ("GET", "/api/v1/healthz"): Call("open"),
    ("GET", "/pair"): Call("open", 403, {"code": "o1.2.3"}),
    ("GET", "/api/v1/line"): Call("read"),
    ("GET", "/api/v1/status"): Call("read"),
    ("GET", "/api/v1/settings-history"): Call("read"),
    ("GET", "/api/v1/kpi"): Call("read", query=WINDOW),
    ("GET", "/api/v1/cycles"): Call("read", query=WINDOW | WASHER),
    ("GET", "/api/v1/ledger"): Call("read", query=WINDOW | WASHER),
    ("GET", "/api/v1/wall"): Call("read"),
    ("GET", "/api/v1/thresholds"): Call("read", query=WINDOW | WASHER),
    ("GET", "/api/v1/what-if"): Call("read", query=WINDOW | WASHER | {"cycle_s": "3"}),
    ("GET", "/api/v1/wip"): Call("read"),
    ("POST", "/api/v1/wip"): Call("write", 404, body={"from": "packer", "to": "washer", "quantity": 40}),
    ("GET", "/api/v1/correlation"): Call("read", query=WINDOW | PAIR),
    ("GET", "/api/v1/correlation/lags"): Call("read", query=WINDOW | PAIR),
    ("GET", "/api/v1/correlation/scatter"): Call("read", query=WINDOW | PAIR),
    ("POST", "/api/v1/correlation/table"): Call("read", 422),  # nothing is kept of it; an empty table is none
    ("GET", "/api/v1/control-chart"): Call("read", query=WINDOW | WASHER | {"kpi": "cycle_time_s"}),
    ("GET", "/api/v1/capability"): Call("read", query=WINDOW | WASHER | {"kpi": "cycle_time_s", "usl": "21"}),
    ("GET", "/api/v1/evaluation"): Call("read", query=JUDGED),
    ("GET", "/api/v1/evaluations"): Call("read"),
    ("POST", "/api/v1/evaluations"): Call("write", 201, body=JUDGED | {"why": "new jig"}),
    ("POST", "/api/v1/evaluations/effects"): Call(
        "write", 201, body=JUDGED | {"what": "sold", "document": "invoice 7"}
    ),
    ("GET", "/api/v1/readings"): Call("read", query=WINDOW | WASHER | {"sensor": "done", "measure": "count"}),
    ("GET", "/api/v1/events"): Call("read"),
    ("GET", "/api/v1/entries"): Call("read"),
    ("GET", "/api/v1/reconciliations"): Call("read", query=WINDOW | WASHER),
    ("GET", "/api/v1/board"): Call("read", query=WASHER),
    ("GET", "/api/v1/stops"): Call("read", query=WINDOW),
    ("GET", "/api/v1/quarantine"): Call("read"),
    ("GET", "/api/v1/demo"): Call("read"),
    ("GET", "/api/v1/live"): Call("read"),
    ("POST", "/api/v1/events"): Call("write", 201, body={"kind": "note", "text": "朝礼"}),
    ("POST", "/api/v1/stops/reason"): Call("write", 201, body=WASHER | {"at": AT, "reason": "jam"}),
    ("POST", "/api/v1/corrections"): Call(
        "write", 201, body=WASHER | {"at": AT, "quantity": "scrap", "delta": 1, "why": "数えもれ"}
    ),
    ("POST", "/api/v1/corrections/check"): Call(
        "write", body=WASHER | {"at": AT, "quantity": "scrap", "delta": 1, "why": "数えもれ"}
    ),
    ("PUT", "/api/v1/plans"): Call("write", body=WASHER | {"date": "2026-11-16", "shift": "日勤", "quantity": 100}),
    ("POST", "/api/v1/entries/withdraw"): Call("write", 404, body={"id": "none", "why": "まちがい"}),
    ("POST", "/api/v1/alarms/mute"): Call("write", 201, body=WASHER),
    ("POST", "/api/v1/modes"): Call("write", 201, body=WASHER | {"mode": "production"}),
    ("POST", "/api/v1/reconciliations"): Call(
        "write", 201, body=WASHER | {"date": "2026-11-16", "shift": "日勤", "quantity": "produced", "tally": 150}
    ),
    ("POST", "/api/v1/demo/improve"): Call("write", body={"improved": True}),
    ("POST", "/api/v1/quarantine/replay"): Call("write", body={"ids": []}),
    ("POST", "/api/v1/quarantine/discard"): Call("write", body={"ids": []}),
}

LAN, HERE = "192.168.1.20", "127.0.0.1"
LAN_HOST, OUR_HOST = "192.168.1.5:8000", "127.0.0.1:8000"
SITE = {"origin": "http://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
SHUT, OPEN = HostRules(), HostRules(open_to_lan=True)


@dataclass(frozen=True)
class Who:
    """A caller: where from, by which name it calls us, what it shows, and what it may: the status, 0 for a good answer.

    ``token`` and ``cookie`` are a role's, ``"wrong"``, or None.
    """

    peer: str
    host: str
    read: int
    write: int
    token: str | None = None
    cookie: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    rules: HostRules = SHUT


WHO = {
    "anonymous on this machine": Who(HERE, OUR_HOST, 0, 401),
    "anonymous by a foreign name": Who(HERE, "evil.example", 401, 401),
    "anonymous without a name": Who(HERE, "", 401, 401),
    "anonymous behind X-Forwarded-For": Who(HERE, OUR_HOST, 401, 401, headers={"x-forwarded-for": "203.0.113.9"}),
    "anonymous behind Forwarded": Who(HERE, OUR_HOST, 401, 401, headers={"forwarded": "for=203.0.113.9"}),
    "anonymous behind Via": Who(HERE, OUR_HOST, 401, 401, headers={"via": "1.1 proxy"}),
    "anonymous that claims to be forwarded from here": Who(
        LAN, OUR_HOST, 401, 401, headers={"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost"}
    ),
    "a page of another site in this machine's browser": Who(
        HERE, OUR_HOST, 403, 401, headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    ),
    "anonymous on the LAN": Who(LAN, LAN_HOST, 401, 401),
    "anonymous on the LAN that says localhost": Who(LAN, "localhost:8000", 401, 401),
    "anonymous on the LAN, open to it": Who(LAN, LAN_HOST, 0, 401, rules=OPEN),
    "anonymous on the LAN, open to it, by a foreign name": Who(LAN, "evil.example", 421, 401, rules=OPEN),
    "anonymous behind a proxy, open to the LAN": Who(LAN, LAN_HOST, 401, 401, headers={"via": "1"}, rules=OPEN),
    "another team's agent, with its broker account": Who(
        LAN, LAN_HOST, 401, 401, headers={"authorization": "Basic " + b64encode(b"pi-2:secret").decode()}
    ),
    "a wrong token on the LAN": Who(LAN, LAN_HOST, 401, 401, token="wrong"),
    "a wrong token on this machine": Who(HERE, OUR_HOST, 401, 401, token="wrong"),
    "a wrong cookie on the LAN": Who(LAN, LAN_HOST, 401, 401, cookie="wrong"),
    "a wrong cookie, open to the LAN": Who(LAN, LAN_HOST, 0, 401, cookie="wrong", rules=OPEN),
    "the viewer's token on this machine": Who(HERE, OUR_HOST, 0, 403, token="viewer"),
    "the viewer's token on the LAN": Who(LAN, LAN_HOST, 0, 403, token="viewer"),
    "the viewer's token behind a proxy": Who(HERE, "line.example", 0, 403, token="viewer", headers={"via": "1"}),
    "the viewer's cookie on the LAN": Who(LAN, LAN_HOST, 0, 403, cookie="viewer"),
    "the operator's token on this machine": Who(HERE, OUR_HOST, 0, 0, token="operator"),
    "the operator's token on the LAN": Who(LAN, LAN_HOST, 0, 0, token="operator"),
    "the operator's token by a foreign name": Who(HERE, "evil.example", 0, 0, token="operator"),
    "the operator's cookie on the LAN": Who(LAN, LAN_HOST, 0, 0, cookie="operator"),
    "the operator's cookie, from our own page": Who(
        LAN, LAN_HOST, 0, 0, cookie="operator",
        headers={"origin": f"http://{LAN_HOST}", "sec-fetch-site": "same-origin"},
    ),
    "the operator's cookie, from another site's page": Who(LAN, LAN_HOST, 403, 403, cookie="operator", headers=SITE),
    "the operator's cookie, from another port's page": Who(
        LAN, LAN_HOST, 0, 403, cookie="operator",
        headers={"origin": "http://192.168.1.5:9000", "sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ),
    "the operator's cookie, from a page without an origin": Who(
        LAN, LAN_HOST, 0, 403, cookie="operator", headers={"origin": "null"}
    ),
}  # fmt: skip


def expected(who: Who, call: Call) -> int:
    """The status of one cell."""
    refused = {"open": 0, "read": who.read, "write": who.write}[call.kind]
    return refused or call.good


def shown(who: Who, tokens: Tokens) -> dict[str, str]:
    """The headers of a caller."""
    headers = {"host": who.host, "content-type": "application/json"} | who.headers
    if who.token is not None:
        headers["authorization"] = f"Bearer {_token(who.token, tokens)}"
    if who.cookie is not None:
        kept = "v6b02531b.0000.wrong" if who.cookie == "wrong" else tokens.cookie(_role(who.cookie))
        headers["cookie"] = f"{COOKIE}={kept}"
    return headers


def _token(whose: str, tokens: Tokens) -> str:
    return "a-guess-of-24-characters" if whose == "wrong" else tokens.token(_role(whose))


def _role(text: str) -> Literal["viewer", "operator"]:
    return "operator" if text == "operator" else "viewer"


# ------------------------------------------------------------------ every cell


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[HostRules, Service]:
    """The service of a shut line and of one that is open to the LAN, of one data directory."""
    directory = tmp_path_factory.mktemp("data")
    return {rules: made(directory, demo=FakeDemo(), hosts=rules) for rules in (SHUT, OPEN)}


def test_every_call_of_the_service_has_a_row(services: dict[HostRules, Service]) -> None:
    described = services[SHUT].app.openapi()["paths"]
    known = {(method.upper(), path) for path, calls in described.items() for method in calls}
    assert known == set(CALLS)


@pytest.mark.parametrize("name", WHO)
def test_each_caller_may_do_what_it_may_and_nothing_else(services: dict[HostRules, Service], name: str) -> None:
    who = WHO[name]
    service = services[who.rules]
    for number, ((method, path), call) in enumerate(CALLS.items()):
        kept = dict(service.store.kept)
        status = cell(service, who, method, path, call, number)
        assert status == expected(who, call), f"{name}: {method} {path}"
        if call.kind == "write" and status >= 400:
            assert service.store.kept == kept, f"{name}: {method} {path} is refused and done all the same"


def cell(service: Service, who: Who, method: str, path: str, call: Call, number: int) -> int:
    """The status of one request, handed over as a server does. Each comes from an address of its own of the same kind,
    so that no guess is slowed down by the one before."""
    peer = who.peer.rpartition(".")[0] + f".{100 + number}"
    body = b"" if call.body is None else json.dumps(call.body).encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": urlencode(call.query).encode(), "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in shown(who, service.tokens).items()],
        "client": (peer, 50000), "server": ("0.0.0.0", 8000),
    }  # fmt: skip
    told: list[int] = []

    async def go() -> None:
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])
        answered = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if (message := next(messages, None)) is not None:
                return message
            await answered.wait()  # nobody leaves before there is an answer; /live would go on for ever
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.append(message["status"])
                answered.set()

        await service.app(scope, receive, send)

    asyncio.run(go())
    return told[0]


# ------------------------------------------------------------------ a real server


@pytest.mark.slow
@pytest.mark.parametrize("open_", [False, True])
def test_a_real_server_says_the_same_to_who_is_on_its_machine(tmp_path: Path, open_: bool) -> None:
    file = contract_line(tmp_path, f"embedded:{free_port()}")
    if open_:
        file.write_text(file.read_text("utf-8").replace("open_to_lan = false", "open_to_lan = true"), "utf-8")
    rules = OPEN if open_ else SHUT
    here = {name: who for name, who in WHO.items() if who.peer == HERE and "wrong" not in (who.token, who.cookie)}
    with serving(file, tmp_path / "data") as kit, httpx.Client(timeout=WITHIN_S) as client:
        until(lambda: kit.ask("/healthz").status_code == 200, "healthy")
        tokens = Tokens(tmp_path / "data", time.time_ns)
        for name, who in here.items():
            for (method, path), call in _without_guesses():
                want = expected_here(who, call, rules)
                headers = shown(who, tokens)
                body = call.body and {**call.body, **({"reason": "changeover"} if "reason" in call.body else {})}
                ask = client.build_request(method, kit.url + path, params=call.query, json=body, headers=headers)
                answer = client.send(ask, stream=True)
                answer.close()
                if path.startswith("/api/v1/demo") and want < 400:
                    want = 404  # a real line is no demo
                assert answer.status_code == want, f"{name}: {method} {path}"


def expected_here(who: Who, call: Call, rules: HostRules) -> int:
    """Open to the LAN, a foreign name is told what is wrong with it."""
    if rules.open_to_lan and call.kind == "read" and who.host in ("evil.example", "") and who.token is None:
        return 421
    return expected(who, call)


def _without_guesses() -> Iterator[tuple[tuple[str, str], Call]]:
    return ((key, call) for key, call in CALLS.items() if key[1] != "/pair")
