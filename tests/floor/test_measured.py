"""The kit's own sensors on the floor's wires: what they tell is what happened."""

from collections import defaultdict
from pathlib import Path
from threading import Event

import pytest

from contract.line import Line, load
from contract.reading import Value
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.sensors import Listening, catalogue, modules
from edge.system_clock import SystemClock
from floor.records import Press, Weighing
from floor.traps import Trap
from floor.washing import WashingLine
from tests.floor.small_line import at

EIGHT = at("2026-10-05T08:00")
WASHING = Path(__file__).parent.parent.parent / "hardware/lines/washing.toml"


def washing() -> Line:
    return load(WASHING, catalogue())


class Measured:
    """The demo's line, its floor, and every sensor of it listening."""

    def __init__(self, hours: float, seed: int = 3, traps: tuple[Trap, ...] = (), improved: bool = False) -> None:
        self.line = washing()
        self.told: dict[tuple[str, str, str], list[tuple[int, Value]]] = defaultdict(list)
        clock = HandClock(EIGHT)
        benches = {agent: Bench(clock) for agent in self.line.agents}
        self.floor = WashingLine(self.line, benches, clock, seed, EIGHT, improved, traps=traps)
        self.floor.start()
        listening = {
            (station.id, sensor.id): self._listen(station.id, sensor.id, benches[station.agent or ""])
            for station in self.line.stations.values()
            for sensor in station.sensors.values()
        }
        clock.turn(hours * 3600)
        self.health = {key: opened.health() for key, opened in listening.items()}
        for bench in benches.values():
            bench.close()

    def _listen(self, station: str, sensor: str, bench: Bench) -> Listening:
        described = self.line.stations[station].sensors[sensor]

        def tell(measure: str, value: Value, at_ns: int) -> None:
            self.told[station, sensor, measure].append((EIGHT + at_ns, value))

        listening: Listening = modules()[described.type].Sensor(**described.settings).listen(bench, tell)
        return listening


@pytest.fixture(scope="module")
def shift() -> Measured:
    return Measured(3.0)


def pieces_are_counted_exactly(measured: Measured) -> None:
    for station in ("washer", "packer"):
        counted = [at_ns for at_ns, _ in measured.told[station, "done", "count"]]
        made = [piece.at_ns for piece in measured.floor.truth.pieces(station, tests=True)]
        assert len(counted) == len(made)
        assert all(abs(a - b) < 25_000_000 for a, b in zip(counted, made, strict=True))
        assert sum(a == b for a, b in zip(counted, made, strict=True)) > 0.98 * len(made)


def test_pieces_are_counted_exactly_and_dated_at_their_first_touch(shift: Measured) -> None:
    pieces_are_counted_exactly(shift)


@pytest.mark.slow
def test_pieces_are_counted_exactly_over_a_whole_day() -> None:
    pieces_are_counted_exactly(Measured(24.0, seed=5))
    pieces_are_counted_exactly(Measured(24.0, seed=6, improved=True))


def test_the_wash_is_measured_to_the_nanosecond(shift: Measured) -> None:
    changes = shift.told["washer", "wash", "state"]
    began: int | None = None
    washes = []
    for at_ns, state in changes:
        if state and began is None:
            began = at_ns
        elif not state and began is not None:
            washes.append((began, at_ns))
            began = None
    happened = [(p.began_ns, p.ended_ns) for p in shift.floor.truth.phases("washer", "wash", broken=True)]
    assert len(washes) == len(happened)
    assert sum(a == b for a, b in zip(washes, happened, strict=True)) > 0.98 * len(happened)


def test_every_button_says_what_was_pressed(shift: Measured) -> None:
    heard: set[tuple[str, str]] = set()
    for (station, sensor, measure), told in shift.told.items():
        if measure == "pressed":
            presses = [p for p in shift.floor.truth.of(Press, station) if p.sensor == sensor]
            assert len(told) in (len(presses), len(presses) - 1)
            heard |= {(station, str(value)) for _, value in told}
    assert {("washer", "production"), ("packer", "A-100")} <= heard or {("packer", "B-200")} <= heard


def test_every_scrap_is_heard(shift: Measured) -> None:
    verdicts = [v for v in shift.floor.truth.verdicts("washer") if v.pressed]
    assert [at_ns for at_ns, _ in shift.told["washer", "scrap", "count"]] == [v.at_ns for v in verdicts]


def test_every_weight_is_read_and_what_sways_is_not(shift: Measured) -> None:
    weighed = [(w.at_ns, w.grams) for w in shift.floor.truth.of(Weighing)]
    assert shift.told["packer", "scale", "weight"] == weighed
    assert shift.health["packer", "scale"]["unstable"] >= len(weighed)
    assert shift.health["packer", "scale"]["garbage"] == 0


def test_spikes_are_rejected_and_counted(shift: Measured) -> None:
    assert sum(health.get("glitches", 0) for health in shift.health.values()) > 0
    assert sum(health.get("lost_edges", 0) for health in shift.health.values()) == 0


def test_the_floor_runs_by_itself_in_real_time() -> None:
    clock = SystemClock()
    line = washing()
    bench = Bench(clock)
    floor = WashingLine(line, {"pi-1": bench}, clock, 1, at("2026-10-05T11:00"), improved=True)
    pressed = Event()
    buttons = [modules()["button"].Sensor(pin=pin).listen(bench, lambda *told: pressed.set()) for pin in (5, 6)]
    floor.start()
    assert pressed.wait(10.0)
    floor.stop()
    clock.close()
    assert floor.truth.of(Press, "washer")
    for button in buttons:
        button.close()
    bench.close()
