"""`kojo serve` with the broker of its own: whom it lets in, and a port that another program has."""

import re
from pathlib import Path

import pytest

from collector.embedded import EmbeddedBroker
from tests.rig import LINES, kojo, serving, until, written
from tests.servers import free_port

pytestmark = pytest.mark.slow

LINE = (LINES / "contract.toml").read_text("utf-8")


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.7", "factory.local"])
def test_a_broker_with_a_host_is_refused_until_there_are_accounts(tmp_path: Path, host: str) -> None:
    line = written(tmp_path, LINE, f"embedded:{host}:{free_port()}")
    told = kojo("serve", "--line", line, "--data", tmp_path / "data", "--http", "127.0.0.1:0")
    assert told.returncode == 2
    assert f"kojo derive --line {line} --out {tmp_path / 'data'}" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1, "and nothing else: " + told.stderr
    assert "ready" not in told.stdout


def test_a_broker_that_is_not_ours_is_not_taken_for_ours(tmp_path: Path) -> None:
    other = EmbeddedBroker("127.0.0.1", free_port())
    other.start()
    try:
        line = written(tmp_path, LINE, f"embedded:{other.port}")
        with serving(line, tmp_path / "data") as kit:
            kit.process.err.said(f"127.0.0.1:{other.port} is in use by another program.*embedded:{other.port + 1}")
            until(lambda: f"{other.port} is in use" in str(kit.get("/status")["broker"]["trouble"]), "said in /status")
            assert kit.ask("/healthz").status_code == 503
            assert f"{other.port} is in use" in kit.ask("/healthz").text
            other.stop()
            until(lambda: kit.ask("/healthz").status_code == 200, "its own broker listens")
            assert len(re.findall("in use by another", str(kit.process.err))) == 1, "said once"
    finally:
        other.stop()
