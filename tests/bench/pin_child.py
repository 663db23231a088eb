"""The agent of `tests.bench.pin_to_pixel`, as `kojo edge` runs it, with a hand that presses: in a process of its own.

``python -m tests.bench.pin_child LINE AGENT DATA PIN PRESSES``: says ``ready`` when it is connected, begins when it
reads a line, and tells the wall clock's nanoseconds of each first contact and of each commit of the outbox as JSON.
"""

import json
import random
import sys
import threading
import time
from pathlib import Path

from contract.line import load
from edge.bench import Bench
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from tests.servers import wait_until

SHORTEST_S, LONGEST_S = 0.3, 1.5
CLOSED_S = 0.12
EDGES = 5
SEED = 20


def press(line_file: Path, name: str, data: Path, pin: int, presses: int) -> None:
    """Press a bouncing contact at irregular intervals."""
    clock, dice, pause = SystemClock(), random.Random(SEED), threading.Event()
    bench = Bench(clock, seed=SEED)
    edges: list[int] = []
    commits: list[int] = []
    moved = bench.record(pin)
    with DataDirectory(data, f"edge-{name}") as directory:
        running = EdgeAgent(load(line_file, catalogue()), name, bench, directory)
        running.outbox.listen(lambda: commits.append(time.time_ns()))
        running.start()
        wait_until(lambda: running.link.connected, what="the agent is connected")
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(presses):
            pause.wait(dice.uniform(SHORTEST_S, LONGEST_S) - CLOSED_S)
            edges.append(time.time_ns())
            _bounce(bench, pin, False, moved)
            pause.wait(CLOSED_S)
            _bounce(bench, pin, True, moved)
        wait_until(lambda: running.outbox.backlog == 0, what="everything is confirmed")
        print(json.dumps({"edges": edges, "commits": commits}), flush=True)
        sys.stdin.readline()
        running.stop()
    clock.close()
    bench.close()


def _bounce(bench: Bench, pin: int, level: bool, moved: list[tuple[int, bool]]) -> None:
    """Bounce, and wait until it is over: on a busy machine the next move could come before its last edge."""
    there = len(moved) + EDGES
    bench.bounce(pin, level, EDGES)
    wait_until(lambda: len(moved) >= there, what="the contact is at rest")


if __name__ == "__main__":
    press(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
