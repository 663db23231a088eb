"""`kojo edge`: the agent as a process on the bench, and as the same class on a bench that the test holds."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.reading import NS_PER_S, Series
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.outbox import Outbox
from edge.system_clock import SystemClock
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from tests.faults.disks import small_disk
from tests.rig import LINES, Kit, Stage, kojo, loaded, running, serving, until, written
from tests.servers import Mosquitto, free_port

pytestmark = pytest.mark.slow

SCALE = """\
schema = 1
site = "akita"
line = "wash"

[mqtt]
url = "embedded"

[stations.packer]
name = "梱包"
agent = "pi-1"

[stations.packer.sensors.done]
type = "pulse"
pin = 17

[stations.packer.sensors.scale]
type = "scale_and"
port = "/dev/ttyUSB0"
"""


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as opened:
        yield opened


def sensors(kit: Kit) -> dict[str, Any]:
    """The health of the agent's sensors, as /status shows it."""
    found: dict[str, Any] = kit.get("/status")["agents"][0].get("sensors", {})
    return found


def test_an_agent_that_is_started_on_a_full_disk_says_so_and_begins_once_there_is_room(tmp_path: Path) -> None:
    line = written(tmp_path, SCALE, f"mqtt://127.0.0.1:{free_port()}")
    with small_disk(tmp_path / "pi", megabytes=2) as disk:
        disk.fill(leave=0)
        arguments = ("edge", "--line", line, "--agent", "pi-1", "--data", disk.path)
        with running(*arguments, wrap=disk.wrap, GPIOZERO_PIN_FACTORY="mock") as agent:
            agent.err.said("outbox .*cannot be written")
            disk.empty()
            agent.err.said("agent pi-1 is running")
            assert agent.end() == 0
            assert str(agent.err).count("cannot be written") == 1
            assert "readings not confirmed. They are kept on this Pi" in str(agent.err), "its end says what is left"


def test_an_agent_that_was_renamed_says_at_its_start_what_it_left_behind(tmp_path: Path) -> None:
    clock = HandClock(1_795_000_000 * NS_PER_S)
    (tmp_path / "pi").mkdir()
    old = Outbox(tmp_path / "pi" / "pi-old.outbox.sqlite", "pi-old", clock)
    old.put(Series("packer", "done", "count"), 1, 0)
    old.close()
    line = written(tmp_path, SCALE, f"mqtt://127.0.0.1:{free_port()}")
    arguments = ("edge", "--line", line, "--agent", "pi-1", "--data", tmp_path / "pi")
    with running(*arguments, GPIOZERO_PIN_FACTORY="mock") as agent:
        agent.err.said("pi-old")
        agent.err.said("agent pi-1 is running")
        assert agent.end() == 0


@pytest.mark.mosquitto
def test_an_agent_whose_broker_is_not_up_yet_waits_says_so_and_loses_nothing(tmp_path: Path) -> None:
    late = Mosquitto(tmp_path, port=free_port())
    text = (LINES / "contract.toml").read_text("utf-8").replace("resend_after_s = 30.0", "resend_after_s = 1.0")
    line = written(tmp_path, text, f"mqtt://127.0.0.1:{late.port}")
    with (
        running(
            "edge", "--line", line, "--agent", "pi-1", "--data", tmp_path / "pi", GPIOZERO_PIN_FACTORY="mock"
        ) as agent,
        serving(line, tmp_path / "data") as kit,
    ):
        agent.err.said("On the bench")
        agent.err.said(f"127.0.0.1:{late.port}")
        assert agent.running
        late.start()
        try:
            until(lambda: len(kit.readings("washer", "air", "temperature")["v"]) > 0, "what it read is stored")
            assert kit.readings("washer", "air", "temperature")["unit"] == "°C"
            until(lambda: len(kit.readings("washer", "_agent", "alive")["v"]) > 0, "also from before the broker came")
            assert kit.readings("washer", "_agent", "alive")["v"][0] < 1
            status = kit.get("/status")["agents"][0]
            assert (status["agent"], status["state"]) == ("pi-1", "online")
            assert agent.end(signal.SIGTERM) == 0
            until(lambda: kit.get("/status")["agents"][0]["state"] == "offline", "it said goodbye")
        finally:
            late.stop()


def test_a_serial_port_that_is_not_there_is_reported_and_tried_again_and_silences_nobody(
    tmp_path: Path, stage: Stage
) -> None:
    file = written(tmp_path, SCALE, f"embedded:{free_port()}")
    kit = stage.on(serving(file, tmp_path / "data"))
    clock = stage.closing(SystemClock())
    bench = stage.closing(Bench(clock))
    bench.unplug("/dev/ttyUSB0")
    home = stage.closing(DataDirectory(tmp_path / "pi", "edge-pi-1"))
    stage.starts(EdgeAgent(loaded(file), "pi-1", bench, home))

    until(lambda: sensors(kit).get("packer/scale", {}).get("state") == "broken", "reported as broken")
    scale = sensors(kit)["packer/scale"]
    assert "/dev/ttyUSB0" in scale["why_ja"]
    assert "/dev/ttyUSB0" in scale["why_en"]
    assert sensors(kit)["packer/done"]["state"] == "ok"
    bench.drive(17, False)
    until(lambda: kit.readings("packer", "done", "count")["v"] == [1], "the others go on")

    bench.plug("/dev/ttyUSB0")
    until(lambda: sensors(kit)["packer/scale"]["state"] == "ok", "found when it is plugged in")
    bench.type("/dev/ttyUSB0", b"ST,+00123.45  g\r\n")
    until(lambda: kit.readings("packer", "scale", "weight")["v"] == [123.45], "and read")
    assert kit.readings("packer", "scale", "weight")["unit"] == "g"


def test_two_agents_of_one_name_in_one_place_are_told_apart(tmp_path: Path) -> None:
    line = written(tmp_path, SCALE, f"embedded:{free_port()}")
    options = ("--line", line, "--agent", "pi-1", "--data", tmp_path / "pi")
    with running("edge", *options, GPIOZERO_PIN_FACTORY="mock") as agent:
        agent.err.said("is running")
        second = kojo("edge", *options, GPIOZERO_PIN_FACTORY="mock")
        assert second.returncode == 2
        assert "in use by another kojo" in second.stderr
        assert agent.end(signal.SIGINT) == 0


def test_a_mistyped_secret_is_said_before_anything_begins(tmp_path: Path) -> None:
    line = written(tmp_path, SCALE)
    (tmp_path / "pi").mkdir()
    secrets = tmp_path / "pi" / "secrets.toml"
    secrets.write_text('[mqtt]\nuser = "pi-1"\npasswort = "x"\n')
    secrets.chmod(0o600)
    told = kojo("edge", "--line", line, "--agent", "pi-1", "--data", tmp_path / "pi", GPIOZERO_PIN_FACTORY="mock")
    assert told.returncode == 2
    assert "passwort" in told.stderr
    assert json.dumps("x") not in told.stderr
