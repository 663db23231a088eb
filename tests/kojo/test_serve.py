"""`kojo serve` as a process against a real mosquitto: what others publish, and what may happen to the broker."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig import Kit, contract_line, running, serving, until
from tests.servers import Mosquitto, free_port, mosquitto

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

WASHER = "kojo/v1/akita/wash/washer"
NOW = 1_795_000_000_000_000_000

UNBELIEVABLE = {
    "not JSON": ("esp/temperature", b"warm"),
    "half an object": ("esp/temperature", b'{"v":23.5'),
    "empty": ("esp/temperature", b""),
    "a byte order mark": ("esp/temperature", b"\xef\xbb\xbf23.5"),
    "no UTF-8": ("esp/temperature", b"\xff\xfe23"),
    "nested too deep": ("esp/temperature", b"[" * 17 + b"]" * 17),
    "not finite": ("esp/temperature", b"NaN"),
    "infinite": ("esp/temperature", b'{"v":-Infinity}'),
    "too large a number": ("esp/temperature", b"9007199254740994"),
    "null": ("esp/temperature", b"null"),
    "a list": ("esp/temperature", b"[23.5]"),
    "no value": ("esp/temperature", b'{"temperature":23.5}'),
    "text on a number": ("esp/temperature", b'"23.5"'),
    "truth on a number": ("esp/temperature", b"true"),
    "a time of long ago": ("esp/temperature", b'{"v":1,"t":1000000000000000000}'),
    "a time far ahead": ("esp/temperature", b'{"v":1,"t":4000000000000000000}'),
    "a time with an exponent": ("esp/temperature", b'{"v":1,"t":1.795e18}'),
    "a time that is null": ("esp/temperature", b'{"v":1,"t":null}'),
    "a time without an offset": ("esp/temperature", b'{"v":1,"t":"2026-10-05T08:00:00"}'),
    "a fall below nothing": ("esp/count", b"-1"),
    "a broken count": ("esp/count", b"1.5"),
    "a level of two": ("wash/state", b"2"),
    "unequal arrays": ("esp/temperature", b'{"stream":"a1","seq":1,"t":[1795000000000000000],"v":[],"clock":"synced"}'),
    "empty arrays": ("esp/temperature", b'{"stream":"a2","seq":1,"t":[],"v":[],"clock":"synced"}'),
    "times that stand": (
        "esp/temperature",
        b'{"stream":"a3","seq":1,"t":[1795000000000000000,1795000000000000000],"v":[1,2],"clock":"synced"}',
    ),
    "no clock": ("esp/temperature", b'{"stream":"a4","seq":1,"t":[1795000000000000000],"v":[1]}'),
    "a number that is none": (
        "esp/temperature",
        b'{"stream":"a5","seq":0,"t":[1795000000000000000],"v":[1],"clock":"synced"}',
    ),
    "a from that is none": (
        "esp/temperature",
        b'{"stream":"a6","seq":1,"from":0,"t":[1795000000000000000],"v":[1],"clock":"synced"}',
    ),
    "an unknown measure": ("esp/humidity", b"40"),
    "an unknown sensor": ("nose/smell", b"1"),
    "larger than may be": ("esp/temperature", b'{"v":1,"why":"' + b"x" * 262_144 + b'"}'),
}  # fmt: skip


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto() as running:
        yield running


def line_at(broker: Mosquitto, directory: Path) -> Path:
    return contract_line(directory, f"mqtt://{broker.host}:{broker.port}")


def healthy(kit: Kit) -> None:
    until(lambda: kit.ask("/healthz").status_code == 200, "healthy")


def stored(kit: Kit, many: int) -> None:
    until(lambda: len(kit.readings("washer", "esp", "temperature")["v"]) == many, f"{many} readings stored")


def test_what_mosquitto_pub_says_is_stored_shown_and_told_at_once(broker: Mosquitto, tmp_path: Path) -> None:
    with serving(line_at(broker, tmp_path), tmp_path / "data") as kit:
        healthy(kit)
        with kit.live() as feed:
            broker.publish(f"{WASHER}/esp/temperature", b"23.5")
            [told] = feed.wait(lambda name, _: name == "reading")
        assert (told["station"], told["sensor"], told["measure"], told["v"]) == ("washer", "esp", "temperature", 23.5)
        shown = kit.readings("washer", "esp", "temperature")
        assert shown == {"unit": "°C", "t": [told["t"]], "v": [23.5]}
        assert kit.ingest()["stored"] == kit.ingest()["received"] == 1


def test_what_cannot_be_believed_is_kept_apart_with_its_reason_and_disturbs_nobody(
    broker: Mosquitto, tmp_path: Path
) -> None:
    with serving(line_at(broker, tmp_path), tmp_path / "data") as kit:
        healthy(kit)
        for topic, payload in UNBELIEVABLE.values():
            broker.publish(f"{WASHER}/{topic}", payload)
        broker.publish("kojo/v1/akita/wash/oven/done/count", b"1")
        broker.publish(f"{WASHER}/esp", b"1")
        broker.publish("kojo/v1/sendai/wash/washer/esp/temperature", b"99")
        broker.publish(f"{WASHER}/esp/temperature", b"23.5")

        stored(kit, 1)
        assert kit.readings("washer", "esp", "temperature")["v"] == [23.5]
        counted = kit.ingest()
        assert counted["quarantined"] == counted["in_quarantine"] == len(UNBELIEVABLE) + 1
        assert (counted["received"], counted["stored"], counted["ignored"]) == (1, 1, 1)

        kept = kit.get("/quarantine", limit=1000)["messages"]
        assert all(message["reason"] for message in kept)
        assert [m["topic"] for m in kept[:-1]] == [f"{WASHER}/{topic}" for topic, _ in UNBELIEVABLE.values()]
        assert [m["size"] for m in kept[:-1]] == [len(payload) for _, payload in UNBELIEVABLE.values()]
        assert kept[0]["payload"] == "warm"
        assert kit.ask("/healthz").status_code == 200


def test_a_measure_that_the_line_learns_later_is_replayed_out_of_quarantine(broker: Mosquitto, tmp_path: Path) -> None:
    file = line_at(broker, tmp_path)
    with serving(file, tmp_path / "data") as kit:
        healthy(kit)
        broker.publish(f"{WASHER}/esp/humidity", b"41.5")
        until(lambda: kit.ingest()["in_quarantine"] == 1, "in quarantine")
    text = file.read_text("utf-8").replace(
        'temperature = { unit = "°C" },', 'temperature = { unit = "°C" }, humidity = {},'
    )
    file.write_text(text, "utf-8")
    with serving(file, tmp_path / "data") as kit:
        [message] = kit.get("/quarantine")["messages"]
        body = {"ids": [message["id"]]}
        assert kit.ask("/quarantine/replay", "POST", json=body).status_code in (401, 403)
        replayed = kit.ask("/quarantine/replay", "POST", kit.operator(), json=body).json()
        assert replayed == {"stored": 1, "still": 0}
        assert kit.readings("washer", "esp", "humidity")["v"] == [41.5]
        assert kit.get("/quarantine")["messages"] == []


def test_sigterm_ends_it_with_0_and_the_next_start_knows_everything(broker: Mosquitto, tmp_path: Path) -> None:
    file, batch = line_at(broker, tmp_path), {"stream": "esp1", "seq": 1, "t": [NOW], "v": [412], "clock": "synced"}
    with serving(file, tmp_path / "data") as kit:
        healthy(kit)
        broker.publish(f"{WASHER}/esp/temperature", b"23.5")
        broker.publish(f"{WASHER}/esp/temperature", b"warm")
        broker.publish(f"{WASHER}/esp/count", json.dumps(batch).encode())
        until(lambda: kit.ingest()["received"] == 2, "both stored")
        before, status = kit.readings("washer", "esp", "temperature"), kit.get("/status")
        tokens = kit.operator()
        assert kit.process.end(signal.SIGTERM) == 0
        assert str(kit.process.out).splitlines() == [f"ready {kit.url}"], "stdout says nothing else"

    with serving(file, tmp_path / "data") as kit:
        assert kit.readings("washer", "esp", "temperature") == before
        assert kit.ingest() == status["ingest"]
        assert kit.get("/status")["store"] == status["store"]
        assert kit.operator() == tokens
        healthy(kit)
        broker.publish(f"{WASHER}/esp/count", json.dumps(batch).encode())
        until(lambda: kit.ingest()["duplicates"] == 1, "the repeat is known")
        assert kit.ingest()["stored"] == 2


def test_what_was_published_while_it_was_down_comes_after_its_restart(broker: Mosquitto, tmp_path: Path) -> None:
    file = line_at(broker, tmp_path)
    with serving(file, tmp_path / "data") as kit:
        healthy(kit)
    broker.publish(f"{WASHER}/esp/temperature", b"24.5")
    with serving(file, tmp_path / "data") as kit:
        stored(kit, 1)


def test_a_kill_loses_nothing_that_was_shown(broker: Mosquitto, tmp_path: Path) -> None:
    file = line_at(broker, tmp_path)
    with running("serve", "--line", file, "--data", tmp_path / "data", "--http", "127.0.0.1:0") as process:
        kit = Kit(process, tmp_path / "data")
        healthy(kit)
        for value in range(50):
            broker.publish(f"{WASHER}/esp/temperature", str(value).encode())
        stored(kit, 50)
        assert kit.process.end(signal.SIGKILL) == -signal.SIGKILL
    with serving(file, tmp_path / "data") as kit:
        assert kit.readings("washer", "esp", "temperature")["v"] == list(range(50))
        assert "did not end in order" in str(kit.process.err) or "正しく終わっていません" in str(kit.process.err)


def test_a_broker_that_is_not_up_yet_is_waited_for_and_said(tmp_path: Path) -> None:
    late = Mosquitto(tmp_path, port=free_port())
    with serving(line_at(late, tmp_path), tmp_path / "data") as kit:
        sick = kit.ask("/healthz")
        assert sick.status_code == 503
        assert sick.headers["content-type"].startswith("application/problem+json")
        assert f"127.0.0.1:{late.port}" in sick.text
        assert kit.get("/status")["broker"]["connected"] is False
        kit.process.err.said(f"{late.port}.*tried again")
        late.start()
        try:
            healthy(kit)
            late.publish(f"{WASHER}/esp/temperature", b"25.5")
            stored(kit, 1)
            late.stop(kill=True)
            until(lambda: kit.ask("/healthz").status_code == 503, "sick again")
            late.start()
            healthy(kit)
        finally:
            late.stop()
