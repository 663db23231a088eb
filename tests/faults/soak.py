"""``make soak``: the kit under load with random faults, for 20 minutes or ``SOAK_MINUTES``: what was lost, what grew.

Two agents print numbers, pages are asked and one listens live, while the broker is killed, one agent is killed and
networks are cut, vanish and crawl. The collector and the other agent live through all of it: their memory and open
files are read every few seconds and must not grow. The report goes to stdout as Markdown, and to ``KOJO_SOAK_REPORT``.
"""

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from tests.faults.processes import AgentProcess, Plant
from tests.faults.proxy import Proxy
from tests.faults.table import Outcome
from tests.gate import machine

MADE_BY = "<!-- made by: KOJO_SOAK_REPORT=docs/soak.md make soak -->"
PER_S = 300.0
"""Readings a second of each agent."""
LOOK_S = 5.0
SEED = 20261122
GROWS_AT_MOST = 0.10
"""Of the memory that a process had after the first fifth; more is not flat."""
FILES_AT_MOST = 5


@dataclass
class Process:
    """Memory (MB, resident) and open files of one process that lives through the whole soak."""

    name: str
    pid: int
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Read both, once more."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        self.memory.append(next(int(t.split()[1]) for t in status.splitlines() if t.startswith("VmRSS:")) * 1.024e-3)
        self.files.append(len(list(Path(f"/proc/{self.pid}/fd").iterdir())))

    @property
    def memory_then_and_now(self) -> tuple[float, float]:
        """The median of the second fifth of the soak, and of its last."""
        return _fifths(self.memory)

    @property
    def files_then_and_now(self) -> tuple[float, float]:
        """Likewise."""
        return _fifths(self.files)

    @property
    def flat(self) -> bool:
        """Whether neither grew by more than it may."""
        then, now = self.memory_then_and_now
        files_then, files_now = self.files_then_and_now
        return now <= then * (1.0 + GROWS_AT_MOST) and files_now <= files_then + FILES_AT_MOST


