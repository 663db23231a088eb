"""``kojo demo``: the whole kit on one machine with no hardware, on a virtual washing line or on a line of your own.

Broker, collector, service and pages as in `kojo serve`; the line's agents as in `kojo edge`, on the bench; a virtual
floor that moves the bench's pins and ports (`floor.fitting` says which); and four weeks of history, made in the
background (`kojo.history`).
"""

import contextlib
import json
import logging
import re
import socket
import sys
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from collector.store import Entry
from contract.errors import KojoError, NotThere
from contract.line import Line, load
from contract.reading import NS_PER_S
from contract.words import Words
from edge.bench import Bench
from edge.bench_page import BenchPage
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from floor.fitting import fitting
from floor.shop import Shop
from floor.washing import WashingLine
from kojo.address import listen, remember
from kojo.bench_door import Door, address_of, open_bench
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from kojo.ending import Ending
from kojo.enter_key import EnterKey
from kojo.history import History, business_day, stretches
from kojo.serve import run_pages
from kojo.wire import Server
from kpi.access import HostRules

log = logging.getLogger(__name__)

EXAMPLE = Path(__file__).parent.parent / "hardware" / "lines" / "washing.toml"
EVENT = "demo-improvement"
FOREVER = 2**62
SLEPT_NS = 5 * NS_PER_S
WATCH_S = 5.0
LET_GO_S = 60.0


def demo(data: Path, http: str, seed: int, history_days: int, end: Ending, own: Path | None = None) -> int:
    """Run until the end is asked for. ``own``: a line.toml to show instead of the washing line."""
    _say("工場ハックの実演を準備しています…", "Getting the kojohack demo ready …")
    with DataDirectory(data, "serve") as directory, listen(http) as opened:
        line_file = line_of_demo(directory.path, history_days) if own is None else line_of_own(directory.path, own)
        virtual = VirtualFloor(directory, seed)
        server = Server(line_file, directory, virtual)
        remember(directory.path, opened)
        virtual.attach(server, line_file, history_days)
        server.start()
        with contextlib.ExitStack() as keys:
            try:
                run_pages(server, opened, lambda url: _begin(url, server, virtual, keys, opened), end)
            finally:
                keys.close()
                virtual.stop()
                server.stop()
    return 0


def _begin(
    url: str, server: Server, virtual: "VirtualFloor", keys: contextlib.ExitStack, opened: socket.socket
) -> None:
    print(f"ready {url}", flush=True)
    operator = _operator(url, server)
    _say(
        f"\n  見るページ(仮想データ)      {url}\n  操作もするページ(1回だけ有効)  {operator}\n  終わるには Ctrl-C\n",
        f"\n  the page (virtual data)          {url}\n  the page to operate (good once)  {operator}\n  Ctrl-C ends\n",
    )
    if sys.stdin.isatty():
        _say("  Enter で新しい操作用の番地を出します。\n", "  Enter gives a new address to operate it.\n")
        enter = EnterKey(sys.stdin.fileno(), lambda: print(f"  {_operator(url, server)}", flush=True))
        enter.start()
        keys.callback(enter.stop)
    virtual.start()
    page = virtual.show(*opened.getsockname()[:2])
    bench = address_of(page, server.tokens)
    _say(f"  練習台のページ(1回だけ有効)    {bench}\n", f"  the bench's page (good once)     {bench}\n")


def _operator(url: str, server: Server) -> str:
    return f"{url}/pair?code={server.tokens.pair_code('operator')}"


def _progress(history: History) -> None:
    """How far history is: one line that renews itself on a terminal, a line a week elsewhere."""
    line_end = "\r" if sys.stderr.isatty() else "\n"
    last = history.done
    while history.running:
        history.wait(1.0)
        if history.done != last and (line_end == "\r" or history.done % 7 == 1 or history.done == history.of):
            last = history.done
            made = Words(f"  履歴 {last}/{history.of} 日", f"  history {last}/{history.of} days")
            print(made, file=sys.stderr, end=line_end, flush=True)
    if history.of and history.done == history.of:
        _say("  履歴がそろいました。          ", "  the history is complete.      ")


def _say(ja: str, en: str) -> None:
    print(Words(ja, en), file=sys.stderr, flush=True)


# ------------------------------------------------------------------ the line


