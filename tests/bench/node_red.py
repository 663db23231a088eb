"""An idle Node-RED beside ours: installed from npm into build/node-red on first use, started as its manual says."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.servers import free_port

VERSION = "node-red@4"  # 5 needs a Node newer than Debian 12's
HOME = Path(__file__).parent.parent.parent / "build" / "node-red"
START = HOME / "node_modules" / "node-red" / "red.js"
INSTALL_WITHIN_S = 300.0
WITHIN_S = 60.0
STEADY = 8
"""So many looks at its memory in a row, half a second apart, within a twentieth of each other."""


def is_there() -> bool:
    """Whether it can be run on this machine; installs it if there is npm."""
    if shutil.which("node") is None or (not START.exists() and shutil.which("npm") is None):
        return False
    if not START.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", ".", VERSION]
        subprocess.run(command, cwd=HOME, check=True, timeout=INSTALL_WITHIN_S, stdout=subprocess.DEVNULL)
    return True


@contextlib.contextmanager
def running(flows: Sequence[Mapping[str, Any]] = ()) -> Iterator[tuple[int, float]]:
    """A Node-RED with these flows: its process id, and the seconds from its start until HTTP answered."""
    with tempfile.TemporaryDirectory(prefix="node-red-") as user:
        port = free_port()
        (Path(user) / "flows.json").write_text(json.dumps(list(flows)), "utf-8")
        command = ["node", str(START), "-u", user, "-p", str(port), "flows.json"]
        command += ["-D", "uiHost=127.0.0.1", "-D", "telemetry.enabled=false"]
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not _answers(port):
                assert process.poll() is None, "Node-RED ended"
                assert time.monotonic() - began < WITHIN_S, "Node-RED does not answer"
            yield process.pid, time.monotonic() - began
        finally:
            process.terminate()
            process.wait(WITHIN_S)


def settled_memory(root: int) -> float:
    """Resident MB (10^6 bytes) of a process and its children, once it has stopped moving."""
    seen: list[float] = []
    pause = threading.Event()
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        seen = [*seen, resident(root)][-STEADY:]
        if len(seen) == STEADY and max(seen) <= 1.05 * min(seen):
            break
        pause.wait(0.5)
    return seen[-1]


def resident(root: int) -> float:
    """Resident MB of a process and its children now."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    family, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        family, grown = family | more, bool(more)
    return sum(_pages(pid) for pid in family) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _pages(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return 0


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2.0) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        threading.Event().wait(0.01)
        return False
