"""How big the agent is after an hour of bench time, and how soon it is online; beside an idle Node-RED.

The agent is what `kojo edge` runs (`kojo.edge.EdgeAgent`), in a process of its own, with five sensors on the bench,
connected over TLS to a real mosquitto. Its hour is turned by hand (`tests.bench.turned_clock`): each action runs on the
thread it would have on a Pi, the network is real, and time goes on only when the collector, which runs here on a DuckDB
store, has confirmed what there was.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.subscriber import Subscriber
from contract.broker import Broker
from contract.line import Line, load
from edge.sensors import catalogue
from tests.bench import node_red
from tests.bench.figures import Figure, spread
from tests.servers import Mosquitto, free_port, mosquitto, need, wait_until

HOURS = 1.0
RUNS = 3
STARTS = 7
LIMIT_MB = 38.0
HOUR_WITHIN_S = 300.0
WITHIN_S = 60.0
ROOT = Path(__file__).parent.parent.parent
LINE = """
schema = 1
site = "akita"
line = "wash"
[mqtt]
url = "mqtts://127.0.0.1:{port}"
[products.a-100]
name = "ブラケットA"
codes = ["A-100"]
[stations.washer]
name = "洗浄機"
agent = "pi-1"
ideal_cycle_s = 27.0
[stations.washer.sensors]
done = {{ type = "pulse", pin = 17, role = "cycle" }}
wash = {{ type = "level", pin = 27, role = "phase:wash" }}
part = {{ type = "button", pin = 5, role = "product", says = "A-100" }}
scale = {{ type = "scale_and", port = "/dev/ttyUSB0" }}
air = {{ type = "bme280", address = 0x76, every_s = 10.0 }}
"""


def measure() -> list[Figure]:
    """Memory and start of the agent, beside Node-RED's."""
    with _floor() as floor:
        hours = [floor.hour() for _ in range(RUNS)]
        starts = [floor.start() for _ in range(STARTS)]
    beside_memory, beside_start = _node_red()
    after = [hour["end"]["rss"] for hour in hours]
    return [
        Figure(
            f"agent, TLS, five sensors, after {HOURS:.0f} h of bench time: resident",
            f"{spread(after, '{:.1f}')} MB",
            beside_memory,
            f"<= {LIMIT_MB:.0f} MB",
            max(after) <= LIMIT_MB,
        ),
        Figure(
            "… when it had just connected; at most; PSS at the end",
            "; ".join(
                f"{spread([hour[when][what] for hour in hours], '{:.1f}')} MB"
                for when, what in (("start", "rss"), ("end", "peak"), ("end", "pss"))
            ),
            f"{hours[0]['end']['confirmed']} readings confirmed, {hours[0]['end']['threads']} threads",
        ),
        Figure(
            "kojo edge: start until `online` is at the broker (TLS)",
            f"{spread([s for s, _ in starts])} s; resident then {spread([m for _, m in starts], '{:.1f}')} MB",
            beside_start,
        ),
    ]


@dataclass
class _Floor:
    """A broker with TLS, a collector on its plain listener, and where agents live."""

    directory: Path
    broker: Mosquitto
    line_file: Path
    line: Line
    ingest: Ingest
    lives: int = 0

    def hour(self) -> dict[str, Any]:
        """One agent's hour: what it said at its start and at its end. Held against what the store has."""
        data = self._data()
        before = self.ingest.status()["stored"]
        command = [sys.executable, "-m", "tests.bench.agent_child", str(self.line_file), "pi-1", str(data), str(HOURS)]
        done = subprocess.run(
            command, cwd=ROOT, env=_env(), check=True, text=True, stdout=subprocess.PIPE, timeout=HOUR_WITHIN_S
        )
        said = {word["when"]: word for word in map(json.loads, done.stdout.splitlines())}
        stored = self.ingest.status()["stored"] - before
        end = said["end"]
        assert set(end["sensors"].values()) == {"ok"}, end["sensors"]
        assert stored >= end["confirmed"] > 1000 * HOURS, (stored, end)
        return said

    def start(self) -> tuple[float, float]:
        """Seconds from the start of a `kojo edge` until it is seen online, and its resident MB then."""
        data = self._data()
        command = [sys.executable, "-m", "kojo", "edge", "--line", str(self.line_file), "--agent", "pi-1"]
        with _online(self.broker, self.line) as online:
            began = time.monotonic()
            process = subprocess.Popen([*command, "--data", str(data)], cwd=ROOT, env=_env(), stderr=subprocess.DEVNULL)
            try:
                assert online.wait(WITHIN_S), "the agent does not come online"
                took = online.at - began
                return took, node_red.resident(process.pid)
            finally:
                process.terminate()
                process.wait(WITHIN_S)

    def _data(self) -> Path:
        self.lives += 1
        data = self.directory / f"agent-{self.lives}"
        data.mkdir()
        secrets = data / "secrets.toml"
        secrets.write_text('[mqtt]\nca = "../ca.pem"\n', "utf-8")
        secrets.chmod(0o600)
        return data


