"""One real agent on the bench, in a process of its own; a device on its serial port prints rising numbers.

``python -m tests.faults.agent_child LINE AGENT DATA``: what it is told on stdin, and what it says on stdout, are lines
of JSON, as `tests.faults.agents` uses them.

    {"type": 20000, "from": 1, "per_s": 2000}       the device prints these numbers, one to each measure, at that speed
    {"end": true}                                    SIGTERM does the same

It says what is on its disk after each commit ("durable": [[first, last], …]), and how things stand whenever that
changed ("stands").
"""

import json
import queue
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contract.line import Line, load
from contract.reading import NS_PER_S
from contract.topics import AGENT_SENSOR
from edge.bench import Bench
from edge.outbox import Outbox
from edge.sensors import catalogue
from edge.system_clock import SystemClock
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent

PORT = "/dev/ttyUSB0"
"""Where the line's numbers come from: each line that is printed has one number for each of its measures."""
DIGITS = 10
"""Of each number. An agent that does not read for a second loses bytes, as at any serial port (under a false clock it
stands still for seconds): what is left of two lines then is none of theirs, since their ends do not fit together."""
LOOK_S = 0.05
TYPE_S = 0.02

_saying = threading.Lock()


def say(**told: Any) -> None:
    """One line of JSON; whole, although several threads speak."""
    with _saying:
        print(json.dumps(told), flush=True)


class Device:
    """What prints at the end of the cable: rising numbers, ``columns`` in a line."""

    def __init__(self, bench: Bench, columns: int) -> None:
        self._bench, self._clock, self._columns = bench, bench.clock, columns
        self._next = self._until = 0
        self._per_s = 0.0
        self._began_ns = self._first = 0
        self.printed = 0
        """Lines."""
        self._clock.every(TYPE_S, self._type, "device")

    def print(self, first: int, many: int, per_s: float) -> None:
        """Print so many numbers from ``first`` on; whole lines of them."""
        self._first = self._next = first
        self._began_ns = self._clock.monotonic_ns()
        self._until, self._per_s = first + many, per_s

    def _type(self) -> None:
        due = self._first + (self._clock.monotonic_ns() - self._began_ns) * self._per_s / NS_PER_S
        lines = []
        while self._next < min(self._until, due):
            lines.append(" ".join(f"{n:0{DIGITS}}" for n in range(self._next, self._next + self._columns)))
            self._next += self._columns
        self.printed += len(lines)
        if lines:
            self._bench.type(PORT, ("\n".join(lines) + "\n").encode())


class Witness:
    """Reads back what each commit wrote, and says it."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox, self._row = outbox, outbox.sent_row
        while rows := outbox.rows(self._row, 2**62, 5000):
            self._row = rows[-1][0]
        outbox.listen(self.look)

    def look(self) -> None:
        """What was written since the last time."""
        rows = self._outbox.rows(self._row, 2**62, 100_000)
        if not rows:
            return
        self._row = rows[-1][0]
        runs = {id: self._outbox.run(id) for id in {row[1] for row in rows}}
        numbers = [int(row[4]) for row in rows if (run := runs[row[1]]) and run.series.sensor != AGENT_SENSOR]
        if numbers:
            say(durable=ranges(sorted(numbers)))


def ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Rising numbers as the first and last of each unbroken piece."""
    cuts = [n for n in range(1, len(numbers)) if numbers[n] != numbers[n - 1] + 1]
    return [(numbers[a], numbers[b - 1]) for a, b in zip([0, *cuts], [*cuts, len(numbers)], strict=True)]


def columns(line: Line, agent: str) -> int:
    """How many numbers the device prints in a line."""
    return sum(len(s.measures) for station in line.stations_of(agent) for s in station.sensors.values())


def live(line_file: Path, name: str, data: Path) -> None:
    """The agent's life."""
    line = load(line_file, catalogue())
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: orders.put({"end": True}))
    threading.Thread(target=listen, args=(orders,), daemon=True).start()
    clock = SystemClock()
    bench = Bench(clock)
    with DataDirectory(data, f"edge-{name}") as directory:
        running = EdgeAgent(line, name, bench, directory)
        Witness(running.outbox)
        running.start()
        device = Device(bench, columns(line, name))
        work(running, device, orders)
        running.stop()
        say(stands=stands(running))
        clock.close()
        bench.close()


def listen(orders: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Hear orders until whoever gives them is gone."""
    for said in sys.stdin:
        orders.put(json.loads(said))
    orders.put({"end": True})


def work(running: EdgeAgent, device: Device, orders: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Do what is ordered until the end is."""
    said: dict[str, Any] = {}
    obeyed, before = 0, (0, 0)
    while True:
        try:
            order = orders.get(timeout=LOOK_S)
        except queue.Empty:
            order = {}
        if order.get("end"):
            return
        if "type" in order:
            device.print(order["from"], order["type"], order["per_s"])
            obeyed += 1
        now = stands(running)
        # Nothing is on its way from the device: what was printed then has been read by now.
        heard = (device.printed, now["lines"])
        now |= {"obeyed": obeyed, "quiet": heard == before}
        before = heard
        if now != said:
            said = now
            say(stands=now)


def stands(running: EdgeAgent) -> dict[str, Any]:
    """How things stand with the agent."""
    outbox, state = running.outbox, running.agent.state()
    return {
        "store": outbox.store,  # before the backlog, which is of this store then
        "connected": running.link.connected,
        "sensors": {name: told["state"] for name, told in state["sensors"].items()},
        "lines": sum(told.get("lines", 0) for told in state["sensors"].values()),
        "backlog": outbox.backlog,
        "dropped": outbox.dropped,
        "refused": outbox.refused,
        "clock": outbox.clock_state,
        "stream": outbox.stream,
        "set_aside": outbox.set_aside,
        "trouble": state["outbox"].get("why_en", ""),
        "wall": time.time_ns() // NS_PER_S // 3600,
    }


if __name__ == "__main__":
    live(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
