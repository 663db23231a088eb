"""An InfluxDB that refuses: its disk is full, it is busy, it does not let us in, it never will take some readings."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.disks import Disk, small_disk
from tests.faults.influx import BUCKET, influx_plant
from tests.faults.table import of_numbers, record
from tests.influx_server import Answer, InfluxServer
from tests.rig import until

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto, pytest.mark.influx]

NOT_TAKEN = {
    "503 busy": (503, "service unavailable"),
    "507 no room": (507, "insufficient storage"),
    "500 no space": (500, "engine: error writing WAL entry: no space left on device"),
    "401 token withdrawn": (401, "unauthorized access"),
    "404 no bucket": (404, 'database not found: "kojo"'),
    "429 too many requests": (429, "too many requests"),
}


class Refusing:
    """Answers writes in the server's place and knows how often it did."""

    def __init__(self, server: InfluxServer) -> None:
        self._server = server
        self.times = 0
        self._turn = threading.Lock()

    @contextmanager
    def everything(self, answer: Answer) -> Iterator[None]:
        """Every write, while the block lasts."""
        self._server.front.answer = lambda path, body: self._count(answer) if "/write" in path else None
        try:
            yield
        finally:
            self._server.front.answer = lambda path, body: None

    def readings(self, ends_with: str, bytes_at_once: int) -> None:
        """For good: numbers that end so (422), and any write that is larger (413)."""

        def answer(path: str, body: bytes) -> Answer | None:
            if "/write" not in path:
                return None
            if len(body) > bytes_at_once:
                return self._count((413, "request entity too large"))
            bad = re.search(rb"^reading,.* v=[0-9]*" + ends_with.encode() + rb"\.0,", body, re.MULTILINE)
            return self._count((422, "unprocessable: failure writing points to database")) if bad else None

        self._server.front.answer = answer

    def nothing(self) -> None:
        """Let everything through."""
        self._server.front.answer = lambda path, body: None

    def _count(self, answer: Answer) -> Answer:
        with self._turn:
            self.times += 1
        return answer


def test_writes_that_are_not_taken_now_are_taken_later(tmp_path: Path) -> None:
    with influx_plant(tmp_path) as (plant, server):
        refusing = Refusing(server)
        pi = plant.agent().start()
        plant.server.start().healthy()
        pi.type(1_000_000)
        for answer in NOT_TAKEN.values():
            pi.more(2_000)
            before = refusing.times
            with refusing.everything(answer):
                until(lambda before=before: refusing.times >= before + 2, "refused, and tried again", 60)  # type: ignore[misc]
                until(lambda: plant.server.pages.ask("/healthz").status_code == 503, "said", 60)
            plant.server.healthy()
        pi.reaches(21_000)
        pi.hush()
        plant.settle()
        record(plant.outcome("InfluxDB: " + ", ".join(NOT_TAKEN), f"{refusing.times} writes refused"))


def test_readings_that_are_refused_for_good_are_found_and_all_others_stored(tmp_path: Path) -> None:
    with influx_plant(tmp_path) as (plant, server):
        refusing = Refusing(server)
        refusing.readings(ends_with="777", bytes_at_once=20_000)
        pi = plant.agent().start()
        plant.server.start().healthy()
        pi.type(20_500)
        pi.reaches(20_500)
        pi.confirmed()
        ingest = plant.server.pages.ingest()
        assert 18 <= ingest["quarantined"] == ingest["in_quarantine"] <= 22, ingest
        refusing.nothing()
        waiting = plant.server.pages.get("/quarantine")["messages"]
        assert {message["reason"] for message in waiting} == {"store_refused"}
        assert all(json.loads(message["payload"])["v"][0] % 1000 == 777 for message in waiting)
        token = (plant.server.data / "operator.token").read_text("ascii").strip()
        ids = [message["id"] for message in waiting]
        replayed = plant.server.pages.ask("/quarantine/replay", "POST", token, json={"ids": ids})
        assert replayed.json() == {"stored": len(ids), "still": 0}
        pi.stop()
        note = f"{len(ids)} readings found by halving in {refusing.times} refusals (413, 422), stored by replay"
        sent, stored = ([reading.number for reading in some] for some in (pi.on_disk(), plant.stored()))
        record(of_numbers("InfluxDB: refuses some readings for good", sent, stored, note))


def room(disk: Disk, server: InfluxServer) -> None:
    """Make room and restart influxd once: from then on 1.x writes behind the torn end of its log."""
    disk.empty()
    restart(server)


def restart(server: InfluxServer) -> None:
    """End it without a word and start it."""
    server.kill()
    server.start()


def test_a_disk_that_gets_full_under_influxd_and_has_room_again(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", megabytes=24) as disk,
        influx_plant(tmp_path, data=disk.path, wrap=disk.wrap) as (plant, server),
    ):
        pi = plant.agent().start()
        plant.server.start().healthy()
        pi.type(1_000_000)
        pi.more(4_000)
        disk.fill(leave=100_000)
        until(lambda: "InfluxDB is full" in str(plant.server.process.err), "the full disk is said", 120)
        pi.more(4_000)
        room(disk, server)
        plant.server.healthy()
        pi.more(4_000)
        disk.fill(leave=50_000)
        until(lambda: plant.server.pages.ask("/healthz").status_code == 503, "full again", 120)
        room(disk, server)
        pi.reaches(20_500)
        pi.hush()
        pi.confirmed()
        restart(server)
        assert server.run("SHOW DATABASES").count(BUCKET)
        until(lambda: len(plant.stored()) >= len(pi.said), "all that the torn log lost is there again", 240)
        plant.settle()
        ingest, care = plant.server.pages.ingest(), plant.server.pages.get("/status")["store"]["care"]
        assert ingest["received"] == ingest["stored"] + ingest["duplicates"], ingest
        assert ingest["missing"] == 0, ingest
        gone = [int(found[1]) for one in care if (found := re.search(r"(\d+) readings gone", one["en"]))]
        note = f"{sum(gone)} acknowledged readings were gone with the torn log: noticed {len(gone)} times, sent again"
        sent, stored = ([reading.number for reading in some] for some in (pi.on_disk(), plant.stored()))
        record(of_numbers("InfluxDB: disk full twice, restarted once each time", sent, stored, note))


def test_readings_deleted_behind_our_back_and_a_bucket_made_again(tmp_path: Path) -> None:
    with influx_plant(tmp_path) as (plant, server):
        pi = plant.agent().start()
        plant.server.start().healthy()
        pi.type(1_000_000)
        pi.more(5_000)
        server.run("DROP SERIES FROM reading WHERE measure = 'n0'", BUCKET)
        pi.more(5_000)
        plant.server.stop()
        server.run("DROP SERIES FROM reading WHERE measure = 'n0'", BUCKET)
        plant.server.start().healthy()
        pi.more(5_000)
        server.run(f'DROP DATABASE "{BUCKET}"')
        server.run(f'CREATE DATABASE "{BUCKET}"')
        pi.reaches(20_500)
        pi.hush()
        until(lambda: len(plant.stored()) >= len(pi.said), "all of it is there again", 240)
        plant.settle()
        ingest = plant.server.pages.ingest()
        assert ingest["received"] == ingest["stored"] + ingest["duplicates"], ingest
        assert ingest["missing"] == 0, ingest
        sent, stored = ([reading.number for reading in some] for some in (pi.on_disk(), plant.stored()))
        record(of_numbers("InfluxDB: series dropped twice, bucket made again", sent, stored))
