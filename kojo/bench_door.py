"""Who may look at the bench's page and who may touch it: as at the line's pages (`kpi.access`), by the same tokens.

    with offered(table, data, "127.0.0.1:0") as page:
        …

Light: nothing of the server's libraries, so that it runs where only the agent does.
"""

import contextlib
import hashlib
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from contract.words import Words
from edge.bench_guard import Asker, Refusal
from edge.bench_page import BenchPage
from edge.bench_table import Table
from kojo.address import lan_addresses, listen, url
from kojo.enter_key import EnterKey
from kpi.access import Caller, Gate, HostRules, tells_of_proxy
from kpi.problems import Problem
from kpi.tokens import COOKIE_LIVES_S, Tokens

OPTION: Final = "--bench-page"
PAGES: Final = Path(__file__).parent.parent / "dashboards" / "web"

T = TypeVar("T")


class Door:
    """A `edge.bench_guard.Guard`. ``also``: a cookie of the same tokens that counts here, too."""

    def __init__(self, tokens: Tokens, rules: HostRules | None = None, also: str | None = None) -> None:
        self._gate = Gate(tokens, rules or HostRules(), time.time_ns)
        self._also = also
        self.cookie_name = _cookie_name(tokens)

    def visitor(self, asker: Asker) -> None:
        """Raises Refusal for whoever calls us by a name that is not ours."""
        _asked(lambda: self._gate.visitor(self._caller(asker)))

    def reader(self, asker: Asker) -> str:
        """``viewer`` or ``operator``. Raises Refusal."""
        return _asked(lambda: self._gate.reader(self._caller(asker)))

    def writer(self, asker: Asker) -> None:
        """Raises Refusal unless the operator asks."""
        _asked(lambda: self._gate.writer(self._caller(asker)))

    def pair(self, asker: Asker, code: str) -> str:
        """The cookie that a code becomes. Raises Refusal."""
        role = _asked(lambda: self._gate.pair(self._caller(asker), code))
        cookie = f"{self.cookie_name}={self._gate.cookie(role)}"
        return f"{cookie}; Max-Age={COOKIE_LIVES_S[role]}; Path=/; HttpOnly; SameSite=Strict"

    def _caller(self, asker: Asker) -> Caller:
        headers = asker.headers
        scheme, _, token = headers.get("authorization", "").partition(" ")
        shown = cookies(headers.get("cookie", ""))
        return Caller(
            asker.peer,
            headers.get("host", ""),
            any(tells_of_proxy(name) for name in headers),
            token.strip() if scheme.lower() == "bearer" else None,
            shown.get(self.cookie_name) or (shown.get(self._also) if self._also else None) or None,
            headers.get("origin"),
            headers.get("sec-fetch-site"),
            headers.get("sec-fetch-mode"),
        )


def open_bench(
    tables: Sequence[Table], address: str | socket.socket, door: Door, about: Mapping[str, Any] | None = None
) -> BenchPage:
    """The page, answering at ``HOST:PORT`` (port 0: any free one) or on a socket that listens already.

    Raises what `kojo.address.listen` does.
    """
    opened = listen(address, OPTION) if isinstance(address, str) else address
    page = BenchPage(opened, tables, door, PAGES, about)
    page.start()
    return page


def address_of(page: BenchPage, tokens: Tokens) -> str:
    """An address that makes a browser the operator's, once; where the page answers everywhere, one for a phone."""
    everywhere = page.host in ("0.0.0.0", "::")
    host = next(iter(lan_addresses()), "127.0.0.1") if everywhere else page.host
    return f"{url(host, page.port)}/pair?code={tokens.pair_code('operator')}"


@contextlib.contextmanager
def offered(
    table: Table, data: Path, address: str | socket.socket, name: str = "", *, keys: bool = True
) -> Iterator[BenchPage]:
    """The page of one agent's bench, its address said; on a terminal Enter says a new one. ``name``: the line's.

    ``keys``: False where what is typed is for somebody else.
    """
    tokens = Tokens(data, time.time_ns)
    page = open_bench([table], address, Door(tokens), {"name": name})
    with contextlib.ExitStack() as until_the_end:
        until_the_end.callback(page.stop)
        _say(
            f"\n  練習台のページ(1回だけ有効)  {address_of(page, tokens)}\n",
            f"\n  the bench's page (good once)  {address_of(page, tokens)}\n",
        )
        if keys and sys.stdin.isatty():
            _say("  Enter で新しい番地を出します。\n", "  Enter gives a new address.\n")
            enter = EnterKey(sys.stdin.fileno(), lambda: _say(*[f"  {address_of(page, tokens)}"] * 2))
            enter.start()
            until_the_end.callback(enter.stop)
        yield page


def _say(ja: str, en: str) -> None:
    print(Words(ja, en), file=sys.stderr, flush=True)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except Problem as problem:
        raise Refusal(problem.status, problem.kind, problem.what, problem.hint, problem.after_s) from problem


def _cookie_name(tokens: Tokens) -> str:
    """Cookies know no port: each page of a machine has a name of its own, or joining one would end the other's.

    It goes by the token, and so is the same after a new start at another port.
    """
    key = f"kojo bench {tokens.token('operator')}".encode()
    return f"kojo-bench-{hashlib.sha256(key).hexdigest()[:8]}"


def cookies(header: str) -> dict[str, str]:
    """The cookies of a header, the first of each name."""
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found
