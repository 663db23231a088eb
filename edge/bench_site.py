"""HTTP for a page of ours, of the standard library: headers that browsers obey, bounds, refusals in words.

What a page answers is its own (`edge.bench_http`, `curriculum.learn.calls`).
"""

import contextlib
import io
import json
import logging
import socket
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from contract.words import Words
from edge.bench_guard import Asker, Guard, Refusal
from edge.bench_patience import Patient
from edge.bench_room import Room

log = logging.getLogger(__name__)

MOST_CONNECTIONS: Final = 64
MOST_BODY: Final = 8 * 1024
MOST_ADDRESS: Final = 2048
MOST_CODE: Final = 128
PATIENCE_S: Final = 15.0
"""Who sends or takes nothing for so long is hung up on."""
PIECE: Final = 64 * 1024
HEAD_S: Final = 10.0
"""In so long a request's whole head is here, and in so long its body."""

KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS: Final = (
    ("Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Cache-Control", "no-store"),
)  # fmt: skip


class Site(Protocol):
    """What is served, and who may see it."""

    files: dict[str, Path]
    head_s: float

    @property
    def guard(self) -> Guard:
        """Who may look and who may touch."""


class SiteServer(ThreadingHTTPServer):
    """Answers on a socket that listens already; so many connections at a time, and so many of one peer.

    The rest are hung up on (`edge.bench_room`).
    """

    page: Site

    daemon_threads = True
    allow_reuse_address = False

    def __init__(
        self,
        opened: socket.socket,
        page: Site,
        handler: type["SiteHandler"],
        most: int = MOST_CONNECTIONS,
        share: int | None = None,
    ) -> None:
        super().__init__(opened.getsockname()[:2], handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.page = opened, page
        self.room = Room(most, share)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.room.enter(client_address[0]):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.leave(client_address[0])

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the caller has gone
        log.debug("a browser went away", exc_info=True)


class SiteHandler(BaseHTTPRequestHandler):
    """One caller. A page's own handler says in do_GET and do_POST which call answers which address."""

    server: SiteServer
    headers_said: ClassVar[tuple[tuple[str, str], ...]] = HEADERS
    kinds: ClassVar[Mapping[str, str]] = KINDS
    most_body: ClassVar[int] = MOST_BODY
    joined_at: ClassVar[str] = "/"
    """Where a browser goes that has joined."""
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._sent = Patient(self.connection, PATIENCE_S)
        self.rfile = io.BufferedReader(self._sent)

    def handle_one_request(self) -> None:
        self._sent.within(self.server.page.head_s)
        super().handle_one_request()

    # ---- joining ----

    def _pair(self) -> None:
        asker = self._asker()
        try:
            code = _code(self.path)
            if _only_looks(asker):
                raise Refusal(403, "only-looked", Words("下見では登録しません。", "A preview joins nothing."))
            cookie = self.server.page.guard.pair(asker, code)
        except Refusal as refusal:
            if "text/html" not in asker.headers.get("accept", ""):
                raise
            self._go(f"{self.joined_at}?pair=refused" if refusal.status == 403 else f"{self.joined_at}?pair=wait")
        else:
            self._go(self.joined_at, cookie)

    # ---- what is asked ----

    def _asker(self) -> Asker:
        if len(self.headers.get_all("Host") or ()) != 1:
            raise Refusal(400, "bad-host", Words("Host ヘッダーが要ります。", "One Host header is needed."))
        return Asker(self.client_address[0], {name.lower(): value for name, value in self.headers.items()})

    def _body(self, asker: Asker) -> dict[str, Any]:
        kind = asker.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and "authorization" not in asker.headers:
            raise Refusal(415, "not-json", Words("JSON で送ってください。", "Send JSON."))
        length = asker.headers.get("content-length", "")
        if "transfer-encoding" in asker.headers or not (length.isascii() and length.isdigit()):
            raise Refusal(411, "no-length", Words("Content-Length が要ります。", "Content-Length is needed."))
        if len(length) > 9 or int(length) > self.most_body:
            raise Refusal(413, "too-large", Words("本文が大きすぎます。", "The body is too large."))
        self._sent.within(self.server.page.head_s)
        try:
            said = json.loads(self.rfile.read(int(length)).decode(), parse_constant=_refuse)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Refusal(422, "bad-body", Words("JSON のオブジェクトではありません。", "The body is no JSON object."))
        return said

    # ---- what is answered ----

    def _answer(self, calls: Mapping[str, Any]) -> None:
        try:
            path = self._path()
            call = calls.get(path)
            if call is not None:
                call()
            elif self.command in ("GET", "HEAD") and path in self.server.page.files:
                self.server.page.guard.visitor(self._asker())
                self._say_file(self.server.page.files[path])
            else:
                raise Refusal(404, "http", Words("そのアドレスはありません。", "There is nothing at this address."))
        except Refusal as refusal:
            self._refuse(refusal)
        except OSError:  # the browser has gone
            self.close_connection = True
        except Exception:
            log.exception("%s %s failed", self.command, self.path[:MOST_ADDRESS])
            self.close_connection = True
            self._refuse(Refusal(500, "internal", Words("こちら側の不具合です。", "Something is wrong on our side.")))

    def _path(self) -> str:
        if len(self.path) > MOST_ADDRESS:
            raise Refusal(414, "long-address", Words("アドレスが長すぎます。", "The address is too long."))
        try:
            return urlsplit(self.path).path
        except ValueError as error:
            raise Refusal(400, "http", Words("アドレスとして読めません。", "That is no address.")) from error

    def _say_file(self, file: Path) -> None:
        self._say(200, self.kinds[file.suffix], file.read_bytes())

    def _say_json(self, body: Any, more: Mapping[str, str] | None = None) -> None:
        self._say(200, "application/json", as_json(body).encode(), more)

    def _refuse(self, refusal: Refusal) -> None:
        body = {
            "type": f"urn:kojohack:problem:{refusal.kind}",
            "title": refusal.what.ja,
            "status": refusal.status,
            "detail": refusal.say("ja"),
            "ja": refusal.say("ja"),
            "en": refusal.say("en"),
        }
        more = {} if refusal.after_s is None else {"Retry-After": str(refusal.after_s)}
        if refusal.status == 401:
            more["WWW-Authenticate"] = 'Bearer realm="kojo"'
        self._say(refusal.status, "application/problem+json", as_json(body).encode(), more)

    def _go(self, place: str, cookie: str | None = None) -> None:
        more = {"Location": place} | ({"Set-Cookie": cookie} if cookie else {})
        self._say(303, "text/plain; charset=utf-8", b"", more)

    def _say(self, status: int, kind: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
        closing = {"Connection": "close"} if self.close_connection else {}
        self._head(status, kind, {"Content-Length": str(len(body)), **closing, **(more or {})})
        if self.command != "HEAD":
            for at in range(
                0, len(body), PIECE
            ):  # the patience is for each: whole, a large file on a slow net is cut off
                self.wfile.write(body[at : at + PIECE])

    def _head(self, status: int, kind: str, more: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in {**dict(self.headers_said), "Content-Type": kind, **more}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What the library itself refuses: a broken request line, a method nobody knows."""
        self.close_connection = True
        self.request_version = self.protocol_version  # a broken request line leaves it at HTTP/0.9: without a status
        told = Words("受け付けられません。", "This cannot be answered.")
        with contextlib.suppress(OSError, AttributeError):
            self._refuse(Refusal(int(code), "http", told))

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def _code(address: str) -> str:
    try:
        said = parse_qs(urlsplit(address).query, max_num_fields=8).get("code", [""])[0]
    except ValueError:
        said = ""
    return said[:MOST_CODE]


def _only_looks(asker: Asker) -> bool:
    """Whether a browser fetches ahead of the person, who then would find the code used."""
    said = (asker.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any("prefetch" in text.lower() or "preview" in text.lower() for text in said)


def as_json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _refuse(name: str) -> float:
    raise ValueError(name)
