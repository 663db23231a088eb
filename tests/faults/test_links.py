"""What the other side does wrong: a broker that hangs, confirmations that are none, two agents with one id, repeats."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.faults.numbers import AT_LEAST
from tests.faults.processes import Plant, station_of
from tests.faults.table import of_numbers, record
from tests.rig import LOADED_AT, Listener, around_now, until

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]

SEED = 20261124
ACKS = "kojo/v1/akita/wash/_acks/pi-1"
GARBAGE = (b"", b"{", b"[]", b"\xff", b'{"store":1}', b'{"store":"s","streams":{"x":{"y":"z"}}}', b"[" * 50_000)


def test_a_broker_hangs_and_confirmations_are_garbage(tmp_path: Path) -> None:
    with Plant(tmp_path) as plant:
        hanging = plant.network()
        hanging.vanish()
        pi = plant.agent(mqtt=hanging.url).start()
        pi.type(AT_LEAST)
        pi.reaches(AT_LEAST // 2)
        assert not pi.stands["connected"]
        assert pi.stands["backlog"] >= AT_LEAST // 2

        anybody = Listener(plant.address, "kojo/#")
        plant.callback(anybody.close)
        hanging.heal()
        pi.wait(lambda: bool(pi.stands["connected"]), "welcomed")
        for garbage in GARBAGE:
            anybody.say(ACKS, garbage)
        pi.reaches(AT_LEAST - 1)
        for garbage in GARBAGE:
            anybody.say(ACKS, garbage)
        plant.server.start()
        plant.settle()
        record(plant.outcome("a broker that never answers, then garbage instead of confirmations"))


def test_two_agents_run_under_one_id(tmp_path: Path) -> None:
    with Plant(tmp_path) as plant:
        plant.server.start().healthy()
        one = plant.agent().start()
        one.type(AT_LEAST // 2)
        one.reaches(AT_LEAST // 4)
        other = plant.agent(data="twin").start()
        other.type(AT_LEAST // 2)

        def conflict() -> bool:
            agents = plant.server.pages.get("/status")["agents"]
            return any(told["agent"] == "pi-1" and told["conflict"] for told in agents)

        until(conflict, "/status says so", 120.0)
        plant.server.process.err.said("use the id of agent pi-1", 120.0)
        until(lambda: "another agent runs under the name" in f"{one.err}{other.err}", "an agent says so", 120.0)
        other.reaches(AT_LEAST // 2 - 1)
        plant.settle()
        record(plant.outcome("two agents with one id; told in the log and /status"))


def test_whole_batches_are_repeated_and_overlap(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    numbers = list(range(1, AT_LEAST + 1))
    topic = f"kojo/v1/akita/wash/{station_of('pi-1')}/device/n0"
    with Plant(tmp_path) as plant:
        plant.server.start().healthy()
        anybody = Listener(plant.address, ACKS)
        plant.callback(anybody.close)
        sent = 0
        for _ in range(3):
            for part in cut(numbers, dice):
                anybody.say(topic, batch(part))
                sent += len(part)
        pages = plant.server.pages
        until(lambda: pages.ingest()["received"] == sent, "all received", 120.0)
        ingest = pages.ingest()
        assert (ingest["stored"], ingest["duplicates"], ingest["missing"]) == (AT_LEAST, sent - AT_LEAST, 0)
        told = pages.get("/readings", station=station_of("pi-1"), sensor="device", measure="n0", **around_now())
        note = f"{ingest['duplicates']:,} repeats dropped, as many as were sent (seed {SEED})"
        record(of_numbers("batches sent three times, cut otherwise and overlapping", numbers, told["v"], note))


def cut(numbers: Sequence[int], dice: random.Random) -> list[Sequence[int]]:
    """The numbers in pieces of random lengths that overlap, some of them in another order."""
    pieces, at = [], 0
    while at < len(numbers):
        length = dice.randrange(1, 1000)
        pieces.append(numbers[max(0, at - dice.randrange(0, 300)) : at + length])
        at += length
    for _ in range(len(pieces) // 3):
        a, b = dice.sample(range(len(pieces)), 2)
        pieces[a], pieces[b] = pieces[b], pieces[a]
    return pieces


def batch(part: Sequence[int]) -> bytes:
    """A batch of a program that numbers its readings as an agent does; number n is n."""
    start_ns = round(LOADED_AT.timestamp()) * 10**9
    told: dict[str, Any] = {"stream": "publisher", "seq": part[0], "clock": "synced"}
    return json.dumps(told | {"t": [start_ns + n for n in part], "v": list(part)}).encode()
