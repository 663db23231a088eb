"""What must pass: ``python -m tests.gate quick`` is `make check`, ``all`` is `make test`.

Lint and types run beside the tests' start, so that a typing slip is seen within seconds.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
QUICK = ["-m", "not slow and not mosquitto and not influx and not browser"]


def run(title: str, *command: str) -> bool:
    """Run one step, its output shown as it comes; True when it passed."""
    started = time.monotonic()
    print(f"── {title}", flush=True)
    passed = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode == 0
    print(f"── {title}: {'ok' if passed else 'FAILED'} ({time.monotonic() - started:.1f} s)", flush=True)
    return passed


def main(what: str) -> int:
    """Run every step even when one fails, so that one run tells all; 0 when all passed."""
    tests = ["pytest", "-q", "-p", "no:cacheprovider", *(QUICK if what == "quick" else [])]
    steps = [
        run("lint", "ruff", "check", "."),
        run("format", "ruff", "format", "--check", "-q", "."),
        run("types", "mypy"),
        run("tests", *tests),
    ]
    return 0 if all(steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
