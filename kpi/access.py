"""Who may read and who may write. Pure: a caller's description in, a role or a Problem out.

Reading is open on the loopback address, if the Host header says so too (a web page elsewhere cannot make it say that)
and no header tells of a proxy in between. Elsewhere it needs the viewer's token, unless the line is `open_to_lan`.
Writing always needs the operator's token, as a Bearer token or in the cookie a paired device got.
"""

import ipaddress
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from contract.words import Words
from kpi.desk import HostRules
from kpi.problems import Problem
from kpi.tokens import Role, Tokens

MOST_FAILURES = 30
FORGET_S = 60
MOST_PEERS = 1000
_NS = 1_000_000_000
_FORWARDING = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "cf-connecting-ip"}
)


def tells_of_proxy(header: str) -> bool:
    """Whether a header's name says that somebody passed the request on."""
    name = header.lower()
    return name in _FORWARDING or name.startswith("x-forwarded")


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of who asks: the peer's address, the Host and Origin headers, what it shows."""

    peer: str | None
    host: str
    forwarded: bool = False
    bearer: str | None = None
    cookie: str | None = None
    origin: str | None = None


class Gate:
    """Decides of every request. ``now_ns`` counts failures by time."""

    def __init__(self, tokens: Tokens, rules: HostRules, now_ns: Callable[[], int]) -> None:
        self._tokens = tokens
        self._rules = rules
        self._failures = Failures(now_ns)

    def reader(self, caller: Caller) -> Role:
        """The role a caller reads with. Raises Problem (401, 421, 429)."""
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
        if caller.bearer is None and caller.origin is not None and not _same_site(caller.origin, caller.host):
            raise Problem(
                403,
                "other-site",
                Words("ほかのサイトからの書き込みは受け付けません。", "Writing from another site is refused."),
            )
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

    def token(self, role: Role) -> str:
        """What a paired device keeps in its cookie."""
        return self._tokens.token(role)

    def _shown(self, caller: Caller, *, refuse_cookie: bool) -> Role | None:
        """The role of what a caller shows; None if it shows nothing. A wrong token is refused and counted.

        An old cookie of a browser that may read anyway is no attempt (``refuse_cookie`` False).
        """
        token = caller.bearer if caller.bearer is not None else caller.cookie
        if token is None:
            return None
        role = self._tokens.role(token)
        if role is None and (caller.bearer is not None or refuse_cookie):
            self._failures.add(caller.peer or "-")
            raise Problem(
                401,
                "bad-token",
                Words("トークンが違います。", "The token is wrong."),
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
    """Wrong tokens by peer: after :data:`MOST_FAILURES` in :data:`FORGET_S` seconds a peer must wait.

    Only who is wrong waits: a right token always opens, or one bad guesser behind a router would lock all others out.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[int]] = OrderedDict()

    def add(self, peer: str) -> None:
        """A peer showed a wrong token. Raises Problem (429) while it must wait."""
        with self._lock:
            times = self._recent(peer)
            if len(times) >= MOST_FAILURES:
                wait = max(1, FORGET_S - (self._now_ns() - times[0]) // _NS)
                raise Problem(
                    429,
                    "too-many-failures",
                    Words(
                        "トークンの間違いが続いたため、しばらく受け付けません。", "Too many wrong tokens; wait a while."
                    ),
                    Words(f"{wait} 秒後にやり直してください。", f"Try again in {wait} s."),
                    after_s=wait,
                )

            times.append(self._now_ns())
            self._times[peer] = times
            self._times.move_to_end(peer)
            if len(self._times) > MOST_PEERS:
                self._times.popitem(last=False)

    def _recent(self, peer: str) -> deque[int]:
        times = self._times.get(peer, deque(maxlen=MOST_FAILURES))
        while times and self._now_ns() - times[0] > FORGET_S * _NS:
            times.popleft()
        return times


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


def _name(host: str) -> str:
    """The name of a Host header, without its port and brackets."""
    text = host.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if ":" in text else text


def _same_site(origin: str, host: str) -> bool:
    return origin.lower().partition("://")[2] == host.strip().lower()
