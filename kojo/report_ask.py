"""Whom ``kojo report`` asks: the server at an address, the one that runs in the data directory, or the store itself.

Over HTTP and without it the same calls are asked (contract section 5) and the same refusals come back. Whoever prints
sees what a viewer sees: a page hangs where everybody passes.
"""

import asyncio
import contextlib
import http.client
import ipaddress
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from collector.store import Refused, open_store
from contract import secrets
from contract.errors import InUse, NotAllowed, NotThere
from contract.line import load
from contract.words import Words
from edge.sensors import catalogue
from kojo.address import answers, parse, remembered, url
from kojo.data_directory import DataDirectory
from kojo.line_versions import versions
from kojo.moves import undo_unfinished
from kojo.past_floor import past_floor
from kpi.desk import Desk, Live
from kpi.problems import Problem
from kpi.report.asking import Ask, Body
from kpi.tokens import Tokens

WITHIN_S = 300.0
STARTING_S = 10.0
"""A server that holds the directory and does not answer yet may be starting."""
ROOT = "/api/v1"


@contextlib.contextmanager
def asking(line: Path, data: Path, at: str | None) -> Iterator[Ask]:
    """Who answers. ``at``: a server's address, as ``http://192.168.0.5:8000``; None: whoever holds ``data``."""
    if at is not None:
        yield over_http(at, data)
        return
    if not data.is_dir():
        raise NotThere(
            Words(f"データの置き場所 {data} がありません。", f"There is no data directory {data}."),
            Words(
                "kojo serve の --data と同じ場所を指すか、--at で動いている番地を言ってください。",
                "Name the --data of kojo serve, or the address of a running one with --at.",
            ),
        )
    try:
        directory = DataDirectory(data, "serve")
    except InUse as held:
        yield over_http(_address(data, held), data)
        return
    with directory:
        yield from _from_store(line, directory)


def _address(data: Path, held: InUse) -> str:
    """Where the server that holds a data directory answers. One that is starting is waited for."""
    deadline = time.monotonic() + STARTING_S
    while True:
        known = remembered(data)
        if known:
            host, port = parse(known)
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
            if answers(host, port):
                return url(host, port)
        if time.monotonic() > deadline:
            raise InUse(
                held.what,
                Words(
                    "その kojo の番地を --at http://127.0.0.1:8000 のように言ってください。",
                    "Say where it answers, like --at http://127.0.0.1:8000.",
                ),
            )
        time.sleep(0.2)


# ---------------------------------------------------------------------------------------------------- over HTTP


def over_http(at: str, data: Path) -> Ask:
    """Ask a server; away from this machine the viewer's token of ``data`` is shown. Raises NotThere for no address."""
    told = urllib.parse.urlsplit(at)
    if told.scheme not in ("http", "https") or not told.hostname or told.username or told.query or told.fragment:
        raise NotThere(
            Words(f"--at {at}: 番地として読めません。", f"--at {at}: that is no address."),
            Words("http://127.0.0.1:8000 のように書いてください。", "Write it like http://127.0.0.1:8000."),
        )
    token = None if _is_here(told.hostname) else _token(data)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    root = f"{told.scheme}://{told.netloc}{told.path.rstrip('/')}{ROOT}"

    def ask(path: str, parameters: Mapping[str, str]) -> Body:
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        try:
            with _open(f"{root}{path}{query}", headers, WITHIN_S) as answer:
                return _object(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise _refusal(refused.code, refused.read()) from refused
        except (OSError, http.client.HTTPException) as error:
            raise NotThere(
                Words(f"{at} が答えません({error})。", f"Nothing answers at {at} ({error})."),
                Words("kojo serve が動いているか、番地を確かめてください。", "See that kojo serve runs, and where."),
            ) from error

    return ask


class _NoElsewhere(urllib.request.HTTPRedirectHandler):
    """A token is not carried to where a server points."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Never."""


def _open(address: str, headers: Mapping[str, str], within_s: float) -> Any:
    opener = urllib.request.build_opener(_NoElsewhere, urllib.request.ProxyHandler({}))
    return opener.open(urllib.request.Request(address, headers=dict(headers)), timeout=within_s)


def _is_here(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _token(data: Path) -> str | None:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return (data / "viewer.token").read_text("ascii").strip() or None
    return None


def _object(body: bytes) -> Body:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _refusal(status: int, body: bytes) -> Problem | NotAllowed:
    """What the server said, in both languages."""
    told: Body = {}
    with contextlib.suppress(ValueError):
        told = _object(body)
    said = Words(
        str(told.get("ja") or f"サーバーの返事: {status}"), str(told.get("en") or f"The server says {status}.")
    )
    if status in (401, 403) and told.get("type") != "urn:kojohack:problem:person":
        hint = Words(
            "--data に、そのサーバーの viewer.token がある場所を指してください。",
            "Name the place of that server's viewer.token with --data.",
        )
        return NotAllowed(said, hint)
    return Problem(status, "told", said)


# ---------------------------------------------------------------------------------------------- without a server


def _from_store(line_file: Path, directory: DataDirectory) -> Iterator[Ask]:
    """Open the store, answer from it, close it. Nothing is written but what opening a store writes."""
    undo_unfinished(directory.path)
    kinds = catalogue(directory.path / "sensors")
    line = load(line_file, kinds)
    mine = directory.own_id("collector.id")
    told = secrets.read(directory.path).store
    store = open_store(line.store_url, directory.path, told, site=line.site, line=line.line, collector=mine)
    try:
        known = versions(store, line, kinds, time.time_ns(), keep=False)
        tokens = Tokens(directory.path, time.time_ns)
        demo = past_floor(directory.path)
        yield in_process(Desk(store, lambda: known, _NoCollector(), tokens, time.time_ns, demo=demo, live=False))
    finally:
        store.close()


def in_process(desk: Desk) -> Ask:
    """Ask a service in this process, as somebody on this machine."""
    from kpi.service import create

    app = create(desk)

    def ask(path: str, parameters: Mapping[str, str]) -> Body:
        status, body = asyncio.run(_asked(app, f"{ROOT}{path}", urllib.parse.urlencode(parameters)))
        if status != 200:
            raise _refusal(status, body)
        return _object(body)

    return ask


async def _asked(app: Any, path: str, query: str) -> tuple[int, bytes]:
    """One GET of an ASGI application: its status and body."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    begun, told, status = False, bytearray(), 500

    async def receive() -> dict[str, Any]:
        nonlocal begun
        if begun:
            await asyncio.Event().wait()  # we stay until the answer is there
        begun = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        told.extend(message.get("body", b""))

    await app(scope, receive, send)
    return status, bytes(told)


class _NoCollector:
    """Nothing is received here (`kpi.desk.Ingesting`)."""

    def status(self) -> Mapping[str, Any]:
        return {"ingest": {}, "agents": []}

    def broken(self) -> Mapping[str, Words]:
        return {}

    def replay(self, ids: Sequence[str]) -> Mapping[str, Any]:
        return {"stored": 0, "still": list(ids)}

    def discard(self, ids: Sequence[str]) -> int:  # noqa: ARG002 - there is nothing
        return 0

    def export(self) -> Iterable[Refused]:
        return []

    def listen(self, callback: Callable[[Sequence[Live]], None]) -> Callable[[], None]:  # noqa: ARG002 - nothing comes
        return lambda: None
