from dataclasses import replace
from pathlib import Path

import pytest

from kpi.access import (
    FORGET_S,
    MOST_FAILURES,
    MOST_FAILURES_OF_ALL,
    MOST_PEERS,
    Caller,
    Failures,
    Gate,
    HostRules,
    tells_of_proxy,
)
from kpi.problems import Problem
from kpi.tokens import Tokens

NO_HOSTS = (
    "[::1].evil.example", "[127.0.0.1", "[127.0.0.1]", "127.0.0.1%.evil.example", "127.0.0.1:x", "127.0.0.1:", "::1",
    "[::1%lo]", "localhost:8000:8000", "localhost:８０", "user@localhost", "localhost/", "localhost,evil.example",
    "[::1", "::1]", "[[::1]]", "localhost:123456", "localhost\n", "[::1]x:80",
)  # fmt: skip
NS = 10**9
HERE = Caller("127.0.0.1", "127.0.0.1:8000")
LAN = Caller("192.168.1.20", "192.168.1.5:8000")


class Now:
    ns = 1_795_000_000 * NS

    def __call__(self) -> int:
        return self.ns


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(tmp_path, Now())


def gate(tokens: Tokens, rules: HostRules | None = None, now: Now | None = None) -> Gate:
    return Gate(tokens, rules or HostRules(), now or Now())


def status(act: object, *given: object) -> int:
    with pytest.raises(Problem) as refused:
        act(*given)  # type: ignore[operator]
    return refused.value.status


@pytest.mark.parametrize(
    ("peer", "host"),
    [("127.0.0.1", "localhost:8000"), ("127.0.0.1", "127.0.0.1"), ("::1", "[::1]:8000"), ("127.3.4.5", "LOCALHOST"),
     ("::ffff:127.0.0.1", "127.0.0.1:1")],
)  # fmt: skip
def test_reading_is_open_on_the_loopback_address(tokens: Tokens, peer: str, host: str) -> None:
    assert gate(tokens).reader(Caller(peer, host)) == "viewer"


@pytest.mark.parametrize(
    "caller",
    [LAN, replace(HERE, host="evil.example"), replace(HERE, host=""), replace(HERE, host="localhost.evil.example"),
     replace(HERE, forwarded=True), Caller(None, "localhost"), Caller("10.0.0.1", "localhost"),
     Caller("not an address", "localhost"), replace(HERE, host="127.0.0.1.evil.example:80"),
     *(replace(HERE, host=host) for host in NO_HOSTS)],
)  # fmt: skip
def test_everywhere_else_reading_needs_a_token(tokens: Tokens, caller: Caller) -> None:
    assert status(gate(tokens).reader, caller) == 401
    assert gate(tokens).reader(replace(caller, bearer=tokens.token("viewer"))) == "viewer"
    assert gate(tokens).reader(replace(caller, cookie=tokens.cookie("operator"))) == "operator"


@pytest.mark.parametrize(
    ("host", "open_"),
    [("192.168.1.5:8000", True), ("kojo.local", True), ("kojo", True), ("[fe80::1]:80", True),
     ("line.example.jp", True), ("evil.example", False), ("", False)],
)  # fmt: skip
def test_open_to_lan_opens_only_names_of_this_machine(tokens: Tokens, host: str, open_: bool) -> None:
    opened = gate(tokens, HostRules(True, frozenset({"line.example.jp"})))
    caller = replace(LAN, host=host)
    if open_:
        assert opened.reader(caller) == "viewer"
    else:
        assert status(opened.reader, caller) == 421
    assert status(opened.reader, replace(caller, forwarded=True)) == 401


def test_writing_always_needs_the_operators_token(tokens: Tokens) -> None:
    for rules in (HostRules(), HostRules(True)):
        for caller in (HERE, LAN):
            assert status(gate(tokens, rules).writer, caller) == 401
            assert status(gate(tokens, rules).writer, replace(caller, bearer=tokens.token("viewer"))) == 403
            assert gate(tokens, rules).writer(replace(caller, bearer=tokens.token("operator"))) == "operator"
            assert gate(tokens, rules).writer(replace(caller, cookie=tokens.cookie("operator"))) == "operator"


def test_a_cookie_does_not_write_for_another_site(tokens: Tokens) -> None:
    mine = replace(LAN, cookie=tokens.cookie("operator"))
    assert gate(tokens).writer(replace(mine, origin="http://192.168.1.5:8000")) == "operator"
    for origin in ("http://evil.example", "null", "http://192.168.1.5:9000", ""):
        assert status(gate(tokens).writer, replace(mine, origin=origin)) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_a_cookie_does_not_write_for_a_page_that_the_browser_says_is_not_ours(tokens: Tokens, site: str) -> None:
    mine = replace(LAN, cookie=tokens.cookie("operator"), site=site)
    assert status(gate(tokens).writer, mine) == 403
    assert gate(tokens).writer(replace(mine, site="same-origin")) == "operator"
    assert gate(tokens).writer(replace(mine, bearer=tokens.token("operator"))) == "operator", "a page has no token"


def test_a_page_elsewhere_does_not_read_through_the_browser_of_this_machine(tokens: Tokens) -> None:
    strange = replace(HERE, site="cross-site", mode="no-cors")
    assert status(gate(tokens).reader, strange) == 403
    assert status(gate(tokens).reader, replace(strange, cookie=tokens.cookie("viewer"))) == 403
    assert gate(tokens).reader(replace(strange, mode="navigate")) == "viewer", "a link is followed by a person"
    assert gate(tokens).reader(replace(strange, site="same-origin")) == "viewer"


