"""A sensor's file is found by its name, and every mistake in one is told with file and line."""

from pathlib import Path

import pytest

from contract.errors import LineError
from edge import sensors
from edge.manifests import SensorFileError

TRAINEE = Path(__file__).parent / "sensors" / "trainee"
GOOD = (TRAINEE / "distance_box.py").read_text("utf-8")


def mistakes(directory: Path, name: str, text: str) -> list[str]:
    (directory / name).write_text(text, "utf-8")
    with pytest.raises(SensorFileError) as error:
        sensors.modules(directory)
    return [mistake.say("en").replace(f"{directory}/", "") for mistake in error.value.mistakes]


def test_the_kits_sensors_are_found_without_a_list_of_them() -> None:
    assert {"pulse", "level", "button", "serial_line", "scale_and", "bme280", "mcp3008"} <= set(sensors.modules())


def test_a_trainees_file_is_found_by_its_name_alone() -> None:
    found = sensors.modules(TRAINEE)["distance_box"]
    assert found.TITLE.en == "Distance box"
    kind = sensors.catalogue(TRAINEE).sensors["distance_box"]
    assert [setting.key for setting in kind.settings] == ["port", "empty_mm"]
    assert "distance_box" not in sensors.modules()


def test_a_folder_that_is_not_there_has_no_sensors(tmp_path: Path) -> None:
    assert set(sensors.modules(tmp_path / "none")) == set(sensors.modules())


def test_what_begins_with_an_underscore_is_no_sensor(tmp_path: Path) -> None:
    (tmp_path / "_notes.py").write_text("this is no Python")
    assert set(sensors.modules(tmp_path)) == set(sensors.modules())


def test_what_is_not_python_is_told_with_its_line(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "box.py", "\n\ndef (:\n")[0].startswith("box.py:3: it is not Python")


def test_what_fails_at_import_is_told_with_its_line(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "box.py", '"""Box."""\n\nimport math\n\nmath.sqrt(-1)\n')
    assert told.startswith("box.py:5: it cannot be loaded: ValueError")


def test_everything_missing_is_told_at_once(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "box.py", "x = 1\n")
    for name in ("TITLE", "STYLE", "MEASURES", "PARTS", "TERMINALS", "Sensor", "rehearse"):
        assert any(name in line for line in told), name


@pytest.mark.parametrize(
    ("right", "wrong", "stands", "told"),
    [
        ('type = "distance_box"', 'type = "box"', "", "the example's type is not the file's name, distance_box"),
        ("empty_mm = 400\n", "empty_cm = 40\n", "", 'the example\'s "empty_cm" is no setting'),
        ("    [stations.", "    [station.", "", "no example of line.toml"),
        ('TITLE = Words("距離の箱", "Distance box")', 'TITLE = "box"', "TITLE", "TITLE: it is missing, or no Words"),
        ('STYLE = "event"', 'STYLE = "loud"', "STYLE", 'STYLE: STYLE is "polled" or "event"'),
        ('Measure("distance"', 'Measure("Distance mm"', "MEASURES", 'MEASURES: "Distance mm" is not a name'),
        ('Measure("filled"', 'Measure("distance"', "MEASURES", "MEASURES: a name stands there twice"),
        ("frozen=True, ", "", "class Sensor", "Sensor: it is not frozen"),
        (
            "    empty_mm: float",
            "    more: int = 3\n    empty_mm: float",
            "class Sensor",
            "Sensor: more is not made by",
        ),
        ('STYLE = "event"', 'STYLE = "event"\nABOUT_JA = Words("箱", "box")', "ABOUT_JA", "ABOUT_JA: it is a text"),
        ("def listen", "def hear", "class Sensor", "Sensor: it has no listen()"),
        ("def rehearse", "def play", "", "rehearse: there is no rehearse"),
    ],
)
def test_each_mistake_is_told_where_it_stands(tmp_path: Path, right: str, wrong: str, stands: str, told: str) -> None:
    assert right in GOOD
    text = GOOD.replace(right, wrong)
    (line,) = mistakes(tmp_path, "distance_box.py", text)
    assert line.startswith(f"distance_box.py:{row(text, stands)}: {told}")


def row(text: str, start: str) -> int:
    """The row of the first line that begins so; 1 for what stands nowhere."""
    return next(i for i, line in enumerate(text.splitlines(), 1) if line.startswith(start)) if start else 1


def test_a_polled_sensor_needs_its_interval(tmp_path: Path) -> None:
    text = GOOD.replace('STYLE = "event"', 'STYLE = "polled"').replace("def listen", "def open")
    told = mistakes(tmp_path, "distance_box.py", text)
    assert told == [f"distance_box.py:{row(text, 'class Sensor')}: Sensor: a polled sensor has a setting every_s"]


def test_a_name_the_kit_has_already_is_refused(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "pulse.py", GOOD)
    assert 'already has a type "pulse"' in told


def test_a_name_that_cannot_stand_in_line_toml_is_refused(tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, "My Box.py", GOOD)
    assert '"My Box" cannot be a type' in told


@pytest.mark.parametrize("ends", ["raise SystemExit(3)", "import sys; sys.exit(3)"])
def test_a_file_that_ends_the_program_is_told_like_any_that_fails(tmp_path: Path, ends: str) -> None:
    (told,) = mistakes(tmp_path, "box.py", f'"""A box."""\n\n{ends}\n')
    assert told.startswith("box.py:3: it cannot be loaded: SystemExit: 3")


def test_the_mistakes_of_all_files_come_together_and_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def (:\n")
    (tmp_path / "b.py").write_text("def (:\n")
    with pytest.raises(LineError) as error:
        sensors.modules(tmp_path)
    assert len(error.value.mistakes) == 2
    assert "書き方の誤り" in error.value.say("ja")
    assert "not Python" in error.value.say("en")
