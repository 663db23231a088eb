"""A stand-in for the KPI service: it serves the real pages and scripted answers, and pushes what it is told to push.

    with FakeService() as service:
        page.goto(service.url)
        service.push("kpi", station)

Its content policy is stricter than the pages may ever meet: no inline script or style, nothing from elsewhere.
"""

import contextlib
import json
import mimetypes
import queue
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.dashboards import scripted

PAGES = Path(__file__).parents[2] / "dashboards" / "web"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
QUIET_S = 0.5

Body = dict[str, Any]


class FakeService:
    """Answers in `wall`, `line`, … may be changed at any time; `problems` makes a path fail with a status."""

    def __init__(self, port: int = 0) -> None:
        self.wall = scripted.wall()
        self.line = scripted.line()
        self.status = scripted.status()
        self.events = scripted.events()
        self.cycles = scripted.cycles()
        self.kpi = scripted.kpi()
        self.readings = scripted.readings()
        self.quarantine: Body = {"messages": []}
        self.replayed: Body = {"stored": 0, "still": 0}
        self.problems: dict[str, int] = {}
        self.cut: tuple[str, ...] = ()
        """Addresses of the page that begin so break off without an answer, as if the server had died meanwhile."""
        self.posted: list[Body] = []
        self.asked: list[str] = []
        self.followers: list[queue.Queue[bytes]] = []
        self.running = True
        self.connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> "FakeService":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End like a server that is switched off: every connection breaks."""
        if not self.running:
            return
        self.running = False
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def push(self, event: str, body: object) -> None:
        """One server-sent event to every page that listens."""
        message = f"event: {event}\ndata: {json.dumps(body)}\n\n".encode()
        with self._lock:
            for follower in self.followers:
                follower.put(message)

    def set_station(self, station: Body) -> None:
        """What /wall and /live say of one station from now on."""
        others = [station if one["station"] == station["station"] else one for one in self.wall["stations"]]
        self.wall = {**self.wall, "stations": others}
        self.push("kpi", station)

    def station(self, name: str) -> Body:
        """What /wall says of a station."""
        found: Body = next(one for one in self.wall["stations"] if one["station"] == name)
        return found

    def follow(self) -> "queue.Queue[bytes]":
        """A page begins to listen."""
        mine: queue.Queue[bytes] = queue.Queue()
        with self._lock:
            self.followers.append(mine)
        return mine

    def unfollow(self, mine: "queue.Queue[bytes]") -> None:
        """A page is gone."""
        with self._lock:
            self.followers.remove(mine)

    def answers(self) -> dict[str, Callable[[], object]]:
        """GET calls."""
        return {
            "/wall": lambda: self.wall,
            "/line": lambda: self.line,
            "/status": lambda: self.status,
            "/events": lambda: self.events,
            "/cycles": lambda: self.cycles,
            "/kpi": lambda: self.kpi,
            "/readings": lambda: self.readings,
            "/quarantine": lambda: self.quarantine,
            "/demo": lambda: self.wall["demo"],
        }

    def tell(self, call: str, body: Body) -> Body:
        """POST calls: the switch, an improvement mark."""
        self.posted.append(body)
        if call == "/quarantine/replay":
            return self.replayed
        if call == "/quarantine/discard":
            self.quarantine = {"messages": []}
            return {"discarded": len(body["ids"])}
        if call == "/events":
            self.events["events"].append(body)
            return body
        self.wall = {**self.wall, "demo": {**self.wall["demo"], "improved": body["improved"]}}
        return dict(self.wall["demo"])


def _handler(service: FakeService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            service.connections.add(self.connection)

        def finish(self) -> None:
            service.connections.discard(self.connection)
            super().finish()

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            service.asked.append(path)
            if path.startswith(service.cut or ("-",)):
                self.close_connection = True
                return None
            if not path.startswith("/api/v1"):
                return self.page(path)
            call = path.removeprefix("/api/v1")
            if call in service.problems:
                return self.problem(service.problems[call])
            if call == "/live":
                return self.live()
            return self.reply(200, service.answers()[call]())

        def do_POST(self) -> None:
            call = urlsplit(self.path).path.removeprefix("/api/v1")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if call in service.problems:
                return self.problem(service.problems[call])
            return self.reply(201, service.tell(call, body))

        def problem(self, status: int) -> None:
            self.reply(status, {"title": "problem", "status": status, "detail": "理由", "ja": "理由", "en": "why"})

        def reply(self, status: int, body: object) -> None:
            self.send(status, "application/json", json.dumps(body).encode())

        def page(self, path: str) -> None:
            file = (PAGES / path.lstrip("/")).resolve() if path != "/" else PAGES / "index.html"
            if not file.is_file() or PAGES not in file.parents:
                return self.send(404, "text/plain", b"")
            return self.send(200, mimetypes.guess_type(file)[0] or "text/plain", file.read_bytes())

        def send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def live(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            mine = service.follow()
            try:
                self.wfile.write(b": hello\n\n")
                while service.running:
                    self.pass_on(mine)
            except (BrokenPipeError, ConnectionResetError):
                return
            finally:
                service.unfollow(mine)

        def pass_on(self, mine: "queue.Queue[bytes]") -> None:
            try:
                self.wfile.write(mine.get(timeout=QUIET_S if service.running else 0))
            except queue.Empty:
                self.wfile.write(b"event: beat\ndata: {}\n\n")
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            """Tests say what they need to say."""

    return Handler
