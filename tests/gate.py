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
    "tests/kojo/test_demo.py",
    "tests/kpi/test_evaluation_proof.py",
    "tests/edge/test_rules_over_a_broker.py",
    "tests/kojo/test_serve.py",
    "tests/kojo/test_run.py",
    "tests/test_accuracy.py",
    "tests/test_story.py",
    "tests/curriculum/test_factory_traps.py",
)
"""Files of few tests that take long: left to the end, one of them would keep one worker and no other busy."""
MADE_BY = "<!-- made by: KOJO_FAULTS_REPORT=docs/faults.md make faults -->"
PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis")
"""schemathesis takes two seconds to import, in every worker; its test runs it as a program of its own."""


class Step:
    """One step, begun at once; with ``aside`` its output is kept back until it has ended."""

    def __init__(self, title: str, *command: str, aside: bool = False) -> None:
        self._title, self._started = title, time.monotonic()
        keeping = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        if not aside:
            print(f"── {title}", flush=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=keeping,
            stdout=subprocess.PIPE if aside else None,
            stderr=subprocess.STDOUT if aside else None,
            text=True,
        )

    def passed(self) -> bool:
        """Wait for its end; True when it passed."""
        try:
            said, _ = self._process.communicate()
        except BaseException:
            self._process.wait()
            raise
        passed, took_s = self._process.returncode == 0, time.monotonic() - self._started
        print(said or "", end="")
        print(f"── {self._title}: {'ok' if passed else 'FAILED'} ({took_s:.1f} s)", flush=True)
        return passed


def run(title: str, *command: str) -> bool:
    """Run one step, its output shown as it comes; True when it passed."""
    return Step(title, *command).passed()


def files() -> dict[Path, str]:
    """The text of every file of tests."""
    return {file: file.read_text("utf-8") for file in sorted((ROOT / "tests").rglob("test_*.py"))}


def quick_files() -> list[str]:
    """All but the files that are long as a whole: reading all of them takes longer than many a test."""
    long = re.compile(rf"^pytestmark\b[^\n]*mark\.({'|'.join(LONG)})\b", re.MULTILINE)
    return [str(file.relative_to(ROOT)) for file, text in files().items() if not long.search(text)]


def marked_files(*marks: str) -> dict[str, str]:
    """The files in which something is marked so, and their texts."""
    marked = re.compile(rf"mark\.({'|'.join(marks)})\b")
    return {str(file.relative_to(ROOT)): text for file, text in files().items() if marked.search(text)}


def long_files() -> list[str]:
    """The files in which something is long, in the order in which they are begun: those of many tests early, too."""
    many = {file: text.count("def test_") for file, text in marked_files(*LONG).items()}
    first = [file for file in LONGEST if file in many]
    return first + sorted(many.keys() - set(first), key=lambda file: (-many[file], file))


def faults() -> int:
    """Every fault, two files side by side, then the table of what was lost and doubled; 0 when the promise was kept."""
    with tempfile.TemporaryDirectory(prefix="kojo-faults-") as folder:
        os.environ[FOLDER] = folder
        these = ("-m", "faults", *marked_files("faults"))
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
    ]
    types = Step("types", "mypy", aside=True)  # one process; the unit tests leave it room at their beginning and end
    steps += [run("unit tests", *PYTEST, "-n", "auto", "-m", QUICK, *quick_files()), types.passed()]
    if what != "quick":
        these = ("-m", f"not faults and not ({QUICK})", *long_files())
        workers = ("-n", SIDE_BY_SIDE, "--dist", "loadfile", "--no-loadscope-reorder")
        long = (*PYTEST, "--durations=10", *workers, *these)
        steps.append(run("servers, browser, long tests", *long))
    return 0 if all(steps) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
