"""Who may read and who may write. Pure: a caller's description in, a role or a Problem out.

Reading is open on the loopback address, if the Host header says so too (a web page elsewhere cannot make it say that)
and no header tells of a proxy in between. Elsewhere it needs the viewer's token, unless the line is `open_to_lan`.
Writing always needs the operator's token, as a Bearer token, or the cookie that a device got when it joined.
"""

import ipaddress
import re
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from contract.words import Words
from kpi.problems import Problem
from kpi.tokens import Role, Tokens

MOST_FAILURES = 30
"""Wrong tokens and codes of one address within :data:`FORGET_S`; of all addresses together ten times as many."""

MOST_FAILURES_OF_ALL = 300
FORGET_S = 60
MOST_PEERS = 1000
_NS = 1_000_000_000
_FORWARDING = frozenset(
    {"via", "client-ip", "x-host", "cdn-loop", "x-port", "x-scheme", "front-end-https", "x-https", "x-arr-ssl",
     "x-arr-log-id", "x-url-scheme", "x-request-start", "x-queue-start"}
)  # fmt: skip
_FORWARDING_PARTS = (
    "forward", "proxy", "client-ip", "clientip", "client-port", "client-cert", "client-host", "client-address",
    "remote-", "real-", "originat", "viewer-", "x-original-", "x-scheme", "rewrite", "varnish", "trace-id", "tailscale",
    "user-ip", "peer-ip", "source-ip", "x-envoy-", "cf-", "cloudfront", "cloudflare", "fastly", "fly-", "x-azure-",
    "x-appengine-", "x-amz", "x-akamai", "akamai-", "ali-cdn", "incap-", "sucuri", "vercel", "x-cluster-", "cdn-",
    "ngrok", "x-nginx", "x-served-by", "x-backend", "x-gateway", "x-haproxy", "x-traefik", "x-lb-", "x-goog-",
    "x-b3-", "b3-",
)  # fmt: skip
"""No browser and no program of ours sends a header with one of these in its name; whoever passes requests on may."""


