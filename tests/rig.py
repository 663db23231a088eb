"""The kit used from outside, as a user does: `kojo` in processes of its own, asked over HTTP and MQTT.

with serving(line_file, tmp_path / "data") as kit:
    kit.get("/status")
    with kit.live() as heard:
        heard.wait(lambda name, body: name == "reading")
assert kit.exit_code == 0
"""

import asyncio
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from collector.store import Store
from contract.broker import Broker
from contract.line import Line, load
from contract.reading import NS_PER_S, Series
from edge.bench import Bench
from edge.sensors import catalogue
from kojo.address import listen
from kojo.ending import Ending
from kojo.serve import run_pages
from kojo.wire import Server
from kpi.desk import Desk
from kpi.service import create
from kpi.tokens import Tokens
from tests.kpi.desks import FakeIngest
from tests.servers import free_port, mosquitto, wait_until

T = TypeVar("T")
C = TypeVar("C", bound="Closing")

ROOT = Path(__file__).parent.parent
LINES = ROOT / "hardware" / "lines"
KOJO = (sys.executable, "-m", "kojo")
LOADED_AT = datetime.now(UTC)
WITHIN_S = 30.0
"""Whatever a process is asked to do is done by then, on a slow machine that others use, too."""
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For httpx, which without it reads every authority of this machine anew at each request: 55 ms, also for http://."""


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The surroundings of a process: ours, without what would choose a language or a board.

    It compiles nothing: a test may leave it no room on the disk, and Python would keep what was cut there.
    """
    ours = {k: v for k, v in os.environ.items() if k not in ("KOJO_LANG", "GPIOZERO_PIN_FACTORY")}
    return (
        ours | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default", "PYTHONDONTWRITEBYTECODE": "1"} | dict(more or {})
    )


def kojo(*arguments: object, lang: str = "en", **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a `kojo` command to its end; with an empty ``lang`` the locale decides."""
    command = [*KOJO, *map(str, arguments), *(["--lang", lang] if lang else [])]
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, env=environment(more), check=False)


