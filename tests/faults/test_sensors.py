"""Sensors that raise, hang or flood: the others go on, hardly later, and nothing of theirs is lost."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.faults.sensor_child import CONTACTS, FLOODED, PARTS
from tests.faults.table import Outcome, record
from tests.rig import ROOT, Kit, environment, serving
from tests.servers import mosquitto

pytestmark = [pytest.mark.faults, pytest.mark.mosquitto]

WITHIN_S = 240.0
DELAYED_MS = 20.0

LINE = """
schema = 1
site = "akita"
line = "wash"
[mqtt]
url = "{mqtt}"
[store]
url = "duckdb:line.duckdb"
[stations.washer]
name = "洗浄機"
agent = "pi-1"
[stations.washer.sensors.raises]
type = "raises"
[stations.washer.sensors.hangs]
type = "hangs"
[stations.washer.sensors.flooded]
type = "pulse"
pin = {flooded}
[stations.washer.sensors.late]
type = "late"
pin = {late}
debounce_ms = 0
"""
PART = """
[stations.washer.sensors.part{n}]
type = "pulse"
pin = {pin}
debounce_ms = 0
"""

HEAD = '''"""Wiring: none.

    [stations.washer.sensors.x]
    type = "{type}"
    {setting}
"""
import threading
from dataclasses import dataclass
from contract.catalogue import Measure, setting
from contract.words import Words
from edge.contact import ContactSettings
TITLE = Words("試験", "test")
PARTS = TERMINALS = ()
'''
POLLED = """
STYLE = "polled"
MEASURES = (Measure("x", Words("値", "x")),)
@dataclass(frozen=True, kw_only=True)
class Sensor:
    every_s: float = setting(Words("読む間隔", "read every"), "number", default=0.05, unit="s", low=0.01)
    def open(self, board):
        return self
    def close(self):
        pass
    def read(self):
        {read}
def rehearse(sensor, bench):
    return iter(())
"""
LATE = """
STYLE = "event"
MEASURES = (Measure("late", Words("遅れ", "late"), unit="ms"),)
@dataclass(frozen=True, kw_only=True)
class Sensor(ContactSettings):
    def listen(self, board, tell):
        def changed(change):
            if change.active:
                tell("late", (board.clock.monotonic_ns() - change.at_ns) / 1e6, change.at_ns)
        return self.contact(board, changed)
def rehearse(sensor, bench):
    return iter(())
"""
SENSORS = {
    "raises": HEAD.format(type="raises", setting="every_s = 0.05")
    + POLLED.format(read='raise RuntimeError("no answer")'),
    "hangs": HEAD.format(type="hangs", setting="every_s = 0.05") + POLLED.format(read="threading.Event().wait()"),
    "late": HEAD.format(type="late", setting="pin = 17") + LATE,
}


def _line(directory: Path, mqtt: str, *, server: Path) -> Path:
    text = LINE.format(mqtt=mqtt, flooded=FLOODED, late=CONTACTS[-1])
    text += "".join(PART.format(n=n, pin=pin) for n, pin in enumerate(CONTACTS[:-1]))
    for data in (directory / "pi", server):
        (data / "sensors").mkdir(parents=True)
        for name, code in SENSORS.items():
            (data / "sensors" / f"{name}.py").write_text(code, "utf-8")
    (directory / "line.toml").write_text(text, "utf-8")
    return directory / "line.toml"


def _run(directory: Path, line: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.faults.sensor_child", line, directory / "pi", directory / "truth.json"]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=WITHIN_S, cwd=ROOT, check=False,
        env=environment({"GPIOZERO_PIN_FACTORY": "mock"}),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads((directory / "truth.json").read_text("utf-8"))
    return told


def _counted(kit: Kit, touches: list[list[int]]) -> tuple[int, int, int, Any]:
    """Of all counting contacts: stored, lost, doubled readings, and the errors of their dates in ms."""
    stored = lost = doubled = 0
    error_ns = np.zeros(1)
    for n in range(len(CONTACTS) - 1):
        got = kit.readings("washer", f"part{n}", "count")
        known = set(map(int, got["v"]))
        stored, doubled = stored + len(got["v"]), doubled + len(got["v"]) - len(known)
        lost += len(set(range(1, len(touches[n]) + 1)) - known)
        if len(got["t"]) == len(touches[n]):
            error_ns = np.append(error_ns, np.abs(np.array(got["t"]) - np.array(touches[n])))
    return stored, lost, doubled, error_ns / 1e6


def test_a_sensor_that_raises_one_that_hangs_and_a_pin_that_floods_leave_the_others_alone(tmp_path: Path) -> None:
    with mosquitto() as broker:
        line = _line(tmp_path, f"mqtt://{broker.host}:{broker.port}", server=tmp_path / "server")
        with serving(line, tmp_path / "server") as kit:
            truth = _run(tmp_path, line)
            stored, lost, doubled, date_ms = _counted(kit, truth["touches"])
            late = kit.readings("washer", "late", "late")
    at, late_ms = np.array(late["t"]), np.array(late["v"])
    calm, flooded = late_ms[at < truth["flooded_from"]], late_ms[at >= truth["flooded_from"]]
    before, after = (float(np.percentile(part, 95)) for part in (calm, flooded))
    note = (
        f"one raises, one hangs, {truth['edges'] / truth['seconds']:,.0f} edges/s on one pin: the others' edges are "
        f"heard {after:.1f} ms late in 95 of 100 cases (in peace {before:.1f}), at worst {flooded.max():.0f} "
        f"({calm.max():.0f}); dates off by {np.percentile(date_ms, 95):.2f} ms (at worst {date_ms.max():.1f})"
    )
    print(note)
    assert [len(touches) for touches in truth["touches"]] == [2 * PARTS] * len(CONTACTS)
    assert truth["sensors"]["washer/hangs"]["state"] == "hanging"
    assert truth["sensors"]["washer/raises"]["troubles"] > 1
    # A busy machine may stop the bench between its look at the clock and the touch: the worst date says nothing.
    assert np.percentile(date_ms, 95) < 1.0, "however late an edge is heard, its date is that of the first touch"
    assert after - before <= DELAYED_MS
    record(Outcome("sensors raise, hang, flood", 2 * PARTS * (len(CONTACTS) - 1), stored, lost, doubled, note))
