"""One drain of `tests.bench.ingest`, in a process of its own: ``python -m tests.bench.ingest_child drain …``."""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.subscriber import Subscriber
from contract.broker import Broker
from contract.line import load
from contract.payload import decode
from contract.reading import Batch
from contract.topics import Topics
from edge.sensors import catalogue

LINE = Path(__file__).parent.parent.parent / "hardware" / "lines" / "washing.toml"
TOPICS = Topics("akita", "wash")
WITHIN_S = 50.0


def collect(port: int, directory: Path, wanted: int) -> float:
    """The collector: durable in DuckDB, acknowledged after the commit. Gives seconds from first to last commit."""
    line = load(LINE, catalogue())
    store = DuckStore(directory / "line.duckdb")
    ingest = Ingest(store, [(0, line)], "bench")
    done = threading.Event()
    stored = 0
    times: list[float] = []

    def count(rows: Any) -> None:
        nonlocal stored
        stored += sum(len(row.t) for row in rows)
        times.append(time.perf_counter())
        if stored >= wanted:
            done.set()

    subscriber = Subscriber(line, ingest, Broker("127.0.0.1", port), on_stored=count)
    began = time.perf_counter()
    subscriber.start()
    if wanted:
        assert done.wait(WITHIN_S), f"{stored} of {wanted}"
    else:
        while not subscriber.connected:
            done.wait(0.01)
    subscriber.stop()
    store.close()
    return (times[-1] if times else began) - began


def drain(port: int, _directory: Path, wanted: int) -> float:
    """The peer: receive, decode, acknowledge; nothing is kept."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    seen = 0
    finished = 0.0

    def on_message(_client: Any, _data: Any, message: Any) -> None:
        nonlocal seen, finished
        series = TOPICS.series(message.topic)
        if series is None or series.station.startswith("_"):
            return
        said = decode(message.payload, series)
        seen += len(said.t) if isinstance(said, Batch) else 1
        finished = time.perf_counter()
        if seen >= wanted:
            client.disconnect()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="drain", protocol=mqtt.MQTTv5)
    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe(TOPICS.everything, qos=1)
    if not wanted:
        client.on_subscribe = lambda c, *_: c.disconnect()
    wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    wishes.SessionExpiryInterval, wishes.ReceiveMaximum = 600, 1000
    began = time.perf_counter()
    client.connect("127.0.0.1", port, clean_start=False, properties=wishes)
    client.loop_forever()
    return finished - began


if __name__ == "__main__":
    way, port, directory, wanted = sys.argv[1:]
    ways = {"collect": collect, "drain": drain}
    print(json.dumps({"took_s": ways[way](int(port), Path(directory), int(wanted))}))
