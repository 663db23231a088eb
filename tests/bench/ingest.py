"""Durable ingest from a real mosquitto into DuckDB, beside the same drain without a store.

A session that was away finds its queue full. The drain receives (paho), decodes and acknowledges; the collector also
judges, commits and acknowledges after the commit. Both drain the same messages, in turn, in processes of their own.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contract.payload import encode
from contract.reading import NS_PER_S, Batch, Series
from tests.bench.figures import Figure, spread
from tests.servers import Mosquitto, mosquitto

ROUNDS = 5
LIMIT = 0.6
WITHIN_S = 60.0
SERIES = Series("washer", "done", "count")
TOPIC = f"kojo/v1/akita/wash/{SERIES}"
START_NS = 1_795_000_000 * NS_PER_S
QUEUE = "max_queued_messages 0\nmax_inflight_messages 1000\n"
DEFAULT = "max_queued_messages 0\n"


def measure() -> list[Figure]:
    """Batches of 100 and single readings, with a wide window; and with mosquitto's default window of 20."""
    return [
        *_compare("ingest, batches of 100", readings=1_000_000, size=100, config=QUEUE, limit=LIMIT),
        *_compare("ingest, one reading a message", readings=30_000, size=1, config=QUEUE, limit=LIMIT),
        *_compare("ingest, batches of 100, window of 20", readings=400_000, size=100, config=DEFAULT),
        *_compare("ingest, one a message, window of 20", readings=20_000, size=1, config=DEFAULT),
    ]


def _compare(name: str, readings: int, size: int, config: str, limit: float | None = None) -> list[Figure]:
    messages = _messages(readings, size)
    rates: dict[str, list[float]] = {"collect": [], "drain": []}
    for round_ in range(ROUNDS + 1):
        for way, found in rates.items():
            # A broker of its own each time: a session that another round left behind would fill up, too.
            with mosquitto(config) as broker, tempfile.TemporaryDirectory() as scratch:
                took = _drain(broker, way, messages, Path(scratch))
            if round_:  # the first warms the machine up
                found.append(readings / took)
    ratios = [mine / plain for mine, plain in zip(rates["collect"], rates["drain"], strict=True)]
    ratio = statistics.median(ratios)
    return [
        Figure(
            name,
            f"{spread(rates['collect'], '{:,.0f}')} readings/s",
            f"drain {spread(rates['drain'], '{:,.0f}')}; ratio {spread(ratios)}",
            f"ratio >= {limit}" if limit else "",
            ratio >= limit if limit else None,
        )
    ]


def _messages(readings: int, size: int) -> list[bytes]:
    every = NS_PER_S // 50
    return [
        encode(
            Batch(
                SERIES, "bench1", first + 1, [START_NS + (first + i) * every for i in range(size)],
                [first + i + 1 for i in range(size)], "synced", "pi-1",
            )
        )
        for first in range(0, readings, size)
    ]  # fmt: skip


def _drain(broker: Mosquitto, way: str, messages: list[bytes], directory: Path) -> float:
    """Seconds from the connection to the last message: the session is made, filled while away, and drained."""
    command = [sys.executable, "-m", "tests.bench.ingest_child", way, str(broker.port), str(directory)]
    subprocess.run([*command, "0"], check=True, capture_output=True, timeout=WITHIN_S)
    _fill(broker, messages)
    wanted = str(sum(len(json.loads(message)["t"]) for message in messages))
    done = subprocess.run([*command, wanted], check=True, capture_output=True, text=True, timeout=WITHIN_S)
    return float(json.loads(done.stdout.splitlines()[-1])["took_s"])


def _fill(broker: Mosquitto, messages: list[bytes]) -> None:
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(1000)
    client.connect(broker.host, broker.port)
    client.loop_start()
    last = None
    for message in messages:
        last = client.publish(TOPIC, message, qos=1)
    assert last is not None
    last.wait_for_publish(120)
    deadline = time.monotonic() + 60
    while client._out_messages and time.monotonic() < deadline:  # all of them, not the last alone
        last.wait_for_publish(1)
    client.disconnect()
    client.loop_stop()
