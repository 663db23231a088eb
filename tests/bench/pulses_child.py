"""The agent of `tests.bench.pulses` and the four contacts: ``python -m tests.bench.pulses_child LINE DIR SECONDS HZ``.

Prints one line of JSON: memory each second, processor time, how far the contacts were behind their plan. When each
contact closed first is written to ``DIR/closed.npy`` (int64 ns since 1970, the same for all four).
"""

import json
import random
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from contract.line import load
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from tests.bench.agent_child import memory, wait
from tests.bench.pulses import PINS

WITHIN_NS = 100_000
EDGES = 5


def play(bench: Bench, seconds: int, hz: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[float]]:
    """Close and open each contact ``hz`` times a second; when they closed, how late, and the memory each second.

    What is written down has its room from the beginning: it is none of the agent's memory that grows.
    """
    dice = random.Random(1)
    clock = bench.clock
    closed, late = np.full(seconds * hz, -1, np.int64), np.full(seconds * hz, -1, np.int64)
    sizes: list[float] = []
    period = NS_PER_S // hz
    began = clock.monotonic_ns() + NS_PER_S
    for turn in range(seconds * hz):
        for half, level in ((0, False), (period // 2, True)):
            due = began + turn * period + half
            while (left := due + WITHIN_NS - clock.monotonic_ns()) > 0:
                time.sleep(left / NS_PER_S)
            if not level:
                closed[turn], late[turn] = due, -left
            for pin in PINS:
                _bounce(bench, pin, level, due, dice)
        if turn % hz == 0:
            sizes.append(memory()["rss"])
    return closed, late, sizes


def _bounce(bench: Bench, pin: int, level: bool, due: int, dice: random.Random) -> None:
    """Five edges within 0.1 ms, the last one to stay; each dated as a kernel would, however late Python comes to it."""
    for edge, after in enumerate([0, *sorted(dice.randrange(1, WITHIN_NS) for _ in range(EDGES - 1))]):
        bench.drive(pin, level if edge % 2 == 0 else not level, at_ns=due + after)


def main(line_file: Path, directory: Path, seconds: int, hz: int) -> None:
    """The agent's life."""
    clock = SystemClock()
    bench = Bench(clock)
    for pin in PINS:
        bench.drive(pin, True)
    with DataDirectory(directory / "agent", "edge-pi-1") as home:
        running = EdgeAgent(load(line_file, catalogue()), "pi-1", bench, home)
        running.start()
        wait(lambda: running.link.connected, "connected")
        began, worked = time.monotonic(), time.process_time()
        wall_minus_monotonic = clock.time_ns() - clock.monotonic_ns()
        closed, late, sizes = play(bench, seconds, hz)
        took, processor = time.monotonic() - began, time.process_time() - worked
        wait(lambda: not running.outbox.backlog, "everything is confirmed")
        sizes.append(memory()["rss"])
        np.save(directory / "closed.npy", closed + wall_minus_monotonic)
        sensors = running.agent.state()["sensors"]
        running.stop()
        clock.close()
        bench.close()
    behind = np.percentile(late / 1e6, [50, 99]).tolist()
    print(
        json.dumps({"memory": sizes, "late_ms": behind, "took_s": took, "processor_s": processor, "sensors": sensors}),
        flush=True,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
