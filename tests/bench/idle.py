"""An agent with ten sensors at 1 Hz beside a Node-RED that sends ten values a second: processors and memory, idling.

Both run at the same time beside one mosquitto. The agent is `kojo edge` on the bench (eight channels of an MCP3008, two
BME280), connected to a collector that confirms; Node-RED has ten inject nodes, a function each that makes a number,
and MQTT out at QoS 1. What Node-RED does not do: read a chip, keep anything on disk, number, wait for the store.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from contract.broker import Broker
from tests.bench import node_red
from tests.bench.figures import Figure
from tests.bench.pulses import collector
from tests.servers import Mosquitto, mosquitto, wait_until

SECONDS = 60.0
SETTLES_S = 15.0
WITHIN_S = 60.0
ROOT = Path(__file__).parent.parent.parent
CHANNELS = "\n".join(f'c{n} = {{{{ type = "mcp3008", channel = {n}, every_s = 1.0 }}}}' for n in range(8))
LINE = f"""
schema = 1
site = "akita"
line = "idle"
[mqtt]
url = "mqtt://127.0.0.1:{{port}}"
[stations.hall]
name = "建屋"
agent = "pi-1"
[stations.hall.sensors]
{CHANNELS}
air = {{{{ type = "bme280", address = 0x76, every_s = 1.0 }}}}
air2 = {{{{ type = "bme280", address = 0x77, every_s = 1.0 }}}}
"""


def measure() -> list[Figure]:
    """Processors and memory of both over the same minute."""
    with tempfile.TemporaryDirectory(prefix="kojo-bench-") as folder, mosquitto() as broker:
        directory = Path(folder)
        line_file = directory / "line.toml"
        line_file.write_text(LINE.format(port=broker.port), "utf-8")
        with collector(line_file, directory, Broker(broker.host, broker.port)) as store:
            agent = _agent(line_file, directory)
            try:
                wait_until(lambda: len(store.all_series()) >= 14, WITHIN_S, "all sensors are stored")
                if node_red.is_there():
                    with node_red.running(_flows(broker)) as (pid, _):
                        ours, theirs = _over_a_minute(agent.pid, pid)
                else:
                    ours, theirs = _over_a_minute(agent.pid)[0], None
            finally:
                agent.terminate()
                agent.wait(WITHIN_S)
    beside = "no npm here: not measured" if theirs is None else f"Node-RED 4, ten values a second: {_said(theirs)}"
    less = theirs is None or (ours[0] <= theirs[0] and ours[1] < theirs[1])
    return [
        Figure("agent, ten sensors at 1 Hz: processors, resident", _said(ours), beside, "less memory, no more", less)
    ]


def _agent(line_file: Path, directory: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "kojo", "edge", "--line", str(line_file), "--agent", "pi-1"]
    env = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}
    rest = ["--data", str(directory / "agent"), "--bench-page", "off"]
    return subprocess.Popen([*command, *rest], cwd=ROOT, env=env, stderr=subprocess.DEVNULL)


def _over_a_minute(*pids: int) -> tuple[tuple[float, float], ...]:
    """Of each process: processor seconds a second, and resident MB at the end."""
    pause = threading.Event()
    pause.wait(SETTLES_S)
    before, began = [_processor_s(pid) for pid in pids], time.monotonic()
    pause.wait(SECONDS)
    took = time.monotonic() - began
    return tuple(
        ((_processor_s(pid) - then) / took, node_red.resident(pid)) for pid, then in zip(pids, before, strict=True)
    )


def _processor_s(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _said(of: tuple[float, float]) -> str:
    return f"{of[0] * 100:.1f} % of a core, {of[1]:.1f} MB"


def _flows(broker: Mosquitto) -> list[dict[str, Any]]:
    """Ten inject nodes at 1 Hz, each through a function that makes a number, to MQTT at QoS 1."""
    said = {"broker": broker.host, "port": str(broker.port), "protocolVersion": "4", "keepalive": "60"}
    rest = {"clientid": "", "autoConnect": True, "usetls": False, "cleansession": True}
    flows: list[dict[str, Any]] = [
        {"id": "tab", "type": "tab", "label": "ten"},
        {"id": "broker", "type": "mqtt-broker", **said, **rest},
    ]
    number = "msg.payload = {v: Math.random(), t: Date.now()};\nreturn msg;"
    for n in range(10):
        begin = {"repeat": "1", "once": True, "topic": "", "wires": [[f"make{n}"]]}
        send = {"topic": f"red/{n}", "qos": "1", "retain": "", "broker": "broker", "wires": []}
        flows += [
            {"id": f"inject{n}", "type": "inject", "z": "tab", **begin},
            {"id": f"make{n}", "type": "function", "z": "tab", "func": number, "outputs": 1, "wires": [[f"send{n}"]]},
            {"id": f"send{n}", "type": "mqtt out", "z": "tab", **send},
        ]
    return flows
