"""How much the outbox writes: a flash card lives by it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.catalogue import Measure
from contract.line import Line, Sensor, Station
from contract.payload import Acks
from contract.reading import NS_PER_S
from contract.words import Words
from edge.agent import Agent
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.delivery import Delivery
from edge.outbox import Outbox

pytestmark = pytest.mark.slow

MINUTES = 30
LIMIT_GB_A_DAY = 1.5


class Thermometer:
    """Asked once a second, and never twice the same."""

    every_s = 1.0

    def __init__(self) -> None:
        self.asked = 0

    def open(self, board: Any) -> "Thermometer":
        return self

    def read(self) -> dict[str, float]:
        self.asked += 1
        return {"x": 20 + self.asked * 0.0137}

    def close(self) -> None:
        pass


def _written_bytes() -> int:
    """What this process gave to the disk; on a file system in memory, what it gave to files."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text("ascii").splitlines())
    return max(int(lines["write_bytes"]), int(lines["wchar"]))


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="only Linux counts what a process writes")
def test_ten_polled_sensors_at_1_hz_write_at_most_1_5_gb_a_day(tmp_path: Path) -> None:
    clock = HandClock(1_795_000_000 * NS_PER_S)
    bench = Bench(clock)
    measures = (Measure("x", Words("温度", "temperature")),)
    sensors = {f"s{n}": Sensor("washer", f"s{n}", "asked", {}, measures) for n in range(10)}
    line = Line("akita", "wash", stations={"washer": Station("washer", "洗浄機", agent="pi-1", sensors=sensors)})
    outbox = Outbox(tmp_path / "outbox.sqlite", "pi-1", clock)
    modules: Any = {"asked": SimpleNamespace(STYLE="polled", Sensor=lambda **_: Thermometer())}
    agent = Agent(line, "pi-1", bench, outbox, modules)
    delivery = Delivery(outbox, clock)
    delivery.is_live = True
    stored: dict[str, int] = {}
    delivery.listen(lambda: stored.update({str(batch.series): batch.last for batch in delivery.due()}))
    clock.every(1.0, lambda: delivery.hear(Acks("store", {outbox.stream: dict(stored)}), retained=False), "store")
    agent.start()
    clock.turn(60.0)
    before = _written_bytes()
    clock.turn(MINUTES * 60.0)
    gb_a_day = (_written_bytes() - before) * 24 * 60 / MINUTES / 1e9
    agent.stop()
    assert outbox.held == 10 * (MINUTES + 1) * 60 + 2 * (MINUTES + 1) + 11
    assert 0.1 < gb_a_day <= LIMIT_GB_A_DAY
    outbox.close()
    bench.close()
