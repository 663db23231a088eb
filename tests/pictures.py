"""``make pictures``: docs/pictures from a real demo, its four weeks of history made first.

python -m tests.pictures --days 28 --out docs/pictures
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests import bench_pictures, report_pictures
from tests.dashboards import pictures
from tests.hardware import wiring_pictures

WITHIN_S = 1800.0


def main() -> None:
    """Start the demo, wait until its history is made, take the pictures, end it."""
    asked = argparse.ArgumentParser(prog="tests.pictures", description=__doc__)
    asked.add_argument("--days", type=int, default=28)
    asked.add_argument("--out", type=Path, default=pictures.OUT)
    given = asked.parse_args()
    wiring_pictures.take(given.out)
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "kojo", "demo", "--lang", "ja", "--data", data, "--http", "127.0.0.1:0"]
        demo = subprocess.Popen([*command, "--days", str(given.days)], stdout=subprocess.PIPE, text=True)
        try:
            assert demo.stdout is not None
            url = demo.stdout.readline().split()[1]
            _wait_for_history(url)
            pictures.main(["--url", f"{url}/", "--out", str(given.out)])
            report_pictures.take(url, given.out)
            bench_pictures.take(url, Path(data), given.out)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def _wait_for_history(url: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while (history := _history(url))["done"] < history["of"]:
        assert time.monotonic() < deadline, history
        time.sleep(2)


def _history(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/api/v1/demo", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)["history"]
    return found


if __name__ == "__main__":
    main()
