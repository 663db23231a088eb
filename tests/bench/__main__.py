"""``make bench`` runs every measurement, ``make bench BENCH="ingest agent"`` some of them."""

import importlib
import os
import platform
import sys
import time
from pathlib import Path

from tests.bench.figures import Figure, table

ALL = ("ingest", "agent", "pin_to_pixel", "pulses", "idle", "outbox", "keeping", "correlation", "kpi")


def main(asked: list[str]) -> int:
    """Run the measurements one after the other; 0 when none falls short of its limit."""
    unknown = sorted(set(asked) - set(ALL))
    if unknown:
        print(f"no such measurement: {', '.join(unknown)}; there are: {', '.join(ALL)}", file=sys.stderr)
        return 2
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    figures: list[Figure] = []
    for name in asked or ALL:
        started = time.monotonic()
        print(f"── {name} …", flush=True)
        figures += importlib.import_module(f"tests.bench.{name}").measure()
        print(f"── {name}: {time.monotonic() - started:.0f} s", flush=True)
    shown = table(figures)
    print(shown)
    report = os.environ.get("KOJO_BENCH_REPORT")
    if report:
        Path(report).write_text(shown + "\n", "utf-8")
    return 1 if any(figure.passed is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
