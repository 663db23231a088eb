"""The HTTP service of a real `kojo serve` under schemathesis, from its own OpenAPI: no 500, no crash, every answer as
described, memory flat. What it is asked is random and mutated; what it holds is real, so that answers are more than
refusals.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from contract.broker import Broker
from contract.reading import NS_PER_S
from tests.faults.table import Outcome, record
from tests.rig import Kit, Listener, contract_line, environment, serving, until
from tests.servers import free_port

pytestmark = pytest.mark.faults

FEW, MANY = 500, 7000
SERIES: dict[str, Callable[[int], int]] = {
    "done/count": lambda i: i + 1,
    "wash/state": lambda i: i % 2,
    "esp/temperature": lambda i: 20 + i % 7,
}
WASHER = "kojo/v1/akita/wash/washer"
LIVE = "/api/v1/live"
"""Never ends, so that a fuzzer would wait for ever; it takes no parameters."""

BEYOND_A_SCHEMA = "positive_data_acceptance"
"""The one check left out: that end is later than start, and how long a window may be, no schema can say."""

SLOWED_DOWN = ",ignored_auth"
"""Left out where so many wrong tokens are shown that the answer to them is 429 and not 401."""

GROWTH_MB = 20.0
Shown = Literal["nothing", "viewer", "operator"]


REFUSED = ("400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "428", "429")
"""How what is wrong may be refused; 414 is an address that is too long, which schemathesis does not think of."""


@dataclass(frozen=True)
class Fuzzed:
    """What one run of schemathesis found."""

    passed: bool
    cases: int
    told: str


@dataclass
class Line:
    """A service that holds a line's readings, and its description with names and times that exist."""

    kit: Kit
    described: Path
    sent: int

    def fuzz(self, shown: Shown, seed: int, phases: str, examples: int = 1, without: str = "") -> Fuzzed:
        """Ask everything, with the token of a role or without any; ``without``: checks left out, after a comma."""
        config = self.described.with_name("schemathesis.toml")
        config.write_text(f"[checks.negative_data_rejection]\nexpected-statuses = {list(REFUSED)}\n", "utf-8")
        command = [
            sys.executable, "-W", "ignore", "-c", "from schemathesis.cli import schemathesis; schemathesis()",
            "--config-file", str(config), "run",
            str(self.described), "--url", self.kit.url, "--exclude-path", LIVE,
            "--exclude-checks", BEYOND_A_SCHEMA + without,
            "--continue-on-failure", "--no-color", "--phases", phases, "-n", str(examples), "--seed", str(seed),
            "--suppress-health-check", "all", "--request-timeout", "60",
        ]  # fmt: skip
        if shown != "nothing":
            token = (self.kit.data / f"{shown}.token").read_text().strip()
            command += ["-H", f"Authorization: Bearer {token}"]
        done = subprocess.run(
            command,
            cwd=self.described.parent,
            capture_output=True,
            text=True,
            timeout=900,
            env=environment(),
            check=False,
        )
        cases = re.search(r"([\d,]+) generated", done.stdout)
        return Fuzzed(done.returncode == 0, int(cases[1].replace(",", "")) if cases else 0, done.stdout + done.stderr)

    def memory_mb(self) -> float:
        """Resident memory of the service."""
        status = Path(f"/proc/{self.kit.process.pid}/status").read_text("ascii")
        return next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS:")) * 1.024e-3

    def files(self) -> int:
        """Its open files and connections."""
        return len(list(Path(f"/proc/{self.kit.process.pid}/fd").iterdir()))

    def stored(self) -> int:
        """How many readings can be asked back."""
        return sum(
            len(self.kit.readings("washer", *measure.split("/"))["v"])
            for measure in SERIES
        )  # fmt: skip


@pytest.fixture
def line(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Line]:
    """Few readings for a first look, many where memory is watched: then each answer takes longer to make and check."""
    many = FEW if "describes_itself" in request.node.name else MANY
    port = free_port()
    with serving(contract_line(tmp_path, f"embedded:{port}"), tmp_path / "data") as kit:
        until(lambda: kit.ask("/healthz").status_code == 200, "healthy")
        first_ns = time.time_ns() - many * NS_PER_S
        sent = publish(port, first_ns, many)
        until(lambda: kit.ingest()["stored"] == sent, "everything is stored")
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(with_what_exists(kit.ask("/openapi.json").json(), first_ns, many)), "utf-8")
        yield Line(kit, file, sent)


