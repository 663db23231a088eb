"""From an electrical edge on the bench to the changed number in headless Chromium, with the shipped defaults.

`kojo serve` with its embedded broker, an agent as `kojo edge` runs it, and the page, each in processes of their own on
one machine. A contact that bounces is pressed at irregular intervals; the page notes when the number of pieces changed
and when that was painted. Every time is the wall clock's of this machine; Chromium's is held against it first.
"""

import contextlib
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from contract.line import Line, load
from contract.payload import encode
from contract.reading import NS_PER_S, Batch, Series
from edge.sensors import catalogue
from tests.bench import bare_feed
from tests.bench.figures import Figure
from tests.browser import chromium
from tests.servers import free_port

PRESSES = 120
LIMIT_S = 0.3
WITHIN_S = 60.0
PRESSES_WITHIN_S = 2.0 * PRESSES
HISTORY_S = 12 * 3600
"""A whole shift lies in the store already, as on any afternoon."""
NS_PER_MS = NS_PER_S // 1000
ROOT = Path(__file__).parent.parent.parent
LINE = ROOT / "hardware" / "lines" / "washing.toml"
STATION, PIN = "washer", 17
PIECES = Series(STATION, "done", "count")
NUMBER = f'[data-station="{STATION}"] [data-figure="produced_quantity"]'

WATCH = """(selector) => {
  const number = document.querySelector(selector);
  const now = () => performance.timeOrigin + performance.now();
  window.noted = [];
  new MutationObserver(() => {
    const note = { value: Number(number.dataset.value), changed: now(), painted: null };
    window.noted.push(note);
    requestAnimationFrame(() => {                       // the frame that shows it …
      const after = new MessageChannel();               // … and the first task after that frame
      after.port1.onmessage = () => { note.painted = now(); };
      after.port2.postMessage(null);
    });
  }).observe(number, { attributes: true, childList: true, characterData: true, subtree: true });
}"""
NOW = "() => performance.timeOrigin + performance.now()"


def measure() -> list[Figure]:
    """Pin to pixel, its stages, and what a bare server-sent event takes to the same browser."""
    with tempfile.TemporaryDirectory(prefix="kojo-bench-") as folder, chromium() as browser:
        seen = _presses(Path(folder), browser.new_page())
        bare = bare_feed.times(browser.new_page())
    total = seen.until(seen.painted)
    p95 = _percentile(total, 95)
    return [
        Figure(
            f"pin to pixel, {len(total)} presses: p50, p95, longest",
            _shown(total),
            f"bare server-sent event to the same browser {_shown(bare)}; load {os.getloadavg()[0]:.1f}",
            f"95 % < {LIMIT_S * 1000:.0f} ms",
            p95 < LIMIT_S,
        ),
        Figure("… until the page's number was written, not yet painted", _shown(seen.until(seen.changed))),
        Figure(
            "… medians of the stages",
            ", ".join(f"{name} {ms:.0f} ms" for name, ms in seen.stages()),
            "debounce alone 20 ms",
        ),
    ]


@dataclass
class _Seen:
    """When (ns, wall clock) each press was where; presses count from 1."""

    edges: Sequence[int] = ()
    commits: Sequence[int] = ()
    broker: dict[int, int] = field(default_factory=dict)
    stored: dict[int, int] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    painted: dict[int, int] = field(default_factory=dict)

    def until(self, there: dict[int, int]) -> list[float]:
        """Seconds from each press until it, or a later one, was there."""
        return [(self._reached(there, n) - edge) / NS_PER_S for n, edge in enumerate(self.edges, 1)]

    def stages(self) -> list[tuple[str, float]]:
        """Medians in ms, each from the stage before."""
        on_disk = {n: min(c for c in self.commits if c > edge) for n, edge in enumerate(self.edges, 1)}
        ends = [
            ("debounce and outbox on disk", on_disk),
            ("broker", self.broker),
            ("store and feed", self.stored),
            ("KPI", self.told),
            ("page written", self.changed),
            ("painted", self.painted),
        ]
        passed = [0.0] * len(self.edges)
        medians = []
        for name, there in ends:
            now = self.until(there)
            medians.append((name, 1000 * statistics.median(b - a for a, b in zip(passed, now, strict=True))))
            passed = now
        return medians

    @staticmethod
    def _reached(there: dict[int, int], number: int) -> int:
        return min(at for n, at in there.items() if n >= number)


def _presses(directory: Path, page: Page) -> _Seen:
    line_file, port = directory / "line.toml", free_port()
    line_file.write_text(LINE.read_text("utf-8").replace('url = "embedded"', f'url = "embedded:{port}"'), "utf-8")
    line = load(line_file, catalogue())
    _live_through_a_shift(line, directory / "server")
    seen = _Seen()
    with _serve(line_file, directory / "server") as url, _agent(line_file, directory / "agent") as agent:
        page.goto(url)
        page.wait_for_selector('body[data-connection="live"]', timeout=WITHIN_S * 1000)
        page.wait_for_function(f"() => document.querySelector('{NUMBER}')?.dataset.value > 0", timeout=WITHIN_S * 1000)
        before = int(str(page.get_attribute(NUMBER, "data-value")))
        ahead_ms = _browser_ahead_ms(page)
        page.evaluate(WATCH, NUMBER)
        with _on_the_broker(line, port, seen), _on_the_feed(url, before, seen):
            print("go", file=agent.stdin, flush=True)
            told = json.loads(_read_line(agent, PRESSES_WITHIN_S))
            page.wait_for_function(
                f"() => document.querySelector('{NUMBER}').dataset.value >= {before + PRESSES}"
                " && window.noted.every((note) => note.painted)",
                timeout=WITHIN_S * 1000,
            )
            shown = int(str(page.get_attribute(NUMBER, "data-value"))) - before
            assert shown == PRESSES, f"{shown} pieces shown of {PRESSES} presses"
    seen.edges, seen.commits = told["edges"], told["commits"]
    assert len(seen.edges) == PRESSES
    for note in page.evaluate("() => window.noted"):
        number = int(note["value"]) - before
        seen.changed.setdefault(number, round((note["changed"] - ahead_ms) * NS_PER_MS))
        seen.painted.setdefault(number, round((note["painted"] - ahead_ms) * NS_PER_MS))
    return seen