def test_the_token_itself_is_no_cookie(tokens: Tokens) -> None:
    assert status(gate(tokens).reader, replace(LAN, cookie=tokens.token("viewer"))) == 401


def test_wrong_tokens_are_counted_and_slowed_down(tokens: Tokens) -> None:
    now = Now()
    door = gate(tokens, now=now)
    wrong = replace(LAN, bearer="guess")
    for _ in range(MOST_FAILURES):
        assert status(door.reader, wrong) == 401
    with pytest.raises(Problem) as refused:
        door.reader(wrong)
    assert (refused.value.status, refused.value.after_s) == (429, FORGET_S)
    assert status(door.reader, replace(wrong, peer="192.168.1.21")) == 401
    now.ns += (FORGET_S + 1) * NS
    assert status(door.reader, wrong) == 401


def test_who_guesses_locks_nobody_out(tokens: Tokens) -> None:
    door = gate(tokens)
    for _ in range(MOST_FAILURES + 1):
        assert status(door.writer, replace(LAN, bearer="guess")) in (401, 429)
    assert door.writer(replace(LAN, bearer=tokens.token("operator"))) == "operator"
    assert door.reader(replace(LAN, cookie=tokens.cookie("viewer"))) == "viewer"
    assert door.pair(LAN, tokens.pair_code("viewer")) == "viewer"
    assert door.reader(HERE) == "viewer"


def test_who_guesses_from_many_addresses_waits_too_and_the_right_token_still_opens(tokens: Tokens) -> None:
    door = gate(tokens)
    for i in range(MOST_FAILURES_OF_ALL):
        assert status(door.reader, replace(LAN, peer=f"10.0.{i // 250}.{i % 250}", bearer="guess")) == 401
    assert status(door.reader, replace(LAN, peer="10.9.9.9", bearer="guess")) == 429
    assert door.reader(replace(LAN, peer="10.9.9.9", bearer=tokens.token("viewer"))) == "viewer"
    assert door.reader(HERE) == "viewer"


def test_a_network_of_ipv6_addresses_is_one_guesser(tokens: Tokens) -> None:
    door = gate(tokens)
    for i in range(MOST_FAILURES):
        assert status(door.reader, replace(LAN, peer=f"2001:db8::{i:x}", bearer="guess")) == 401
    assert status(door.reader, replace(LAN, peer="2001:db8::ffff", bearer="guess")) == 429
    assert status(door.reader, replace(LAN, peer="2001:db8:1::1", bearer="guess")) == 401


def test_a_clock_that_is_set_back_makes_nobody_wait_for_a_day(tokens: Tokens) -> None:
    now = Now()
    door = gate(tokens, now=now)
    for _ in range(MOST_FAILURES):
        status(door.reader, replace(LAN, bearer="guess"))
    now.ns -= 86400 * NS
    assert status(door.reader, replace(LAN, bearer="guess")) == 401


def test_so_many_guessers_take_no_memory() -> None:
    now = Now()
    failures = Failures(now)
    for i in range(20 * MOST_PEERS):
        now.ns += NS
        failures.add(f"10.{i % 200}.{i // 200}.1")
    assert len(failures._times) <= MOST_PEERS
    assert len(failures._all) <= MOST_FAILURES_OF_ALL


def test_codes_are_counted_with_the_tokens(tokens: Tokens) -> None:
    door = gate(tokens)
    for _ in range(MOST_FAILURES):
        assert status(door.pair, LAN, "o1.2.3") == 403
    assert status(door.pair, LAN, "o1.2.3") == 429


def test_the_old_cookie_of_a_browser_on_the_machine_itself_does_not_lock_it_out(tokens: Tokens) -> None:
    door = gate(tokens)
    for _ in range(3 * MOST_FAILURES):
        assert door.reader(replace(HERE, cookie="of an older data directory")) == "viewer"
    assert status(door.reader, replace(LAN, cookie="of an older data directory")) == 401


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "x-forwarded-host", "Forwarded", "X-Real-IP", "Via", "X-Original-URL", "CF-Ray", "Client-IP",
     "X-Forward-For", "Forwarded-For", "x_forwarded_for", "X-Originating-IP", "X-Remote-IP", "X-Rewrite-URL",
     "X-Vercel-Forwarded-For", "CloudFront-Viewer-Address", "X-Scheme", "X-Real-Port", "X-NginX-Proxy", "X-Varnish",
     "Ali-CDN-Real-IP", "Incap-Client-IP", "X-Sucuri-ClientIP", "Tailscale-User-Login", "X-Amzn-Trace-Id",
     "Proxy-Connection", "X-Client-IP", "True-Client-IP", "WL-Proxy-Client-IP", "X-ProxyUser-Ip", "X-Remote-Addr",
     "X_REAL_IP", "X-Envoy-External-Address", "Fastly-Client", "CDN-Loop", "X-Cluster-Client-IP", "Remote-Addr",
     "Front-End-Https"],
)  # fmt: skip
def test_headers_of_a_proxy_are_known(header: str) -> None:
    assert tells_of_proxy(header)


def test_other_headers_are_not(tokens: Tokens) -> None:
    sent = [
        "host user-agent accept accept-encoding accept-language connection keep-alive content-type content-length",
        "authorization cookie origin referer dnt sec-gpc sec-fetch-site sec-fetch-mode sec-fetch-dest sec-fetch-user",
        "sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform upgrade-insecure-requests cache-control pragma priority te",
        "if-none-match if-modified-since range last-event-id x-requested-with transfer-encoding expect save-data",
        "purpose sec-purpose x-request-id access-control-request-method access-control-request-private-network",
    ]
    assert not [header for row in sent for header in row.split() if tells_of_proxy(header)]
