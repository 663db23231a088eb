"""`kojo restore` while `kojo serve` runs, with a real broker and an agent: nothing is lost, nothing is doubled."""

import os
import resource
import shutil
import threading
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import pytest

from kojo import local_door
from kojo.backup import backup
from tests.collector.test_duck_store import opened
from tests.faults.processes import AgentProcess, Plant
from tests.rig import kojo

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.faults]

N = 2000


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOJO_LANG", "en")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    """A server and an agent whose first readings are stored; they run from the first test to the last."""
    with Plant(tmp_path_factory.mktemp("plant")) as plant:
        plant.server.start()
        pi = plant.agent().start()
        more(pi, N)
        pi.confirmed()
        yield plant
        pi.stop()
        plant.server.stop()


def saved(plant: Plant) -> Path:
    file = plant.directory / f"saved-{len(list(plant.directory.iterdir()))}"
    done = kojo("backup", "--data", plant.server.data, "--line", plant.server.line_file, "--to", file)
    assert done.returncode == 0, done.stderr
    return file


def store_id(plant: Plant) -> str:
    return str(plant.server.pages.get("/status")["store"]["id"])


def beside(plant: Plant) -> set[str]:
    """What a restore leaves in the data directory."""
    return {path.name for path in plant.server.data.iterdir() if "restore" in path.name}


def goes_on(plant: Plant) -> None:
    """More readings come, and everything that ever was on an agent's disk is stored once."""
    plant.server.healthy()
    (pi,) = plant.agents
    more(pi, 100)
    pi.confirmed()
    assert sorted(map(astuple, plant.stored())) == sorted(map(astuple, pi.on_disk()))
    assert plant.server.pages.ingest()["missing"] == 0


def more(pi: AgentProcess, many: int = N, wait_for: int = 0) -> None:
    """The device prints so many more; returns when so many of them (all, if not said) are on the agent's disk."""
    there = len(pi.said)
    pi.type(many)
    pi.reaches(there + (wait_for or many))


def test_a_backup_comes_back_while_everything_runs_and_the_agents_send_the_rest_again(plant: Plant) -> None:
    file, before, there = saved(plant), store_id(plant), beside(plant)
    process = plant.server.process
    token = (plant.server.data / "operator.token").read_text()
    more(plant.agents[0], wait_for=N // 2)
    with plant.server.pages.live():
        done = kojo("restore", file, "--data", plant.server.data, "--replace")
    assert done.returncode == 0, done.stderr
    assert "[3/3] Exchanging it while nothing is received" in done.stderr
    assert "readings, 0 entries" in done.stdout
    assert "kojo serve goes on with it" in done.stdout
    assert str(file) in str(process.err), "and the server's own log says what it was replaced by"
    plant.server.healthy()
    assert store_id(plant) != before
    assert plant.server.process is process
    assert process.running
    assert (plant.server.data / "operator.token").read_text() == token
    with plant.server.pages.live() as feed:
        feed.wait(lambda name, _: name == "beat")
    goes_on(plant)
    (aside,) = beside(plant) - there
    old = opened(plant.server.data / aside / "line.duckdb")
    assert old.id == before
    assert old.contents().readings > N
    old.close()


def test_without_replace_a_running_server_is_left_as_it_is_and_that_is_said_in_japanese(plant: Plant) -> None:
    file, before, there = saved(plant), store_id(plant), beside(plant)
    done = kojo("restore", file, "--data", plant.server.data, lang="ja")
    assert done.returncode == 2
    assert "--replace" in done.stderr
    assert store_id(plant) == before
    assert beside(plant) == there
    goes_on(plant)


def test_a_damaged_backup_touches_nothing_of_a_running_server(plant: Plant) -> None:
    file, before, there = saved(plant), store_id(plant), beside(plant)
    said = bytearray(file.read_bytes())
    middle = len(said) // 3
    said[middle : middle + 64] = os.urandom(64)
    file.write_bytes(said)
    more(plant.agents[0], wait_for=N // 2)
    done = kojo("restore", file, "--data", plant.server.data, "--replace")
    assert done.returncode == 2
    assert "damaged" in done.stderr
    assert plant.server.pages.ask("/healthz").status_code == 200
    assert store_id(plant) == before
    assert beside(plant) == there
    goes_on(plant)


def test_while_the_store_is_being_copied_or_exchanged_a_restore_is_refused(plant: Plant) -> None:
    file, before, there = saved(plant), store_id(plant), beside(plant)
    into = plant.directory / "into"
    into.mkdir()
    for name in ("lines.json", "entries.json"):
        os.mkfifo(into / name)
    question = {"do": "backup", "into": str(into)}
    told: list[object] = []
    asking = threading.Thread(target=lambda: told.append(local_door.ask(plant.server.data, question)))
    asking.start()
    with (into / "lines.json").open("rb") as lines:  # the backup has begun, and waits for who reads what comes next
        refused = kojo("restore", file, "--data", plant.server.data, "--replace")
        with (into / "entries.json").open("rb") as entries:
            assert lines.read()
            assert entries.read()
            asking.join()
    assert refused.returncode == 2
    assert "Another kojo backup or kojo restore" in refused.stderr
    assert told
    assert store_id(plant) == before
    assert beside(plant) == there
    goes_on(plant)


def test_what_fails_after_the_old_store_was_set_aside_puts_it_back_and_serving_goes_on(plant: Plant) -> None:
    data, before, there = plant.server.data, store_id(plant), beside(plant)
    (data / "sensors").mkdir()
    (data / "sensors" / "nose.py").write_text("# my own\n")
    file = saved(plant)
    shutil.rmtree(data / "sensors")
    (data / "sensors").write_text("something is in the way")
    more(plant.agents[0], wait_for=N // 2)
    done = kojo("restore", file, "--data", data, "--replace")
    assert done.returncode == 2
    assert "could not be put in place" in done.stderr
    assert "The store that was there is back in its place" in done.stderr
    (data / "sensors").unlink()
    assert store_id(plant) == before
    assert beside(plant) == there
    goes_on(plant)


def test_a_disk_without_room_is_said_and_the_running_server_goes_on(plant: Plant) -> None:
    file, before, there = saved(plant), store_id(plant), beside(plant)
    pid = plant.server.process.pid
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (20_000, limits[1]))
    done = kojo("restore", file, "--data", plant.server.data, "--replace")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    assert done.returncode == 2
    assert "There is no room left" in done.stderr
    assert store_id(plant) == before
    assert beside(plant) == there
    goes_on(plant)


def test_a_backup_can_be_made_of_the_restored_store_at_once(plant: Plant) -> None:
    file, there = saved(plant), beside(plant)
    assert kojo("restore", file, "--data", plant.server.data, "--replace").returncode == 0
    assert backup(plant.server.data, plant.directory / "again", plant.server.line_file, False) == 0
    assert kojo("restore", file, "--data", plant.server.data, "--replace").returncode == 0
    assert len(beside(plant) - there) == 2
    goes_on(plant)
