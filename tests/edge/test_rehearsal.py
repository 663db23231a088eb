"""A rehearsal passes what does as it says, and fails what does not."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from contract.catalogue import Measure, Trouble, setting
from contract.errors import SensorError
from contract.reading import Value
from contract.words import Words
from edge import rehearsal
from edge.sensors import Expect, SensorModule, modules

pytestmark = pytest.mark.slow

TRAINEE = Path(__file__).parent / "sensors" / "trainee"


class Asked:
    """An open polled sensor that answers what it is given."""

    def __init__(self, answer: Callable[[], Mapping[str, Value]]) -> None:
        self.read = answer

    def close(self) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """Answers with whatever is under its key."""

    key: str = setting(Words("鍵", "key"), "text", default="")

    def open(self, board: Any) -> Asked:
        return Asked(ANSWERS[self.key])


def raise_ours() -> Mapping[str, Value]:
    raise SensorError(Words("だめ", "no"))


def raise_other() -> Mapping[str, Value]:
    raise OSError("no")


ANSWERS: dict[str, Callable[[], Mapping[str, Value]]] = {
    "right": lambda: {"heat": 20.0},
    "near": lambda: {"heat": 20.04},
    "wrong": lambda: {"heat": 21.0},
    "silent": dict,
    "more": lambda: {"heat": 20.0, "other": 1},
    "broken": raise_ours,
    "badly broken": raise_other,
}


def polled(*steps: Expect) -> SensorModule:
    def rehearse(sensor: Any, bench: Any) -> Iterator[Expect]:
        yield from steps

    measures = (Measure("heat", Words("熱", "heat")),)
    return cast(
        SensorModule,
        SimpleNamespace(
            TITLE=Words("試し", "try"), STYLE="polled", MEASURES=measures, Sensor=Sensor, rehearse=rehearse
        ),
    )


WARM = Expect(Words("暖かい", "warm"), {"heat": 20.0}, tolerance=0.05)


@pytest.mark.parametrize("key", ["right", "near"])
def test_what_answers_as_expected_passes(key: str) -> None:
    result = rehearsal.rehearse("try", polled(WARM), {"key": key})
    assert result.passed
    assert result.say("ja") == "try 試し: 合格(1 場面)"


@pytest.mark.parametrize("key", ["wrong", "silent", "more", "broken", "badly broken"])
def test_what_answers_otherwise_fails_and_says_in_which_step(key: str) -> None:
    result = rehearsal.rehearse("try", polled(WARM), {"key": key})
    assert not result.passed
    assert result.say("en").splitlines()[1].startswith("1. warm: ")
    assert result.say("ja").splitlines()[1].startswith("1. 暖かい: ")


def test_what_is_broken_must_say_so_in_our_words() -> None:
    broken = Expect("broken", error=True)
    assert rehearsal.rehearse("try", polled(broken), {"key": "broken"}).passed
    assert not rehearsal.rehearse("try", polled(broken), {"key": "badly broken"}).passed
    assert not rehearsal.rehearse("try", polled(broken), {"key": "right"}).passed


def test_what_was_said_when_it_broke_is_handed_out() -> None:
    said = Trouble(Words("broken", "broken"), Words("だめ", "no"))
    assert rehearsal.rehearse("try", polled(Expect("broken", error=True)), {"key": "broken"}).told == (said,)
    assert rehearsal.rehearse("try", polled(WARM), {"key": "broken"}).told == ()


def test_a_rehearsal_without_a_step_has_not_passed() -> None:
    assert not rehearsal.rehearse("try", polled(), {"key": "right"}).passed


def test_a_trainees_sensor_is_rehearsed_with_the_kits_own() -> None:
    results = {result.type: result for result in rehearsal.rehearse_all(TRAINEE)}
    assert results["distance_box"].passed
    assert results["distance_box"].steps == 5
    assert set(results) == set(modules(TRAINEE))


@pytest.mark.parametrize("missing", ["gpiozero", "serial"])
def test_without_a_library_the_extra_is_named_that_brings_it(missing: str) -> None:
    program = f"""
import sys
sys.modules[{missing!r}] = None
try:
    import edge.rehearsal
except ImportError as error:
    print(error.say("en"))
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "pip install 'kojohack[edge]'" in said


def test_a_sensor_whose_package_is_missing_is_told_and_not_played() -> None:
    program = """
import sys
sys.modules["pymodbus"] = None
from kojo.cli import main
sys.exit(main(["--lang", "en", "rehearse", "level", "modbus_rtu"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1, "it was asked for by name"
    assert "level" in done.stdout
    assert "modbus_rtu Power meter and others (Modbus RTU): not played" in done.stdout
    assert "pip install 'kojohack[field]'" in done.stdout


def test_it_needs_nothing_but_the_edge_extra() -> None:
    heavy = ["numpy", "duckdb", "fastapi", "simpy", "amqtt", "scipy", "pydantic"]
    program = f"import sys, edge.rehearsal as r; r.rehearse_all(); print([n for n in {heavy!r} if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
