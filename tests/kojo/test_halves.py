"""`kojo collect` and `kojo kpi`: the two halves apart, where the store is a server."""

from pathlib import Path

import pytest

from tests.faults.halves import CollectorProcess, KpiProcess
from tests.influx_server import influx_server
from tests.rig import contract_line, kojo, until
from tests.servers import mosquitto

pytestmark = pytest.mark.slow

WASHER = "kojo/v1/akita/wash/washer"


@pytest.mark.parametrize("command", [["collect"], ["kpi", "--http", "127.0.0.1:0"]], ids=" ".join)
def test_a_file_belongs_to_one_program_and_a_half_says_so(tmp_path: Path, command: list[str]) -> None:
    line = contract_line(tmp_path, "mqtt://127.0.0.1:1")
    said = kojo(*command, "--line", line, "--data", tmp_path / "data")
    assert said.returncode == 2
    assert "kojo serve" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "data" / "line.duckdb").exists()


def test_sharing_needs_a_broker_that_speaks_mqtt_5(tmp_path: Path) -> None:
    line = contract_line(tmp_path, "embedded")
    line.write_text(line.read_text("utf-8").replace("duckdb:line.duckdb", "influx://127.0.0.1:1/kojo"), "utf-8")
    said = kojo("collect", "--share", "--line", line, "--data", tmp_path / "data")
    assert said.returncode == 2
    assert "MQTT 5" in said.stderr


@pytest.mark.mosquitto
@pytest.mark.influx
def test_what_one_half_collects_the_other_shows(tmp_path: Path) -> None:
    with mosquitto() as broker, influx_server(tmp_path) as server:
        line = contract_line(tmp_path, f"mqtt://{broker.host}:{broker.port}")
        text = line.read_text("utf-8").replace("duckdb:line.duckdb", server.url(server.new_bucket()))
        line.write_text(text, "utf-8")
        collector, pages = CollectorProcess(line, tmp_path / "data"), KpiProcess(line, tmp_path / "data")
        try:
            collector.start().subscribed()
            pages.start().healthy()
            with pages.pages.live() as heard:
                broker.publish(f"{WASHER}/esp/temperature", b"23.5")
                broker.publish(f"{WASHER}/esp/temperature", b"warm")
                heard.wait(lambda name, body: name == "reading" and body[0]["v"] == 23.5)
            until(lambda: pages.pages.ingest()["stored"] == 1, "the counters of the other half")
            assert pages.pages.readings("washer", "esp", "temperature")["v"] == [23.5]
            waiting = pages.pages.get("/quarantine")["messages"]
            assert [message["reason"] for message in waiting] == ["not_json"]
            until(lambda: pages.pages.ingest()["in_quarantine"] == 1, "the quarantine of the other half")
            token = (pages.data / "operator.token").read_text("ascii").strip()
            ids = {"ids": [message["id"] for message in waiting]}
            assert pages.pages.ask("/quarantine/replay", "POST", token, json=ids).json() == {"stored": 0, "still": 1}
            broker.publish("kojo/v1/akita/wash/_agents/pi-1", b'{"state":"online","at":5}', retain=True)
            until(lambda: pages.pages.get("/status")["agents"][0]["state"] == "online", "agents are heard")
            broker.stop(kill=True)
            until(lambda: pages.pages.ask("/healthz").status_code == 503, "the broker is missed")
        finally:
            collector.stop()
            pages.stop()
