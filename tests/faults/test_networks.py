"""The network between agent and broker and between collector and broker: cut, half-open, slow."""

import random
from pathlib import Path

import pytest

from tests.faults.numbers import AT_LEAST
from tests.faults.processes import Plant
from tests.faults.table import record
from tests.rig import until

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]

CUTS = 16
SEED = 20261123


def test_the_network_is_cut_and_healed(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with Plant(tmp_path) as plant:
        near, far = plant.network(), plant.network()
        plant.server.line_file = plant.line_file("server.toml", far.url)
        plant.server.start()
        pi = plant.agent(mqtt=near.url).start()
        pi.type(1_000_000)
        for _ in range(CUTS):
            network = dice.choice([near, far])
            pi.more(dice.randrange(1, 2500))
            network.cut()
            pi.more(dice.randrange(1, 2500))
            network.heal()
        pi.reaches(AT_LEAST)
        pi.hush()
        plant.settle()
        record(plant.outcome(f"network cut and healed {CUTS} times (seed {SEED})"))


def test_connections_are_half_open(tmp_path: Path) -> None:
    with Plant(tmp_path) as plant:
        near, far = plant.network(), plant.network()
        plant.server.line_file = plant.line_file("server.toml", far.url)
        plant.server.start().healthy()
        pi = plant.agent(mqtt=near.url).start()
        pi.type(1_000_000)
        for network in (near, far):
            pi.more(2000)
            before = network.connections
            network.vanish()
            pi.more(4000)
            network.heal()
            until(lambda n=network, b=before: n.connections > b, "it is noticed", 120.0)  # type: ignore[misc]
        pi.reaches(AT_LEAST)
        pi.hush()
        plant.settle()
        record(plant.outcome("half-open connections: packets vanish, nobody is told"))


def test_links_are_slow(tmp_path: Path) -> None:
    with Plant(tmp_path) as plant:
        near, far = plant.network(), plant.network()
        plant.server.line_file = plant.line_file("server.toml", far.url)
        near.slow(bytes_per_s=25_000, delay_s=0.4)
        far.slow(bytes_per_s=50_000, delay_s=0.4)
        plant.server.start()
        pi = plant.agent(mqtt=near.url).start()
        pi.type(AT_LEAST)
        pi.reaches(AT_LEAST - 1)
        plant.settle()
        record(plant.outcome("slow links: 25 and 50 kB/s, 0.4 s each way"))
