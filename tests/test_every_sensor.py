"""Every sensor and output of the kit, and a trainee's own, keeps the agreement of `edge.sensors` and `edge.outputs`."""

import re
from pathlib import Path
from typing import Any

import pytest

from contract.catalogue import Setting
from contract.errors import PayloadError, SensorError
from contract.header import HEADER_PIN
from contract.line import load
from contract.words import Words
from edge import gone_wrong, outputs, rehearsal, sensors
from edge.bench import Bench
from edge.bench_clock import HandClock
from edge.manifests import example
from edge.outputs import Driven
from edge.sensors import SensorModule

TRAINEE = Path(__file__).parent / "edge" / "sensors" / "trainee"
SENSORS = sensors.modules(TRAINEE)
TRAINEES = SENSORS.keys() - sensors.modules().keys()
OUTPUTS = outputs.modules()
CATALOGUE = sensors.catalogue(TRAINEE)
START_NS = 1_795_000_000_000_000_000

every_sensor = pytest.mark.parametrize("name", sorted(SENSORS))
every_output = pytest.mark.parametrize("name", sorted(OUTPUTS))
everything = pytest.mark.parametrize("name", sorted([*SENSORS, *OUTPUTS]))


def module(name: str) -> Any:
    return SENSORS.get(name) or OUTPUTS[name]


def in_both_languages(words: Words) -> bool:
    return bool(words.ja.strip() and words.en.strip())


@everything
def test_it_is_described_in_both_languages(name: str) -> None:
    kind = CATALOGUE.sensors.get(name) or CATALOGUE.outputs[name]
    assert in_both_languages(kind.title)
    assert all(in_both_languages(setting.title) for setting in kind.settings)
    assert all(in_both_languages(wire.note) for wire in kind.terminals if wire.note)
    assert all(in_both_languages(part.note) for part in kind.parts if part.note)
    assert kind.parts
    assert kind.terminals


@everything
def test_a_japanese_reader_is_told_what_it_is_for_what_to_mind_and_what_it_cannot_see(name: str) -> None:
    paragraphs = ["".join(said.splitlines()) for said in getattr(module(name), "ABOUT_JA", "").strip().split("\n\n")]
    if name in TRAINEES:
        return
    assert len(paragraphs) == 3
    assert paragraphs[1].startswith("気をつけること: ")
    assert paragraphs[2].startswith("見えないこと: ")
    assert all(said.endswith("。") for said in paragraphs)
    assert 80 <= sum(map(len, paragraphs)) <= 500


@every_sensor
def test_its_measures_say_what_can_be_believed(name: str) -> None:
    measures = SENSORS[name].MEASURES
    assert measures or CATALOGUE.sensors[name].setting("measures")
    for measure in measures:
        assert in_both_languages(measure.title)
        assert measure.kind in ("number", "total", "event", "level", "text")
        if measure.low is not None and measure.high is not None:
            assert measure.low < measure.high


@everything
def test_its_file_begins_with_the_wiring(name: str) -> None:
    doc = module(name).__doc__ or ""
    assert doc.startswith("Wiring: ")
    for bcm, header in re.findall(r"GPIO(\d+) \((?:header )?(?:pin )?(\d+)", doc):
        assert HEADER_PIN[int(bcm)] == int(header), f"GPIO{bcm} is header pin {HEADER_PIN[int(bcm)]}"


@everything
def test_a_wire_to_a_pin_names_the_setting_that_says_which(name: str) -> None:
    kind = CATALOGUE.sensors.get(name) or CATALOGUE.outputs[name]
    keys = {setting.key for setting in kind.settings}
    for wire in kind.terminals:
        assert wire.to != "pin" or wire.setting in keys
        assert not wire.setting or wire.setting in keys


@everything
def test_its_settings_have_a_unit_in_their_key_and_a_default_within_bounds(name: str) -> None:
    kind = CATALOGUE.sensors.get(name) or CATALOGUE.outputs[name]
    for setting in kind.settings:
        if setting.unit and setting.unit not in ("bit", "bps", "V"):
            assert setting.key.endswith(f"_{setting.unit.lower()}")
        assert setting.required or setting.default is None or within(setting), setting.key


def within(setting: Setting) -> bool:
    if setting.kind == "choice":
        return setting.default in setting.choices
    if setting.kind in ("number", "whole"):
        low = setting.low if setting.low is not None else setting.default
        high = setting.high if setting.high is not None else setting.default
        return bool(low <= setting.default <= high)
    return True


