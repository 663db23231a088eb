"""The A&D standard format, and everything that only looks like it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.bench import Settings
from edge.sensors.scale_and import Sensor
from tests.edge.sensors.stage import Stage

PORT = "/dev/ttyUSB0"


def heard(*frames: bytes, **kwargs: Any) -> tuple[Stage, dict[str, int]]:
    stage = Stage()
    held = stage.listen(Sensor(port=PORT, **kwargs))
    for frame in frames:
        stage.bench.type(PORT, frame + b"\r\n")
    health = dict(held.health())
    stage.bench.close()
    return stage, health


@pytest.mark.parametrize(
    ("frame", "grams"),
    [
        (b"ST,+00123.45  g", 123.45),
        (b"ST,-00000.02  g", -0.02),
        (b"ST,+0001.234 kg", 1234.0),
        (b"ST,+01234.56 mg", 1.23456),
        (b"ST,+0000.500 lb", 226.796185),
        (b"ST,+00010.00mom", 37.5),
        (b"ST,+00123,45  g", 123.45),  # scales set to a decimal comma
        (b"ST,OK,+0001.234 kg", 1234.0),
        (b"ST,--,+0001.234 kg", 1234.0),
        (b"ST,+000123.456  g", 123.456),  # one digit more on large analytical balances
    ],
)
def test_weights_are_told_in_grams(frame: bytes, grams: float) -> None:
    stage, _ = heard(frame)
    assert stage.values("weight") == [pytest.approx(grams)]


def test_counts_are_pieces() -> None:
    stage, _ = heard(b"QT,+00000123 PC", b"ST,+00001.00  g")
    assert stage.values("pieces") == [123.0]
    assert stage.values("weight") == [1.0]


def test_unstable_weights_are_told_only_if_asked_for() -> None:
    assert heard(b"US,+00098.10  g")[0].values("weight") == []
    assert heard(b"US,+00098.10  g")[1]["unstable"] == 1
    assert heard(b"US,+00098.10  g", stable_only=False)[0].values("weight") == [98.1]


@pytest.mark.parametrize("frame", [b"OL,+9999999E+19", b"OL,-9999999E+19", b"OL,+00012345  g", b"OL,HI,+0000.234 kg"])
def test_an_overload_is_told_once_and_its_end_too(frame: bytes) -> None:
    stage, _ = heard(b"ST,+00001.00  g", frame, frame, b"ST,+00002.00  g")
    assert stage.values("overload") == [0, 1, 0]
    assert stage.values("weight") == [1.0, 2.0]


def test_a_unit_that_is_no_weight_is_counted() -> None:
    assert heard(b"ST,+00050.00  %")[1]["other_unit"] == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 14))
def test_a_frame_that_lost_any_one_byte_is_never_another_weight(lost: int) -> None:
    frame = b"ST,+00123.45  g"
    stage, health = heard(frame[:lost] + frame[lost + 1 :])
    assert stage.values("weight") == []
    assert health["garbage"] == 1


@pytest.mark.parametrize("line", [b"E,E11", b"ST,+0+123.45  g", b"ST,+........  g", b"?", b"ST,+001e3.45  g"])
def test_what_is_no_frame_is_counted(line: bytes) -> None:
    stage, health = heard(line)
    assert stage.values("weight") == []
    assert health["garbage"] == 1


def test_at_the_wrong_speed_nothing_is_believed() -> None:
    stage = Stage()
    stage.bench.plug(PORT, Settings(2400, 7, "E"))
    held = stage.listen(Sensor(port=PORT, baud=9600))
    stage.bench.type(PORT, b"ST,+00123.45  g\r\n" * 200)
    assert stage.told == []
    assert held.health()["too_long"] + held.health()["garbage"] > 0
    stage.bench.close()
