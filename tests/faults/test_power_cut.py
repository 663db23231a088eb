"""A power cut is not a kill: what was written since the last fsync is gone, in part there, or torn.

The whole chain is real but for the card (`tests.faults.power`) and the hour, which is turned by hand: outbox, delivery,
collector, store. That the cuts are hard ones is shown by taking the fsync out: then readings are lost.
"""

import json
import os
import subprocess
import sys
from dataclasses import fields

import pytest

from tests.faults.power import library
from tests.faults.power_lives import Report
from tests.faults.table import Outcome, record
from tests.rig import ROOT, environment

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(
        library() is None and not os.environ.get("KOJO_REQUIRE"),
        reason="this Python's SQLite is built in and cannot be reached",
    ),
]

WITHIN_S = 300.0
SEED = 20261122


def _lives(*options: object) -> Report:
    command = [sys.executable, "-m", "tests.faults.power_lives", *map(str, options)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=WITHIN_S, cwd=ROOT, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr
    report = Report(**json.loads(done.stdout))
    assert {field.name for field in fields(report)} == set(vars(report))
    return report


def test_a_thousand_power_cuts_lose_nothing_and_double_nothing() -> None:
    report = _lives("--cuts", 1000, "--machines", 20, "--seed", SEED)
    assert report.broken == []
    assert (report.missing, report.quarantined, report.set_aside) == (0, 0, 0)
    assert report.cuts == 1000
    assert min(report.corrected, report.unsynced) > 0, "clocks that were set later, and never, must be among them"
    assert report.stored >= 20_000
    note = f"{report.cuts:,} cuts in {report.operations:,} writes and {report.fsyncs:,} fsyncs, blocks spoilt too"
    record(Outcome("power cut (agent)", report.due, report.stored, report.lost, report.doubled, note))


@pytest.mark.parametrize(
    "options",
    [("--no-fsync",), ("--synchronous", "OFF"), ("--synchronous", "NORMAL")],
    ids=["an fsync that does nothing", "no fsync", "an fsync at checkpoints only"],
)
def test_the_same_cuts_lose_readings_when_the_fsync_is_taken_out(options: tuple[str, ...]) -> None:
    report = _lives("--cuts", 200, "--machines", 4, "--seed", SEED, *options)
    assert report.lost > 0
    assert report.broken