def publish(port: int, first_ns: int, many: int) -> int:
    """A reading of each series a second, and something that cannot be believed; how many readings."""
    device = Listener(Broker.of(f"mqtt://127.0.0.1:{port}"), "kojo/v1/akita/wash/_acks/#")
    times = [first_ns + i * NS_PER_S for i in range(many)]
    for measure, value in SERIES.items():
        for begin in range(0, many, 500):
            part = range(begin, min(begin + 500, many))
            batch = {"stream": "fuzz", "seq": begin + 1, "t": [times[i] for i in part], "v": [value(i) for i in part]}
            device.say(f"{WASHER}/{measure}", json.dumps(batch | {"clock": "synced"}).encode())
    device.say(f"{WASHER}/esp/temperature", b"warm")
    device.close()
    return many * len(SERIES)


def with_what_exists(described: Any, first_ns: int, many: int) -> Any:
    """The description with examples that are really there: its own does not tell strangers of the line."""
    known: dict[str, list[Any]] = {
        "station": ["washer", "packer"],
        "sensor": ["done", "wash", "esp"],
        "measure": ["count", "state", "temperature"],
        "series": ["washer/esp/temperature,washer/wash/state", "washer/esp/temperature"],
        "every_s": [10.0, 60.0],
        "kpi": ["cycle_time_s", "phases.wash", "oee"],
        "start": [datetime.fromtimestamp(first_ns // NS_PER_S, UTC).isoformat()],
        "end": [datetime.fromtimestamp(first_ns // NS_PER_S + many, UTC).isoformat()],
    }
    for calls in described["paths"].values():
        for call in calls.values():
            call["responses"].setdefault("400", {"description": "more than 64 KiB of address: the HTTP library's own"})
            for parameter in call.get("parameters", []):
                values = known.get(parameter["name"], [])
                if values:
                    parameter["examples"] = {f"known {i}": {"value": value} for i, value in enumerate(values)}
    return described


def failures(line: Line) -> str:
    """What the service's log says of its own failures."""
    return "\n".join(row for row in line.kit.process.err.lines if "failed" in row or "ERROR" in row)


def test_whatever_is_asked_is_answered_as_the_service_describes_itself(line: Line) -> None:
    found = line.fuzz("operator", seed=1, phases="examples,coverage")
    assert found.passed, found.told[-6000:]
    assert found.cases > 300, found.told[-2000:]
    assert not failures(line)


def test_a_fuzzer_with_and_without_tokens_finds_no_failure_and_memory_stays_flat(line: Line) -> None:
    kinds: tuple[Shown, ...] = ("nothing", "viewer", "operator")
    cases = _passed(line, "operator", seed=2, examples=5)
    before_mb, files = line.memory_mb(), line.files()
    for seed, (shown, examples) in enumerate(zip(kinds, (10, 15, 40), strict=True), 3):
        cases += _passed(line, shown, seed, examples)
    after_mb = line.memory_mb()
    assert not failures(line)
    assert line.stored() == line.sent
    assert after_mb - before_mb < GROWTH_MB, f"{before_mb:.0f} MB before, {after_mb:.0f} MB after"
    until(lambda: line.files() <= files + 5, "what was opened is closed")
    record(
        Outcome(
            "HTTP fuzzed from its own OpenAPI (schemathesis)",
            line.sent,
            line.stored(),
            0,
            0,
            note=f"{cases:,} requests with and without tokens: no 500, all as described; "
            f"memory {before_mb:.0f} to {after_mb:.0f} MB",
        )
    )


def _passed(line: Line, shown: Shown, seed: int, examples: int) -> int:
    found = line.fuzz(shown, seed, "examples,coverage,fuzzing,stateful", examples, SLOWED_DOWN)
    assert found.passed, f"with the token of {shown}, seed {seed}:\n{found.told[-8000:]}"
    return found.cases
