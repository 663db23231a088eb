"""A real InfluxDB for tests: `influxd` on free ports of 127.0.0.1, with a rewriting front before it.

Debian ships InfluxDB 1.6.7. It answers `/query` like 1.8, 2.x and 3.x do, and lacks one thing only: the v2 write path
``/api/v2/write?org&bucket&precision`` that `influxdb-client` writes to (1.8 and later have it). :class:`Front` turns
that path (and the ``Token user:password`` that 1.8 takes there) into 1.6.7's ``/write?db&precision`` and passes
everything else through untouched, so what the store sends and what a real server does with it are both tested. The
front can also cut the wire at a chosen request, as a crash would, and speak TLS.
"""

import base64
import contextlib
import http.client
import json
import os
import ssl
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from collector.store.influx import InfluxStore
from tests.servers import free_port, need, wait_until

SITE, LINE = "akita", "wash"
PASSED_ON = ("authorization", "content-type", "accept", "accept-encoding", "content-encoding")

Cut = Literal["before", "after"]
"""Where the wire breaks: before the server heard the request, or after it did and before its answer arrived."""

Answer = tuple[int, str]
"""A status and what is wrong, said in the server's place."""

CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{dir}/meta"
[data]
  dir = "{dir}/data"
  wal-dir = "{dir}/wal"
  query-log-enabled = false
  cache-snapshot-write-cold-duration = "{cold}"
[http]
  bind-address = "127.0.0.1:{http}"
  auth-enabled = {auth}
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "warn"
"""


class Listener(ThreadingHTTPServer):
    """Takes it quietly when a client goes away, as clients do in these tests."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: the client's side of it is what a test looks at."""


class Front:
    """The rewriting front. ``cut(path, body)`` may break the wire at a request; ``answer(path, body)`` may answer it
    itself, or wait before it is passed on; ``seen`` is what was passed on; ``version``, when set, is the version the
    server seems to have.
    """

    def __init__(self, server_port: int, certificate: Path | None = None) -> None:
        self.cut: Callable[[str, bytes], Cut | None] = lambda path, body: None
        self.answer: Callable[[str, bytes], Answer | None] = lambda path, body: None
        self.seen: list[str] = []
        self.version = ""
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                front.pass_on(self, server_port)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the tests speak."""

        self._http = Listener(("127.0.0.1", 0), Handler)
        if certificate is not None:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def pass_on(self, handler: BaseHTTPRequestHandler, server_port: int) -> None:
        """Hand one request to the server and its answer back, chunk by chunk."""
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        path = old_path(handler.path)
        said = self.answer(handler.path, body)
        if said is not None:
            return say(handler, *said)
        cut = self.cut(handler.path, body)
        if cut == "before":
            handler.close_connection = True
            return
        server = http.client.HTTPConnection("127.0.0.1", server_port, timeout=60)
        try:
            headers = {name: handler.headers[name] for name in PASSED_ON if name in handler.headers}
            headers |= old_credentials(path, headers)
            server.request(handler.command, path, body, headers)
            answer = server.getresponse()
            self.seen.append(handler.path)
            if cut == "after":
                answer.read()
                handler.close_connection = True
                return
            send_back(handler, answer, self.version)
        except (http.client.HTTPException, OSError):
            handler.close_connection = True
        finally:
            server.close()

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def say(handler: BaseHTTPRequestHandler, status: int, text: str) -> None:
    """Answer in the server's place."""
    body = json.dumps({"error": text, "code": "-", "message": text}).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def old_path(path: str) -> str:
    """The 1.6.7 path for a path of the v2 write API; every other path as it is."""
    parts = urlsplit(path)
    if parts.path != "/api/v2/write":
        return path
    asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    database, _, policy = asked["bucket"].partition("/")
    told = {"db": database, "precision": asked.get("precision", "ns")} | ({"rp": policy} if policy else {})
    return "/write?" + urlencode(told)


