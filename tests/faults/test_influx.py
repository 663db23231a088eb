"""The store is an InfluxDB: it is killed, slow, hangs; and everybody else is killed while it is the store."""

import random
from pathlib import Path

import pytest

from tests.faults.influx import influx_plant
from tests.faults.processes import Plant
from tests.faults.proxy import Proxy
from tests.faults.table import record
from tests.rig import until

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto, pytest.mark.influx]

SEED = 20261122
ROUNDS = 9


def finish(plant: Plant, fault: str, note: str = "") -> None:
    """Let everything be confirmed, then count."""
    for agent in plant.agents:
        agent.hush()
    plant.settle()
    record(plant.outcome(f"InfluxDB: {fault}", note))


def test_influxd_is_killed_and_started_again_under_load(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with influx_plant(tmp_path) as (plant, server):
        pi = plant.agent().start()
        plant.server.start().healthy()
        pi.type(1_000_000)
        for _ in range(5):
            pi.more(dice.randrange(1000, 4000))
            server.kill()
            pi.more(dice.randrange(500, 3000))
            server.start()
        pi.reaches(22_000)
        finish(plant, "server killed -9 and started 5 times")


def test_agent_collector_and_broker_are_killed_at_random_moments(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with influx_plant(tmp_path) as (plant, _):
        pi = plant.agent().start()
        plant.server.start()
        victims = ["agent", "collector", "broker"] * (ROUNDS // 3)
        dice.shuffle(victims)
        pi.type(1_000_000)
        for victim in victims:
            pi.more(dice.randrange(1, 3500))
            if victim == "agent":
                pi.kill()
                pi.start().type(1_000_000)
            elif victim == "collector":
                plant.server.kill()
                pi.more(dice.randrange(1, 2000))
                plant.server.start()
            else:
                plant.broker.stop(kill=True)
                pi.more(dice.randrange(1, 2000))
                plant.broker.start()
        pi.reaches(21_000)
        finish(plant, f"kill -9 of agent, collector, broker: {ROUNDS} rounds")


def test_a_server_that_is_slow_and_then_hangs_half_open_costs_time_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "influx").mkdir()
    with influx_plant(tmp_path / "influx") as (plant, server), Proxy("127.0.0.1", server.front.port) as network:
        text = plant.server.line_file.read_text("utf-8")
        plant.server.line_file.write_text(text.replace(f":{server.front.port}/", f":{network.port}/"), "utf-8")
        pi = plant.agent().start()
        plant.server.start().healthy()
        pi.type(1_000_000)
        network.slow(bytes_per_s=150_000, delay_s=0.3)
        pi.more(8_000)
        network.vanish()
        until(lambda: "away" in str(plant.server.process.err), "the request that hangs is given up", 120)
        pi.type(1_000_000, per_s=400)
        pi.more(10_000)  # longer than one and a half keep-alives
        assert "it is tried again" not in str(plant.server.process.err), "pings go on while requests hang"
        network.slow(0, 0)
        network.heal()
        pi.reaches(20_500)
        finish(plant, "slow (150 kB/s, 0.3 s), then hanging half-open", "the broker's connection lived on")
