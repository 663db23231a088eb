"""Two collectors share the line's messages: killed in turns, one of them slow, batches overtaking each other."""

import json
import random
from pathlib import Path

import pytest

from tests.faults.halves import KpiProcess, collectors
from tests.faults.influx import BUCKET, influx_plant
from tests.faults.table import record
from tests.influx_server import InfluxServer
from tests.rig import until

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto, pytest.mark.influx]

SEED = 20261122
ROUNDS = 6


def stored_by_each(server: InfluxServer) -> list[int]:
    """How many readings each collector counted as stored."""
    told = json.loads(server.run("SELECT v FROM kojo_counter WHERE counter = 'stored' GROUP BY collector", BUCKET))
    return [int(series["values"][0][1]) for series in told["results"][0]["series"]]


def test_two_collectors_are_killed_in_turns_while_one_is_slow(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    with influx_plant(tmp_path, {"pi-1": 2, "pi-2": 1}) as (plant, server):
        network = plant.network()
        slow_line = plant.line_file("slow.toml", network.url)
        both = collectors([plant.line_file(), slow_line], tmp_path)
        plant.server = KpiProcess(plant.line_file(), tmp_path / "kpi")
        for process in (*both, plant.server):
            plant.callback(process.kill)
        for collector in both:
            collector.start().subscribed()
        plant.server.start()
        first, second = plant.agent("pi-1").start(), plant.agent("pi-2").start()
        network.slow(bytes_per_s=60_000, delay_s=0.4)
        for pi in (first, second):
            pi.type(1_000_000, per_s=600)
        for n in range(ROUNDS):
            first.more(dice.randrange(800, 2000))
            both[n % 2].kill()
            first.more(dice.randrange(100, 1500))
            both[n % 2].start()
        first.reaches(14_000)
        second.reaches(7_000)
        for pi in (first, second):
            pi.hush()
        plant.settle()
        until(lambda: plant.server.pages.ingest()["waiting_for_clock"] == 0, "judged")
        for collector in both:
            collector.stop()
        until(lambda: plant.server.pages.ingest()["stored"] >= 21_000, "the service has read the collectors' counters")
        shares = stored_by_each(server)
        assert len(shares) == 2, shares
        assert min(shares) > 1000, shares
        note = f"{ROUNDS} kills; stored {' and '.join(map(str, shares))}"
        row = plant.outcome("two collectors share the messages, one slow, killed in turns", note)
        store = server.store(BUCKET, "looker")
        ranges = store.remembered().ranges
        store.close()
        assert {len(runs) for runs in ranges.values()} == {1}, "what both have is whole"
        assert {runs[0][0] for runs in ranges.values()} == {1}
        record(row)
