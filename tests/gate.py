"""What must pass: ``python -m tests.gate quick`` is `make check`, ``all`` is `make test`, ``faults`` is `make faults`.

Unit tests share nothing and run on every core. What needs a real server, a browser or much time runs a file at a time,
four files side by side, the longest first.
"""

import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from tests.faults.table import FOLDER, table

ROOT = Path(__file__).parent.parent
LONG = ("slow", "mosquitto", "influx", "browser", "faults")
QUICK = " and ".join(f"not {mark}" for mark in LONG)
SIDE_BY_SIDE = "4"
"""Files of the long part at a time: they wait for servers and browsers more than they reckon, also on two cores."""
LONGEST = (
    "tests/test_truth.py",
    "tests/curriculum/test_factory_traps.py",
    "tests/kojo/test_demo.py",
    "tests/kpi/test_evaluation_proof.py",
    "tests/edge/test_rules_over_a_broker.py",
    "tests/kojo/test_serve.py",
    "tests/kojo/test_run.py",
    "tests/test_accuracy.py",
    "tests/test_story.py",
)
"""Files of few tests that take long: left to the end, one of them would keep one worker and no other busy."""
MADE_BY = "<!-- made by: KOJO_FAULTS_REPORT=docs/faults.md make faults -->"
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis")
"""schemathesis takes two seconds to import, in every worker; its test runs it as a program of its own."""


def run(title: str, *command: str) -> bool:
    """Run one step, its output shown as it comes; True when it passed."""
    started = time.monotonic()
    print(f"── {title}", flush=True)
    keeping = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    passed = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=keeping, check=False).returncode == 0
    print(f"── {title}: {'ok' if passed else 'FAILED'} ({time.monotonic() - started:.1f} s)", flush=True)
    return passed


def without(useless: re.Pattern[str], *, found: bool) -> list[str]:
    """Options that spare pytest the files whose text has (``found``) or has not what is looked for."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    spared = [file for file in files if (useless.search(file.read_text("utf-8")) is not None) == found]
    return [f"--ignore={file.relative_to(ROOT)}" for file in spared]


def quick_files() -> list[str]:
    """Spare the files that are long as a whole: reading all of them takes longer than many a test."""
    return without(re.compile(rf"^pytestmark\b[^\n]*mark\.({'|'.join(LONG)})\b", re.MULTILINE), found=True)


def marked_files(*marks: str) -> list[str]:
    """Spare the files in which nothing is marked so."""
    return without(re.compile(rf"mark\.({'|'.join(marks)})\b"), found=False)


def long_files() -> list[str]:
    """The files in which something is long, in the order in which they are begun: those of many tests early, too."""
    marks = re.compile(rf"mark\.({'|'.join(LONG)})\b")
    texts = {file: file.read_text("utf-8") for file in sorted((ROOT / "tests").rglob("test_*.py"))}
    many = {str(file.relative_to(ROOT)): text.count("def test_") for file, text in texts.items() if marks.search(text)}
    first = [file for file in LONGEST if file in many]
    return first + sorted(many.keys() - set(first), key=lambda file: (-many[file], file))


def faults() -> int:
    """Every fault, two files side by side, then the table of what was lost and doubled; 0 when the promise was kept."""
    with tempfile.TemporaryDirectory(prefix="kojo-faults-") as folder:
        os.environ[FOLDER] = folder
        these = ("-m", "faults", *marked_files("faults"), "tests")
        passed = run("faults", *PYTEST, "--durations=15", "-n", "2", "--dist", "loadfile", *these)
        shown = table(Path(folder))
    print(shown)
    report = os.environ.get("KOJO_FAULTS_REPORT")
    if report:
        Path(report).write_text(f"{MADE_BY}\n{machine()}\n\n{shown}\n", "utf-8")
    return 0 if passed else 1


def machine() -> str:
    """What the run was measured on."""
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today()}"


def main(what: str) -> int:
    """Run every step even when one fails, so that one run tells all; 0 when all passed."""
    if what == "faults":
        return faults()
    steps = [
        run("lint", "ruff", "check", "."),
        run("format", "ruff", "format", "--check", "-q", "."),
        run("types", "mypy"),
        run("unit tests", *PYTEST, "-n", "auto", "-m", QUICK, *quick_files()),
    ]
    if what != "quick":
        these = ("-m", f"not faults and not ({QUICK})", *long_files())
        workers = ("-n", SIDE_BY_SIDE, "--dist", "loadfile", "--no-loadscope-reorder")
        long = (*PYTEST, "--durations=10", *workers, *these)
        steps.append(run("servers, browser, long tests", *long))
    return 0 if all(steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