def _fifths(values: list[float] | list[int]) -> tuple[float, float]:
    fifth = max(1, len(values) // 5)
    return statistics.median(values[fifth : 2 * fifth] or values), statistics.median(values[-fifth:])


class Visitor:
    """Who looks at the pages all the time: one live feed, and figures asked for every second."""

    def __init__(self, url: str) -> None:
        self._url, self._over = url, threading.Event()
        self.asked = self.heard = 0
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._ask, self._listen)]

    def start(self) -> None:
        """Come in."""
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Go."""
        self._over.set()
        for thread in self._threads:
            thread.join(60.0)

    def _ask(self) -> None:
        with httpx.Client(base_url=f"{self._url}/api/v1", timeout=60.0) as client:
            while not self._over.wait(1.0):
                now = datetime.now(UTC)
                window = {"start": (now - timedelta(hours=1)).isoformat(), "end": now.isoformat()}
                for path, query in (("/wall", {}), ("/kpi", window), ("/status", {})):
                    answer = client.get(path, params=query)
                    self.asked += 1
                    if answer.status_code != 200:
                        self.failed.append(f"{path}: {answer.status_code} {answer.text[:200]}")

    def _listen(self) -> None:
        while not self._over.is_set():
            with suppress(httpx.HTTPError), httpx.stream("GET", f"{self._url}/api/v1/live", timeout=10.0) as feed:
                for line in feed.iter_lines():
                    self.heard += line.startswith("data:")
                    if self._over.is_set():
                        return


class Soak:
    """The plant, what is done to it, and what is read off it."""

    def __init__(self, plant: Plant, minutes: float) -> None:
        self._plant, self._seconds = plant, minutes * 60.0
        self._dice = random.Random(SEED)
        self.near, self.far = plant.network(), plant.network()
        self.done: dict[str, int] = {}
        plant.server.line_file = plant.line_file("server.toml", self.far.url)
        plant.server.start().healthy()
        self.steady = plant.agent("pi-1", mqtt=self.near.url).start()
        self.killed = plant.agent("pi-2").start()
        self.watched = [
            Process("kojo serve", plant.server.process.pid),
            Process("agent pi-1", self.steady.pid),
        ]
        self.visitor = Visitor(plant.server.pages.url)

    def run(self) -> Outcome:
        """All of it; the outcome of the readings."""
        over_at = time.monotonic() + self._seconds
        looking = threading.Event()
        looker = threading.Thread(target=self._look, args=(looking,), daemon=True)
        self.visitor.start()
        looker.start()
        for agent in (self.steady, self.killed):
            _type(agent)
        pause = threading.Event()
        while (left_s := over_at - time.monotonic()) > 0:
            pause.wait(min(left_s, self._dice.uniform(5.0, 20.0)))
            self._fault(self._dice.choice(self._faults()))
        for agent in (self.steady, self.killed):
            agent.hush()
            agent.confirmed(600.0)
        looking.set()
        looker.join()
        self.visitor.leave()
        self._plant.settle()
        return self._plant.outcome(f"soak of {self._seconds / 60:.0f} min: {sum(self.done.values())} faults")

    def _look(self, over: threading.Event) -> None:
        began, shown = time.monotonic(), 0
        while not over.wait(LOOK_S):
            for process in self.watched:
                process.look()
            if (minute := int(time.monotonic() - began) // 60) > shown:
                shown = minute
                held = ", ".join(f"{p.name} {p.memory[-1]:.1f} MB {p.files[-1]} files" for p in self.watched)
                print(f"  {minute} min: {held}; {sum(self.done.values())} faults", flush=True)

    def _faults(self) -> list[tuple[str, Callable[[float], None]]]:
        return [
            ("the broker is killed", self._kill_broker),
            ("an agent is killed", self._kill_agent),
            ("the agent's network is cut", lambda s: self._away(self.near, self.near.cut, s)),
            ("the collector's network is cut", lambda s: self._away(self.far, self.far.cut, s)),
            ("the agent's packets vanish", lambda s: self._away(self.near, self.near.vanish, s)),
            ("the collector's packets vanish", lambda s: self._away(self.far, self.far.vanish, s)),
            ("both networks crawl", self._crawl),
        ]

    def _fault(self, fault: tuple[str, Callable[[float], None]]) -> None:
        name, do = fault
        do(self._dice.uniform(0.5, 8.0))
        self.done[name] = self.done.get(name, 0) + 1

    def _kill_broker(self, seconds: float) -> None:
        self._plant.broker.stop(kill=True)
        threading.Event().wait(seconds)
        self._plant.broker.start()

    def _kill_agent(self, seconds: float) -> None:
        self.killed.kill()
        threading.Event().wait(seconds)
        _type(self.killed.start())

    def _away(self, network: Proxy, how: Callable[[], None], seconds: float) -> None:
        how()
        threading.Event().wait(seconds)
        network.heal()

    def _crawl(self, seconds: float) -> None:
        for network in (self.near, self.far):
            network.slow(bytes_per_s=20_000, delay_s=0.5)
        threading.Event().wait(seconds)
        for network in (self.near, self.far):
            network.slow(bytes_per_s=0, delay_s=0)


def _type(agent: AgentProcess) -> None:
    agent.type(9_000_000, PER_S)


def report(soak: Soak, outcome: Outcome) -> str:
    """What came of it, as Markdown."""
    rows = [
        f"| {p.name} | {a:.1f} | {b:.1f} | {(b - a) / a:+.1%} | {f:.0f} | {g:.0f} |"
        for p in soak.watched
        for (a, b), (f, g) in [(p.memory_then_and_now, p.files_then_and_now)]
    ]
    return "\n".join([
        f"{outcome.fault}; sent {outcome.sent:,}, stored {outcome.stored:,}, lost {outcome.lost}, "
        f"doubled {outcome.doubled}; {outcome.note}",
        f"Faults: {', '.join(f'{name} {many}' for name, many in sorted(soak.done.items()))}",
        f"Pages asked {soak.visitor.asked:,} times, {len(soak.visitor.failed)} failed; "
        f"{soak.visitor.heard:,} live messages heard",
        "",
        "| process | MB after a fifth | MB at the end | growth | files after a fifth | files at the end |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
        "",
        f"Medians of the second and of the last fifth; {outcome.stored * 6 // 10:,} readings were stored between them. "
        f"Up to {GROWS_AT_MOST:.0%} is called flat.",
    ])  # fmt: skip


def main(minutes: float) -> int:
    """Run it and report; 0 when nothing was lost or doubled, nothing failed and nothing grew."""
    print(f"{minutes:g} 分の連続試験です / a soak of {minutes:g} minutes (SOAK_MINUTES)", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="kojo-soak-") as folder,
        Plant(Path(folder), agents={"pi-1": 1, "pi-2": 1}, outbox="max_readings = 5000000") as plant,
    ):
        soak = Soak(plant, minutes)
        outcome = soak.run()
    told = report(soak, outcome)
    print(told)
    for failure in soak.visitor.failed[:10]:
        print(f"failed: {failure}", file=sys.stderr)
    if path := os.environ.get("KOJO_SOAK_REPORT"):
        Path(path).write_text(f"{MADE_BY}\n{machine()}\n\n{told}\n", "utf-8")
    good = outcome.kept_the_promise and not soak.visitor.failed and all(process.flat for process in soak.watched)
    print("ok" if good else "FAILED: lost, doubled, failed or grown, see above")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(float(os.environ.get("SOAK_MINUTES", "20"))))