def old_credentials(path: str, headers: dict[str, str]) -> dict[str, str]:
    """The v2 write path's ``Token user:password``, as 1.8 takes it there, in the form 1.6.7 knows."""
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    if scheme != "Token" or not path.startswith("/write?"):
        return {}
    return {"authorization": "Basic " + base64.b64encode(shown.encode()).decode()}


def send_back(handler: BaseHTTPRequestHandler, answer: http.client.HTTPResponse, version: str) -> None:
    """Give an answer to the client, chunk by chunk."""
    handler.send_response(answer.status)
    for name, told in answer.getheaders():
        value = version if version and name == "X-Influxdb-Version" else told
        if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
            handler.send_header(name, value)
    if answer.status == 204:
        handler.end_headers()
        return
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while chunk := answer.read1(1 << 16):
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
    handler.wfile.write(b"0\r\n\r\n")


class InfluxServer:
    """One `influxd` and its front. ``kill`` and ``start`` do to it what a power cut and a person would.

    ``data``: where its data lie, if not in ``directory``; ``wrap``: a command it runs under.
    """

    def __init__(
        self,
        directory: Path,
        auth: bool = False,
        settle: str = "10m",
        data: Path | None = None,
        wrap: Sequence[str] = (),
    ) -> None:
        self.directory, self._data, self._wrap = directory, data or directory, tuple(wrap)
        self.http_port, self._rpc_port = free_port(), free_port()
        self._auth, self._settle = auth, settle
        self._process: subprocess.Popen[bytes] | None = None
        self.start()
        self.front = Front(self.http_port)

    def start(self) -> None:
        """Start the server on its data and wait until it answers."""
        config = self.directory / "influxdb.conf"
        config.write_text(
            CONFIG.format(
                dir=self._data,
                cold=self._settle,
                rpc=self._rpc_port,
                http=self.http_port,
                auth="true" if self._auth else "false",
            )
        )
        log = (self.directory / "influxd.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*self._wrap, need("influxd"), "-config", str(config)],
                stdout=log,
                stderr=log,
                env={**os.environ, "GOMAXPROCS": "2"},
            )
        wait_until(self._answers, within_s=60.0, what="influxd answers")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.directory / "influxd.log").read_text("utf-8")
        with contextlib.suppress(OSError):
            return self._ask("GET", "/ping")[0] == 204
        return False

    def kill(self) -> None:
        """End the server as a power cut would, without a word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Stop front and server."""
        self.front.close()
        self.kill()

    def run(self, query: str, database: str = "", **extra: str) -> str:
        """Run InfluxQL directly on the server and give its answer's text."""
        asked = {"q": query, "epoch": "ns", **({"db": database} if database else {}), **extra}
        status, text = self._ask("POST", "/query?" + urlencode(asked))
        assert status == 200, text
        return text

    def put(self, database: str, lines: str) -> tuple[int, str]:
        """Write line protocol directly to the server, as another program would: (status, text)."""
        return self._ask("POST", f"/write?db={database}&precision=ns", lines.encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=30)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def new_bucket(self) -> str:
        """A fresh, empty database, and its name."""
        name = f"b{uuid.uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}"')
        return name

    def url(self, bucket: str) -> str:
        """What stands in line.toml."""
        return f"influx://127.0.0.1:{self.front.port}/{bucket}"

    def store(self, bucket: str, collector: str = "one", **secrets: str) -> InfluxStore:
        """A store on a bucket, as one collector opens it."""
        return InfluxStore(self.url(bucket), secrets, site=SITE, line=LINE, collector=collector)


@contextlib.contextmanager
def influx_server(directory: Path, auth: bool = False, settle: str = "10m") -> Iterator[InfluxServer]:
    """A running InfluxDB with its data in ``directory``."""
    server = InfluxServer(directory, auth, settle)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def influx_store(directory: Path) -> Iterator[InfluxStore]:
    """A store on a fresh bucket of a server of its own."""
    with influx_server(directory) as server:
        store = server.store(server.new_bucket())
        try:
            yield store
        finally:
            store.close()
