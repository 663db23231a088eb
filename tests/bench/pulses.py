"""Four pins at 1 kHz for a minute, every edge bouncing, from the bench through outbox, broker, collector to the store.

The agent is what `kojo edge` runs, in a process of its own on the machine's own clock; broker (mosquitto) and collector
with its DuckDB store are others. A thread of the agent's process plays the four contacts: closed and opened a thousand
times a second each, five edges within 0.1 ms a time; what it wrote down of the first contact of each is what the stored
time is held against. The whole computer is one here: on a Pi the contacts play themselves.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.subscriber import Subscriber
from contract.broker import Broker
from contract.line import load
from contract.reading import Series
from edge.sensors import catalogue
from tests.bench.figures import Figure
from tests.servers import mosquitto, wait_until

SECONDS = 60
HZ = 1000
PINS = (17, 27, 22, 5)
WITHIN_S = 300.0
NEAR_NS = 1_000_000
GROWTH_MB = 3.0
"""What the agent may grow by from the second quarter of the minute to its last."""
ROOT = Path(__file__).parent.parent.parent
LINE = """
schema = 1
site = "akita"
line = "fast"
[mqtt]
url = "mqtt://127.0.0.1:{port}"
[stations.press]
name = "プレス"
agent = "pi-1"
[stations.press.sensors]
""" + "\n".join(f'p{pin} = {{{{ type = "pulse", pin = {pin}, debounce_ms = 0.2 }}}}' for pin in PINS)


def measure() -> list[Figure]:
    """How many were counted, how far their times are off, how big the agent grows, how busy it is."""
    with tempfile.TemporaryDirectory(prefix="kojo-bench-") as folder, mosquitto() as broker:
        directory = Path(folder)
        line_file = directory / "line.toml"
        line_file.write_text(LINE.format(port=broker.port), "utf-8")
        with collector(line_file, directory, Broker(broker.host, broker.port)) as store:
            said = _agent(line_file, directory)
            closed = np.load(directory / "closed.npy")
            found = {pin: _stored(store, pin) for pin in PINS}
    counted = sum(int(values[-1]) for _, values in found.values())
    off = np.concatenate([_off(times, closed) for times, _ in found.values()])
    late, made = said["late_ms"], len(closed) * len(PINS)
    memory = said["memory"]
    grown = memory[-1] - memory[len(memory) // 4]
    p99 = float(np.percentile(off, 99))
    shown = f"{len(PINS)} pins at {HZ} Hz for {SECONDS} s, 5 edges within 0.1 ms each time, debounce_ms = 0.2"
    return [
        Figure(
            shown,
            f"{counted:,} counted and stored",
            f"{made:,} closed on the bench{_health(said)}",
            "exactly",
            counted == made,
        ),
        Figure(
            "… stored time against the first contact's: p99 (p50, longest)",
            f"{p99 / 1e6:.3f} ms ({np.median(off) / 1e6:.3f}, {off.max() / 1e6:.1f})",
            f"the bench was behind its plan by p50 {late[0]:.2f}, p99 {late[1]:.1f} ms; it took {said['took_s']:.1f} s",
            f"{NEAR_NS / 1e6:.0f} ms",
            p99 <= NEAR_NS,
        ),
        Figure(
            "… resident memory of the agent at 1/4, 1/2, 3/4 and the end",
            " / ".join(f"{mb:.1f}" for mb in memory[len(memory) // 4 :: len(memory) // 4][:3] + memory[-1:]) + " MB",
            f"bench included; {said['processor_s'] / said['took_s']:.0%} of one core, {made * 10:,} edges",
            f"grown by <= {GROWTH_MB:.0f} MB",
            grown <= GROWTH_MB,
        ),
    ]


@contextlib.contextmanager
def collector(line_file: Path, directory: Path, broker: Broker) -> Iterator[DuckStore]:
    """A collector of that line at that broker, with its store."""
    line = load(line_file, catalogue())
    store = DuckStore(directory / "line.duckdb")
    subscriber = Subscriber(line, Ingest(store, [(0, line)], "bench"), broker)
    subscriber.start()
    wait_until(lambda: subscriber.connected, what="the collector listens")
    try:
        yield store
    finally:
        subscriber.stop()
        store.close()


def _agent(line_file: Path, directory: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.pulses_child", str(line_file), str(directory), str(SECONDS), str(HZ)]
    env = {key: value for key, value in os.environ.items() if key != "GPIOZERO_PIN_FACTORY"}
    done = subprocess.run(
        command, cwd=ROOT, env=env, check=True, text=True, stdout=subprocess.PIPE, timeout=WITHIN_S + SECONDS
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _health(said: dict[str, Any]) -> str:
    """What the agent says of its contacts, where it is not all well."""
    words = ("glitches", "lost_edges", "floods", "troubles", "refused")
    told = {name: {word: state[word] for word in words if state.get(word)} for name, state in said["sensors"].items()}
    odd = {name: counts for name, counts in told.items() if counts}
    return f"; the agent says: {odd}" if odd else ""


def _off(stored: Any, closed: Any) -> Any:
    """How far each stored time is from the closing that is nearest (ns)."""
    after = np.clip(np.searchsorted(closed, stored), 1, len(closed) - 1)
    return np.minimum(np.abs(stored - closed[after]), np.abs(stored - closed[after - 1]))


def _stored(store: DuckStore, pin: int) -> tuple[Any, Any]:
    """Times (ns) and running totals of one pin, in order; all that was confirmed is there."""
    track = store.readings(Series("press", f"p{pin}", "count"))
    return track.t, track.v
