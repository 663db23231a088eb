"""What shows how a station is, and what reads codes and cards, each by itself."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from contract.catalogue import Measure
from contract.line import Line, Sensor, Station
from contract.reading import NS_PER_S
from contract.words import Words
from edge.bench_clock import HandClock
from edge.bench_parts import Placed
from floor.gauges import Bin, gauges
from floor.hall import Hall
from floor.readers import CardReader, Scanner
from floor.records import Condition
from floor.troubles import BLOCKED, CHANGEOVER, JAM, PUMP, REST
from tests.floor.small_line import at

START_NS = at("2026-10-05T08:00")


class Stage:
    """One sensor of one station, and what stands on the bench for it."""

    def __init__(self, kind: str, part: Any, *measures: str) -> None:
        said = tuple(Measure(key, Words(key, key)) for key in measures)
        sensor = Sensor("press", "it", kind, {}, said)
        station = Station("press", "プレス", "pi-1", sensors={"it": sensor})
        self.part, self.clock = part, HandClock(START_NS)
        placed = {"press/it": Placed(part)}
        line = Line(site="akita", line="press", stations={"press": station})
        self.hall = Hall(line, {}, self.clock, 1, START_NS, parts=placed)
        (self.gauge,) = gauges(self.hall, station)
        self.hall.start()


def tower() -> Stage:
    return Stage("signal_tower", SimpleNamespace(red="off", amber="off", green="off", blink_hz=1.0))


def lamps(stage: Stage) -> str:
    part = stage.part
    return " ".join(f"{key} {getattr(part, key)}" for key in ("red", "amber", "green") if getattr(part, key) != "off")


def test_a_stack_light_shows_why_it_stands() -> None:
    stage = tower()
    shown = []
    for kind, cause in (
        (None, REST),
        ("stop", JAM),
        ("stop", PUMP),
        ("wait", BLOCKED),
        ("stop", CHANGEOVER),
        ("break", REST),
    ):
        stage.gauge.see(kind, cause, turning=False)  # type: ignore[arg-type]
        shown.append(lamps(stage))
    assert shown == ["green on", "red blinking", "red on", "amber on", "amber blinking", ""]


def test_the_truth_keeps_each_lamp_once_for_each_change() -> None:
    stage = tower()
    for _ in range(3):
        stage.gauge.see(None, REST, turning=True)
    kept = [(c.quantity, c.value) for c in stage.hall.truth.of(Condition) if c.quantity != "blink_hz"]
    assert kept == [("red", "off"), ("amber", "off"), ("green", "on")]


def test_a_current_follows_the_machine_with_a_little_noise() -> None:
    stage = Stage("ct_clamp", SimpleNamespace(current=0.0))
    seen = {}
    for said, kind, turning in (("cuts", None, True), ("waits", "stop", False), ("off", "no_shift", False)):
        stage.gauge.see(kind, REST, turning)  # type: ignore[arg-type]
        drawn = []
        for _ in range(50):
            stage.clock.turn(4.0)
            drawn.append(stage.part.current)
        assert len(set(drawn)) > 40
        seen[said] = sum(drawn) / len(drawn)
    assert 6.0 < seen["cuts"] < 6.4
    assert 1.3 < seen["waits"] < 1.5
    assert seen["off"] < 0.05


def test_the_air_is_warmest_in_the_afternoon_and_driest_then() -> None:
    stage = Stage("sht31", SimpleNamespace(temperature=0.0, humidity=0.0), "temperature", "humidity")
    at_hour = {}
    for hour in range(24):
        at_hour[(8 + hour) % 24] = stage.part.temperature, stage.part.humidity
        stage.clock.turn(3600)
    assert at_hour[15][0] > at_hour[3][0] + 4
    assert at_hour[15][1] < at_hour[3][1] - 6


def test_a_frame_shakes_only_while_the_machine_works() -> None:
    stage = Stage("adxl345", SimpleNamespace(swing=0.0, main_frequency=0.0))
    stage.gauge.see(None, REST, turning=True)
    works = stage.part.swing
    stage.gauge.see("stop", JAM, turning=False)
    stands = stage.part.swing
    stage.gauge.see("break", REST, turning=False)
    assert works > 4 > 1 > stands > 0.3 > stage.part.swing
    assert 24 < stage.part.main_frequency < 25.5


def test_a_bin_on_a_load_cell_empties_part_by_part_and_is_filled_again() -> None:
    stage = Stage("hx711", SimpleNamespace(raw=0))
    assert isinstance(stage.gauge, Bin)
    heavy = []
    for _ in range(200):
        stage.gauge.take()
        stage.clock.turn(45.0)
        heavy.append(stage.part.raw / Bin.RAW_A_G)
    assert heavy[0] - heavy[30] == pytest.approx(30 * Bin.PART_G, abs=6.0)
    assert min(heavy) < 1000, "a full bin is called for when 40 are left"
    brought = [after for before, after in pairwise(heavy) if after > before + 100]
    assert brought
    assert all(weight > 2900 for weight in brought)


def test_a_sensor_without_a_gauge_has_none() -> None:
    station = Station("press", "プレス", sensors={"it": Sensor("press", "it", "nmea", {}, ())})
    line = Line(site="akita", line="press", stations={"press": station})
    assert gauges(Hall(line, {}, HandClock(START_NS), 1, START_NS), station) == ()


def test_a_code_is_scanned_as_a_line() -> None:
    sent: list[bytes] = []
    scanner = Scanner(sent.append)
    assert scanner.word(("p-1", "K-101", "4901234567894")) == "K-101"
    assert scanner.word(("p-1",)) == "p-1"
    assert scanner.word(()) == ""
    scanner.show("K-101")
    Scanner(None).show("K-101")
    assert sent == [b"K-101\r\n"]


def test_a_card_is_held_for_a_second_and_only_cards_that_there_are() -> None:
    held: list[tuple[str, ...]] = []
    part = SimpleNamespace(hold=lambda *cards: held.append(cards))
    stage = Stage("signal_tower", part=SimpleNamespace(red="", amber="", green="", blink_hz=0.0))
    model = SimpleNamespace(part=part)
    reader = CardReader("93d211ff = setup, 04a1 = production", model, stage.hall)  # type: ignore[arg-type]
    assert reader.word(("trial", "setup")) == "setup"
    assert reader.word(("trial",)) == ""
    reader.show("setup")
    stage.clock.turn(0.5)
    assert held == [("93d211ff",)]
    stage.clock.turn(0.6)
    assert held == [("93d211ff",), ()]
    assert stage.hall.now_ns >= START_NS + NS_PER_S