class Heard:
    """Lines that a process or a feed says, as they come."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()

    def read(self, pipe: IO[str]) -> threading.Thread:
        """Hear a pipe until it ends."""

        def hear() -> None:
            for line in pipe:
                self.add(line.rstrip("\n"))
            pipe.close()

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        return thread

    def add(self, line: str) -> None:
        """One more line."""
        with self._news:
            self.lines.append(line)
            self._news.notify_all()

    def wait(self, wanted: Callable[[str], object], within_s: float = WITHIN_S) -> str:
        """The first line that is wanted, as soon as it is there."""
        with self._news:
            self._news.wait_for(lambda: any(map(wanted, self.lines)), within_s)
            found = [line for line in self.lines if wanted(line)]
        assert found, "never said; but:\n" + "\n".join(self.lines[-40:])
        return found[0]

    def said(self, pattern: str, within_s: float = WITHIN_S) -> str:
        """The first line in which a pattern is found."""
        return self.wait(re.compile(pattern).search, within_s)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class Process:
    """A `kojo` that runs, in a session of its own as on a terminal of its own; ``wrap``: a command it runs under."""

    def __init__(
        self,
        *arguments: object,
        lang: str = "en",
        wrap: Sequence[str] = (),
        stdin: Any = subprocess.DEVNULL,
        **more: str,
    ) -> None:
        self.out, self.err = Heard(), Heard()
        self._popen = subprocess.Popen(
            [*wrap, *KOJO, *map(str, arguments), "--lang", lang],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment({"PYTHONUNBUFFERED": "1"} | more),
            start_new_session=True,
        )
        assert self._popen.stdout is not None
        assert self._popen.stderr is not None
        self._readers = [self.out.read(self._popen.stdout), self.err.read(self._popen.stderr)]
        self.exit_code: int | None = None

    @property
    def pid(self) -> int:
        """Its number."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def end(self, number: signal.Signals = signal.SIGTERM, *, everybody: bool = False) -> int:
        """Ask it to end and wait; ``everybody``: also its children, as Ctrl-C on a terminal does. Its exit code."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if everybody else os.kill)(self._popen.pid, number)
            self.wait()
        assert self.exit_code is not None
        return self.exit_code

    def wait(self) -> int:
        """Wait until it ends; its exit code."""
        try:
            self.exit_code = self._popen.wait(WITHIN_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self.exit_code = self._popen.wait(WITHIN_S)
        for reader in self._readers:
            reader.join(WITHIN_S)
        return self.exit_code

    def left_behind(self) -> list[str]:
        """The command lines of processes of its session that outlived it by more than a moment."""
        deadline = time.monotonic() + 3.0
        while (found := _session(self._popen.pid)) and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        return [_command_line(pid) for pid in found]


def _session(leader: int) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = entry.read_text().rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                found.append(int(entry.parent.name))
    return found


def _command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


@contextlib.contextmanager
def running(*arguments: object, lang: str = "en", wrap: Sequence[str] = (), **more: str) -> Iterator[Process]:
    """A `kojo` command that runs until the end of the block; its traceback, if it has one, fails the test."""
    process = Process(*arguments, lang=lang, wrap=wrap, stdin=subprocess.DEVNULL, **more)
    try:
        yield process
    finally:
        process.end()
    assert "Traceback" not in str(process.err), str(process.err)


@dataclass
class Events:
    """Server-sent events as they come."""

    told: list[tuple[str, Any]] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def add(self, name: str, body: Any) -> None:
        """One more."""
        with self.news:
            self.told.append((name, body))
            self.news.notify_all()

    def wait(self, wanted: Callable[[str, Any], bool], within_s: float = WITHIN_S) -> Any:
        """The body of the first event that is wanted, as soon as it is there."""
        with self.news:
            self.news.wait_for(lambda: any(wanted(*event) for event in self.told), within_s)
            found = [body for name, body in self.told if wanted(name, body)]
        assert found, f"never told; but: {self.told[-5:]}"
        return found[0]


@dataclass
class Pages:
    """The HTTP side of a kit at an address."""

    url: str

    def ask(self, path: str, method: str = "GET", token: str | None = None, **more: Any) -> httpx.Response:
        """One request under /api/v1; with the token of a role if one is given."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/api/v1{path}"
        return httpx.request(method, url, headers=headers, timeout=WITHIN_S, verify=NO_TLS, **more)

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of a good answer."""
        answer = self.ask(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def readings(self, station: str, sensor: str, measure: str) -> Any:
        """GET /readings of one series, of yesterday until tomorrow."""
        return self.get("/readings", station=station, sensor=sensor, measure=measure, **around_now())

    def wall(self, station: str) -> Any:
        """One station as the wall shows it."""
        return next(s for s in self.get("/wall")["stations"] if s["station"] == station)

    def ingest(self) -> Any:
        """The counters."""
        return self.get("/status")["ingest"]

    @contextlib.contextmanager
    def live(self) -> Iterator[Events]:
        """GET /live, heard on a thread until the end of the block. Returns once the feed has begun."""
        events = Events()
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=WITHIN_S)
        connection.request("GET", "/api/v1/live")
        feed = connection.sock
        answer = connection.getresponse()
        assert answer.status == 200

        def hear() -> None:
            name = ""
            with contextlib.suppress(OSError):
                for line in map(bytes.decode, answer):
                    if line.startswith("event: "):
                        name = line[7:].strip()
                    elif line.startswith("data: "):
                        events.add(name, json.loads(line[6:]))

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        try:
            yield events
        finally:
            feed.shutdown(socket.SHUT_RDWR)
            thread.join(WITHIN_S)
            connection.close()
            feed.close()


class Desked(Pages):
    """The service of a store and a line at a moment, asked in this process."""

    def __init__(self, app: Any) -> None:
        super().__init__("http://127.0.0.1")
        self._app = app

    @classmethod
    def of(cls, store: Store, line: Line, directory: Path, now_ns: Callable[[], int]) -> "Desked":
        """The service at a desk whose collector has nothing to say."""
        tokens = Tokens(directory, now_ns)
        return cls(create(Desk(store, lambda: [(0, line)], FakeIngest(), tokens, now_ns, live=False)))

    def ask(self, path: str, method: str = "GET", token: str | None = None, **more: Any) -> httpx.Response:
        """As over the network."""
        headers = {"authorization": f"Bearer {token}"} if token else {}

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=("127.0.0.1", 50000))
            async with httpx.AsyncClient(transport=transport, base_url=self.url) as client:
                return await client.request(method, f"/api/v1{path}", headers=headers, **more)

        with ThreadPoolExecutor(1) as apart:  # where a browser is open, this thread has an event loop running
            return apart.submit(lambda: asyncio.run(go())).result()


class Kit(Pages):
    """A `kojo serve` or `kojo demo` that is ready."""

    def __init__(self, process: Process, data: Path) -> None:
        self.process, self.data = process, data
        super().__init__(process.out.said(r"^ready http://").removeprefix("ready "))

    def operator(self) -> str:
        """The operator's token."""
        return (self.data / "operator.token").read_text().strip()


@contextlib.contextmanager
def serving(line_file: Path, data: Path, http: str = "127.0.0.1:0", lang: str = "en") -> Iterator[Kit]:
    """A `kojo serve` that is ready, ended by SIGTERM; it must end cleanly."""
    with running("serve", "--line", line_file, "--data", data, "--http", http, lang=lang) as process:
        yield Kit(process, data)
    assert process.exit_code == 0, str(process.err)


def around_now() -> dict[str, str]:
    """A window from yesterday until tomorrow, the same whenever a test asks."""
    day = timedelta(days=1)
    return {"start": (LOADED_AT - day).isoformat(), "end": (LOADED_AT + day).isoformat()}


def contract_line(directory: Path, mqtt_url: str) -> Path:
    """The contract's example line, with the broker of a test."""
    return written(directory, (LINES / "contract.toml").read_text("utf-8"), mqtt_url)


def written(directory: Path, text: str, mqtt_url: str | None = None) -> Path:
    """A line.toml in a directory; its broker replaced if one is given."""
    if mqtt_url is not None:
        text, changed = re.subn(r'(\[mqtt\]\nurl = )"[^"]*"', rf'\1"{mqtt_url}"', text)
        assert changed == 1
    file = directory / "line.toml"
    file.write_text(text, "utf-8")
    return file


