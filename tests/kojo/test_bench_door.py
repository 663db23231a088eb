"""`kojo edge` on the bench offers its page; who may touch it; a page nobody asked for stops no agent."""

import json
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.rig import ROOT, Process, kojo, running, until, written
from tests.servers import free_port

LINE = """\
schema = 1
site = "akita"
line = "bench"
name = "練習ライン"

[mqtt]
url = "mqtt://127.0.0.1:1"

[stations.washer]
name = "洗浄機"
agent = "pi-1"

[stations.washer.sensors.done]
type = "pulse"
pin = 17

[stations.washer.sensors.scale]
type = "scale_and"
port = "/dev/ttyUSB0"
"""


@pytest.fixture
def asked(tmp_path: Path) -> list[object]:
    line = written(tmp_path, LINE, f"mqtt://127.0.0.1:{free_port()}")
    return ["edge", "--line", line, "--agent", "pi-1", "--data", tmp_path / "pi"]


@pytest.fixture
def agent(asked: list[object]) -> Iterator[Process]:
    with running(*asked, GPIOZERO_PIN_FACTORY="mock") as process:
        yield process


def address(agent: Process) -> str:
    """The address that is printed, good once."""
    return agent.err.said(r"the bench's page").rpartition("  ")[2].strip()


@pytest.mark.slow
def test_the_printed_address_lets_a_browser_touch_the_bench_and_the_agent_reads_it(agent: Process) -> None:
    with httpx.Client(follow_redirects=True, timeout=15) as browser:
        page = browser.get(address(agent), headers={"Accept": "text/html"})
        assert "練習台" in page.text
        root = str(page.url)
        assert browser.get(f"{root}api/v1/bench").json()["role"] == "operator"
        told: Any = {"agent": "pi-1", "device": "washer/done", "do": "bounce"}
        done = browser.post(
            f"{root}api/v1/bench/do", content=json.dumps(told), headers={"Content-Type": "application/json"}
        )
        assert done.json() == {"done": True}

        def pieces() -> Any:
            said = browser.get(f"{root}api/v1/bench").json()["state"]["pi-1"]["said"]
            return said.get("washer/done/count", {}).get("v")

        until(lambda: pieces() == 1, "the agent read one piece")
    assert agent.end() == 0
    assert "Traceback" not in str(agent.err)


@pytest.mark.slow
def test_its_tokens_are_the_agents_directorys_own(agent: Process, tmp_path: Path) -> None:
    root = re.sub(r"/pair.*", "", address(agent))
    file = tmp_path / "pi" / "operator.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = {"device": "washer/done", "do": "press"}
    assert httpx.post(f"{root}/api/v1/bench/do", json=told).status_code == 401
    bearer = {"Authorization": f"Bearer {file.read_text().strip()}"}
    assert httpx.post(f"{root}/api/v1/bench/do", json=told, headers=bearer).status_code == 200
    assert root.startswith("http://127.0.0.1:"), "on the loopback address unless asked otherwise"


@pytest.mark.slow
def test_a_phone_joins_by_kojo_pair_as_at_the_lines_pages(agent: Process, tmp_path: Path) -> None:
    root = re.sub(r"/pair.*", "", address(agent))
    shown = kojo("pair", "--data", tmp_path / "pi", "--http", root.removeprefix("http://"))
    with httpx.Client(follow_redirects=True, timeout=15) as phone:
        page = phone.get(shown.stdout.split()[0], headers={"Accept": "text/html"})
        assert phone.get(f"{page.url}api/v1/bench").json()["role"] == "operator"


@pytest.mark.slow
def test_off_means_no_page_and_a_port_is_taken_as_asked(asked: list[object], tmp_path: Path) -> None:
    with running(*asked, "--bench-page", "off", GPIOZERO_PIN_FACTORY="mock") as process:
        process.err.said("agent pi-1 is running")
        assert process.end() == 0
        assert "http://" not in str(process.err)
        assert not (tmp_path / "pi" / "operator.token").exists()
    port = free_port()
    with running(*asked, "--bench-page", f"127.0.0.1:{port}", GPIOZERO_PIN_FACTORY="mock") as process:
        assert f":{port}/pair" in address(process)
        assert process.end() == 0


@pytest.mark.slow
def test_a_page_that_was_asked_for_and_cannot_be_opened_is_the_users_mistake(
    asked: list[object], tmp_path: Path
) -> None:
    with running(*asked, "--bench-page", "nonsense", GPIOZERO_PIN_FACTORY="mock") as process:
        assert process.wait() == 2
        assert "--bench-page nonsense" in str(process.err)
    assert not (tmp_path / "pi").exists(), "nothing has begun"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(*asked, "--bench-page", f"127.0.0.1:{port}", GPIOZERO_PIN_FACTORY="mock") as process:
            assert process.wait() == 2
        assert f"Port {port} is in use" in str(process.err)
        assert "--bench-page" in str(process.err)
        assert "is running" not in str(process.err)


@pytest.mark.slow
def test_a_page_that_nobody_asked_for_stops_no_agent(asked: list[object], tmp_path: Path) -> None:
    (tmp_path / "pi").mkdir(mode=0o700)
    (tmp_path / "pi" / "operator.token").write_text("short\n")
    (tmp_path / "pi" / "operator.token").chmod(0o600)
    with running(*asked, GPIOZERO_PIN_FACTORY="mock") as process:
        process.err.said("operator.token holds no token")
        assert process.running
        assert process.end() == 0


def test_the_page_needs_nothing_of_the_servers_libraries() -> None:
    heavy = ["numpy", "duckdb", "fastapi", "starlette", "pydantic", "scipy", "simpy", "amqtt", "cryptography"]
    program = f"import sys, kojo.bench_door; print([name for name in {heavy!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
