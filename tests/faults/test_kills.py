"""kill -9, at random moments: the agent, the collector, the broker that keeps nothing."""

import random
from pathlib import Path

import pytest

from tests.faults.processes import Plant
from tests.faults.table import record

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]

ROUNDS = 24
SEED = 20261122


def test_agent_collector_and_broker_are_killed_at_random_moments(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with Plant(tmp_path) as plant:
        pi = plant.agent().start()
        plant.server.start()
        victims = ["agent", "collector", "broker"] * (ROUNDS // 3)
        dice.shuffle(victims)
        pi.type(1_000_000)
        for victim in victims:
            pi.more(dice.randrange(1, 2500))
            if victim == "agent":
                pi.kill()
                pi.start().type(1_000_000)
            elif victim == "collector":
                plant.server.kill()
                pi.more(dice.randrange(1, 1500))
                plant.server.start()
            else:
                plant.broker.stop(kill=True)
                pi.more(dice.randrange(1, 1500))
                plant.broker.start()
        pi.hush()
        plant.settle()
        record(plant.outcome(f"kill -9 of agent, collector, broker: {ROUNDS} rounds, seed {SEED}"))
