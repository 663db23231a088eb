"""Names for people of sensors, outputs and rules: optional, short, and nothing else changes by them."""

import pytest

from contract.errors import LineError
from contract.line import Line
from contract.line_check import check
from tests.contract.catalogue import CATALOGUE

LINE = """
schema = 1
site = "akita"
line = "cold"
[stations.cold]
name = "冷蔵庫"
agent = "pi-1"
[stations.cold.sensors.door]
type = "level"
pin = 27
{sensor}
[stations.cold.outputs.light]
type = "lamp"
pin = 23
{output}
[[rules]]
when = "cold/door/state == 1"
set = "cold/light"
{rule}
"""


def read(sensor: str = "", output: str = "", rule: str = "") -> Line:
    return check(LINE.format(sensor=sensor, output=output, rule=rule), CATALOGUE)


def test_what_has_a_name_is_called_by_it() -> None:
    line = read('name = "冷蔵庫の扉"', 'name = "廊下の灯り"', 'name = "扉が開いたまま"\ntodo = "扉を閉める"')
    cold = line.stations["cold"]
    assert (cold.sensors["door"].called, cold.outputs["light"].called) == ("冷蔵庫の扉", "廊下の灯り")
    assert (line.rules[0].name, line.rules[0].todo) == ("扉が開いたまま", "扉を閉める")
    assert "name" not in cold.sensors["door"].settings


def test_what_has_none_is_called_by_its_id() -> None:
    line = read()
    cold = line.stations["cold"]
    assert (cold.sensors["door"].called, cold.outputs["light"].called) == ("door", "light")
    assert (line.rules[0].name, line.rules[0].todo) == ("", "")


@pytest.mark.parametrize("name", ["", " ", "あ" * 41, "二\\n行"])
def test_a_name_is_one_line_of_at_most_forty_characters(name: str) -> None:
    with pytest.raises(LineError, match="40"):
        read(f'name = "{name}"')