def tells_of_proxy(header: str) -> bool:
    """Whether a header's name says that somebody passed the request on."""
    name = header.lower().replace("_", "-")
    return name in _FORWARDING or any(part in name for part in _FORWARDING_PARTS)


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of who asks: the peer's address, the Host and Origin headers, what it shows.

    ``site`` and ``mode`` are what a browser says of the page that asks (Sec-Fetch-Site, Sec-Fetch-Mode), else None.
    """

    peer: str | None
    host: str
    forwarded: bool = False
    bearer: str | None = None
    cookie: str | None = None
    origin: str | None = None
    site: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class HostRules:
    """Who may read without a token: on the loopback address always; on the LAN where the line says so.

    ``allowed``: names of this machine that a Host header may give besides addresses.
    """

    open_to_lan: bool = False
    allowed: frozenset[str] = frozenset()


class Gate:
    """Decides of every request. ``now_ns`` counts failures by time."""

    def __init__(self, tokens: Tokens, rules: HostRules, now_ns: Callable[[], int]) -> None:
        self._tokens = tokens
        self._rules = rules
        self._failures = Failures(now_ns)

    def visitor(self, caller: Caller) -> None:
        """Whether a caller may have the pages with nothing in them, and join.

        Raises Problem where it calls us by a name that is not ours, unless it may read all the same.
        """
        if not self._names_us(_name(caller.host)):
            self.reader(caller)

    def reader(self, caller: Caller) -> Role:
        """The role a caller reads with. Raises Problem (401, 403, 421, 429)."""
        if caller.bearer is None and caller.site == "cross-site" and caller.mode != "navigate":
            raise _other_site("読み取り", "Reading")
        shown = self._shown(caller, refuse_cookie=not self._is_open(caller))
        if shown is not None:
            return shown
        if self._is_open(caller):
            return "viewer"
        if self._rules.open_to_lan and not caller.forwarded:
            raise Problem(
                421,
                "wrong-host",
                Words(f"「{caller.host[:64]}」という名前では開けません。", f"This is not {caller.host[:64]}."),
                Words("機器の IP アドレスで開いてください。", "Open it by the machine's IP address."),
            )
        raise _need("viewer", "閲覧", "Reading")

    def writer(self, caller: Caller) -> Role:
        """``operator``, or a Problem (401, 403, 429)."""
        shown = self._shown(caller, refuse_cookie=True)
        if shown is None:
            raise _need("operator", "記入", "Writing")
        if shown != "operator":
            raise Problem(
                403,
                "not-operator",
                Words("閲覧用のトークンでは書き込めません。", "The viewer's token may not write."),
                Words(
                    "操作用のトークン(operator.token)を使ってください。", "Use the operator's token (operator.token)."
                ),
            )
        if caller.bearer is None and not is_own_page(caller):
            raise _other_site("書き込み", "Writing")
        return shown

    def pair(self, caller: Caller, code: str) -> Role:
        """The role a pairing code stands for. Raises Problem (403, 429)."""
        role = self._tokens.pair(code)
        if role is None:
            self._failures.add(caller.peer or "-")
            raise Problem(
                403,
                "bad-code",
                Words(
                    "この登録コードは使えません(古いか、もう使われています)。", "This code is wrong, too old, or used."
                ),
                Words("「kojo pair」で新しいコードを作ってください。", "Make a new one with: kojo pair"),
            )
        return role

    def cookie(self, role: Role) -> str:
        """What a device that joined keeps in its cookie."""
        return self._tokens.cookie(role)

    def joined(self, caller: Caller) -> bool:
        """Whether a device already holds a good cookie."""
        return caller.cookie is not None and self._tokens.role_of_cookie(caller.cookie) is not None

    def _shown(self, caller: Caller, *, refuse_cookie: bool) -> Role | None:
        """The role of what a caller shows; None if it shows nothing. A wrong token is refused and counted.

        An old cookie of a browser that may read anyway is no attempt (``refuse_cookie`` False).
        """
        if caller.bearer is not None:
            role = self._tokens.role(caller.bearer)
        elif caller.cookie is not None:
            role = self._tokens.role_of_cookie(caller.cookie)
        else:
            return None
        if role is None and (caller.bearer is not None or refuse_cookie):
            self._failures.add(caller.peer or "-")
            raise Problem(
                401,
                "bad-token",
                Words("トークンが違うか、古くなりました。", "The token is wrong or has ended."),
                Words("「kojo pair」で登録し直してください。", "Join again with: kojo pair"),
            )
        return role

    def _is_open(self, caller: Caller) -> bool:
        """Whether reading needs no token here."""
        if caller.forwarded:
            return False
        if _is_loopback(caller.peer) and _is_loopback(_name(caller.host)):
            return True
        return self._rules.open_to_lan and self._names_us(_name(caller.host))

    def _names_us(self, host: str) -> bool:
        """Whether a Host header can only mean this machine: an address, a name without dots, .local, or told so."""
        if _address(host) is not None or host in self._rules.allowed:
            return True
        return bool(host) and ("." not in host or host.endswith(".local"))


class Failures:
    """Wrong tokens and codes: after :data:`MOST_FAILURES` in :data:`FORGET_S` seconds an address must wait, and after
    :data:`MOST_FAILURES_OF_ALL` everybody who is wrong.

    Only who is wrong waits: a right token always opens, or one bad guesser behind a router would lock all others out.
    That gives nothing away: a token is 256 random bits, a code 120, and no wait makes those guessable or less so. What
    waiting saves is our time and the log. At most :data:`MOST_PEERS` addresses are remembered; a network of IPv6
    addresses (/64) is one address, for whoever has one has them all.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[int]] = OrderedDict()
        self._all: deque[int] = deque()

    def add(self, peer: str) -> None:
        """An address showed something wrong. Raises Problem (429) while it must wait."""
        with self._lock:
            now = self._now_ns()
            times = self._times.setdefault(_network(peer), deque())
            self._times.move_to_end(_network(peer))
            if len(self._times) > MOST_PEERS:
                self._times.popitem(last=False)
            for counted, most in ((times, MOST_FAILURES), (self._all, MOST_FAILURES_OF_ALL)):
                while counted and not 0 <= now - counted[0] <= FORGET_S * _NS:
                    counted.popleft()
                if len(counted) >= most:
                    raise _wait(max(1, FORGET_S - (now - counted[0]) // _NS))
            times.append(now)
            self._all.append(now)


def _wait(wait_s: int) -> Problem:
    return Problem(
        429,
        "too-many-failures",
        Words("トークンの間違いが続いたため、しばらく受け付けません。", "Too many wrong tokens; wait a while."),
        Words(f"{wait_s} 秒後にやり直してください。", f"Try again in {wait_s} s."),
        after_s=wait_s,
    )


def _network(peer: str) -> str:
    found = _address(peer)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return peer[:64]


def _other_site(ja: str, en: str) -> Problem:
    return Problem(
        403,
        "other-site",
        Words(f"ほかのサイトからの{ja}は受け付けません。", f"{en} from another site is refused."),
        Words("この機器のページから操作してください。", "Use the pages of this machine."),
    )


def _need(role: str, ja: str, en: str) -> Problem:
    return Problem(
        401,
        "token-needed",
        Words(f"{ja}にはトークンが要ります。", f"{en} needs a token."),
        Words(
            f"「kojo pair」で登録するか、Authorization: Bearer に {role}.token の中身を付けてください。",
            f"Join with kojo pair, or send the content of {role}.token as Authorization: Bearer.",
        ),
    )


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    found = _address(host)
    return found.is_loopback if found is not None else host == "localhost"


_HOST = re.compile(r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?))(?::[0-9]{1,5})?")


def _name(host: str) -> str:
    """The name or address of a Host header, without its port and brackets; empty where it is no Host header."""
    match = _HOST.fullmatch(host.strip(" \t").lower())
    if match is None or (match[1] is not None and not _is_ipv6(match[1])):
        return ""
    return match[1] or match[2]


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def is_own_page(caller: Caller) -> bool:
    """Whether the page that sends a cookie came from here, as far as the browser says; a program says nothing."""
    if caller.origin is not None and caller.origin.lower().partition("://")[2] != caller.host.strip().lower():
        return False
    return caller.site in (None, "same-origin", "none")
