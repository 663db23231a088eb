"""The collector is away: for longer than the broker's queue is, from the beginning, or with the kit's own broker."""

import random
from pathlib import Path

import pytest

from tests.faults.numbers import AT_LEAST
from tests.faults.processes import Plant
from tests.faults.table import record
from tests.servers import free_port

pytestmark = pytest.mark.faults

ROUNDS = 8
SEED = 20261125
COLUMNS = 24
"""Measures, each a message of its own five times a second: 20,000 readings are more messages than a broker queues."""


@pytest.mark.mosquitto
def test_the_collector_is_away_longer_than_the_brokers_queue(tmp_path: Path) -> None:
    with Plant(tmp_path, {"pi-1": COLUMNS}, mosquitto="log_type notice\n", resend_after_s=30.0) as plant:
        plant.server.start().healthy()
        plant.server.kill()
        pi = plant.agent().start()
        pi.type(AT_LEAST + COLUMNS, per_s=1000.0)
        pi.reaches(AT_LEAST)
        plant.server.start()
        plant.settle()
        dropped = "messages are being dropped for client kojo:akita:wash:collector"
        assert dropped in (tmp_path / "broker" / "mosquitto.log").read_text("utf-8"), "its queue was long enough"
        record(plant.outcome("collector away longer than the broker's queue of 1,000 messages"))


@pytest.mark.mosquitto
def test_nobody_has_subscribed_yet(tmp_path: Path) -> None:
    with Plant(tmp_path) as plant:
        pi = plant.agent().start()
        pi.type(AT_LEAST + 1, per_s=4000.0)
        pi.reaches(AT_LEAST)
        plant.server.start()
        plant.settle()
        record(plant.outcome("nobody subscribed: the collector starts for the first time after all was sent"))


def test_the_embedded_broker_is_killed_with_its_server(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with Plant(tmp_path, mqtt=f"embedded:{free_port()}") as plant:
        plant.server.start()
        pi = plant.agent().start()
        pi.type(1_000_000, per_s=1500.0)
        for _ in range(ROUNDS):
            pi.more(dice.randrange(1, 3500))
            plant.server.kill()
            pi.more(dice.randrange(1, 2500))
            plant.server.start()
        pi.reaches(AT_LEAST)
        pi.hush()
        plant.settle()
        record(plant.outcome(f"embedded broker killed with its server {ROUNDS} times (seed {SEED})"))
