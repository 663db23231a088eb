"""A disk that is full and has room again, at the agent and at the collector."""

from pathlib import Path

import pytest

from tests.faults.disks import small_disk
from tests.faults.numbers import AT_LEAST
from tests.faults.processes import Plant
from tests.faults.table import record
from tests.rig import until

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]


def test_the_agents_disk_is_full_and_has_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "pi", megabytes=16) as disk, Plant(tmp_path) as plant:
        plant.server.start().healthy()
        pi = plant.agent(data="pi", wrap=disk.wrap)
        pi.seen_at = disk.seen_at
        pi.start()
        pi.type(1_000_000, per_s=6000.0)
        pi.more(3000)
        disk.fill(leave=100_000)
        pi.wait(lambda: bool(pi.stands["trouble"]), "it says so")
        pi.wait(lambda: pi.stands["refused"] > 1000, "memory is full, too")

        def told() -> bool:
            (agent,) = plant.server.pages.get("/status")["agents"]
            return bool(agent["outbox"]["refused"] and agent["outbox"]["why_en"])

        until(told, "/status says so", 60.0)
        disk.empty()
        pi.wait(lambda: not pi.stands["trouble"], "it goes on")
        pi.more(3000)
        pi.hush()
        pi.confirmed()
        lines, refused, on_disk = pi.stands["lines"], pi.stands["refused"], len(pi.on_disk())
        plant.settle()
        assert 0 <= on_disk + refused - lines <= 5, "what was given up is counted, and only that"
        said = "memory full, too: the oldest given up, counted and told"
        record(plant.outcome("the agent's disk full, then room again", said, given_up=refused))


def test_the_collectors_disk_is_full_and_has_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "full", megabytes=24) as disk, Plant(tmp_path) as plant:
        plant.server.data, plant.server.wrap = disk.path, disk.wrap
        plant.server.start().healthy()
        pi = plant.agent().start()
        pi.type(1_000_000, per_s=1500.0)
        for leave in (0, 40_000, 150_000):
            pi.more(2000)
            disk.fill(leave)
            until(lambda: plant.server.pages.ask("/healthz").status_code == 503, "it says so", 60.0)
            pi.more(2000)
            disk.empty()
            plant.server.healthy()
        pi.more(2000)
        disk.fill(20_000)
        until(lambda: plant.server.pages.ask("/healthz").status_code == 503, "it says so", 60.0)
        plant.server.kill()
        disk.empty()
        plant.server.start().healthy()
        pi.reaches(AT_LEAST)
        pi.hush()
        plant.settle()
        record(plant.outcome("the collector's disk full four times, once killed there"))
