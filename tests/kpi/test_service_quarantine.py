"""/quarantine: what could not be believed is listed, taken away, judged again, let go."""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from collector.store import Refused
from tests.kpi.desks import FakeIngest, Service
from tests.kpi.lines import CYCLE, at, line, shift, station
from tests.kpi.memory_store import MemoryStore
from tests.kpi.test_service import problem

pytestmark = pytest.mark.slow

TOPIC = "kojo/v1/akita/wash/washer/done/count"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(line(station(CYCLE), shift("08:30-17:15")), tmp_path, at("9:30"))


def test_quarantine_shows_what_and_why_and_can_be_replayed(service: Service) -> None:
    payload = b"\xff" + b"x" * 10_000
    service.store.refused.append(Refused("7", at("8:30"), "kojo/v1/akita/wash/x/y/z", "not_json", "?", payload))
    message = service.get("/quarantine")["messages"][0]
    assert (message["id"], message["reason"], message["size"]) == ("7", "not_json", 10_001)
    assert message["at"] == "2026-11-16T08:30:00+09:00"
    assert len(message["payload"]) <= 4096
    assert service.write("/quarantine/replay", {"ids": ["7"]}).json() == {"stored": 1, "still": []}
    assert service.ingest.replayed == ["7"]


def test_a_name_that_the_line_does_not_know_comes_with_the_nearest_one(service: Service) -> None:
    topic = "kojo/v1/akita/wash/washr/done/count"
    service.store.refused.append(Refused("7", at("8:30"), topic, "unknown_station", "?", b"1"))
    [message] = service.get("/quarantine")["messages"]
    assert message["why_ja"] == "line.toml にない工程"
    assert message["do_ja"].startswith("「washer」ではありませんか。")
    assert message["do_en"].startswith('Did you mean "washer"?')


def test_what_a_replay_stored_counts_at_once(tmp_path: Path) -> None:
    store = MemoryStore()

    class Replaying(FakeIngest):
        def replay(self, ids: Sequence[str]) -> Mapping[str, Any]:
            store.put("washer/done/count", [(at("8:50"), 3)], seq=3)
            return {"stored": 1, "still": 0}

    service = Service(line(station(CYCLE), shift("08:30-17:15")), tmp_path, at("9:30"), store, Replaying(), live=True)
    store.put("washer/done/count", [(at("8:40"), 1), (at("8:45"), 2)])
    asked = {"start": "2026-11-16T08:30:00+09:00", "end": "2026-11-16T09:30:00+09:00"}
    assert service.get("/kpi", **asked)["stations"][0]["produced_quantity"] == 2
    assert service.write("/quarantine/replay", {"ids": ["7"]}).status_code == 200
    assert service.get("/kpi", **asked)["stations"][0]["produced_quantity"] == 3


@pytest.mark.parametrize("ids", [None, "7", [7], ["x" * 200], ["1"] * 1001])
def test_a_replay_of_nonsense_is_refused(service: Service, ids: object) -> None:
    assert service.write("/quarantine/replay", {"ids": ids}).status_code == 422
    assert service.ingest.replayed == []


@pytest.mark.parametrize("ids", [None, "7", [7], ["x" * 200], ["1"] * 1001])
def test_letting_nonsense_go_is_refused(service: Service, ids: object) -> None:
    assert service.write("/quarantine/discard", {"ids": ids}).status_code == 422
    assert service.ingest.discarded == []


def test_a_person_lets_messages_go(service: Service) -> None:
    assert service.write("/quarantine/discard", {"ids": ["7", "8"]}).json() == {"discarded": 2}
    assert service.ingest.discarded == ["7", "8"]


def test_all_of_it_can_be_taken_away_whole_by_the_operator(service: Service) -> None:
    long, odd = b"x" * 20_000, b"\xff\x00\r\n"
    service.ingest.refused += [
        Refused("1", at("8:30"), TOPIC, "not_json", "読めません", long),
        Refused("2", at("8:31"), TOPIC, "not_json", "?", odd, "s1", True),
    ]
    answer = service.ask("/api/v1/quarantine?format=jsonl", token=service.tokens.token("operator"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jsonl"
    assert answer.headers["content-disposition"] == 'attachment; filename="quarantine.jsonl"'
    assert answer.headers["cache-control"] == "no-store"
    first, second = map(json.loads, answer.text.splitlines())
    assert (first["id"], first["payload"], first["detail"]) == ("1", long.decode(), "読めません")
    assert base64.b64decode(second["payload_base64"]) == odd
    assert (second["stream"], second["retained"], second["at"]) == ("s1", True, "2026-11-16T08:31:00+09:00")


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("viewer", 403)])
def test_who_only_looks_takes_no_whole_messages_away(service: Service, who: str, status: int) -> None:
    service.ingest.refused.append(Refused("1", at("8:30"), TOPIC, "not_json", "", b'{"password": "kojo"}'))
    token = service.tokens.token("viewer") if who == "viewer" else None
    problem(service.ask("/api/v1/quarantine?format=jsonl", token=token), status)
