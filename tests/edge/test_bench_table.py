"""A person's hands on the bench: what they do is read by the sensors as on a Pi."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from gpiozero import Button

from contract.catalogue import settings_of
from contract.line import Line, Output, Sensor, Station
from contract.reading import Value
from contract.words import Words
from edge import outputs, rehearsal, sensors
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.bench_hand import PRESSED_AT_MOST_S
from edge.bench_parts import place_all
from edge.bench_table import NotDone, Table
from edge.clock import Action
from edge.handles import Knob
from edge.keeper import Keeper

pytestmark = pytest.mark.slow

START_NS = 1_795_000_000_000_000_000
SENSORS = sensors.modules()
OUTPUTS = outputs.modules()


def as_loaded(type: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings with the defaults that a line.toml has once it is loaded."""
    usual = {s.key: s.default for s in settings_of(SENSORS[type].Sensor) if not s.required and s.default is not None}
    return usual | settings


class SeldomClock(HandClock):
    """A busy computer: what a hand is to do comes at whole half seconds only."""

    def at(self, due_ns: int, action: Action, lane: str = "edges") -> Any:
        """Later, if it is a hand's."""
        half_ns = 500_000_000
        return super().at(-(-due_ns // half_ns) * half_ns if lane == "hand" else due_ns, action, lane)


@dataclass
class Bed:
    """A table with one agent's devices, its sensors opened by hand; ``told`` is what listening sensors said."""

    things: dict[str, tuple[str, dict[str, Any]]]
    lamps: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    told: list[tuple[str, Value]] = field(default_factory=list)
    opened: dict[str, Any] = field(default_factory=dict)
    clock: HandClock = field(default_factory=lambda: HandClock(START_NS))

    def __post_init__(self) -> None:
        self.bench = Bench(self.clock, seed=7)
        made = {
            id: Sensor("st", id, type, as_loaded(type, settings), SENSORS[type].MEASURES)
            for id, (type, settings) in self.things.items()
        }
        lit = {id: Output("st", id, type, settings) for id, (type, settings) in self.lamps.items()}
        line = Line("a", "b", stations={"st": Station("st", "洗浄機", agent="pi-1", sensors=made, outputs=lit)})
        self.parts = place_all(line, "pi-1", self.bench, SENSORS)
        self.table = Table(line, "pi-1", self.bench, self.parts, SENSORS, OUTPUTS)

    def open(self, id: str) -> Any:
        """Open a sensor as the agent would."""
        type, settings = self.things[id]
        sensor = SENSORS[type].Sensor(**settings)
        if SENSORS[type].STYLE == "polled":
            self.opened[id] = sensor.open(self.bench)
        else:
            self.opened[id] = sensor.listen(self.bench, lambda measure, value, _: self.told.append((measure, value)))
        self.clock.turn(1.0)
        return self.opened[id]

    def do(self, id: str, do: str, turn_s: float = 1.0, **more: Any) -> None:
        """Do something, and let a second pass."""
        self.table.do({"device": f"st/{id}", "do": do, **more})
        self.clock.turn(turn_s)

    def state(self, id: str) -> Any:
        return self.table.state()["devices"][f"st/{id}"]

    def counted(self) -> float:
        return sum(float(value) for measure, value in self.told if measure == "count")


@pytest.fixture
def button() -> Iterator[Bed]:
    bed = Bed({"go": ("button", {"pin": 5})})
    bed.open("go")
    yield bed
    bed.opened["go"].close()


def test_a_press_is_read_while_the_finger_is_there(button: Bed) -> None:
    button.do("go", "press")
    assert button.told == [("count", 1), ("pressed", 1)]
    assert button.state("go")["contacts"] == [{"pin": 5, "on": True, "changes": 2, "doing": "press", "wired": True}]
    button.do("go", "let_go")
    assert button.told[2:] == [("pressed", 0)]
    assert button.state("go")["contacts"][0]["doing"] is None
    assert not button.bench.in_hand(5)


def test_a_tap_is_as_long_as_a_fingers(button: Bed) -> None:
    button.do("go", "press", 0.0)
    button.do("go", "let_go", 1.0)
    assert button.told == [("count", 1), ("pressed", 1), ("pressed", 0)]
    button.do("go", "press", 0.0)
    button.do("go", "let_go", 0.0)
    button.do("go", "hold", 5.0)
    assert button.told[3:] == [("count", 1), ("pressed", 1)], "what comes after it counts"


def test_a_press_whose_end_was_never_told_ends_by_itself_and_a_hold_does_not(button: Bed) -> None:
    button.do("go", "press", PRESSED_AT_MOST_S + 1)
    assert button.told[-1] == ("pressed", 0)
    button.do("go", "hold", 10 * PRESSED_AT_MOST_S)
    assert button.told[-1] == ("pressed", 1)


@pytest.mark.parametrize("edges", [1, 2, 5, 50])
def test_a_press_that_bounces_is_one_press(button: Bed, edges: int) -> None:
    before = button.bench.changes(5)
    button.do("go", "bounce", edges=edges, within_ms=10.0)
    assert button.counted() == 1
    assert button.bench.changes(5) - before >= 2 * edges
    assert not button.bench.in_hand(5)


def test_who_presses_again_as_soon_as_it_is_done_presses_again_on_a_busy_computer_too() -> None:
    bed = Bed({"go": ("button", {"pin": 5})}, clock=SeldomClock(START_NS))
    bed.open("go")
    for _ in range(3):
        bed.do("go", "bounce", 0.0, edges=1)
        while bed.state("go")["contacts"][0]["doing"] is not None:
            bed.clock.turn(0.001)
    bed.clock.turn(1.0)
    assert bed.counted() == 3


def test_a_spike_is_no_press_however_late_a_busy_computer_plays_its_end() -> None:
    bed = Bed({"go": ("button", {"pin": 5})}, clock=SeldomClock(START_NS))
    bed.open("go")
    for _ in range(20):
        bed.do("go", "glitch", 0.7, within_ms=12.0)
    assert bed.counted() == 0
    bed.do("go", "bounce", 2.0, edges=9, within_ms=12.0)
    assert bed.counted() == 1


def test_gpiozeros_own_button_waits_for_the_end_of_such_a_spike_too() -> None:
    clock = SeldomClock(START_NS)
    bench = Bench(clock, seed=7)
    pressed: list[bool] = []
    with Button(5, bounce_time=0.05, pin_factory=bench.factory) as button:
        button.when_pressed = lambda: pressed.append(True)
        for level, edges, so_far in ((True, 4, 0), (False, 5, 1)):
            bench.bounce_in_hand(5, level, edges, 12.0, "hand")
            clock.turn(0.7)
            assert len(pressed) == so_far


def test_without_debouncing_a_bounce_is_counted_as_often_as_it_closes() -> None:
    bed = Bed({"go": ("button", {"pin": 5, "debounce_ms": 0.0})})
    bed.open("go")
    bed.do("go", "bounce", edges=5, within_ms=5.0)
    assert bed.counted() > 1


def test_a_spike_is_no_press_and_leaves_what_is_held(button: Bed) -> None:
    button.do("go", "glitch")
    assert button.told == []
    button.do("go", "hold")
    button.do("go", "glitch")
    assert button.told == [("count", 1), ("pressed", 1)]
    assert button.state("go")["contacts"][0]["doing"] == "hold"


def test_a_repeated_press_goes_on_until_it_is_let_go(button: Bed) -> None:
    button.do("go", "repeat", 9.9, every_s=2.0)
    assert button.counted() == 5
    button.do("go", "let_go", 10.0)
    assert button.counted() == 5


def test_what_is_done_during_a_bounce_has_the_last_word(button: Bed) -> None:
    button.do("go", "bounce", 0.0, edges=9, within_ms=40.0)
    button.do("go", "let_go", 1.0)
    assert button.told == []
    assert not button.bench.in_hand(5)
    assert button.bench.level(5)


def test_a_contact_whose_wire_is_out_moves_nothing_until_it_is_in_again(button: Bed) -> None:
    button.do("go", "pull")
    for doing in ("press", "bounce", "glitch"):
        button.do("go", doing, 3.0)
    assert button.told == []
    button.do("go", "hold")
    assert not button.state("go")["contacts"][0]["on"]
    button.do("go", "plug")
    assert button.told == [("count", 1), ("pressed", 1)]


def test_what_the_floor_does_meanwhile_is_so_again_when_the_hand_lets_go(button: Bed) -> None:
    button.bench.drive(5, True)
    button.do("go", "hold")
    button.bench.drive(5, False)
    button.bench.drive(5, True)
    button.clock.turn(1)
    assert button.told == [("count", 1), ("pressed", 1)]
    button.bench.drive(5, False)
    button.do("go", "let_go")
    assert button.state("go")["contacts"][0]["on"], "the floor presses it now"


def test_a_contact_that_is_on_at_high_is_pressed_high() -> None:
    bed = Bed({"run": ("level", {"pin": 27, "active": "high"})})
    bed.open("run")
    bed.do("run", "hold")
    assert bed.bench.level(27)
    assert bed.told == [("state", 0), ("state", 1)]


@pytest.mark.parametrize("name", sorted(name for name in SENSORS if SENSORS[name].STYLE == "polled"))
def test_every_knob_of_a_polled_sensor_moves_its_reading(name: str) -> None:
    module, settings = SENSORS[name], rehearsal.example_settings(SENSORS[name])
    bed = Bed({"it": (name, settings)})
    plan = json.loads(json.dumps(bed.table.plan()))["devices"][0]
    knobs = [h for h in plan["handles"] if h["is"] == "knob" and h["key"] in {m.key for m in module.MEASURES}]
    if not knobs:
        pytest.skip("it has things to push instead")
    device, every_s = bed.open("it"), module.Sensor(**settings).every_s
    for knob in knobs:
        decimals = next(m.decimals for m in module.MEASURES if m.key == knob["key"])
        for part in (0.2, 0.4):
            value = knob["low"] + part * (knob["high"] - knob["low"])
            bed.do("it", "turn", 0.0, handle=knob["key"], value=value)
            near = max(0.02 * (knob["high"] - knob["low"]), 10.0 ** -(decimals or 0))
            assert any(abs(read - value) <= near for read in readings(bed, device, knob["key"], every_s))
    device.close()
    bed.bench.close()


def readings(bed: Bed, device: Any, measure: str, every_s: float) -> Iterator[float]:
    """What is read of a measure, time after time: some warm up, some take a mean."""
    for _ in range(60):
        bed.clock.turn(every_s)
        read = device.read()
        if measure in read:
            yield read[measure]


@pytest.mark.parametrize("name", sorted(SENSORS))
def test_every_sensor_can_be_shown_taken_hold_of_and_pulled_out(name: str) -> None:
    bed = Bed({"it": (name, rehearsal.example_settings(SENSORS[name]))})
    (plan,) = json.loads(json.dumps(bed.table.plan()))["devices"]
    json.dumps(bed.table.state())
    assert plan["wires"]
    assert plan["contacts"] or plan["handles"], "nothing to take hold of"
    assert plan["contacts"] or plan["plugs"], "nothing to pull out"
    bed.do("it", "pull")
    assert not bed.state("it")["wired"]
    bed.do("it", "plug")
    bed.bench.close()


CANNOT_TELL = {"mcp3008"}
"""An SPI chip without an id reads as zeros where none is there: its file says so."""


@pytest.mark.parametrize("name", sorted(n for n in SENSORS if hasattr(SENSORS[n], "place") and n not in CANNOT_TELL))
def test_a_part_that_is_pulled_out_is_reported_and_found_again(name: str) -> None:
    settings = rehearsal.example_settings(SENSORS[name])
    bed = Bed({"it": (name, settings)})
    keeper = kept(bed)
    bed.clock.turn(300)
    assert keeper.health.state == "ok", keeper.tell()
    bed.do("it", "pull", 0.0)
    assert any(broken(bed, keeper) for _ in range(600)), "nothing was said of it"
    bed.do("it", "plug", 0.0)
    bed.clock.turn(600)
    assert keeper.health.state == "ok", keeper.tell()
    keeper.stop()
    bed.bench.close()


def kept(bed: Bed) -> Keeper:
    """The one sensor of a bed, kept going as the agent does."""
    module = SENSORS[bed.things["it"][0]]
    sensor = Sensor("st", "it", bed.things["it"][0], bed.things["it"][1], module.MEASURES)
    keeper = Keeper(sensor, module, bed.bench, lambda *_: None, lambda: None)
    keeper.start()
    return keeper


def broken(bed: Bed, keeper: Keeper) -> bool:
    """Whether it is, a second later."""
    bed.clock.turn(1.0)
    return keeper.health.state == "broken"


def test_a_part_that_was_turned_is_in_hand_until_it_is_let_go() -> None:
    bed = Bed({"air": ("bme280", {}), "scale": ("scale_and", {"port": "/dev/ttyUSB0"})})
    assert not bed.state("air")["in_hand"]
    bed.do("air", "turn", handle="temperature", value=45.0)
    bed.parts["st/air"].turn("temperature", 21.0)
    assert (bed.state("air")["in_hand"], bed.state("air")["knobs"]["temperature"]) == (True, 45.0)
    bed.do("air", "let_go")
    assert (bed.state("air")["in_hand"], bed.state("air")["knobs"]["temperature"]) == (False, 21.0)
    bed.do("scale", "turn", handle="weight", value=1.0)
    assert not bed.state("scale")["in_hand"], "it has no model that a floor could turn"
    bed.bench.close()


def test_a_scale_prints_what_is_put_on_it() -> None:
    bed = Bed({"scale": ("scale_and", {"port": "/dev/ttyUSB0"})})
    scale = bed.open("scale")
    bed.do("scale", "turn", handle="weight", value=123.45)
    assert ("weight", 123.45) in bed.told
    bed.do("scale", "push", handle="overload")
    bed.do("scale", "type", handle="frame", text="QT,+00000050 PC")
    assert bed.told[-3:] == [("overload", 1), ("overload", 0), ("pieces", 50.0)]
    bed.do("scale", "push", handle="swaying")
    assert scale.health()["unstable"] == 1
    scale.close()
    bed.bench.close()


def test_the_lamps_of_an_output_are_lit_as_its_pins_are_driven() -> None:
    bed = Bed({}, {"andon": ("lamp", {"pin": 23, "active": "low"})})
    lamp = OUTPUTS["lamp"].Output(pin=23, active="low").open(bed.bench)
    assert [shown["on"] for shown in bed.state("andon")["lamps"]] == [False]
    lamp.set(1)
    assert [shown["on"] for shown in bed.state("andon")["lamps"]] == [True]
    bed.do("andon", "pull")
    assert [shown["on"] for shown in bed.state("andon")["lamps"]] == [False]
    lamp.set(0)
    lamp.set(1)
    assert [shown["on"] for shown in bed.state("andon")["lamps"]] == [False]
    bed.do("andon", "plug")
    assert [shown["on"] for shown in bed.state("andon")["lamps"]] == [True]
    lamp.close()


def test_a_buzzer_sounds_in_the_pauses_of_its_pattern_too() -> None:
    bed = Bed({}, {"horn": ("buzzer", {"pin": 26, "pattern": "beep"})})
    horn = OUTPUTS["buzzer"].Output(pin=26, pattern="beep").open(bed.bench)
    station = Station("st", "洗浄機", agent="pi-1", outputs={"horn": Output("st", "horn", "buzzer", {"pin": 26})})
    line, told = Line("a", "b", stations={"st": station}), {"st/horn": {"state": "ok", "v": 0}}
    table = Table(line, "pi-1", bed.bench, {}, SENSORS, OUTPUTS, lambda: told)

    def sounds(of: Table) -> bool:
        (lamp,) = of.state()["devices"]["st/horn"]["lamps"]
        return bool(lamp["on"])

    assert not sounds(table)
    horn.set(1)
    told["st/horn"]["v"] = 1
    bed.clock.turn(0.5)
    assert (bed.bench.level(26), sounds(table)) == (False, True)
    assert not sounds(bed.table), "without an agent there is the pin alone"
    table.do({"device": "st/horn", "do": "pull"})
    assert not sounds(table)
    horn.close()
    bed.bench.close()


def test_a_file_whose_handles_fail_hides_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    def none_at_all(*_: Any) -> Any:
        raise ZeroDivisionError

    def one_that_knows_nothing(*_: Any) -> Any:
        yield Knob("temperature", Words("温度", "temperature"), 0, 1, lambda: 1 / 0, none_at_all)
        yield Knob("humidity", Words("湿度", "humidity"), 0, 1, lambda: float("nan"), none_at_all)

    for handles in (none_at_all, one_that_knows_nothing):
        module: Any = SimpleNamespace(**{**vars(SENSORS["bme280"]), "handles": handles})
        air = Sensor("st", "air", "bme280", {}, SENSORS["bme280"].MEASURES)
        go = Sensor("st", "go", "button", {"pin": 5}, SENSORS["button"].MEASURES)
        line = Line("a", "b", stations={"st": Station("st", "x", agent="pi-1", sensors={"air": air, "go": go})})
        bench = Bench(HandClock(START_NS))
        table = Table(line, "pi-1", bench, {}, {**SENSORS, "bme280": module}, OUTPUTS)
        table.do({"device": "st/go", "do": "hold"})
        assert json.loads(json.dumps(table.state(), allow_nan=False))["devices"]["st/air"]["knobs"] == {}
        assert bench.in_hand(5)
    assert "ZeroDivisionError" in caplog.text


def test_what_cannot_be_done_is_said_in_both_languages(button: Bed) -> None:
    for asked in (
        {},
        {"device": "st/nobody", "do": "press"},
        {"device": "st/go", "do": "burn"},
        {"device": "st/go", "do": "press", "pin": 6},
        {"device": "st/go", "do": "bounce", "edges": 10**9},
        {"device": "st/go", "do": "bounce", "edges": True},
        {"device": "st/go", "do": "bounce", "within_ms": float("nan")},
        {"device": "st/go", "do": "repeat", "every_s": 0.0},
        {"device": "st/go", "do": "turn", "handle": "temperature", "value": 1},
        {"device": "st/go", "do": "type", "handle": "line", "text": "x"},
    ):
        with pytest.raises(NotDone) as refused:
            button.table.do(asked)
        assert refused.value.say("ja")
        assert refused.value.say("en")
    assert button.told == []


def test_a_knob_takes_its_range_and_a_keyboard_its_length() -> None:
    bed = Bed(
        {
            "air": ("bme280", {}),
            "oven": ("serial_line", {"port": "/dev/ttyS1", "pattern": "(?P<n>x)", "measures": {"n": {}}}),
        }
    )
    for value in (85.1, -40.1, float("inf"), None, "23", True):
        with pytest.raises(NotDone):
            bed.table.do({"device": "st/air", "do": "turn", "handle": "temperature", "value": value})
    for text in ("x" * 1025, 5, "温度"):
        with pytest.raises(NotDone):
            bed.table.do({"device": "st/oven", "do": "type", "handle": "line", "text": text})
