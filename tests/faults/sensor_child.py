"""An agent on the bench and the machine's clock, among whose sensors some are out of their minds.

    python -m tests.faults.sensor_child LINE DATA TRUTH

Parts pass in front of some contacts, first in peace, then while one pin floods. What was true is written to TRUTH; the
process ends once the store has everything.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from contract.line import load
from contract.reading import NS_PER_S
from edge.bench import Bench
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent

AGENT = "pi-1"
CONTACTS = (5, 6, 13, 17)
FLOODED = 22
PARTS = 3600
PART_NS = 4_000_000
FLOOD_HZ = 10_000
WITHIN_S = 120.0


class Flood:
    """A pin that is never still."""

    def __init__(self, bench: Bench) -> None:
        self.edges, self.seconds = 0, 0.0
        self._bench, self._end = bench, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be still."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._end.wait(0.001):
            self.seconds = time.monotonic() - began
            due = round(self.seconds * FLOOD_HZ) - self.edges
            for _ in range(min(due, FLOOD_HZ // 20)):
                self.edges += 1
                self._bench.drive(FLOODED, self.edges % 2 == 0)
        self._bench.drive(FLOODED, True)


def pass_parts(bench: Bench, clock: SystemClock, many: int) -> None:
    """Every part closes all contacts for half of its time."""
    pause = threading.Event()
    for _ in range(many):
        for level in (False, True):
            began_ns = clock.monotonic_ns()
            for pin in CONTACTS:
                bench.drive(pin, level)
            pause.wait(max(0.0005, (PART_NS / 2 - (clock.monotonic_ns() - began_ns)) / NS_PER_S))


def until(true: Callable[[], bool]) -> None:
    """Wait for something of the agent."""
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def states(running: EdgeAgent) -> dict[str, str]:
    """How each sensor is."""
    return {name.partition("/")[2]: told["state"] for name, told in running.agent.state()["sensors"].items()}


def main(line_file: Path, data: Path, truth: Path) -> None:
    """Run it."""
    with DataDirectory(data, f"edge-{AGENT}") as directory:
        line = load(line_file, catalogue(directory.path / "sensors"))
        clock = SystemClock()
        bench = Bench(clock)
        running = EdgeAgent(line, AGENT, bench, directory)
        for pin in (*CONTACTS, FLOODED):
            bench.drive(pin, True)
        seen = [bench.record(pin) for pin in CONTACTS]
        running.start()
        wanted = {"part0": "ok", "hangs": "hanging", "raises": "broken"}
        until(lambda: wanted.items() <= states(running).items())
        wall_ns = clock.time_ns() - clock.monotonic_ns()
        pass_parts(bench, clock, PARTS)
        flooded_from = clock.time_ns()
        flood = Flood(bench)
        pass_parts(bench, clock, PARTS)
        state = running.agent.state()
        flood.stop()
        until(lambda: running.outbox.backlog == 0)
        touches = [[wall_ns + at_ns for at_ns, level in changes if not level] for changes in seen]
        told = {"touches": touches, "flooded_from": flooded_from, "edges": flood.edges, "seconds": flood.seconds}
        truth.write_text(json.dumps(told | {"sensors": state["sensors"]}), "utf-8")
        running.stop()
        clock.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
