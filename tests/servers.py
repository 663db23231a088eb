"""Real servers for tests, on free ports of 127.0.0.1, stopped by whoever started them.

    with mosquitto() as broker:
        broker.host, broker.port
        broker.publish("kojo/v1/akita/wash/washer/esp/temperature", b"23.5")

Where the server is not installed the test is skipped with a reason; with ``KOJO_REQUIRE=all`` it fails.
"""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

READY_WITHIN_S = 30.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.005, 0.05

CONFIG = """
listener {port} 127.0.0.1
allow_anonymous true
persistence false
log_dest stderr
log_type error
log_type warning
"""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, now or while a server of ours is down for a while.

    It lies below those that the kernel gives to outgoing connections (from 32768 on): one of these would be taken by
    whoever calls anywhere at the wrong moment, even by a client that calls the missing server and so reaches itself.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no free port")


def need(program: str) -> str:
    """The path of a program; without it the test is skipped, or fails with KOJO_REQUIRE=all."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if path is None:
        reason = f"{program} is not installed"
        if os.environ.get("KOJO_REQUIRE") == "all":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def wait_until(true: Callable[[], bool], within_s: float = READY_WITHIN_S, what: str = "") -> None:
    """Wait for a condition of a real server or thread; fails after ``within_s``.

    What is not there at once is asked for less and less often: whoever is to bring it about needs the processor.
    """
    deadline = time.monotonic() + within_s
    pause, pause_s = threading.Event(), SHORTEST_PAUSE_S
    while not true():
        assert time.monotonic() < deadline, f"not within {within_s} s: {what or true}"
        pause.wait(pause_s)
        pause_s = min(pause_s * 1.1, LONGEST_PAUSE_S)


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1.0):
        return True
    return False


@dataclass
class Mosquitto:
    """One mosquitto. ``stop`` and ``start`` do what a power cut and a person would."""

    directory: Path
    extra: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        program = need("mosquitto")
        self.port = self.port or free_port()
        config = self.directory / "mosquitto.conf"
        config.write_text(CONFIG.format(port=self.port) + self.extra)
        with (self.directory / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        process = self.process

        def up() -> bool:
            assert process.poll() is None, (self.directory / "mosquitto.log").read_text("utf-8")
            return answers(self.host, self.port)

        wait_until(up, what="mosquitto listens")

    def stop(self, kill: bool = False) -> None:
        """End it: politely, or as a power cut would."""
        if self.process is not None:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(READY_WITHIN_S)
            self.process = None

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Publish one message with mosquitto_pub, as any other program would."""
        command = [need("mosquitto_pub"), "-h", self.host, "-p", str(self.port), "-t", topic, "-q", str(qos)]
        command += ["-r"] if retain else []
        command += ["-s"] if payload else ["-n"]
        subprocess.run(command, input=payload or None, check=True, timeout=READY_WITHIN_S)


@contextlib.contextmanager
def mosquitto(extra: str = "") -> Iterator[Mosquitto]:
    """A running mosquitto without persistence that lets everybody in; ``extra`` lines go to its configuration."""
    need("mosquitto")
    with tempfile.TemporaryDirectory(prefix="mosquitto-") as directory:
        broker = Mosquitto(Path(directory), extra)
        broker.start()
        try:
            yield broker
        finally:
            broker.stop()