def _live_through_a_shift(line: Line, data: Path) -> None:
    """What a shift leaves in the store: a piece every 27 s with its wash time, and the agent's signs of life."""
    data.mkdir(mode=0o700)
    store = DuckStore(data / "line.duckdb")
    ingest = Ingest(store, [(0, line)], "bench")
    end = time.time_ns() - 60 * NS_PER_S
    start = end - HISTORY_S * NS_PER_S
    lives: list[tuple[Series, float, Callable[[int], float]]] = [
        (PIECES, 27.0, lambda n: n + 1),
        (Series(STATION, "wash", "state"), 13.5, lambda n: n % 2),
        (Series(STATION, "_agent", "alive"), 30.0, lambda n: 30.0 * n),
    ]
    for series, every_s, values in lives:
        count = int(HISTORY_S / every_s)
        for first in range(0, count, 500):
            numbers = range(first, min(count, first + 500))
            times = [start + round(n * every_s * NS_PER_S) for n in numbers]
            batch = Batch(series, "before", first + 1, times, [values(n) for n in numbers], "synced", "pi-1")
            ingest.take(line.topics.reading(series), encode(batch), time.time_ns())
    ingest.commit()
    store.close()


@contextlib.contextmanager
def _serve(line_file: Path, data: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "kojo", "serve", "--line", str(line_file), "--data", str(data)]
    with _process([*command, "--http", "127.0.0.1:0"]) as process:
        yield _read_line(process, WITHIN_S).split()[1]


@contextlib.contextmanager
def _agent(line_file: Path, data: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.bench.pin_child", str(line_file), "pi-1", str(data), str(PIN), str(PRESSES)]
    with _process(command) as process:
        assert _read_line(process, WITHIN_S).strip() == "ready"
        yield process


@contextlib.contextmanager
def _process(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=WITHIN_S)


def _read_line(process: "subprocess.Popen[str]", within_s: float) -> str:
    """One line of what a process says; one that says nothing is ended."""
    assert process.stdout is not None
    alarm = threading.Timer(within_s, process.kill)
    alarm.start()
    try:
        said = process.stdout.readline()
    finally:
        alarm.cancel()
    assert said, f"{process.args!r} said nothing within {within_s} s"
    return said


def _browser_ahead_ms(page: Page) -> float:
    """How far Chromium's clock is ahead of ours, in ms: from the quickest of some questions."""
    asked = []
    for _ in range(30):
        before, there, after = time.time(), float(page.evaluate(NOW)), time.time()
        asked.append((after - before, there - 1000 * (before + after) / 2))
    return min(asked)[1]


@contextlib.contextmanager
def _on_the_broker(line: Line, port: int, seen: _Seen) -> Iterator[None]:
    """Note when another subscriber of the broker hears of each press."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    topic, listening = line.topics.reading(PIECES), threading.Event()

    def hear(_client: Any, _data: Any, message: Any) -> None:
        # amqtt sends a newcomer the retained messages of everybody's subscriptions.
        if message.topic == topic:
            seen.broker.setdefault(int(json.loads(message.payload)["v"][-1]), time.time_ns())

    client = Client(CallbackAPIVersion.VERSION2, "bench")
    client.on_message = hear
    client.on_subscribe = lambda *_: listening.set()
    client.connect("127.0.0.1", port)
    client.subscribe(topic, 1)
    client.loop_start()
    try:
        assert listening.wait(WITHIN_S)
        yield
    finally:
        client.disconnect()
        client.loop_stop()


@contextlib.contextmanager
def _on_the_feed(url: str, before: int, seen: _Seen) -> Iterator[None]:
    """Note when another client of the live feed hears of each press, and of the figure that counts it."""
    host = url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=WITHIN_S)
    connection.request("GET", "/api/v1/live")
    answer = connection.getresponse()
    assert answer.status == 200
    ending = threading.Event()

    def listen() -> None:
        event = ""
        while not ending.is_set() and (text := answer.readline().decode("utf-8")):
            kind, _, rest = text.strip().partition(": ")
            event = rest if kind == "event" else event
            if kind == "data":
                _note(event, json.loads(rest), before, seen)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(WITHIN_S)  # a beat comes every five seconds
        connection.close()


def _note(event: str, body: Any, before: int, seen: _Seen) -> None:
    now = time.time_ns()
    if event == "reading":
        for reading in body:
            if Series(reading["station"], reading["sensor"], reading["measure"]) == PIECES:
                seen.stored.setdefault(int(reading["v"]), now)
    elif event == "kpi" and body["station"] == STATION:
        seen.told.setdefault(int(body["produced_quantity"]) - before, now)


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _shown(values: Sequence[float]) -> str:
    middle, p95, longest = statistics.median(values), _percentile(values, 95), max(values)
    return f"{1000 * middle:.0f}, {1000 * p95:.0f}, {1000 * longest:.0f} ms"