@contextlib.contextmanager
def _floor() -> Iterator[_Floor]:
    # A mosquitto that gave up its rights must be able to enter the folder of its certificate.
    with tempfile.TemporaryDirectory(prefix="kojo-bench-") as folder:
        directory = Path(folder)
        directory.chmod(0o755)
        certificate, key = certificates(directory)
        port = free_port()
        line_file = directory / "line.toml"
        line_file.write_text(LINE.format(port=port), "utf-8")
        line = load(line_file, catalogue())
        with mosquitto(f"listener {port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n") as broker:
            store = DuckStore(directory / "line.duckdb")
            ingest = Ingest(store, [(0, line)], "bench")
            subscriber = Subscriber(line, ingest, Broker(broker.host, broker.port))
            subscriber.start()
            wait_until(lambda: subscriber.connected, what="the collector listens")
            try:
                yield _Floor(directory, broker, line_file, line, ingest)
            finally:
                subscriber.stop()
                store.close()


def certificates(directory: Path) -> tuple[Path, Path]:
    """A throw-away authority (``ca.pem``), and the certificate and key it gave to 127.0.0.1, good for two days."""
    ca, ca_key, wish = directory / "ca.pem", directory / "ca.key", directory / "server.csr"
    certificate, key, names = directory / "server.pem", directory / "server.key", directory / "names"
    names.write_text("subjectAltName=IP:127.0.0.1\n", "ascii")
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for step in (
        ["req", "-x509", *new_key, "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=kojo bench"],
        ["req", *new_key, "-keyout", key, "-out", wish, "-subj", "/CN=127.0.0.1"],
        ["x509", "-req", "-in", wish, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
         "-extfile", names, "-out", certificate],
    ):  # fmt: skip
        subprocess.run([need("openssl"), *map(str, step)], check=True, capture_output=True, timeout=WITHIN_S)
    key.chmod(0o644)
    return certificate, key


class _Online(threading.Event):
    """Set when the agent's state `online` came, fresh, at the monotonic second ``at``."""

    at = 0.0


@contextlib.contextmanager
def _online(broker: Mosquitto, line: Line) -> Iterator[_Online]:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    online, listening = _Online(), threading.Event()

    def hear(_client: Any, _data: Any, message: Any) -> None:
        if not message.retain and json.loads(message.payload)["state"] == "online" and not online.is_set():
            online.at = time.monotonic()
            online.set()

    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = hear
    client.on_subscribe = lambda *_: listening.set()
    client.connect(broker.host, broker.port)
    client.subscribe(line.topics.agent("pi-1"), 1)
    client.loop_start()
    try:
        assert listening.wait(WITHIN_S)
        yield online
    finally:
        client.disconnect()
        client.loop_stop()


def _env() -> dict[str, str]:
    return {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}


def _node_red() -> tuple[str, str]:
    if not node_red.is_there():
        return "no Node-RED: node and npm are not here", ""
    memory, took = [], []
    for _ in range(RUNS):
        with node_red.running() as (process, start_s):
            took.append(start_s)
            memory.append(node_red.settled_memory(process))
    return (
        f"idle {node_red.VERSION} {spread(memory, '{:.0f}')} MB",
        f"{node_red.VERSION} until HTTP answers {spread(took)} s",
    )
