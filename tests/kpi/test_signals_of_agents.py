"""What real agents say of themselves, on the bench, as it is then shown at a station."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.sensors import ds18b20
from kpi.signals import signals
from tests.edge.test_rule_lines import PROBE, Floor

pytestmark = pytest.mark.slow


@pytest.fixture
def floors(tmp_path: Path) -> Iterator[Any]:
    opened: list[Floor] = []

    def open_(name: str) -> Floor:
        opened.append(Floor(name, tmp_path))
        return opened[-1]

    yield open_
    for floor in opened:
        floor.close()


def seen(floor: Floor, station: str) -> list[dict[str, Any]]:
    told = [{"agent": name, "at": None, **agent.state()} for name, agent in floor.agents.items()]
    return signals(floor.line, told, "viewer")[station]


def test_a_cold_store_that_is_warm_is_seen_and_a_pulled_probe_too(floors: Any) -> None:
    floor, chip = floors("cold-store"), ds18b20.Chip(4.0)
    bench = floor.benches["pi-1"]
    for probe in (PROBE, "28-000000000002", "28-000000000003"):
        bench.one_wire_chip(probe, chip)
    bench.drive(27, False)
    floor.start()
    floor.turn(60.0)
    assert seen(floor, "cold") == []
    chip.temperature = 12.0
    floor.turn(330.0)
    (warm,) = seen(floor, "cold")
    assert (warm["kind"], warm["rules"]) == ("alarm", [1, 2])
    assert warm["since"] is not None
    chip.temperature = 4.0
    floor.turn(30.0)
    (left,) = seen(floor, "cold")
    assert left["rules"] == [2]  # it waits for the button
    floor.press(5)
    assert seen(floor, "cold") == []
    bench.one_wire_chip(PROBE, None)
    floor.turn(15.0)
    (blind,) = seen(floor, "cold")
    assert (blind["kind"], blind["outputs"]) == ("blind", ["cold/buzzer", "cold/light"])
    assert PROBE in blind["why"]["ja"]


def test_a_call_is_seen_until_it_is_answered(floors: Any) -> None:
    floor = floors("andon-call")
    floor.start()
    pins = {id: sensor.settings["pin"] for id, sensor in floor.line.stations["assembly"].sensors.items()
            if sensor.type == "button"}  # fmt: skip
    assert seen(floor, "assembly") == []
    floor.press(pins["call"])
    (call,) = seen(floor, "assembly")
    assert (call["kind"], call["rules"]) == ("call", [2, 3, 4])
    floor.turn(310.0)
    (call,) = seen(floor, "assembly")
    assert call["rules"] == [1, 2, 3, 4]
    floor.press(pins["answer"])
    assert seen(floor, "assembly") == []
