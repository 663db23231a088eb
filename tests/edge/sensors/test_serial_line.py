"""Any device that prints numbers by line."""

from typing import Any

import pytest

from contract.catalogue import Measure
from contract.errors import SensorError
from contract.words import Words
from edge.sensors.serial_line import Sensor
from tests.edge.sensors.stage import Stage

PORT = "/dev/ttyUSB0"


def heard(pattern: str, measures: dict[str, Any], *lines: bytes, **settings: Any) -> tuple[Stage, dict[str, int]]:
    """What was told of some lines, each sent with LF, and the health afterwards."""
    stage = Stage()
    held = stage.listen(Sensor(port=PORT, pattern=pattern, measures=measures, **settings))
    stage.clock.turn(1)
    for line in lines:
        stage.bench.type(PORT, line + b"\n")
    health = dict(held.health())
    stage.bench.close()
    return stage, health


def test_each_named_group_is_a_measure() -> None:
    stage, health = heard(r"(?P<a>\S+),(?P<b>\S+)", {"a": {}, "b": {"kind": "text"}}, b"1.5,ok\r")
    assert [(m, v) for m, v, _ in stage.told] == [("a", 1.5), ("b", "ok")]
    assert health == {"lines": 1, "garbage": 0, "too_long": 0}


def test_measures_may_come_as_the_line_file_gives_them() -> None:
    stage, _ = heard(r"(?P<n>\d+)", {"n": Measure("n", Words("数", "n"), kind="total")}, b"10", b"13")
    assert stage.values("n") == [3]


def test_a_total_gives_increments_and_a_fall_is_a_restart_at_zero() -> None:
    stage, _ = heard(r"(?P<n>\d+)", {"n": {"kind": "total"}}, b"7", b"7", b"9", b"2", b"5")
    assert stage.values("n") == [2, 2, 3]


def test_an_event_is_one_piece_each_time() -> None:
    stage, _ = heard(r"(?P<done>OK)", {"done": {"kind": "event"}}, b"OK", b"OK")
    assert stage.values("done") == [1, 1]


def test_a_group_that_is_not_there_is_not_told() -> None:
    stage, health = heard(r"T=(?P<t>\d+)( H=(?P<h>\d+))?", {"t": {}, "h": {}}, b"T=5", b"T=6 H=7")
    assert (stage.values("t"), stage.values("h")) == ([5.0, 6.0], [7.0])
    assert health["garbage"] == 0


@pytest.mark.parametrize(
    ("kind", "pattern", "line"),
    [
        ("number", r"(?P<x>.*)", b"1.2.3"),
        ("number", r"(?P<x>.*)", b"nan"),
        ("number", r"(?P<x>.*)", b"1e400"),
        ("number", r"(?P<x>.*)", b"\xff\xfe"),
        ("number", r"(?P<x>\d+)g", b"12kg"),
        ("total", r"(?P<x>.*)", b"-1"),
        ("total", r"(?P<x>.*)", b"1.5"),
        ("level", r"(?P<x>.*)", b"2"),
        ("text", r"(?P<x>.*)", b"x" * 257),
    ],
)
def test_what_is_no_value_of_its_kind_is_garbage_and_counted(kind: str, pattern: str, line: bytes) -> None:
    stage, health = heard(pattern, {"x": {"kind": kind}}, line)
    assert stage.told == []
    assert health["garbage"] == 1


def test_empty_lines_between_lines_are_nothing() -> None:
    _, health = heard(r"(?P<x>\d+)", {"x": {}}, b"\r", b"1\r", b"\r")
    assert health["garbage"] == 0


@pytest.mark.parametrize(("encoding", "text"), [("shift_jis", "洗浄中"), ("utf-8", "洗浄中")])
def test_japanese_devices_speak_their_own_encoding(encoding: str, text: str) -> None:
    stage, _ = heard(r"(?P<mode>.+)", {"mode": {"kind": "text"}}, text.encode(encoding), encoding=encoding)
    assert stage.values("mode") == [text]


def test_a_carriage_return_alone_may_end_a_line() -> None:
    stage = Stage()
    stage.listen(Sensor(port=PORT, pattern=r"(?P<x>\d+)", measures={"x": {}}, terminator="cr"))
    stage.clock.turn(1)
    stage.bench.type(PORT, b"1\r2\r")
    assert stage.values("x") == [1.0, 2.0]
    stage.bench.close()


@pytest.mark.parametrize(("pattern", "measures"), [(r"(?P<x>\d+)", {"y": {}}), (r"\d+", {"y": {}}), ("(", {"y": {}})])
def test_a_pattern_that_does_not_fit_the_measures_is_said_so(pattern: str, measures: dict[str, Any]) -> None:
    stage = Stage()
    with pytest.raises(SensorError) as error:
        stage.listen(Sensor(port=PORT, pattern=pattern, measures=measures))
    assert "pattern" in error.value.say("ja")
    assert "(?P<name>" in error.value.say("en")
