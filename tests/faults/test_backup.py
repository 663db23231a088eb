"""The collector loses its disk: a backup made while readings came in is restored, agents send the rest again.

Then a backup is restored while everything runs.
"""

import shutil
from pathlib import Path

import pytest

from tests.faults.processes import Plant
from tests.faults.table import record
from tests.rig import kojo

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]

N = 12_000


def test_a_store_that_is_lost_comes_back_from_its_backup_and_from_the_outboxes(tmp_path: Path) -> None:
    with Plant(tmp_path) as plant:
        pi, server = plant.agent().start(), plant.server.start()
        pi.type(2 * N)
        pi.reaches(N)
        told = kojo("backup", "--data", server.data, "--line", server.line_file, "--to", tmp_path / "saved")
        assert told.returncode == 0, told.stderr
        assert pi.stands, "the agent goes on"
        pi.reaches(2 * N)
        pi.confirmed()
        server.kill()
        shutil.rmtree(server.data)
        told = kojo("restore", tmp_path / "saved", "--data", server.data)
        assert told.returncode == 0, told.stderr
        server.start()
        pi.hears(server.store())
        pi.confirmed()
        note = f"backup while about {N:,} of {2 * N:,} were in"
        record(plant.outcome("the store lost, a backup restored", note=note))
        restored_while_it_runs(plant)


def restored_while_it_runs(plant: Plant) -> None:
    """Nothing is stopped: readings come in all the time."""
    (pi,), server = plant.agents, plant.server
    told = kojo("backup", "--data", server.data, "--line", server.line_file, "--to", plant.directory / "again")
    assert told.returncode == 0, told.stderr
    pi.type(N)
    pi.more(N // 3)
    told = kojo("restore", plant.directory / "again", "--data", server.data, "--replace")
    assert told.returncode == 0, told.stderr
    assert "goes on with it" in told.stdout
    pi.hears(server.store())
    plant.settle()
    record(plant.outcome("a backup restored while all runs", note=f"{N:,} readings came meanwhile"))
