"""`kojo derive --renew` while everything runs: whoever gets the new secrets.toml is back without a new start."""

import logging
import shutil
from pathlib import Path

import pytest

from collector.ingest import Ingest
from collector.store.duck import DuckStore
from collector.subscriber import Subscriber
from contract import secrets
from edge.bench import Bench
from edge.system_clock import SystemClock
from hardware.account_derive import derive_accounts
from kojo.data_directory import DataDirectory
from kojo.edge import EdgeAgent
from tests.derived import WITHIN_S, Kit, derived_embedded, line_of, now
from tests.servers import wait_until

pytestmark = pytest.mark.slow


def renew(kit: Kit, directory: Path, user: str) -> None:
    derive_accounts(line_of(directory, f"embedded:{kit.host}:{kit.port}"), kit.out, now(), renew=[user])


def test_an_agent_takes_up_its_new_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with derived_embedded(tmp_path) as kit:
        on_the_pi = tmp_path / "pi"
        shutil.copytree(kit.out / "agents" / "pi-1", on_the_pi)
        clock = SystemClock()
        line = line_of(tmp_path, f"embedded:{kit.host}:{kit.port}")
        bench = Bench(clock)
        with DataDirectory(on_the_pi, "edge-pi-1") as directory:
            agent = EdgeAgent(line, "pi-1", bench, directory)
            agent.start()
            wait_until(lambda: agent.link.connected, WITHIN_S, "the agent is connected")
            renew(kit, tmp_path, "pi-1")
            wait_until(
                lambda: "受け付けません" in caplog.text, WITHIN_S, "the old password is refused, and that is said"
            )
            shutil.copyfile(kit.out / "agents" / "pi-1" / "secrets.toml", on_the_pi / "secrets.toml")
            wait_until(lambda: agent.link.connected, WITHIN_S, "the agent is back")
            agent.stop()
        bench.close()
        clock.close()


def test_a_collector_takes_up_its_new_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "collector.subscriber")
    with derived_embedded(tmp_path) as kit:
        line = line_of(tmp_path, f"embedded:{kit.host}:{kit.port}")
        store = DuckStore(tmp_path / "line.duckdb", threads=1, memory_mb=128)
        subscriber = Subscriber(
            line, Ingest(store, [(0, line)], "one"), kit.broker.from_here, lambda: secrets.read(kit.out).mqtt
        )
        subscriber.start()
        wait_until(lambda: subscriber.connected, WITHIN_S, "the collector is connected")
        renew(kit, tmp_path, "_collector")
        wait_until(lambda: caplog.text.count("つながりました") >= 2, WITHIN_S, "the collector is back")
        subscriber.stop()
        store.close()