@everything
def test_the_example_of_its_file_is_a_line_that_loads(name: str, tmp_path: Path) -> None:
    table = example(module(name))
    role = str(table.get("role", ""))
    reasons = '[[reasons]]\nid = "changeover"\nname = "段取り"\n' if role == "reason" else ""
    block = "\n".join(line.strip() for line in (module(name).__doc__ or "").split("\n\n")[1].splitlines())
    station = re.findall(r"\[stations\.([a-z0-9_-]+)\.", block)[0]
    head = f'schema = 1\nsite = "a"\nline = "b"\n{reasons}[stations.{station}]\nname = "x"\nagent = "pi-1"\n'
    (tmp_path / "line.toml").write_text(head + block, "utf-8")
    line = load(tmp_path / "line.toml", CATALOGUE)
    for sensor in line.stations[station].sensors.values():
        assert SENSORS[sensor.type].Sensor(**sensor.settings)
        result = rehearsal.rehearse(name, SENSORS[name], sensor.settings)
        assert result.passed, result.say("en")


@every_sensor
def test_its_rehearsal_passes(name: str) -> None:
    result = rehearsal.rehearse(name, SENSORS[name])
    assert result.passed, result.say("en")


@every_sensor
def test_its_rehearsal_is_the_same_each_time(name: str) -> None:
    assert rehearsal.rehearse(name, SENSORS[name]) == rehearsal.rehearse(name, SENSORS[name])


def opened(module: SensorModule, bench: Bench) -> Any:
    """The sensor, open and asked once."""
    sensor = module.Sensor(**rehearsal.example_settings(module))
    if module.STYLE == "polled":
        found = sensor.open(bench)
        found.read()
        return found
    return sensor.listen(bench, lambda measure, value, at_ns: None)


@everything
def test_a_device_that_is_not_there_is_a_sensor_error_in_both_languages(name: str) -> None:
    assert gone_wrong.not_there(module(name))


@everything
def test_whatever_goes_wrong_is_told_in_both_languages_with_what_to_do(name: str) -> None:
    for trouble in gone_wrong.told([name], TRAINEE)[name]:
        assert in_both_languages(trouble.happened)
        assert in_both_languages(trouble.what)
        assert trouble.hint is not None, trouble.what.en
        assert in_both_languages(trouble.hint)
        assert re.search("[ぁ-んァ-ヶ一-龠]", trouble.what.ja)
        assert not re.search("[ぁ-んァ-ヶ一-龠]", trouble.what.en + trouble.hint.en)


@every_sensor
def test_it_gives_everything_back_so_that_it_can_be_opened_again(name: str) -> None:
    clock = HandClock(START_NS)
    bench = Bench(clock)
    place = getattr(SENSORS[name], "place", None)
    if place is not None:
        place(SENSORS[name].Sensor(**rehearsal.example_settings(SENSORS[name])), bench)
    for _ in range(3):
        held = opened(SENSORS[name], bench)
        clock.turn(1)
        held.close()
        held.close()
    assert clock.next_due_ns is None, "a timer is left behind"
    bench.close()


def driven(name: str, bench: Bench) -> Driven:
    """The output of a file's example, open."""
    settings = {s.key for s in CATALOGUE.outputs[name].settings}
    given = {key: value for key, value in example(module(name)).items() if key in settings}
    output: Driven = OUTPUTS[name].Output(**given).open(bench)
    return output


@every_output
def test_an_output_is_safe_before_and_after_and_says_what_it_is_set_to(name: str) -> None:
    clock, kind, had = HandClock(START_NS), CATALOGUE.outputs[name], 0
    output = driven(name, Bench(clock))
    safe = output.state()
    assert safe in kind.values
    for wanted in kind.values:
        value = output.state()
        try:
            output.set(wanted)
        except PayloadError:  # a colour that the example has no pin for
            pass
        else:
            had, value = had + 1, wanted
        assert output.state() == value
        clock.turn(3.0)
        assert output.state() == value
    assert had >= 2
    output.close()
    output.close()
    assert output.state() == safe
    assert clock.next_due_ns is None, "a timer is left behind"


@every_output
@pytest.mark.parametrize("value", [2, -1, 0.5, "", "on", "no-such-word"])
def test_an_output_refuses_a_value_it_does_not_have(name: str, value: float | str) -> None:
    output = driven(name, Bench(HandClock(START_NS)))
    before = output.state()
    with pytest.raises(PayloadError):
        output.set(value)
    assert output.state() == before


@every_output
def test_an_output_whose_pin_is_taken_is_a_sensor_error_and_holds_nothing(name: str) -> None:
    bench = Bench(HandClock(START_NS))
    pins = [example(module(name)).get(s.key) for s in CATALOGUE.outputs[name].settings if s.kind == "pin"]
    bench.hold([pin for pin in pins if pin is not None][-1])
    with pytest.raises(SensorError) as missing:
        driven(name, bench)
    assert missing.value.hint is not None
    for pin in [pin for pin in pins if pin is not None][:-1]:
        assert bench.pin(pin)


def test_a_trainees_sensor_is_one_file() -> None:
    assert [path.name for path in TRAINEE.glob("*.py")] == ["distance_box.py"]
    assert "distance_box" in SENSORS
