"""Which floor fits which line, and that it moves every sensor of the kit's own example lines."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from contract.errors import NotThere
from contract.line import Line, Sensor, Station
from edge.bench_clock import HandClock
from edge.bench_parts import Placed
from floor.fitting import fitting, place_at
from floor.handwork import Assembly, Packing
from floor.lathe import Lathe
from floor.press import Press
from floor.washing import WashingLine
from tests.floor.lived import EIGHT
from tests.floor.small_line import washing_line, wire
from tests.rig import LINES, loaded

NAMES = sorted(file.stem for file in LINES.glob("*.toml"))
DAYS = {"press": 8, "lathe": 8, "hand-assembly": 3, "packing": 3, "washing": 3}
"""So long until every reason has come up; a day of the others."""


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("press", ["Press"]),
        ("cold-store", ["ColdStore"]),
        ("hand-assembly", ["Assembly"]),
        ("packing", ["Packing"]),
        ("lathe", ["Lathe"]),
        ("hygiene-door", ["Visits"]),
        ("andon-call", ["Visits", None]),
    ],
)
def test_the_work_of_each_station_follows_from_its_sensors(name: str, work: list[str | None]) -> None:
    line = loaded(LINES / f"{name}.toml")
    found = [place_at(station) for station in line.stations.values()]
    assert [place and place.__name__ for place in found] == work
    assert fitting(line).__name__ == "Workshop"


@pytest.mark.parametrize("name", ["washing", "contract"])
def test_a_washer_and_a_packer_are_the_washing_line(name: str) -> None:
    assert fitting(loaded(LINES / f"{name}.toml")) is WashingLine


def station(*sensors: Sensor) -> Station:
    return Station("here", "ここ", "pi-1", 30.0, sensors={sensor.id: sensor for sensor in sensors})


def test_the_more_that_is_known_of_a_station_the_more_it_is() -> None:
    done, run = wire("here", "done", 17, "cycle"), wire("here", "run", 27, "running")
    cut, said = wire("here", "cut", 22, "phase:cut"), wire("here", "said", 5, "product", "A", "button")
    scale = Sensor("here", "scale", "scale_and", {"port": "/dev/ttyUSB0"}, ())
    assert place_at(station(done)) is Assembly
    assert place_at(station(done, scale)) is Packing
    assert place_at(station(done, run)) is Press
    assert place_at(station(done, cut, said, run)) is Lathe
    assert place_at(station()) is None


def test_a_line_on_which_nothing_could_happen_has_no_floor() -> None:
    line = dataclasses.replace(washing_line(), stations={"here": station()})
    with pytest.raises(NotThere, match="cycle"):
        fitting(line)


class SpyBench:
    """Whose pins and ports were moved."""

    def __init__(self) -> None:
        self.pins: dict[int, set[bool]] = {}
        self.ports: Counter[str] = Counter()

    def drive(self, pin: int, level: bool) -> None:
        self.pins.setdefault(pin, set()).add(level)

    def type(self, port: str, data: bytes) -> None:
        assert data
        self.ports[port] += 1


class SpyPart:
    """A part of which is kept how it was turned, and which cards were held to it."""

    def __init__(self) -> None:
        self.turned: dict[str, set[Any]] = {}

    def hold(self, *cards: str) -> None:
        self.turned.setdefault("card", set()).update(cards)

    def __getattr__(self, what: str) -> Any:
        return None

    def __setattr__(self, what: str, value: Any) -> None:
        if what == "turned":
            object.__setattr__(self, what, value)
        else:
            self.turned.setdefault(what, set()).add(value)


def of_agents(line: Line) -> Iterator[tuple[str, Sensor]]:
    for at in line.stations.values():
        yield from ((at.agent or "", sensor) for sensor in at.sensors.values() if sensor.type != "external")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name != "contract"])
def test_every_sensor_of_an_example_line_is_moved(name: str) -> None:
    line, clock = loaded(LINES / f"{name}.toml"), HandClock(EIGHT)
    benches = {agent: SpyBench() for agent in line.agents}
    parts = {f"{sensor.station}/{sensor.id}": SpyPart() for _, sensor in of_agents(line)}
    placed = {key: Placed(part) for key, part in parts.items()}
    floor = fitting(line)(line, benches, clock, 11, EIGHT, bounded=True, parts=placed)
    floor.start()
    clock.turn(DAYS.get(name, 1) * 86400)
    still = []
    for agent, sensor in of_agents(line):
        pin, port = sensor.settings.get("pin"), sensor.settings.get("port")
        turned = parts[f"{sensor.station}/{sensor.id}"].turned
        moved = (
            benches[agent].pins.get(pin) == {True, False} if pin is not None
            else benches[agent].ports[port] > 0 if port is not None
            else any(len(values) > 1 for values in turned.values())
        )  # fmt: skip
        if not moved:
            still.append(sensor.id)
    assert still == []


def test_stations_that_nobody_works_at_stand_still() -> None:
    line, clock = loaded(LINES / "andon-call.toml"), HandClock(EIGHT)
    benches = {agent: SpyBench() for agent in line.agents}
    floor = fitting(line)(line, benches, clock, 1, EIGHT)
    floor.start()
    clock.turn(3600)
    assert benches["pi-1"].pins
    assert not benches["pi-2"].pins
    assert floor.in_process == 0