def loaded(file: Path, sensors: Path | None = None) -> Line:
    """The line of a file."""
    return load(file, catalogue(sensors))


@contextlib.contextmanager
def broker(kind: str) -> Iterator[Broker]:
    """The address of a running broker: the kit's own (``embedded``), or a real ``mosquitto``."""
    if kind == "mosquitto":
        with mosquitto() as real:
            yield Broker.of(f"mqtt://{real.host}:{real.port}")
    else:
        from collector.embedded import EmbeddedBroker

        own = EmbeddedBroker(port=free_port())
        own.start()
        try:
            yield Broker.of(f"embedded:{own.port}")
        finally:
            own.stop()


class Stage(contextlib.ExitStack):
    """What a test has opened and started, ended in the opposite order."""

    def on(self, context: "contextlib.AbstractContextManager[T]") -> T:
        """Enter a context until the test ends."""
        return self.enter_context(context)

    def closing(self, thing: C) -> C:
        """Close it when the test ends."""
        self.callback(thing.close)
        return thing

    def starts(self, thing: "Starting") -> None:
        """Start it, and stop it when the test ends."""
        thing.start()
        self.callback(thing.stop)


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Let go."""


class Starting(Protocol):
    """What can be started and stopped."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


class Listener:
    """Any program at the broker: hears everything under a filter, and may say something."""

    def __init__(self, address: Broker, everything: str) -> None:
        self._heard = Events()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        listening = threading.Event()
        self._client.on_message = lambda _, __, message: self._heard.add(message.topic, bytes(message.payload))
        self._client.on_subscribe = lambda *_: listening.set()
        self._client.on_connect = lambda client, *_: client.subscribe(everything, 1)
        self._client.connect(address.host, address.port)
        self._client.loop_start()
        assert listening.wait(WITHIN_S)

    def wait(self, wanted: Callable[[str, bytes], bool]) -> bytes:
        """The payload of the first message that is wanted, as soon as it is there."""
        payload: bytes = self._heard.wait(wanted)
        return payload

    def say(self, topic: str, payload: bytes) -> None:
        """Publish."""
        self._client.publish(topic, payload, qos=1).wait_for_publish(WITHIN_S)

    def close(self) -> None:
        """Go."""
        self._client.disconnect()
        self._client.loop_stop()


def pass_parts(bench: Bench, pin: int, many: int, every_s: float) -> list[int]:
    """Parts pass a contact that closes to ground and bounces; the wall time (ns) of each first touch."""
    clock, seen, begun, done = bench.clock, bench.record(pin), list[int](), threading.Event()

    def close() -> None:
        begun.append(clock.monotonic_ns())
        bench.bounce(pin, False)

    start_ns = clock.monotonic_ns()
    for part in range(many):
        clock.at(start_ns + round(part * every_s * NS_PER_S), close, "bench")
        clock.at(start_ns + round((part + 0.5) * every_s * NS_PER_S), lambda: bench.bounce(pin, True), "bench")
    clock.at(start_ns + round(many * every_s * NS_PER_S), done.set, "bench")
    assert done.wait(WITHIN_S + many * every_s)
    wall_ns = clock.time_ns() - clock.monotonic_ns()
    return [wall_ns + next(at_ns for at_ns, level in seen if at_ns >= ns and not level) for ns in begun]


def as_on_disk(outbox: Path, series: Series) -> list[tuple[int, int, Any]]:
    """Number, time and value of a series as the disk has them now: read from a copy, as after a power cut."""
    with tempfile.TemporaryDirectory() as elsewhere:
        for file in outbox.parent.glob(outbox.name + "*"):
            shutil.copy(file, elsewhere)
        with contextlib.closing(sqlite3.connect(Path(elsewhere) / outbox.name)) as db:
            return db.execute(
                "SELECT seq, t, v FROM reading JOIN run ON run.id = reading.run"
                " WHERE (station, sensor, measure) = (?, ?, ?) ORDER BY seq",
                (series.station, series.sensor, series.measure),
            ).fetchall()


@contextlib.contextmanager
def pages_of(server: Server) -> Iterator[Pages]:
    """The service and pages of a server, on a free port."""
    address, end = list[str](), Ending()
    with listen("127.0.0.1:0") as opened:
        thread = threading.Thread(target=run_pages, args=(server, opened, address.append, end))
        thread.start()
        try:
            until(lambda: bool(address), "the pages answer")
            yield Pages(address[0])
        finally:
            end.ask()
            thread.join(WITHIN_S)


def url_of(address: Broker) -> str:
    """How a line file names a broker."""
    return f"embedded:{address.port}" if address.embedded else str(address)


def until(true: Callable[[], bool], what: str = "", within_s: float = WITHIN_S) -> None:
    """Wait for a condition."""
    wait_until(true, within_s, what)


def seconds(of: Callable[[], object]) -> float:
    """How long something takes."""
    began = time.monotonic()
    of()
    return time.monotonic() - began
