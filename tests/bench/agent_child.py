"""The agent of `tests.bench.agent`, in a process of its own that imports what `kojo edge` imports and no more.

``python -m tests.bench.agent_child LINE AGENT DATA HOURS``: prints its memory when it has connected, and again after
the hours of bench time, as one line of JSON each.
"""

import contextlib
import io
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract.line import load
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.sensors import catalogue
from kojo.cli import main as kojo
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from tests.bench.turned_clock import TurnedClock

PIECE_S = 27.0
WASH_S = 20.0
TURN_S = 10.0
UNDER_WAY = 10
"""Readings that wait for the next group commit; everything else must be confirmed before time goes on."""
WITHIN_S = 30.0


def memory() -> dict[str, float]:
    """Resident memory of this process in MB (10^6 bytes): now, at most, and with shared pages divided (PSS)."""
    status = Path("/proc/self/status").read_text("ascii")
    smaps = Path("/proc/self/smaps_rollup").read_text("ascii")
    return {
        "rss": _kib(status, "VmRSS") * 1024 / 1e6,
        "peak": _kib(status, "VmHWM") * 1024 / 1e6,
        "pss": _kib(smaps, "Pss") * 1024 / 1e6,
    }


def _kib(text: str, key: str) -> int:
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(f"{key}:"))


class Floor:
    """What happens at the machine: a piece every 27 s, washed and weighed, and now and then another product."""

    def __init__(self, bench: Bench, clock: TurnedClock) -> None:
        self._bench, self._clock = bench, clock
        self.pieces = 0
        clock.every(PIECE_S, self._piece, "floor")
        clock.every(600.0, self._press, "floor")

    def _piece(self) -> None:
        self.pieces += 1
        self._bench.bounce(27, False)
        self._in(WASH_S, lambda: self._bench.bounce(27, True))
        self._in(WASH_S + 2.0, lambda: self._bench.bounce(17, False))
        self._in(WASH_S + 2.3, lambda: self._bench.bounce(17, True))
        self._in(
            WASH_S + 4.0, lambda: self._bench.type("/dev/ttyUSB0", f"ST,{412 + self.pieces % 7:+09.2f}  g\r\n".encode())
        )

    def _press(self) -> None:
        self._bench.bounce(5, False)
        self._in(0.2, lambda: self._bench.bounce(5, True))

    def _in(self, seconds: float, action: Callable[[], None]) -> None:
        self._clock.at(self._clock.monotonic_ns() + round(seconds * NS_PER_S), action, "floor")


def live(line_file: Path, name: str, data: Path, hours: float) -> None:
    """The agent's life; each word of it goes to stdout."""
    with contextlib.redirect_stdout(io.StringIO()):
        kojo([])  # the command line's parser is made, as it is for `kojo edge`
    clock = TurnedClock(time.time_ns() - round(hours * 3600 * NS_PER_S))
    bench = Bench(clock)
    with DataDirectory(data, f"edge-{name}") as directory:
        running = EdgeAgent(load(line_file, catalogue(directory.path / "sensors")), name, bench, directory)
        running.start()
        wait(lambda: running.link.connected, "connected")
        clock.turn(1.0)
        _say("start", **memory())
        floor = Floor(bench, clock)
        for _ in range(round(hours * 3600 / TURN_S)):
            clock.turn(TURN_S)
            wait(lambda: running.outbox.backlog <= UNDER_WAY, "everything is confirmed")
        held, backlog = running.outbox.held, running.outbox.backlog
        health = running.agent.state()["sensors"]
        _say(
            "end", **memory(), pieces=floor.pieces, confirmed=held - backlog, threads=threading.active_count(),
            sensors={sensor: told["state"] for sensor, told in health.items()}, modules=len(sys.modules),
        )  # fmt: skip
        running.stop()
        clock.close()
        bench.close()


def _say(when: str, **told: Any) -> None:
    print(json.dumps({"when": when, **told}), flush=True)


def wait(true: Callable[[], bool], what: str) -> None:
    """Until it is so."""
    deadline = time.monotonic() + WITHIN_S
    pause = threading.Event()
    while not true():
        assert time.monotonic() < deadline, f"not within {WITHIN_S} s: {what}"
        pause.wait(0.002)


if __name__ == "__main__":
    live(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))