def line_of_demo(directory: Path, history_days: int) -> Path:
    """The demo's line.toml: the example, with a free port for the broker and the day of the improvement."""
    file = directory / "line.toml"
    if not file.exists():
        today = business_day(load(EXAMPLE, catalogue()), time.time_ns()).date()
        day = today - timedelta(days=history_days // 2)
        _replace(file, EXAMPLE.read_text("utf-8") + _SINCE.format(day=day))
    _find_port(file)
    return file


def line_of_own(directory: Path, own: Path) -> Path:
    """A line of your own for the demo: its copy, with a free port for the broker.

    Raises LineError, or NotThere where no virtual floor fits it, its broker is elsewhere, or the directory holds
    another line's demo.
    """
    line = load(own, catalogue())
    fitting(line)
    if not line.mqtt_url.startswith("embedded"):
        raise NotThere(
            Words(f"{own}: 実演は組み込みのブローカーで動きます。", f"{own}: the demo runs on the embedded broker."),
            Words('[mqtt] の url を "embedded" にしてください。', 'Set url = "embedded" in [mqtt].'),
        )
    file, text = directory / "line.toml", _with_broker(own.read_text("utf-8"))
    if not file.exists():
        _replace(file, text)
    elif _without_port(file.read_text("utf-8")) != _without_port(text):
        raise NotThere(
            Words(f"{directory} には別のライン(または直す前の line.toml)の実演があります。",
                  f"{directory} holds the demo of another line, or of this one before it was changed."),
            Words("--data で新しい場所を付けてください。", "Give a new place with --data."),
        )  # fmt: skip
    _find_port(file)
    return file


def _with_broker(text: str) -> str:
    """The line with its broker said as the demo writes it: it is embedded anyway."""
    text, there = _BROKER.subn(r'url = "embedded\1"', text)
    if there:
        return text
    before, found, after = text.partition("\n[mqtt]\n")
    said = f"\n[mqtt]\n{_url(1883)}\n"
    return before + said + after if found else text + said


_BROKER = re.compile(r"""(?m)^\s*url\s*=\s*["']embedded(:\d+)?["']""")


def _find_port(file: Path) -> None:
    """Where somebody else has the broker's port, another one."""
    text = file.read_text("utf-8")
    port = _port_of(text)
    if not _is_free(port):
        _replace(file, text.replace(_url(port), _url(_any_free()), 1))


def _without_port(text: str) -> str:
    return text.replace(_url(_port_of(text)), _url(1883), 1)


_SINCE = """
# ---- 改善(洗浄 20 秒 → 3 秒)を入れた日から、基準の時間も変わります ------------------------------------------

[[stations.washer.since]]
from = "{day}"
ideal_cycle_s = 10.0               # 投入 4 秒 + 洗浄 3 秒 + 取り出し 3 秒

[[products.a-100.stations.washer.since]]
from = "{day}"
ideal_cycle_s = 10.0

[[products.b-200.stations.washer.since]]
from = "{day}"
ideal_cycle_s = 10.6
"""


def _url(port: int) -> str:
    return 'url = "embedded"' if port == 1883 else f'url = "embedded:{port}"'


def _port_of(text: str) -> int:
    _, found, rest = text.partition('url = "embedded:')
    return int(rest.partition('"')[0]) if found else 1883


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _replace(file: Path, text: str) -> None:
    new = file.with_name(file.name + ".new")
    new.write_text(text, "utf-8")
    new.replace(file)


# ------------------------------------------------------------------ the floor


class VirtualFloor:
    """The floor behind the demo: its agents on benches, its history, the switch 「改善を導入」 (`kpi.desk.Demo`).

    A guest of the server (`kojo.wire.Guest`): another store gets the history that it lacks.
    """

    def __init__(self, directory: DataDirectory, seed: int) -> None:
        self._directory, self._seed = directory, seed
        self._kept = directory.path / "demo.json"  # also tells others that this directory is a demo's
        self._improved = False
        self._lock = threading.Lock()
        self._clock = SystemClock()
        self._agents: list[EdgeAgent] = []
        self._benches: dict[str, Bench] = {}
        self._homes: dict[str, DataDirectory] = {}
        self._floor: Shop | None = None
        self._page: BenchPage | None = None
        self._making, self._has_let_go = False, False
        self._offset_ns = 0

    def attach(self, server: Server, line_file: Path, history_days: int) -> None:
        """Who listens, and for how many days back a history is to be made for it."""
        self._server, self._line = server, server.line
        self._line_file, self._improved_at = line_file, improvement(server.line)
        self._improved = _read(self._kept).get("improved", self._improved_at is not None) is True
        if not self._kept.exists():
            _replace(self._kept, json.dumps({"improved": self._improved}))
        self._days = stretches(server.line, time.time_ns(), history_days, self._seed, self._improved_ns)
        self._history = self._missing_history()
        server.guests.append(self)

    def _missing_history(self) -> History:
        """The days up to our own start, as far as the store lacks them; since then the agents live."""
        server = self._server
        if self._improved_at is not None:
            _note_improvement(server, self._improved_ns)
        return History(
            self._line_file, server.line, server.store, server.ingest, self._days, on_stored=server.live.stored
        )

    @property
    def _improved_ns(self) -> int:
        return FOREVER if self._improved_at is None else int(self._improved_at.timestamp()) * NS_PER_S

    def let_go(self) -> None:
        """The store is about to be closed: leave the unfinished day unmade."""
        with self._lock:
            self._has_let_go = True
            self._history.stop()
            self._history.wait(LET_GO_S)

    def come_back(self) -> None:
        """A store is there again: make what it lacks."""
        with self._lock:
            if not self._has_let_go:
                return
            self._has_let_go = False
            try:
                self._history = self._missing_history()
            except KojoError as error:
                log.error("%s", error)
                return
            if self._making:
                self._make()

    def _make(self) -> None:
        self._history.start()
        threading.Thread(target=_progress, args=(self._history,), daemon=True, name="progress").start()

    def start(self) -> None:
        """Switch the agents on, then let the people come in."""
        self._homes = {a: DataDirectory(self._directory.path / a, f"edge-{a}") for a in self._line.agents}
        self._benches = {a: Bench(self._clock, seed=self._seed) for a in self._homes}
        self._agents = [EdgeAgent(self._line, a, self._benches[a], home) for a, home in self._homes.items()]
        for agent in self._agents:
            agent.start()
        self._open()
        self._clock.every(WATCH_S, self._watch, "watch")
        with self._lock:
            self._making = True
            self._make()

    def show(self, host: str, pages_port: int) -> BenchPage:
        """The benches as a page at the same address as the pages, at a port of its own; who operates those may here."""
        from kpi.service_shell import COOKIE

        door = Door(self._server.tokens, HostRules(open_to_lan=self._line.open_to_lan), also=COOKIE)
        tables = [table for agent in self._agents if (table := agent.table()) is not None]
        about = {"name": self._line.name, "virtual": True, "pages_port": pages_port}
        self._page = open_bench(tables, f"[{host}]:0" if ":" in host else f"{host}:0", door, about)
        return self._page

    def stop(self) -> None:
        """Everybody goes home; outboxes are left clean."""
        if self._page:
            self._page.stop()
        with self._lock:
            self._making = False
            self._history.stop()
        if self._floor:
            self._floor.stop()
        for agent in self._agents:
            agent.stop()
        self._clock.close()
        for bench in self._benches.values():
            bench.close()
        for home in self._homes.values():
            home.close()

    def state(self) -> Mapping[str, Any]:
        """What the page shows of the demo."""
        history = self._history
        return {
            "virtual": True,
            "history": {"done": history.done, "of": history.of, "running": history.running, "failed": history.failed},
            "improved": self._improved,
            "improved_at": self._improved_at and self._improved_at.isoformat(),
            "bench_port": self._page.port if self._page else None,
        }

    def improve(self, improved: bool) -> None:
        """From the next piece on the wash is (not) improved; kept for the next start."""
        with self._lock:
            self._improved = improved
            _replace(self._kept, json.dumps({"improved": improved}))
            if self._floor:
                self._floor.improve(improved)

    def _open(self) -> None:
        now = self._clock.time_ns()
        self._offset_ns = now - self._clock.monotonic_ns()
        with self._lock:
            parts = {name: placed for agent in self._agents for name, placed in agent.placed.items()}
            self._floor = fitting(self._line)(
                self._line, self._benches, self._clock, self._seed + now // NS_PER_S, now, self._improved,
                bounded=True, parts=parts,
            )  # fmt: skip
            self._floor.start()

    def _watch(self) -> None:
        """A laptop that slept: the people of the floor did not, so a new day begins."""
        if abs(self._clock.time_ns() - self._clock.monotonic_ns() - self._offset_ns) > SLEPT_NS and self._floor:
            self._floor.stop()
            self._open()


def improvement(line: Line) -> datetime | None:
    """The start of the business day from which a washing line's file says that the wash is improved."""
    since = [entry.start for station in line.stations.values() for entry in station.since]
    if not since or not WashingLine.fits(line):
        return None
    return datetime.combine(min(since), line.day_starts, line.zone)


def _note_improvement(server: Server, at_ns: int) -> None:
    if any(entry.id == EVENT for entry in server.store.entries("event")):
        return
    text = Words("洗浄のやり方を変えた(仮想): 約 20 秒 → 約 3 秒", "The wash was improved (virtual): about 20 s to 3 s")
    body = {"kind": "improvement", "text": text.ja, "station": next(iter(server.line.stations))}
    server.store.keep_entry(Entry(EVENT, "event", at_ns, time.time_ns(), body))


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
