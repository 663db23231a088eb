"""What takes its minutes: numbers that go missing, and a quarantine that is full and is emptied again, from outside."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.table import Outcome, record
from tests.rig import until
from tests.servers import mosquitto
from tests.test_contract_delivery import Plant, batch, rose

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto, pytest.mark.slow]

NEW_SENSOR = '[stations.s0.sensors.late]\ntype = "external"\nmeasures = { weight = {} }\n'
MESSAGES, MORE = 10_000, 5
"""The quarantine takes so many, and is sent some more."""


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    with mosquitto("max_queued_messages 0\n") as own:
        running = Plant(own, tmp_path)
        try:
            yield running
        finally:
            running.kill()


def test_what_is_missing_is_given_up_by_from_at_once_or_passed_by_a_higher_number_a_minute_ago(plant: Plant) -> None:
    where, other, agent = "s0/done/count", "s0/scale/weight", "pi-s0"

    def missing() -> int:
        return int(plant.kit.ingest()["missing"])

    plant.stranger.send(other, batch(1, [1]), batch(4, [4]))
    began = time.monotonic()
    assert plant.stranger.send(where, batch(11, [11], **{"from": 11})) == rose(received=1, stored=1)
    plant.stranger.confirmed(agent, "st1", where, 11)
    assert missing() == 10
    plant.stranger.send(where, batch(14, [14], **{"from": 11}), batch(4, [4, 5]))
    assert missing() == 8
    plant.stranger.confirmed(agent, "st1", where, 11)
    assert plant.stranger.send(where, batch(14, [14], **{"from": 14})) == rose(received=1, duplicates=1)
    plant.stranger.confirmed(agent, "st1", where, 14)
    assert missing() == 10
    until(lambda: missing() == 12, "the gap of two", 180)
    assert time.monotonic() - began > 55
    plant.stranger.confirmed(agent, "st1", other, 1)
    plant.stranger.send(other, batch(2, [2]))
    assert missing() == 11
    plant.stranger.send(other, batch(3, [3]))
    assert missing() == 10
    plant.stranger.confirmed(agent, "st1", other, 4)


def test_a_full_quarantine_is_said_holds_confirmation_back_and_is_emptied_by_a_corrected_line(plant: Plant) -> None:
    where, last = "s0/late/weight", 2 * (MESSAGES + MORE)
    batches = [batch(n, [n, n + 1]) for n in range(1, last, 2)]
    for one in batches:
        plant.stranger.say(where, one)
    plant.stranger.done()
    assert plant.kit.ingest()["in_quarantine"] == MESSAGES
    assert plant.kit.ingest()["quarantine_full"]
    plant.stranger.confirmed("pi-s0", "st1", where, 2 * MESSAGES)
    assert plant.stranger.send("s0/done/count", batch(1, [1])) == rose(received=1, stored=1), "nobody else is held up"
    plant.kill()
    plant.correct(NEW_SENSOR)
    plant.start()
    assert plant.kit.ingest()["quarantine_full"], "and it is known after a kill"
    began, token = time.monotonic(), plant.kit.operator()
    while messages := plant.kit.get("/quarantine", limit=250)["messages"]:
        told = plant.kit.ask("/quarantine/replay", "POST", token, json={"ids": [m["id"] for m in messages]})
        assert told.json() == {"stored": len(messages), "still": 0}
    took_s = time.monotonic() - began
    assert not plant.kit.ingest()["quarantine_full"]
    resent = batches[-2 * MORE :]
    assert plant.stranger.send(where, *resent) == rose(received=4 * MORE, stored=2 * MORE, duplicates=2 * MORE)
    plant.stranger.confirmed("pi-s0", "st1", where, last)
    found = plant.stranger.readings(where)["v"]
    lost, doubled = last - len(set(found)), len(found) - len(set(found))
    note = f"{MESSAGES:,} messages replayed in {took_s:.0f} s after the line was corrected and the collector killed"
    record(Outcome("quarantine full, then emptied", last, len(found), lost, doubled, note))
